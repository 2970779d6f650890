"""Two offers made to meet: a WHEP client offers to receive, Janus offers to send, neither answers.

From both an answer for each is written. Each side then hears that the other took what it offered:
ICE, DTLS and the streams are the peers' own, nothing but these words goes through here. That works
because the mountpoint was made with the client's own payload types (`JanusStage`), a role conflict
of two controlling ICE agents is settled by the agents (RFC 8445 section 7.3.1.1), and for DTLS one
is told that the other is active.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from live.media.codecs import Codec
from live.media.offer import MalformedOfferError, Offer

FEEDBACK: Final = frozenset({"nack", "nack pli", "ccm fir", "goog-remb"})

_PLAIN: Final = re.compile(r"[\x20-\x7e]{1,256}")
CANDIDATES_MOST: Final = 32
USUAL_HASH: Final = "sha-256 "


@dataclass(frozen=True, slots=True)
class Transport:
    """What a description says of its sender's ICE and DTLS."""

    ufrag: str
    password: str
    fingerprint: str
    lite: bool
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One section of the client's offer (by index) that gets one stream of the mountpoint."""

    index: int
    mid: str
    """The stream's name in the mountpoint."""
    codec: Codec
    """As the client offered it; the mountpoint sends under the same payload type."""


@dataclass(frozen=True, slots=True)
class _Section:
    mid: str
    ssrcs: tuple[str, ...]


def read_transport(text: str) -> Transport:
    """The first transport of a description; raises `MalformedOfferError` if it has none.

    Candidates that are names (`.local`) are left out: they would have to be resolved, and the peer
    is found by its own checks.
    """
    values: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("a="):
            name, _, value = line[2:].strip().partition(":")
            values.setdefault(name, []).append(value)
    for name in ("ice-ufrag", "ice-pwd", "fingerprint"):
        if not all(_PLAIN.fullmatch(value) for value in values.get(name, [""])):
            raise MalformedOfferError(f"The description has no valid {name}.")
    candidates = dict.fromkeys(
        value
        for value in values.get("candidate", [])
        if _PLAIN.fullmatch(value) and not is_name(value)
    )
    return Transport(
        ufrag=values["ice-ufrag"][0],
        password=values["ice-pwd"][0],
        fingerprint=next(
            (each for each in values["fingerprint"] if each.lower().startswith(USUAL_HASH)),
            values["fingerprint"][0],
        ),
        lite="ice-lite" in values,
        candidates=tuple(candidates)[:CANDIDATES_MOST],
    )


def plain(description: str) -> str:
    """The description without candidates that would have to be resolved, and without fingerprints
    that Janus does not know beside the one that it does.
    """
    known = f"\na=fingerprint:{USUAL_HASH}" in description.lower()
    lines = (
        line
        for line in description.splitlines()
        if not (line.startswith("a=candidate:") and is_name(line[12:]))
        and not (known and _is_strange(line))
    )
    return "\r\n".join([*lines, ""])


def answer_to_client(offer: Offer, slots: Iterable[Slot], sender: str) -> str:
    """What the client is told: the sections of `slots` are sent by `sender` (Janus' offer), all
    others are declined.
    """
    transport = read_transport(sender)
    theirs = {section.mid: section for section in _sections(sender)}
    by_index = {slot.index: slot for slot in slots}
    mids = " ".join(offer.sections[index].mid for index in sorted(by_index))
    lines = [
        "v=0",
        f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        *(["a=ice-lite"] if transport.lite else []),
        *([f"a=group:BUNDLE {mids}"] if offer.bundled else []),
        "a=msid-semantic: WMS *",
    ]
    setup = "passive" if offer.our_role == "server" else "active"
    for index, section in enumerate(offer.sections):
        slot = by_index.get(index)
        if slot is None:
            lines += [section.declined_line, "c=IN IP4 0.0.0.0", f"a=mid:{section.mid}"]
            continue
        codec = slot.codec
        lines += [
            *_head(codec.kind, codec.payload_type, transport),
            f"a=setup:{setup}",
            f"a=mid:{section.mid}",
            "a=sendonly",
            "a=rtcp-mux",
            *_codec_lines(codec),
            # Picture and sound of one seat are one stream to a player.
            f"a=msid:seat-{slot.mid[1:]} {codec.kind}-{section.mid}",
            *(f"a=ssrc:{ssrc} cname:causerie" for ssrc in theirs[slot.mid].ssrcs),
        ]
    return "\r\n".join([*lines, ""])


def answer_to_janus(offer: Offer, client: str, slots: Iterable[Slot], sender: str) -> str:
    """What Janus is told: the client takes every section of its offer. No header extensions and no
    stream for repairs are agreed on: their numbers would be Janus' own, not the client's.
    """
    transport = read_transport(client)
    by_mid = {slot.mid: slot for slot in slots}
    mids = [section.mid for section in _sections(sender)]
    lines = [
        "v=0",
        f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        *(["a=ice-lite"] if transport.lite else []),
        f"a=group:BUNDLE {' '.join(mids)}",
    ]
    for mid in mids:
        codec = by_mid[mid].codec
        lines += [
            *_head(codec.kind, codec.payload_type, transport),
            f"a=setup:{'active' if offer.our_role == 'server' else 'passive'}",
            f"a=mid:{mid}",
            "a=recvonly",
            "a=rtcp-mux",
            *_codec_lines(codec),
        ]
    return "\r\n".join([*lines, ""])


def _head(kind: str, payload_type: int, transport: Transport) -> list[str]:
    return [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {payload_type}",
        "c=IN IP4 0.0.0.0",
        f"a=ice-ufrag:{transport.ufrag}",
        f"a=ice-pwd:{transport.password}",
        *(f"a=candidate:{candidate}" for candidate in transport.candidates),
        "a=end-of-candidates",
        f"a=fingerprint:{transport.fingerprint}",
    ]


def _codec_lines(codec: Codec) -> list[str]:
    number = codec.payload_type
    lines = [f"a=rtpmap:{number} {codec.rtpmap}"]
    lines += [f"a=rtcp-fb:{number} {each}" for each in codec.feedback if each in FEEDBACK]
    if codec.parameters:
        lines.append(f"a=fmtp:{number} {codec.parameters}")
    return lines


def _sections(text: str) -> list[_Section]:
    found = []
    for part in re.split(r"^(?=m=)", text, flags=re.MULTILINE)[1:]:
        mid = re.search(r"^a=mid:(\S+)", part, re.MULTILINE)
        repairs = set(re.findall(r"^a=ssrc-group:FID \d+ (\d+)", part, re.MULTILINE))
        ssrcs = dict.fromkeys(re.findall(r"^a=ssrc:(\d+)", part, re.MULTILINE))
        found.append(
            _Section(
                mid=mid[1] if mid else "",
                ssrcs=tuple(each for each in ssrcs if each not in repairs),
            )
        )
    return found


def _is_strange(line: str) -> bool:
    name, _, value = line.partition(":")
    return name == "a=fingerprint" and not value.lower().startswith(USUAL_HASH)


def is_name(candidate: str) -> bool:
    """Whether a candidate's address is a name of multicast DNS."""
    fields = candidate.split()
    return len(fields) > 4 and fields[4].lower().endswith(".local")
