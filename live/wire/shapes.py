"""What things look like on the wire: one definition, from which JSON Schema, AsyncAPI and the
TypeScript types are generated.

Every shape is frozen. A field that an audience may not know is *absent* (``UNSET``), never null.
Times are RFC 3339 strings in UTC with milliseconds and a ``Z``.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

Role = Literal["owner", "host", "moderator", "guest", "viewer"]
SessionState = Literal["draft", "lobby", "live", "ended"]
MessageStatus = Literal["pending", "published", "refused", "removed"]
QuestionStatus = Literal["pending", "published", "picked", "answering", "answered", "dismissed"]
ReactionKind = Literal["heart", "applause", "laugh", "surprise", "confused"]
SubjectKind = Literal["message", "question"]
Verdict = Literal[
    "publish", "refuse", "remove", "restore", "pick", "answering", "answered", "dismiss"
]
SanctionKind = Literal["timeout", "mute", "ban"]
SeatState = Literal["preview", "on_air", "silent"]


class Shape(Struct, frozen=True, omit_defaults=False):
    """Base of everything that is sent; unknown fields are ignored by those who read it."""


class Subject(Shape, forbid_unknown_fields=True, frozen=True):
    """What a decision, a claim, a pin or a report is about."""

    kind: SubjectKind
    id: str


class Author(Shape, frozen=True):
    """Who wrote something. ``segment`` is for staff only. Erased people have no name."""

    id: str
    display_name: str | None
    role: Role
    segment: str | UnsetType = UNSET


class Reason(Shape, frozen=True):
    """Why something was held or refused: a stable ``code`` and a sentence for a person."""

    code: str
    text: str
    evidence: str | UnsetType = UNSET


class Message(Shape, frozen=True):
    """A chat line as one audience may see it.

    ``seq`` is its place: the sequence number of its first publication, absent while it has none.
    ``reasons`` reach the author and staff; ``score`` (0 to 1, how likely it is unwanted) staff.
    """

    id: str
    revision: int
    status: MessageStatus
    text: str
    language: str
    author: Author
    at: str
    reply_to: str | UnsetType = UNSET
    seq: int | UnsetType = UNSET
    edited: bool = False
    reasons: list[Reason] | UnsetType = UNSET
    score: float | UnsetType = UNSET


class Question(Shape, frozen=True):
    """A question as one audience may see it; ``votes`` counts distinct people.

    ``asked_by`` is the number of people whose questions were merged into this one, itself included.
    ``answered_at`` and ``answering_at`` are moments of the show.
    """

    id: str
    revision: int
    status: QuestionStatus
    text: str
    language: str
    author: Author
    votes: int
    at: str
    merged_into: str | UnsetType = UNSET
    asked_by: int = 1
    seq: int | UnsetType = UNSET
    edited: bool = False
    picked_at: str | UnsetType = UNSET
    answering_at: str | UnsetType = UNSET
    answered_at: str | UnsetType = UNSET
    reasons: list[Reason] | UnsetType = UNSET
    score: float | UnsetType = UNSET


class MessageTombstone(Shape, frozen=True):
    """What is left of a message that was removed, withdrawn or erased: it keeps its place."""

    id: str
    status: MessageStatus


class QuestionTombstone(Shape, frozen=True):
    """What is left, for viewers, of a question that was dismissed, withdrawn or erased."""

    id: str
    status: QuestionStatus


class HeldMessage(Message, tag_field="kind", tag="message", frozen=True):
    """A message among ``held`` (staff) or ``mine`` (its author)."""


class HeldQuestion(Question, tag_field="kind", tag="question", frozen=True):
    """A question among ``held`` (staff) or ``mine`` (its author)."""


class SegmentInfo(Shape, frozen=True):
    """A segment of this session; anyone may choose an open one."""

    id: str
    open: bool
    name: str | UnsetType = UNSET


class Session(Shape, frozen=True):
    """The show as everyone who may enter sees it."""

    slug: str
    title: str
    state: SessionState
    starts_at: str | None
    languages: list[str]
    segments: list[SegmentInfo]
    review: Literal["before", "after"]
    visibility: Literal["public", "private"]
    live_since: str | None = None
    ended_at: str | None = None


class Participant(Shape, frozen=True):
    """A person in a session. ``segment`` and ``language`` reach themselves and staff."""

    id: str
    role: Role
    display_name: str | None
    segment: str | UnsetType = UNSET
    language: str | UnsetType = UNSET


class You(Shape, frozen=True):
    """The participant that this connection belongs to."""

    id: str
    role: Role
    display_name: str | None
    segment: str
    language: str


class Shield(Shape, frozen=True):
    """Stricter rules for a while, and why; ``by`` is for staff."""

    since: str
    reason: str | None = None
    by: Author | UnsetType = UNSET


class Mode(Shape, frozen=True):
    """How the session takes what people write."""

    review: Literal["before", "after"]
    slow_s: float = 0
    members_only: bool = False
    emoji_only: bool = False
    links: bool = True
    long_form: bool = False
    questions_only: bool = False
    hold_newcomers: bool = False
    shield: Shield | None = None


class Seat(Shape, frozen=True):
    """One place on stage and what comes from it."""

    seat: str
    participant_id: str
    display_name: str | None
    state: SeatState
    audio: bool
    video: bool
    since: str


class Stage(Shape, frozen=True):
    """Who is publishing. Viewers see only seats that are on air."""

    seats: list[Seat]


class Pin(Shape, frozen=True):
    """What stands above the chat: a text of the team's, or a message or question."""

    id: str
    at: str
    text: str | UnsetType = UNSET
    subject: Subject | UnsetType = UNSET


