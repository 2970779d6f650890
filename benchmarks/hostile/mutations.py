"""What is sent: real packets and descriptions, and how they are broken."""

from __future__ import annotations

import random
import struct
from typing import Final

from aioice import stun
from aiortc.rtp import (
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from live.media.dtls import Certificate, DtlsSession

LONGEST: Final = 1_300
_UNKNOWN_PRINT: Final = (("sha-256", ":".join(["00"] * 32)),)


def mutated(original: bytes, chance: random.Random, most: int = LONGEST) -> bytes:
    """The original with a few bytes changed, cut, doubled or put in."""
    data = bytearray(original)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0 if at < len(data):
                data[at] = chance.randrange(256)
            case 1:
                del data[at:]
            case 2:
                data[at:at] = chance.randbytes(chance.randint(1, 8))
            case _:
                data += data[at:]
    return bytes(data[:most])


def check(ufrag: str, password: str, chance: random.Random) -> bytes:
    """A connectivity check under these credentials that says what it likes."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, chance.randbytes(12))
    request.attributes["USERNAME"] = f"{ufrag}:{chance.choice(('them', '', ':', 'x' * 200))}"
    request.attributes["PRIORITY"] = chance.getrandbits(32)
    request.attributes[chance.choice(("ICE-CONTROLLING", "ICE-CONTROLLED"))] = 7
    request.add_message_integrity(password.encode())
    return bytes(request)


def greetings() -> list[bytes]:
    """How a handshake begins, and records of every other kind."""
    said: list[bytes] = []
    client = DtlsSession(Certificate(), "client", said.append, lambda: None)
    client.handshake(_UNKNOWN_PRINT)
    client.close()
    return [
        *said,
        bytes.fromhex("14fefd 0000 000000000003 0001 01"),
        bytes.fromhex("15fefd 0000 000000000001 0002 0100"),
        bytes.fromhex("15fefd 0001 000000000001 001a") + bytes(26),
        bytes.fromhex("16fefd 0001 000000000000 0030") + bytes(48),
        bytes.fromhex("17fefd 0001 000000000002 0040") + bytes(64),
    ]


def reports(theirs: list[int], chance: random.Random) -> bytes:
    """RTCP packets about the streams `theirs`: lies, floods and nonsense, each in good form."""
    ssrc, own = chance.choice([*theirs, chance.getrandbits(32)]), chance.choice((1, 2, 3))
    lost = [chance.getrandbits(16) for _ in range(chance.choice((1, 17, 250)))]
    told = RtcpReceiverInfo(
        ssrc=ssrc,
        fraction_lost=chance.randrange(256),
        packets_lost=chance.choice((0, 8_388_607, -8_388_608)),
        highest_sequence=chance.getrandbits(32),
        jitter=chance.getrandbits(32),
        lsr=chance.getrandbits(32),
        dlsr=chance.getrandbits(32),
    )
    clock = RtcpSenderInfo(
        chance.getrandbits(64),
        chance.getrandbits(32),
        chance.getrandbits(32),
        chance.getrandbits(32),
    )
    remb = b"REMB" + chance.randbytes(chance.choice((0, 4))) + struct.pack("!I", ssrc)
    wish = struct.pack("!II", ssrc, chance.getrandbits(32)) * chance.choice((1, 100))
    packets: list[AnyRtcpPacket] = [
        RtcpRrPacket(ssrc=own, reports=[told] * chance.choice((1, 31))),
        RtcpSrPacket(ssrc=chance.choice((own, ssrc)), sender_info=clock, reports=[told]),
        RtcpSdesPacket([RtcpSourceInfo(own, [(chance.randrange(1, 9), chance.randbytes(200))])]),
        RtcpByePacket(sources=[own, ssrc]),
        RtcpRtpfbPacket(fmt=1, ssrc=own, media_ssrc=ssrc, lost=sorted(set(lost))),
        RtcpRtpfbPacket(fmt=15, ssrc=own, media_ssrc=ssrc, lost=sorted(set(lost))),
        RtcpPsfbPacket(fmt=1, ssrc=own, media_ssrc=ssrc),
        RtcpPsfbPacket(fmt=4, ssrc=own, media_ssrc=0, fci=wish),
        RtcpPsfbPacket(fmt=15, ssrc=own, media_ssrc=0, fci=remb),
        RtcpPsfbPacket(fmt=chance.randrange(32), ssrc=own, media_ssrc=ssrc, fci=wish[:8]),
    ]
    return b"".join(bytes(each) for each in chance.choices(packets, k=chance.randint(1, 3)))


def picture(payload_type: int, ssrc: int, chance: random.Random) -> bytes:
    """An RTP packet with header extensions and a VP8 descriptor of every kind."""
    extension = bytes.fromhex("bede 0002") + chance.randbytes(8)
    head = struct.pack(
        "!BBHII",
        0x90,
        payload_type | chance.choice((0, 0x80)),
        chance.getrandbits(16),
        chance.getrandbits(32),
        ssrc,
    )
    descriptor = bytes((chance.choice((0x10, 0x90, 0x80)), chance.getrandbits(8)))
    return head + extension + descriptor + chance.randbytes(chance.choice((4, 40, 900)))
