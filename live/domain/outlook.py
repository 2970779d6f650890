"""What each part of the audience would read of an announcement, before it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import Final

from live.domain.announcement import fallbacks
from live.domain.announcement_commands import DraftVariant
from live.domain.outcome import Refusal
from live.domain.people import GRANTED_SEGMENTS, OPEN_SEGMENTS
from live.domain.state import RoomState
from live.domain.text import plain
from live.domain.variants import cohort_of

NEARLY: Final = 0.8
"""From here on two texts are nearly the same: the share of their words, in the same order, that
both have. “Come and see the new coats” is 0.83 of “Come and see our new coats”, “Dear customers,
the winter collection is here” 0.86 of the same to prospects; “Free delivery for you tonight, thank
you for coming back” is 0.53 of “Free delivery for you tonight on your first order”."""

_WORD: Final = re.compile(r"\w+")
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cohort: how many people it has now, and the index of the variant that it would read."""

    segment: str
    language: str
    people: int
    variant: int | None


@dataclass(frozen=True, slots=True)
class Alike:
    """Two variants, by index, that say the same to different segments, or nearly."""

    one: int
    other: int
    same: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """All cohorts there can be; ``left_out``: segments of which nobody would read anything, with
    the people they have now."""

    cells: tuple[Cell, ...]
    alike: tuple[Alike, ...]
    left_out: tuple[tuple[str, int], ...]


def outlook(
    state: RoomState, drafts: Sequence[DraftVariant], people: Mapping[tuple[str, str], int]
) -> Outlook | Refusal:
    """Which variant each cohort would read, and what should be looked at before it is sent.
    ``people`` by (segment, language); drafts may still be empty, but not for nobody."""
    cohorts: dict[tuple[str | None, str], int] = {}
    for index, draft in enumerate(drafts):
        cohort = cohort_of(state, draft)
        if isinstance(cohort, Refusal):
            return cohort
        if cohort in cohorts:
            return Refusal("invalid", "Two variants are for the same people.")
        cohorts[cohort] = index
    default = state.session.languages[0]
    present = sorted(language for segment, language in people if people[segment, language])
    cells = []
    for segment in segments_of(state, people):
        for language in dict.fromkeys((*state.session.languages, *present)):
            found = (each for each in fallbacks(segment, language, default) if each in cohorts)
            variant = next((cohorts[each] for each in found), None)
            cells.append(Cell(segment, language, people.get((segment, language), 0), variant))
    return Outlook(tuple(cells), tuple(_alike(drafts, list(cohorts))), tuple(_left_out(cells)))


def segments_of(state: RoomState, people: Mapping[tuple[str, str], int]) -> list[str]:
    """Those of the session, and those that somebody is still of."""
    named = (*OPEN_SEGMENTS, *GRANTED_SEGMENTS, *(each.id for each in state.session.segments))
    present = sorted(segment for segment, language in people if people[segment, language])
    return list(dict.fromkeys((*named, *present)))


def alike(one: DraftVariant, other: DraftVariant) -> bool | None:
    """Whether two variants say the same (True) or nearly (False); None where they differ.

    Another number, be it a price, a date or a share, makes another offer of the same words.
    """
    words, others = _words(one), _words(other)
    if not words or not others or _numbers(one) != _numbers(other):
        return None
    if words == others:
        return one.link == other.link or False
    ratio = SequenceMatcher(None, words, others, autojunk=False).ratio()
    return False if ratio >= NEARLY else None


def _alike(
    drafts: Sequence[DraftVariant], cohorts: Sequence[tuple[str | None, str]]
) -> Iterator[Alike]:
    for (one, (segment, language)), (other, (another, spoken)) in combinations(
        enumerate(cohorts), 2
    ):
        if language == spoken and segment != another:
            same = alike(drafts[one], drafts[other])
            if same is not None:
                yield Alike(one, other, same)


def _left_out(cells: Sequence[Cell]) -> Iterator[tuple[str, int]]:
    for segment in dict.fromkeys(each.segment for each in cells):
        own = [each for each in cells if each.segment == segment]
        if all(each.variant is None for each in own):
            yield segment, sum(each.people for each in own)


def _words(draft: DraftVariant) -> list[str]:
    name = "" if draft.product is None else draft.product.name
    return _WORD.findall(plain(f"{draft.text} {name}"))


def _numbers(draft: DraftVariant) -> list[str]:
    product = draft.product
    shown = "" if product is None else f"{product.name} {product.price or ''}"
    return _NUMBER.findall(f"{draft.text} {shown}")
