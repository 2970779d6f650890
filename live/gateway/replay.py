"""What a client that comes back missed, sent as fast as it takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from live.domain.events import Recorded
from live.gateway.batch import Batch, encoded
from live.gateway.member import Member
from live.gateway.projection import Projection
from live.room.surface import AnyRoom

_FRAME_EVENTS: Final = 200
PIECE_EVENTS: Final = 10 * _FRAME_EVENTS
"""As many are asked for at once, for a reader who did not take the first of them in one go."""


def replay(room: AnyRoom, member: Member, missed: Sequence[Recorded]) -> None:
    """Send the events that follow the member's position, in frames of bounded size, until the
    reader does not keep up. The member is ``resuming`` until it has all there is."""
    staff, reader = member.audience.staff, member.participant_id
    projection = Projection(room.state, staff=staff, reader=reader)
    for start in range(0, len(missed), _FRAME_EVENTS):
        if member.slow_since is not None:
            return
        part = missed[start : start + _FRAME_EVENTS]
        upto = part[-1].seq
        batch = Batch(encoded(projection.project(part)), upto, passed_over=upto)
        packet, member.position = batch.after(member.position)
        if packet is not None:
            member.socket.emit(packet)
    member.resuming = member.position < room.head
