"""Who translates what is to be read in one's own language: settings of that subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from app.setting import Setting, SettingError, parse_secret, parse_service_url, whole

TRANSLATORS: Final = ("libretranslate", "deepl")


def _translator(text: str) -> str | None:
    if text and text not in TRANSLATORS:
        raise ValueError(f"give one of: {', '.join(TRANSLATORS)}; or leave it empty")
    return text or None


@dataclass(frozen=True, kw_only=True)
class TranslationSettings:
    """What an operator may say about translation; part of ``Settings``."""

    translator: Annotated[
        str | None,
        Setting(
            "CAUSERIE_TRANSLATOR",
            _translator,
            "",
            "Service that translates what viewers ask to read in their language: libretranslate or"
            " deepl. Texts are sent to it; without one nothing leaves this machine.",
            "none",
        ),
    ]
    translator_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_TRANSLATOR_URL",
            parse_service_url,
            "",
            "Address of the translation service; required for libretranslate.",
            "DeepL's own",
        ),
    ]
    translator_key: Annotated[
        str | None,
        Setting(
            "CAUSERIE_TRANSLATOR_KEY",
            parse_secret,
            "",
            "Key of the translation service; required for deepl.",
            "empty",
        ),
    ]
    translator_budget: Annotated[
        int,
        Setting(
            "CAUSERIE_TRANSLATOR_BUDGET",
            whole("characters"),
            "200000",
            "Characters that may be sent to be translated, for each session and day.",
        ),
    ]

    def check_translator(self) -> None:
        """Raises ``SettingError`` where the service chosen lacks what it cannot do without."""
        if self.translator == "libretranslate" and self.translator_url is None:
            raise SettingError(
                "CAUSERIE_TRANSLATOR_URL",
                "",
                "give the address of your LibreTranslate server, such as http://127.0.0.1:5000",
            )
        if self.translator == "deepl" and self.translator_key is None:
            raise SettingError("CAUSERIE_TRANSLATOR_KEY", "", "give the key of your DeepL account")
