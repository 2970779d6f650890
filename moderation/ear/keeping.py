"""Keeps what was learned on disk: a state every few seconds, and each lesson since in a journal.

A lesson costs one append, however much was learned before. Killed at any moment, the process finds
what it knew; whatever goes wrong with the files, judging goes on and ``trouble`` says so.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from moderation.ear.calls import LENGTH, MOST_BYTES, Forget, Lesson, Reset, Unlearn, packed, unpack
from moderation.ear.ports import Example

logger = logging.getLogger(__name__)

MOST_PROCESSES: Final = 32


class Keeping:
    """The files ``learned`` and ``lessons`` in a folder, which is made if it is missing.

    A folder serves one process: where several run over the same data, the second takes ``2``
    inside it, and so on.
    """

    def __init__(self, folder: Path) -> None:
        self._noted = 0
        self._unreadable = False
        self._unwritable = False
        self._lock: BinaryIO | None = None
        try:
            folder, self._lock = _claimed(folder)
        except OSError as error:
            self._failed("The ear's folder cannot be made", error)
        self._state = folder / "learned"
        self._lessons = folder / "lessons"

    def close(self) -> None:
        """Let another process have the folder. What is not kept yet stays in the journal."""
        if self._lock is not None:
            self._lock.close()

    @property
    def trouble(self) -> tuple[str, ...]:
        """``state_unreadable`` for as long as this process lives, ``state_unwritable`` until
        writing works again."""
        told = (("state_unreadable", self._unreadable), ("state_unwritable", self._unwritable))
        return tuple(code for code, so in told if so)

    @property
    def due(self) -> bool:
        """Whether a new state is worth writing: lessons hold people's words, a state does not."""
        return self._noted > 0 or self._unwritable

    def state(self) -> bytes | None:
        """The state as it was kept, None where there is none."""
        try:
            return self._state.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            self.set_aside()
            return None

    def set_aside(self) -> None:
        """The files make no sense: keep them under another name for whoever wants to look."""
        logger.error("What the ear had learned cannot be read; it is set aside")
        self._unreadable = True
        for path in (self._state, self._lessons):
            with contextlib.suppress(OSError):
                path.replace(path.with_name(path.name + ".unreadable"))

    def lessons(self) -> Iterator[Lesson]:
        """The lessons since that state, as far as the journal can be read: the last one may have
        been cut short."""
        try:
            data = self._lessons.read_bytes()
        except OSError:
            return
        while len(data) > LENGTH.size:
            (size,) = LENGTH.unpack_from(data)
            entry, data = data[LENGTH.size : LENGTH.size + size], data[LENGTH.size + size :]
            if size > MOST_BYTES or len(entry) < size:
                return
            try:
                _, lesson = unpack(entry)
            except ValueError:
                self._unreadable = True
                return
            if isinstance(lesson, Example | Unlearn | Forget | Reset):
                self._noted += 1
                yield lesson

    def note(self, lesson: Lesson) -> None:
        """Append a lesson. It outlives this process, though not a power cut within a second."""
        entry = packed(lesson)
        try:
            with self._lessons.open("ab", buffering=0) as journal:
                journal.write(LENGTH.pack(len(entry)) + entry)
        except OSError as error:
            self._failed("A lesson could not be kept", error)
        else:
            self._noted += 1

    def keep(self, state: bytes) -> None:
        """Write a state whole or not at all, and begin the journal anew."""
        fresh = self._state.with_name("learned.fresh")
        try:
            with fresh.open("wb") as file:
                file.write(state)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._state)
            self._lessons.unlink(missing_ok=True)
        except OSError as error:
            self._failed("What was learned could not be kept", error)
        else:
            self._noted = 0
            self._unwritable = False

    def _failed(self, what: str, error: OSError) -> None:
        if not self._unwritable:
            logger.error("%s: %s", what, error.strerror)
        self._unwritable = True


def _claimed(folder: Path) -> tuple[Path, BinaryIO]:
    """The folder, or the first inside it, that no other process holds; and what holds it, which
    the system lets go of when this process ends, however it does."""
    for number in range(1, MOST_PROCESSES + 1):
        place = folder if number == 1 else folder / str(number)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (place / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return place, lock
    raise BlockingIOError(errno.EWOULDBLOCK, "too many processes over one folder")
