"""All layers of one publisher's picture, and the sources that viewers can follow of them."""

from collections.abc import Sequence
from typing import Final

from live.media.layers import Ladder, LayerFacts, Rung, ladder
from live.media.source import Source
from live.media.thinned import Thinned

LADDER_S: Final = 0.2
"""How long a ladder serves all who ask: it is the same for every viewer."""


class Picture:
    """The layers of a picture, by RID. Each of `sources` belongs to it until one is closed."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = tuple(sources)
        self._by_rid = {source.rid: source for source in sources}
        self._thinned: dict[tuple[str, int], Thinned] = {}
        self._ladder: Ladder = ()
        self._ladder_at = float("-inf")
        for source in sources:
            source.picture = self

    def ladder(self, now: float) -> Ladder:
        """The ways to watch it now; while nothing comes at all, those there were last."""
        if now - self._ladder_at < LADDER_S:
            return self._ladder
        self._ladder_at = now
        facts = [
            LayerFacts(source.rid, source.meter.height, source.meter.rates_bps())
            for source in self.sources
            if source.meter.is_live(now)
        ]
        if facts:
            self._ladder = ladder(facts)
        return self._ladder

    def source(self, rung: Rung) -> Source:
        """What to follow for a rung of the ladder."""
        origin = self._by_rid[rung.rid]
        if rung.top is None:
            return origin
        key = (rung.rid, rung.top)
        thinned = self._thinned.get(key)
        if thinned is None:
            thinned = self._thinned[key] = Thinned(origin, rung.top)
        thinned.attach()
        return thinned

    def close(self) -> None:
        """End all its layers; none holds on to it any more, or would wait for the collector."""
        layers = (*self._thinned.values(), *self.sources)
        self._thinned.clear()
        for source in layers:
            source.close()
