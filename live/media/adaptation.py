"""What one viewer gets of the pictures it watches: as much as its link carries, its player shows
and its person wishes, and sound before pictures.
"""

from collections.abc import Iterable

from live.media.choosing import LayerChooser
from live.media.downlink import Downlink
from live.media.layers import SOUND_ALONE, Ladder, Rung, bounded, smallest, up_to
from live.media.outgoing import Outgoing
from live.media.picture import Picture
from live.media.source import Source
from live.ports.media import LayerWish, Watched


class Adaptation:
    """Lets a viewer's streams follow the right sources; lives as long as the viewer's leg."""

    def __init__(self) -> None:
        self.downlink = Downlink()
        self.wish = LayerWish(quality="auto", max_height=0)
        self.most: str | None = None
        """The rung beyond which the machine's link has no room for this viewer."""
        self._chooser: LayerChooser[Outgoing] = LayerChooser()
        self._pictures: dict[Outgoing, Picture] = {}
        self._rungs: dict[Outgoing, Rung | None] = {}

    def follow(self, stream: Outgoing, source: Source | None, now: float) -> None:
        """Show `source` from now on (None: nothing), or the layer of its picture that fits."""
        picture = None if source is None else source.picture
        if picture is None:
            self._pictures.pop(stream, None)
            stream.follow(source, now)
        elif self._pictures.get(stream) is not picture:
            self._pictures[stream] = picture
            stream.follow(None, now)
            self._choose(None, now)

    def wished(self, wish: LayerWish, now: float) -> None:
        """Take the person's choice and what the player shows; what is None stays as it was."""
        quality = wish.quality or self.wish.quality
        height = self.wish.max_height if wish.max_height is None else wish.max_height
        former, self.wish = self.wish, LayerWish(quality=quality, max_height=height)
        if former.quality != quality:
            self._chooser.hurry()
        if former != self.wish:
            self._choose(None, now)

    def tick(self, streams: Iterable[Outgoing], now: float) -> None:
        """Four times a second, look at what the link carries."""
        self.downlink.note_sent(sum(stream.octets_sent for stream in streams), now)
        shortage = self.downlink.take_shortage()
        if self._pictures and not (shortage is None and self._has_the_only(now)):
            self._choose(shortage, now)

    def _has_the_only(self, now: float) -> bool:
        """Whether each picture is watched in the one way there is: what most shows are, and
        nothing to choose for hundreds of viewers four times a second.
        """
        if self._short:
            return False
        for stream, picture in self._pictures.items():
            rungs, held = picture.ladder(now), self._rungs.get(stream)
            if len(rungs) != 1 or held is None or held.name != rungs[0].name:
                return False
        return True

    def watched(self) -> Watched:
        """What the viewer gets now."""
        shown = [rung for rung in self._rungs.values() if rung is not None]
        return Watched(
            quality=self.wish.quality or "auto",
            picture=bool(shown),
            height=max((rung.height or 0 for rung in shown), default=0) or None,
            bitrate_bps=sum(rung.bitrate_bps for rung in shown),
            short_link=self._short,
        )

    @property
    def _short(self) -> bool:
        """Whether either side's link carries no picture."""
        return self._chooser.paused or self.most == SOUND_ALONE

    def _choose(self, carried: float | None, now: float) -> None:
        ladders = {
            stream: self._allowed(picture.ladder(now)) for stream, picture in self._pictures.items()
        }
        self._rungs = self._chooser.choose(ladders, carried, now)
        for stream, rung in self._rungs.items():
            picture = self._pictures[stream]
            if rung is not None:
                self._go_over(stream, picture.source(rung), now, at_once=carried is not None)
            elif self._short or self.wish.quality == "audio":
                stream.follow(None, now)
            else:  # nothing came of it yet
                stream.turn_to(picture.sources[0], now)

    @staticmethod
    def _go_over(stream: Outgoing, source: Source, now: float, *, at_once: bool) -> None:
        """On a short link, what was too much stops before the next layer's keyframe is there."""
        former = stream.source
        if at_once and former is not None and former.origin is not source.origin:
            stream.follow(source, now)
        else:
            stream.turn_to(source, now)

    def _allowed(self, rungs: Ladder) -> Ladder:
        if not rungs or self.wish.quality == "audio":
            return ()
        if self.most is not None:
            rungs = up_to(rungs, self.most)
        if self.wish.quality == "low":
            return smallest(rungs)
        if self.wish.quality == "high":
            return rungs
        return bounded(rungs, shown_height=self.wish.max_height or None)
