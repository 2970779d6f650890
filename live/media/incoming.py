"""Which of a publisher's packets belong to which of its streams.

Payload types tell sound, picture and repairs apart; the layers of a picture are told apart by the
RID that their first packets carry, and from then on by SSRC (RFC 8852).
"""

from collections.abc import Iterator
from typing import Final

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

from live.media.codecs import Codec, Kind
from live.media.offer import OfferedSection
from live.media.picture import Picture
from live.media.reception import Reception
from live.media.source import PublisherClock, Source

STREAMS_LIMIT: Final = 64
"""SSRCs remembered with their layer; a publisher that uses more is not understood further."""


class Track:
    """One source with the stream that feeds it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.reception: Reception | None = None
        self.last_at = 0.0


class Incoming:
    """A publisher's tracks, and the way of each packet to one of them."""

    def __init__(self, sections: dict[Kind, OfferedSection], codecs: dict[Kind, Codec]) -> None:
        clock = PublisherClock()
        self.tracks: dict[Kind, list[Track]] = {}
        for kind, codec in codecs.items():
            rids = sections[kind].rids or ("",)
            self.tracks[kind] = [Track(Source(codec, clock, rid)) for rid in rids]
        if "video" in self.tracks:
            Picture([track.source for track in self.tracks["video"]])
        self.extensions = HeaderExtensionsMap()
        self.extensions.configure(
            RTCRtpParameters(
                headerExtensions=[
                    RTCRtpHeaderExtensionParameters(id=number, uri=uri)
                    for section in sections.values()
                    for uri, number in section.extensions.items()
                ]
            )
        )
        self._by_payload_type: dict[int, tuple[Kind, bool]] = {}
        for kind, codec in codecs.items():
            self._by_payload_type[codec.payload_type] = (kind, False)
            if codec.rtx_payload_type is not None:
                self._by_payload_type[codec.rtx_payload_type] = (kind, True)
        self._by_ssrc: dict[int, Track] = {}

    def __iter__(self) -> Iterator[Track]:
        for tracks in self.tracks.values():
            yield from tracks

    def find(self, rtp: RtpPacket) -> tuple[Track, bool] | None:
        """The track of a packet, and whether it repairs one; None if it is of none."""
        entry = self._by_payload_type.get(rtp.payload_type)
        if entry is None:
            return None
        kind, is_repair = entry
        tracks = self.tracks[kind]
        if len(tracks) == 1:
            return tracks[0], is_repair
        known = self._by_ssrc.get(rtp.ssrc)
        if known is None:
            said = rtp.extensions
            rid = said.repaired_rtp_stream_id if is_repair else said.rtp_stream_id
            known = next((track for track in tracks if rid and track.source.rid == rid), None)
            if known is None or len(self._by_ssrc) >= STREAMS_LIMIT:
                return None
            self._by_ssrc[rtp.ssrc] = known
        return known, is_repair
