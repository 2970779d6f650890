"""The private names of aiortc 1.16, aioice 0.13 and pylibsrtp 1.0 that the video path leans on.

An upgrade that moves one of them must fail here, with its name, and not as a black picture.
"""

from importlib.metadata import version

import pylibsrtp
import pytest
from aioice import stun
from aiortc.rtcdtlstransport import SRTP_PROFILES, X509_DIGEST_ALGORITHMS
from aiortc.rtp import RtcpRrPacket

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
    sending, receiving = srtp.sending_session(keys, window=128), srtp.Receiving(keys)
    arena = srtp.Arena()
    for ssrc in (0x1111, 0x2222):
        packet = bytes.fromhex("8060 0100 00000000") + ssrc.to_bytes(4, "big") + b"picture"
        arena.view[: len(packet)] = packet
        arena.length[0] = len(packet)
        assert srtp.protect(sending.handle, arena.pointer, arena.length) == srtp.OK
        assert arena.length[0] == len(packet) + srtp.overhead(profile)
        protected = bytes(arena.view[: arena.length[0]])
        assert receiving.rtp(protected, arena) == packet
        assert receiving.rtp(protected, arena) is None
        report = bytes(RtcpRrPacket(ssrc=ssrc))
        told = srtp.protect_rtcp(sending, report, arena)
        assert told is not None
        assert receiving.rtcp(told[:-1], arena) is None
        assert receiving.rtcp(told, arena) == report
        assert receiving.rtcp(told, arena) is None
    assert srtp.protect_rtcp(sending, bytes(1_400), arena) is None


def test_a_peer_that_sends_under_ever_new_names_is_heard_under_the_first_ones_only() -> None:
    profile = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
    keys = SrtpKeys(profile, sending=bytes(28), receiving=bytes(28))
    sending, receiving, arena = srtp.sending_session(keys, 128), srtp.Receiving(keys), srtp.Arena()
    reports = [bytes(RtcpRrPacket(ssrc=number)) for number in range(srtp.STREAMS_LIMIT + 9)]
    heard = []
    for report in (*reports, reports[0]):
        told = srtp.protect_rtcp(sending, report, arena)
        assert told is not None
        assert receiving.rtcp(b"\x81" + told[1:], arena) is None  # a forgery takes no place
        heard.append(receiving.rtcp(told, arena))
    assert heard == [*reports[: srtp.STREAMS_LIMIT], *[None] * 9, reports[0]]
