"""Reading an offer: what a WHIP or WHEP client wants, or why it cannot be understood.

Only the lines that matter reach aiortc's parser. Remote candidates do not: a lite agent sends no
checks, so it needs none, and the `.local` names that browsers put there would have to be resolved.

A browser's offer of eight streams is 24 KB of text, and the same for everyone who has that browser
but for the lines of its transport. So a section without those is read once, and what came of it is
shared: that spares a join the parser, and each viewer 40 KB.
"""

import binascii
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aiortc import sdp
from aiortc.rtcdtlstransport import X509_DIGEST_ALGORITHMS

from live.media.codecs import Codec, Kind, carried_codecs
from live.media.dtls import DtlsRole
from live.media.simulcast import RID_URI, offered_rids
from live.ports.media import SDP_LIMIT_BYTES, SDP_LINES_LIMIT

SECTIONS_LIMIT: Final = 32

SECTION_LINES_LIMIT: Final = 250
"""Lines that matter of one section: browsers have a hundred, and some are read by twos."""

ALL_SECTIONS_LINES_LIMIT: Final = 1_500
"""Of all of them: the page for four seats has 700."""

CODECS_LIMIT: Final = 64
"""Codecs of one section: each line of feedback is held against all of them."""

FEEDBACK_FOR_ALL_LIMIT: Final = 8
"""Lines of feedback that are for every codec of a section."""

ABOUT_LINES_LIMIT: Final = 320
"""Lines on the transport, of all sections together: each has up to six."""

SECTIONS_KEPT: Final = 128
SECTION_KEPT_BYTES: Final = 8_192
"""Sections that are shared with who comes next, and how long each may be."""

_TRANSPORT: Final = frozenset({"fingerprint", "ice-ufrag", "ice-pwd", "setup"})
_MEDIA: Final = frozenset(
    {"mid", "rtpmap", "fmtp", "rtcp-fb", "rtcp-mux", "extmap", *sdp.DIRECTIONS}
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~/=-]{1,64}")

_ZERO_PORT: Final = re.compile(r"^(m=\S+) 0 ")

MID_URI: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
ABS_SEND_TIME_URI: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"


class MalformedOfferError(Exception):
    """The offer cannot be understood; `str()` says why, in one sentence."""


@dataclass(frozen=True, slots=True)
class OfferedSection:
    """One media section: audio, video, or something else (`kind` None) that we decline."""

    kind: Kind | None
    mid: str
    sends: bool
    receives: bool
    codecs: tuple[Codec, ...]
    extensions: dict[str, int]
    """Header extension ids by URI."""
    declined_line: str
    """The `m=` line that declines it (port 0)."""
    rids: tuple[str, ...] = ()
    """The layers of a picture that it sends at once (simulcast), by RID."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A peer's offer, one transport for all its sections."""

    sections: tuple[OfferedSection, ...]
    bundled: bool
    ufrag: str
    fingerprints: tuple[tuple[str, str], ...]
    our_role: DtlsRole


def read_offer(text: str) -> Offer:
    """Understand an offer; raises `MalformedOfferError`."""
    if len(text) > SDP_LIMIT_BYTES or len(text.encode()) > SDP_LIMIT_BYTES:
        raise MalformedOfferError(f"The offer is longer than {SDP_LIMIT_BYTES} bytes.")
    about, parts = _parted(text)
    session = _parsed(about)
    if not session.media:
        raise MalformedOfferError("The offer has no media section.")
    bundles = [set(map(str, g.items)) for g in session.group if g.semantic == "BUNDLE"]
    sections = tuple(
        _offered(part, index, rids)
        for index, (part, rids) in enumerate(zip(parts, offered_rids(text), strict=True))
    )
    bundle = bundles[0] if bundles else {sections[0].mid}
    if any(s.kind is not None and s.mid not in bundle for s in sections):
        raise MalformedOfferError("All media sections must share one transport (BUNDLE).")
    ice = session.media[0].ice
    return Offer(
        sections=sections,
        bundled=bool(bundles),
        ufrag=_checked(ice.usernameFragment if ice is not None else None, "ICE user fragment"),
        fingerprints=_fingerprints(session.media),
        our_role=_our_role(session.media),
    )


def _parsed(lines: Iterable[str]) -> sdp.SessionDescription:
    try:
        return sdp.SessionDescription.parse("\r\n".join(lines))
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        StopIteration,
        TypeError,
        ValueError,
        binascii.Error,
        struct.error,
    ) as error:
        # aiortc's parser meets foreign input with whatever exception the line runs into.
        raise MalformedOfferError("The offer is not a valid session description.") from error


