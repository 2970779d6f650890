"""Words that people answer with: cleaned when they are said, brought together when counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from live.domain.outcome import Refusal
from live.domain.text import clean_text, plain

WORD_CHARS = 30
WORD_PARTS = 3

_EDGES = " .,;:!?…\"'’“”«»()[]#-–—"
_ARTICLES = {
    "fr": re.compile(r"(?:(?:le|la|les|un|une|des|du|de la)\s+|(?:l|d)['’]\s*)(?=\w)"),
    "en": re.compile(r"(?:the|an?)\s+(?=\w)"),
}


def cleaned_words(choices: Iterable[str], language: str) -> tuple[str, ...] | Refusal:
    """The words as they are kept, or why they cannot be taken: each is short, and none twice."""
    words: dict[str, str] = {}
    for choice in choices:
        text = clean_text(choice, 4 * WORD_CHARS)
        if isinstance(text, Refusal):
            return text
        word = " ".join(text.strip(_EDGES).split())
        if not word:
            return Refusal("empty", "There is no word in this.")
        if len(word) > WORD_CHARS or len(word.split()) > WORD_PARTS:
            return Refusal(
                "too_long", f"{WORD_PARTS} words and {WORD_CHARS} characters are the most."
            )
        key = word_key(word, language)
        if key in words:
            return Refusal("invalid", "The same word stands there twice.")
        words[key] = word
    return tuple(words.values())


def word_key(word: str, language: str) -> str:
    """What makes two spellings one word of a ``language``: case, accents, marks around it and an
    article before it make no difference."""
    key = plain(word).replace("œ", "oe").replace("æ", "ae").replace("ß", "ss").strip(_EDGES)
    article = _ARTICLES.get(language.partition("-")[0])
    opening = None if article is None else article.match(key)
    return key if opening is None else key[opening.end() :]


def usual_spelling(spellings: Counter[str]) -> str:
    """The one that most people use; of several the first in the alphabet."""
    return min(spellings, key=lambda each: (-spellings[each], each))
