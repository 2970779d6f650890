"""How far the ear may go in a session: one level for each of its judgements."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal


class Level(StrEnum):
    """``OFF``: not judged. ``SUGGEST``: staff see what the ear thinks, nothing else happens.
    ``AUTOMATIC``: the ear acts by itself, and all it can do is hold a line for a person, or, for
    hints, apply them. It never bans and never deletes.
    """

    OFF = "off"
    SUGGEST = "suggest"
    AUTOMATIC = "automatic"


Judgement = Literal[
    "repeats",
    "links",
    "personal_data",
    "words",
    "filter",
    "hook",
    "language",
    "question",
    "duplicates",
    "segment",
    "mood",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """The level of each judgement. ``mask_personal_data``: what is found is published with its
    characters covered instead of held, where ``personal_data`` is automatic.
    """

    repeats: Level = Level.AUTOMATIC
    links: Level = Level.AUTOMATIC
    personal_data: Level = Level.AUTOMATIC
    words: Level = Level.AUTOMATIC
    filter: Level = Level.AUTOMATIC
    hook: Level = Level.AUTOMATIC
    language: Level = Level.AUTOMATIC
    question: Level = Level.SUGGEST
    duplicates: Level = Level.SUGGEST
    segment: Level = Level.SUGGEST
    mood: Level = Level.SUGGEST
    mask_personal_data: bool = False

    def level(self, judgement: Judgement) -> Level:
        """The level of one judgement by its name."""
        level: Level = getattr(self, judgement)
        return level


SHIPPED: Final = Dial()
"""Where every dial stands until somebody turns it."""
