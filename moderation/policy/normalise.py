"""Sees through disguise, for judging only: what is shown is always what was written.

``fold`` brings a text to the plain letters a reader takes it for. It errs towards leaving text
alone: a word is taken for disguised Latin only if it mixes scripts or consists of nothing but
look-alikes, so honest text in any script keeps its letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from moderation.policy.characters import plain_letter

# Letters in black circles and squares, and those that flags are made of; NFKC leaves them alone.
_ENCLOSED: Final = {
    chr(first + offset): chr(ord("a") + offset)
    for first in (0x1F150, 0x1F170, 0x1F1E6)
    for offset in range(26)
}
_LEET: Final = str.maketrans("013457@$€", "oieastase")
_WORD: Final = re.compile(r"[^\s.,;:!?…«»\"()\[\]{}<>/\\|~`^=+&#%–—-]+")
_UNREADABLE: Final = re.compile(r"[\W_]+")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
_SPELLED: Final = re.compile(r"(?<!\w)\w(?:[\s.·•_*-]{1,2}\w){2,}(?!\w)")
_BETWEEN_GAPS: Final = re.compile(r"[\s.·•_*-]\w[\s.·•_*-]")
"""Something that every spelled-out word has: where it is not, looking costs a fifth."""
_LETTER_BESIDE_DIGIT: Final = re.compile(r"[^\W\d_][013457@$€]|[013457@$€][^\W\d_]")

LONGEST: Final = 2000
"""Characters of a text that are read, and that remain of it: four times what the room lets in."""


def fold(text: str) -> str:
    """The text as a reader takes it, in plain lower case: without invisible characters, accents on
    Latin letters, look-alikes, digits for letters, stretched or spelled-out words.
    """
    bounded = text[:LONGEST]
    if bounded.isascii() and _LETTER_BESIDE_DIGIT.search(bounded) is None:
        words = bounded.lower()  # as nearly all are: nothing in it stands for a letter
        if _BETWEEN_GAPS.search(words) is None:
            return " ".join(map(_unstretched, words.split()))
    else:
        plain = bounded if bounded.isascii() else _unadorned(bounded)[:LONGEST]
        words = _WORD.sub(lambda match: _fold_word(match[0]), plain)
    joined = _SPELLED.sub(lambda match: re.sub(r"[\W_]", "", match[0]), words)
    return " ".join(_STRETCHED.sub(r"\1", joined).split())


@lru_cache(maxsize=8192)
def _unstretched(word: str) -> str:
    return _STRETCHED.sub(r"\1", word)


def letters(folded: str) -> str:
    """What can be read aloud of a folded text, to compare texts by; all of it where nothing can."""
    return _UNREADABLE.sub("", folded) or folded


def _unadorned(text: str) -> str:
    return strip_marks(visible(unicodedata.normalize("NFKC", text)))


def _fold_word(word: str) -> str:
    folded = (word if word.isascii() else _undisguised(word)).casefold()
    # Digits inside a word stand for letters; "3D", "2026" and "v1" are what they are.
    if len(folded) > 3 and len(_LETTER_BESIDE_DIGIT.findall(folded)) > 1:
        folded = folded.translate(_LEET)
    return folded


def _undisguised(word: str) -> str:
    opened = "".join(_ENCLOSED.get(character, character) for character in word)
    alikes = [plain_letter(character) for character in opened]
    return "".join(alikes) if _is_disguised(opened, alikes) else opened


def _is_disguised(word: str, alikes: list[str]) -> bool:
    """Whether a word borrows letters: some are Latin and others look so, or all only look so."""
    written = [character for character in word if character.isalpha()]
    latin = sum(character.isascii() for character in written)
    alike = sum(character.isascii() and character.isalpha() for character in alikes)
    return 0 < latin < len(written) or (len(written) > 3 and alike == len(written))


def strip_marks(text: str) -> str:
    """The text without combining marks on Latin, Greek and Cyrillic letters. Other scripts need
    theirs to be read.
    """
    if text.isascii():
        return text
    kept: list[str] = []
    base_is_european = True
    for character in unicodedata.normalize("NFD", text):
        if character.isascii():
            base_is_european = True
        elif not unicodedata.combining(character):
            base_is_european = character < "\u0590"
        elif base_is_european:
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def visible(text: str) -> str:
    """Without zero-width characters, direction marks and variation selectors."""
    return "".join(
        character
        for character in text
        if character.isascii()
        or (unicodedata.category(character) != "Cf" and not "\ufe00" <= character <= "\ufe0f")
    )
