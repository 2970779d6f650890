"""Places on stage, as the media port knows them, and what is sent from there."""

from dataclasses import dataclass
from typing import Final, Literal

Seat = Literal["host", "guest-1", "guest-2", "guest-3"]
SEATS: Final[tuple[Seat, ...]] = ("host", "guest-1", "guest-2", "guest-3")
"""Every seat, in the order in which a player with one picture prefers them."""

VideoCodec = Literal["VP8", "H264", "VP9", "AV1"]


@dataclass(frozen=True, slots=True)
class SeatOrder:
    """Who has a guest's seat, if anybody: whether viewers get what comes from there (``on_air``),
    and whether its sound is kept from everyone (``muted``).
    """

    seat: Seat
    participant_id: str | None
    on_air: bool = False
    muted: bool = False
