"""The media port over Janus: its VideoRoom plugin takes publishers, its Streaming plugin serves
viewers, and we carry the words between them and people.
"""

import asyncio
import logging
import re
from collections.abc import Coroutine
from typing import Any, Final

from live.media.fragment import matches, read_fragment
from live.media.handoff.entering import join, let_watch, new_feed
from live.media.handoff.handed import (
    CALL_S,
    NOT_HERE,
    RETRY_LATER_S,
    RETRY_SOON_S,
    HandedOff,
    seat_of,
    service_down,
    turned_away,
    understood,
)
from live.media.handoff.legs import Feed, Watcher
from live.media.handoff.link import JanusAway, JanusError, JanusLink, Said
from live.media.handoff.mediation import CANDIDATES_MOST, is_name
from live.media.handoff.meeting import Sending, Viewing, receiving, sending
from live.media.handoff.place import JanusPlace
from live.media.handoff.stage import JanusStage
from live.media.handoff.wishes import heed
from live.media.offer import MalformedOfferError
from live.media.settings import MediaSettings
from live.ports.media import (
    SEATS,
    EngineBack,
    EngineLost,
    FreedReason,
    LayerWish,
    Leg,
    LegId,
    LegOwner,
    MediaHealth,
    MediaRefusal,
    PublishRequest,
    Restarted,
    SeatFreed,
    SeatOrder,
    SeatStats,
    Trickled,
    Watched,
    WatchRequest,
)

log = logging.getLogger(__name__)

AGAIN_S: Final = 1.0
CONNECT_LIMIT_S: Final = 15.0
"""From the answer to a connection; a leg that never gets there ends."""

_BAD_SDP: Final = frozenset({437, 456, 465})
"""Janus' codes for a description that it does not understand."""

_UNKNOWN: Final = frozenset({426, 455})
"""No such room, or mountpoint: somebody took it away."""

_ENDS: Final = frozenset({"hangup", "detached"})
"""Its peer connection is gone, or its handle."""

_CANDIDATE: Final = re.compile(r"a=(candidate:[\x20-\x7e]{1,256})")


