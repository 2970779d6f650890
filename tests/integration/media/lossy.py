"""A poor network: a relay in front of the engine's port, in user space."""

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

_CANDIDATE = re.compile(r"a=candidate:.*\r\n")

QUEUE_S = 0.25
"""What a bottleneck holds, as home routers do; beyond, datagrams are lost."""


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, Any], None]) -> None:
        self.received = received
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.received(data, addr)


class LossyRelay:
    """Passes datagrams on, both ways, but for a share `loss` of them (a fraction of 1), each
    `delay_s` late; to peers no more than `rate_bps`, with a queue of `QUEUE_S`.
    """

    def __init__(self, target_port: int, seed: int) -> None:
        self.loss = 0.0
        self.lost = 0
        self.delay_s = 0.0
        self.rate_bps: float | None = None
        self._free_at = 0.0
        self.port = 0
        self._target = ("127.0.0.1", target_port)
        self._chance = random.Random(seed)
        self._near = _Receiver(self._from_peer)
        self._far: dict[Any, asyncio.Task[_Receiver]] = {}

    def rewritten(self, answer: str) -> str:
        """An answer whose only way leads through the relay."""
        ours = f"a=candidate:1 1 udp 2130706431 127.0.0.1 {self.port} typ host\r\n"
        without = _CANDIDATE.sub("", answer)
        return without.replace("a=end-of-candidates\r\n", f"{ours}a=end-of-candidates\r\n")

    async def open(self) -> None:
        """Begin."""
        self.port = await self._bind(self._near)

    async def close(self) -> None:
        """End, freeing every port."""
        for opening in self._far.values():
            _close(await opening)
        _close(self._near)

    @staticmethod
    async def _bind(receiver: _Receiver) -> int:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: receiver, local_addr=("127.0.0.1", 0)
        )
        port: int = transport.get_extra_info("sockname")[1]
        return port

    def _loses(self) -> bool:
        lost = self._chance.random() < self.loss
        self.lost += lost
        return lost

    def _queued(self, size: int) -> float | None:
        """How long a datagram to a peer waits for its turn; None if the queue is full."""
        if self.rate_bps is None:
            return 0.0
        now = asyncio.get_running_loop().time()
        wait_s = max(0.0, self._free_at - now)
        if wait_s > QUEUE_S:
            self.lost += 1
            return None
        self._free_at = now + wait_s + size * 8 / self.rate_bps
        return wait_s

    @staticmethod
    def _later(wait_s: float, by: _Receiver, data: bytes, to: Any) -> None:
        def send() -> None:
            if by.transport is not None and not by.transport.is_closing():
                by.transport.sendto(data, to)

        if wait_s:
            asyncio.get_running_loop().call_later(wait_s, send)
        else:
            send()

    def _from_peer(self, datagram: bytes, peer: Any) -> None:
        if peer not in self._far:
            self._far[peer] = asyncio.create_task(self._way_for(peer))
        way = self._far[peer]
        if way.done() and not self._loses():
            receiver = way.result()
            assert receiver.transport is not None
            self._later(self.delay_s, receiver, datagram, self._target)

    async def _way_for(self, peer: Any) -> _Receiver:
        def back(datagram: bytes, _engine: Any) -> None:
            if self._near.transport is None or self._loses():
                return
            wait_s = self._queued(len(datagram))
            if wait_s is not None:
                self._later(wait_s + self.delay_s, self._near, datagram, peer)

        receiver = _Receiver(back)
        await self._bind(receiver)
        return receiver


def _close(receiver: _Receiver) -> None:
    if receiver.transport is not None:
        receiver.transport.close()


@contextlib.asynccontextmanager
async def lossy_relay(target_port: int, *, seed: int) -> AsyncIterator[LossyRelay]:
    """A relay for the length of the block; it loses nothing before it is told to."""
    relay = LossyRelay(target_port, seed)
    await relay.open()
    try:
        yield relay
    finally:
        await relay.close()
