"""Facts about cues. Staff only."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from live.domain.cue import Cue, CueAct, Cueing, CueOutcome
from live.domain.fact import Event
from live.domain.ids import ParticipantId
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class CueRaised(Event):
    """Staff only."""

    type: ClassVar[str] = "cue.raised"
    cue: Cue


@dataclass(frozen=True, slots=True)
class CueSettled(Event):
    """Staff only. ``by`` None: the server."""

    type: ClassVar[str] = "cue.settled"
    cue_id: str
    outcome: CueOutcome
    by: ParticipantId | None = None
    did: CueAct | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CuesTuned(Event):
    """Staff only. How the session wants to be cued from now on."""

    type: ClassVar[str] = "cues.tuned"
    cueing: Cueing
    by: ParticipantId
