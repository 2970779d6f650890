"""The labelled lines that ship with the ear: what its judgements are trained from.

``chat.jsonl`` and ``question_pairs.jsonl`` were written with the project, ``more_chat.jsonl`` and
``questions.jsonl`` after them, on other themes. Any file of the first two kinds can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

from moderation.ear.ports import Segment

T = TypeVar("T")

FOLDER: Final = Path(__file__).parent / "data"

Kind = Literal["ok", "toxic", "spam"]

SEGMENTS: Final[tuple[Segment, ...]] = (
    "customer",
    "prospect",
    "ambassador",
    "influencer",
    "general",
)
_SEGMENT_CALLED: Final[dict[str, Segment]] = {
    "support": "customer",
    "buyer": "prospect",
    "employee": "ambassador",
    "partner": "influencer",
    **{segment: segment for segment in SEGMENTS},
}


class ChatLine(msgspec.Struct, frozen=True, kw_only=True):
    """A chat line and what people said of it. ``question`` is None where they could not tell,
    ``sentiment`` -1, 0 or 1."""

    text: str
    lang: str
    mod: Kind
    question: bool | None
    segment: str
    sentiment: int

    @property
    def wanted_by(self) -> Segment:
        """The segment in the glossary's words."""
        return segment_called(self.segment)


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two questions, and whether one answer serves both."""

    a: str
    b: str
    lang_a: str
    lang_b: str
    same: bool


class Wording(msgspec.Struct, frozen=True):
    """One way to ask."""

    lang: str
    text: str


class Asked(msgspec.Struct, frozen=True):
    """One question in several wordings, and its topic."""

    topic: str
    same: tuple[Wording, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A set to train from."""

    chat: tuple[ChatLine, ...]
    asked: tuple[Asked, ...]
    pairs: tuple[Pair, ...]


def segment_called(label: str) -> Segment:
    """The glossary's word for a label of the files. Raises ``KeyError`` for any other word."""
    return _SEGMENT_CALLED[label]


@cache
def shipped() -> Lines:
    """Everything that ships. Raises ``OSError`` or ``msgspec.ValidationError`` on a broken
    installation."""
    return Lines(
        chat=(*_read("chat.jsonl", ChatLine), *_read("more_chat.jsonl", ChatLine)),
        asked=_read("questions.jsonl", Asked),
        pairs=_read("question_pairs.jsonl", Pair),
    )


def written_here() -> Lines:
    """The lines that were written after the project's development set, which they leave to be
    measured on."""
    return Lines(
        chat=_read("more_chat.jsonl", ChatLine), asked=_read("questions.jsonl", Asked), pairs=()
    )


def development_set() -> Lines:
    """The project's development set alone."""
    return Lines(
        chat=_read("chat.jsonl", ChatLine),
        asked=(),
        pairs=_read("question_pairs.jsonl", Pair),
    )


def _read(name: str, kind: type[T]) -> tuple[T, ...]:
    decoder = msgspec.json.Decoder(kind)
    return tuple(map(decoder.decode, (FOLDER / name).read_bytes().splitlines()))
