"""Which engine has picture and sound: the built-in one, or another server's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.keys import Keys
from app.settings import Settings
from live.domain.ids import ParticipantId, SessionId
from live.media import MediaSettings, MediaSupervisor, SharedMedia
from live.media.handoff.no_hls import NoHls
from live.media.handoff.place import JanusPlace
from live.media.handoff.strays import Presence
from live.media.hls.shared import SharedHls
from live.ports.bus import Bus
from live.ports.hls import HlsSource
from live.ports.media import MediaEngine
from live.ports.store import StoreUnavailable
from live.room.rooms import Rooms


def media_settings(settings: Settings) -> MediaSettings:
    """What the operator chose for the video path."""
    return MediaSettings(
        settings.udp_port,
        settings.media_workers,
        settings.public_ip,
        tcp_port=settings.media_tcp_port,
        accelerator=settings.media_accelerator,
        max_viewers=settings.max_viewers,
        egress_mbit=settings.egress_mbit,
        hls=settings.hls,
        hls_elsewhere=settings.hls_base_url is not None,
    )


def media_engine(settings: Settings, keys: Keys, rooms: Rooms) -> MediaEngine:
    """The engine of this installation, not started yet."""
    place, bounds = settings.handed_off, media_settings(settings)
    if place is None:
        return MediaSupervisor(bounds)
    # They bring aiortc along, which else only the media process has: 35 MB, a tenth of a start.
    if isinstance(place, JanusPlace):
        from live.media.handoff.janus import JanusMedia  # noqa: PLC0415 -- see above

        key = keys.derive("rooms of a media server")
        return JanusMedia(place, bounds, key, presence_in(rooms))
    from live.media.handoff.service import ServiceMedia  # noqa: PLC0415 -- see above
    from live.media.handoff.upstream import Upstream  # noqa: PLC0415 -- see above

    return ServiceMedia(Upstream(place), bounds, slug_in(rooms))


def hls_source(engine: MediaEngine, shared: SharedMedia | None, bus: Bus | None) -> HlsSource:
    """Where the pieces of HLS come from: this node, or all of them where there are several; from
    nowhere where another server has the picture."""
    if not isinstance(engine, MediaSupervisor):
        return NoHls()
    if shared is None or bus is None:
        return engine.hls
    return SharedHls(engine.hls, bus, shared.keeper)


def presence_in(rooms: Rooms) -> Presence:
    """How it is known whether a viewer has a page open, on whichever node."""

    async def present(session_id: str, participant_id: str) -> bool | None:
        try:
            room = await rooms.get(SessionId(session_id))
        except StoreUnavailable:
            return None
        return None if room is None else room.crowd.has(ParticipantId(participant_id))

    return present


def slug_in(rooms: Rooms) -> Callable[[str], Awaitable[str | None]]:
    """How a session's slug is found."""

    async def slug_of(session_id: str) -> str | None:
        room = await rooms.get(SessionId(session_id))
        return None if room is None else room.state.session.slug

    return slug_of
