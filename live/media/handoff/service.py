"""The media port over any service with WHIP and WHEP.

Such a service tells nothing by itself. So a publisher counts as there from the moment at which the
service took its offer until its leg is ended through us, and what must end at once (a ban, a slate,
the air) is ended there, leg by leg.
"""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from live.media.fragment import matches, read_fragment
from live.media.handoff.handed import (
    CALL_S,
    NOT_HERE,
    RETRY_SOON_S,
    HandedOff,
    new_etag,
    new_leg_id,
    seat_of,
    service_down,
    turned_away,
    understood,
)
from live.media.handoff.legs import video_name
from live.media.handoff.meeting import agreed, taken_type
from live.media.handoff.upstream import Answer, Resource, Upstream
from live.media.offer import Offer
from live.media.settings import MediaSettings
from live.ports.media import Leg, LegId, LegOwner, PublishRequest, Restarted, Trickled, WatchRequest
from live.ports.media_events import FreedReason, SeatFreed, SeatPublishing
from live.ports.media_figures import MediaHealth, SeatStats
from live.ports.media_refusals import MediaRefusal
from live.ports.media_seats import SeatOrder

log = logging.getLogger(__name__)

LOOK_S: Final = 5.0
"""How often the service is asked whether it is there, and has its publishers still."""

VIEWERS_EACH: Final = 12
"""Every so many times, its viewers too."""

TRIES: Final = 4
"""How often it is told that a leg ends, until it has understood."""

AT_ONCE: Final = 16
"""Legs that are ended at the same time."""

SlugOf = Callable[[str], Awaitable[str | None]]


@dataclass(eq=False, slots=True)
class _Leg:
    resource: Resource
    published: SeatPublishing | None = None


