"""What people write, as far as a rule can read it: by words, and by what the ear made of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from live.domain.ids import ParticipantId
from live.domain.message import MessageStatus
from live.domain.small_cells import LEAST
from live.domain.state import PUBLIC_QUESTIONS, RoomState
from live.domain.text import plain
from moderation.cues.impressions import Impression, Impressions

LOOK_BACK_S: Final = 450
LINES: Final = 400
PRICE_TOPICS: Final = frozenset({"price", "discounts"})
UNHEARD: Final = Impression()

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
    heard: Impression = UNHEARD


def said_lately(state: RoomState, now: datetime, impressions: Impressions) -> list[Said]:
    """What was published in the last minutes, oldest first."""
    since = now - timedelta(seconds=LOOK_BACK_S)

    def heard(said: Said) -> Said:
        known = impressions.of(state.session.id, said.author_id, said.text)
        return said if known is None else replace(said, heard=known)

    return sorted(map(heard, _said(state, since, now)), key=lambda each: each.at)


def asks_price(said: Said) -> bool:
    """Whether it is about what something costs: by the ear's topic, or by words."""
    return said.heard.topic in PRICE_TOPICS or _fits(_PRICE, None, said.text)


def praises(said: Said) -> bool:
    """Whether it says that something is good: by words, unless it sounds unhappy to the ear."""
    return said.heard.mood != -1 and _fits(_PRAISE, _DOUBT, said.text)


def topic_of(said: Sequence[Said]) -> str | None:
    """What at least half of these are about, and ``LEAST`` of them."""
    known = Counter(each.heard.topic for each in said if each.heard.topic is not None)
    for topic, count in known.most_common(1):
        return topic if count >= max(LEAST, len(said) / 2) else None
    return None


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
