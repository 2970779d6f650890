"""One picture in several sizes: what a publisher's simulcast and temporal layers offer a viewer.

A *layer* is one stream of the picture (by its RID). Within it, frames of an upper temporal layer
can be left out. A *rung* is one way to watch, and the *ladder* all of them, from the cheapest to
the best.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MEASURE_S: Final = 0.5
SMOOTHING: Final = 0.4
"""Weight of the latest half second in a rate: a keyframe alone does not move a rung."""

QUIET_S: Final = 1.5
"""A layer from which nothing came for this long is not offered: browsers stop the upper ones when
their link or processor is short."""

TRACE: Final = 0.02
"""Share of a stream below which a temporal layer is taken for gone."""


class Meter:
    """What one stream carries, by temporal layer."""

    def __init__(self) -> None:
        self.height: int | None = None
        self._octets = [0, 0, 0, 0]
        self._rates: list[float] | None = None
        self._since: float | None = None
        self._last_at = float("-inf")

    def note(self, size: int, layer: int, now: float) -> None:
        """A packet of `size` bytes came."""
        self._last_at = now
        if self._since is None:
            self._since = now
        elapsed = now - self._since
        if elapsed >= MEASURE_S:
            latest = [octets * 8 / elapsed for octets in self._octets]
            before = self._rates or latest
            self._rates = [b + SMOOTHING * (n - b) for b, n in zip(before, latest, strict=True)]
            self._octets = [0, 0, 0, 0]
            self._since = now
        self._octets[layer] += size

    def is_live(self, now: float) -> bool:
        """Whether something came lately."""
        return now - self._last_at <= QUIET_S

    def rates_bps(self) -> tuple[int, ...]:
        """Of each temporal layer together with those below it; zero for the first half second."""
        if self._rates is None:
            return (0,)
        total = sum(self._rates)
        shares = [rate for rate in self._rates if rate > TRACE * total] or [total]
        return tuple(int(sum(shares[: index + 1])) for index in range(len(shares)))


SOUND_ALONE: Final = "-"
"""In place of a rung's name: nothing of the picture."""


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """What is known of one live layer; `rates_bps` as `Meter.rates_bps` gives them."""

    rid: str
    height: int | None
    rates_bps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to watch: this layer, with its temporal layers up to `top` (None: all)."""

    rid: str
    top: int | None
    bitrate_bps: int
    height: int | None

    @property
    def name(self) -> str:
        """Stays the same while rates change."""
        return f"{self.rid}/{'' if self.top is None else self.top}"


Ladder = tuple[Rung, ...]


def ladder(layers: Iterable[LayerFacts]) -> Ladder:
    """The rungs from the cheapest to the best, each worth more than those below it.

    Half the frames of a layer come before all of them; a quarter only of the smallest layer, for a
    link that carries nothing better. A rung that costs as much as a better one is left out.
    """
    ordered = sorted(layers, key=lambda layer: (layer.height or 0, layer.rates_bps[-1]))
    rungs: list[Rung] = []
    for index, layer in enumerate(ordered):
        whole = len(layer.rates_bps) - 1
        lowest = 0 if index == 0 else max(0, whole - 1)
        for top in range(lowest, whole + 1):
            rate = layer.rates_bps[top]
            rungs = [rung for rung in rungs if not 0 < rate <= rung.bitrate_bps]
            rungs.append(Rung(layer.rid, None if top == whole else top, rate, layer.height))
    return tuple(rungs)


def bounded(rungs: Ladder, *, shown_height: int | None) -> Ladder:
    """The rungs of use to a player that shows this many pixels: none of a layer beyond the smallest
    that fills them.
    """
    if shown_height is None:
        return rungs
    enough = min(
        (rung.height for rung in rungs if rung.height and rung.height >= shown_height * 0.9),
        default=None,
    )
    if enough is None:
        return rungs
    return tuple(rung for rung in rungs if rung.height is None or rung.height <= enough)


def up_to(rungs: Ladder, name: str) -> Ladder:
    """The rungs up to that of this name; the cheapest alone, where there is none such now; none for
    `SOUND_ALONE`.
    """
    if name == SOUND_ALONE:
        return ()
    for place, rung in enumerate(rungs):
        if rung.name == name:
            return rungs[: place + 1]
    return rungs[:1]


def smallest(rungs: Ladder) -> Ladder:
    """The rungs of the smallest layer."""
    return tuple(rung for rung in rungs if rung.rid == rungs[0].rid)
