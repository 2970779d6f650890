"""The labelled chat lines that ship with the ear, and lines on their way to the gate."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from live.domain.dial import SHIPPED, Dial
from live.domain.ids import ParticipantId, SessionId
from live.domain.people import Role
from live.ports.gate import Candidate

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


class ManualClock:
    """Time stands still until told otherwise."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds


def line(
    text: str,
    author: str = "ada",
    *,
    session: str = "s",
    language: str = "fr",
    chose: bool = True,
    dial: Dial = SHIPPED,
) -> Candidate:
    """A viewer's line in a session in French and English."""
    return Candidate(
        session_id=SessionId(session),
        author_id=ParticipantId(author),
        author_role=Role.VIEWER,
        kind="message",
        text=text,
        languages=("fr", "en"),
        author_language=language,
        author_chose=chose,
        dial=dial,
    )
