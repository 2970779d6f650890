"""How long a viewer waits: from the POST of an offer to the first picture in Chromium."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from benchmarks.video.count import Counter
from benchmarks.video.peer import Peer
from benchmarks.video.servers import FAST, Ours, serving
from benchmarks.video.visits import CHECK_EVERY_S, joined
from tests.support.chromium import chromium

PRESENT: Final = 100
JOIN: Final = """async () => {
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    const picture = Object.assign(document.createElement("video"), { muted: true, autoplay: true });
    picture.srcObject = new MediaStream();
    document.body.append(picture);
    peer.addEventListener("track", ({ track }) => picture.srcObject.addTrack(track));
    for (const kind of ["audio", "video"]) peer.addTransceiver(kind, { direction: "recvonly" });
    const shown = new Promise((resolve) => picture.requestVideoFrameCallback(resolve));
    await peer.setLocalDescription();
    const began = performance.now();
    const offer = { method: "POST", body: peer.localDescription.sdp };
    const reply = await fetch("/whep?as=joiner", offer);
    await peer.setRemoteDescription({ type: "answer", sdp: await reply.text() });
    await shown;
    const took = performance.now() - began;
    peer.close();
    await fetch(reply.headers.get("Location"), { method: "DELETE" });
    picture.remove();
    return took;
}"""


async def join_times(
    counter: Counter, folder: Path, core: int, times: int
) -> dict[int, list[float]]:
    """Milliseconds of each join, alone and with a hundred others present."""
    found: dict[int, list[float]] = {}
    async with serving(FAST, folder, core) as server, chromium(camera_fps=30) as browser:
        assert isinstance(server, Ours)
        host, viewer = await browser.new_page(), await browser.new_page()
        for page in (host, viewer):
            await page.goto(server.url)
        assert await host.evaluate("publish()") == "201"
        for present in (0, PRESENT):
            async with _audience(server, present, counter):
                found[present] = [await viewer.evaluate(JOIN) for _ in range(times)]
    return found


@contextlib.asynccontextmanager
async def _audience(server: Ours, size: int, counter: Counter) -> AsyncIterator[None]:
    """So many viewers that take all they are sent, for the length of the block."""
    viewers = [await joined(server) for _ in range(size)]
    keeping = asyncio.create_task(_keep(viewers, counter))
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        await asyncio.gather(*(viewer.close() for viewer in viewers))


async def _keep(viewers: list[Peer], counter: Counter) -> None:
    while True:
        for viewer in viewers:
            viewer.keep_alive()
        await counter.watch([viewer.fd for viewer in viewers], range(0), CHECK_EVERY_S)
