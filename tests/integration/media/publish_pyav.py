"""An independent WHIP publisher: FFmpeg's own, through PyAV. H264 and Opus.

python publish_pyav.py WHIP_URL SECONDS CERTIFICATE KEY [TOKEN]: publishes a moving picture with a
clock in it, and a tone, in real time, with that bearer token.
"""

import sys
import time
from fractions import Fraction

import av
import numpy as np

WIDTH, HEIGHT, RATE, SAMPLES = 320, 240, 15, 48_000
BITS = 32
SQUARE = WIDTH // BITS


def picture(number: int) -> av.VideoFrame:
    """A picture unlike the ones before it; the time along its top, as `page.html` has it."""
    image = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    image[:, :, number % 3] = 60 + (number * 37) % 190
    left = number * 11 % (WIDTH - 40)
    image[80:160, left : left + 40] = 255
    now = int(time.time() * 1_000) % (1 << BITS)
    for bit in range(BITS):
        white = now >> (BITS - 1 - bit) & 1
        image[:SQUARE, bit * SQUARE : (bit + 1) * SQUARE] = 255 if white else 0
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
    frame.pts, frame.time_base = number, Fraction(1, RATE)
    return frame


def tone(start: int, count: int) -> av.AudioFrame:
    """`count` samples of 440 Hz, from sample number `start`."""
    wave = 12_000 * np.sin(2 * np.pi * 440 * (start + np.arange(count)) / SAMPLES)
    stereo = np.repeat(wave.astype(np.int16), 2).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(stereo, format="s16", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = SAMPLES, start, Fraction(1, SAMPLES)
    return frame


def publish(url: str, seconds: float, certificate: str, key: str, token: str) -> None:
    """Publish for so long, in real time."""
    options = {
        "cert_file": certificate,
        "key_file": key,
        "authorization": token,
        "handshake_timeout": "60000",  # ms; its own 5 s are short where many tests run at once
    }
    with av.open(url, "w", format="whip", options=options) as out:
        video = out.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "g": str(RATE),
        }
        audio = out.add_stream("libopus", rate=SAMPLES)
        audio.layout = "stereo"
        began, samples = time.monotonic(), 0
        for number in range(int(seconds * RATE)):
            out.mux(video.encode(picture(number)))
            while samples < (number + 1) * SAMPLES // RATE:
                out.mux(audio.encode(tone(samples, 960)))
                samples += 960
            time.sleep(max(0.0, began + (number + 1) / RATE - time.monotonic()))


if __name__ == "__main__":
    publish(sys.argv[1], float(sys.argv[2]), sys.argv[3], sys.argv[4], "".join(sys.argv[5:]))
