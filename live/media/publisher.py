"""A publisher's leg: its packets go to sources, our requests and reports go back to it."""

import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
    unwrap_rtx,
)

from live.media.answer import Taken, write_answer
from live.media.arrivals import Arrivals
from live.media.bandwidth import BandwidthEstimate
from live.media.codecs import CARRIED_SENTENCE, Codec, Kind, preferred
from live.media.incoming import Incoming, Track
from live.media.offer import Offer
from live.media.reception import Reception
from live.media.source import Source
from live.media.speaking import Loudness
from live.media.transport import Shared, Transport
from live.ports.media import LegId, PublishRequest
from live.ports.media_events import FreedReason
from live.ports.media_figures import SeatStats
from live.ports.media_refusals import MediaRefusal
from live.ports.media_seats import VideoCodec

SILENT_AFTER_S: Final = 3.0
REPORT_INTERVAL_S: Final = 1.0
STREAM_CHANGE_S: Final = 1.0
"""A second stream under one payload type is taken only once the first has been quiet for this
long.
"""


@dataclass(frozen=True, slots=True)
class PublisherPlan:
    """Which sections of an offer are taken, and so which streams there will be."""

    taken: dict[int, Taken]
    codecs: dict[Kind, Codec]


def plan_publisher(offer: Offer, *, prefer_h264: bool = False) -> PublisherPlan | MediaRefusal:
    """Take the first sending section of each kind, with the codec that most viewers understand, or
    with H264 where HLS prefers that: browsers play no VP8 from its pieces.

    One codec only: what viewers were promised must not change under them. Who insists on another
    one offers no other. Refused with `codec` if a kind is offered without any that we carry.
    """
    taken: dict[int, Taken] = {}
    codecs: dict[Kind, Codec] = {}
    for index, section in enumerate(offer.sections):
        if section.kind is None or not section.sends or section.kind in codecs:
            continue
        if not section.codecs:
            return MediaRefusal("codec", f"Offer {CARRIED_SENTENCE}; nothing else is carried.")
        codec = preferred(section.codecs, h264_first=prefer_h264)
        codecs[section.kind] = codec
        taken[index] = Taken(section, (codec,), "recvonly")
    if not taken:
        return MediaRefusal("malformed_sdp", "The offer sends neither picture nor sound.")
    return PublisherPlan(taken, codecs)


