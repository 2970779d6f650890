"""The CPU time of a recorded stream, of a core.

    python -m benchmarks.recording                          into docs/recording.md
    python -m benchmarks.recording --repeats 1 --seconds 10

Streams of the size of 720p (30 pictures of 6 packets and 50 packets of sound a second) reach their
sources in real time, in turns without and with a recorder for each; the difference is the
recorders'. It is counted while the files are open: to begin one costs some ten milliseconds, once a
show. Ends with 1 if one stream costs more than its goal.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.harness.machine import REPOSITORY
from benchmarks.harness.report import (
    HEAD,
    Figure,
    Row,
    at_most,
    publish,
    surroundings,
    table,
)
from live.media.codecs import Codec, CodecName, Kind
from live.media.recording.recorder import Allowance, FileClosed, Note, Recorder
from live.media.source import PublisherClock, Source, ntp_now

NAME: Final = "bench-recording"
DOCUMENT: Final = REPOSITORY / "docs" / "recording.md"
STREAMS: Final = (1, 4)
"""A host alone, and all four seats."""

GOAL_PERCENT: Final = 0.2
BEGIN_S: Final = 4
PICTURES, PARTS, SOUNDS = 30, 6, 50
KEYFRAME_EVERY: Final = 240
KEYFRAME: Final = bytes.fromhex("10100200 9d012a0005d002")
DELTA: Final = bytes.fromhex("10110200")
PART_BYTES, SOUND_BYTES = 1_060, 80


def _codec(name: CodecName, kind: Kind, clock_rate: int) -> Codec:
    return Codec(kind, name, 96, None, clock_rate, None, "", (), None)


class Seat:
    """A publisher's sources, fed here."""

    def __init__(self) -> None:
        clock = PublisherClock()
        self.sources: dict[Kind, Source] = {
            "video": Source(_codec("VP8", "video", 90_000), clock),
            "audio": Source(_codec("opus", "audio", 48_000), clock),
        }
        for source in self.sources.values():
            source.note_sender_report(ntp_now(), 0, asyncio.get_running_loop().time())

    def send(self, picture: int, now: float) -> None:
        """One picture, and the sound that belongs to its time."""
        start = DELTA if picture % KEYFRAME_EVERY else KEYFRAME
        for part in range(PARTS):
            self.sources["video"].take(
                (picture * PARTS + part) & 0xFFFF,
                picture * 3_000,
                (b"\x00" if part else start).ljust(PART_BYTES, b"x"),
                marker=part == PARTS - 1,
                now=now,
            )
        for sound in range(picture * SOUNDS // PICTURES, (picture + 1) * SOUNDS // PICTURES):
            payload = b"\xfc".ljust(SOUND_BYTES, b"x")
            self.sources["audio"].take(sound & 0xFFFF, sound * 960, payload, marker=True, now=now)


async def spent_s(streams: int, seconds: int, folder: Path | None) -> float:
    """CPU seconds that so much of the streams took, recorded into ``folder`` or not."""
    loop = asyncio.get_running_loop()
    seats = [Seat() for _ in range(streams)]
    notes: list[Note] = []
    recorders = [
        Recorder(seat.sources, Allowance(folder, 1 << 40, 0), f"seat-{place}", notes.append)
        for place, seat in enumerate(seats)
        if folder is not None
    ]
    began, before_s = loop.time(), time.process_time()
    for picture in range((BEGIN_S + seconds) * PICTURES):
        if picture == BEGIN_S * PICTURES:
            before_s = time.process_time()
        for seat in seats:
            seat.send(picture, loop.time())
        await asyncio.sleep(began + (picture + 1) / PICTURES - loop.time())
    spent = time.process_time() - before_s
    for recorder in recorders:
        recorder.stop()
        await asyncio.to_thread(recorder.join, 10)
    _check(notes, len(recorders))
    return spent


def _check(notes: list[Note], files: int) -> None:
    """What wrote nothing costs little: raises ``RuntimeError`` unless each file is whole."""
    closed = [note for note in notes if isinstance(note, FileClosed) and not note.lost]
    if len(closed) != files or len(notes) != 2 * files:
        raise RuntimeError("a recording is not whole")


async def measure(repeats: int, seconds: int) -> list[Row]:
    """Percent of a core for a stream, by how many there are at once."""
    costs: dict[int, list[float]] = {streams: [] for streams in STREAMS}
    for repeat in range(repeats):
        for streams in STREAMS:
            bare_s = await spent_s(streams, seconds, None)
            with tempfile.TemporaryDirectory(prefix="causerie-recording-") as folder:
                recorded_s = await spent_s(streams, seconds, Path(folder))
            costs[streams].append((recorded_s - bare_s) / seconds / streams * 100)
        print(f"{repeat + 1} of {repeats}", flush=True)
    return [
        Row(
            "recording" if streams == 1 else f"recording {streams} streams at once",
            "% of a core, a stream",
            Figure(tuple(each)),
            at_most(GOAL_PERCENT),
        )
        for streams, each in costs.items()
    ]


def main() -> None:
    """Measure, print, and publish a whole run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=20)
    given = parser.parse_args()
    rows = asyncio.run(measure(given.repeats, given.seconds))
    text = f"{table([HEAD, *(row.cells() for row in rows)])}\n\n{surroundings(given.repeats)}"
    print(f"\n{text}")
    if sys.argv[1:] == []:
        publish(NAME, text, DOCUMENT)
    sys.exit(0 if all(row.reached for row in rows) else 1)


if __name__ == "__main__":
    main()
