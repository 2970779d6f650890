"""The durable facts of a session: identifiers, numbers, commitments; never a text or a name.

``type`` is the wire name, ``version`` that of the shape: a fact is never edited, a new shape is a
new version. A subject's revision in an event is the one after it.
"""

from __future__ import annotations

from datetime import datetime

from live.domain.announcement_events import AnnouncementChanged, AnnouncementSaved, AnnouncementSent
from live.domain.call_events import CallChanged
from live.domain.cue_events import CueRaised, CueSettled, CuesTuned
from live.domain.decision_events import (
    ClaimChanged,
    DecisionMade,
    LabelsChanged,
    SubjectMarked,
    SubjectSettled,
)
from live.domain.fact import Event
from live.domain.message_events import (
    MessageEdited,
    MessageHeld,
    MessagePublished,
    MessageRefused,
    MessageRemoved,
)
from live.domain.part import PartChanged, RunshowChanged, RunshowMoved
from live.domain.people_events import (
    PaperChanged,
    ParticipantChanged,
    PersonMuted,
    ReportFiled,
    ReportSettled,
    SanctionSet,
)
from live.domain.poll_events import POLL_EVENTS
from live.domain.question_events import (
    BallotCast,
    ProposalRaised,
    ProposalSettled,
    QuestionChanged,
    QuestionHeld,
    QuestionMerged,
    QuestionPublished,
    QuestionSplit,
    VoteTallied,
)
from live.domain.session_events import (
    ListeningChanged,
    ModeChanged,
    PinChanged,
    ScreenChanged,
    SessionChanged,
    StaffSaid,
    StageChanged,
)
from live.domain.value import dataclass

EVENTS: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        MessageHeld,
        MessagePublished,
        MessageRefused,
        MessageEdited,
        MessageRemoved,
        QuestionHeld,
        QuestionPublished,
        QuestionChanged,
        QuestionMerged,
        QuestionSplit,
        BallotCast,
        VoteTallied,
        SessionChanged,
        ModeChanged,
        ParticipantChanged,
        SanctionSet,
        StageChanged,
        PinChanged,
        ScreenChanged,
        PersonMuted,
        DecisionMade,
        LabelsChanged,
        SubjectMarked,
        SubjectSettled,
        ClaimChanged,
        StaffSaid,
        ReportFiled,
        ReportSettled,
        PaperChanged,
        AnnouncementSent,
        AnnouncementSaved,
        AnnouncementChanged,
        PartChanged,
        RunshowChanged,
        RunshowMoved,
        ProposalRaised,
        ProposalSettled,
        ListeningChanged,
        CueRaised,
        CueSettled,
        CuesTuned,
        CallChanged,
    )
} | POLL_EVENTS


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in its place in the session's log; ``at`` is when it was decided (UTC)."""

    seq: int
    at: datetime
    event: Event
