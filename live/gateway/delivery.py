"""Gives everyone what is new, in turn: one encoded frame for all who stand at the same place.

What is in it is the business of ``news``, when that happens of ``rounds``. Who does not keep up is
left out until its buffer has drained: the hub then skips it ahead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator, Sequence
from typing import Final

from live.domain.events import Recorded
from live.domain.ids import ParticipantId
from live.gateway.line import Line
from live.gateway.member import Member
from live.gateway.news import News
from live.gateway.packets import Packet
from live.gateway.views import Audience
from live.gateway.volley import Volley
from live.room.surface import AnyRoom

PORTION: Final = 64
"""Connections that are sent to before the time is looked at."""

_HOLE_SWEEPS: Final = 3
"""An invisible event is passed over, in an empty frame, when it is 3 to 4 s old: within 5 s."""

_NOWHERE: Final = -1


class Delivery:
    """The connections of one room, by audience, and what they have not all been sent yet. ``here``
    are the people who have any."""

    def __init__(self, room: AnyRoom, here: Container[ParticipantId], volley: Volley) -> None:
        self._room = room
        self._volley = volley
        self._news = News(room, here)
        self._groups: dict[Audience, set[Member]] = {}
        self._flushed = room.head
        self._passed_over = 0
        self._heads: deque[int] = deque(maxlen=_HOLE_SWEEPS)

    # --- to whom

    def __len__(self) -> int:
        return sum(len(members) for members in self._groups.values())

    def __iter__(self) -> Iterator[Member]:
        """All of them; some may leave meanwhile."""
        for members in list(self._groups.values()):
            yield from list(members)

    def add(self, member: Member) -> None:
        """Send to this one too, what its audience gets."""
        self._groups.setdefault(member.audience, set()).add(member)

    def remove(self, member: Member) -> None:
        """Send to this one no more; before its audience becomes another one. Idempotent."""
        members = self._groups.get(member.audience)
        if members is not None:
            members.discard(member)
            if not members:
                del self._groups[member.audience]

    def team(self) -> list[Line]:
        """The team's connections that keep up."""
        teams = (members for audience, members in self._groups.items() if audience.staff)
        return [each.socket for members in teams for each in members if each.slow_since is None]

    # --- what

    def take(self, events: Sequence[Recorded]) -> None:
        """These have just become true."""
        self._news.add(events)

    def drop(self) -> None:
        """Nobody is to be sent any more what there is."""
        self._news.forget(self._room.head)

    def sweep(self) -> None:
        """A second has passed: what nobody of an audience could see then is a hole by now."""
        self._passed_over = self._heads[0] if len(self._heads) == _HOLE_SWEEPS else 0
        self._heads.append(self._flushed)

    def is_behind(self, member: Member) -> bool:
        """Whether it has to be passed over a hole."""
        return member.position < self._passed_over and not member.resuming

    # --- the round

    def round(self, pulse: bytes | None) -> Iterator[None]:
        """Send to everyone in turn, a portion at each step, what there is when their turn comes,
        and the ``pulse`` with it."""
        began_at = self._room.head
        self._news.go_with(pulse, self._passed_over)
        turns = [(audience, list(members)) for audience, members in self._groups.items()]
        for audience, members in turns:
            for start in range(0, len(members), PORTION):
                self._send(members[start : start + PORTION], audience)
                yield
        self._news.forget(began_at)
        self._flushed = began_at

    def _send(self, members: Sequence[Member], audience: Audience) -> None:
        common, personal = self._news.batch(audience), self._news.personal()
        send, lines = self._volley.send, list[Line]()
        gone_upto, place = self._news.gone_upto, _NOWHERE
        told: tuple[Packet | None, int] = (None, _NOWHERE)
        for member in members:
            if member.resuming or (member.audience is not audience and member.audience != audience):
                continue  # who became another since has a snapshot of now
            position = member.position
            if position < gone_upto:
                member.skipped = True
                if member.slow_since is None:
                    member.hub.catch_up(member)
                continue
            batch = common
            if personal and personal.get(member.participant_id, 0) > position:
                batch = self._news.own(member.participant_id, position, staff=audience.staff)
            if member.slow_since is not None:
                member.skipped = member.skipped or batch.has_news(position)
                continue
            if position != place or batch is not common:  # seldom: most are at the same place
                if told[0] is not None:
                    send(told[0], lines)
                    lines = []
                told = batch.after(position)
                place = position if batch is common else _NOWHERE
            packet, member.position = told
            if packet is not None:
                lines.append(member.socket)
        if told[0] is not None:
            send(told[0], lines)
