"""What a viewer may choose where Janus sends: with the picture, or sound alone."""

from live.media.handoff.legs import Watcher
from live.media.handoff.link import JanusLink
from live.ports.media import LayerWish, Watched


async def heed(link: JanusLink, watcher: Watcher, wish: LayerWish) -> Watched:
    """Take a wish as far as it goes, and tell what the viewer gets. Raises as `JanusLink.say`.

    Sizes of the picture are not to choose from: Janus forwards the best layer that comes.
    """
    if wish.quality is not None and watcher.pictures:
        wanted = wish.quality != "audio"
        if wanted is not watcher.picture:
            for mid in watcher.pictures:
                await link.say(watcher.handle, {"request": "configure", "mid": mid, "send": wanted})
            watcher.picture = wanted
    picture = watcher.picture and bool(watcher.pictures)
    return Watched(
        quality="auto" if picture else "audio",
        picture=picture,
        height=None,
        bitrate_bps=0,
        short_link=False,
    )
