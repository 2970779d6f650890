"""`python -m benchmarks.hls.publisher WHIP_URL CERTIFICATE KEY TOKEN`: publishes 720p30 in H264 and
Opus in real time, until it is ended.

FFmpeg's WHIP muxer sends. Eight seconds are encoded once and sent over and over, so that it takes
next to nothing of the core that it shares with the players.
"""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from typing import Final

import av
import numpy as np

WIDTH: Final = 1280
HEIGHT: Final = 720
RATE: Final = 30
BITRATE_BPS: Final = 1_500_000
KEYFRAME_EVERY: Final = 60
PICTURES: Final = 240
SAMPLES: Final = 48_000
PACKET: Final = 960

Encoded = tuple[bytes, bool]
"""A picture or some sound, and whether a player may start with it."""


def _pictures(video: av.VideoStream) -> list[Encoded]:
    grain = np.random.default_rng(7)
    coarse = grain.integers(0, 256, (HEIGHT // 8, WIDTH // 8 + PICTURES, 3), dtype=np.uint8)
    made: list[Encoded] = []
    for number in range(PICTURES):
        image = coarse[:, number : number + WIDTH // 8].repeat(8, axis=0).repeat(8, axis=1)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        made += [(bytes(each), each.is_keyframe) for each in video.encode(frame)]
    return made


def _sounds(audio: av.AudioStream) -> list[Encoded]:
    made: list[Encoded] = []
    for number in range(PICTURES * SAMPLES // RATE // PACKET):
        at = number * PACKET + np.arange(PACKET)
        wave = (12_000 * np.sin(2 * np.pi * 440 * at / SAMPLES)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(
            np.repeat(wave, 2).reshape(1, -1), format="s16", layout="stereo"
        )
        frame.sample_rate, frame.pts = SAMPLES, number * PACKET
        frame.time_base = Fraction(1, SAMPLES)
        made += [(bytes(each), True) for each in audio.encode(frame)]
    return made


def _packet(
    encoded: Encoded, stream: av.VideoStream | av.AudioStream, pts: int, base: Fraction
) -> av.Packet[av.stream.Stream]:
    data, keyframe = encoded
    packet = av.Packet(data)
    packet.stream, packet.pts, packet.dts, packet.time_base = stream, pts, pts, base
    packet.is_keyframe = keyframe
    return packet


def publish(url: str, certificate: str, key: str, token: str) -> None:
    """Publish until the process is ended."""
    options = {"cert_file": certificate, "key_file": key, "authorization": token}
    with av.open(url, "w", format="whip", options=options) as out:
        video = out.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.bit_rate = BITRATE_BPS
        video.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "x264-params": f"keyint={KEYFRAME_EVERY}:min-keyint={KEYFRAME_EVERY}:scenecut=0"
            f":vbv-maxrate={BITRATE_BPS // 1000}:vbv-bufsize={BITRATE_BPS // 2000}",
        }
        audio = out.add_stream("libopus", rate=SAMPLES)
        audio.layout = "stereo"
        pictures, sounds = _pictures(video), _sounds(audio)
        began, number, sound = time.monotonic(), 0, 0
        while True:
            encoded = pictures[number % len(pictures)]
            out.mux(_packet(encoded, video, number, Fraction(1, RATE)))
            number += 1
            while sound * PACKET < number * SAMPLES // RATE:
                encoded = sounds[sound % len(sounds)]
                out.mux(_packet(encoded, audio, sound * PACKET, Fraction(1, SAMPLES)))
                sound += 1
            time.sleep(max(0.0, began + number / RATE - time.monotonic()))


if __name__ == "__main__":
    publish(*sys.argv[1:5])
