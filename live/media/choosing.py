"""Which rung of a ladder a viewer gets: down at once when its link is short, up by careful trials.

Nothing tells how much more a link would carry than it is sent. So a better rung is tried after a
calm time; a trial that fails makes the next one wait twice as long. Sound is never chosen against:
where not even the smallest picture fits, the picture stops, and is tried again later.
"""

from collections.abc import Hashable, Mapping
from typing import Final, Generic, TypeVar

from live.media.layers import Ladder, Rung

START_BPS: Final = 1_000_000
"""What a new viewer's link is trusted to carry at once."""

HOLD_S: Final = 1.0
"""Calm time before the first trials of a better rung."""

HOLD_AFTER_FAILURE_S: Final = 4.0
HOLD_LIMIT_S: Final = 64.0
PAUSE_LIMIT_S: Final = 16.0
"""A picture that stopped is tried again at least so often."""

TRIAL_S: Final = 8.0
"""A shortage so soon after a better rung is that rung's doing."""

SETTLE_S: Final = 1.5
"""So long after a change, reports still tell of what was sent before it."""

FORGIVEN_S: Final = 30.0
"""After so long without a shortage, the waiting times are halved."""

MARGIN: Final = 0.85
"""Share of what a link carries that is used: the rest is for sound, repairs and keyframes."""

STRIKES: Final = 3
STRIKES_S: Final = 8.0
"""So many shortages in this time on the smallest picture, and it stops."""

HOPELESS: Final = 0.7
"""A link that carries a smaller share than this of the smallest picture is too short for it."""

Key = TypeVar("Key", bound=Hashable)


class LayerChooser(Generic[Key]):
    """The rungs of one viewer's pictures, by key."""

    def __init__(self) -> None:
        self.paused = False
        """No picture is sent, since the link carries none."""
        self._chosen: dict[Key, Rung] = {}
        self._proven: dict[Key, int] = {}
        """What was carried before the latest trial."""
        self._hold_s = HOLD_S
        self._pause_s = HOLD_AFTER_FAILURE_S
        self._changed_at = float("-inf")
        self._raised_at = float("-inf")
        self._short_at = float("-inf")
        self._strikes: tuple[float, ...] = ()
        self._resumed = False
        """The picture has come back and nothing better was tried since."""

    def choose(
        self, ladders: Mapping[Key, Ladder], carried: float | None, now: float
    ) -> dict[Key, Rung | None]:
        """The rung for each picture from now on; None for one that is not to be sent.

        `carried` is the share of what was sent that the link carries, None if it carries all as far
        as is known; an empty ladder is a picture that nobody wants.
        """
        wanted = {key: rungs for key, rungs in ladders.items() if rungs}
        if self._changed_at == float("-inf"):
            self._changed_at = now
        if self.paused:
            if now - self._changed_at < self._pause_s:
                return dict.fromkeys(ladders)
            self.paused = False
            self._resumed = True
            self._hold_s = HOLD_AFTER_FAILURE_S
            self._raised_at = self._changed_at = now
            places = dict.fromkeys(wanted, 0)
        else:
            places = {key: self._place(key, rungs) for key, rungs in wanted.items()}
        settled = now - max(self._raised_at, self._short_at) >= SETTLE_S
        if settled and carried is not None and carried < 1 and wanted:
            places = self._lowered(wanted, places, carried, now)
        elif now - self._changed_at >= self._hold_s:
            places = self._raised(wanted, places, now)
        if self.paused:
            self._chosen.clear()
            return dict.fromkeys(ladders)
        self._chosen = {key: rungs[places[key]] for key, rungs in wanted.items()}
        return {key: self._chosen.get(key) for key in ladders}

    def hurry(self) -> None:
        """Forget former failures: the viewer asks for more by itself."""
        self._hold_s = HOLD_S
        self._pause_s = HOLD_AFTER_FAILURE_S

    def _place(self, key: Key, rungs: Ladder) -> int:
        held = self._chosen.get(key)
        if held is None:
            return _fitting(rungs, START_BPS)
        for place, rung in enumerate(rungs):
            if (rung.rid, rung.top) == (held.rid, held.top):
                return place
        return _fitting(rungs, held.bitrate_bps)

    def _lowered(
        self, ladders: Mapping[Key, Ladder], places: dict[Key, int], carried: float, now: float
    ) -> dict[Key, int]:
        bps = carried * _cost(ladders, places)
        failed = now - self._raised_at < TRIAL_S
        self._short_at = self._changed_at = now
        wait = self._hold_s * 2 if failed else self._hold_s
        self._hold_s = min(max(wait, HOLD_AFTER_FAILURE_S), HOLD_LIMIT_S)
        if any(places.values()):
            self._strikes = ()
            if failed and self._proven.keys() == places.keys():
                proven = {key: min(self._proven[key], place) for key, place in places.items()}
                if _cost(ladders, proven) <= bps:
                    return proven
            fitting = _shared_out(ladders, bps * MARGIN)
            return {key: min(place, fitting[key]) for key, place in places.items()}
        if carried < HOPELESS:
            self._strikes = (*self._strikes, now)[-STRIKES:]
        tried_in_vain = failed and self._resumed
        lasts = len(self._strikes) == STRIKES and now - self._strikes[0] < STRIKES_S
        if carried < HOPELESS and (lasts or tried_in_vain):
            self.paused = True
            self._strikes = ()
            if tried_in_vain:
                self._pause_s = min(self._pause_s * 2, PAUSE_LIMIT_S)
        return places

    def _raised(
        self, ladders: Mapping[Key, Ladder], places: dict[Key, int], now: float
    ) -> dict[Key, int]:
        if now - self._short_at > FORGIVEN_S and now - self._changed_at >= HOLD_S:
            self._hold_s = max(HOLD_S, self._hold_s / 2)
            self._pause_s = max(HOLD_AFTER_FAILURE_S, self._pause_s / 2)
        self._resumed = False
        below = [key for key, rungs in ladders.items() if places[key] < len(rungs) - 1]
        if not below:
            return places
        next_up = min(below, key=lambda key: places[key])
        self._proven = places
        self._raised_at = self._changed_at = now
        return places | {next_up: places[next_up] + 1}


def _fitting(rungs: Ladder, budget_bps: float) -> int:
    """The best rung of a known rate within a budget; the cheapest, if there is none."""
    fits = [i for i, rung in enumerate(rungs) if 0 < rung.bitrate_bps <= budget_bps]
    return max(fits, default=0)


def _shared_out(ladders: Mapping[Key, Ladder], budget_bps: float) -> dict[Key, int]:
    """A budget shared among pictures: each gets its next rung in turn, while the sum fits."""
    places = dict.fromkeys(ladders, 0)
    open_keys = list(ladders)
    while open_keys:
        key = min(open_keys, key=lambda k: places[k])
        higher = places | {key: places[key] + 1}
        if higher[key] < len(ladders[key]) and _cost(ladders, higher) <= budget_bps:
            places = higher
        else:
            open_keys.remove(key)
    return places


def _cost(ladders: Mapping[Key, Ladder], places: Mapping[Key, int]) -> int:
    return sum(rungs[places[key]].bitrate_bps for key, rungs in ladders.items())
