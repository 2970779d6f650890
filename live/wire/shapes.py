"""What things look like on the wire: one definition, from which JSON Schema, AsyncAPI and the
TypeScript types are generated.

Every shape is frozen. A field that an audience may not know is *absent* (``UNSET``), never null.
Times are RFC 3339 strings in UTC with milliseconds and a ``Z``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from live.wire.polls import OwnBallot, Poll
from live.wire.pulse import Cue, Cueing, CurveTick
from live.wire.runshow import Part, Runshow
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
SanctionKind = Literal["timeout", "mute", "ban", "review"]
SanctionScope = Literal["session", "brand"]
PaperKind = Literal["note", "letter", "answer", "appeal"]
PaperStatus = Literal[
    "sent", "offered", "shared", "kept", "waiting", "accepted", "declined", "removed"
]
SeatState = Literal["preview", "on_air", "silent"]
Judgement = Literal[
    "repeats",
    "links",
    "personal_data",
    "words",
    "filter",
    "hook",
    "language",
    "question",
    "duplicates",
    "segment",
    "mood",
]
Level = Literal["off", "suggest", "automatic"]
LabelColour = Literal["red", "orange", "green", "teal", "blue", "violet", "pink", "grey"]
Desk = Literal["after_sales", "sales", "staff", "partners"]
AnnouncementEnd = Literal["withdrawn", "expired"]
ReportOutcome = Literal["acted", "unfounded"]
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


class Label(Shape, frozen=True):
    """A word that the team hangs on what people write."""

    id: str
    name: str
    colour: LabelColour


class Marks(Shape, frozen=True):
    """Labels (their ids) and who sees to it (a participant's id); absent where there are none."""

    labels: list[str] | UnsetType = UNSET
    assignee: str | UnsetType = UNSET


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
    group: str | UnsetType = UNSET


class Proposal(Shape, rename={"source": "from"}, frozen=True):
    """Two questions that may be one, for staff: ``from`` seems to ask what ``into`` asks.

    ``similarity`` is 0 to 1; ``identical`` where only case, accents or marks differ.
    """

    id: str
    into: str
    source: str
    similarity: float
    at: str
    identical: bool = False


class Route(Shape, forbid_unknown_fields=True, frozen=True):
    """Sends to ``desk`` what is written by someone of ``segment``, or sounds like it, and has one
    of ``words`` in it or is about one of ``topics``; what is not given fits everything. The first
    that fits decides.
    """

    desk: Desk
    segment: str | None = None
    words: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)


class Listening(Shape, frozen=True):
    """What the team lets be judged in this session, and how far each judgement may go.

    ``off``: not judged; ``suggest``: staff are told; ``automatic``: acted on, in ways that can be
    taken back. ``mask_personal_data``: it is covered instead of held. ``watched`` are words by
    primary language, ``prototypes`` example sentences by segment that take the place of the shipped
    ones, ``topics`` the same for what questions are about.
    """

    dial: dict[Judgement, Level]
    mask_personal_data: bool
    watched: dict[str, list[str]]
    prototypes: dict[str, list[str]]
    topics: dict[str, list[str]]
    routes: list[Route]


class Sanction(Shape, frozen=True):
    """What a participant may not do, and until when (null: until the end); under ``review`` what
    they write waits for the team. ``reason`` is for the person too, ``by`` for staff alone (absent:
    the server). A ban of ``scope`` brand holds in every session.
    """

    participant_id: str
    kind: SanctionKind
    until: str | None
    at: str
    scope: SanctionScope = "session"
    reason: str | UnsetType = UNSET
    by: Author | UnsetType = UNSET


