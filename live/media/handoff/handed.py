"""What every way to hand off has in common: whose legs there are, and what is not to be had."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from live.media.absence import no_stats
from live.media.listeners import Listeners
from live.media.offer import MalformedOfferError, Offer, read_offer
from live.media.settings import MediaSettings
from live.ports.media import LayerWish, Leg, LegId, LegOwner, RecordingOrder, Watched
from live.ports.media_events import MediaListener, SeatPublishing
from live.ports.media_figures import Capacity, MediaHealth, SeatStats, SessionStats
from live.ports.media_refusals import MediaRefusal

log = logging.getLogger(__name__)

CALL_S: Final = 5.5
"""The port's calls answer within 6 s."""

RETRY_SOON_S: Final = 2
RETRY_LATER_S: Final = 5

NOT_HERE: Final = MediaRefusal(
    "handed_off", "Another server has this show's picture and sound, and does not offer this."
)


@dataclass(eq=False, slots=True)
class Arrival:
    """A leg that is asked for, and has no answer yet."""

    owner: LegOwner
    unwanted: bool = False


def service_down() -> MediaRefusal:
    """The service cannot be used now; it may soon."""
    return MediaRefusal(
        "engine_down", "The server that has picture and sound does not answer.", RETRY_SOON_S
    )


class HandedOff:
    """The part of `MediaEngine` that is the same for every service.

    `settings` give the bounds: legs in all and of one participant, and viewers.
    """

    def __init__(self, settings: MediaSettings) -> None:
        self.listeners = Listeners()
        self.owners: dict[LegId, LegOwner] = {}
        self.etags: dict[LegId, str] = {}
        self.on_air: set[str] = set()
        self.slates: set[str] = set()
        self._settings = settings
        self._arrivals: list[Arrival] = []
        self._tasks: set[asyncio.Task[None]] = set()

    # --- MediaEngine

    async def adjust(self, leg_id: LegId, wish: LayerWish) -> Watched | MediaRefusal:  # noqa: ARG002 - the port's
        """See `MediaEngine.adjust`: each viewer gets what the service chooses."""
        known = leg_id in self.owners
        return NOT_HERE if known else MediaRefusal("not_found", "There is no such leg.")

    async def owner_of(self, leg_id: LegId) -> LegOwner | None:
        """See `MediaEngine.owner_of`."""
        return self.owners.get(leg_id)

    async def set_recording(self, session_id: str, order: RecordingOrder | None) -> None:
        """See `MediaEngine.set_recording`: nothing is recorded, and who asks is refused before."""

    def subscribe(self, listener: MediaListener) -> Callable[[], None]:
        """See `MediaEngine.subscribe`."""
        return self.listeners.add(listener)

    async def capacity(self, session_id: str) -> Capacity:
        """See `MediaEngine.capacity`: only the service could tell."""
        watching = self._count("viewer", session_id)
        return Capacity((), listeners=0, bound="setting", measured=False, watching=watching)

    async def stats(self, session_id: str) -> SessionStats:
        """See `MediaEngine.stats`: packets go elsewhere, people are counted."""
        return replace(
            no_stats(session_id),
            on_air=session_id in self.on_air,
            seats=self.seated(session_id),
            viewers=self._count("viewer", session_id),
        )

    # --- for each service

    def seated(self, session_id: str) -> tuple[SeatStats, ...]:  # noqa: ARG002 - each service's own
        """Who publishes in a session; what it amounts to is not known."""
        return ()

    def standing(self, trouble: str | None) -> MediaHealth:
        """The service's health; `trouble` is what is wrong with it."""
        return MediaHealth(
            ok=trouble is None,
            udp_port=0,
            publishers=self._count("publisher"),
            viewers=self._count("viewer"),
            restarts=0,
            trouble=trouble or "",
        )

    def crowded(self, owner: LegOwner) -> MediaRefusal | None:
        """Why this leg would be one too many; None if it is not."""
        if owner.kind == "viewer":
            most = self._settings.max_viewers
            coming = sum(each.owner.kind == "viewer" for each in self._arrivals)
            if most is not None and self._count("viewer") + coming >= most:
                return MediaRefusal("full", "No more viewers fit.", RETRY_LATER_S)
        every = [*self.owners.values(), *(each.owner for each in self._arrivals)]
        own = sum(each.participant_id == owner.participant_id for each in every)
        if len(every) < self._settings.max_legs and own < self._settings.max_legs_per_participant:
            return None
        return MediaRefusal("overloaded", "The server carries all it can.", RETRY_LATER_S)

    @contextlib.contextmanager
    def arriving(self, owner: LegOwner) -> Iterator[Arrival]:
        """While a leg is asked for: what ends all of someone's legs in the meantime ends it too."""
        arrival = Arrival(owner)
        self._arrivals.append(arrival)
        try:
            yield arrival
        finally:
            self._arrivals.remove(arrival)

    def turn_away(self, session_id: str, participant_id: str | None = None) -> None:
        """Whoever is arriving is not to stay: this participant, or everyone in a session."""
        for arrival in self._arrivals:
            if arrival.owner.session_id == session_id and participant_id in (
                None,
                arrival.owner.participant_id,
            ):
                arrival.unwanted = True

    def register(self, leg_id: LegId, owner: LegOwner, answer_sdp: str) -> Leg:
        """Take a leg into the books."""
        self.owners[leg_id] = owner
        self.etags[leg_id] = new_etag()
        return Leg(leg_id, self.etags[leg_id], answer_sdp)

    def strike(self, leg_id: LegId) -> bool:
        """Take it out; whether it was in."""
        self.etags.pop(leg_id, None)
        return self.owners.pop(leg_id, None) is not None

    def soon(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Have this done beside; what fails there is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def settled(self, within_s: float) -> None:
        """Wait for what is being done beside, and no longer than this."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within_s)
        for task in self._tasks:
            task.cancel()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("something handed off failed", exc_info=task.exception())

    def _count(self, kind: str, session_id: str | None = None) -> int:
        return sum(
            each.kind == kind and session_id in (None, each.session_id)
            for each in self.owners.values()
        )


def turned_away() -> MediaRefusal:
    """For who lost the right while the leg was asked for."""
    return MediaRefusal("not_found", "The leg was ended before it began.")


def understood(offer_sdp: str) -> Offer | MediaRefusal:
    """The offer, or why it is none."""
    try:
        return read_offer(offer_sdp)
    except MalformedOfferError as error:
        return MediaRefusal("malformed_sdp", str(error))


def seat_of(published: SeatPublishing, *, silent: bool = False) -> SeatStats:
    """A seat without figures: its packets go elsewhere."""
    return SeatStats(
        seat=published.seat,
        participant_id=published.participant_id,
        video_codec=published.video_codec,
        bitrate_bps=0,
        loss=0.0,
        packets=0,
        silent=silent,
    )


def new_leg_id() -> LegId:
    """A name for a leg that nobody can guess."""
    return LegId(secrets.token_urlsafe(16))


def new_etag() -> str:
    """A leg's state, quotes included."""
    return f'"{secrets.token_hex(8)}"'
