"""Polls on the wire: what those who are asked have before them, and what the team sees besides."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType, field

from live.wire.shape import Author, Shape

PollKind = Literal["single", "multiple", "scale", "words", "quiz"]
PollStatus = Literal["draft", "open", "closed"]
PollEnd = Literal["closed", "withdrawn"]
PollResults = Literal["live", "closed", "revealed"]
WordStatus = Literal["shown", "waiting", "struck"]


class Addressee(Shape, forbid_unknown_fields=True, frozen=True):
    """Those of a segment and its parts (null: of any) who read a language (null: any)."""

    segment: str | None = None
    language: str | None = None


class PollOption(Shape, frozen=True):
    """What may be chosen: ``id`` is the same in every language."""

    id: str
    text: str


class PollVariant(Shape, frozen=True):
    """What the people of one segment (null: of all) read in one language; ``low`` and ``high`` are
    what the ends of a scale mean."""

    segment: str | None
    language: str
    question: str
    options: list[str] = field(default_factory=list)
    low: str | UnsetType = UNSET
    high: str | UnsetType = UNSET


class CloudWord(Shape, frozen=True):
    """A word and how many people said it. ``status`` is for staff, who also have those that wait
    for them and those they struck."""

    word: str
    count: int
    status: WordStatus | UnsetType = UNSET


class PollPart(Shape, frozen=True):
    """How the people of one segment, or of one language, answered. Null is a figure that would
    stand for 1 to 4 people, or give one away."""

    name: str
    answered: int | None
    counts: dict[str, int | None]


class PollSplit(Shape, frozen=True):
    """The same by segment and by language, as people were when they answered; for staff."""

    segments: list[PollPart]
    languages: list[PollPart]


class PollTally(Shape, frozen=True):
    """How many people answered, and how many chose each option, by its id; of a word cloud the
    words, most frequent first."""

    answered: int
    counts: dict[str, int]
    words: list[CloudWord] | UnsetType = UNSET
    split: PollSplit | UnsetType = UNSET


class Poll(Shape, frozen=True):
    """A poll in the words for this reader. ``most``: how many options, or words, a ballot may hold.
    ``named``: the team sees who answered what. ``tally`` is absent until those who are asked may
    see it (``results``), ``right`` until a quiz is closed as well.

    Staff have drafts too, always ``tally`` and ``right``, all ``variants``, whom it is for
    (``audience``; empty: everyone who has a variant), whether a closed one is kept on the viewers'
    pages (``shown``), and ``for_s``, how long a draft is meant to be open.
    """

    id: str
    revision: int
    status: PollStatus
    kind: PollKind
    at: str
    question: str
    language: str
    options: list[PollOption]
    most: int
    named: bool
    results: PollResults
    low: str | UnsetType = UNSET
    high: str | UnsetType = UNSET
    opened_at: str | UnsetType = UNSET
    until: str | UnsetType = UNSET
    closed_at: str | UnsetType = UNSET
    tally: PollTally | UnsetType = UNSET
    right: list[str] | UnsetType = UNSET
    revealed: bool | UnsetType = UNSET
    shown: bool | UnsetType = UNSET
    for_s: float | UnsetType = UNSET
    audience: list[Addressee] | UnsetType = UNSET
    variants: list[PollVariant] | UnsetType = UNSET
    author: Author | UnsetType = UNSET


class PollTombstone(Shape, frozen=True):
    """A poll that this reader no longer has: put away once it was closed, or withdrawn."""

    id: str
    status: PollEnd


class OwnBallot(Shape, frozen=True):
    """What one answered, as it stands."""

    poll_id: str
    choices: list[str]


class PollChanged(Shape, frozen=True):
    """``poll.prepared`` (staff), ``.opened``, ``.closed``, ``.changed``: a poll as this reader has
    it from now on, or no longer has it."""

    poll: Poll | PollTombstone


class PollTallied(Shape, frozen=True):
    """How a poll stands, at most four times a second, exact at last."""

    poll_id: str
    tally: PollTally


class PollAnswered(Shape, frozen=True):
    """One's own ballot, on all one's own connections and on no other."""

    poll_id: str
    choices: list[str]


POLL_EVENTS: dict[str, type[Shape]] = {
    "poll.prepared": PollChanged,
    "poll.opened": PollChanged,
    "poll.closed": PollChanged,
    "poll.changed": PollChanged,
    "poll.tallied": PollTallied,
    "poll.answered": PollAnswered,
}
