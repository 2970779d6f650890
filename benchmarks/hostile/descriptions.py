"""Descriptions that could be a browser's, but for what they say too much, twice or wrongly."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

from benchmarks.hostile.forged import EXTENSIONS, PICTURE, REPAIR, RIDS

CODECS: Final = {
    "VP8": f"a=rtpmap:{PICTURE} VP8/90000\r\n",
    "H264": (
        f"a=rtpmap:{PICTURE} H264/90000\r\n"
        f"a=fmtp:{PICTURE} packetization-mode=1;profile-level-id=42e01f\r\n"
    ),
    "VP9": f"a=rtpmap:{PICTURE} VP9/90000\r\na=fmtp:{PICTURE} profile-id=0\r\n",
    "AV1": f"a=rtpmap:{PICTURE} AV1/90000\r\n",
}
LARGEST: Final = 65_000


def layered(plain: str, codec: str) -> str:
    """A publisher's offer with repairs, header extensions and three layers of its picture."""
    maps = "".join(f"a=extmap:{number} {uri}\r\n" for number, uri in EXTENSIONS.items())
    repair = f"a=rtpmap:{REPAIR} rtx/90000\r\na=fmtp:{REPAIR} apt={PICTURE}\r\n"
    rids = "".join(f"a=rid:{rid} send\r\n" for rid in RIDS)
    return (
        plain.replace(f"SAVPF {PICTURE}", f"SAVPF {PICTURE} {REPAIR}")
        .replace(f"a=rtpmap:{PICTURE} VP8/90000\r\n", CODECS[codec] + repair + maps)
        .replace("a=rtpmap:111 opus/48000/2\r\n", f"a=rtpmap:111 opus/48000/2\r\n{maps}")
    ) + f"{rids}a=simulcast:send {';'.join(RIDS)}\r\n"


def in_places(plain: str) -> str:
    """A viewer's offer with a place for the host and one for a guest, whoever speaks."""
    head, sound, picture = plain.split("m=")
    another = picture.replace("a=mid:1", "a=mid:2")
    return f"{head.replace('BUNDLE 0 1', 'BUNDLE 0 1 2')}m={sound}m={picture}m={another}"


def forged(original: str, chance: random.Random) -> str:
    """The offer with one or two things in it that no browser says."""
    for change in chance.choices(_CHANGES, k=chance.choice((1, 1, 2))):
        original = change(original, chance)
    return original[:LARGEST]


def _number(chance: random.Random) -> str:
    return chance.choice(
        ("-1", "0", "15", "127", "128", "255", "256", "65536", "4294967296", "9" * 30, "9" * 4_400)
    )


def _numbers(text: str, chance: random.Random) -> str:
    """Some number, wherever it stands, is another one."""
    found = list(re.finditer(r"\d+", text))
    at = chance.choice(found)
    return text[: at.start()] + _number(chance) + text[at.end() :]


def _lines(*lines: str) -> Callable[[str, random.Random], str]:
    """One of these lines, once or by the hundred, behind some other one; N is some number."""

    def change(text: str, chance: random.Random) -> str:
        held = text.split("\r\n")
        line = chance.choice(lines).replace("N", _number(chance))
        held[chance.randrange(len(held)) : 0] = [line] * chance.choice((1, 2, 300, 3_000))
        return "\r\n".join(held)

    return change


def _repeated(text: str, chance: random.Random) -> str:
    """The sections come again, under the same names."""
    head, *sections = text.split("m=")
    more = sections * chance.choice((2, 20, 200))
    return head + "".join(f"m={section}" for section in more)


def _shuffled(text: str, chance: random.Random) -> str:
    lines = text.split("\r\n")
    chance.shuffle(lines)
    return "\r\n".join(lines)


def _separated(text: str, chance: random.Random) -> str:
    """Lines end where a line of text may end, but not one of a description."""
    return text.replace("\r\n", chance.choice(("\n", "\r", "\u2028", "\x0b", "\x85\n", "\0\r\n")))


_CHANGES: Final[tuple[Callable[[str, random.Random], str], ...]] = (
    _numbers,
    _numbers,
    _repeated,
    _shuffled,
    _separated,
    _lines(
        "a=candidate:1 1 udp N fe80::1%eth0 9 typ host",
        "a=candidate:1 1 udp 1 c0ffee.local N typ host",
        "a=candidate:1 1 tcp 1 ::ffff:1.2.3.4 9 typ host tcptype N",
        "a=candidate:",
    ),
    _lines(
        "a=mid:0", "a=mid:N", "a=mid:", "a=group:BUNDLE", "a=group:BUNDLE 0 0 N", "a=bundle-only"
    ),
    _lines("a=rtpmap:96 VP8/N", "a=rtpmap:N VP8/90000", "a=rtpmap:96", "a=rtpmap:97 rtx/N"),
    _lines("a=fmtp:97 apt=N", "a=fmtp:96 apt=96", "a=fmtp:N x", "a=fmtp:96 " + "a=1;" * 900),
    _lines(
        "a=fmtp:96 profile-level-id=zzzzzz", "a=rtcp-fb:* nack", "a=rtcp-fb:N x y", "a=rtcp-fb:"
    ),
    _lines("a=extmap:N x", "a=extmap:0 y", "a=extmap:3/sendonly z", "a=extmap:1"),
    _lines("a=simulcast:send " + ";" * 900, "a=simulcast:send ~1,2;3", "a=rid:N send"),
    _lines("a=fingerprint:sha-512 00", "a=fingerprint:", "a=fingerprint:sha-256 " + "zz:" * 32),
    _lines("a=setup:active", "a=setup:passive", "a=setup:holdconn", "a=setup:"),
    _lines("a=ssrc:N cname:x", "a=ssrc-group:FID N", "a=inactive", "a=sendrecv", "a=ice-lite"),
    _lines("m=video 0 UDP/TLS/RTP/SAVPF N", "m=audio N RTP/AVP 0", "m=", "m=x 9 X x"),
    _lines("c=IN IP6 N", "b=AS:N", "t=N N", "o=- N N IN IP4 x", "k=clear:x", "\ufeffv=0", "="),
)
