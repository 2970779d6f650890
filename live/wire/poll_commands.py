"""What a client may ask for about polls; see ``commands``."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from live.wire.base import Command, Id
from live.wire.polls import Addressee, PollKind, PollResults

Words = Annotated[str, Meta(max_length=1_000)]
OptionId = Annotated[str, Meta(max_length=8)]
Seconds = Annotated[float, Meta(ge=1, le=86_400)]


class DraftQuestion(Command, frozen=True):
    """What these people will read: of one segment (absent: of all), in one of the session's
    languages (absent: in the first). All variants have the same options in the same order; a scale
    has none, but may say what its ends mean."""

    question: Words
    options: Annotated[list[Words], Meta(max_length=100)] = field(default_factory=list)
    segment: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    language: Annotated[str, Meta(max_length=35)] | UnsetType = UNSET
    low: Words | UnsetType = UNSET
    high: Words | UnsetType = UNSET


class DraftPoll(Command, frozen=True):
    """All of a poll. ``points`` (5 or 10) are a scale's, ``right`` names the right options of a
    quiz by their ids: 1, 2 … in their order. ``most`` absent: as many as there are, of words one.
    ``audience`` absent: everyone who has a variant."""

    kind: PollKind
    variants: Annotated[list[DraftQuestion], Meta(max_length=1_000)]
    most: Annotated[int, Meta(ge=1, le=100)] | UnsetType = UNSET
    points: int | UnsetType = UNSET
    right: Annotated[list[OptionId], Meta(max_length=100)] = field(default_factory=list)
    named: bool = False
    results: PollResults = "live"
    audience: Annotated[list[Addressee], Meta(max_length=1_000)] = field(default_factory=list)
    for_s: Seconds | UnsetType = UNSET


class PreparePoll(Command, frozen=True):
    """Write a draft, as staff, or change one (``poll_id`` and the ``revision`` that was seen)."""

    poll: DraftPoll
    poll_id: Id | UnsetType = UNSET
    revision: int | UnsetType = UNSET


class OpenPoll(Command, frozen=True):
    """Ask now, as staff: a draft (``poll_id``) or a ``poll`` that is written at once. It closes by
    itself after ``for_s`` seconds."""

    poll: DraftPoll | UnsetType = UNSET
    poll_id: Id | UnsetType = UNSET
    for_s: Seconds | UnsetType = UNSET


class AnswerPoll(Command, frozen=True):
    """Cast one's ballot; it takes the place of an earlier one. ``choices`` are ids of options, or
    words where those are asked for."""

    poll_id: Id
    choices: Annotated[list[Words], Meta(max_length=100)]


class ClosePoll(Command, frozen=True):
    """Take no more ballots, as staff; for good."""

    poll_id: Id


class RevealPoll(Command, frozen=True):
    """Let those who are asked see the results, as staff."""

    poll_id: Id


class ShowPoll(Command, frozen=True):
    """Keep a closed poll on the viewers' pages, as staff, or put it away."""

    poll_id: Id
    on: bool


class WithdrawPoll(Command, frozen=True):
    """Take a poll from every screen, as staff; or drop a draft."""

    poll_id: Id


class JudgeWord(Command, frozen=True):
    """Let everyone see a word of a cloud, as staff, or nobody."""

    poll_id: Id
    word: Words
    shown: bool


POLL_COMMANDS: dict[str, type[Command]] = {
    "poll.prepare": PreparePoll,
    "poll.open": OpenPoll,
    "poll.answer": AnswerPoll,
    "poll.close": ClosePoll,
    "poll.reveal": RevealPoll,
    "poll.show": ShowPoll,
    "poll.withdraw": WithdrawPoll,
    "poll.judge_word": JudgeWord,
}
