"""One session's stage: who publishes from which seat, who watches, and who follows what."""

import logging

from live.media.publisher import Publisher
from live.media.relay.tap import Relayed
from live.media.shown import NOTHING, Shown
from live.media.speaking import Speakers
from live.media.viewer import Viewer
from live.ports.media import LegId, RecordingOrder
from live.ports.media_figures import SessionStats
from live.ports.media_seats import SEATS, Seat

log = logging.getLogger(__name__)


class Stage:
    """The legs of one session. It decides what viewers follow; making and ending legs is the
    engine's.
    """

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.on_air = False
        self.slate = False
        self.recording: RecordingOrder | None = None
        self.publishers: dict[Seat, Publisher] = {}
        self.relayed: dict[Seat, Relayed] = {}
        """Who publishes in another media process."""
        self.viewers: dict[LegId, Viewer] = {}
        self.speakers = Speakers()
        self._packets_of_the_gone = [0, 0]

    @property
    def empty(self) -> bool:
        """Whether nothing of it is worth remembering."""
        legs = self.publishers or self.relayed or self.viewers
        return not (self.on_air or self.slate or self.recording or legs)

    @property
    def everyone(self) -> tuple[Publisher | Relayed, ...]:
        """Who publishes, in whichever media process."""
        return (*self.publishers.values(), *self.relayed.values())

    def shown(self) -> Shown:
        """What viewers get now; nothing off air. The lead is the host or who speaks, and the first
        seat that publishes where neither is known.
        """
        present = self._on_air()
        if not present:
            return NOTHING
        lead = self.lead
        leader = present[lead] if lead in present else next(iter(present.values()))
        return Shown(
            leader.sources,
            tuple(present[seat].sources if seat in present else {} for seat in SEATS),
        )

    def tick(self, now: float, *, viewers: bool) -> list[Publisher | Viewer]:
        """Let publishers, and `viewers` too, do what is due; the ones returned met a bug in it."""
        failed: list[Publisher | Viewer] = []
        legs: list[Publisher | Viewer] = [*self.publishers.values()]
        if viewers:
            legs += self.viewers.values()
        for leg in legs:
            try:
                leg.tick(now)
            except Exception:
                # One peer's bug must not take what is due from everyone else.
                log.exception("a leg met a bug and is ended")
                failed.append(leg)
        return failed

    def listen(self, now: float) -> bool:
        """Find out who speaks, of two or more; whether what is shown changed by it."""
        present = {seat: each for seat, each in self.publishers.items() if each.shown}
        heard = {seat: each.loudness for seat, each in present.items() if not each.muted}
        several = self.on_air and len(present) > 1
        return self.speakers.listen(heard if several else {}, now)

    @property
    def lead(self) -> Seat | None:
        """The host's seat or that of who speaks, where known; for publishers of another media
        process, that one says it.
        """
        told = next((seat for seat, each in self.relayed.items() if each.leads), None)
        return told or self.speakers.lead

    def _on_air(self) -> dict[Seat, Publisher | Relayed]:
        """The seats that viewers may see, in their order."""
        if not self.on_air:
            return {}
        present: dict[Seat, Publisher | Relayed] = {}
        for seat in SEATS:
            for each in (self.publishers.get(seat), self.relayed.get(seat)):
                if each is not None and each.shown:
                    present.setdefault(seat, each)
        return present

    def connect(self, viewer: Viewer, now: float) -> bool:
        """Let a viewer that can receive now follow what is shown; False if it cannot take its
        codec.
        """
        return viewer.follow(self.shown(), now)

    def redirect(self, now: float) -> list[Viewer]:
        """Let every viewer follow what is shown now; the ones returned cannot take its codec."""
        shown = self.shown()
        return [viewer for viewer in self.viewers.values() if not viewer.follow(shown, now)]

    def remove_viewer(self, viewer: Viewer) -> None:
        """Forget a viewer, but not what it was sent."""
        if self.viewers.pop(viewer.leg_id, None) is not None:
            self._packets_of_the_gone[0] += viewer.packets_sent
            self._packets_of_the_gone[1] += viewer.packets_dropped

    @property
    def bitrate_bps(self) -> int:
        """What its publishers send, and so what each of its viewers is sent at the most."""
        return sum(each.bitrate_bps for each in self.publishers.values() if each.on_air)

    def stats(self) -> SessionStats:
        """What the stage does now."""
        sent, dropped = self._packets_of_the_gone
        return SessionStats(
            session_id=self.session_id,
            on_air=self.on_air,
            seats=tuple(
                self.publishers[seat].stats()
                for seat in SEATS
                if seat in self.publishers and self.publishers[seat].publishing
            ),
            viewers=sum(viewer.connected for viewer in self.viewers.values()),
            packets_sent=sent + sum(v.packets_sent for v in self.viewers.values()),
            packets_dropped=dropped + sum(v.packets_dropped for v in self.viewers.values()),
        )
