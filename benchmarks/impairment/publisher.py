"""A publisher whose picture is a clock: aiortc over WHIP, VP8 at 640 x 360 and 30 pictures/s.

python -m benchmarks.impairment.publisher WHIP_URL TOKEN: publishes until it is killed,
and says `here` on standard output when it begins to ask. The top of each picture holds the time in
32 squares, white for 1: milliseconds since 1970, modulo 2^32.
"""

import asyncio
import sys
import time
from fractions import Fraction
from typing import Final

import httpx
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.mediastreams import AudioStreamTrack
from av import VideoFrame

WIDTH: Final = 640
HEIGHT: Final = 360
RATE: Final = 30
BITS: Final = 32
SQUARE: Final = WIDTH // BITS
CLOCK: Final = 90_000
ASK_AGAIN_S: Final = 0.5


class ClockTrack(VideoStreamTrack):
    """Pictures that say when they were taken."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()
        self._count = 0

    async def recv(self) -> VideoFrame:
        self._count += 1
        await asyncio.sleep(max(0.0, self._began + self._count / RATE - time.monotonic()))
        image = np.full((HEIGHT * 3 // 2, WIDTH), 128, dtype=np.uint8)
        image[:HEIGHT] = 90
        left = self._count * 7 % (WIDTH - 80)
        image[200:280, left : left + 80] = 200
        now = int(time.time() * 1_000) & 0xFFFFFFFF
        for bit in range(BITS):
            white = now >> (BITS - 1 - bit) & 1
            image[:SQUARE, bit * SQUARE : (bit + 1) * SQUARE] = 235 if white else 16
        frame = VideoFrame.from_ndarray(image, format="yuv420p")
        frame.pts = int((time.monotonic() - self._began) * CLOCK)
        frame.time_base = Fraction(1, CLOCK)
        return frame


async def publish(url: str, token: str) -> None:
    """Publish until cancelled; asks again while the seat is still held by its former leg."""
    print("here", flush=True)
    while True:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.addTrack(ClockTrack())
        peer.addTrack(AudioStreamTrack())
        await peer.setLocalDescription(await peer.createOffer())
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        async with httpx.AsyncClient(trust_env=False) as http:
            reply = await http.post(url, content=peer.localDescription.sdp, headers=headers)
        if reply.status_code == 201:
            await peer.setRemoteDescription(RTCSessionDescription(reply.text, "answer"))
            await asyncio.Event().wait()
        await peer.close()
        await asyncio.sleep(ASK_AGAIN_S)


if __name__ == "__main__":
    asyncio.run(publish(sys.argv[1], sys.argv[2]))
