"""What may be asked about questions, their votes and their merging; of people and by the server
itself."""

from __future__ import annotations

from datetime import datetime

from live.domain.ids import QuestionId
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class AskQuestion:
    text: str


@dataclass(frozen=True, slots=True)
class VoteQuestion:
    question_id: QuestionId
    up: bool


@dataclass(frozen=True, slots=True)
class WithdrawQuestion:
    question_id: QuestionId


@dataclass(frozen=True, slots=True)
class EditQuestion:
    question_id: QuestionId
    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class MergeQuestions:
    """``source`` becomes part of ``into``."""

    into: QuestionId
    source: QuestionId


@dataclass(frozen=True, slots=True)
class SplitQuestion:
    question_id: QuestionId


@dataclass(frozen=True, slots=True)
class PromiseAnswer:
    """``owner`` will answer until ``due``."""

    question_id: QuestionId
    revision: int
    owner: str
    due: datetime


@dataclass(frozen=True, slots=True)
class LetGo:
    """There will be no answer, and why."""

    question_id: QuestionId
    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class SettleProposal:
    """Whether two proposed questions are the ``same``."""

    proposal_id: str
    same: bool


@dataclass(frozen=True, slots=True)
class ProposeMerge:
    """The server: ``source`` seems to ask what ``into`` asks. ``merge``: make them one at once, if
    everyone sees both."""

    into: QuestionId
    source: QuestionId
    similarity: float
    identical: bool = False
    merge: bool = False


QuestionCommand = (
    AskQuestion
    | VoteQuestion
    | WithdrawQuestion
    | EditQuestion
    | MergeQuestions
    | SplitQuestion
    | PromiseAnswer
    | LetGo
    | SettleProposal
)
