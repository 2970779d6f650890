"""The labelled chat lines that ship with the ear."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "moderation" / "ear" / "data"


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A line, its language, and whether it is ``ok``, ``toxic`` or ``spam``."""

    text: str
    language: str
    kind: str


@dataclass(frozen=True, slots=True)
class Disguise:
    """A text that hides a word."""

    text: str
    target: str


def chat_lines() -> list[ChatLine]:
    rows = map(json.loads, (_FOLDER / "chat.jsonl").read_text().splitlines())
    return [ChatLine(row["text"], row["lang"], row["mod"]) for row in rows]


def disguises() -> list[Disguise]:
    rows = map(json.loads, (_FOLDER / "evasion.jsonl").read_text().splitlines())
    return [Disguise(row["text"], row["target"]) for row in rows]
