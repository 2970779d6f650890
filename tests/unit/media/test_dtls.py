"""Handshakes over a wire of the test's own, and what a session does when OpenSSL has let go."""

import asyncio
import gc
from collections.abc import Callable

import pytest
from OpenSSL import SSL

from live.media.dtls import (
    DATAGRAM_BYTES,
    Certificate,
    DtlsFailedError,
    DtlsRole,
    DtlsSession,
    Fingerprints,
    SrtpKeys,
)

OURS, THEIRS = Certificate(), Certificate()
GCM, CHACHA = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"


class Wire:
    """Two sessions; what either sends is kept in `sent` until `carry` brings it to the other."""

    def __init__(self, theirs: Certificate = THEIRS) -> None:
        self.certificates: dict[DtlsRole, Certificate] = {"server": OURS, "client": theirs}
        self.sent: list[tuple[DtlsRole, bytes]] = []
        self.closed: list[DtlsRole] = []
        self.ends: dict[DtlsRole, DtlsSession] = {}
        self.keys: dict[DtlsRole, asyncio.Future[SrtpKeys]] = {}
        for role, certificate in self.certificates.items():
            self.ends[role] = DtlsSession(certificate, role, self._sender(role), self._closer(role))

    def begin(self, claimed: Fingerprints | None = None) -> None:
        """Let both begin; `claimed` is what the server believes of the client."""
        theirs = self.certificates["client"].fingerprint
        expected = (("sha-256", theirs),) if claimed is None else claimed
        self.keys["server"] = self.ends["server"].handshake(expected)
        self.keys["client"] = self.ends["client"].handshake((("sha-256", OURS.fingerprint),))

    def carry(self) -> list[tuple[DtlsRole, bytes]]:
        """Bring one datagram after the other to the other side; all that were carried."""
        carried = []
        while self.sent:
            role, datagram = self.sent.pop(0)
            carried.append((role, datagram))
            self.to(_other(role), datagram)
        return carried

    def to(self, role: DtlsRole, datagram: bytes) -> None:
        """Bring a datagram to one side."""
        self.ends[role].feed(datagram)

    def _sender(self, role: DtlsRole) -> Callable[[bytes], None]:
        return lambda datagram: self.sent.append((role, datagram))

    def _closer(self, role: DtlsRole) -> Callable[[], None]:
        return lambda: self.closed.append(role)


def _other(role: DtlsRole) -> DtlsRole:
    return "client" if role == "server" else "server"


def _with_suites(names: str) -> Certificate:
    """A certificate whose side speaks these suites alone."""
    certificate = Certificate()
    certificate.context.set_cipher_list(names.encode())
    return certificate


@pytest.mark.parametrize("suite", [GCM, CHACHA])
async def test_both_sides_get_the_same_keys_and_either_hears_the_others_farewell(
    suite: str,
) -> None:
    for leaver in ("client", "server"):
        wire = Wire(_with_suites(suite))
        wire.begin()
        for _, datagram in wire.carry():
            assert len(datagram) <= DATAGRAM_BYTES
        ours, theirs = wire.keys["server"].result(), wire.keys["client"].result()
        assert ours.profile == theirs.profile
        assert (ours.sending, ours.receiving) == (theirs.receiving, theirs.sending)
        assert ours.sending != ours.receiving
        wire.ends[leaver].close()
        wire.carry()
        assert wire.closed == [_other(leaver)]
        for end in wire.ends.values():
            end.close()
            end.close()
        assert wire.carry() == []


async def test_openssl_has_let_go_of_both_when_there_are_keys() -> None:
    wire = Wire()
    wire.begin()
    gc.collect()
    before = _connections()
    wire.carry()
    assert before >= 2
    assert _connections() == before - 2


def _connections() -> int:
    return sum(isinstance(each, SSL.Connection) for each in gc.get_objects())


async def test_who_missed_our_last_flight_gets_it_again() -> None:
    wire = Wire()
    wire.begin()
    carried: list[bytes] = []
    while not wire.keys["server"].done():
        role, datagram = wire.sent.pop(0)
        carried.append(datagram)
        wire.to(_other(role), datagram)
    lost = wire.sent.pop()
    assert not wire.keys["client"].done()
    wire.to("server", carried[-1])  # the client says its own again, and again
    wire.to("server", carried[-1])
    assert wire.sent == [lost] * 2
    assert len(lost[1]) <= len(carried[-1])
    wire.carry()
    assert wire.keys["client"].result().sending == wire.keys["server"].result().receiving


async def test_what_the_peer_did_not_write_ends_nothing_and_has_no_answer() -> None:
    wire = Wire()
    wire.begin()
    flights = [datagram for role, datagram in wire.carry() if role == "client"]
    wire.ends["client"].close()
    _, farewell = wire.sent.pop()
    forged = [
        bytes.fromhex("15fefd 0000 000000000009 0002 0100"),  # in the clear
        bytes.fromhex("15fefd 0001 000000000009 0002 0100"),
        bytes.fromhex("15fefd 0001 000000000009 ffff 0100"),
        farewell[:-1],
        farewell[:-1] + bytes((farewell[-1] ^ 1,)),
        b"\x16" + farewell[1:],
        flights[0],
        farewell[:12],
        b"",
    ]
    for datagram in forged:
        wire.to("server", datagram)
    assert (wire.closed, wire.sent) == ([], [])
    wire.to("server", bytes.fromhex("17fefd 0001 000000000009 0001 00") + farewell)
    assert wire.closed == ["server"]


async def test_a_certificate_that_was_not_announced_is_refused_and_the_peer_told() -> None:
    wire = Wire()
    wire.begin((("sha-256", THEIRS.fingerprint), ("sha-384", ":".join(["00"] * 48))))
    wire.carry()
    assert isinstance(wire.keys["server"].exception(), DtlsFailedError)
    assert wire.closed == ["client"]
    wire.ends["server"].close()
    assert wire.sent == []


async def test_who_speaks_no_suite_of_ours_is_refused() -> None:
    wire = Wire(_with_suites("ECDHE-ECDSA-AES128-SHA"))
    wire.begin()
    wire.carry()
    for keys in wire.keys.values():
        assert isinstance(keys.exception(), DtlsFailedError)


async def test_a_session_that_is_closed_during_its_handshake_says_nothing_more() -> None:
    wire = Wire()
    wire.ends["server"].feed(b"\x16 before it began")
    wire.begin()
    for role, end in wire.ends.items():
        end.close()
        assert wire.keys[role].cancelled()
    wire.carry()
    assert wire.closed == []
