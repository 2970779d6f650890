"""One viewer and a picture in layers: what it asks for, what its link carries, and its numbers."""

from collections.abc import Callable
from itertools import pairwise

from aiortc.rtp import RtcpPsfbPacket, RtpPacket, pack_remb_fci

from live.media.vp8 import Descriptor, read_descriptor
from live.ports.media import LayerWish, LegId, Quality, Watched
from live.ports.media_events import SeatPublishing
from live.ports.media_refusals import MediaRefusal
from tests.integration.media.layered import LayeredPublisher
from tests.integration.media.scripted import Peer, viewer_at
from tests.integration.media.server import SESSION, MediaServer, media_server
from tests.integration.media.waiting import eventually


class Show:
    """A publisher in layers and one viewer."""

    def __init__(self, server: MediaServer, publisher: LayeredPublisher, viewer: Peer) -> None:
        self.server = server
        self.publisher = publisher
        self.viewer = viewer
        self.leg_id = LegId(viewer.resource.rsplit("/", 1)[1])

    async def gets(self, wanted: Callable[[Watched], bool], quality: Quality | None = None) -> None:
        """Wish, and wait until what the viewer is said to get is as wanted."""
        asked = LayerWish(quality=quality)
        assert isinstance(await self.server.media.adjust(self.leg_id, asked), Watched)

        async def fits() -> bool:
            gets = await self.server.media.adjust(self.leg_id, LayerWish())
            assert isinstance(gets, Watched)
            return wanted(gets)

        await eventually(fits)

    async def receives(self, wanted: Callable[[RtpPacket, Descriptor], bool]) -> None:
        """Wait for a packet of the picture, new from now on, that is as wanted."""
        before = len(self.viewer.received("VP8"))

        def came() -> bool:
            fresh = self.viewer.received("VP8")[before:]
            return any(wanted(packet, _described(packet)) for packet in fresh)

        await eventually(came)

    async def close(self) -> None:
        await self.viewer.close()
        await self.publisher.close()


async def _show(server: MediaServer) -> Show:
    publisher = LayeredPublisher()
    assert await publisher.connect(f"{server.url}/whip") == 201
    publisher.begin()
    await server.event(SeatPublishing)
    return Show(server, publisher, await viewer_at(f"{server.url}/whep"))


def _described(packet: RtpPacket) -> Descriptor:
    descriptor = read_descriptor(packet.payload)
    assert descriptor is not None
    return descriptor


def _is_of(layer: bytes) -> Callable[[RtpPacket, Descriptor], bool]:
    return lambda packet, _: packet.payload.endswith(layer)


async def test_across_layers_all_numbers_go_on_and_each_change_begins_with_a_keyframe(
    server: MediaServer,
) -> None:
    show = await _show(server)
    await show.receives(_is_of(b"f"))
    turns: list[tuple[Quality, bytes]] = [("low", b"q"), ("high", b"f"), ("low", b"q")]
    for wish, layer in turns:
        await show.gets(lambda gets: gets.picture, quality=wish)
        await show.receives(_is_of(layer))
    await show.gets(lambda gets: not gets.picture, quality="audio")
    await show.gets(lambda gets: gets.height == 180 and gets.picture, quality="low")
    await show.receives(_is_of(b"q"))
    packets = show.viewer.received("VP8")
    _check_numbers(packets)
    changes = [b for a, b in _pairs(packets) if a.payload[-1] != b.payload[-1]]
    assert len(changes) >= 3
    assert all(_described(packet).keyframe for packet in changes)
    await show.close()


def _pairs(packets: list[RtpPacket]) -> list[tuple[RtpPacket, RtpPacket]]:
    ordered = sorted(packets, key=lambda packet: packet.sequence_number)
    return list(pairwise(ordered))


def _check_numbers(packets: list[RtpPacket]) -> None:
    """Sequence numbers and picture ids by one, timestamps forward, levels with the lowest layer."""
    for before, after in _pairs(packets):
        assert after.sequence_number == before.sequence_number + 1
        pictures = [_described(each).picture(each.payload) for each in (before, after)]
        levels = [each.payload[_described(each).level_at] for each in (before, after)]
        if before.timestamp == after.timestamp:
            assert pictures[0] == pictures[1]
            assert levels[0] == levels[1]
        else:
            assert 0 < (after.timestamp - before.timestamp) & 0xFFFFFFFF < 60 * 90_000
            assert pictures[1] == (pictures[0] + 1) % (1 << 15)
            step = _described(after).layer == 0
            assert levels[1] == (levels[0] + step) % 256


async def test_on_a_short_link_frames_are_left_out_then_the_smaller_layer_comes(
    server: MediaServer,
) -> None:
    show = await _show(server)
    await show.gets(lambda gets: gets.height == 360 and gets.bitrate_bps > 300_000)
    await show.receives(_is_of(b"f"))
    ssrc = show.viewer.received("VP8")[-1].ssrc

    async def estimate(bps: int) -> None:
        fci = pack_remb_fci(bps, [ssrc])
        await show.viewer.send(bytes(RtcpPsfbPacket(15, 1, 0, fci)))

    async def falls_to(bps: int, wanted: Callable[[Watched], bool]) -> None:
        async def fits() -> bool:
            await estimate(5_000_000)
            await estimate(bps)
            gets = await show.server.media.adjust(show.leg_id, LayerWish())
            assert isinstance(gets, Watched)
            return wanted(gets)

        await eventually(fits)

    await falls_to(360_000, lambda gets: gets.height == 360 and gets.bitrate_bps < 320_000)
    begins = len(show.viewer.received("VP8"))
    await show.receives(lambda packet, it: it.layer == 0 and packet.payload.endswith(b"f"))
    await falls_to(180_000, lambda gets: gets.height == 180)
    await show.receives(_is_of(b"q"))
    packets = show.viewer.received("VP8")
    _check_numbers(packets)
    assert any(_described(packet).layer == 2 for packet in packets[:begins])
    await show.close()


async def test_only_a_viewer_has_layers_to_choose(server: MediaServer) -> None:
    gone = await server.media.adjust(LegId("nobody"), LayerWish(quality="low"))
    assert isinstance(gone, MediaRefusal)
    assert gone.code == "not_found"


async def test_where_a_picture_grows_beyond_the_link_who_came_last_gets_the_smaller_one() -> None:
    async with media_server(egress_mbit=1) as server:
        publisher = LayeredPublisher()
        publisher.layers[1].size = 1_500
        assert await publisher.connect(f"{server.url}/whip") == 201
        publisher.begin()
        await server.event(SeatPublishing)

        async def measured() -> bool:
            told = await server.media.capacity(SESSION)
            return told.measured and told.layers[0].viewers >= 2

        await eventually(measured)
        shows = [
            Show(server, publisher, await viewer_at(f"{server.url}/whep?as={name}"))
            for name in ("first", "last")
        ]
        for show in shows:
            await show.gets(lambda gets: gets.height == 360)
        publisher.layers[1].size = 6_000
        await shows[1].gets(lambda gets: gets.height == 180)
        await shows[1].receives(_is_of(b"q"))
        for show in shows:
            await show.viewer.close()
        await publisher.close()
