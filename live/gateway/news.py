"""What a room's connections here have not all been sent yet, as each audience gets it.

A large audience takes a tenth of a second to send to, in turn. Each connection gets what there is
when its turn comes, so that nobody waits for a round that began before. The words are those of
the last commit that could have changed any: what only adds messages leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from live.domain.events import Recorded
from live.domain.ids import ParticipantId
from live.domain.message_events import MessageHeld, MessagePublished
from live.gateway.batch import Batch, Told, encoded
from live.gateway.projection import CohortEvent, Projection, concerned
from live.gateway.views import Audience
from live.room.references import messages_in_events
from live.room.surface import AnyRoom


class News:
    """Contiguous events up to the room's head, kept from ``add`` until ``forget``.

    What it hands out is good for one loop step. ``here`` are the people who have connections.
    ``gone_upto``: of the events up to this one some speak of messages that have left the room's
    memory since, so slowly was it told; who lacks them is skipped ahead.
    """

    def __init__(self, room: AnyRoom, here: Container[ParticipantId]) -> None:
        self._room = room
        self._here = here
        self._events: list[Recorded] = []
        self._by_cohort = False
        self._composed: dict[_Readers, _Composed] = {}
        self._batches: dict[_Readers, Batch] = {}
        self._personal: dict[ParticipantId, int] = {}
        self._considered = 0
        self._pulse: bytes | None = None
        self._passed_over = 0
        self.gone_upto = 0

    def add(self, events: Sequence[Recorded]) -> None:
        """These have just become true."""
        if not all(map(_only_adds, events)):
            self._composed.clear()
            self._personal.clear()
            self._considered = 0
        self._events += events
        self._by_cohort = self._by_cohort or any(map(_differs_by_cohort, events))
        self._batches.clear()

    def go_with(self, pulse: bytes | None, passed_over: int) -> None:
        """From now on frames bring the ``pulse`` along and pass over holes: see ``Batch``."""
        self._pulse = pulse
        self._passed_over = passed_over
        self._batches.clear()

    def forget(self, upto: int) -> None:
        """Everyone was offered the events up to this one."""
        kept = [each for each in self._events if each.seq > upto]
        gone = len(self._events) - len(kept)
        self._events = kept
        if self._by_cohort and not any(map(_differs_by_cohort, kept)):
            self._by_cohort = False
            self._composed.clear()
        for composed in self._composed.values():
            composed.told = [each for each in composed.told if each.seq > upto]
            composed.events = max(composed.events - gone, 0)
        if self.gone_upto <= upto:
            self.gone_upto = 0
        self._personal = {who: seq for who, seq in self._personal.items() if seq > upto}
        self._considered = max(self._considered - gone, 0)
        self._batches.clear()

    def batch(self, audience: Audience) -> Batch:
        """What an audience gets at this moment: the same for the team, and for all others, unless
        something is told to each cohort in its own words."""
        readers = audience if self._by_cohort else audience.staff
        batch = self._batches.get(readers)
        if batch is None:
            batch = self._batches[readers] = self._batch(self._told(readers, audience))
        return batch

    def personal(self) -> Mapping[ParticipantId, int]:
        """The people here who may see more of some event than others do, and the last of those."""
        fresh = self._events[self._considered :]
        self._considered = len(self._events)
        for each in fresh:
            for person in concerned(self._room.state, (each,)):
                if person in self._here:
                    self._personal[person] = each.seq
        return self._personal

    def own(self, reader: ParticipantId, position: int, *, staff: bool) -> Batch:
        """What one person gets who may see more."""
        missing = [each for each in self._events if each.seq > position]
        projection = Projection(self._room.state, staff=staff, reader=reader)
        return self._batch(encoded(projection.project(missing)))

    def _batch(self, told: list[Told]) -> Batch:
        return Batch(told, self._room.head, self._pulse, self._passed_over)

    def _told(self, readers: _Readers, audience: Audience) -> list[Told]:
        composed = self._composed.setdefault(readers, _Composed())
        fresh = self._events[composed.events :]
        composed.events = len(self._events)
        if not fresh:
            return composed.told
        at_hand = self._room.state.messages
        for each in fresh:
            if any(named not in at_hand for named in messages_in_events((each,))):
                self.gone_upto = max(self.gone_upto, each.seq)
        cohort = (audience.segment, audience.language) if self._by_cohort else None
        projection = Projection(self._room.state, staff=audience.staff, cohort=cohort)
        composed.told += encoded(projection.project(fresh))
        return composed.told


_Readers = bool | Audience
"""For whom something is composed: the team or not, or each cohort of either by itself."""


@dataclass(slots=True)
class _Composed:
    """What was made of the first so many ``events``."""

    told: list[Told] = field(default_factory=list)
    events: int = 0


def _differs_by_cohort(recorded: Recorded) -> bool:
    return isinstance(recorded.event, CohortEvent)


def _only_adds(recorded: Recorded) -> bool:
    """Whether no other event reads differently because of this one."""
    event = recorded.event
    return isinstance(event, MessagePublished | MessageHeld) and event.posted is not None
