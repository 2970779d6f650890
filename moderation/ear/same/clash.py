"""What makes two questions different although they sound alike: another place, another number, the
opposite.

Embeddings put "turn on captions" beside "turn off captions" and Belgium beside Canada. Words that
name one of several alternatives are therefore compared by themselves, across languages: places,
days, months and languages by CLDR's names, the rest by ``data/alternatives.json``, where a row is
``kind: {alternative: [words]}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import msgspec
from babel import Locale

from moderation.ear.lines import FOLDER
from moderation.ear.text import readable
from moderation.policy.normalise import strip_marks

_LOCALES: Final = ("fr", "en", "es", "de", "pt", "it", "nl", "ar", "ja")
_WORD: Final = re.compile(r"\w+")
_NUMBER: Final = re.compile(r"\d+")
_SPACED_SCRIPTS: Final = re.compile(r"[^\u3040-\u30ff\u3400-\u9fff]+")
_LONGEST_NAME: Final = 3
"""Words that a name may have: "Costa Rica", "Royaume Uni", "hors connexion"."""

_HOMOGRAPHS: Final = frozenset({"may", "march", "mars", "island", "reunion", "jersey", "turkey"})
"""Names that other languages, or the same one, use as everyday words."""

Meanings = Mapping[str, frozenset[str]]
"""For each kind of alternatives those that a text names."""


@dataclass(frozen=True, slots=True)
class Clash:
    """They differ in this ``kind``: ``first`` here, ``second`` there."""

    kind: str
    first: tuple[str, ...]
    second: tuple[str, ...]


def find_clash(a: Meanings, b: Meanings) -> Clash | None:
    """The first kind of which both name alternatives, and none in common. Numbers that only one of
    them names are another question too.
    """
    for kind in a.keys() & b.keys():
        if a[kind].isdisjoint(b[kind]):
            return Clash(kind, tuple(sorted(a[kind])), tuple(sorted(b[kind])))
    return None


def meanings(text: str) -> Meanings:
    """The alternatives that a text names, by kind; its numbers are alternatives too."""
    plain = _plain(readable(text))
    found: dict[str, set[str]] = {}
    for kind, alternative in _named(plain):
        found.setdefault(kind, set()).add(alternative)
    if numbers := set(_NUMBER.findall(plain)):
        found["number"] = numbers
    return {kind: frozenset(alternatives) for kind, alternatives in found.items()}


def _named(plain: str) -> Iterator[tuple[str, str]]:
    names = _names()
    said = _WORD.findall(plain)
    taken = 0
    for start in range(len(said)):
        for length in range(min(_LONGEST_NAME, len(said) - start), 0, -1):
            if start < taken:
                break
            meant = names.get(" ".join(said[start : start + length]))
            if meant:
                yield from meant
                taken = start + length
    if _SPACED_SCRIPTS.fullmatch(plain) is None:  # no spaces between the words: look inside
        yield from (pair for name, meant in _unspaced() if name in plain for pair in meant)


@cache
def _names() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """What each name means, as (kind, alternative) pairs."""
    names: dict[str, dict[tuple[str, str], None]] = {}
    for kind, alternative, name in (*_from_cldr(), *_from_file()):
        key = " ".join(_WORD.findall(_plain(name.casefold())))
        names.setdefault(key, {})[kind, alternative] = None
    return {
        name: tuple(meant)
        for name, meant in names.items()
        if len(name) > 1 and name not in _HOMOGRAPHS
    }


@cache
def _unspaced() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    return tuple(
        (name, meant) for name, meant in _names().items() if _SPACED_SCRIPTS.fullmatch(name) is None
    )


def _from_cldr() -> Iterator[tuple[str, str, str]]:
    for code in _LOCALES:
        locale = Locale(code)
        for territory, name in locale.territories.items():
            if territory.isalpha():
                yield "place", territory, name
        for day, name in locale.days["format"]["wide"].items():
            yield "day", str(day), name
        for month, name in locale.months["format"]["wide"].items():
            if not name.isdigit():
                yield "month", str(month), name
        for language in _LOCALES:
            yield "language", language, locale.languages[language]


def _from_file() -> Iterator[tuple[str, str, str]]:
    kinds = msgspec.json.decode(
        (FOLDER / "alternatives.json").read_bytes(), type=dict[str, dict[str, list[str]]]
    )
    for kind, alternatives in kinds.items():
        for alternative, names in alternatives.items():
            yield from ((kind, alternative, name) for name in names)


def _plain(text: str) -> str:
    return strip_marks(text.casefold())