def _parted(text: str) -> tuple[list[str], list[str]]:
    """What an offer says of its transport, and each of its sections without that."""
    about: list[str] = []
    sections: list[list[str]] = []
    lines = text.splitlines()
    if len(lines) > SDP_LINES_LIMIT:
        raise MalformedOfferError(f"The offer has more than {SDP_LINES_LIMIT} lines.")
    for line in lines:
        whole = line.strip()
        kind, rest = whole[:2], whole[2:]
        name = rest.partition(":")[0] if kind == "a=" else ""
        if kind == "m=":
            if len(sections) == SECTIONS_LIMIT:
                raise MalformedOfferError(f"An offer has at most {SECTIONS_LIMIT} media sections.")
            sections.append([whole])
            about.append(whole)
        elif kind == "v=" or name in _TRANSPORT or (name == "group" and not sections):
            about.append(whole)
        elif sections and name == "bundle-only":
            # RFC 9143 section 6: port 0 with this attribute declines nothing (Firefox offers it).
            sections[-1][0] = _ZERO_PORT.sub(r"\1 9 ", sections[-1][0])
        elif sections and name in _MEDIA:
            sections[-1].append(whole)
    if len(about) > ABOUT_LINES_LIMIT:
        raise MalformedOfferError("The offer says too much of its transport.")
    if sum(map(len, sections)) > ALL_SECTIONS_LINES_LIMIT:
        raise MalformedOfferError("The offer's media sections are too long together.")
    for section in sections:
        _check_length(section)
    return about, ["\r\n".join(section) for section in sections]


def _check_length(section: list[str]) -> None:
    """Keep the parser from work that grows faster than what it reads. Raises
    `MalformedOfferError`.
    """
    if len(section) > SECTION_LINES_LIMIT:
        raise MalformedOfferError(f"A section has more than {SECTION_LINES_LIMIT} lines.")
    mapped = [line.partition(" ")[0] for line in section if line.startswith("a=rtpmap:")]
    if len(mapped) > CODECS_LIMIT:
        raise MalformedOfferError(f"A section has more than {CODECS_LIMIT} codecs.")
    if len(set(mapped)) < len(mapped):
        raise MalformedOfferError("A section gives one number to two codecs.")
    if sum(line.startswith("a=rtcp-fb:*") for line in section) > FEEDBACK_FOR_ALL_LIMIT:
        raise MalformedOfferError("A section has too much feedback for all of its codecs.")


def _offered(text: str, index: int, rids: tuple[str, ...]) -> OfferedSection:
    read = _read_section if len(text) <= SECTION_KEPT_BYTES else _read_section.__wrapped__
    return read(text, index, rids)


@lru_cache(SECTIONS_KEPT)
def _read_section(text: str, index: int, rids: tuple[str, ...]) -> OfferedSection:
    return _section(_parsed(("v=0", text)).media[0], index, rids)


def _checked(value: str | None, what: str) -> str:
    if value is None or not _TOKEN.fullmatch(value):
        raise MalformedOfferError(f"The offer has no valid {what}.")
    return value


def _section(media: sdp.MediaDescription, index: int, rids: tuple[str, ...]) -> OfferedSection:
    mid = _checked(media.rtp.muxId or str(index), "media identification")
    formats = " ".join(str(f) for f in media.fmt)
    kind: Kind | None = None
    if media.kind == "audio":
        kind = "audio"
    elif media.kind == "video":
        kind = "video"
    if kind is not None and media.profile not in {"UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP"}:
        raise MalformedOfferError("Media must be offered as UDP/TLS/RTP/SAVPF.")
    direction = media.direction or "sendrecv"
    declined = kind is not None and media.port == 0
    extensions = {e.uri: e.id for e in media.rtp.headerExtensions if 1 <= e.id <= 14}
    # Without the header extension, layers could not be told apart.
    layered = kind == "video" and RID_URI in extensions
    return OfferedSection(
        kind=kind,
        mid=mid,
        sends=direction in {"sendonly", "sendrecv"} and not declined,
        receives=direction in {"recvonly", "sendrecv"} and not declined,
        codecs=() if kind is None else carried_codecs(media),
        extensions=extensions,
        declined_line=f"m={media.kind} 0 {media.profile} {formats}",
        rids=rids if layered else (),
    )


def _fingerprints(sections: list[sdp.MediaDescription]) -> tuple[tuple[str, str], ...]:
    found = {
        (f.algorithm.lower(), f.value.upper())
        for media in sections
        if media.dtls is not None
        for f in media.dtls.fingerprints
    }
    usable = tuple(sorted(f for f in found if f[0] in X509_DIGEST_ALGORITHMS))
    if not usable:
        raise MalformedOfferError("The offer has no fingerprint with SHA-256 or longer.")
    return usable


def _our_role(sections: list[sdp.MediaDescription]) -> DtlsRole:
    """Passive unless the peer insists on it: then it speaks first, from an address that has
    proved itself.
    """
    role = next((m.dtls.role for m in sections if m.dtls is not None), None)
    if role is None:
        raise MalformedOfferError("The offer has no setup attribute.")
    return "client" if role == "server" else "server"
