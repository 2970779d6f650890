"""Writing answers by hand: what we take from a publisher, what we send to a viewer."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from live.media.arrivals import TRANSPORT_SEQUENCE_URI
from live.media.codecs import Codec
from live.media.dtls import DtlsRole
from live.media.ice import IceCredentials
from live.media.offer import ABS_SEND_TIME_URI, MID_URI, Offer, OfferedSection
from live.media.simulcast import REPAIRED_RID_URI, RID_URI, simulcast_lines
from live.media.speaking import AUDIO_LEVEL_URI

CNAME = "causerie"
"""One name for all we send to a viewer, so that it keeps picture and sound together (RFC 3550
6.5.1).
"""

PUBLISHER_FEEDBACK = frozenset({"nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"})
VIEWER_FEEDBACK = frozenset({"nack", "nack pli", "ccm fir", "goog-remb"})
PUBLISHER_EXTENSIONS = (MID_URI, TRANSPORT_SEQUENCE_URI, RID_URI, REPAIRED_RID_URI, AUDIO_LEVEL_URI)
VIEWER_EXTENSIONS = (MID_URI, ABS_SEND_TIME_URI)


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """Our side of the one transport of a leg."""

    credentials: IceCredentials
    candidates: tuple[str, ...]
    fingerprint: str
    """`sha-256 AB:CD:…`"""
    role: DtlsRole


@dataclass(frozen=True, slots=True)
class Taken:
    """An accepted section: which codecs, in which direction, and our streams if we send."""

    section: OfferedSection
    codecs: tuple[Codec, ...]
    direction: str
    ssrc: int | None = None
    rtx_ssrc: int | None = None
    stream: str = CNAME
    """The name of the media stream we send in: picture and sound of one seat share it, so that a
    player keeps them together.
    """


def write_answer(offer: Offer, taken: dict[int, Taken], transport: LocalTransport) -> str:
    """The answer that takes the sections of `taken` (by index) and declines every other."""
    mids = " ".join(offer.sections[index].mid for index in sorted(taken))
    lines = [
        "v=0",
        f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
    ]
    if offer.bundled:
        lines.append(f"a=group:BUNDLE {mids}")
    lines.append("a=msid-semantic: WMS *")
    for index, section in enumerate(offer.sections):
        accepted = taken.get(index)
        if accepted is None:
            lines += [section.declined_line, "c=IN IP4 0.0.0.0", f"a=mid:{section.mid}"]
            if section.kind is not None:
                lines.append("a=inactive")
        else:
            lines += _section_lines(accepted, transport)
    return "\r\n".join([*lines, ""])


def write_fragment(offer_mids: Iterable[str], transport: LocalTransport) -> str:
    """Our new credentials after an ICE restart, as a trickle-ice-sdpfrag (RFC 8840 section 9)."""
    mids = list(offer_mids)
    lines = [
        "a=ice-lite",
        f"a=group:BUNDLE {' '.join(mids)}",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        f"a=mid:{mids[0]}",
        *_ice_lines(transport),
    ]
    return "\r\n".join([*lines, ""])


def _ice_lines(transport: LocalTransport) -> list[str]:
    return [
        f"a=ice-ufrag:{transport.credentials.ufrag}",
        f"a=ice-pwd:{transport.credentials.password}",
        *(f"a=candidate:{candidate}" for candidate in transport.candidates),
        "a=end-of-candidates",
    ]


def _section_lines(taken: Taken, transport: LocalTransport) -> list[str]:
    section = taken.section
    formats = [
        payload_type
        for codec in taken.codecs
        for payload_type in (codec.payload_type, codec.rtx_payload_type)
        if payload_type is not None
    ]
    sends = taken.direction == "sendonly"
    extensions = VIEWER_EXTENSIONS if sends else PUBLISHER_EXTENSIONS
    feedback = VIEWER_FEEDBACK if sends else PUBLISHER_FEEDBACK
    if TRANSPORT_SEQUENCE_URI not in section.extensions:
        feedback = feedback - {"transport-cc"}
    lines = [
        f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, formats))}",
        "c=IN IP4 0.0.0.0",
        *_ice_lines(transport),
        f"a=fingerprint:{transport.fingerprint}",
        f"a=setup:{'active' if transport.role == 'client' else 'passive'}",
        f"a=mid:{section.mid}",
        *(f"a=extmap:{section.extensions[u]} {u}" for u in extensions if u in section.extensions),
        f"a={taken.direction}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]
    for codec in taken.codecs:
        lines += _codec_lines(codec, feedback)
    lines += () if sends else simulcast_lines(section.rids)
    if taken.ssrc is not None:
        track = f"{taken.stream} {section.kind}-{section.mid}"
        lines += _stream_lines(taken.ssrc, taken.rtx_ssrc, track)
    return lines


def _codec_lines(codec: Codec, feedback: frozenset[str]) -> list[str]:
    lines = [f"a=rtpmap:{codec.payload_type} {codec.rtpmap}"]
    lines += [f"a=rtcp-fb:{codec.payload_type} {f}" for f in codec.feedback if f in feedback]
    if codec.parameters:
        lines.append(f"a=fmtp:{codec.payload_type} {codec.parameters}")
    if codec.rtx_payload_type is not None:
        lines += [
            f"a=rtpmap:{codec.rtx_payload_type} rtx/{codec.clock_rate}",
            f"a=fmtp:{codec.rtx_payload_type} apt={codec.payload_type}",
        ]
    return lines


def _stream_lines(ssrc: int, rtx_ssrc: int | None, msid: str) -> list[str]:
    streams = [ssrc]
    lines = [f"a=msid:{msid}"]
    if rtx_ssrc is not None:
        streams.append(rtx_ssrc)
        lines.append(f"a=ssrc-group:FID {ssrc} {rtx_ssrc}")
    for stream in streams:
        lines += [f"a=ssrc:{stream} cname:{CNAME}", f"a=ssrc:{stream} msid:{msid}"]
    return lines
