"""Recordings: from the team's choice to files that can be played, and to their end.

The media process writes; here is kept which sessions it should write, what it wrote, what a kill
left to be finished, and how long all of it stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from app import logs
from app.database.recordings import FileState, RecordedFile, RecordedFiles
from app.settings import Settings
from app.system import SystemClock, SystemEntropy
from live.adapters.sql.database import Database
from live.domain.ids import ParticipantId, SessionId
from live.domain.outcome import Refusal
from live.domain.people_events import ParticipantChanged
from live.domain.recording import Recording, SetRecording, Trouble
from live.domain.session import SessionState
from live.domain.session_events import SessionChanged
from live.ports.clock import Clock, Entropy
from live.ports.media import MediaEngine, RecordingOrder
from live.ports.media_events import (
    EngineLost,
    MediaEvent,
    RecordingClosed,
    RecordingOpened,
    RecordingStopped,
)
from live.ports.store import Directory, StoreUnavailable
from live.room.ledger import Committed
from live.room.rooms import Rooms
from live.room.surface import AnyRoom

GB: Final = 1_000_000_000
ROUND_S: Final = 20.0
"""How often unfinished files, their total and their age are looked at."""

RETRY_S: Final = 1.0
NEWS_MOST: Final = 4_096
"""Past it news of files is let go: the next round finds the files themselves."""

UNKNOWN_AFTER_S: Final = 30.0
"""A file that nobody told of for so long is taken in as it is."""

FINISH_LIMIT_S: Final = 900.0
UNLIMITED: Final = 1 << 60
_TROUBLE: Final[dict[Trouble, Recording]] = {
    "disk_full": Recording.DISK_FULL,
    "quota_full": Recording.QUOTA_FULL,
    "unwritable": Recording.UNWRITABLE,
}

log = logs.get("causerie.recording")


@dataclass(frozen=True, slots=True)
class _Settle:
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class _Forget:
    session_id: SessionId
    participant_id: ParticipantId


class Recordings:
    """The recordings of an installation: one folder, with one more in it for each session."""

    def __init__(
        self,
        settings: Settings,
        files: RecordedFiles,
        directory: Directory,
        rooms: Rooms,
        media: MediaEngine,
        *,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self.files = files
        self._folder = (settings.recordings_dir or settings.data_dir / "recordings").resolve()
        most = settings.recordings_max_gb
        self._most_bytes = UNLIMITED if most is None else most * GB
        self._spare_bytes = settings.recordings_spare_gb * GB
        self._keep_days = settings.recordings_keep_days
        self._elsewhere = settings.handed_off is not None
        self._directory = directory
        self._rooms = rooms
        self._media = media
        self._clock = clock
        self._entropy = entropy
        self._news: asyncio.Queue[MediaEvent | _Settle | _Forget] = asyncio.Queue(NEWS_MOST)
        rooms.on_open(self._opened)

    @classmethod
    def over(
        cls,
        database: Database,
        settings: Settings,
        directory: Directory,
        rooms: Rooms,
        media: MediaEngine,
    ) -> Recordings:
        """Those of an installation over its database, on the system's clock."""
        files, clock, entropy = RecordedFiles(database), SystemClock(), SystemEntropy()
        return cls(settings, files, directory, rooms, media, clock=clock, entropy=entropy)

    async def run(self) -> None:
        """Work until cancelled. Begins with what a former run left behind."""
        stop = self._media.subscribe(self._put)
        try:
            for record in await self._directory.list_sessions():
                if record.recording == Recording.ON and record.state == SessionState.LIVE:
                    self._put(_Settle(record.id))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow_news())
                group.create_task(self._make_rounds())
        finally:
            stop()

    async def choose(self, room: AnyRoom, by: ParticipantId, *, on: bool) -> Refusal | None:
        """Record this session while it is live, or do not."""
        wanted = Recording.ON if on else Recording.OFF
        if on and self._elsewhere:
            sentence = "Another server has picture and sound: nothing of it can be recorded here."
            return Refusal("handed_off", sentence)
        if on and (trouble := await self.trouble()) is not None:
            return _refusal(trouble)
        outcome = await room.act(SetRecording(wanted), by=by)
        return outcome if isinstance(outcome, Refusal) else None

    async def trouble(self) -> Trouble | None:
        """Why nothing could be recorded now; None if it could."""
        if await asyncio.to_thread(self._free_bytes) < self._spare_bytes:
            return "disk_full"
        return "quota_full" if await self._left_bytes() <= 0 else None

    def path(self, file: RecordedFile) -> Path:
        return self._folder / file.session_id / file.name

    async def delete(self, files: Sequence[RecordedFile]) -> None:
        """Delete these files for good; that they were is still known."""
        for file in files:
            await asyncio.to_thread(self.path(file).unlink, missing_ok=True)
            await self.files.close(file.session_id, file.name, FileState.DELETED, size=0)

    # --- what is to be recorded

    def _opened(self, room: AnyRoom) -> None:
        room.follow(lambda committed: self._heard(room, committed))

    def _heard(self, room: AnyRoom, committed: Committed) -> None:
        for each in committed.events:
            if isinstance(each.event, SessionChanged):
                self._put(_Settle(room.id))
            elif isinstance(each.event, ParticipantChanged) and each.event.erased:
                self._put(_Forget(room.id, each.event.participant_id))

    def _put(self, news: MediaEvent | _Settle | _Forget) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._news.put_nowait(news)

    async def _follow_news(self) -> None:
        while True:
            news = await self._news.get()
            try:
                await self._deal_with(news)
            except StoreUnavailable:
                log.warning("A recording could not be noted; trying again")
                await asyncio.sleep(RETRY_S)
                self._put(news)

    async def _deal_with(self, news: MediaEvent | _Settle | _Forget) -> None:
        match news:
            case _Settle():
                await self._settle(news.session_id)
            case _Forget():
                files = await self.files.of(news.session_id)
                await self.delete([f for f in files if f.participant_id == news.participant_id])
            case RecordingOpened():
                await self.files.add(self._begun(news))
            case RecordingClosed():
                # Fragments are put together afterwards; WebM is whole as it is.
                whole = news.name.endswith(".webm")
                await self.files.close(
                    SessionId(news.session_id),
                    news.name,
                    FileState.READY if whole else FileState.CUT,
                    duration_ms=news.duration_ms,
                    size=news.size,
                    lost=news.lost,
                )
                await self._finish_all()
            case RecordingStopped():
                await self._give_up(SessionId(news.session_id), news.trouble)
            case EngineLost():
                await self._finish_all()

    async def _settle(self, session_id: SessionId) -> None:
        room = await self._rooms.get(session_id)
        if room is None:
            return
        session = room.state.session
        if session.recording is not Recording.ON or session.state is not SessionState.LIVE:
            await self._media.set_recording(session_id, None)
            return
        if self._elsewhere:
            await room.act(SetRecording(Recording.OFF))
            return
        trouble = await self.trouble()
        if trouble is not None:
            await self._give_up(session_id, trouble)
            return
        order = RecordingOrder(
            folder=str(self._folder / session_id),
            most_bytes=self._most_bytes,
            spare_bytes=self._spare_bytes,
        )
        await self._media.set_recording(session_id, order)

    async def _give_up(self, session_id: SessionId, trouble: Trouble) -> None:
        """Stop, and tell the team why; the show goes on."""
        log.error("A session is no longer recorded", session=session_id, reason=trouble)
        await self._media.set_recording(session_id, None)
        room = await self._rooms.get(session_id)
        if room is not None:
            await room.act(SetRecording(_TROUBLE[trouble]))

    def _begun(self, opened: RecordingOpened) -> RecordedFile:
        return RecordedFile(
            id=self._entropy.new_id(),
            session_id=SessionId(opened.session_id),
            seat=opened.seat,
            participant_id=ParticipantId(opened.participant_id),
            name=opened.name,
            form=opened.form,
            state=FileState.WRITING,
            started_us=opened.started_us,
        )

    # --- the rounds

    async def _make_rounds(self) -> None:
        while True:
            try:
                await self._take_in()
                await self._finish_all()
                await self._keep_to_the_total()
                await self._let_go()
            except (StoreUnavailable, OSError):
                log.exception("Recordings are looked at again in a while")
            await asyncio.sleep(ROUND_S)

    async def _take_in(self) -> None:
        """Note files that were begun just before the server was killed."""
        now_s = self._clock.now().timestamp()
        for path in await asyncio.to_thread(_files_in, self._folder):
            with contextlib.suppress(OSError, ValueError):
                if now_s - path.stat().st_mtime < UNKNOWN_AFTER_S:
                    continue
                started, _, seat = path.stem.partition("-")
                session_id = SessionId(path.parent.name)
                known = {file.name for file in await self.files.of(session_id)}
                if path.name in known or await self._rooms.get(session_id) is None:
                    continue
                found = RecordingOpened(
                    session_id=session_id,
                    seat="host" if seat == "host" else "guest-1",
                    participant_id="",
                    name=path.name,
                    form="mp4" if path.suffix == ".mp4" else "webm",
                    started_us=int(started),
                )
                await self.files.add(self._begun(found))

    async def _finish_all(self) -> None:
        for file in await self.files.unfinished():
            await self._finish(file)

    async def _finish(self, file: RecordedFile) -> None:
        """Have a file that nobody writes any more made whole, by a process of its own."""
        path = self.path(file)
        size = await asyncio.to_thread(_size_unless_written, path)
        if size is None or self._free_bytes() < size + self._spare_bytes // 2:
            return
        if size < 0:
            await self.files.close(file.session_id, file.name, FileState.DELETED, size=0)
            return
        command = (sys.executable, "-m", "live.media.recording.finish", str(path))
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(FINISH_LIMIT_S):
                told, _ = await process.communicate()
        except TimeoutError:
            # The traceback of a deadline says nothing.
            log.error("A recording could not be finished in time", file=file.name)  # noqa: TRY400
            told = b'{"state": "empty"}'
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        outcome = json.loads(told) if told else {"state": "busy"}
        if outcome["state"] == "ready":
            figures = {name: int(outcome[name]) for name in ("duration_ms", "size")}
            await self.files.close(file.session_id, file.name, FileState.READY, **figures)
        elif outcome["state"] == "empty":
            await self.files.close(file.session_id, file.name, FileState.EMPTY, size=size)

    async def _keep_to_the_total(self) -> None:
        if await self._left_bytes() > 0:
            return
        for file in await self.files.unfinished():
            if file.state is FileState.WRITING:
                await self._give_up(file.session_id, "quota_full")

    async def _let_go(self) -> None:
        """Delete what has been kept for long enough."""
        if self._keep_days:
            limit = self._clock.now() - timedelta(days=self._keep_days)
            await self.delete(await self.files.older_than(limit))

    async def _left_bytes(self) -> int:
        held = await self.files.held_bytes()
        for file in await self.files.unfinished():
            if file.size == 0:
                held += max(0, await asyncio.to_thread(_size, self.path(file)))
        return self._most_bytes - held

    def _free_bytes(self) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self._folder).free


def _refusal(trouble: Trouble) -> Refusal:
    sentence = {
        "disk_full": "The disk is nearly full: free some of it, then record.",
        "quota_full": "Recordings hold as much as they may: delete some, then record.",
        "unwritable": "The folder of the recordings cannot be written.",
    }
    return Refusal(trouble, sentence[trouble])


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*/*") if path.suffix in {".webm", ".mp4"}]


def _size(path: Path) -> int:
    """-1 where there is no such file."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1


def _size_unless_written(path: Path) -> int | None:
    """None while a recorder has it; see ``RecordingFile``."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return path.stat().st_size
    except FileNotFoundError:
        return -1
    except BlockingIOError:
        return None
