"""One session as Janus has it: a room that takes publishers, mountpoints that viewers watch, and
the streams forwarded from one to the other.

Viewers do not subscribe to the room itself. A mountpoint is there whoever publishes, so a viewer's
leg outlives its publisher; what goes into it is ours to say, so that a preview, a guest backstage
and a slate reach nobody; and it can be made with the payload types that a viewer offers, which
Janus would not rewrite (docs/adr/0044).
"""

import asyncio
import hashlib
import hmac
import logging
from dataclasses import dataclass, field
from typing import Any, Final

from live.media.codecs import Codec, Kind
from live.media.handoff.legs import Feed, Profile, Watcher, codec_name, stream_name
from live.media.handoff.link import JanusAway, JanusError, JanusLink, Port
from live.ports.media import LegId
from live.ports.media_seats import SEATS, Seat

log = logging.getLogger(__name__)

INSIDE: Final = "127.0.0.1"
"""Streams go from Janus to itself."""

PUBLISHERS_MOST: Final = 8
"""Four seats, and as many again for those who take one over."""

MOUNTS_MOST: Final = 8
"""Of one session; each has a dozen ports. Browsers differ in two or three ways."""


Stream = tuple[LegId, Kind]


@dataclass(eq=False, slots=True)
class Mount:
    """A mountpoint, and what is forwarded into it: forwarders by publisher's leg and kind."""

    profile: Profile
    id: int
    ports: dict[str, Port]
    forwarded: dict[Stream, int] = field(default_factory=dict)
    watching: int = 0


