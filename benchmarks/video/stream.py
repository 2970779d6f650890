"""A stream of the size of 720p at 30 pictures a second with Opus, sent by a load peer."""

from __future__ import annotations

import asyncio
import random
import struct
from typing import Final

from aiortc.rtp import RTCP_PSFB_PLI, RtcpPacket, RtcpPsfbPacket
from pylibsrtp import Policy, Session

from benchmarks.video.peer import Peer
from live.media import srtp

PICTURES_PER_S: Final = 30
KEYFRAME_EVERY: Final = 240
KEYFRAME_BYTES: Final = 40_000
PICTURE_BYTES: Final = (3_500, 9_200)
LARGEST_PAYLOAD: Final = 1_160
RTCP_BYTES: Final = 12
SOUND_S: Final = 0.02
SOUND_BYTES: Final = 80
AUDIO_SSRC: Final = 1001
AUDIO_TYPE: Final = 111
VIDEO_SSRC: Final = 1002
VIDEO_TYPE: Final = 96

KEYFRAME: Final = bytes.fromhex("10 100200 9d012a 0005d002")
_PICTURE: Final = bytes.fromhex("10 110200")
_HEADER: Final = struct.Struct("!BBHII")


class Stream:
    """Sends while it is told to; its numbers go on where they were."""

    def __init__(self, peer: Peer) -> None:
        if peer.keys is None:
            raise ValueError("the peer is not connected")
        self._peer = peer
        keys = peer.keys
        self._arena = srtp.Arena()
        self._receiving = srtp.Receiving(keys)
        self._keyframe_wanted = False
        policy = Policy(keys.sending, Policy.SSRC_ANY_OUTBOUND, srtp_profile=keys.profile)
        self._session = Session(policy)
        self._chance = random.Random(7)
        self._sequence = {VIDEO_SSRC: 100, AUDIO_SSRC: 100}
        self._pictures = 0
        self._sounds = 0

    async def run(self) -> None:
        """Send in real time, from a keyframe on, until cancelled."""
        self._pictures += -self._pictures % KEYFRAME_EVERY
        loop = asyncio.get_running_loop()
        began, first_picture, first_sound = loop.time(), self._pictures, self._sounds
        while True:
            elapsed = loop.time() - began
            if elapsed >= (self._pictures - first_picture) / PICTURES_PER_S:
                self._picture()
            if elapsed >= (self._sounds - first_sound) * SOUND_S:
                self._sound()
            next_s = min(
                (self._pictures - first_picture) / PICTURES_PER_S,
                (self._sounds - first_sound) * SOUND_S,
            )
            self._hear()
            await asyncio.sleep(max(0.0, began + next_s - loop.time()))

    def _hear(self) -> None:
        """Send a keyframe next if one is asked for, as an encoder does."""
        for datagram in self._peer.waiting():
            if len(datagram) < RTCP_BYTES or not 192 <= datagram[1] <= 223:
                continue
            plain = self._receiving.rtcp(datagram, self._arena)
            for packet in () if plain is None else RtcpPacket.parse(plain):
                if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_PLI:
                    self._keyframe_wanted = True

    def _picture(self) -> None:
        keyframe = self._keyframe_wanted or self._pictures % KEYFRAME_EVERY == 0
        self._keyframe_wanted = False
        size = KEYFRAME_BYTES if keyframe else self._chance.randint(*PICTURE_BYTES)
        count = -(-size // LARGEST_PAYLOAD)
        start = KEYFRAME if keyframe else _PICTURE
        timestamp = self._pictures * 3_000
        for part in range(count):
            # As encoders do: parts that differ by a byte at the most.
            length = size * (part + 1) // count - size * part // count
            payload = (start if part == 0 else b"\x00").ljust(length, b"x")
            self._send(VIDEO_SSRC, VIDEO_TYPE, timestamp, payload, last=part == count - 1)
        self._pictures += 1

    def _sound(self) -> None:
        payload = b"\xfc".ljust(SOUND_BYTES, b"x")
        self._send(AUDIO_SSRC, AUDIO_TYPE, self._sounds * 960, payload, last=False)
        self._sounds += 1

    def _send(self, ssrc: int, kind: int, timestamp: int, payload: bytes, *, last: bool) -> None:
        sequence = self._sequence[ssrc]
        self._sequence[ssrc] = (sequence + 1) & 0xFFFF
        marker = 0x80 if last else 0
        head = _HEADER.pack(0x80, marker | kind, sequence, timestamp & 0xFFFFFFFF, ssrc)
        self._peer.send(self._session.protect(head + payload))
