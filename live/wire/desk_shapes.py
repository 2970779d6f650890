"""The shapes of the team's desk: marks, decisions, papers, sanctions; viewers see few of them."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType, field

from live.wire.shape import Author, Shape
from live.wire.shapes import LabelColour, Subject

SanctionKind = Literal["timeout", "mute", "ban", "review"]
SanctionScope = Literal["session", "brand"]
PaperKind = Literal["note", "letter", "answer", "appeal"]
PaperStatus = Literal[
    "sent", "offered", "shared", "kept", "waiting", "accepted", "declined", "removed"
]
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
Desk = Literal["after_sales", "sales", "staff", "partners"]
ReportOutcome = Literal["acted", "unfounded"]


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
