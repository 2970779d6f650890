"""Viewers and guests come and go, and nothing of them stays; `python -m benchmarks.video.churn`
sends a thousand.
"""

import asyncio
import gc
import os
from collections import Counter

import pytest
from aiortc.rtp import RtcpRrPacket

from benchmarks.hostile.siege import sender
from benchmarks.video.peer import Peer
from benchmarks.video.stream import Stream
from live.media.engine import Engine
from live.media.settings import MediaSettings
from live.media.viewer import Viewer
from live.ports.media import Leg, PublishRequest, WatchRequest
from live.ports.media_seats import Seat
from tests.integration.media.waiting import eventually

SESSION = "show"
TOGETHER, ROUNDS = 12, 5


class Show:
    """An engine in this process with a publisher; `visit` brings viewers and a guest, who leave
    again.
    """

    def __init__(self) -> None:
        self.engine = Engine(MediaSettings(udp_port=0), lambda _notice: None)

    async def begin(self) -> Peer:
        await self.engine.start()
        self.engine.set_on_air(SESSION, on=True)
        return await self._publish("host")

    async def visit(self) -> None:
        viewers = [Peer() for _ in range(TOGETHER)]
        await asyncio.gather(*(self.watch(viewer) for viewer in viewers))
        assert self.engine.health().viewers == TOGETHER
        guest = await self._publish("guest-1")
        for leaving in (*viewers, guest):
            await leaving.close()
        await eventually(lambda: self.engine.health().viewers == 0)
        await eventually(lambda: self.engine.health().publishers == 1)

    async def _publish(self, seat: Seat) -> Peer:
        publisher = Peer()
        offer = publisher.sections("sendonly", "actpass")
        leg = self.engine.publish(PublishRequest(SESSION, seat, seat, offer, takeover=False))
        assert isinstance(leg, Leg)
        await publisher.connect(leg.answer_sdp)
        streaming = asyncio.create_task(Stream(publisher).run())
        await eventually(lambda: seat in {each.seat for each in self.engine.stats(SESSION).seats})
        streaming.cancel()
        return publisher

    async def watch(self, viewer: Peer) -> None:
        offer = viewer.sections("recvonly", "actpass")
        leg = self.engine.watch(WatchRequest(SESSION, f"viewer-{id(viewer)}", offer))
        assert isinstance(leg, Leg)
        await viewer.connect(leg.answer_sdp)


def _held() -> Counter[str]:
    """What there is of the video path and of OpenSSL, by type."""
    kinds = (type(each) for each in gc.get_objects())
    return Counter(
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in kinds
        if str(kind.__module__).startswith(("live.media", "benchmarks.video", "OpenSSL"))
    )


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 -- names alone


async def test_what_viewers_and_guests_held_is_free_as_soon_as_they_are_gone() -> None:
    show = Show()
    publisher = await show.begin()
    try:
        await show.visit()
        gc.collect()
        gc.disable()  # what only the collector would find is not free
        before, open_before = _held(), _descriptors()
        for _ in range(ROUNDS):
            await show.visit()
        await eventually(lambda: not _held() - before)
        assert _descriptors() == open_before
    finally:
        gc.enable()
        await publisher.close()
        await show.engine.close()


async def test_who_runs_into_a_bug_is_gone_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be it in what they send, or in what is due to them."""

    def fails(_self: Viewer, *_arguments: object) -> None:
        raise RuntimeError("a bug")

    show = Show()
    publisher = await show.begin()
    try:
        for where in ("rtcp_arrived", "tick"):
            viewer = Peer()
            await show.watch(viewer)
            assert viewer.keys is not None
            with monkeypatch.context() as patched:
                patched.setattr(Viewer, where, fails)
                report = sender(viewer.keys).protect_rtcp(bytes(RtcpRrPacket(1)))
                viewer.send(report)
                await eventually(lambda: show.engine.health().viewers == 0)
            await viewer.close()
        assert show.engine.health().publishers == 1
        await show.visit()
    finally:
        await publisher.close()
        await show.engine.close()
