"""The media port over Janus: its VideoRoom plugin takes publishers, its Streaming plugin serves
viewers, and we carry the words between them and people.
"""

import asyncio
import logging
import re
from typing import Final

from live.media.fragment import matches, read_fragment
from live.media.handoff.entering import join, let_watch, new_feed
from live.media.handoff.handed import (
    CALL_S,
    NOT_HERE,
    RETRY_LATER_S,
    RETRY_SOON_S,
    seat_of,
    service_down,
    turned_away,
    understood,
)
from live.media.handoff.keeping import JanusBooks
from live.media.handoff.link import JanusAway, JanusError
from live.media.handoff.mediation import CANDIDATES_MOST, is_name
from live.media.handoff.meeting import Sending, Viewing, receiving, sending
from live.media.handoff.stage import JanusStage
from live.media.handoff.wishes import heed
from live.media.offer import MalformedOfferError
from live.ports.media import (
    LayerWish,
    Leg,
    LegId,
    LegOwner,
    PublishRequest,
    Restarted,
    Trickled,
    Watched,
    WatchRequest,
)
from live.ports.media_figures import MediaHealth, SeatStats
from live.ports.media_refusals import MediaRefusal
from live.ports.media_seats import SEATS, SeatOrder

log = logging.getLogger(__name__)

_CANDIDATE: Final = re.compile(r"a=(candidate:[\x20-\x7e]{1,256})")


class JanusMedia(JanusBooks):
    """`MediaEngine` over a Janus server; see there for what each call promises. `key` is secret:
    the rooms' own secrets are drawn from it. `present` tells of viewers whether their page is open.
    """

    async def start(self) -> None:
        """See `MediaEngine.start`. Janus itself need not be there yet: it is tried until it is."""
        self._open = True
        self._looking = asyncio.create_task(self._look_for_strays())
        self._link.start()

    async def close(self) -> None:
        """See `MediaEngine.close`. The rooms go with it."""
        if not self._open:
            return
        self._open = False
        self._looking.cancel()
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
        sections = sending(offer, stage.video_beside(request.seat))
        if isinstance(sections, MediaRefusal):
            return sections
        holder = stage.feeds.get(request.seat)
        own_and_gone = (
            holder is not None
            and (holder.silent or not holder.publishing)
            and holder.participant_id == request.participant_id
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
