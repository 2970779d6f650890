"""Which desk of the house should take a text, and why."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from live.domain.judgement import Hint
from live.domain.listening import Route

SURE_FROM = 0.6
"""From this likelihood on, what a text sounds like decides where it goes."""


def desk_for(
    routes: Iterable[Route],
    text: str,
    segment: str,
    sounds_like: Hint | None = None,
    topic: str | None = None,
) -> Hint | None:
    """The desk of the first route that fits. ``segment`` is the author's own, ``sounds_like`` the
    one that the text suggests, ``topic`` what it is about."""
    said = f" {_plain(text)} "
    for route in routes:
        word = next((each for each in route.words if f" {_plain(each)} " in said), None)
        about = topic is not None and topic in route.topics
        if (route.words or route.topics) and word is None and not about:
            continue
        if not _segment_fits(route, segment, sounds_like):
            continue
        if word is not None:
            return Hint(route.desk.value, "words", word)
        if about:
            return Hint(route.desk.value, "topic", topic)
        if sounds_like is not None and route.segment not in (None, segment):
            return Hint(route.desk.value, "sounds", likelihood=sounds_like.likelihood)
        return Hint(route.desk.value, "segment")
    return None


def _segment_fits(route: Route, segment: str, sounds_like: Hint | None) -> bool:
    if route.segment is None or route.segment == segment:
        return True
    if sounds_like is None or (sounds_like.likelihood or 0.0) < SURE_FROM:
        return False
    return sounds_like.value == route.segment


def _plain(text: str) -> str:
    """Lower case without accents, words apart by single blanks."""
    bare = "".join(
        each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each)
    )
    return " ".join(re.findall(r"[^\W_]+", bare.casefold()))
