"""What goes on in Janus and what stands in our books, kept in step: what it tells of legs, how they
end, and what is forwarded.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

from live.media.handoff.handed import CALL_S, HandedOff, service_down
from live.media.handoff.legs import Feed, Watcher
from live.media.handoff.link import JanusAway, JanusError, JanusLink, Said
from live.media.handoff.place import JanusPlace
from live.media.handoff.stage import JanusStage
from live.media.handoff.strays import LOOK_S, Presence, Strays, nobody_knows
from live.media.settings import MediaSettings
from live.ports.media import LegId
from live.ports.media_events import EngineBack, EngineLost, FreedReason, SeatFreed
from live.ports.media_refusals import MediaRefusal

log = logging.getLogger(__name__)

AGAIN_S: Final = 1.0
"""After a refusal, until what is forwarded is looked at again."""

CONNECT_LIMIT_S: Final = 15.0
"""From the answer to a connection; a leg that never gets there ends."""

_BAD_SDP: Final = frozenset({437, 465})
"""Janus' codes for a description that it does not understand."""

_UNKNOWN: Final = frozenset({426, 455})
"""No such room, or mountpoint: somebody took it away."""

_ENDS: Final = frozenset({"hangup", "detached"})
"""Its peer connection is gone, or its handle."""


class JanusBooks(HandedOff):
    """The part of `JanusMedia` that nobody calls from outside."""

    def __init__(
        self,
        place: JanusPlace,
        settings: MediaSettings,
        key: bytes,
        present: Presence = nobody_knows,
    ) -> None:
        super().__init__(settings)
        self._strays = Strays(present)
        self._link = JanusLink(place, up=self._came, down=self._went)
        self._place = place
        self._key = key
        self._stages: dict[str, JanusStage] = {}
        self._controls: dict[str, int] = {}
        self._was_lost = False
        self._open = False
        self._looking: asyncio.Task[None]

    def _expect(self, leg: Feed | Watcher) -> None:
        """End it if it never connects."""

        def look() -> None:
            if not leg.connected:
                self._lose(leg.leg_id)

        asyncio.get_running_loop().call_later(CONNECT_LIMIT_S, look)

    async def _look_for_strays(self) -> None:
        """End the legs of viewers that vanished. Janus goes on sending to them: with a lite ICE
        agent it never asks whether anybody is there.
        """
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_S)
            for leg_id in await self._strays.look(dict(self.owners), loop.time()):
                self._lose(leg_id)

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
