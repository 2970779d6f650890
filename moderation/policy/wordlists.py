"""The words watched for in each language: few, plainly meant to hurt, and the brand's own beside.

A list is applied to lines of its language alone: what insults in one is an article in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from moderation.policy.disguise import Words

_FOLDER: Final = Path(__file__).parent / "words"
MOST_WORDS: Final = 2000
LONGEST_WORD: Final = 60


@cache
def shipped_words() -> Mapping[str, tuple[str, ...]]:
    """The words that ship, by primary language. Lines that begin with ``#`` are remarks."""
    return {
        path.stem: tuple(
            line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"
        )
        for path in sorted(_FOLDER.glob("*.txt"))
    }


class WordLists:
    """The shipped words and the brand's own, ready to look for. ``own`` are words by BCP 47 tag;
    ``*`` are those watched in every language, as names are."""

    def __init__(
        self,
        own: Mapping[str, Iterable[str]] | None = None,
        *,
        shipped: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        gathered: dict[str, set[str]] = {}
        for source in (shipped_words() if shipped is None else shipped, own or {}):
            for tag, words in source.items():
                kept = gathered.setdefault(tag.partition("-")[0].lower(), set())
                kept.update(_clean(words))
        everywhere = gathered.pop("*", set())
        self._by_language = {
            tag: Words(sorted(words | everywhere)) for tag, words in gathered.items()
        }
        self._everywhere = Words(sorted(everywhere))

    @property
    def languages(self) -> tuple[str, ...]:
        """The primary languages that have a list."""
        return tuple(self._by_language)

    def of(self, language: str) -> Words:
        """What is watched in one language, by its tag."""
        return self._by_language.get(language.partition("-")[0].lower(), self._everywhere)


def _clean(words: Iterable[str]) -> list[str]:
    """At most ``MOST_WORDS`` of at most ``LONGEST_WORD`` characters, without blanks around."""
    kept = (" ".join(word.split()) for word in words)
    return [word for word in kept if 1 < len(word) <= LONGEST_WORD][:MOST_WORDS]