class JanusMedia(HandedOff):
    """`MediaEngine` over a Janus server; see there for what each call promises. `key` is secret:
    the rooms' own secrets are drawn from it.
    """

    def __init__(self, place: JanusPlace, settings: MediaSettings, key: bytes) -> None:
        super().__init__(settings)
        self._link = JanusLink(place, up=self._came, down=self._went)
        self._place = place
        self._key = key
        self._stages: dict[str, JanusStage] = {}
        self._controls: dict[str, int] = {}
        self._was_lost = False
        self._open = False

    async def start(self) -> None:
        """See `MediaEngine.start`. Janus itself need not be there yet: it is tried until it is."""
        self._open = True
        self._link.start()

    async def close(self) -> None:
        """See `MediaEngine.close`. The rooms go with it."""
        if not self._open:
            return
        self._open = False
        try:
            async with asyncio.timeout(1):
                for session_id in list(self._stages):
                    await self.end_session(session_id)
        except TimeoutError:
            log.warning("Janus took too long to forget the rooms")
        await self.settled(0.5)
        await self._link.close()

    async def publish(self, request: PublishRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.publish`."""
        offer = understood(request.offer_sdp)
        if isinstance(offer, MediaRefusal):
            return offer
        stage = self._stage(request.session_id)
        sections = sending(offer, stage.video)
        if isinstance(sections, MediaRefusal):
            return sections
        holder = stage.feeds.get(request.seat)
        own_and_gone = (
            holder is not None and holder.silent and holder.participant_id == request.participant_id
        )
        taken = holder is not None and not own_and_gone and not request.takeover
        if taken or request.seat in stage.coming:
            return MediaRefusal(
                "seat_taken", "Someone publishes from this seat; takeover=1 replaces them."
            )
        owner = LegOwner(request.session_id, request.participant_id, "publisher", request.seat)
        crowded = self.crowded(owner)
        if crowded is not None:
            return crowded
        stage.coming.add(request.seat)
        try:
            async with asyncio.timeout(CALL_S):
                return await self._join(stage, request, owner, sections)
        except (JanusError, JanusAway, TimeoutError) as error:
            return self._refusal(stage, error)
        finally:
            stage.coming.discard(request.seat)

    async def watch(self, request: WatchRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.watch`. A player with one picture gets the host's."""
        offer = understood(request.offer_sdp)
        if isinstance(offer, MediaRefusal):
            return offer
        stage = self._stages.get(request.session_id)
        if not self._link.is_up:
            return service_down()
        if stage is None or not stage.on_air or not stage.shown:
            return MediaRefusal("not_publishing", "Nobody publishes yet.", RETRY_SOON_S)
        viewing = receiving(offer, request.offer_sdp, stage.video)
        if isinstance(viewing, MediaRefusal):
            return viewing
        owner = LegOwner(request.session_id, request.participant_id, "viewer", None)
        crowded = self.crowded(owner)
        if crowded is not None:
            return crowded
        try:
            async with asyncio.timeout(CALL_S):
                return await self._let_watch(stage, owner, viewing)
        except (JanusError, JanusAway, TimeoutError) as error:
            return self._refusal(stage, error)
        except MalformedOfferError as error:
            return MediaRefusal("malformed_sdp", str(error))

    async def trickle(
        self, leg_id: LegId, etag: str | None, fragment: str
    ) -> Trickled | Restarted | MediaRefusal:
        """See `MediaEngine.trickle`. ICE does not begin anew here: the page takes a new leg."""
        found = self._find(leg_id)
        if found is None:
            return MediaRefusal("not_found", "There is no such leg.")
        refusal = matches(etag, self.etags[leg_id])
        if refusal is not None:
            return refusal
        read = read_fragment(fragment)
        if isinstance(read, MediaRefusal):
            return read
        _, leg = found
        if read.ufrag is not None and read.ufrag != leg.ufrag:
            return NOT_HERE
        candidates = [
            {"sdpMLineIndex": 0, "candidate": candidate}
            for candidate in _CANDIDATE.findall(fragment)[:CANDIDATES_MOST]
            if not is_name(candidate)
        ]
        if candidates:
            try:
                await self._link.trickle(leg.handle, candidates)
            except (JanusError, JanusAway) as error:
                return self._refusal(None, error)
        return Trickled()

    async def adjust(self, leg_id: LegId, wish: LayerWish) -> Watched | MediaRefusal:
        """See `MediaEngine.adjust`: the picture, or sound alone."""
        owner = self.owners.get(leg_id)
        stage = None if owner is None else self._stages.get(owner.session_id)
        watcher = None if stage is None else stage.watchers.get(leg_id)
        if watcher is None or stage is None:
            return MediaRefusal("not_found", "There is no such leg.")
        had = watcher.picture
        try:
            watched = await heed(self._link, watcher, wish)
        except (JanusError, JanusAway) as error:
            return self._refusal(stage, error)
        if watcher.picture and not had:
            self.soon(self._refresh(stage))
        return watched

    async def hang_up(self, leg_id: LegId) -> bool:
        """See `MediaEngine.hang_up`."""
        return self._end(leg_id, "hung_up")

    async def evict(self, session_id: str, participant_id: str) -> int:
        """See `MediaEngine.evict`."""
        legs = [
            leg_id
            for leg_id, owner in self.owners.items()
            if (owner.session_id, owner.participant_id) == (session_id, participant_id)
        ]
        self.turn_away(session_id, participant_id)
        return sum(self._end(leg_id, "evicted") for leg_id in legs)

    async def set_on_air(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_on_air`."""
        stage = self._stage(session_id)
        stage.on_air = on
        (self.on_air.add if on else self.on_air.discard)(session_id)
        await self._settle(stage)
        if not on:
            await self._clear_viewers(stage)

    async def set_seats(self, session_id: str, orders: tuple[SeatOrder, ...]) -> None:
        """See `MediaEngine.set_seats`."""
        stage = self._stages.get(session_id)
        if stage is None:
            return
        for order in orders:
            feed = stage.feeds.get(order.seat)
            if feed is None:
                continue
            if feed.participant_id != order.participant_id:
                self._end(feed.leg_id, "evicted")
            else:
                feed.on_air, feed.muted = order.on_air, order.muted
        await self._settle(stage)

    async def set_slate(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_slate`: nothing is forwarded from the room while it is on."""
        stage = self._stage(session_id)
        stage.slate = on
        (self.slates.add if on else self.slates.discard)(session_id)
        await self._settle(stage)

    async def end_session(self, session_id: str) -> None:
        """See `MediaEngine.end_session`."""
        self.turn_away(session_id)
        self.on_air.discard(session_id)
        self.slates.discard(session_id)
        stage = self._stages.get(session_id)
        if stage is None:
            return
        stage.on_air = False
        for feed in list(stage.feeds.values()):
            self._end(feed.leg_id, "ended")
        await self._clear_viewers(stage)
        if self._link.is_up:
            await self._tried(stage, self._leave_room(stage))
        self._stages.pop(session_id, None)

    async def health(self) -> MediaHealth:
        """See `MediaEngine.health`."""
        trouble = None if self._link.is_up else f"Janus at {self._place.host}: {self._link.trouble}"
        return self.standing(trouble)

    def seated(self, session_id: str) -> tuple[SeatStats, ...]:
        """See `HandedOff.seated`."""
        stage = self._stages.get(session_id)
        feeds = [] if stage is None else [stage.feeds[s] for s in SEATS if s in stage.feeds]
        return tuple(
            seat_of(feed.published, silent=feed.silent) for feed in feeds if feed.publishing
        )

    # --- letting in

    async def _join(
        self, stage: JanusStage, request: PublishRequest, owner: LegOwner, sections: Sending
    ) -> Leg | MediaRefusal:
        feed = new_feed(request, sections, tell=self.listeners.tell, lose=self._lose)
        with self.arriving(owner) as arrival:
            answer = await join(
                self._link,
                stage,
                feed,
                request.offer_sdp,
                sections,
                rooms=await self._control("videoroom"),
                hear=lambda said: self._feed_said(stage, feed, said),
            )
        if isinstance(answer, MediaRefusal):
            return answer
        if arrival.unwanted:
            self._link.drop(feed.handle)
            return turned_away()
        former = stage.feeds.get(request.seat)
        if former is not None:
            self._end(former.leg_id, "replaced")
        stage.feeds[request.seat] = feed
        self._expect(feed)
        return self.register(feed.leg_id, owner, answer)

    async def _let_watch(
        self, stage: JanusStage, owner: LegOwner, viewing: Viewing
    ) -> Leg | MediaRefusal:
        profile = viewing.profile
        mounts = await self._control("streaming")
        with self.arriving(owner) as arrival:
            mount = await stage.mount(mounts, profile)
            if mount is None:
                return MediaRefusal("overloaded", "Too many kinds of players.", RETRY_LATER_S)
            try:
                self._settling(stage)
                watcher, answer = await let_watch(
                    self._link,
                    stage,
                    mount,
                    viewing,
                    hear=lambda watcher, said: self._watcher_said(stage, watcher, said),
                )
            except BaseException:
                stage.unmount(profile)
                raise
        if arrival.unwanted:
            stage.unmount(profile)
            self._link.drop(watcher.handle)
            return turned_away()
        stage.watchers[watcher.leg_id] = watcher
        self._expect(watcher)
        return self.register(watcher.leg_id, owner, answer)

    def _expect(self, leg: Feed | Watcher) -> None:
        """End it if it never connects."""

        def look() -> None:
            if not leg.connected:
                self._lose(leg.leg_id)

        asyncio.get_running_loop().call_later(CONNECT_LIMIT_S, look)

    # --- what Janus tells

    def _feed_said(self, stage: JanusStage, feed: Feed, said: Said) -> None:
        if said.janus in _ENDS or said.plugin.videoroom == "destroyed":
            self._lose(feed.leg_id)
        elif feed.hear(said):
            self._settling(stage)

    def _watcher_said(self, stage: JanusStage, watcher: Watcher, said: Said) -> None:
        if said.janus in _ENDS:
            self._lose(watcher.leg_id)
        elif said.janus == "webrtcup":
            watcher.connected = True
            self.soon(self._refresh(stage))

    async def _refresh(self, stage: JanusStage) -> None:
        """Keyframes for a newcomer."""
        for feed in [stage.feeds[seat] for seat in stage.shown if stage.feeds[seat].video]:
            await self._tried(stage, stage.refresh(feed))

    def _came(self) -> None:
        if self._was_lost:
            self._was_lost = False
            self.listeners.tell(EngineBack())

    def _went(self) -> None:
        """Everything in Janus ended with the session that we had there."""
        self._was_lost = True
        self._controls.clear()
        for stage in self._stages.values():
            feeds = list(stage.feeds.values())
            stage.forget()
            for feed in feeds:
                self._tell_freed(feed, "engine_lost")
        self.owners.clear()
        self.etags.clear()
        self.listeners.tell(EngineLost())

    # --- ends

    def _end(self, leg_id: LegId, reason: FreedReason) -> bool:
        found = self._find(leg_id)
        if found is None:
            return False
        self.strike(leg_id)
        stage, leg = found
        self._link.drop(leg.handle)
        if isinstance(leg, Feed):
            del stage.feeds[leg.seat]
            self._tell_freed(leg, reason)
            self._settling(stage)
        else:
            del stage.watchers[leg_id]
            stage.unmount(leg.profile)
        return True

    def _lose(self, leg_id: LegId) -> None:
        self._end(leg_id, "lost")

    def _tell_freed(self, feed: Feed, reason: FreedReason) -> None:
        feed.rest()
        if feed.publishing:
            freed = SeatFreed(feed.session_id, feed.seat, feed.participant_id, reason)
            self.listeners.tell(freed)

    async def _clear_viewers(self, stage: JanusStage) -> None:
        for leg_id in list(stage.watchers):
            self._end(leg_id, "ended")
        if self._link.is_up:
            await self._tried(stage, self._leave_mounts(stage))

    async def _leave_mounts(self, stage: JanusStage) -> None:
        await stage.leave_mounts(await self._control("streaming"))

    async def _leave_room(self, stage: JanusStage) -> None:
        await stage.leave_room(await self._control("videoroom"))

    # --- small things

    def _stage(self, session_id: str) -> JanusStage:
        stage = self._stages.get(session_id)
        if stage is None:
            admin_key = self._place.admin_key
            stage = JanusStage(session_id, self._link, self._key, admin_key)
            self._stages[session_id] = stage
        return stage

    def _find(self, leg_id: LegId) -> tuple[JanusStage, Feed | Watcher] | None:
        owner = self.owners.get(leg_id)
        stage = None if owner is None else self._stages.get(owner.session_id)
        if stage is None:
            return None
        if leg_id in stage.watchers:
            return stage, stage.watchers[leg_id]
        feed = next((each for each in stage.feeds.values() if each.leg_id == leg_id), None)
        return None if feed is None else (stage, feed)

    async def _control(self, plugin: str) -> int:
        """The handle by which we speak with a plugin. Raises as `JanusLink.ask`."""
        if plugin not in self._controls:
            self._controls[plugin] = await self._link.attach(plugin, lambda _: None)
        return self._controls[plugin]

    async def _settle(self, stage: JanusStage) -> None:
        """Have forwarded what is to be; if that takes too long, it goes on beside."""
        if self._link.is_up:
            await asyncio.wait({self._settling(stage)}, timeout=CALL_S)

    def _settling(self, stage: JanusStage) -> asyncio.Task[None]:
        """One for each stage: it looks again for whoever comes while it works."""
        stage.unsettled = True
        if stage.settling is None or stage.settling.done():
            stage.settling = self.soon(self._settle_fully(stage))
        return stage.settling

    async def _settle_fully(self, stage: JanusStage) -> None:
        """Until it is so. Whom Janus does not answer about is ended: a slate must be one."""
        while self._link.is_up and stage.unsettled:
            stage.unsettled = False
            try:
                doubtful = await stage.settle(await self._control("videoroom"))
            except (JanusError, JanusAway) as error:
                self._refusal(stage, error)
                stage.unsettled = True
                await asyncio.sleep(AGAIN_S)
            else:
                for leg_id in doubtful:
                    self._lose(leg_id)

    async def _tried(self, stage: JanusStage, work: Coroutine[Any, Any, None]) -> None:
        """Have it done as far as Janus does it; the next change tries again."""
        try:
            async with asyncio.timeout(CALL_S):
                await work
        except (JanusError, JanusAway, TimeoutError) as error:
            self._refusal(stage, error)

    def _refusal(self, stage: JanusStage | None, error: Exception) -> MediaRefusal:
        """What a person is told of Janus' trouble; the operator reads more in the log."""
        if not isinstance(error, JanusError):
            log.warning("Janus at %s does not answer in time", self._place.host)
            return service_down()
        if error.code in _BAD_SDP:
            return MediaRefusal("malformed_sdp", "Janus does not understand the description.")
        if error.code in _UNKNOWN and stage is not None:
            stage.doubt()
        log.warning("Janus at %s refuses (%d): %s", self._place.host, error.code, error)
        return service_down()