class Paper(Shape, frozen=True):
    """Something written between the team and one person; a ``note`` is for staff alone.

    ``by_team`` tells who wrote; ``author``, ``person`` (whom it is about) and ``settled_by`` are
    for staff. ``about`` is the question of an answer, or ``kind:time`` of the sanction that an
    appeal is against. ``reply`` is what the team said to an appeal. An answer that is ``offered``
    asks its reader for consent. Removed, it has no text.
    """

    id: str
    kind: PaperKind
    status: PaperStatus
    at: str
    by_team: bool
    text: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    reply: str | UnsetType = UNSET
    author: Author | UnsetType = UNSET
    person: Author | UnsetType = UNSET
    settled_by: Author | UnsetType = UNSET


class Link(Shape, forbid_unknown_fields=True, frozen=True):
    """Where an announcement leads (``https`` or ``http``), and what its button says."""

    url: Annotated[str, Meta(max_length=2_000)]
    label: Annotated[str, Meta(max_length=200)]


class Product(Shape, forbid_unknown_fields=True, frozen=True):
    """What is for sale, as these people read it; ``image`` is a picture's id in this session
    (``…/pictures/{id}``)."""

    name: Annotated[str, Meta(max_length=200)]
    price: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    image: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET


class Variant(Shape, frozen=True):
    """What the people of one segment (null: of all) read in one language."""

    segment: str | None
    language: str
    text: str
    link: Link | UnsetType = UNSET
    product: Product | UnsetType = UNSET
    translated: bool | UnsetType = UNSET


class Announcement(Shape, frozen=True):
    """What the team tells this reader, in the words for their cohort. Its link is followed by
    ``…/go/{id}``, so that it is known how many did. ``translated``: by a machine alone.

    Staff have all ``variants`` with their ``author``, and may have no words of their own.
    """

    id: str
    revision: int
    status: Literal["active"]
    at: str
    text: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    link: Link | UnsetType = UNSET
    product: Product | UnsetType = UNSET
    translated: bool | UnsetType = UNSET
    until: str | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    countdown: bool | UnsetType = UNSET
    author: Author | UnsetType = UNSET
    variants: list[Variant] | UnsetType = UNSET


class AnnouncementTombstone(Shape, frozen=True):
    """An announcement that this reader no longer has."""

    id: str
    status: AnnouncementEnd


class SavedAnnouncement(Shape, frozen=True):
    """What the team has ready to tell; ``due``: when it is sent by itself."""

    id: str
    revision: int
    status: Literal["saved"]
    at: str
    variants: list[Variant]
    lasts_s: int | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    countdown: bool | UnsetType = UNSET
    due: str | UnsetType = UNSET


class SavedTombstone(Shape, frozen=True):
    """It was sent or thrown away."""

    id: str
    status: Literal["gone"]


class SnapshotYou(You, kw_only=True, frozen=True):
    """``You`` with what is one's own: pending and refused items by time of writing, votes and
    people muted (both sorted), the sanctions that hold, all papers but notes, oldest first, and
    what one answered in polls, by their ids."""

    mine: list[HeldMessage | HeldQuestion]
    votes: list[str]
    muted: list[str] = field(default_factory=list)
    sanctions: list[Sanction] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    ballots: list[OwnBallot] = field(default_factory=list)


class StaffSay(Shape, frozen=True):
    """A line of the team's own talk; ``to`` where it is meant for whoever hosts."""

    id: str
    author: Author
    text: str
    at: str
    to: Literal["host"] | UnsetType = UNSET


class Report(Shape, frozen=True):
    """A viewer's complaint, for staff; ``outcome`` null while it waits."""

    id: str
    subject: Subject
    reason: str
    by: Author
    at: str
    outcome: ReportOutcome | None = None


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
    labels: list[Label] | UnsetType = UNSET
    parts: list[Part] | UnsetType = UNSET
    saved_announcements: list[SavedAnnouncement] | UnsetType = UNSET


class Pulse(Shape, frozen=True):
    """Live tallies; the latest replaces the earlier, totals are exact. ``curve``, for the team at
    most once a second: the ticks that moved since it was sent last."""

    present: int
    reactions: dict[ReactionKind, int]
    typing: int
    curve: list[CurveTick] | UnsetType = UNSET
