"""The segments of a session's own, as they may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from live.domain.outcome import Refusal
from live.domain.people import GRANTED_SEGMENTS, OPEN_SEGMENTS
from live.domain.segment import Segment
from live.domain.text import clean_language, clean_name, clean_text

MOST: Final = 20
NAME_CHARS: Final = 30
DESCRIPTION_CHARS: Final = 200
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,23}(/[a-z0-9][a-z0-9-]{0,23})?")


def clean_segments(segments: Sequence[Segment]) -> tuple[Segment, ...] | Refusal:
    """Them as a session may have them."""
    if len(segments) > MOST:
        return Refusal("invalid", f"A session has {MOST} segments of its own at most.")
    cleaned: dict[str, Segment] = {}
    built_in = (*OPEN_SEGMENTS, *GRANTED_SEGMENTS)
    for each in segments:
        made = _clean(each)
        if isinstance(made, Refusal):
            return made
        if made.id in cleaned or made.id in built_in:
            return Refusal("invalid", "There is such a segment already.")
        cleaned[made.id] = made
    whole = {*built_in, *(each for each in cleaned if "/" not in each)}
    if any("/" in each and each.partition("/")[0] not in whole for each in cleaned):
        return Refusal("invalid", "There is no segment that this would be part of.")
    return tuple(cleaned.values())


def _clean(segment: Segment) -> Segment | Refusal:
    if _ID.fullmatch(segment.id) is None:
        return Refusal("invalid", "A segment is named by small letters, such as “customer/vip”.")
    names: dict[str, str] = {}
    for tag, name in segment.names.items():
        language, cleaned = clean_language(tag), clean_name(name, NAME_CHARS)
        if language is None:
            return Refusal("invalid", "Languages are BCP 47 tags, such as “fr” or “pt-BR”.")
        if isinstance(cleaned, Refusal):
            return cleaned
        names[language] = cleaned
    if not names:
        return Refusal("empty", "A segment has a name.")
    description = segment.description.strip()
    if description:
        text = clean_text(description, DESCRIPTION_CHARS)
        if isinstance(text, Refusal):
            return text
        description = text
    return Segment(segment.id, names, segment.colour, description, segment.open)
