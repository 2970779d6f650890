"""What a newcomer gets, and the tallies that follow."""

from __future__ import annotations

from msgspec import UNSET, UnsetType, field

from live.wire.announcement_shapes import Announcement, SavedAnnouncement
from live.wire.calls import Call
from live.wire.desk_shapes import (
    Claim,
    Decision,
    Label,
    Listening,
    Paper,
    Proposal,
    Report,
    Sanction,
    StaffSay,
)
from live.wire.polls import OwnBallot, Poll
from live.wire.pulse import Cue, Cueing, CurveTick
from live.wire.runshow import Part, Runshow
from live.wire.shape import Shape
from live.wire.shapes import (
    HeldMessage,
    HeldQuestion,
    Message,
    MessageTombstone,
    Mode,
    Pin,
    Question,
    QuestionTombstone,
    ReactionKind,
    Session,
    Stage,
    Subject,
    You,
)


class SnapshotYou(You, kw_only=True, frozen=True):
    """``You`` with what is one's own: pending and refused items by time of writing, votes and
    people muted (both sorted), the sanctions that hold, all papers but notes, oldest first, and
    what one answered in polls, by their ids, and one's latest call to the stage."""

    mine: list[HeldMessage | HeldQuestion]
    votes: list[str]
    muted: list[str] = field(default_factory=list)
    sanctions: list[Sanction] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    ballots: list[OwnBallot] = field(default_factory=list)
    call: Call | UnsetType = UNSET


class Questions(Shape, frozen=True):
    """The newest questions by first publication, and how many there are in all."""

    items: list[Question | QuestionTombstone]
    total: int


class Held(Shape, frozen=True):
    """Everything that waits for a decision, oldest first."""

    items: list[HeldMessage | HeldQuestion]
    total: int


class Snapshot(Shape, frozen=True):
    """All that an audience may know at ``head``. ``papers``, for staff: the appeals that wait, and
    the 100 latest of the others, oldest first."""

    session: Session
    you: SnapshotYou
    messages: list[Message | MessageTombstone]
    questions: Questions
    polls: list[Poll]
    announcements: list[Announcement]
    pins: list[Pin]
    mode: Mode
    stage: Stage
    screen: Subject | None = None
    runshow: Runshow | None = None
    held: Held | UnsetType = UNSET
    claims: list[Claim] | UnsetType = UNSET
    cues: list[Cue] | UnsetType = UNSET
    cueing: Cueing | UnsetType = UNSET
    reports: list[Report] | UnsetType = UNSET
    sanctions: list[Sanction] | UnsetType = UNSET
    staff_says: list[StaffSay] | UnsetType = UNSET
    decisions: list[Decision] | UnsetType = UNSET
    proposals: list[Proposal] | UnsetType = UNSET
    listening: Listening | UnsetType = UNSET
    papers: list[Paper] | UnsetType = UNSET
    calls: list[Call] | UnsetType = UNSET
    labels: list[Label] | UnsetType = UNSET
    parts: list[Part] | UnsetType = UNSET
    saved_announcements: list[SavedAnnouncement] | UnsetType = UNSET


class Pulse(Shape, frozen=True):
    """Live tallies; the latest replaces the earlier, totals are exact. ``curve``, for the team at
    most once a second: the ticks that moved since it was sent last. ``speaking``, while two or more
    seats are on air: who of them speaks."""

    present: int
    reactions: dict[ReactionKind, int]
    typing: int
    curve: list[CurveTick] | UnsetType = UNSET
    speaking: list[str] | UnsetType = UNSET
