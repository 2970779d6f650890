"""The engine: every leg of every session on one UDP port, in one loop of one process.

It decides synchronously: a command or a datagram is dealt with before the next one is looked at.
Only handshakes take several turns of the loop. Nothing here decodes or encodes media.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from live.media.accelerator import load as load_accelerator
from live.media.addresses import host_candidates, offered_addresses
from live.media.hls.packagers import Packagers
from live.media.legs import NOT_FOUND, AnyLeg, Legs, new_leg_id
from live.media.notices import LegEnded, Notice
from live.media.offer import MalformedOfferError, Offer, read_offer
from live.media.pacing import Pacer, together_bps
from live.media.publisher import Publisher, plan_publisher
from live.media.rates import watch_rates
from live.media.recorders import Recorders
from live.media.relay.place import Place
from live.media.relay.relays import Relays
from live.media.relay.tap import Relayed
from live.media.rounds import Rounds
from live.media.settings import MediaSettings
from live.media.shown import NOTHING
from live.media.stage import Stage
from live.media.tcp import TcpPort
from live.media.transport import Shared
from live.media.udp import UdpPort
from live.media.viewer import Viewer, plan_viewer
from live.ports.media import (
    LayerWish,
    Leg,
    LegId,
    MediaStartError,
    PublishRequest,
    RecordingOrder,
    Restarted,
    Trickled,
    Watched,
    WatchRequest,
)
from live.ports.media_events import (
    FreedReason,
    SeatFreed,
    SeatPublishing,
)
from live.ports.media_figures import MediaHealth, SessionStats
from live.ports.media_refusals import MediaRefusal
from live.ports.media_seats import SeatOrder

log = logging.getLogger(__name__)

RETRY_SOON_S: Final = 2


class Engine:
    """Legs, seats and sessions. Lives in one loop; `notify` hears what happens, in order."""

    def __init__(
        self,
        settings: MediaSettings,
        notify: Callable[[Notice], None],
        place: Place | None = None,
    ) -> None:
        self._settings = settings
        self._notify = notify
        self._stages: dict[str, Stage] = {}
        self._legs = Legs(settings)
        self._recorders = Recorders(notify)
        self._packagers = Packagers(notify, wanted=settings.hls)
        self._relays = Relays(place, changed=self._relayed_changed, vanished=self._relayed_vanished)
        self._rounds: Rounds | None = None

    async def start(self) -> int:
        """Open the port and begin; the port's number. Raises `MediaStartError`."""
        self._settings.check()
        self._loop = asyncio.get_running_loop()
        port = UdpPort.open(self._settings.udp_port)
        addresses = offered_addresses(self._settings.public_ip, ipv6=port.dual_stack)
        accelerator = load_accelerator(wanted=self._settings.accelerator)
        receive = self._legs.router.datagram_arrived
        tcp = None
        if self._settings.tcp_port is not None:
            try:
                tcp = await TcpPort.open(self._settings.tcp_port, receive)
            except MediaStartError:
                port.close()
                raise
        candidates = host_candidates(addresses, port.number, None if tcp is None else tcp.number)
        pacer = Pacer(together_bps(self._settings.egress_mbit))
        self._shared = Shared(port, candidates, accelerator, pacer, tcp)
        log.info("the forwarder runs %s", accelerator.reason)
        port.listen(receive)
        await self._relays.start()
        self._rounds = Rounds(
            self._legs,
            self._stages,
            self._relays,
            lost=self._leg_lost,
            redirect=self._redirect,
            notify=self._notify,
        )
        return port.number

    async def close(self) -> None:
        """End every leg, telling its peer, and free the port."""
        if self._rounds is not None:
            self._rounds.close()
        for leg in self._legs:
            self._end(leg, "ended")
        self._shared.pacer.close()
        await self._relays.close()
        await self._recorders.close()
        await self._packagers.close()
        self._shared.close()

    def publish(self, request: PublishRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.publish`."""
        offer = _read(request.offer_sdp)
        if isinstance(offer, MediaRefusal):
            return offer
        plan = plan_publisher(offer, prefer_h264=self._settings.hls)
        if isinstance(plan, MediaRefusal):
            return plan
        stage = self._stage(request.session_id)
        holder = stage.publishers.get(request.seat)
        if holder is not None and not self._may_replace(holder, request):
            return MediaRefusal(
                "seat_taken", "Someone publishes from this seat; takeover=1 replaces them."
            )
        crowded = self._legs.crowded(request.participant_id)
        if crowded is not None:
            return crowded
        if holder is not None:
            self._end(holder, "replaced")
        publisher = Publisher(
            new_leg_id(),
            request,
            offer,
            plan,
            shared=self._shared,
            clock=self._loop.time,
            started=self._seat_publishing,
            lost=self._leg_lost,
        )
        stage = self._stage(request.session_id)
        stage.publishers[request.seat] = publisher
        if stage.slate:
            publisher.cut(on=True)
        return self._legs.add(publisher)

    def watch(self, request: WatchRequest, most: str | None = None) -> Leg | MediaRefusal:
        """See `MediaEngine.watch`; `most` is the best way to watch that there is room for."""
        offer = _read(request.offer_sdp)
        if isinstance(offer, MediaRefusal):
            return offer
        stage = self._stages.get(request.session_id)
        shown = stage.shown() if stage is not None else NOTHING
        if stage is None or not shown.lead:
            return MediaRefusal("not_publishing", "Nobody publishes yet.", RETRY_SOON_S)
        plan = plan_viewer(offer, shown)
        if isinstance(plan, MediaRefusal):
            return plan
        crowded = self._legs.crowded(request.participant_id)
        if crowded is not None:
            return crowded
        viewer = Viewer(
            new_leg_id(),
            request,
            offer,
            plan,
            shared=self._shared,
            clock=self._loop.time,
            connected=self._viewer_connected,
            lost=self._leg_lost,
        )
        viewer.adaptation.most = most
        stage.viewers[viewer.leg_id] = viewer
        self._relays.settle(stage)
        for stream in viewer.streams:
            video = shown.source("video", stream.slot) if stream.kind == "video" else None
            if video is not None and not video.latest_group.replay(self._loop.time()):
                # Asked for during the handshake, a keyframe is there when the viewer is.
                video.keyframe_requests.want()
        return self._legs.add(viewer)

    def trickle(
        self, leg_id: LegId, etag: str | None, fragment: str
    ) -> Trickled | Restarted | MediaRefusal:
        """See `MediaEngine.trickle`."""
        return self._legs.trickle(leg_id, etag, fragment)

    def adjust(self, leg_id: LegId, wish: LayerWish) -> Watched | MediaRefusal:
        """See `MediaEngine.adjust`."""
        viewer = self._legs.viewer(leg_id)
        if viewer is None:
            return NOT_FOUND
        viewer.adaptation.wished(wish, self._loop.time())
        return viewer.adaptation.watched()

    def limit(self, leg_id: LegId, most: str | None) -> None:
        """Let a viewer watch in no better way than `most` from now on; None: in any."""
        viewer = self._legs.viewer(leg_id)
        if viewer is not None:
            viewer.adaptation.most = most

    def hang_up(self, leg_id: LegId) -> bool:
        """See `MediaEngine.hang_up`."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return False
        self._end(leg, "hung_up")
        return True

    def evict(self, session_id: str, participant_id: str) -> int:
        """See `MediaEngine.evict`."""
        legs = [
            leg
            for leg in self._legs
            if leg.session_id == session_id and leg.participant_id == participant_id
        ]
        for leg in legs:
            self._end(leg, "evicted")
        return len(legs)

    def set_on_air(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_on_air`."""
        stage = self._stage(session_id)
        stage.on_air = on
        self._settle(stage)
        if not on:
            for viewer in list(stage.viewers.values()):
                self._end(viewer, "ended")
        self._forget_if_empty(stage)

    def set_seats(self, session_id: str, orders: tuple[SeatOrder, ...]) -> None:
        """See `MediaEngine.set_seats`."""
        stage = self._stages.get(session_id)
        if stage is None:
            return
        for order in orders:
            publisher = stage.publishers.get(order.seat)
            if publisher is None:
                continue
            if publisher.participant_id != order.participant_id:
                self._end(publisher, "evicted")
                continue
            publisher.on_air = order.on_air
            publisher.mute(on=order.muted)
        self._settle(stage)
        self._redirect(stage)

    def set_slate(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_slate`."""
        stage = self._stage(session_id)
        if stage.slate is not on:
            stage.slate = on
            for publisher in stage.everyone:
                publisher.cut(on=on)
            self._settle(stage)
        self._forget_if_empty(stage)

    def set_recording(self, session_id: str, order: RecordingOrder | None) -> None:
        """See `MediaEngine.set_recording`."""
        stage = self._stage(session_id)
        stage.recording = order
        self._settle(stage)
        self._forget_if_empty(stage)

    def end_session(self, session_id: str) -> None:
        """See `MediaEngine.end_session`."""
        stage = self._stages.get(session_id)
        if stage is None:
            return
        stage.on_air = stage.slate = False
        stage.recording = None
        self._settle(stage)
        legs: list[AnyLeg] = [*stage.viewers.values(), *stage.publishers.values()]
        for leg in legs:
            self._end(leg, "ended")
        self._stages.pop(session_id, None)

    def health(self) -> MediaHealth:
        """See `MediaEngine.health`; `restarts` is for whoever restarts it to fill in."""
        return MediaHealth(
            ok=True,
            udp_port=self._shared.port.number,
            publishers=self._legs.publishers,
            viewers=self._legs.viewers,
            restarts=0,
            egress_bps=0 if self._rounds is None else self._rounds.egress_bps,
            session_rates={
                stage.session_id: watch_rates(stage.publishers.values(), self._loop.time())
                for stage in self._stages.values()
            },
        )

    def stats(self, session_id: str) -> SessionStats:
        """See `MediaEngine.stats`."""
        return self._stages.get(session_id, Stage(session_id)).stats()

    def _settle(self, stage: Stage) -> None:
        """Have recorded and packaged what is on the stage now."""
        self._recorders.settle(stage)
        self._packagers.settle(stage)

    def _stage(self, session_id: str) -> Stage:
        return self._stages.setdefault(session_id, Stage(session_id))

    def _forget_if_empty(self, stage: Stage) -> None:
        if stage.empty:
            self._stages.pop(stage.session_id, None)

    def _may_replace(self, holder: Publisher, request: PublishRequest) -> bool:
        now = self._loop.time()
        own_and_gone = (
            holder.participant_id == request.participant_id
            and holder.publishing
            and holder.is_silent(now)
        )
        return request.takeover or own_and_gone

    def _end(self, leg: AnyLeg, reason: FreedReason) -> None:
        if not self._legs.remove(leg):
            return
        stage = self._stage(leg.session_id)
        if isinstance(leg, Viewer):
            stage.remove_viewer(leg)
            self._relays.settle(stage)
        else:
            self._vacate(stage, leg, reason)
        self._notify(LegEnded(leg.leg_id))
        self._forget_if_empty(stage)

    def _vacate(self, stage: Stage, publisher: Publisher, reason: FreedReason) -> None:
        if stage.publishers.get(publisher.seat) is publisher:
            del stage.publishers[publisher.seat]
        self._settle(stage)
        self._relays.withdraw(publisher)
        if publisher.publishing:
            self._notify(
                SeatFreed(publisher.session_id, publisher.seat, publisher.participant_id, reason)
            )
            self._redirect(stage)

    def _redirect(self, stage: Stage) -> None:
        self._relays.tell(stage)
        for viewer in stage.redirect(self._loop.time()):
            # It asks anew, and is told which codec it would need.
            self._end(viewer, "ended")

    def _seat_publishing(self, publisher: Publisher) -> None:
        self._notify(
            SeatPublishing(
                publisher.session_id,
                publisher.seat,
                publisher.participant_id,
                has_audio=publisher.has_audio,
                has_video=publisher.video_codec is not None,
                video_codec=publisher.video_codec,
            )
        )
        stage = self._stage(publisher.session_id)
        self._settle(stage)
        self._relays.announce(publisher)
        self._redirect(stage)

    def _relayed_changed(self, relayed: Relayed) -> None:
        stage = self._stage(relayed.session_id)
        if stage.relayed.get(relayed.seat) is not relayed:
            stage.relayed[relayed.seat] = relayed
            if stage.slate:
                relayed.cut(on=True)
        self._relays.settle(stage)
        self._redirect(stage)

    def _relayed_vanished(self, relayed: Relayed) -> None:
        stage = self._stage(relayed.session_id)
        if stage.relayed.get(relayed.seat) is relayed:
            del stage.relayed[relayed.seat]
            self._redirect(stage)
        self._forget_if_empty(stage)

    def _viewer_connected(self, viewer: Viewer, now: float) -> None:
        if not self._stage(viewer.session_id).connect(viewer, now):
            self._end(viewer, "ended")

    def _leg_lost(self, leg: AnyLeg, reason: FreedReason) -> None:
        log.info("a leg is gone: %s", reason, extra={"session": leg.session_id})
        self._end(leg, reason)


def _read(sdp: str) -> Offer | MediaRefusal:
    try:
        return read_offer(sdp)
    except MalformedOfferError as error:
        return MediaRefusal("malformed_sdp", str(error))
