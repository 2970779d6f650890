"""What one viewer of a session is sent, in each of the ways to watch it."""

from collections.abc import Iterable
from typing import Final

from live.media.publisher import Publisher
from live.ports.media_figures import WatchRate

WIRE: Final = 1.06
"""Of a packet on its way to its payload: headers of RTP, UDP and IP, and the tag of SRTP."""


def watch_rates(publishers: Iterable[Publisher], now: float) -> tuple[WatchRate, ...]:
    """From the cheapest to the best, each for all publishers together; empty while unmeasured.

    Rungs of several pictures are taken at the same place of their ladders, and named by the first.
    """
    ladders = []
    sound_bps = 0
    for publisher in publishers:
        if not publisher.shown:
            continue
        source = publisher.sources.get("video")
        picture = None if source is None else source.picture
        sound_bps += publisher.bitrate_bps
        if picture is not None and any(rung.bitrate_bps for rung in picture.ladder(now)):
            ladders.append(picture.ladder(now))
            sound_bps -= sum(layer.meter.rates_bps()[-1] for layer in picture.sources)
    sound_bps = max(0, sound_bps)
    if not ladders:
        return (WatchRate("", None, int(sound_bps * WIRE)),) if sound_bps else ()
    rates = []
    for place in range(max(map(len, ladders))):
        chosen = [rungs[min(place, len(rungs) - 1)] for rungs in ladders]
        picture_bps = sum(rung.bitrate_bps for rung in chosen)
        rates.append(
            WatchRate(chosen[0].name, chosen[0].height, int((picture_bps + sound_bps) * WIRE))
        )
    return tuple(rates)