class Claim(Shape, frozen=True):
    """Someone of the team has this in hand until ``until``."""

    subject: Subject
    by: Author
    until: str


class Decision(Shape, frozen=True):
    """One act of moderation, as staff see it."""

    id: str
    subject: Subject
    verdict: str
    by: Author | None
    at: str
    revision: int
    reason: str | UnsetType = UNSET
    supersedes: str | UnsetType = UNSET


class Sanction(Shape, frozen=True):
    """What a participant may not do, and until when (null: until the end)."""

    participant_id: str
    kind: SanctionKind
    until: str | None
    at: str


class SnapshotYou(You, kw_only=True, frozen=True):
    """``You`` with what is one's own: pending and refused items by time of writing, ballots cast
    and people muted (both sorted), and the sanctions that hold."""

    mine: list[HeldMessage | HeldQuestion]
    votes: list[str]
    muted: list[str] = []
    sanctions: list[Sanction] = []


class StaffSay(Shape, frozen=True):
    """A line of the team's own talk; ``to`` where it is meant for whoever hosts."""

    id: str
    author: Author
    text: str
    at: str
    to: Literal["host"] | UnsetType = UNSET


class Report(Shape, frozen=True):
    """A viewer's complaint, for staff."""

    id: str
    subject: Subject
    reason: str
    by: Author
    at: str


class Questions(Shape, frozen=True):
    """The newest questions by first publication, and how many there are in all."""

    items: list[Question | QuestionTombstone]
    total: int


class Held(Shape, frozen=True):
    """Everything that waits for a decision, oldest first."""

    items: list[HeldMessage | HeldQuestion]
    total: int


class Snapshot(Shape, frozen=True):
    """All that an audience may know at ``head``."""

    session: Session
    you: SnapshotYou
    messages: list[Message | MessageTombstone]
    questions: Questions
    polls: list[dict[str, str]]
    announcements: list[dict[str, str]]
    pins: list[Pin]
    mode: Mode
    stage: Stage
    held: Held | UnsetType = UNSET
    claims: list[Claim] | UnsetType = UNSET
    cues: list[dict[str, str]] | UnsetType = UNSET
    reports: list[Report] | UnsetType = UNSET
    sanctions: list[Sanction] | UnsetType = UNSET
    staff_says: list[StaffSay] | UnsetType = UNSET
    decisions: list[Decision] | UnsetType = UNSET


class Pulse(Shape, frozen=True):
    """Live tallies; the latest replaces the earlier, totals are exact."""

    present: int
    reactions: dict[ReactionKind, int]
    typing: int
