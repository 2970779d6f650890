"""The private names of aiortc 1.16, aioice 0.13 and pylibsrtp 1.0 that the video path leans on.

An upgrade that moves one of them must fail here, with its name, and not as a black picture.
"""

import asyncio
import inspect
from collections.abc import Callable
from importlib.metadata import version

import pylibsrtp
import pytest
from aioice import stun
from aiortc.rtcdtlstransport import (
    SRTP_PROFILES,
    RTCCertificate,
    RTCDtlsTransport,
    SRTPProtectionProfile,
    State,
)

from live.media import srtp
from live.media.dtls import Certificate, DtlsFailedError, DtlsSession, SrtpKeys
from tests.support.patience import PATIENCE_S


@pytest.mark.parametrize(
    ("package", "expected"), [("aiortc", "1.16."), ("aioice", "0.13."), ("pylibsrtp", "1.")]
)
def test_the_versions_are_the_ones_these_hooks_were_read_in(package: str, expected: str) -> None:
    assert version(package).startswith(expected)


def test_the_dtls_transport_has_the_members_that_are_overridden_or_called() -> None:
    source = inspect.getsource(RTCDtlsTransport)
    assert list(inspect.signature(RTCDtlsTransport._setup_srtp).parameters) == ["self"]
    assert list(inspect.signature(RTCDtlsTransport._set_role).parameters) == ["self", "role"]
    assert list(inspect.signature(RTCDtlsTransport._set_state).parameters) == ["self", "state"]
    for name in ("self._ssl", "self._role", "self._srtp_profiles"):
        assert name in source
    assert {"CONNECTED", "CLOSED", "FAILED"} <= set(State.__members__)
    profile = set(SRTPProtectionProfile.__dataclass_fields__)
    assert {"libsrtp_profile", "openssl_profile", "key_length", "salt_length"} <= profile


def test_all_legs_share_one_context_that_remembers_no_session() -> None:
    assert "_create_ssl_context(\n" in inspect.getsource(RTCDtlsTransport.start)
    certificate = Certificate.generateCertificate()
    context = certificate._create_ssl_context(SRTP_PROFILES)
    assert certificate._create_ssl_context(SRTP_PROFILES) is context
    assert Certificate.generateCertificate()._create_ssl_context(SRTP_PROFILES) is not context
    assert context.set_session_cache_mode(0) == 0  # what it was before


def test_the_dtls_transport_asks_its_ice_transport_for_nothing_more_than_the_pipe_has() -> None:
    source = inspect.getsource(RTCDtlsTransport)
    asked = {
        line.split("self.transport.")[1].split("(")[0].split(",")[0].split(" ")[0].rstrip(":")
        for line in source.splitlines()
        if "self.transport." in line
    }
    assert asked <= {"role", "_recv", "_send"}


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


async def _shake_hands(claimed: str | None) -> tuple[SrtpKeys, SrtpKeys]:
    """Two sessions over a wire of their own; `claimed` replaces the client's fingerprint."""
    ours, theirs = Certificate.generateCertificate(), RTCCertificate.generateCertificate()
    ends: dict[str, DtlsSession] = {}
    closed = asyncio.Event()

    def to(end: str) -> Callable[[bytes], None]:
        def deliver(datagram: bytes) -> None:
            ends[end].feed(datagram)

        return deliver

    ends["server"] = DtlsSession(ours, "server", to("client"), closed.set)
    ends["client"] = DtlsSession(theirs, "client", to("server"), lambda: None)

    def prints(certificate: RTCCertificate) -> tuple[tuple[str, str], ...]:
        return tuple((f.algorithm, f.value) for f in certificate.getFingerprints())

    expected = prints(theirs) if claimed is None else (("sha-256", claimed),)
    try:
        async with asyncio.TaskGroup() as group:
            server = group.create_task(ends["server"].handshake(expected))
            client = group.create_task(ends["client"].handshake(prints(ours)))
        await ends["client"].close()
        async with asyncio.timeout(PATIENCE_S):
            await closed.wait()
        return server.result(), client.result()
    finally:
        for end in ends.values():
            await end.close()


async def test_a_handshake_gives_both_sides_the_same_keys_and_its_end_is_heard() -> None:
    server, client = await _shake_hands(claimed=None)
    assert server.profile == client.profile
    assert (server.sending, server.receiving) == (client.receiving, client.sending)
    assert server.sending != server.receiving


async def test_a_handshake_with_another_fingerprint_fails() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await _shake_hands(claimed=":".join(["00"] * 32))
    assert caught.group_contains(DtlsFailedError)
