"""A viewer's leg: the streams it gets, and what it says about them."""

import secrets
import struct
from collections import Counter
from collections.abc import Callable
from typing import Final

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSourceInfo,
    RtcpSrPacket,
    unpack_remb_fci,
)

from live.media.adaptation import Adaptation
from live.media.answer import CNAME, Taken, write_answer
from live.media.codecs import Codec, Kind
from live.media.offer import Offer
from live.media.outgoing import Outgoing, StreamNumbers
from live.media.shown import Shown
from live.media.source import Source
from live.media.srtp import REPEAT_WINDOW, SEND_WINDOW
from live.media.transport import Shared, Transport
from live.ports.media import LegId, WatchRequest
from live.ports.media_events import FreedReason
from live.ports.media_refusals import MediaRefusal
from live.ports.media_seats import SEATS

RESEND_PER_SECOND: Final = 500
"""Packets a viewer may have sent again; more loss than that is not repaired but healed by a
keyframe.
"""

REPORT_INTERVAL_S: Final = 1.0

_SDES_CNAME: Final = 1


def plan_viewer(
    offer: Offer, shown: Shown
) -> tuple[dict[int, Taken], dict[int, StreamNumbers]] | MediaRefusal:
    """Answer the receiving sections, with every codec that may come: one of each kind, or where
    more are offered one for each seat, in their order. Decline the rest.

    The codec on stage comes first. All carried ones are taken so that a viewer can stay when the
    publisher changes. Refused with `codec` if the viewer can take no picture, or no sound, of those
    on stage.
    """
    wanted = Counter(s.kind for s in offer.sections if s.kind is not None and s.receives)
    in_slots = any(count > 1 for count in wanted.values())
    taken: dict[int, Taken] = {}
    numbers: dict[int, StreamNumbers] = {}
    seen: Counter[Kind] = Counter()
    untaken: dict[Kind, Source] = {}
    for index, section in enumerate(offer.sections):
        kind = section.kind
        if kind is None or not section.receives or seen[kind] == (len(SEATS) if in_slots else 1):
            continue
        slot = seen[kind] if in_slots else None
        seen[kind] += 1
        source = shown.source(kind, slot)
        codecs = _fitting(section.codecs, source)
        if source is not None and not any(codec.takes(source.codec) for codec in codecs):
            untaken.setdefault(kind, source)
        if not codecs:
            continue
        stream = numbers[index] = StreamNumbers(codecs, slot)
        name = CNAME if slot is None else f"{CNAME}-{slot}"
        taken[index] = Taken(section, codecs, "sendonly", stream.ssrc, stream.rtx_ssrc, name)
    if not taken and not untaken:
        return MediaRefusal("codec", "The offer receives neither picture nor sound that we carry.")
    for kind, source in untaken.items():
        if not _can_play(numbers, shown, kind):
            return MediaRefusal(
                "codec", f"The stage sends {source.codec.name}; offer to receive it."
            )
    return taken, numbers


def _can_play(numbers: dict[int, StreamNumbers], shown: Shown, kind: Kind) -> bool:
    """Whether some stream of this kind takes what is in its place."""
    for stream in numbers.values():
        source = shown.source(kind, stream.slot)
        codec = None if source is None else stream.codecs.get(source.codec.name)
        if source is not None and codec is not None and codec.takes(source.codec):
            return True
    return False


def _fitting(codecs: tuple[Codec, ...], source: Source | None) -> tuple[Codec, ...]:
    """One codec of each name, the source's first, and closest to its profile."""
    on_stage = None if source is None else source.codec
    chosen: dict[str, Codec] = {}
    for codec in codecs:
        held = chosen.setdefault(codec.name, codec)
        if on_stage is not None and _rank(codec, on_stage) < _rank(held, on_stage):
            chosen[codec.name] = codec
    first = None if on_stage is None else on_stage.name
    return tuple(sorted(chosen.values(), key=lambda codec: codec.name != first))


def _rank(codec: Codec, on_stage: Codec) -> int:
    if codec.same_as(on_stage):
        return 0
    return 1 if codec.takes(on_stage) else 2


