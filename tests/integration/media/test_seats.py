"""Four seats in one session of a viewer's: each in its place, whoever comes and goes."""

import re

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

from live.media.speaking import AUDIO_LEVEL_URI
from live.ports.media_events import SeatFreed, SeatPublishing, SeatsSpeaking
from live.ports.media_seats import SEATS, Seat, SeatOrder
from tests.integration.media.scripted import Peer, ScriptedPublisher, viewer_at
from tests.integration.media.server import SESSION, MediaServer
from tests.integration.media.waiting import eventually

VOICE, QUIET = 25, 100


class Guest(ScriptedPublisher):
    """A publisher whose packets of sound tell how loud they are."""

    sound = 1_000

    async def say(self, level: int) -> bytes:
        """Send 20 ms of sound at this level; what was in it."""
        uri = AUDIO_LEVEL_URI
        line = next(line for line in self.answer.splitlines() if line.endswith(uri))
        extension = RTCRtpHeaderExtensionParameters(int(line[len("a=extmap:") :].split()[0]), uri)
        known = HeaderExtensionsMap()
        known.configure(RTCRtpParameters(headerExtensions=[extension]))
        self.sound += 1
        packet = RtpPacket(
            payload_type=self.payload_type("opus"),
            sequence_number=self.sound,
            timestamp=self.sound * 960,
            ssrc=self.ssrc + 1,
            payload=b"%d %d" % (self.ssrc, self.sound),
        )
        packet.extensions.audio_level = (False, level)
        await self.send(packet.serialize(known))
        return packet.payload


class SlotViewer(Peer):
    """A viewer with a place for each seat: four pictures, then four sounds."""

    def __init__(self) -> None:
        super().__init__("recvonly", ())
        self.transceivers = {
            f"{kind}-{slot}": self.connection.addTransceiver(kind, direction="recvonly")
            for kind in ("video", "audio")
            for slot in range(len(SEATS))
        }

    def of(self, kind: str, slot: int) -> list[RtpPacket]:
        """What came in this place."""
        sections = re.split(r"(?=m=)", self.answer)
        places = [section for section in sections if section.startswith(f"m={kind}")]
        ssrc = int(places[slot].split("a=ssrc:", 1)[1].split()[0])
        return [packet for packet in self.rtp if packet.ssrc == ssrc]


async def _comes(server: MediaServer, seat: Seat, ssrc: int) -> Guest:
    guest = Guest(ssrc=ssrc)
    before = len(server.events)
    assert await guest.connect(f"{server.url}/whip?seat={seat}&as={seat}") == 201
    await guest.frame(keyframe=True)
    await server.event(SeatPublishing, after=before)
    return guest


async def _shown(guest: Guest, viewer: SlotViewer, slot: int) -> None:
    """Send keyframes until one is there."""
    before = len(viewer.of("video", slot))

    async def arrived() -> bool:
        await guest.frame(keyframe=True)
        return len(viewer.of("video", slot)) > before

    await eventually(arrived)


async def test_each_seat_has_its_place_and_who_comes_or_goes_interrupts_nobody(
    server: MediaServer,
) -> None:
    host = await _comes(server, "host", 0x1000)
    viewer = SlotViewer()
    assert await viewer.connect(f"{server.url}/whep") == 201
    assert viewer.answer.count("a=sendonly") == 8
    await _shown(host, viewer, 0)

    guests = [await _comes(server, SEATS[slot], 0x1000 * (slot + 1)) for slot in (1, 2, 3)]
    for slot, guest in enumerate(guests, 1):
        await _shown(guest, viewer, slot)
    await guests[0].close()
    await server.event(SeatFreed)
    await _shown(host, viewer, 0)
    again = await _comes(server, "guest-1", 0x7000)
    await _shown(again, viewer, 1)

    for slot in range(4):
        packets = viewer.of("video", slot)
        numbers = [packet.sequence_number for packet in packets]
        # Nothing is missing, also where another one took the seat.
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for peer in (host, again, *guests[1:], viewer):
        await peer.close()


async def test_backstage_is_seen_by_nobody_and_what_is_muted_is_not_heard(
    server: MediaServer,
) -> None:
    host, guest = await _comes(server, "host", 0x1000), await _comes(server, "guest-1", 0x2000)
    viewer = SlotViewer()
    assert await viewer.connect(f"{server.url}/whep") == 201
    await _shown(guest, viewer, 1)

    async def order(**order: bool) -> None:
        await server.media.set_seats(SESSION, (SeatOrder("guest-1", "guest-1", **order),))

    async def heard() -> None:
        before = len(viewer.of("audio", 1))

        async def more() -> bool:
            await guest.say(VOICE)
            return len(viewer.of("audio", 1)) > before

        await eventually(more)

    await heard()
    await order(on_air=True, muted=True)
    secret = [await guest.say(VOICE) for _ in range(20)]
    await _shown(guest, viewer, 1)
    await order(on_air=True)
    await heard()
    numbers = [packet.sequence_number for packet in viewer.of("audio", 1)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    await order(on_air=False)
    before = len(viewer.of("video", 1))
    for _ in range(10):
        await guest.frame(keyframe=True)
        secret.append(await guest.say(VOICE))
    await _shown(host, viewer, 0)
    assert len(viewer.of("video", 1)) == before
    assert not {packet.payload for packet in viewer.rtp} & set(secret)

    # The seat is another's now: whoever sends from it is ended, and keeps watching.
    await server.media.set_seats(SESSION, (SeatOrder("guest-1", None),))
    await server.event(SeatFreed)
    await _shown(host, viewer, 0)
    for peer in (host, guest, viewer):
        await peer.close()


async def test_who_speaks_is_told_and_seen_where_one_picture_must_do(server: MediaServer) -> None:
    host, guest = await _comes(server, "host", 0x1000), await _comes(server, "guest-1", 0x2000)
    player = await viewer_at(f"{server.url}/whep")

    async def is_heard(speaker: Guest, other: Guest) -> None:
        said: set[bytes] = set()

        async def arrived() -> bool:
            await other.say(QUIET)
            said.add(await speaker.say(VOICE))
            await speaker.frame(keyframe=True)
            return not said.isdisjoint(packet.payload for packet in player.rtp)

        await eventually(arrived)

    await is_heard(host, guest)
    await is_heard(guest, host)
    await is_heard(host, guest)
    told = [event.seats for event in server.events if isinstance(event, SeatsSpeaking)]
    assert ("guest-1",) in told
    numbers = [packet.sequence_number for packet in player.received("opus")]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for peer in (host, guest, player):
        await peer.close()
