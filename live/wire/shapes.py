"""What things look like on the wire: one definition, from which JSON Schema, AsyncAPI and the
TypeScript types are generated.

Every shape is frozen. A field that an audience may not know is *absent* (``UNSET``), never null.
Times are RFC 3339 strings in UTC with milliseconds and a ``Z``.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType, field

from live.wire.shape import Author, Role, Shape

__all__ = ["Author", "Role", "Shape"]

SessionState = Literal["draft", "lobby", "live", "ended"]
MessageStatus = Literal["pending", "published", "refused", "removed"]
QuestionStatus = Literal["pending", "published", "picked", "answering", "answered", "dismissed"]
ReactionKind = Literal["heart", "applause", "laugh", "surprise", "confused"]
SubjectKind = Literal["message", "question"]
Verdict = Literal[
    "publish", "refuse", "remove", "restore", "pick", "answering", "answered", "dismiss"
]
SeatState = Literal["preview", "on_air", "silent"]
LabelColour = Literal["red", "orange", "green", "teal", "blue", "violet", "pink", "grey"]
ProposalOutcome = Literal["merged", "apart", "gone"]


class Subject(Shape, forbid_unknown_fields=True, frozen=True):
    """What a decision, a claim, a pin or a report is about."""

    kind: SubjectKind
    id: str


class Weighed(Shape, frozen=True):
    """What weighed in a score: ``words`` of the text, or a subject decided on earlier that it is
    ``like`` (with an empty id: in another session, or gone since). Above 0 it spoke for unwanted,
    below 0 against."""

    weight: float
    words: str | UnsetType = UNSET
    like: Subject | UnsetType = UNSET


class Reason(Shape, frozen=True):
    """Why something was held or refused: a stable ``code`` and a sentence for a person.

    ``by`` is for staff; so is all of a reason that was only ``noted``, and held nothing.
    """

    code: str
    text: str
    evidence: str | UnsetType = UNSET
    by: Literal["rule", "model"] | UnsetType = UNSET
    noted: bool | UnsetType = UNSET


class Hint(Shape, frozen=True):
    """Something that may be so: ``value`` names it.

    ``why``: for its ``words`` or its ``topic`` (``evidence`` says which), for the ``segment`` that
    its author is of, or for what it ``sounds`` like, with that ``likelihood``.
    """

    value: str
    why: Literal["words", "topic", "segment", "sounds"]
    evidence: str | UnsetType = UNSET
    likelihood: float | UnsetType = UNSET


class Hints(Shape, frozen=True):
    """What a text suggests, for staff; nothing follows from it by itself.

    ``question``: how likely (0 to 1) a chat line asks something. ``segment``: the one its author
    seems to belong to. ``desk``: who in the house should take it.
    ``weighed``: what made the score of the learned filter, the heaviest first.
    """

    question: float | UnsetType = UNSET
    segment: Hint | UnsetType = UNSET
    desk: Hint | UnsetType = UNSET
    weighed: list[Weighed] | UnsetType = UNSET


class BrandReply(Shape, frozen=True):
    """What the brand wrote under something, in its own name; ``by`` is for staff."""

    text: str
    at: str
    by: Author | UnsetType = UNSET


class PromisedAnswer(Shape, frozen=True):
    """``owner`` will answer until ``due``; null once erased. ``by`` made the promise, for staff."""

    owner: str | None
    due: str
    at: str
    by: Author | UnsetType = UNSET


class NoAnswer(Shape, frozen=True):
    """Why there will be no answer; ``by`` is for staff."""

    reason: str
    at: str
    by: Author | UnsetType = UNSET


class Message(Shape, frozen=True):
    """A chat line as one audience may see it.

    ``seq`` is its place: the sequence number of its first publication, absent while it has none.
    ``reasons`` reach the author and staff; ``score`` (0 to 1, how likely it is unwanted) staff, as
    do ``labels`` and ``assignee`` (a participant's id), absent where there are none.
    ``reply`` is the brand's, under it.
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
    hints: Hints | UnsetType = UNSET
    labels: list[str] | UnsetType = UNSET
    assignee: str | UnsetType = UNSET
    reply: BrandReply | UnsetType = UNSET


class Question(Shape, frozen=True):
    """A question as one audience may see it; ``votes`` counts distinct people.

    ``asked_by`` is the number of people whose questions were merged into this one, itself included,
    ``asked_in`` the languages of those questions. ``from_message`` is the chat line that it was.
    ``answered_at`` and ``answering_at`` are moments of the show. ``answer`` was given in private
    and is public by the asker's consent: then the author has no id and no name, but for staff.
    ``reply`` is the brand's in writing, ``promise`` of one; ``let_go`` is why there will be none.
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
    asked_in: list[str] = field(default_factory=list)
    from_message: str | UnsetType = UNSET
    seq: int | UnsetType = UNSET
    edited: bool = False
    picked_at: str | UnsetType = UNSET
    answering_at: str | UnsetType = UNSET
    answered_at: str | UnsetType = UNSET
    answer: str | UnsetType = UNSET
    reasons: list[Reason] | UnsetType = UNSET
    score: float | UnsetType = UNSET
    hints: Hints | UnsetType = UNSET
    labels: list[str] | UnsetType = UNSET
    assignee: str | UnsetType = UNSET
    reply: BrandReply | UnsetType = UNSET
    promise: PromisedAnswer | UnsetType = UNSET
    let_go: NoAnswer | UnsetType = UNSET


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
    """A segment of this session; anyone may choose an open one. Those of the session's own have
    ``names`` by language and ``name``, that in its first; ``customer/vip`` is part of
    ``customer``."""

    id: str
    open: bool
    name: str | UnsetType = UNSET
    names: dict[str, str] | UnsetType = UNSET
    colour: LabelColour | UnsetType = UNSET
    description: str | UnsetType = UNSET


RecordingTrouble = Literal["disk_full", "quota_full", "unwritable"]


class Session(Shape, frozen=True):
    """The show as everyone who may enter sees it. ``recorded``: what is on air is kept.
    ``recording_trouble`` (to staff): what stopped that."""

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
    recorded: bool = False
    recording_trouble: RecordingTrouble | UnsetType = UNSET


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


class Mids(Shape, frozen=True):
    """Where a seat's picture and sound are in a WHEP session that offers four of each, all four
    pictures first; in any other order, those of the first seat are the first ones."""

    video: str
    audio: str


class Seat(Shape, frozen=True):
    """One place on stage and what comes from it; ``muted`` by the team."""

    seat: str
    participant_id: str
    display_name: str | None
    state: SeatState
    audio: bool
    video: bool
    since: str
    muted: bool
    mids: Mids


class Slate(Shape, frozen=True):
    """Since when the team has cut picture and sound for everyone; ``by`` is for staff."""

    since: str
    by: Author | UnsetType = UNSET


class Stage(Shape, frozen=True):
    """Who is publishing. Viewers see only seats that are on air, and of none of them anything while
    there is a ``slate``. ``closed``: no calls are taken; ``locked``: seats that nobody is given."""

    seats: list[Seat]
    closed: bool
    locked: list[str]
    slate: Slate | None = None


class Pin(Shape, frozen=True):
    """What stands above the chat: a text of the team's, or a message or question."""

    id: str
    at: str
    text: str | UnsetType = UNSET
    subject: Subject | UnsetType = UNSET
