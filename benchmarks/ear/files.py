"""Labelled files, recognised by their fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec


class ChatRow(msgspec.Struct, frozen=True):
    """A chat line; a field that the file has not is None. ``also`` are the languages of a mixed
    line."""

    text: str
    lang: str | None = None
    mod: str | None = None
    question: bool | None = None
    segment: str | None = None
    sentiment: int | None = None
    also: tuple[str, ...] | None = None


class PairRow(msgspec.Struct, frozen=True):
    """Two questions, and whether they ask the same."""

    a: str
    b: str
    same: bool
    lang_a: str = "und"


class DisguiseRow(msgspec.Struct, frozen=True):
    """A text, and the word that it hides; None in an honest one."""

    text: str
    target: str | None


@dataclass
class Labelled:
    """What the files hold."""

    chat: list[ChatRow] = field(default_factory=list)
    pairs: list[PairRow] = field(default_factory=list)
    disguises: list[DisguiseRow] = field(default_factory=list)


def read(paths: Sequence[Path]) -> Labelled:
    """Raises ``OSError``, or ``ValueError`` for a line that is not of a kind known here."""
    found = Labelled()
    for path in paths:
        for number, line in enumerate(_lines(path), start=1):
            fields = msgspec.json.decode(line, type=dict[str, object])
            if {"a", "b", "same"} <= fields.keys():
                found.pairs.append(msgspec.convert(fields, PairRow))
            elif {"text", "target"} <= fields.keys():
                found.disguises.append(msgspec.convert(fields, DisguiseRow))
            elif "text" in fields:
                found.chat.append(msgspec.convert(fields, ChatRow))
            else:
                raise ValueError(f"{path.name}:{number}: neither a chat line nor a pair")
    return found


def _lines(path: Path) -> Iterator[str]:
    return (line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
