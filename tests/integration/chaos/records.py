"""What the recorder writes down: one JSON array a line, in the order in which it happened.

A frame that many clients receive is written once and referred to by its number afterwards, so that
sixty thousand deliveries a second are some megabytes a minute. Times are `time.monotonic()` of the
machine, in seconds: all processes of a run share that clock.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Raw, Struct


class Record(Struct, frozen=True, array_like=True, tag_field="k"):
    """Base of all lines; the first item of each says what it is."""


class Person(Record, frozen=True, tag="person"):
    """Client number `who` is this participant."""

    who: int
    participant_id: str
    role: str


class Opened(Record, frozen=True, tag="opened"):
    """Connected to a node, asking for what came after `since` (None: for a snapshot)."""

    at_s: float
    who: int
    node: int
    epoch: str | None
    since: int | None


class Sent(Record, frozen=True, tag="sent"):
    """A command went out; the same `id` again each time it is repeated."""

    at_s: float
    who: int
    id: str
    type: str
    data: Raw


class Frame(Record, frozen=True, tag="frame"):
    """The words of a frame that somebody is about to receive for the first time."""

    number: int
    text: Raw


class Got(Record, frozen=True, tag="got"):
    """The frame of this number arrived."""

    at_s: float
    who: int
    frame: int


class Broken(Record, frozen=True, tag="broken"):
    """The client found a promise of the contract broken, and says which."""

    at_s: float
    who: int
    sentence: str


class Closed(Record, frozen=True, tag="closed"):
    """The connection is gone; 1006 where it ended without a word."""

    at_s: float
    who: int
    code: int


class Ended(Record, frozen=True, tag="ended"):
    """The last line: the crowd went home, with so many commands unanswered."""

    at_s: float
    unanswered: int


Line = Person | Opened | Sent | Frame | Got | Broken | Closed | Ended


class Recorder:
    """The one writer of a log. What is written is in the file when `close` returns."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("wb", buffering=1 << 20)
        self._encoder = msgspec.json.Encoder()

    def write(self, line: Line) -> None:
        self._file.write(self._encoder.encode(line) + b"\n")

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> Iterator[Line]:
    """The lines of a log, in their order."""
    decoder = msgspec.json.Decoder(Line)
    with path.open("rb") as file:
        for line in file:
            yield decoder.decode(line)


def now() -> float:
    """The clock of all records."""
    return round(time.monotonic(), 4)