class JanusStage:
    """A session's room, mountpoints and legs. `key` makes its names and secrets: the same after a
    restart of ours, so that what a former run left behind can be taken away.
    """

    def __init__(self, session_id: str, link: JanusLink, key: bytes, admin_key: str | None) -> None:
        self.session_id = session_id
        self.feeds: dict[Seat, Feed] = {}
        self.coming: set[Seat] = set()
        """Seats that somebody is being let into."""
        self.watchers: dict[LegId, Watcher] = {}
        self.on_air = False
        self.slate = False
        self.unsettled = False
        """Something changed that `settle` has not seen to."""
        self.settling: asyncio.Task[None] | None = None
        self._link = link
        self._key = key
        self._secret = self._drawn("secret").hex()
        self.pin = self._drawn("pin").hex()
        self._room_id = self._number("room")
        self._admin = {} if admin_key is None else {"admin_key": admin_key}
        self._mounts: dict[Profile, Mount] = {}
        self._has_room = False
        self._turn = asyncio.Lock()

    def forget(self) -> None:
        """Nothing of it is there any more: Janus went."""
        self.feeds.clear()
        self.watchers.clear()
        self._mounts.clear()
        self._has_room = False

    @property
    def shown(self) -> list[Seat]:
        """The seats that viewers get."""
        return [
            seat
            for seat in SEATS
            if seat in self.feeds and self.feeds[seat].publishing and self.feeds[seat].on_air
        ]

    @property
    def video(self) -> Codec | None:
        """What pictures come in: all seats' the same, as a viewer may be sent one codec alone."""
        return self.video_beside(None)

    def video_beside(self, seat: Seat | None) -> Codec | None:
        """The same, of the other seats."""
        others = (feed for feed in self.feeds.values() if feed.seat != seat)
        return next((feed.video for feed in others if feed.video is not None), None)

    async def room(self, rooms: int) -> int:
        """The room's number; made by the handle `rooms` if it is not there. Raises as `say`."""
        async with self._turn:
            if not self._has_room:
                await self._make_way(rooms, {"room": self._room_id})
                wishes: dict[str, Any] = {
                    "request": "create",
                    "room": self._room_id,
                    "secret": self._secret,
                    "pin": self.pin,
                    "is_private": True,
                    "publishers": PUBLISHERS_MOST,
                    "audiocodec": "opus",
                    "videocodec": "vp8,h264",
                }
                await self._link.say(rooms, wishes | self._admin)
                self._has_room = True
        return self._room_id

    async def mount(self, mounts: int, profile: Profile) -> int | None:
        """The number of the mountpoint for this profile; made by the handle `mounts` if it is not
        there, and empty until `settle`. It is kept until as many `unmount` it. None if there are
        too many. Raises as `say`.
        """
        async with self._turn:
            mount = self._mounts.get(profile)
            if mount is None:
                if len(self._mounts) >= MOUNTS_MOST and not await self._make_room(mounts):
                    return None
                mount = self._mounts[profile] = await self._make_mount(mounts, profile)
            mount.watching += 1
        return mount.id

    def unmount(self, profile: Profile) -> None:
        """A viewer of this profile went, or did not come after all."""
        mount = self._mounts.get(profile)
        if mount is not None:
            mount.watching -= 1

    def doubt(self) -> None:
        """Janus does not know what it was told: have it made anew."""
        self._has_room = False
        self._mounts.clear()

    async def settle(self, rooms: int) -> set[LegId]:
        """Have forwarded what is to be seen and heard now, and nothing else.

        Returns the publishers of whom it is not known, because Janus did not answer: nobody may
        trust that they are cut. Who is just leaving is passed over.
        """
        doubtful: set[LegId] = set()
        async with self._turn:
            wanted = self._wanted()
            for mount in list(self._mounts.values()):
                for stream in [each for each in mount.forwarded if each not in wanted]:
                    if not await self._stop(rooms, stream, mount.forwarded.pop(stream)):
                        doubtful.add(stream[0])
                for stream, feed in wanted.items():
                    if stream in mount.forwarded or not _fits(mount, feed, stream[1]):
                        continue
                    if not await self._start(rooms, mount, stream, feed):
                        doubtful.add(stream[0])
        return doubtful

    async def refresh(self, feed: Feed) -> None:
        """Have a publisher send a keyframe. Raises as `say`."""
        await self._link.say(feed.handle, {"request": "configure", "keyframe": True})

    async def leave_mounts(self, mounts: int) -> None:
        """Take the mountpoints away, and with them all viewers' connections. Raises as `say`."""
        async with self._turn:
            while self._mounts:
                _, mount = self._mounts.popitem()
                await self._make_way(mounts, {"id": mount.id})

    async def leave_room(self, rooms: int) -> None:
        """Take the room away, and with it all publishers' connections. Raises as `say`."""
        async with self._turn:
            if self._has_room:
                self._has_room = False
                await self._make_way(rooms, {"room": self._room_id})

    def _wanted(self) -> dict[Stream, Feed]:
        if not self.on_air or self.slate:
            return {}
        return {
            (feed.leg_id, kind): feed
            for feed in (self.feeds[seat] for seat in self.shown)
            for kind in feed.mids
            if kind == "video" or not feed.muted
        }

    async def _start(self, rooms: int, mount: Mount, stream: Stream, feed: Feed) -> bool:
        """Whether it is known what became of it."""
        kind = stream[1]
        port = mount.ports[stream_name(kind, feed.seat)]
        profile = mount.profile
        wish: dict[str, Any] = {
            "mid": feed.mids[kind],
            "port": port.port,
            "pt": profile.video_type if kind == "video" else profile.audio_type,
        }
        if kind == "video":
            # By it a viewer's wish for a keyframe comes back to the publisher.
            wish |= {"rtcp_port": port.rtcp_port, "simulcast": feed.layered}
        request = {"request": "rtp_forward", "host": INSIDE, "streams": [wish]}
        try:
            said = await self._link.say(rooms, request | self._of(feed))
            for made in said.plugin.forwarders:
                mount.forwarded[stream] = made.stream_id
            if kind == "video":
                await self.refresh(feed)
        except JanusError as error:
            log.warning("Janus does not forward a %s: %s", feed.seat, error)
        except JanusAway:
            return False
        return True

    async def _stop(self, rooms: int, stream: Stream, forwarder: int) -> bool:
        """Whether it is known to have stopped."""
        feed = next((each for each in self.feeds.values() if each.leg_id == stream[0]), None)
        if feed is None:
            return True  # it went with its publisher
        request = {"request": "stop_rtp_forward", "stream_id": forwarder}
        try:
            await self._link.say(rooms, request | self._of(feed))
        except JanusError as error:
            log.warning("Janus has nothing to stop: %s", error)
        except JanusAway:
            return False
        return True

    def _of(self, feed: Feed) -> dict[str, Any]:
        """Which publisher is meant, and the right to say so."""
        named = {"room": self._room_id, "publisher_id": feed.id, "secret": self._secret}
        return named | self._admin

    async def _make_mount(self, mounts: int, profile: Profile) -> Mount:
        number = self._number(f"mountpoint {profile!r}")
        await self._make_way(mounts, {"id": number})
        streams: list[dict[str, Any]] = []
        for seat in SEATS:
            inside = {"port": 0, "iface": INSIDE}
            streams.append(
                inside
                | {
                    "type": "video",
                    "mid": stream_name("video", seat),
                    "codec": profile.codec,
                    "pt": profile.video_type,
                    "rtcpport": 0,
                }
                | ({"fmtp": profile.parameters} if profile.parameters else {})
            )
            streams.append(
                inside
                | {
                    "type": "audio",
                    "mid": stream_name("audio", seat),
                    "codec": "opus",
                    "pt": profile.audio_type,
                }
            )
        said = await self._link.say(
            mounts,
            {
                "request": "create",
                "type": "rtp",
                "id": number,
                "secret": self._secret,
                "pin": self.pin,
                "is_private": True,
                "media": streams,
            }
            | self._admin,
        )
        made = said.plugin.stream
        return Mount(profile, number, {port.mid: port for port in made.ports} if made else {})

    async def _make_room(self, mounts: int) -> bool:
        """Take away a mountpoint that nobody watches, if there is one."""
        for profile, mount in self._mounts.items():
            if mount.watching == 0:
                del self._mounts[profile]
                await self._make_way(mounts, {"id": mount.id})
                return True
        return False

    async def _make_way(self, handle: int, what: dict[str, Any]) -> None:
        """Take away what has this name, if there is anything."""
        try:
            await self._link.say(handle, {"request": "destroy", "secret": self._secret} | what)
        except JanusError:
            return

    def _drawn(self, purpose: str) -> bytes:
        text = f"{self.session_id} {purpose}".encode()
        return hmac.digest(self._key, text, hashlib.sha256)[:16]

    def _number(self, purpose: str) -> int:
        """A number that JavaScript can hold too, never 0."""
        return int.from_bytes(self._drawn(purpose)[:6]) | 1


def _fits(mount: Mount, feed: Feed, kind: Kind) -> bool:
    return kind == "audio" or (
        feed.video is not None and codec_name(feed.video) == mount.profile.video
    )
