"""`python -m benchmarks.recording [SECONDS]`: the CPU time of one recorded stream, of a core.

A stream of the size of 720p (30 pictures of 6 packets and 50 packets of sound a second) reaches
a source in real time, once without and once with a recorder; the difference is the recorder's. It
is counted when the file is open: to begin one costs some ten milliseconds, once a show.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from live.media.codecs import Codec, CodecName, Kind
from live.media.recording.recorder import Allowance, Note, Recorder
from live.media.source import PublisherClock, Source, ntp_now

BEGIN_S = 3
PICTURES, PARTS, SOUNDS = 30, 6, 50
KEYFRAME = bytes.fromhex("10100200 9d012a0005d002")
DELTA = bytes.fromhex("10110200")
PART_BYTES, SOUND_BYTES = 1_060, 80


def _codec(name: CodecName, kind: Kind, clock_rate: int) -> Codec:
    return Codec(kind, name, 96, None, clock_rate, None, "", (), None)


async def _stream(seconds: int, folder: Path | None) -> float:
    """CPU seconds that so much of a stream took, recorded into ``folder`` or not."""
    clock = PublisherClock()
    sources: dict[Kind, Source] = {
        "video": Source(_codec("VP8", "video", 90_000), clock),
        "audio": Source(_codec("opus", "audio", 48_000), clock),
    }
    loop = asyncio.get_running_loop()
    for source in sources.values():
        source.note_sender_report(ntp_now(), 0, loop.time())
    notes: list[Note] = []
    recorder = None
    if folder is not None:
        recorder = Recorder(sources, Allowance(folder, 1 << 40, 0), "host", notes.append)
    began, cpu = loop.time(), time.process_time()
    for number in range((BEGIN_S + seconds) * PICTURES):
        now = loop.time()
        if number == BEGIN_S * PICTURES:
            cpu = time.process_time()
        start = KEYFRAME if number % 240 == 0 else DELTA
        for part in range(PARTS):
            payload = (start if part == 0 else b"\x00").ljust(PART_BYTES, b"x")
            sources["video"].take(
                (number * PARTS + part) & 0xFFFF,
                number * 3_000,
                payload,
                marker=part == PARTS - 1,
                now=now,
            )
        for sound in range(number * SOUNDS // PICTURES, (number + 1) * SOUNDS // PICTURES):
            payload = b"\xfc".ljust(SOUND_BYTES, b"x")
            sources["audio"].take(sound & 0xFFFF, sound * 960, payload, marker=True, now=now)
        await asyncio.sleep(began + (number + 1) / PICTURES - loop.time())
    spent_s = time.process_time() - cpu
    if recorder is not None:
        recorder.stop()
        await asyncio.to_thread(recorder.join, 10)
    return spent_s


def main() -> None:
    """Print the cost, with the load of the machine beside it."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        bare_s = asyncio.run(_stream(seconds, None))
        recorded_s = asyncio.run(_stream(seconds, Path(folder)))
    cost = (recorded_s - bare_s) / seconds
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    sys.stdout.write(
        f"recording one stream: {cost:.2%} of a core ({seconds} s, load average {load})\n"
    )


if __name__ == "__main__":
    main()
