"""The private names of aiortc 1.16, aioice 0.13 and pylibsrtp 1.0 that the video path leans on.

An upgrade that moves one of them must fail here, with its name, and not as a black picture.
"""

from importlib.metadata import version

import pylibsrtp
import pytest
from aioice import stun
from aiortc.rtcdtlstransport import SRTP_PROFILES, X509_DIGEST_ALGORITHMS

from live.media import srtp
from live.media.dtls import SrtpKeys


@pytest.mark.parametrize(
    ("package", "expected"), [("aiortc", "1.16."), ("aioice", "0.13."), ("pylibsrtp", "1.")]
)
def test_the_versions_are_the_ones_these_hooks_were_read_in(package: str, expected: str) -> None:
    assert version(package).startswith(expected)


def test_the_table_of_srtp_profiles_says_what_a_handshake_needs() -> None:
    assert [profile.openssl_profile for profile in SRTP_PROFILES] == [
        b"SRTP_AEAD_AES_256_GCM",
        b"SRTP_AEAD_AES_128_GCM",
        b"SRTP_AES128_CM_SHA1_80",
    ]
    lengths = [(profile.key_length, profile.salt_length) for profile in SRTP_PROFILES]
    assert lengths == [(32, 12), (16, 12), (16, 14)]
    material = bytes(range(60))
    assert SRTP_PROFILES[2].get_key_and_salt(material, 1) == bytes((*range(16, 32), *range(46, 60)))
    assert set(X509_DIGEST_ALGORITHMS) == {"sha-256", "sha-384", "sha-512"}


def test_stun_messages_are_checked_as_the_lite_agent_needs_it() -> None:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = "us:them"
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(b"password")
    read = stun.parse_message(bytes(request))
    assert read.check_message_integrity(b"password")
    assert not read.check_message_integrity(b"another")
    assert "USE-CANDIDATE" in read.attributes
    assert (stun.COOKIE, stun.HEADER_LENGTH) == (0x2112A442, 20)


def test_packets_are_protected_in_place_by_the_binding() -> None:
    profile = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
    keys = SrtpKeys(profile, sending=bytes(range(28)), receiving=bytes(range(28)))
    sending = srtp.sending_session(keys, (0x1111,), window=128)
    receiving = srtp.receiving_session(keys)
    packet = bytes.fromhex("8060 0100 00000000 00001111") + b"picture"
    arena = srtp.Arena()
    arena.view[: len(packet)] = packet
    arena.length[0] = len(packet)
    assert srtp.protect(srtp.handle(sending), arena.pointer, arena.length) == srtp.OK
    assert arena.length[0] == len(packet) + srtp.overhead(profile)
    protected = bytes(arena.view[: arena.length[0]])
    assert srtp.unprotect(receiving, protected, arena) == packet
    assert srtp.unprotect(receiving, protected, arena) is None
    foreign = packet[:8] + b"\x00\x00\x22\x22" + packet[12:]
    arena.view[: len(foreign)] = foreign
    arena.length[0] = len(foreign)
    assert srtp.protect(srtp.handle(sending), arena.pointer, arena.length) != srtp.OK