class Viewer:
    """Who watches, and what goes there."""

    def __init__(
        self,
        leg_id: LegId,
        request: WatchRequest,
        offer: Offer,
        plan: tuple[dict[int, Taken], dict[int, StreamNumbers]],
        *,
        shared: Shared,
        clock: Callable[[], float],
        connected: Callable[["Viewer", float], None],
        lost: Callable[["Viewer", FreedReason], None],
    ) -> None:
        self.leg_id = leg_id
        self.session_id = request.session_id
        self.participant_id = request.participant_id
        self.offer = offer
        self.remote_ufrag = offer.ufrag
        self.connected = False
        self.adaptation = Adaptation()
        self._taken, numbers = plan
        self._connected = connected
        self._lost = lost
        repeats = any(
            n.rtx_ssrc is None and "nack" in codec.feedback
            for n in numbers.values()
            for codec in n.codecs.values()
        )
        self.transport = Transport(
            shared,
            offer,
            send_window=REPEAT_WINDOW if repeats else SEND_WINDOW,
            handler=self,
            clock=clock,
        )
        self.streams = [
            Outgoing(self._taken[index].section, n, self.transport, shared)
            for index, n in sorted(numbers.items())
        ]
        self._by_ssrc = {stream.ssrc: stream for stream in self.streams}
        self._resend_allowance = float(RESEND_PER_SECOND)
        self._allowance_at = clock()
        # Spread over the interval, so that many viewers' reports do not fall into one moment.
        self._report_at = self._allowance_at + secrets.randbelow(1000) / 1000 * REPORT_INTERVAL_S
        description = RtcpSdesPacket(
            [
                RtcpSourceInfo(stream.ssrc, [(_SDES_CNAME, CNAME.encode())])
                for stream in self.streams
            ]
        )
        self._description = bytes(description)

    @property
    def answer(self) -> str:
        """The answer to its offer."""
        return write_answer(self.offer, self._taken, self.transport.local)

    @property
    def packets_sent(self) -> int:
        """Packets that went to it."""
        return sum(stream.packets_sent for stream in self.streams)

    @property
    def wire_octets(self) -> int:
        """What went to it, with all headers."""
        return sum(stream.wire_octets for stream in self.streams)

    @property
    def packets_dropped(self) -> int:
        """Packets that the kernel would not take."""
        return sum(stream.packets_dropped for stream in self.streams)

    def follow(self, shown: Shown, now: float) -> bool:
        """Show this from now on; False if the viewer can take no picture of it, or no sound."""
        plays: dict[Kind, bool] = {}
        places: list[tuple[Outgoing, Source | None]] = []
        for stream in self.streams:
            source = shown.source(stream.kind, stream.slot)
            if source is not None:
                fits = stream.can_follow(source)
                plays[stream.kind] = plays.get(stream.kind, False) or fits
                source = source if fits else None
            places.append((stream, source))
        if not all(plays.values()):
            return False
        if self.connected:
            for stream, source in places:
                self.adaptation.follow(stream, source, now)
        return True

    def opened(self, now: float) -> None:
        """Begin to receive."""
        self.connected = True
        self._report_at = now
        self._connected(self, now)

    def moved(self) -> None:
        """Send to where the viewer is now."""
        for stream in self.streams:
            stream.moved()

    def lost(self, reason: FreedReason) -> None:
        """Tell whoever made this leg that it is of no more use."""
        self._lost(self, reason)

    def rtp_arrived(self, packet: bytes, now: float) -> None:
        """Ignore it: a viewer has nothing to send."""

    def rtcp_arrived(self, packets: list[AnyRtcpPacket], now: float) -> None:
        """Repair what is missing, pass on wishes for keyframes, note reported loss and
        bandwidth.
        """
        for packet in packets:
            if isinstance(packet, RtcpRtpfbPacket):
                if packet.fmt == RTCP_RTPFB_NACK:
                    self._repair(packet, now)
            elif isinstance(packet, RtcpPsfbPacket):
                self._take_feedback(packet, now)
            elif isinstance(packet, RtcpRrPacket | RtcpSrPacket):
                for report in packet.reports:
                    stream = self._by_ssrc.get(report.ssrc)
                    if stream is not None:
                        stream.loss = report.fraction_lost / 256
                        if stream.kind == "video":
                            self.adaptation.downlink.note_report(
                                report.ssrc, report.highest_sequence, report.packets_lost, now
                            )

    def tick(self, now: float) -> None:
        """See what the link carries; once a second, say which timestamps belong to which time."""
        if not self.connected:
            return
        self.adaptation.tick(self.streams, now)
        if now < self._report_at:
            return
        self._report_at = now + REPORT_INTERVAL_S
        reports = [r for r in (stream.sender_report(now) for stream in self.streams) if r]
        if reports:
            self.transport.send_rtcp([*reports, self._description])

    def close(self) -> None:
        """End the leg; what it followed goes on without it."""
        for stream in self.streams:
            stream.close()
        self.transport.close()

    def _repair(self, packet: RtcpRtpfbPacket, now: float) -> None:
        stream = self._by_ssrc.get(packet.media_ssrc)
        if stream is None:
            return
        refill = (now - self._allowance_at) * RESEND_PER_SECOND
        self._resend_allowance = min(RESEND_PER_SECOND, self._resend_allowance + refill)
        self._allowance_at = now
        self._resend_allowance -= stream.resend(packet.lost, now, int(self._resend_allowance))

    def _take_feedback(self, packet: RtcpPsfbPacket, now: float) -> None:
        if packet.fmt == RTCP_PSFB_PLI:
            self._ask_for_keyframe(packet.media_ssrc)
        elif packet.fmt == RTCP_PSFB_FIR:
            # RFC 5104 section 4.3.1: each wish is 8 bytes, the wanted stream's SSRC first.
            for at in range(0, len(packet.fci) - 7, 8):
                self._ask_for_keyframe(int.from_bytes(packet.fci[at : at + 4], "big"))
        elif packet.fmt == RTCP_PSFB_APP and packet.fci[:4] == b"REMB":
            try:
                estimate_bps, _ = unpack_remb_fci(packet.fci)
            except (ValueError, struct.error):
                return
            self.adaptation.downlink.note_estimate(estimate_bps, now)

    def _ask_for_keyframe(self, ssrc: int) -> None:
        stream = self._by_ssrc.get(ssrc)
        if stream is not None and stream.source is not None and stream.kind == "video":
            stream.source.keyframe_requests.want()
