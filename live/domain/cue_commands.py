"""What may be asked about cues and counting, of people and by the server itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from live.domain.cue import CueAct, CueOutcome, CueRule, Evidence, Sensitivity
from live.domain.funnel import Reached
from live.domain.ids import ParticipantId


@dataclass(frozen=True, slots=True)
class SettleCue:
    """``did``: what was done about it, if not what was suggested; ``for_s``: how long to snooze."""

    cue_id: str
    outcome: CueOutcome
    did: CueAct | None = None
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class TuneCues:
    """What is None stays."""

    on: bool | None = None
    sensitivity: Sensitivity | None = None
    off: tuple[CueRule, ...] | None = None
    calm_s: int | None = None


@dataclass(frozen=True, slots=True)
class RaiseCue:
    """The server: the pulse says this, and has ``since`` then."""

    rule: CueRule
    segment: str | None
    language: str | None
    since: datetime
    evidence: Evidence
    act: CueAct | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class LetCuePass:
    """The server: what the cue was about is over."""

    cue_id: str


@dataclass(frozen=True, slots=True)
class CountCrowd:
    """The server: who came and left since it was counted last, the cohorts (segment, language,
    people) as they are, and by segment the mood in thousandths and of how many people. Of those who
    ``stayed`` the counting begins only now: they are here, and did not just come. ``attentive``:
    the cohorts again, of those who watch; None where that is not counted."""

    came: tuple[ParticipantId, ...] = ()
    left: tuple[ParticipantId, ...] = ()
    stayed: tuple[ParticipantId, ...] = ()
    here: tuple[tuple[str, str, int], ...] = ()
    moods: tuple[tuple[str, int, int], ...] | None = None
    attentive: tuple[tuple[str, str, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class NoteStep:
    """The server: somebody came so far."""

    participant_id: ParticipantId
    step: Reached


CueCommand = SettleCue | TuneCues
CueServerAct = RaiseCue | LetCuePass | CountCrowd | NoteStep
