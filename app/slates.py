"""Carries the team's slates to the media engine: what a session's state says is cut there.

It has a way of its own beside the stage's, so that it waits for nothing that the stage waits for.
"""

from __future__ import annotations

import asyncio

from app.nodes import Nodes, SlateSet
from live.domain.ids import SessionId
from live.domain.session_events import StageChanged
from live.ports.media import MediaEngine
from live.ports.store import Directory
from live.room.codec import decode_document
from live.room.ledger import Committed
from live.room.rooms import Rooms
from live.room.surface import AnyRoom


class Slates:
    """The slates of an installation. Every node has its own engine told, whoever has the
    picture."""

    def __init__(
        self, directory: Directory, rooms: Rooms, media: MediaEngine, nodes: Nodes
    ) -> None:
        self._directory = directory
        self._media = media
        self._nodes = nodes
        # One a session, the latest: no more than there are sessions.
        self._wanted: dict[SessionId, bool] = {}
        self._told: set[SessionId] = set()
        self._news = asyncio.Event()
        rooms.on_open(self._opened)

    async def load(self) -> None:
        """Have cut what was cut before a restart; before anything is on air again."""
        for record in await self._directory.list_sessions():
            if decode_document(record.document).slate is not None:
                await self._tell(record.id, on=True)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._wanted:
                session_id, on = self._wanted.popitem()
                await self._tell(session_id, on=on)

    def obey(self, session_id: SessionId, *, on: bool) -> None:
        """Cut a session here, or give it back: another node ordered it."""
        self._wanted[session_id] = on
        self._news.set()

    def _opened(self, room: AnyRoom) -> None:
        # What the bus lost is made good here: whoever has a picture has its room open.
        if (room.state.slate is not None) is not (room.id in self._told):
            self.obey(room.id, on=room.state.slate is not None)
        room.follow(lambda committed: self._heard(room, committed))

    def _heard(self, room: AnyRoom, committed: Committed) -> None:
        changed = [e.event for e in committed.events if isinstance(e.event, StageChanged)]
        if not changed:
            return
        on = changed[-1].slate is not None
        if on is self._wanted.get(room.id, room.id in self._told):
            return
        self.obey(room.id, on=on)
        if room.is_writer:
            self._nodes.order(SlateSet(room.id, on))

    async def _tell(self, session_id: SessionId, *, on: bool) -> None:
        if on:
            self._told.add(session_id)
        else:
            self._told.discard(session_id)
        await self._media.set_slate(session_id, on=on)
