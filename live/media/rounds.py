"""What an engine looks after from time to time: reports, repairs, and who has fallen silent."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from live.media.egress import EgressMeter
from live.media.legs import AnyLeg, Legs
from live.media.notices import Notice
from live.media.publisher import Publisher
from live.media.relay.relays import Relays
from live.media.stage import Stage
from live.ports.media_events import FreedReason, SeatResumed, SeatSilent, SeatsSpeaking

TICK_S: Final = 0.025
"""How often lost packets are asked for."""

REST_S: Final = 0.1
"""As long as nobody has a leg, the next look."""

VIEWER_TICKS: Final = 10
"""Every so many ticks, all viewers. Not some with each tick: a hundred to whom nothing is sent cost
15 ms of a core a second so, and 21 with other work between them.
"""

HOUSEKEEPING_TICKS: Final = 10
"""Every so many ticks, silence and lost legs are looked for."""

EGRESS_TICKS: Final = 40
"""Every so many ticks, what was sent is measured."""

CONNECT_LIMIT_S: Final = 15.0
"""From the answer to an open transport; a leg that never gets there ends."""

LOST_AFTER_S: Final = 10.0
"""Without a check or an authentic packet for this long, a leg ends: its peer is gone."""


class Rounds:
    """Goes round the stages and legs of an engine, in its loop."""

    def __init__(
        self,
        legs: Legs,
        stages: Mapping[str, Stage],
        relays: Relays,
        *,
        lost: Callable[[AnyLeg, FreedReason], None],
        redirect: Callable[[Stage], None],
        notify: Callable[[Notice], None],
    ) -> None:
        """`lost` hears whose peer is gone, `redirect` on which stage another one leads now."""
        self._legs = legs
        self._stages = stages
        self._relays = relays
        self._lost = lost
        self._redirect = redirect
        self._notify = notify
        self._egress = EgressMeter()
        self._ticks = 0
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(TICK_S, self._tick)

    @property
    def egress_bps(self) -> int:
        """What is sent to viewers."""
        return self._egress.bps

    def close(self) -> None:
        """Look after nothing any more. Idempotent."""
        self._timer.cancel()

    def _tick(self) -> None:
        now = self._loop.time()
        self._timer = self._loop.call_at(now + (TICK_S if self._legs else REST_S), self._tick)
        self._ticks += 1
        for stage in tuple(self._stages.values()):
            for failed in stage.tick(now, viewers=self._ticks % VIEWER_TICKS == 0):
                self._lost(failed, "lost")
        self._relays.tick(now)
        if self._ticks % HOUSEKEEPING_TICKS == 0:
            self._keep_house(now)
        if self._ticks % EGRESS_TICKS == 0:
            self._egress.note(self._legs.wire_octets, now)

    def _keep_house(self, now: float) -> None:
        for stage in tuple(self._stages.values()):
            if stage.listen(now):
                self._redirect(stage)
            speaking = stage.speakers.news(now)
            if speaking is not None:
                self._notify(SeatsSpeaking(stage.session_id, speaking))
        for leg in self._legs:
            transport = leg.transport
            if transport.session is None:
                if now - transport.created_at > CONNECT_LIMIT_S:
                    self._lost(leg, "lost")
            elif now - transport.heard_at > LOST_AFTER_S:
                self._lost(leg, "lost")
            elif isinstance(leg, Publisher) and leg.publishing:
                self._watch_silence(leg, now)

    def _watch_silence(self, publisher: Publisher, now: float) -> None:
        silent = publisher.is_silent(now)
        if silent != publisher.silent:
            publisher.silent = silent
            kind = SeatSilent if silent else SeatResumed
            self._notify(kind(publisher.session_id, publisher.seat, publisher.participant_id))