class ServiceMedia(HandedOff):
    """`MediaEngine` over a service; see there for what each call promises. `slug_of` tells the slug
    of a session: it stands in the service's addresses.
    """

    def __init__(
        self,
        upstream: Upstream,
        settings: MediaSettings,
        slug_of: SlugOf,
        *,
        look_s: float = LOOK_S,
    ) -> None:
        super().__init__(settings)
        self._look_s = look_s
        self._upstream = upstream
        self._slug_of = slug_of
        self._legs: dict[LegId, _Leg] = {}
        self._coming: set[str] = set()
        self._ending = asyncio.Semaphore(AT_ONCE)
        self._looks = asyncio.Semaphore(AT_ONCE)
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """See `MediaEngine.start`. The service itself need not be there yet."""
        self._looking = asyncio.create_task(self._look(), name="media service")

    async def close(self) -> None:
        """See `MediaEngine.close`. Every leg at the service is ended."""
        looking, self._looking = self._looking, None
        if looking is None:
            return
        looking.cancel()
        for leg_id in list(self._legs):
            self._end(leg_id, "ended")
        await self.settled(1.5)
        await self._upstream.close()

    async def publish(self, request: PublishRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.publish`: the host alone, and not while the slate is on. Whoever has the
        seat may always take it anew: nobody tells whether the former leg still lives.
        """
        offer = understood(request.offer_sdp)
        if isinstance(offer, MediaRefusal):
            return offer
        if request.seat != "host":
            return NOT_HERE
        session_id = request.session_id
        if session_id in self.slates:
            cut = "The team has cut picture and sound; they come back with it."
            return MediaRefusal("overloaded", cut, RETRY_SOON_S)
        former = self._publisher(session_id)
        holder = None if former is None else self.owners[former].participant_id
        mine = request.takeover or holder in (None, request.participant_id)
        if not mine or session_id in self._coming:
            return MediaRefusal(
                "seat_taken", "Someone publishes from this seat; takeover=1 replaces them."
            )
        owner = LegOwner(session_id, request.participant_id, "publisher", "host")
        self._coming.add(session_id)
        try:
            if former is not None:
                # Many a service takes one publisher: the former goes first, and for good.
                resource = self._legs[former].resource
                self._strike(former, "replaced")
                if not await self._upstream.end(resource):
                    self.soon(self._release(resource))
            return await self._let_in(owner, request.offer_sdp, offer)
        finally:
            self._coming.discard(session_id)

    async def watch(self, request: WatchRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.watch`: the one picture that the service sends."""
        offer = understood(request.offer_sdp)
        if isinstance(offer, MediaRefusal):
            return offer
        if request.session_id not in self.on_air or self._publisher(request.session_id) is None:
            return MediaRefusal("not_publishing", "Nobody publishes yet.", RETRY_SOON_S)
        owner = LegOwner(request.session_id, request.participant_id, "viewer", None)
        return await self._let_in(owner, request.offer_sdp, offer)

    async def trickle(
        self, leg_id: LegId, etag: str | None, fragment: str
    ) -> Trickled | Restarted | MediaRefusal:
        """See `MediaEngine.trickle`: the service's own answer."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return MediaRefusal("not_found", "There is no such leg.")
        refusal = matches(etag, self.etags[leg_id])
        if refusal is not None:
            return refusal
        read = read_fragment(fragment)
        if isinstance(read, MediaRefusal):
            return read
        answer = await self._upstream.patch(leg.resource, fragment)
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 404 or leg_id not in self._legs:
            self._strike_if_there(leg_id)
            return MediaRefusal("not_found", "There is no such leg any more.")
        if answer.status == 204:
            return Trickled()
        leg.resource = Resource(leg.resource.url, answer.headers.get("etag"))
        self.etags[leg_id] = new_etag()
        return Restarted(self.etags[leg_id], answer.text)

    async def hang_up(self, leg_id: LegId) -> bool:
        """See `MediaEngine.hang_up`."""
        return self._end(leg_id, "hung_up")

    async def evict(self, session_id: str, participant_id: str) -> int:
        """See `MediaEngine.evict`: the service is told until it has understood."""
        legs = [
            leg_id
            for leg_id, owner in self.owners.items()
            if (owner.session_id, owner.participant_id) == (session_id, participant_id)
        ]
        self.turn_away(session_id, participant_id)
        return sum(self._end(leg_id, "evicted") for leg_id in legs)

    async def set_on_air(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_on_air`."""
        (self.on_air.add if on else self.on_air.discard)(session_id)
        if not on:
            self._end_all(session_id, "viewer")

    async def set_seats(self, session_id: str, orders: tuple[SeatOrder, ...]) -> None:
        """See `MediaEngine.set_seats`: there are no guests."""

    async def set_slate(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_slate`. What a service forwards cannot be cut but at its source: the
        publisher's leg ends first, then the viewers'; all come back afterwards.
        """
        (self.slates.add if on else self.slates.discard)(session_id)
        if on:
            self._end_all(session_id, "publisher")
            self._end_all(session_id, "viewer")

    async def end_session(self, session_id: str) -> None:
        """See `MediaEngine.end_session`."""
        self.on_air.discard(session_id)
        self.slates.discard(session_id)
        self._end_all(session_id, "publisher")
        self._end_all(session_id, "viewer")

    async def health(self) -> MediaHealth:
        """See `MediaEngine.health`."""
        trouble = self._upstream.trouble
        return self.standing(trouble and f"the service at {self._upstream.place.host}: {trouble}")

    def seated(self, session_id: str) -> tuple[SeatStats, ...]:
        """See `HandedOff.seated`."""
        former = self._publisher(session_id)
        published = None if former is None else self._legs[former].published
        return () if published is None else (seat_of(published),)

    # --- small things

    async def _let_in(self, owner: LegOwner, offer_sdp: str, offer: Offer) -> Leg | MediaRefusal:
        refusal = self.crowded(owner)
        slug = None if refusal else await self._slug_of(owner.session_id)
        if refusal or slug is None:
            return refusal or service_down()
        sends, place = owner.kind == "publisher", self._upstream.place
        url = place.publish_url(slug) if sends else place.watch_url(slug)
        with self.arriving(owner) as arrival:
            try:
                async with asyncio.timeout(CALL_S):
                    opened = await self._upstream.open(url, offer_sdp, sends=sends)
            except TimeoutError:
                return service_down()
        if isinstance(opened, MediaRefusal):
            return opened
        if arrival.unwanted:
            self.soon(self._release(opened.resource))
            return turned_away()
        leg_id = new_leg_id()
        leg = self._legs[leg_id] = _Leg(opened.resource)
        made = self.register(leg_id, owner, opened.answer_sdp)
        if sends:
            leg.published = _published(owner, offer, opened.answer_sdp)
            self.listeners.tell(leg.published)
        return replace(made, links=opened.links)

    def _publisher(self, session_id: str) -> LegId | None:
        return next(
            (
                leg_id
                for leg_id, owner in self.owners.items()
                if owner.kind == "publisher" and owner.session_id == session_id
            ),
            None,
        )

    def _end(self, leg_id: LegId, reason: FreedReason) -> bool:
        """End a leg in our books at once, and soon at the service."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return False
        self._strike(leg_id, reason)
        self.soon(self._release(leg.resource))
        return True

    def _end_all(self, session_id: str, kind: str) -> None:
        self.turn_away(session_id)
        for leg_id, owner in list(self.owners.items()):
            if (owner.session_id, owner.kind) == (session_id, kind):
                self._end(leg_id, "ended")

    def _strike(self, leg_id: LegId, reason: FreedReason) -> None:
        leg = self._legs.pop(leg_id)
        self.strike(leg_id)
        if leg.published is not None:
            who = leg.published
            self.listeners.tell(SeatFreed(who.session_id, who.seat, who.participant_id, reason))

    async def _release(self, resource: Resource) -> None:
        """Tell the service until it has understood: who was banned must not go on there."""
        for attempt in range(TRIES):
            async with self._ending:
                if await self._upstream.end(resource):
                    return
            await asyncio.sleep(2.0**attempt)
        log.error("the service at %s does not end a leg", self._upstream.place.host)

    async def _look(self) -> None:
        """What the service does not tell is asked for: who is gone without a word."""
        for turn in itertools.count():
            trouble = await self._upstream.look()
            kinds = ("publisher",) if turn % VIEWERS_EACH else ("publisher", "viewer")
            if trouble is None:
                asked = [leg_id for leg_id, each in self.owners.items() if each.kind in kinds]
                await asyncio.gather(*(self._look_at(leg_id) for leg_id in asked))
            await asyncio.sleep(self._look_s)

    async def _look_at(self, leg_id: LegId) -> None:
        async with self._looks:
            leg = self._legs.get(leg_id)
            if leg is not None and not await self._upstream.lives(leg.resource):
                self._strike_if_there(leg_id)

    def _strike_if_there(self, leg_id: LegId) -> None:
        if leg_id in self._legs:
            self._strike(leg_id, "lost")


def _published(owner: LegOwner, offer: Offer, answer: str) -> SeatPublishing:
    sent = [each for each in offer.sections if each.sends and taken_type(answer, each) is not None]
    pictures = [each for each in sent if each.kind == "video"]
    return SeatPublishing(
        owner.session_id,
        "host",
        owner.participant_id,
        has_audio=any(each.kind == "audio" for each in sent),
        has_video=bool(pictures),
        video_codec=video_name(agreed(answer, pictures[0])) if pictures else None,
    )