class Publisher:
    """Who sends from a seat, and what comes in from there."""

    def __init__(
        self,
        leg_id: LegId,
        request: PublishRequest,
        offer: Offer,
        plan: PublisherPlan,
        *,
        shared: Shared,
        clock: Callable[[], float],
        started: Callable[["Publisher"], None],
        lost: Callable[["Publisher", FreedReason], None],
    ) -> None:
        self.leg_id = leg_id
        self.session_id = request.session_id
        self.participant_id = request.participant_id
        self.seat = request.seat
        self.offer = offer
        self.remote_ufrag = offer.ufrag
        self.publishing = False
        self.on_air = request.on_air
        """Whether viewers may get it: a guest backstage is heard and seen by nobody."""
        self.muted = request.muted
        self.loudness = Loudness()
        self.silent = False
        self.bitrate_bps = 0
        self.loss = 0.0
        self.packets = 0
        self._plan = plan
        self._started = started
        self._lost = lost
        self._ssrc = secrets.randbits(32)
        self._estimate = BandwidthEstimate()
        self._reported_at = 0.0
        self._octets_reported = 0
        self._last_media_at = 0.0
        self.transport = Transport(
            shared,
            offer,
            send_window=128,
            handler=self,
            clock=clock,
            patient=True,
        )
        self._incoming = Incoming(
            {taken.codecs[0].kind: taken.section for taken in plan.taken.values()}, plan.codecs
        )
        self._arrivals = Arrivals()

    @property
    def shown(self) -> bool:
        """Whether there is something for viewers."""
        return self.publishing and self.on_air

    def mute(self, *, on: bool) -> None:
        """Keep its sound from everyone, or no longer."""
        if self.muted and not on and self.has_audio:
            # Its numbers went on meanwhile; nobody shall ask for what was held back.
            self.sources["audio"].begin_anew()
        self.muted = on

    @property
    def answer(self) -> str:
        """The answer to its offer."""
        return write_answer(self.offer, self._plan.taken, self.transport.local)

    @property
    def sources(self) -> dict[Kind, Source]:
        """Its streams by kind; of a picture with layers, the first."""
        return {kind: tracks[0].source for kind, tracks in self._incoming.tracks.items()}

    @property
    def streams(self) -> list[Source]:
        """All its streams, every layer of the picture among them."""
        return [track.source for track in self._incoming]

    @property
    def video_codec(self) -> VideoCodec | None:
        """The codec of its picture; None if it sends sound only."""
        codec = self._plan.codecs.get("video")
        return None if codec is None or codec.name == "opus" else codec.name

    @property
    def has_audio(self) -> bool:
        """Whether it sends sound."""
        return "audio" in self._plan.codecs

    def stats(self) -> SeatStats:
        """What came in over the last second."""
        return SeatStats(
            seat=self.seat,
            participant_id=self.participant_id,
            video_codec=self.video_codec,
            bitrate_bps=self.bitrate_bps,
            loss=self.loss,
            packets=self.packets,
            silent=self.silent,
        )

    def opened(self, now: float) -> None:
        """Wait for media from now on."""
        self._reported_at = now

    def moved(self) -> None:
        """Nothing to do: whatever is sent looks where to."""

    def lost(self, reason: FreedReason) -> None:
        """Tell whoever made this leg that it is of no more use."""
        self._lost(self, reason)

    def rtp_arrived(self, packet: bytes, now: float) -> None:
        """Put one decrypted packet into its stream; anything that fits none is dropped."""
        try:
            rtp = RtpPacket.parse(packet, self._incoming.extensions)
        except (ValueError, LookupError, struct.error):
            return
        number = rtp.extensions.transport_sequence_number
        if number is not None:
            self._arrivals.note(number, now)
        found = self._incoming.find(rtp)
        if found is None:
            return
        track, is_repair = found
        if is_repair:
            self._take_repair(track, rtp, now)
        elif not self._count(track, rtp, len(packet), now):
            return
        elif not rtp.payload or self._keeps_back(track, rtp, now):
            track.source.pass_over(rtp.sequence_number, now)
        else:
            track.source.take(
                rtp.sequence_number,
                rtp.timestamp,
                rtp.payload,
                marker=bool(rtp.marker),
                now=now,
            )

    def rtcp_arrived(self, packets: list[AnyRtcpPacket], now: float) -> None:
        """Learn from sender reports which timestamp belongs to which time."""
        for packet in packets:
            if not isinstance(packet, RtcpSrPacket):
                continue
            for track in self._incoming:
                reception = track.reception
                if reception is not None and reception.ssrc == packet.ssrc:
                    info = packet.sender_info
                    reception.note_sender_report(info.ntp_timestamp, now)
                    track.source.note_sender_report(info.ntp_timestamp, info.rtp_timestamp, now)

    def cut(self, *, on: bool) -> None:
        """Let nothing of it through to anyone, or let it through again."""
        for source in self.streams:
            source.cut(on=on)

    def is_silent(self, now: float) -> bool:
        """Whether nothing has come for 3 s."""
        return now - self._last_media_at > SILENT_AFTER_S

    def tick(self, now: float) -> None:
        """Send what is due: requests for lost packets and keyframes, and once a second a report."""
        packets: list[bytes] = []
        if now - self._reported_at >= REPORT_INTERVAL_S:
            packets += self._report(now)
        if self._arrivals.due(now):
            packets += self._arrivals.reports(self._ssrc, self._a_media_ssrc())
        for track in self._incoming:
            reception = track.reception
            if reception is None:
                continue
            holes = reception.holes_to_ask_for(now)
            if holes:
                nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, self._ssrc, reception.ssrc, holes)
                packets.append(bytes(nack))
            if track.source.keyframe_requests.due(now):
                packets.append(bytes(RtcpPsfbPacket(RTCP_PSFB_PLI, self._ssrc, reception.ssrc)))
        if packets:
            self.transport.send_rtcp(packets)

    def close(self) -> None:
        """End the leg and its sources."""
        self.transport.close()
        for track in self._incoming:
            track.source.close()

    def _a_media_ssrc(self) -> int:
        """One of its streams: a report on all of them has to name one."""
        return next((t.reception.ssrc for t in self._incoming if t.reception is not None), 0)

    def _keeps_back(self, track: Track, rtp: RtpPacket, now: float) -> bool:
        """Note how loud it is; whether nobody may hear it."""
        if track.source.kind != "audio":
            return False
        if rtp.extensions.audio_level is not None:
            self.loudness.note(rtp.extensions.audio_level[1], now)
        return self.muted

    def _count(self, track: Track, rtp: RtpPacket, size: int, now: float) -> bool:
        """Do a stream's bookkeeping; False for a packet of a stream that is not taken."""
        reception = track.reception
        codec = track.source.codec
        if reception is None or reception.ssrc != rtp.ssrc:
            if reception is not None and now - track.last_at < STREAM_CHANGE_S:
                return False
            reception = Reception(rtp.ssrc, codec.clock_rate, repairs="nack" in codec.feedback)
            track.reception = reception
        if not reception.fits(rtp.sequence_number, now):
            return False
        if reception.take(rtp.sequence_number, rtp.timestamp, size, now):
            track.source.begin_anew()
        track.last_at = self._last_media_at = now
        if not self.publishing:
            self.publishing = True
            self._started(self)
        return True

    def _take_repair(self, track: Track, rtp: RtpPacket, now: float) -> None:
        reception = track.reception
        if reception is None or len(rtp.payload) <= 2:
            return
        original = unwrap_rtx(rtp, track.source.codec.payload_type, reception.ssrc)
        if not reception.repaired(original.sequence_number):
            return
        if self.muted and track.source.kind == "audio":
            return
        track.source.take(
            original.sequence_number,
            original.timestamp,
            original.payload,
            marker=bool(original.marker),
            now=now,
        )

    def _report(self, now: float) -> list[bytes]:
        receptions = [t.reception for t in self._incoming if t.reception is not None]
        reports = [reception.report(now) for reception in receptions]
        blocks = [block for block, _ in reports]
        octets = sum(reception.octets for reception in receptions)
        elapsed = now - self._reported_at
        self.bitrate_bps = int(max(0, octets - self._octets_reported) * 8 / elapsed)
        self.packets = sum(reception.packets for reception in receptions)
        self.loss = max((loss for _, loss in reports), default=0.0)
        self._octets_reported = octets
        self._reported_at = now
        packets = [bytes(RtcpRrPacket(self._ssrc, blocks))]
        if blocks and not self._arrivals.used:
            allowed_bps = self._estimate.update(self.loss, self.bitrate_bps)
            fci = pack_remb_fci(allowed_bps, [block.ssrc for block in blocks])
            packets.append(bytes(RtcpPsfbPacket(RTCP_PSFB_APP, self._ssrc, 0, fci)))
        return packets
