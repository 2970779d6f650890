"""Watches the pulse of every session that this process writes, and raises cues."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from live.domain.cue import Cue, CueOutcome
from live.domain.cue_commands import LetCuePass, RaiseCue
from live.domain.cueing import open_cue, urgency
from live.domain.ids import SessionId
from live.domain.pulse import TICK_S, tick_at
from live.domain.session import SessionState
from live.domain.state import RoomState
from live.ports.clock import Clock
from moderation.cues.history import Group, History
from moderation.cues.impressions import Impressions
from moderation.cues.rules import RULES, Finding, Look, is_over, upto_at
from moderation.desk.ports import Show

logger = logging.getLogger(__name__)

LAG_S: Final = 0.5
"""What happened in a tick is on disk so long after it."""

SHOWN_LEAST_S: Final = 20
SHOWN_MOST_S: Final = 180
"""A cue that nobody takes up stands so long at least, and at most."""

QUIET_S: Final = 180
"""So long after a cue its rule says nothing more about the same people."""


class CueWatch:
    """One session's: ``look`` says what to ask of the room. All it has to remember is in the state,
    so that another node goes on where this one ended."""

    def __init__(self, impressions: Impressions | None = None) -> None:
        self._history = History()
        self._impressions = impressions or Impressions()

    def look(self, state: RoomState, now: datetime) -> RaiseCue | LetCuePass | None:
        """What is to be raised, or to pass, at this moment."""
        settings, since = state.cueing, state.session.live_since
        if state.session.state is not SessionState.LIVE or since is None or not settings.on:
            return None
        self._history.take(state.ticks.values(), began=tick_at(since), upto=upto_at(now, LAG_S))
        look = Look(self._history, state, settings.sensitivity, self._impressions)
        standing = open_cue(state)
        if standing is not None and _has_passed(look, standing, now):
            return LetCuePass(standing.id)
        if _answer_begins(state, now):
            return None
        for rule, find in RULES.items():
            if rule in settings.off:
                continue
            if standing is not None and urgency(standing.rule) <= urgency(rule):
                return None
            found = find(look)
            if found is not None and not _is_quiet(state, found, now):
                return _raised(found)
        return None


def _raised(found: Finding) -> RaiseCue:
    group = found.group
    return RaiseCue(
        found.rule,
        group.segment,
        group.language,
        found.since,
        found.evidence,
        found.act,
        found.topic,
    )


def _has_passed(look: Look, cue: Cue, now: datetime) -> bool:
    age_s = (now - cue.at).total_seconds()
    if age_s < SHOWN_LEAST_S:
        return False
    group = Group(cue.segment, cue.language)
    return age_s >= SHOWN_MOST_S or is_over(look, cue.rule, group, cue.evidence.seconds)


def _answer_begins(state: RoomState, now: datetime) -> bool:
    answering = state.answering()
    if answering is None or answering.answering_at is None:
        return False
    return now - answering.answering_at < timedelta(seconds=state.cueing.calm_s)


def _is_quiet(state: RoomState, found: Finding, now: datetime) -> bool:
    """Whether it was said not long ago, of the same people or of everyone."""
    for cue in reversed(state.cues):
        if cue.rule is not found.rule or cue.settled_at is None:
            continue
        same = (cue.segment, cue.language) == (found.group.segment, found.group.language)
        if not same and cue.segment is not None and found.group.segment is not None:
            continue
        if cue.outcome is CueOutcome.SNOOZED:
            return cue.until is not None and now < cue.until
        return now - cue.settled_at < timedelta(seconds=QUIET_S)
    return False


class CueKeeper:
    """``attend`` each session when it opens; ``run`` watches them until it is cancelled."""

    def __init__(self, clock: Clock, impressions: Impressions | None = None) -> None:
        self._clock = clock
        self._impressions = impressions
        self._shows: dict[SessionId, tuple[Show, CueWatch]] = {}

    def attend(self, show: Show) -> None:
        """Watch this session while it is open."""
        self._shows[show.id] = (show, CueWatch(self._impressions))

    async def run(self) -> None:
        """Look once a tick."""
        while True:
            await asyncio.sleep(TICK_S)
            await self.look()

    async def look(self) -> None:
        """Look at all sessions that this process writes."""
        for session_id, (show, watch) in list(self._shows.items()):
            if not show.is_open:
                if self._shows[session_id][0] is show:
                    del self._shows[session_id]
                continue
            if not show.is_writer:
                continue
            try:
                asked = watch.look(show.state, self._clock.now())
                if asked is not None:
                    await show.act(asked)
            except Exception:
                # A bug in a rule must not end the watch over the other sessions.
                logger.exception("looking for cues failed", extra={"session": session_id})
