"""How a session takes what people write."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Review(StrEnum):
    """Whether viewers' words wait for a person or appear at once."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Mode:
    """``slow_s``: least seconds between two contributions of a viewer. ``members_only``: only
    customers and granted segments write. ``links`` False: no links from viewers."""

    review: Review = Review.AFTER
    slow_s: float = 0.0
    members_only: bool = False
    emoji_only: bool = False
    links: bool = True
