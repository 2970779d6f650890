"""Packets whose forms open the doors and whose insides lie: lengths, counts, kinds and numbers.

A mutation seldom gets past a checksum or the first length; these are made to.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import struct
import zlib
from typing import Final

EXTENSIONS: Final = {
    1: "urn:ietf:params:rtp-hdrext:sdes:mid",
    2: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    3: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    4: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    5: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
}
"""By the ids under which a guest offers them."""

RIDS: Final = ("q", "h", "f")
SOUND, PICTURE, REPAIR = 111, 96, 97
"""Payload types."""

KEYFRAMES: Final = tuple(
    map(
        bytes.fromhex,
        (
            "1800156742c00ada25a10000030001000003003c8f1226a0000468ce0fc8000c6588843a2628000845c9d75e",
            (
                "8c8005824983420001f001f60638241c184a000020400022dbfffdd0b12f4e18c20b884b2b14b188cd9a3a16"
                "dcb4c75fcd2facbbfffcb24bcc060af8fae19071fb07c882b3c0e601300bf77d7c5ec00000"
            ),
            "280b0800000002afff895f2008301000968010408200000000ebcc9b",
        ),
    )
)
"""Payloads of whole gray pictures, by real encoders of H264, VP9 and AV1: with a bit or two of them
turned they still reach the decoders that tell a picture's size.
"""

_MAGIC: Final = 0x2112A442
_USERNAME, _PRIORITY, _XOR_MAPPED, _ERROR, _ERROR_KINDS = 0x0006, 0x0024, 0x0020, 0x0009, 0x000A
_USE_CANDIDATE, _CONTROLLED, _CONTROLLING = 0x0025, 0x8029, 0x802A
_INTEGRITY, _FINGERPRINT, _FINGERPRINT_MASK = 0x0008, 0x8028, 0x5354554E


def check(ufrag: str, password: str, chance: random.Random) -> bytes:
    """A connectivity check with the right integrity over attributes that are not right."""
    odd = [
        _attribute(_USERNAME, chance.randbytes(chance.choice((0, 1, 200)))),
        _attribute(_PRIORITY, chance.randbytes(chance.choice((0, 3, 5)))),
        _attribute(_XOR_MAPPED, chance.randbytes(chance.choice((0, 3, 8, 20)))),
        _attribute(_ERROR, chance.randbytes(chance.choice((0, 2, 30)))),
        _attribute(_ERROR_KINDS, chance.randbytes(3)),
        _attribute(_USE_CANDIDATE, chance.randbytes(chance.choice((0, 7)))),
        _attribute(_CONTROLLING, chance.randbytes(chance.choice((4, 8)))),
        _attribute(_CONTROLLED, chance.randbytes(8)),
        _attribute(_INTEGRITY, chance.randbytes(chance.choice((0, 20)))),
        _attribute(chance.getrandbits(16), chance.randbytes(chance.randrange(20))),
        _attribute(chance.getrandbits(16), b"", told=chance.choice((4, 400, 0xFFFF))),
        _attribute(0x7FFF, b"") * chance.choice((1, 60)),
    ]
    name = _attribute(_USERNAME, f"{ufrag}:them".encode())
    body = name + b"".join(chance.choices(odd, k=chance.randint(0, 4)))
    head = struct.pack("!HHI", 1, len(body) + 24, _MAGIC) + chance.randbytes(12)
    sealed = hmac.digest(password.encode(), head + body, hashlib.sha1)
    body += _attribute(_INTEGRITY, sealed)
    if chance.randrange(2):
        head = head[:2] + struct.pack("!H", len(body) + 8) + head[4:]
        whole = zlib.crc32(head + body) ^ chance.choice((_FINGERPRINT_MASK, 0))
        body += _attribute(_FINGERPRINT, struct.pack("!I", whole))
    if chance.randrange(4) == 0:
        body += chance.choice(odd)
        head = head[:2] + struct.pack("!H", len(body)) + head[4:]
    return head + body


def _attribute(kind: int, value: bytes, told: int | None = None) -> bytes:
    length = len(value) if told is None else told
    return struct.pack("!HH", kind, length) + value + bytes(-len(value) % 4)


def reports(theirs: list[int], chance: random.Random) -> bytes:
    """RTCP packets together, of which each may lie about its length, its count and its padding."""
    ssrc = chance.choice([*theirs, 0, 0xFFFFFFFF])
    names = struct.pack("!II", chance.choice((1, ssrc)), ssrc)
    block = names[4:] + chance.randbytes(20)
    bodies = [
        (200, 1, names[4:] + chance.randbytes(20) + block),
        (201, 1, names[:4] + block * chance.choice((1, 31))),
        (202, 1, names[4:] + bytes((1, chance.choice((0, 3, 255)))) + b"who" + bytes(3)),
        (203, 1, names[4:] + bytes((chance.choice((3, 255)),)) + b"bye"),
        (204, 0, names[:4] + b"name" + chance.randbytes(8)),
        (205, 1, names + chance.randbytes(4 * chance.choice((0, 1, 250)))),
        (205, 15, names + chance.randbytes(4 * chance.choice((1, 20)))),
        (206, 1, names),
        (206, 4, names + names * chance.choice((0, 1, 100))),
        (206, 15, names + b"REMB" + bytes((chance.choice((1, 255)),)) + chance.randbytes(7)),
        (206, chance.randrange(32), names + chance.randbytes(4 * chance.randrange(9))),
        (207, 0, names[:4] + chance.randbytes(4 * chance.randrange(9))),
    ]
    told = b""
    for kind, count, body in chance.choices(bodies, k=chance.randint(1, 4)):
        told_count = chance.choice((count, count, count, 31, 0))
        words = chance.choice((len(body) // 4,) * 6 + (0, len(body) // 4 + 1, 0xFFFF))
        first = 0x80 | chance.choice((0, 0, 0, 0x20)) | told_count
        told += struct.pack("!BBH", first, kind, words) + body
    return told


def packet(ssrc: int, number: int, chance: random.Random) -> bytes:
    """An RTP packet in its place, with header extensions and a payload that may be anything."""
    kind = chance.choice((SOUND, PICTURE, PICTURE, PICTURE, REPAIR))
    extension = _extension(chance) if chance.randrange(3) else b""
    sources = chance.choice((0, 0, 0, 0, 1, 15))
    padded = chance.randrange(8) == 0
    head = struct.pack(
        "!BBHII",
        0x80 | padded << 5 | bool(extension) << 4 | sources,
        chance.choice((0, 0x80)) | kind,
        number & 0xFFFF,
        number // 3 * 3_000 & 0xFFFFFFFF,
        ssrc,
    )
    body = chance.choice(_PAYLOADS)(chance)
    if kind == REPAIR:
        body = struct.pack("!H", (number - chance.randrange(9)) & 0xFFFF) + body
    end = bytes((chance.choice((0, 1, 4, 255)),)) if padded else b""
    return head + chance.randbytes(4 * chance.choice((sources, 0))) + extension + body + end


def _extension(chance: random.Random) -> bytes:
    """Elements of one byte's or two bytes' form, the last of which may go on beyond its block."""
    wide = chance.randrange(4) == 0
    elements = b""
    for _ in range(chance.randint(0, 4)):
        number = chance.choice((*EXTENSIONS, 0, 15))
        value = chance.choice(
            (chance.choice(RIDS).encode(), b"\xff", chance.randbytes(2), chance.randbytes(9))
        )
        told = chance.choice((len(value),) * 5 + (16,))
        head = bytes((number, told)) if wide else bytes((number << 4 | told - 1,))
        elements += head + value
    elements += bytes(-len(elements) % 4)
    words = chance.choice((len(elements) // 4,) * 5 + (0, 0xFFFF))
    return struct.pack("!HH", 0x1000 if wide else 0xBEDE, words) + elements


def _vp8(chance: random.Random) -> bytes:
    start = chance.choice((b"\x10", b"\x90\x80\x80", b"\x90\xf0\xff\xff\x01\x21", b"\x00", b"\x90"))
    key = b"\x10\x02\x00\x9d\x01\x2a" + chance.randbytes(4)
    return (
        start + chance.choice((key, b"\x11\x02\x00", b"")) + chance.randbytes(chance.randrange(60))
    )


def _h264(chance: random.Random) -> bytes:
    parameters = b"\x67" + bytes.fromhex("42c01f") + chance.randbytes(chance.randrange(24))
    size = struct.pack("!H", chance.choice((0, 1, len(parameters), 0xFFFF)))
    return chance.choice(
        (
            parameters,
            b"\x68" + chance.randbytes(4),
            b"\x65" + chance.randbytes(30),
            b"\x18" + (size + parameters) * chance.choice((1, 3)),
            b"\x18" + bytes(600),
            b"\x7c" + bytes((chance.choice((0x85, 0x05, 0x45)),)) + chance.randbytes(30),
            b"\x7c",
        )
    )


def _vp9(chance: random.Random) -> bytes:
    structure = bytes((chance.choice((0x18, 0xF8)), *chance.randbytes(chance.choice((3, 40)))))
    start = chance.choice((b"\x8a\x81\x02" + structure, b"\xf8\xff\xff\xff\xff", b"\x0c", b"\x08"))
    return (
        start + chance.choice((b"\x82\x49\x83\x42", b"")) + chance.randbytes(chance.randrange(30))
    )


def _av1(chance: random.Random) -> bytes:
    sequence = b"\x0a" + chance.choice((b"\x0b", b"\xff" * 8, b"\x80")) + chance.randbytes(11)
    first = bytes((chance.choice((0x08, 0x18, 0x10, 0xC0, 0x20)),))
    return first + chance.choice((sequence, b"\x0a" + bytes(900), chance.randbytes(20)))


def _almost_real(chance: random.Random) -> bytes:
    payload = bytearray(chance.choice(KEYFRAMES))
    for _ in range(chance.choice((0, 1, 2, 8))):
        payload[chance.randrange(len(payload))] ^= 1 << chance.randrange(8)
    return bytes(payload)


def _anything(chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 3, 40, 900)))


_PAYLOADS: Final = (_vp8, _h264, _vp9, _av1, _almost_real, _almost_real, _anything)
