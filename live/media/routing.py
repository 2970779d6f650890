"""Which leg a datagram of the one port is for.

A connectivity check says so by its user fragment; once one was accepted from an address, everything
else from there belongs to that leg. Whatever fits nowhere is dropped without an answer.
"""

import asyncio
import logging

from live.media.checks import read_check
from live.media.tcp import Connection
from live.media.transport import Transport
from live.media.udp import Address

log = logging.getLogger(__name__)


class Router:
    """The legs by user fragment and by the addresses their peers have proved to be at."""

    def __init__(self) -> None:
        self._by_ufrag: dict[str, Transport] = {}
        self._by_address: dict[Address, Transport] = {}
        self._now = asyncio.get_running_loop().time

    def add(self, transport: Transport) -> None:
        """Take in a leg that waits for its first check."""
        self._by_ufrag[transport.ice.credentials.ufrag] = transport

    def restart(self, transport: Transport) -> None:
        """Give a leg new credentials; the former ones lead to it until the new ones are used."""
        if transport.ice.former is not None:
            self._by_ufrag.pop(transport.ice.former.ufrag, None)
        self._by_ufrag[transport.ice.restart().ufrag] = transport

    def remove(self, transport: Transport) -> None:
        """Forget a leg."""
        ice = transport.ice
        for credentials in (ice.credentials, ice.former):
            if credentials is not None:
                self._by_ufrag.pop(credentials.ufrag, None)
        for address in ice.addresses:
            self._forget(address, transport)

    def datagram_arrived(self, datagram: bytes, address: Address) -> None:
        """Hand a datagram to its leg."""
        # RFC 7983: the first byte tells STUN, DTLS and (S)RTP apart.
        first = datagram[0] if datagram else 0xFF
        if first <= 3:
            self._check_arrived(datagram, address)
            return
        transport = self._by_address.get(address)
        if transport is None:
            return
        try:
            if 128 <= first <= 191:
                transport.media_arrived(datagram, self._now())
            elif 20 <= first <= 63:
                transport.record_arrived(datagram)
        except Exception:
            # One peer's bug must not keep the others' datagrams waiting.
            log.exception("a datagram met a bug; its leg is ended")
            transport.fail()

    def _check_arrived(self, datagram: bytes, address: Address) -> None:
        check = read_check(datagram)
        transport = None if check is None else self._by_ufrag.get(check.ufrag)
        if check is None or transport is None:
            return
        before, former = transport.ice.addresses, transport.ice.former
        if not transport.check_arrived(check, address, self._now()):
            return
        self._by_address[address] = transport
        if isinstance(address, Connection):
            address.prove()
        if former is not None and transport.ice.former is None:
            self._by_ufrag.pop(former.ufrag, None)
        for gone in set(before).difference(transport.ice.addresses):
            self._forget(gone, transport)

    def _forget(self, address: Address, transport: Transport) -> None:
        """Another leg may have come to the same address since: then it stays that one's."""
        if self._by_address.get(address) is transport:
            del self._by_address[address]
            if isinstance(address, Connection):
                address.close()
