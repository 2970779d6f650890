"""A scripted publisher of one picture in two layers, each with three temporal layers."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtcpPsfbPacket, RtpPacket

from live.media.simulcast import RID_URI
from tests.integration.media.scripted import VIDEO_CLOCK, ScriptedPublisher

RID_ID: Final = 12
PATTERN: Final = (0, 2, 1, 2)
"""The temporal layer of each frame in turn, as browsers have it; all but the last can be joined."""

KEYFRAME_HEAD: Final = bytes.fromhex("100200 9d012a")
FRAME_S: Final = 1 / 30


@dataclass
class Layer:
    """One stream of the picture, and where its numbers stand."""

    rid: str
    ssrc: int
    height: int
    size: int
    """Bytes of a frame."""
    sequence: int
    timestamp: int
    picture: int
    level: int = 0


class LayeredPublisher(ScriptedPublisher):
    """Sends thirty frames a second in both layers, and a keyframe in both when one is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [
            Layer("q", 0x2222, 180, 500, sequence=65_500, timestamp=77, picture=32_760),
            Layer("f", 0x3333, 360, 2_000, sequence=9, timestamp=1 << 31, picture=100),
        ]
        self._extensions = HeaderExtensionsMap()
        self._extensions.configure(
            RTCRtpParameters(
                headerExtensions=[RTCRtpHeaderExtensionParameters(id=RID_ID, uri=RID_URI)]
            )
        )
        self._frames = 0
        self._running: asyncio.Task[None] | None = None

    async def offer(self) -> str:
        """An offer of simulcast, of which aiortc knows nothing."""
        rids = "".join(f"a=rid:{layer.rid} send\r\n" for layer in self.layers)
        names = ";".join(layer.rid for layer in self.layers)
        lines = f"a=extmap:{RID_ID} {RID_URI}\r\n{rids}a=simulcast:send {names}\r\n"
        head, video = (await super().offer()).split("m=video")
        return f"{head}m=video{video}{lines}"

    def begin(self) -> None:
        """Send frames from now on, until it is closed."""
        self._running = asyncio.create_task(self._send_frames())

    async def close(self) -> None:
        """Stop sending, and close."""
        if self._running is not None:
            self._running.cancel()
        await super().close()

    async def _send_frames(self) -> None:
        while True:
            asked = [p for p in self.rtcp if isinstance(p, RtcpPsfbPacket) and p.fmt == 1]
            self.rtcp.clear()
            keyframe = bool(asked) or self._frames == 0
            if keyframe:
                self._frames = 0
            for layer in self.layers:
                await self._send_frame(layer, keyframe=keyframe)
            self._frames += 1
            await asyncio.sleep(FRAME_S)

    async def _send_frame(self, layer: Layer, *, keyframe: bool) -> None:
        temporal = PATTERN[self._frames % len(PATTERN)]
        layer.picture = (layer.picture + 1) % (1 << 15)
        layer.level = (layer.level + (temporal == 0)) % 256
        descriptor = bytes((0x90, 0xE0)) + (0x8000 | layer.picture).to_bytes(2, "big")
        descriptor += bytes((layer.level, temporal << 6 | (self._frames % 4 < 3) << 5))
        frame = b"\x11\x02\x00"
        if keyframe:
            frame = KEYFRAME_HEAD + bytes((64, 1)) + layer.height.to_bytes(2, "little")
        body = frame.ljust(layer.size, layer.rid.encode())
        parts = [body[at : at + 1_000] for at in range(0, len(body), 1_000)]
        for index, part in enumerate(parts):
            start = descriptor if index == 0 else bytes((0x80,)) + descriptor[1:]
            await self._send_part(layer, start + part, marker=part is parts[-1])
        layer.timestamp = (layer.timestamp + VIDEO_CLOCK // 30) & 0xFFFFFFFF

    async def _send_part(self, layer: Layer, payload: bytes, *, marker: bool) -> None:
        packet = RtpPacket(
            payload_type=self.payload_type("VP8"),
            marker=int(marker),
            sequence_number=layer.sequence,
            timestamp=layer.timestamp,
            ssrc=layer.ssrc,
            payload=payload,
        )
        packet.extensions.rtp_stream_id = layer.rid
        await self.send(packet.serialize(self._extensions))
        layer.sequence = (layer.sequence + 1) & 0xFFFF
