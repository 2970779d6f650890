"""What live asks to have read in another language: a service that may cost money, be slow, or fail.

Texts leave the machine only through an adapter that the operator configured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class TranslationFailed(Exception):
    """The service did not translate. ``code`` is stable: ``unreachable``, ``refused`` (credentials
    or address), ``exhausted`` (its own quota), ``unsupported`` (that pair of languages)."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Translator(Protocol):
    """Translates short texts. ``name`` and ``host`` are what people are told about who reads along.

    ``translate`` gives one text for each, in their order; ``source`` and ``target`` are BCP 47
    tags. It may be called concurrently, and cancelled; it raises ``TranslationFailed`` for all of
    them or for none. ``probe`` raises it where the service does not answer as it should.
    """

    @property
    def name(self) -> str: ...

    @property
    def host(self) -> str: ...

    async def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]: ...

    async def probe(self) -> None: ...

    async def close(self) -> None: ...


class MemoryTranslator:
    """``Translator`` by a phrase book, for tests and demonstrations: what it does not know is
    ``unsupported``."""

    name = "phrase book"
    host = ""

    def __init__(self, phrases: Mapping[tuple[str, str], str]) -> None:
        """``phrases`` by text and target language."""
        self._phrases = phrases

    async def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        missing = [text for text in texts if (text, target) not in self._phrases]
        if missing:
            raise TranslationFailed("unsupported", f"No phrase from {source} to {target}.")
        return [self._phrases[text, target] for text in texts]

    async def probe(self) -> None:
        """It is there."""

    async def close(self) -> None:
        """Nothing is held."""
