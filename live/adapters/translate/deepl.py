"""DeepL's API: ``POST /v2/translate`` and ``GET /v2/usage``, free or paid by the key's ending.

Source: developers.deepl.com.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from live.adapters.translate.http import Service
from live.ports.translator import TranslationFailed

PAID: Final = "https://api.deepl.com"
FREE: Final = "https://api-free.deepl.com"
FREE_KEY_ENDING: Final = ":fx"
_TARGETS: Final = {"en": "EN-GB", "pt": "PT-PT", "zh": "ZH-HANS"}
"""As targets these need a region."""


class _Translation(Struct):
    text: str


class _Answer(Struct):
    translations: list[_Translation]


class _Usage(Struct):
    character_count: int


class DeepL:
    """``Translator`` by DeepL. Without ``url`` the key tells which of its two addresses."""

    name = "DeepL"

    def __init__(self, url: str | None, key: str, *, timeout_s: float) -> None:
        base = url or (FREE if key.endswith(FREE_KEY_ENDING) else PAID)
        headers = {"Authorization": f"DeepL-Auth-Key {key}"}
        self._service = Service(base, timeout_s=timeout_s, headers=headers)

    @property
    def host(self) -> str:
        return self._service.host

    async def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        body = {
            "text": list(texts),
            "source_lang": source.partition("-")[0].upper(),
            "target_lang": _target(target),
        }
        answer = await self._service.call("POST", "/v2/translate", _Answer, body)
        if len(answer.translations) != len(texts):
            raise TranslationFailed("unreachable", f"{self.host} answers another number of texts.")
        return [each.text for each in answer.translations]

    async def probe(self) -> None:
        await self._service.call("GET", "/v2/usage", _Usage)

    async def close(self) -> None:
        await self._service.close()


def _target(tag: str) -> str:
    lowered = tag.lower()
    if lowered in ("en-us", "en-gb", "pt-br", "pt-pt"):
        return tag.upper()
    primary = lowered.partition("-")[0]
    return _TARGETS.get(primary, primary.upper())
