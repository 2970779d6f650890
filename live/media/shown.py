"""What viewers get of a stage at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from live.media.codecs import Kind
from live.media.source import Source

Sources = Mapping[Kind, Source]


@dataclass(frozen=True, slots=True)
class Shown:
    """The streams of each seat, in the order of `SEATS` (empty where nobody is on air), and of the
    ``lead``, which a player with one picture and one sound gets.
    """

    lead: Sources
    seats: tuple[Sources, ...]

    def source(self, kind: Kind, slot: int | None) -> Source | None:
        """What belongs into a player's slot (the number of a seat; None: the lead's)."""
        if slot is None:
            return self.lead.get(kind)
        return self.seats[slot].get(kind) if slot < len(self.seats) else None


NOTHING: Final = Shown({}, ())
