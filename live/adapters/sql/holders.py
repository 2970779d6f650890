"""Who holds the good credentials of a session, in memory, for when everyone comes at once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

from live.domain.ids import ParticipantId, SessionId
from live.ports.store import StoreUnavailable

MOST_OF_A_SESSION: Final = 100_000
MOST_IN_ALL: Final = 200_000
"""Of 250 bytes each. Sessions that were asked about longest ago are forgotten beyond it."""

Known = dict[bytes, ParticipantId]
Ask = Callable[[SessionId], Awaitable[Mapping[bytes, ParticipantId]]]


class Holders:
    """The sessions' good credentials by their hash, each session read once through ``ask``.

    It is exact where this process alone writes credentials and tells what it wrote: ``added`` and
    ``ended``, after the commit and before anyone else is told. Who is not found here may be known
    to the database all the same.
    """

    def __init__(
        self, ask: Callable[[SessionId], Awaitable[Mapping[bytes, ParticipantId]]]
    ) -> None:
        self._ask = ask
        self._sessions: OrderedDict[SessionId, Known] = OrderedDict()
        self._reading: dict[SessionId, asyncio.Task[None]] = {}
        self._ended_meanwhile: set[ParticipantId] = set()
        self._forgotten_meanwhile: set[SessionId] = set()

    async def find(self, session_id: SessionId, token_hash: bytes) -> ParticipantId | None:
        """The holder; None where only the database can tell."""
        known = self._sessions.get(session_id)
        if known is None:
            await self._read(session_id)
            known = self._sessions.get(session_id, {})
        else:
            self._sessions.move_to_end(session_id)
        return known.get(token_hash)

    def added(self, session_id: SessionId, token_hash: bytes, holder: ParticipantId) -> None:
        """A credential was given out."""
        known = self._sessions.get(session_id)
        if known is not None and len(known) < MOST_OF_A_SESSION:
            known[token_hash] = holder

    def ended(self, people: Collection[ParticipantId]) -> None:
        """All that these held is void."""
        gone = set(people)
        if self._reading:
            # What is being read may have been read before.
            self._ended_meanwhile |= gone
        for known in self._sessions.values():
            for token_hash in [each for each, holder in known.items() if holder in gone]:
                del known[token_hash]

    def forget(self, session_id: SessionId) -> None:
        """Nobody knows what was written: read the session again."""
        self._sessions.pop(session_id, None)
        if session_id in self._reading:
            self._forgotten_meanwhile.add(session_id)

    async def _read(self, session_id: SessionId) -> None:
        reading = self._reading.get(session_id)
        if reading is None:
            reading = asyncio.create_task(self._keep(session_id), name="read-credentials")
            self._reading[session_id] = reading
        await asyncio.shield(reading)

    async def _keep(self, session_id: SessionId) -> None:
        try:
            found = await self._ask(session_id)
        except StoreUnavailable:
            return  # the one look-up that follows says so
        else:
            if session_id in self._forgotten_meanwhile:
                return
            gone = self._ended_meanwhile
            kept = {key: holder for key, holder in found.items() if holder not in gone}
            self._sessions[session_id] = kept
            while sum(map(len, self._sessions.values())) > MOST_IN_ALL and len(self._sessions) > 1:
                self._sessions.popitem(last=False)
        finally:
            del self._reading[session_id]
            self._forgotten_meanwhile.discard(session_id)
            if not self._reading:
                self._ended_meanwhile = set()
