"""How a session takes what people write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import ContentId, ParticipantId


class Review(StrEnum):
    """Whether viewers' words wait for a person or appear at once."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for viewers' words. ``slow_s``: least seconds between two contributions of one
    person. ``members_only``: only customers and granted segments write. ``links`` False: no links.
    ``long_form``: a chat line has ``LONG_FORM_CHARS`` characters or more. ``questions_only``: no
    chat lines. ``newcomers_held``: what those write who joined later than this moment waits for a
    decision."""

    review: Review = Review.AFTER
    slow_s: float = 0.0
    members_only: bool = False
    emoji_only: bool = False
    links: bool = True
    long_form: bool = False
    questions_only: bool = False
    newcomers_held: datetime | None = None


LONG_FORM_CHARS = 60
"""The least length of a line in long-form chat: about a sentence."""


@dataclass(frozen=True, slots=True)
class Shield:
    """Stricter rules for a while, and the way back. ``former`` are the rules that stood before it
    was raised, ``raised`` those it brought; the text of the reason lies in a content."""

    by: ParticipantId
    since: datetime
    former: Rules
    raised: Rules
    reason_id: ContentId | None = None
    commitment: str | None = None


@dataclass(frozen=True, slots=True)
class Mode(Rules):
    """The rules at this moment, and the shield where one is up."""

    shield: Shield | None = None

    @property
    def reason_id(self) -> ContentId | None:
        """The text that says why the shield is up."""
        return None if self.shield is None else self.shield.reason_id
