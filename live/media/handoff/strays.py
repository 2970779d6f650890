"""Viewers that vanished without a word: the server that sends to them may not notice, but their
page's socket is gone as well.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from live.ports.media import LegId, LegOwner

Presence = Callable[[str, str], Awaitable[bool | None]]
"""Whether a participant (session, participant) has a page open; None where nobody knows."""

LOOK_S: Final = 15.0
GONE_S: Final = 45.0
"""A page that lives is back sooner: it reconnects within seconds."""


async def nobody_knows(_session_id: str, _participant_id: str) -> None:
    """See `Presence`; for where there are no pages."""


class Strays:
    """Remembers whose page was seen. Players without a page are left alone."""

    def __init__(self, present: Presence) -> None:
        self._present = present
        self._met: set[LegId] = set()
        self._missed: dict[LegId, float] = {}

    async def look(self, legs: Mapping[LegId, LegOwner], now: float) -> list[LegId]:
        """The viewers' legs whose page was there once, and has been away for `GONE_S`."""
        viewers = {leg_id: owner for leg_id, owner in legs.items() if owner.kind == "viewer"}
        self._met &= viewers.keys()
        self._missed = {leg_id: at for leg_id, at in self._missed.items() if leg_id in viewers}
        for leg_id, owner in viewers.items():
            here = await self._present(owner.session_id, owner.participant_id)
            if here:
                self._met.add(leg_id)
                self._missed.pop(leg_id, None)
            elif here is False and leg_id in self._met:
                self._missed.setdefault(leg_id, now)
        return [leg_id for leg_id, at in self._missed.items() if now - at >= GONE_S]
