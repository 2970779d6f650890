"""One seat's recorder: it follows the seat's streams as a viewer does, and writes from a thread.

The loop that forwards only puts packets on a list. The thread takes them from there once a second:
a wake-up per packet would cost more than all the rest, and a disk that stalls is waited for where
nobody else waits.
"""

import errno
import logging
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from av.error import FFmpegError

from live.media.codecs import Kind
from live.media.recording.container import (
    RecordingFile,
    UnreadableStartError,
    form_of,
    parameter_set,
)
from live.media.recording.frames import Frame
from live.media.recording.tap import Arrived, Tap
from live.media.recording.track import Track
from live.media.source import Source
from live.ports.media_events import RecordingForm, RecordingTrouble

log = logging.getLogger(__name__)

WRITE_EVERY_S: Final = 1.0
BACKLOG_MOST: Final = 8_000
"""Deliveries (a picture's packets, or one of sound) that wait for the thread: a minute and more of
a stalled disk. What comes then is left out, and counted.
"""

REPORTS_LIMIT_S: Final = 3.0
"""So long the first file waits for the publisher to say how its streams belong together."""

NONSENSE_MOST: Final = 20
"""Files of one publisher that FFmpeg could make no sense of: with more it is recorded no longer."""

SPACE_EVERY_S: Final = 2.0
SAME_S: Final = 0.02
"""Sound that begins so little before the first picture begins with it."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where a recording goes, and how much of it. ``spare_bytes`` are left free on the disk."""

    folder: Path
    most_bytes: int
    spare_bytes: int


@dataclass(frozen=True, slots=True)
class FileOpened:
    """A file was begun; its first frame was taken at ``started_us``, microseconds since 1970."""

    name: str
    form: RecordingForm
    started_us: int


