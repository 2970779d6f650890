"""A word that the team hangs on messages and questions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Colour(StrEnum):
    """How a label looks; always beside its name, never instead of it."""

    RED = "red"
    ORANGE = "orange"
    GREEN = "green"
    TEAL = "teal"
    BLUE = "blue"
    VIOLET = "violet"
    PINK = "pink"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Label:
    """Of one session; names are unique in it, whatever their case."""

    id: str
    name: str
    colour: Colour
