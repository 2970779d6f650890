"""The synthetic host's picture and sound: a moving test card with a running clock, a soft tone.

Encoding happens here, in the demo's own process; the server only forwards.
"""

from __future__ import annotations

import asyncio
import math
import time
from datetime import datetime
from fractions import Fraction

import numpy as np
from aiortc import MediaStreamTrack
from av import AudioFrame, VideoFrame
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, FPS = 960, 540, 24
VIDEO_CLOCK = 90_000
SAMPLE_RATE, AUDIO_FRAME_S = 48_000, 0.02
INK, PAPER, CORAL, MUTED = (25, 21, 18), (246, 239, 230), (255, 106, 77), (196, 178, 162)
SEGMENT_COLOURS = (
    (63, 199, 189),
    (240, 166, 58),
    (161, 149, 255),
    (255, 125, 184),
    (160, 166, 176),
)


class Card:
    """Draws the test card: everything that stands still once, then the clock and what moves."""

    def __init__(self, title: str, brand: str) -> None:
        self._clock_font = ImageFont.load_default(size=76)
        self._base = self._paint(title, brand)

    def _paint(self, title: str, brand: str) -> Image.Image:
        """Words stay clear of the edges, where players put their badges and buttons."""
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        glow = np.exp(-(((x - WIDTH * 0.72) / 420) ** 2 + ((y - HEIGHT * 0.22) / 300) ** 2))
        warm = np.array((190, 92, 62), np.float32)
        dark = np.array((46, 26, 28), np.float32)
        pixels = dark + glow[..., None] * (warm - dark)
        image = Image.fromarray(pixels.astype(np.uint8), "RGB")
        draw = ImageDraw.Draw(image)
        draw.text((56, 112), brand, font=ImageFont.load_default(size=26), fill=MUTED)
        size = 56
        while size > 24 and draw.textlength(title, ImageFont.load_default(size=size)) > WIDTH - 112:
            size -= 2
        draw.text((56, 148), title, font=ImageFont.load_default(size=size), fill=PAPER)
        for index, colour in enumerate(SEGMENT_COLOURS):
            left = 56 + index * 96
            draw.rounded_rectangle((left, 376, left + 84, 412), radius=12, fill=colour)
        return image

    def draw(self, elapsed_s: float, now: datetime) -> Image.Image:
        """The card at ``elapsed_s`` seconds of the show, its clock showing ``now`` to the tenth."""
        image = self._base.copy()
        draw = ImageDraw.Draw(image)
        clock = f"{now:%H:%M:%S}.{now.microsecond // 100_000}"
        draw.text((56, 256), clock, font=self._clock_font, fill=PAPER)
        centre_x = WIDTH - 160 + 80 * math.cos(elapsed_s * 0.9)
        centre_y = HEIGHT * 0.62 + 45 * math.sin(elapsed_s * 1.8)
        radius = 46 + 6 * math.sin(elapsed_s * 3)
        draw.ellipse(
            (centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius), fill=CORAL
        )
        sweep = (elapsed_s * 0.25 % 1.0) * (WIDTH - 112)
        draw.rectangle((56, HEIGHT - 30, WIDTH - 56, HEIGHT - 26), fill=INK)
        draw.rectangle((56, HEIGHT - 30, 56 + sweep, HEIGHT - 26), fill=PAPER)
        return image


class CardTrack(MediaStreamTrack):
    """The test card as a video track, ``FPS`` frames a second on the wall clock."""

    kind = "video"

    def __init__(self, title: str, brand: str) -> None:
        super().__init__()
        self._card = Card(title, brand)
        self._started: float | None = None
        self._count = 0

    async def recv(self) -> VideoFrame:
        if self._started is None:
            self._started = time.monotonic()
        wait_s = self._started + self._count / FPS - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        else:
            # A machine that was busy skips pictures; it never plays them late.
            self._count += int(-wait_s * FPS)
        image = self._card.draw(self._count / FPS, datetime.now().astimezone())
        frame = VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
        frame.pts, frame.time_base = self._count * VIDEO_CLOCK // FPS, Fraction(1, VIDEO_CLOCK)
        self._count += 1
        return frame


class ToneTrack(MediaStreamTrack):
    """Two quiet notes that swell and fade, as a mono audio track."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._started: float | None = None
        self._samples = 0

    async def recv(self) -> AudioFrame:
        if self._started is None:
            self._started = time.monotonic()
        wait_s = self._started + self._samples / SAMPLE_RATE - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        size = int(SAMPLE_RATE * AUDIO_FRAME_S)
        t = (self._samples + np.arange(size)) / SAMPLE_RATE
        swell = 0.5 + 0.5 * np.sin(2 * np.pi * 0.2 * t)
        wave = swell * np.sin(2 * np.pi * 220 * t) + (1 - swell) * np.sin(2 * np.pi * 329.63 * t)
        frame = AudioFrame.from_ndarray((wave * 2600).astype(np.int16)[None, :], layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts, frame.time_base = self._samples, Fraction(1, SAMPLE_RATE)
        self._samples += size
        return frame
