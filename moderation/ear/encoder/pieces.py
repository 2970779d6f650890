"""A text as the pieces that the encoder knows, word by word.

No piece reaches over a blank, and no character is normalised together with one: what a word is cut
into does not depend on its neighbours. People repeat words, so those met before are looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

MOST_WORDS: Final = 16_384
"""Words kept, some 4 MB; beyond, all are met anew."""
_BEGIN: Final = 1
_END: Final = 2
_UNKNOWN: Final = 0
_BEFORE: Final = "a"
"""A word to set another one after: by itself, one that shows nothing looks like an unknown one."""

Cut = Callable[[str], list[int]]
"""A tokenizer without its begin and end."""


class Pieces:
    """Cuts texts whose words stand apart by single blanks."""

    def __init__(self, cut: Cut) -> None:
        self._cut = cut
        self._before = len(cut(_BEFORE))
        self._known: dict[str, list[int]] = {}

    def of(self, text: str) -> list[int]:
        """The numbers of a text's pieces between a begin and an end, as the tokenizer gives them
        for the whole text."""
        known = self._known
        found = [_BEGIN]
        for word in text.split(" "):
            pieces = known.get(word)
            found += self._met(word) if pieces is None else pieces
        if len(found) == 1:
            found.append(_UNKNOWN)
        found.append(_END)
        return found

    def _met(self, word: str) -> list[int]:
        if len(self._known) >= MOST_WORDS:
            self._known.clear()
        pieces = self._known[word] = self._cut(f"{_BEFORE} {word}")[self._before :]
        return pieces
