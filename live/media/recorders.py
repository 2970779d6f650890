"""Who is recorded: a recorder for each publisher on air, of the sessions that are to be."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from live.media.notices import Notice
from live.media.publisher import Publisher
from live.media.recording.recorder import Allowance, FileClosed, FileOpened, Note, Recorder, Stopped
from live.media.stage import Stage
from live.ports.media import LegId, RecordingOrder
from live.ports.media_events import RecordingClosed, RecordingOpened, RecordingStopped

END_LIMIT_S: Final = 1.0
"""So long the end of the engine waits for the last files; what is not whole by then is finished at
the next start.
"""


class Recorders:
    """Recorders by leg. Lives in the engine's loop; `notify` hears of files there."""

    def __init__(self, notify: Callable[[Notice], None]) -> None:
        self._notify = notify
        self._running: dict[LegId, tuple[str, RecordingOrder, Recorder]] = {}
        self._ending: set[Recorder] = set()

    def settle(self, stage: Stage) -> None:
        """Begin and end recorders so that they fit what is on the stage now."""
        order = stage.recording if stage.on_air and not stage.slate else None
        wanted: dict[LegId, Publisher] = {}
        if order is not None:
            wanted = {each.leg_id: each for each in stage.publishers.values() if each.shown}
        for leg_id, (session_id, under, recorder) in list(self._running.items()):
            if session_id == stage.session_id and (leg_id not in wanted or under != order):
                del self._running[leg_id]
                self._end(recorder)
        for leg_id, publisher in wanted.items():
            if order is not None and leg_id not in self._running:
                recorder = self._begin(publisher, order)
                self._running[leg_id] = (stage.session_id, order, recorder)

    async def close(self) -> None:
        """End all of them, and wait a moment for their files to be whole."""
        for _, _, recorder in self._running.values():
            self._end(recorder)
        self._running.clear()
        ending = list(self._ending)
        if ending:
            await asyncio.gather(
                *(asyncio.to_thread(recorder.join, END_LIMIT_S) for recorder in ending)
            )

    def _begin(self, publisher: Publisher, order: RecordingOrder) -> Recorder:
        loop = asyncio.get_running_loop()
        allowance = Allowance(Path(order.folder), order.most_bytes, order.spare_bytes)

        def tell(note: Note) -> None:
            loop.call_soon_threadsafe(self._notify, _notice(publisher, note))

        return Recorder(publisher.sources, allowance, publisher.seat, tell)

    def _end(self, recorder: Recorder) -> None:
        self._ending = {each for each in self._ending if each.running}
        self._ending.add(recorder)
        recorder.stop()


def _notice(publisher: Publisher, note: Note) -> Notice:
    match note:
        case FileOpened():
            return RecordingOpened(
                session_id=publisher.session_id,
                seat=publisher.seat,
                participant_id=publisher.participant_id,
                name=note.name,
                form=note.form,
                started_us=note.started_us,
            )
        case FileClosed():
            return RecordingClosed(
                session_id=publisher.session_id,
                name=note.name,
                duration_ms=note.duration_ms,
                size=note.size,
                lost=note.lost,
            )
        case Stopped():
            return RecordingStopped(publisher.session_id, publisher.seat, note.trouble)