@dataclass(frozen=True, slots=True)
class FileClosed:
    """It is whole. ``lost`` counts packets that are missing in it."""

    name: str
    duration_ms: int
    size: int
    lost: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing more is recorded here, for this reason."""

    trouble: RecordingTrouble


Note = FileOpened | FileClosed | Stopped


class Recorder:
    """Writes what one publisher sends into one file after another, until ``stop``.

    ``tell`` hears in the recorder's own thread what comes of it, and must return at once.
    """

    def __init__(
        self,
        sources: dict[Kind, Source],
        allowance: Allowance,
        label: str,
        tell: Callable[[Note], None],
    ) -> None:
        """``label`` ends the names of the files."""
        self.needs_keyframe = False
        self._allowance = allowance
        self._label = label
        self._tell = tell
        self._backlog: deque[Arrived] = deque()
        self._left_out = 0
        self._tracks = {kind: Track(source.codec) for kind, source in sources.items()}
        self._video = sources["video"].codec.name if "video" in sources else None
        self._ready: list[tuple[float, Kind, Frame]] = []
        self._first_at: float | None = None
        self._file: RecordingFile | None = None
        self._parameters: bytes | None = None
        self._started_s = 0.0
        self._started_us = 0
        self._written = 0
        self._nonsense = 0
        self._space_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"recorder-{label}", daemon=True)
        self._taps = [Tap(kind, source, self) for kind, source in sources.items()]
        self._thread.start()

    def take(self, arrived: Arrived) -> None:
        """Leave it for the thread; past the bound it is left out, and its hole is known later."""
        if self._stopping.is_set():
            return
        if len(self._backlog) < BACKLOG_MOST:
            self._backlog.append(arrived)
        else:
            if self._left_out % 1_000 == 0:
                log.warning(
                    "the disk does not keep up: the recording of %s has a hole", self._label
                )
            self._left_out += 1

    def stop(self) -> None:
        """Follow nobody any more; the thread writes what it has, and ends. Returns at once."""
        for tap in self._taps:
            tap.close()
        self._taps = []
        self._stopping.set()

    @property
    def running(self) -> bool:
        """Whether the thread still writes."""
        return self._thread.is_alive()

    def join(self, limit_s: float) -> None:
        """Wait for the thread to have ended, so long at most."""
        self._thread.join(limit_s)

    # --- in the thread

    def _run(self) -> None:
        try:
            while not self._stopping.wait(WRITE_EVERY_S):
                self._step()
            self._step(last=True)
            self._close()
        except _FullError as full:
            self._end(full.trouble)
        except _NonsenseError:
            # One guest's: the others', and the session's, go on.
            log.warning("%s is recorded no longer: what comes makes no sense", self._label)
            self._stopping.set()
            self._backlog.clear()
        except OSError as error:
            log.exception("the recording of %s cannot be written", self._label)
            no_space = error.errno in {errno.ENOSPC, errno.EDQUOT}
            self._end("disk_full" if no_space else "unwritable")
        except Exception:
            log.exception("the recording of %s met a bug and ends", self._label)
            self._end("unwritable")

    def _end(self, trouble: RecordingTrouble) -> None:
        self._stopping.set()
        self._backlog.clear()
        try:
            self._close()
        except (OSError, _NonsenseError):
            log.warning("the last second of %s could not be written", self._label)
        self._tell(Stopped(trouble))

    def _step(self, *, last: bool = False) -> None:
        while self._backlog:
            self._take_apart(self._backlog.popleft())
        self.needs_keyframe = any(track.starved for track in self._tracks.values())
        if self._may_write(last=last):
            self._ready.sort(key=lambda each: each[0])
            ready, self._ready = self._ready, []
            for at, kind, frame in ready:
                try:
                    self._write(at, kind, frame)
                except FFmpegError as error:
                    self._abandon(error)
        self._check_space()

    def _take_apart(self, arrived: Arrived) -> None:
        frames = self._tracks[arrived.kind].take(arrived)
        if frames and self._first_at is None:
            self._first_at = arrived.now
        self._ready += [(at, arrived.kind, frame) for at, frame in frames]

    def _may_write(self, *, last: bool) -> bool:
        """Whether it is known how the streams belong together, or was waited for long enough."""
        if self._first_at is None:
            return False
        waited = time.monotonic() - self._first_at > REPORTS_LIMIT_S
        known = all(track.reported for track in self._tracks.values())
        return known or waited or last or self._file is not None

    def _write(self, at: float, kind: Kind, frame: Frame) -> None:
        starts = frame.keyframe and (kind == "video" or self._video is None)
        if starts and self._video == "H264":
            parameters = parameter_set(frame)
            if self._file is not None and parameters not in {None, self._parameters}:
                self._close()
            self._parameters = parameters or self._parameters
        if self._file is None:
            if not starts:
                return  # sound before the first picture
            try:
                self._open(at, frame)
            except UnreadableStartError:
                return
        if self._file is not None and at > self._started_s - SAME_S:
            self._file.add(kind, frame, at - self._started_s)

    def _open(self, at: float, frame: Frame) -> None:
        started_us = self._started_us = max(int(at * 1_000_000), self._started_us + 1)
        form = form_of(self._video)
        path = self._allowance.folder / f"{started_us}-{self._label}.{form}"
        self._allowance.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = RecordingFile(path, self._video, frame, sound="audio" in self._tracks)
        self._started_s = at
        self._tell(FileOpened(path.name, form, started_us))

    def _abandon(self, error: FFmpegError) -> None:
        """End the file that FFmpeg can put nothing more into; another begins with a keyframe.

        Raises ``OSError`` if it was the disk's doing, ``_NonsenseError`` if it happens too often.
        """
        if isinstance(error, OSError):
            raise error
        self._nonsense += 1
        log.info("a file of %s ends early: %s", self._label, error)
        if self._nonsense > NONSENSE_MOST:
            raise _NonsenseError
        self._close()

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.close()
        except FFmpegError as error:
            # Its end is made later, as of one that a kill left behind.
            self._abandon(error)
            return
        size = file.path.stat().st_size
        self._written += size
        lost = sum(track.lost for track in self._tracks.values())
        self._tell(FileClosed(file.path.name, int(file.duration_s * 1000), size, lost))

    def _check_space(self) -> None:
        now = time.monotonic()
        if self._file is None or now - self._space_at < SPACE_EVERY_S:
            return
        self._space_at = now
        written = self._written + self._file.path.stat().st_size
        if written > self._allowance.most_bytes:
            raise _FullError("quota_full")
        if shutil.disk_usage(self._allowance.folder).free < self._allowance.spare_bytes:
            raise _FullError("disk_full")


class _NonsenseError(Exception):
    """What a publisher sends is none of its codec."""


class _FullError(Exception):
    def __init__(self, trouble: RecordingTrouble) -> None:
        super().__init__(trouble)
        self.trouble: RecordingTrouble = trouble
