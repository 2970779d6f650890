"""LibreTranslate, one's own or a public one: ``POST /translate`` and ``GET /languages``.

Source: docs.libretranslate.com, as of version 1.6.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from live.adapters.translate.http import Service
from live.ports.translator import TranslationFailed


class _Translated(Struct, rename={"texts": "translatedText"}):
    texts: list[str]


class _Language(Struct):
    code: str


class LibreTranslate:
    """``Translator`` by a LibreTranslate server; ``key`` where it asks for one."""

    name = "LibreTranslate"

    def __init__(self, url: str, key: str | None, *, timeout_s: float) -> None:
        self._service = Service(url, timeout_s=timeout_s)
        self._key = key

    @property
    def host(self) -> str:
        return self._service.host

    async def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        body = {
            "q": list(texts),
            "source": _code(source),
            "target": _code(target),
            "format": "text",
            **({"api_key": self._key} if self._key else {}),
        }
        answer = await self._service.call("POST", "/translate", _Translated, body)
        if len(answer.texts) != len(texts):
            raise TranslationFailed("unreachable", f"{self.host} answers another number of texts.")
        return answer.texts

    async def probe(self) -> None:
        await self._service.call("GET", "/languages", list[_Language])

    async def close(self) -> None:
        await self._service.close()


def _code(tag: str) -> str:
    """It names languages without their regions, Chinese and Portuguese of Brazil aside."""
    if tag.lower() in ("pt-br", "zh-hant"):
        return {"pt-br": "pt-BR", "zh-hant": "zh-Hant"}[tag.lower()]
    return tag.partition("-")[0].lower()
