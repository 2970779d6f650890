"""Whether another server can have picture and sound: asked as it will be asked in a show."""

from __future__ import annotations

import asyncio
from typing import Final

from app.doctor.finding import Finding
from app.settings.handoff import MediaPlace
from live.media.handoff.legs import Profile
from live.media.handoff.link import JanusAway, JanusError, JanusLink
from live.media.handoff.place import JanusPlace
from live.media.handoff.stage import JanusStage
from live.media.handoff.upstream import Upstream

NAME: Final = "media server"
CONNECT_S: Final = 5.0
TRIED: Final = Profile(video="VP8", video_type=96, audio_type=111, parameters="")


async def media_server(place: MediaPlace) -> Finding:
    """Reachable, known by its secrets, and able to do what is asked of it."""
    return await (_janus(place) if isinstance(place, JanusPlace) else _service(Upstream(place)))


async def _janus(place: JanusPlace) -> Finding:
    link = JanusLink(place, up=lambda: None, down=lambda: None)
    link.start()
    try:
        async with asyncio.timeout(CONNECT_S):
            await link.tried.wait()
            about = await link.ask({"janus": "info"})
            await _try_a_room(link, place)
    except JanusError as error:
        mend = (
            "have Janus load the plugins videoroom and streaming, with numbers for names"
            " (string_ids off), and give their admin_key in CAUSERIE_MEDIA_ADMIN_KEY"
        )
        return _failed(f"Janus at {place.host} makes no room ({error.code}): {error}", mend)
    except (JanusAway, TimeoutError):
        mend = "see that Janus runs with its WebSocket transport, and mend CAUSERIE_MEDIA_URL"
        if "refuses" in link.trouble:
            mend = "give Janus' api_secret in CAUSERIE_MEDIA_TOKEN"
        return _failed(f"Janus at {place.host}: {link.trouble}", mend)
    finally:
        await link.close()
    says = f"Janus {about.version_string} at {place.host} makes rooms and mountpoints"
    if not about.api_secret:
        mend = "set api_secret in janus.jcfg, and CAUSERIE_MEDIA_TOKEN to the same"
        return _failed(f"{says} for everyone who reaches it", mend)
    if not about.ice_lite:
        says += "; with ice_lite in janus.jcfg players of every kind would connect at once"
    return Finding(NAME, ok=True, says=says)


async def _try_a_room(link: JanusLink, place: JanusPlace) -> None:
    """Make what a session takes, and take it away."""
    stage = JanusStage("doctor", link, b"a key for a moment", place.admin_key)
    rooms = await link.attach("videoroom", lambda _: None)
    mounts = await link.attach("streaming", lambda _: None)
    await stage.room(rooms)
    await stage.mount(mounts, TRIED)
    await stage.leave_mounts(mounts)
    await stage.leave_room(rooms)


async def _service(upstream: Upstream) -> Finding:
    try:
        trouble = await upstream.look()
    finally:
        await upstream.close()
    host = upstream.place.host
    if trouble is not None:
        mend = "see that it runs, and mend CAUSERIE_MEDIA_URL and CAUSERIE_MEDIA_TOKEN"
        return _failed(f"the service at {host}: {trouble}", mend)
    return Finding(NAME, ok=True, says=f"the service at {host} answers")


def _failed(says: str, mend: str) -> Finding:
    return Finding(NAME, ok=False, says=says, mend=mend)
