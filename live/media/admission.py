"""Who may still watch: what the operator said that machine and link carry, kept to.

What newcomers would be sent is counted from the moment they ask, so that a thousand who come in one
second are not all let in by a measurement of the second before.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from live.media.layers import SOUND_ALONE
from live.media.settings import MediaSettings
from live.ports.media import LegOwner
from live.ports.media_figures import Capacity, CapacityBound, LayerCapacity, WatchRate
from live.ports.media_refusals import MediaRefusal

PICTURE_BPS: Final = 1_650_000
"""Taken for a picture with its sound until it is measured: 720p at 30 pictures a second."""

SOUND_BPS: Final = 64_000
"""Opus as browsers send it, with all headers."""

SOUND_PACKETS_S: Final = 50
PACKET_BITS: Final = 8 * 1_100
"""Of a packet of picture, on average: an encoder's parts of a frame are about equal."""

PACKETS_PER_CORE_S: Final = 40_000
"""Packets a second that one core forwards; measured: 50–58 k (docs/performance.md), less room for
joins and repairs.
"""

RETRY_S: Final = 30
MEASURED_S: Final = 3
"""By then a publisher who has just begun is measured."""


Rates = tuple[WatchRate, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is sent now: `sent_bps` to all viewers, and what one viewer of each session gets, from
    the cheapest way to watch to the best.
    """

    sent_bps: int
    session_rates: Mapping[str, Rates]

    def rates(self, session_id: str) -> Rates:
        """The ways to watch a session."""
        return self.session_rates.get(session_id) or (WatchRate("", None, PICTURE_BPS),)

    def of(self, leg: LegOwner) -> int:
        """Bits a second that a viewer is sent at the most."""
        if not leg.picture or leg.most == SOUND_ALONE:
            return SOUND_BPS
        rates = self.rates(leg.session_id)
        if leg.most is None:
            return rates[-1].bitrate_bps
        held = next((rate for rate in rates if rate.name == leg.most), rates[0])
        return held.bitrate_bps

    def knows(self, session_id: str) -> bool:
        """Whether that is measured."""
        return bool(self.session_rates.get(session_id))


class Admission:
    """Decides by the operator's bounds; keeps nothing but them."""

    def __init__(self, settings: MediaSettings, cores: int) -> None:
        self._max_viewers = settings.max_viewers
        mbit = settings.egress_mbit
        self._egress_bps = None if mbit is None else mbit * 1_000_000
        self._cores = min(settings.workers, cores)

    def admit(
        self, newcomer: LegOwner, watching: Iterable[LegOwner], traffic: Traffic
    ) -> LegOwner | MediaRefusal:
        """The newcomer with the best that there is room for beside those who watch."""
        if self._max_viewers is None and self._egress_bps is None:
            return newcomer
        here = list(watching)
        if self._max_viewers is not None and len(here) >= self._max_viewers:
            return _full(RETRY_S)
        if self._egress_bps is None:
            return newcomer
        left = self._egress_bps - max(sum(map(traffic.of, here)), traffic.sent_bps)
        if traffic.of(newcomer) <= left:
            return newcomer
        if newcomer.picture:
            fitting = [r for r in traffic.rates(newcomer.session_id) if r.bitrate_bps <= left]
            if fitting:
                return replace(newcomer, most=fitting[-1].name)
        retry_s = RETRY_S if traffic.knows(newcomer.session_id) else MEASURED_S
        return _full(retry_s, sound_fits=newcomer.picture and left >= SOUND_BPS)

    def capacity(self, session_id: str, watching: Iterable[LegOwner], traffic: Traffic) -> Capacity:
        """How many viewers a session may have in all, beside what other sessions take."""
        here = list(watching)
        elsewhere = [leg for leg in here if leg.session_id != session_id]
        rates = traffic.rates(session_id)
        best = self._bounds(rates[-1].bitrate_bps, elsewhere, traffic)
        return Capacity(
            layers=tuple(
                LayerCapacity(
                    _whole(min(self._bounds(rate.bitrate_bps, elsewhere, traffic).values())),
                    rate.height,
                    rate.bitrate_bps,
                )
                for rate in reversed(rates)
            ),
            listeners=_whole(min(self._bounds(SOUND_BPS, elsewhere, traffic).values())),
            bound=min(best, key=lambda name: best[name]),
            measured=traffic.knows(session_id),
            watching=len(here) - len(elsewhere),
        )

    def _bounds(
        self, each_bps: int, elsewhere: list[LegOwner], traffic: Traffic
    ) -> dict[CapacityBound, float]:
        """How many viewers at this rate each bound allows beside those of other sessions."""
        packets_s = self._cores * PACKETS_PER_CORE_S - sum(
            _packets_s(traffic.of(leg)) for leg in elsewhere
        )
        bounds: dict[CapacityBound, float] = {"processor": packets_s / _packets_s(each_bps)}
        if self._egress_bps is not None:
            bounds["link"] = (self._egress_bps - sum(map(traffic.of, elsewhere))) / each_bps
        if self._max_viewers is not None:
            bounds["setting"] = self._max_viewers - len(elsewhere)
        return bounds


def wants_picture(offer_sdp: str) -> bool:
    """Whether an offer to watch is for more than sound."""
    return any(line.startswith("m=video ") for line in offer_sdp.splitlines())


def _packets_s(bps: float) -> float:
    return SOUND_PACKETS_S + max(0.0, bps - SOUND_BPS) / PACKET_BITS


def _whole(number: float) -> int:
    return max(0, math.floor(number))


def _full(retry_s: int, *, sound_fits: bool = False) -> MediaRefusal:
    sentence = "No more viewers fit on this server; the chat goes on without the picture."
    if sound_fits:
        sentence = "No more pictures fit on this server's link; the sound alone does."
    return MediaRefusal("full", sentence, retry_s, sound_fits=sound_fits)
