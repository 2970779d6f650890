"""What a client may ask about questions, their votes and their merging."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from live.wire.base import Command, Id, Moment


class AskQuestion(Command, frozen=True):
    """A question to the host."""

    text: str


class VoteQuestion(Command, frozen=True):
    """Cast one's vote, or take it back."""

    question_id: Id
    up: bool


class WithdrawQuestion(Command, frozen=True):
    """Take one's own question back; its text goes."""

    question_id: Id


class EditQuestion(Command, frozen=True):
    """Change a question's words, as staff; ``revision`` is the one that was seen."""

    question_id: Id
    revision: int
    text: str


class MergeQuestions(Command, rename={"source": "from"}, frozen=True):
    """``from`` becomes part of ``into``."""

    into: Id
    source: Id


class SplitQuestion(Command, frozen=True):
    """Undo a merge: the question stands for itself again, with its own ballots."""

    question_id: Id


class PromiseAnswer(Command, frozen=True):
    """Say who will answer a question, and until when; that is kept after the end."""

    question_id: Id
    revision: int
    owner: Annotated[str, Meta(max_length=200)]
    due: Moment


class LetGo(Command, frozen=True):
    """Say that a question will not be answered, and why; who asked is told."""

    question_id: Id
    revision: int
    reason: Annotated[str, Meta(max_length=500)]


class SettleProposal(Command, frozen=True):
    """Say whether two proposed questions are the same: merged, or never proposed again."""

    proposal_id: Id
    same: bool
