"""What the ear's process and its models say to each other: values, and the protocol of the models.

Every value crosses a process boundary, so all are frozen dataclasses of plain fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from live.ports.gate import Heard, Hints, Score, Weighed

__all__ = [
    "HOLD_FROM",
    "Alike",
    "Asked",
    "Example",
    "Heard",
    "Hints",
    "Learned",
    "Models",
    "Score",
    "Segment",
    "Weighed",
]

HOLD_FROM: Final = 0.5
"""A line as likely unwanted as not is for a person to look at, and is explained."""

Segment = Literal["customer", "prospect", "ambassador", "influencer", "general"]


@dataclass(frozen=True, slots=True)
class Example:
    """A decision by a person, to learn from: ``unwanted`` if the line was refused or removed.

    ``author_id`` is what an erasure asks for.
    """

    decision_id: str
    author_id: str
    text: str
    unwanted: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is open."""

    id: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Alike:
    """That an open question asks the same: ``similarity`` 0 to 1; ``identical`` where the
    normalised texts are equal."""

    id: str
    similarity: float
    identical: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """Where the filter stands: what it has learned from, and whether it is replaying an old
    decision away while the former model serves."""

    decisions: int
    replaying: bool


class Models(Protocol):
    """All that is learned, behind one object, in the ear's own process.

    Synchronous and deterministic, called from one thread. Each call is bounded by the text's first
    characters and O(1) in history, but ``replay``. Nothing here opens a file: whoever hosts the
    models keeps what ``dump`` gives.
    """

    def read(self, texts: Sequence[str]) -> None:
        """These will be heard next: what costs less for several lines together is done now."""
        ...

    def hear(self, text: str, *, topic: bool = True) -> Heard:
        """``topic``: whether anybody wants to know what the line is about."""
        ...

    def alike(self, question: Asked, among: Sequence[Asked]) -> tuple[Alike, ...]:
        """Those of ``among`` worth proposing, the likeliest first. ``question`` itself never is."""
        ...

    def learn(self, example: Example) -> Learned:
        """The same ``decision_id`` again has no second effect."""
        ...

    def unlearn(self, decision_ids: Sequence[str]) -> Learned:
        """As if these had never been; unknown ones are passed over."""
        ...

    def forget(self, author_id: str) -> Learned:
        """As if nobody had decided on anything of this author's."""
        ...

    def authors(self) -> tuple[str, ...]:
        """Everyone on whose lines was decided."""
        ...

    def replay(self, steps: int) -> Learned:
        """Carry on with an unlearning that was too long to do at once, by at most ``steps``."""
        ...

    def prototypes(
        self, segments: Mapping[str, Sequence[str]], topics: Mapping[str, Sequence[str]]
    ) -> None:
        """What segments and topics sound like, anew, also those of the house's own making; what is
        not named sounds as shipped. Raises ``ValueError`` where one is named without a sentence.
        ``tune`` reads the sentences."""
        ...

    def tune(self, steps: int) -> bool:
        """Carry on with reading edited sentences, by at most so many of them; whether there is
        more. What is known of the former ones judges meanwhile."""
        ...

    def dump(self) -> bytes:
        """Everything learned, to be kept and exported."""
        ...

    def load(self, kept: bytes) -> Learned:
        """Exactly the state ``dump`` gave. Raises ``ValueError`` on anything else, and then nothing
        has changed."""
        ...

    def reset(self) -> Learned:
        """Nothing learned yet."""
        ...
