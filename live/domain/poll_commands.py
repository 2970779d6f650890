"""What may be asked about polls. ``None`` stands for a field that was not given."""

from __future__ import annotations

from live.domain.ids import PollId
from live.domain.poll import Addressee, PollKind, Results
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class DraftQuestion:
    """What these people will read, as ``DraftVariant``; ``low`` and ``high`` are for a scale."""

    question: str
    options: tuple[str, ...] = ()
    segment: str | None = None
    language: str | None = None
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True, slots=True)
class DraftPoll:
    """``most``: choices or words of one ballot; ``points`` of a scale; ``right``: identifiers of
    options, which are ``1``, ``2`` … in their order."""

    kind: PollKind
    variants: tuple[DraftQuestion, ...]
    most: int | None = None
    points: int | None = None
    right: tuple[str, ...] = ()
    named: bool = False
    results: Results = Results.LIVE
    audience: tuple[Addressee, ...] = ()
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class PreparePoll:
    """``poll_id`` None: a new one; else ``revision`` is the one that was seen."""

    poll: DraftPoll
    poll_id: PollId | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class OpenPoll:
    """Exactly one of ``poll`` and ``poll_id``. ``for_s`` takes the place of the plan's."""

    poll: DraftPoll | None = None
    poll_id: PollId | None = None
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class AnswerPoll:
    """``choices`` are identifiers of options, or words."""

    poll_id: PollId
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClosePoll:
    poll_id: PollId


@dataclass(frozen=True, slots=True)
class RevealPoll:
    poll_id: PollId


@dataclass(frozen=True, slots=True)
class ShowPoll:
    """Keep the results of a closed poll on the viewers' pages, or put them away."""

    poll_id: PollId
    on: bool


@dataclass(frozen=True, slots=True)
class WithdrawPoll:
    poll_id: PollId


@dataclass(frozen=True, slots=True)
class JudgeWord:
    """Show a word of a cloud, or strike it."""

    poll_id: PollId
    word: str
    shown: bool


PollCommand = (
    PreparePoll
    | OpenPoll
    | AnswerPoll
    | ClosePoll
    | RevealPoll
    | ShowPoll
    | WithdrawPoll
    | JudgeWord
)
