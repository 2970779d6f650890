"""A segment that a session has besides the built-in ones: named, coloured, open or granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from live.domain.label import Colour


@dataclass(frozen=True, slots=True)
class Segment:
    """One of a session's own. ``id`` may say what it is part of (``customer/vip``); ``names`` by
    language; anyone may choose an ``open`` one, another takes a grant."""

    id: str
    names: Mapping[str, str] = field(default_factory=dict)
    colour: Colour | None = None
    description: str = ""
    open: bool = False
