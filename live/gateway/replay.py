"""What clients that come back missed, sent as fast as they take it.

After a restart everyone comes back for the same events. A line of somebody else reads the same for
all viewers: it is composed once for them, and those who stand at the same place share frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from live.domain.content import Content
from live.domain.events import Recorded
from live.domain.message import Message
from live.domain.message_events import MessagePublished
from live.domain.people import Participant
from live.gateway.batch import Batch, Told, encoded
from live.gateway.member import Member
from live.gateway.packets import Packet
from live.gateway.projection import Projection
from live.room.surface import AnyRoom

_FRAME_EVENTS: Final = 200
PIECE_EVENTS: Final = 10 * _FRAME_EVENTS
"""As many are asked for at once, for a reader who did not take the first of them in one go."""

_MOST_LINES: Final = 20_000
_MOST_FRAMES: Final = 50


class _Line(NamedTuple):
    """A published message as viewers get it, and what it was composed from."""

    message: Message
    content: Content | None
    author: Participant | None
    told: Told


class Replays:
    """Sends one room's past. What it keeps for the next one is bounded, and given up when nobody
    came between two calls of ``rest``."""

    def __init__(self, room: AnyRoom) -> None:
        self._room = room
        self._lines: dict[int, _Line] = {}
        self._frames: dict[tuple[int, int], tuple[list[Told], Packet | None]] = {}
        self._rested = True

    def send(self, member: Member, missed: Sequence[Recorded]) -> None:
        """Send the events that follow the member's position, in frames of bounded size, until the
        reader does not keep up. The member is ``resuming`` until it has all there is."""
        projection = Projection(
            self._room.state, staff=member.audience.staff, reader=member.participant_id
        )
        start, self._rested = 0, False
        while start < len(missed) and member.slow_since is None:
            # Wherever someone begins, their further frames begin where those of others do.
            end = start + _FRAME_EVENTS - (missed[start].seq - 1) % _FRAME_EVENTS
            part = missed[start:end]
            told = self._told(member, projection, part)
            packet = self._packet(member.position, part[-1].seq, told)
            member.position = part[-1].seq
            if packet is not None:
                member.socket.emit(packet)
            start = end
        member.resuming = member.position < self._room.head

    def rest(self) -> None:
        """A while has passed."""
        if self._rested:
            self._lines.clear()
            self._frames.clear()
        self._rested = True

    def _told(self, member: Member, projection: Projection, part: Sequence[Recorded]) -> list[Told]:
        if member.audience.staff:
            return encoded(projection.project(part))
        told: list[Told] = []
        for each in part:
            line = self._line(member, projection, each)
            if line is not None:
                told.append(line)
            elif (seen := projection.event(each)) is not None:
                told += encoded((seen,))
        return told

    def _line(self, member: Member, projection: Projection, recorded: Recorded) -> Told | None:
        """The event as all viewers get it; None where it is to be composed for this one alone."""
        event, state = recorded.event, self._room.state
        if not isinstance(event, MessagePublished):
            return None
        message = state.messages.get(event.message_id)
        if message is None or message.author_id == member.participant_id:
            return None
        content = state.contents.get(message.content_id)
        author = state.participants.get(message.author_id)
        known = self._lines.get(recorded.seq)
        if (
            known is not None
            and known.message is message
            and known.content is content
            and known.author is author
        ):
            return known.told
        seen = projection.event(recorded)
        if seen is None:
            return None
        if len(self._lines) >= _MOST_LINES:
            self._lines.clear()
        (told,) = encoded((seen,))
        self._lines[recorded.seq] = _Line(message, content, author, told)
        return told

    def _packet(self, position: int, upto: int, told: list[Told]) -> Packet | None:
        """A frame for whoever is at this position; the same one if the last was told the same."""
        known = self._frames.get((position, upto))
        if known is not None and known[0] == told:
            return known[1]
        packet, _ = Batch(told, upto, passed_over=upto).after(position)
        if len(self._frames) >= _MOST_FRAMES:
            self._frames.clear()
        self._frames[position, upto] = (told, packet)
        return packet
