"""The words of the pages, by key and language: what a test clicks in French and in English."""

from __future__ import annotations

import json
from pathlib import Path

MESSAGES = Path(__file__).parents[3] / "frontend" / "messages"


class Words:
    """`words["viewer_settings"]` in one language; placeholders as given to `fill`."""

    def __init__(self, locale: str) -> None:
        self.language = locale.partition("-")[0]
        self._texts: dict[str, str] = {}
        for folder in MESSAGES.iterdir():
            self._texts |= json.loads((folder / f"{self.language}.json").read_text("utf-8"))

    def __getitem__(self, key: str) -> str:
        return self._texts[key]
