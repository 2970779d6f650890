"""Two questions that may be one, for the team to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import QuestionId


class ProposalOutcome(StrEnum):
    """``gone``: one of the two is no longer open, so nothing is left to say."""

    MERGED = "merged"
    APART = "apart"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Proposal:
    """``source`` seems to ask what ``into`` asks. ``similarity`` is 0 to 1; ``identical`` tells
    that the words are the same once case, accents and marks are set aside."""

    id: str
    into: QuestionId
    source: QuestionId
    similarity: float
    at: datetime
    identical: bool = False


Pair = tuple[QuestionId, QuestionId]


APART_MOST = 500
"""So many pairs are remembered as two; the oldest go first."""


def pair(one: QuestionId, other: QuestionId) -> Pair:
    """Two questions, whichever came first."""
    return (one, other) if one < other else (other, one)


def with_apart(known: tuple[Pair, ...], one: QuestionId, other: QuestionId) -> tuple[Pair, ...]:
    """The pairs that the team takes for two, and these."""
    added = pair(one, other)
    return (*(each for each in known if each != added), added)[-APART_MOST:]
