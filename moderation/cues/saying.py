"""What people write, as far as a rule can read it: by words alone, so that it can be checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from live.domain.ids import ParticipantId
from live.domain.message import MessageStatus
from live.domain.state import PUBLIC_QUESTIONS, RoomState
from live.domain.text import plain

LOOK_BACK_S: Final = 450
LINES: Final = 400

_PRICE: Final = re.compile(
    r"\b(price[sd]?|pricing|costs?|how much|cheap|expensive|discount|prix|combien|co(u|û)te(nt)?|"
    r"tarifs?|cher|chere|promo|reduction|precio|cuanto|cuesta|preis|kostet|quanto|prezzo)\b"
)
_PRAISE: Final = re.compile(
    r"\b(love|loving|great|amazing|awesome|perfect|excellent|brilliant|best|thank you|thanks|"
    r"super|genial|geniale|parfait|parfaite|adore|merci|bravo|top|magnifique|excellente|ravie?)\b"
)
_DOUBT: Final = re.compile(
    r"\b(not?|never|isn't|don't|doesn't|didn't|pas|jamais|plus|ne|n'est)\b|\?"
)
"""Where one of these stands too, it may be no praise."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line or a question that everyone sees."""

    id: str
    author_id: ParticipantId
    at: datetime
    text: str
    is_question: bool


def said_lately(state: RoomState, now: datetime) -> list[Said]:
    """What was published in the last minutes, oldest first."""
    since = now - timedelta(seconds=LOOK_BACK_S)
    return sorted(_said(state, since, now), key=lambda each: each.at)


def asks_price(text: str) -> bool:
    """Whether it is about what something costs."""
    return _fits(_PRICE, None, text)


def praises(text: str) -> bool:
    """Whether it says that something is good."""
    return _fits(_PRAISE, _DOUBT, text)


@lru_cache(maxsize=4096)
def _fits(words: re.Pattern[str], unless: re.Pattern[str] | None, text: str) -> bool:
    read = plain(text)
    return words.search(read) is not None and (unless is None or unless.search(read) is None)


def _said(state: RoomState, since: datetime, upto: datetime) -> Iterator[Said]:
    for message_id in state.timeline.latest(LINES):
        message = state.messages.get(message_id)
        if message is None or not since <= message.at < upto:
            continue
        if message.status is not MessageStatus.PUBLISHED:
            continue
        text = state.text(message.content_id)
        if text is not None:
            yield Said(message.id, message.author_id, message.at, text, is_question=False)
    for question_id in state.question_order.latest(LINES):
        question = state.questions[question_id]
        if not since <= question.at < upto:
            continue
        text = state.text(question.content_id)
        if text is not None and question.status in PUBLIC_QUESTIONS:
            yield Said(question.id, question.author_id, question.at, text, is_question=True)
