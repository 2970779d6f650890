"""Several media processes share the viewers of one publisher; each may die without the others."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from aiortc.rtp import RtcpPsfbPacket, RtcpRtpfbPacket, RtcpSrPacket

from live.media import MediaSettings, MediaSupervisor
from live.ports.media import MediaStartError, RecordingOrder
from live.ports.media_events import (
    EngineBack,
    EngineLost,
    RecordingClosed,
    RecordingOpened,
    SeatFreed,
    SeatPublishing,
)
from live.ports.media_seats import SeatOrder
from tests.integration.media.scripted import Peer, ScriptedPublisher, publisher_at, shown, viewer_at
from tests.integration.media.server import SESSION, MediaServer, media_server
from tests.integration.media.waiting import eventually

NOTICED_WITHIN_S = 1.0
BACK_WITHIN_S = 5.0


@pytest_asyncio.fixture(loop_scope="session")
async def pair() -> AsyncIterator[MediaServer]:
    """An engine of two processes."""
    async with media_server(workers=2) as running:
        yield running


def port_of(peer: Peer) -> int:
    """The port it was offered, which is that of its process."""
    (port,) = set(re.findall(r"a=candidate:.* (\d+) typ host", peer.answer))
    return int(port)


async def ports(server: MediaServer) -> list[int]:
    return [each.udp_port for each in (await server.media.health()).processes]


async def kill(server: MediaServer, peer: Peer) -> float:
    """Kill the process that a peer is on, and wait until that was noticed; how long it took."""
    pid = server.media.pids[(await ports(server)).index(port_of(peer))]
    assert pid is not None
    before = len(server.events)
    killed_at = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    await server.event(EngineLost, after=before)
    return time.monotonic() - killed_at


async def watched_by_both(server: MediaServer, publisher: ScriptedPublisher) -> tuple[Peer, Peer]:
    """Two viewers who get the picture: one on the publisher's process, one on the other."""
    viewers = [await viewer_at(f"{server.url}/whep") for _ in range(2)]
    for viewer in viewers:
        await shown(publisher, viewer)
    viewers.sort(key=lambda viewer: port_of(viewer) != port_of(publisher))
    near, far = viewers
    assert port_of(near) == port_of(publisher) != port_of(far)
    return near, far


async def arrives(publisher: ScriptedPublisher, viewer: Peer) -> None:
    """A frame sent from now on reaches a viewer."""
    size = 200 + len(viewer.rtp) % 900

    async def came() -> bool:
        await publisher.frame(keyframe=True, packets=2, size=size)
        return any(len(packet.payload) == size for packet in viewer.received("VP8"))

    await eventually(came)


async def ends_with(viewer: Peer, payload: bytes) -> None:
    await eventually(lambda: viewer.received("VP8")[-1].payload == payload)


async def test_viewers_of_both_processes_get_every_packet_and_are_heard(
    pair: MediaServer,
) -> None:
    publisher = await publisher_at(f"{pair.url}/whip", sequence=65_530)
    await pair.event(SeatPublishing)
    near, far = await watched_by_both(pair, publisher)
    payloads = [bytes((0, index)) + bytes(size) for index, size in enumerate((700, 702, 3, 1_100))]
    for index, payload in enumerate(payloads):
        await publisher.send(publisher.packet(payload, marker=index == len(payloads) - 1))
        publisher.sequence = (publisher.sequence + 1) & 0xFFFF
    for viewer in (near, far):
        await ends_with(viewer, payloads[-1])
        assert [packet.payload for packet in viewer.received("VP8")[-4:]] == payloads
        numbers = [packet.sequence_number for packet in viewer.received("VP8")]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    # What the far one misses is sent again by its own process.
    missed = far.received("VP8")[-2]
    before = len(far.rtp)
    await far.send(bytes(RtcpRtpfbPacket(1, 1, missed.ssrc, [missed.sequence_number])))
    await eventually(lambda: len(far.rtp) > before)
    assert far.rtp[-1].payload.endswith(missed.payload)

    # Its wish for a keyframe reaches the publisher, and the publisher's clock reaches it.
    asked = len([p for p in publisher.rtcp if isinstance(p, RtcpPsfbPacket) and p.fmt == 1])

    async def wished() -> bool:
        await far.send(bytes(RtcpPsfbPacket(1, 1, missed.ssrc)))
        wishes = [p for p in publisher.rtcp if isinstance(p, RtcpPsfbPacket) and p.fmt == 1]
        return len(wishes) > asked

    await eventually(wished)
    await eventually(lambda: any(isinstance(packet, RtcpSrPacket) for packet in far.rtcp))

    stats, health = await pair.media.stats("show"), await pair.media.health()
    assert (stats.viewers, len(stats.seats)) == (2, 1)
    assert [each.viewers for each in health.processes] == [1, 1]
    assert (health.publishers, health.viewers) == (1, 2)

    # Those who come at once are spread as evenly; a publisher counts like a viewer.
    more = await asyncio.gather(*(viewer_at(f"{pair.url}/whep") for _ in range(6)))
    counts = [each.viewers for each in (await pair.media.health()).processes]
    assert sorted(counts) in ([3, 5], [4, 4])
    await asyncio.gather(*(shown(publisher, viewer) for viewer in more))
    for peer in (publisher, near, far, *more):
        await peer.close()


async def test_who_is_on_air_is_seen_alike_in_every_process(pair: MediaServer) -> None:
    host = await publisher_at(f"{pair.url}/whip")
    await pair.event(SeatPublishing)
    near, far = await watched_by_both(pair, host)
    guest = await publisher_at(f"{pair.url}/whip?seat=guest-1&as=guest", ssrc=0x2222)
    assert port_of(guest) == port_of(host)

    async def seen_by_all(size: int) -> bool:
        await host.frame(keyframe=True, size=300)
        await guest.frame(keyframe=True, size=500)
        return all(len(viewer.received("VP8")[-1].payload) == size for viewer in (near, far))

    for host_is_on_air, size in ((False, 500), (True, 300)):
        orders = (
            SeatOrder("host", "host", on_air=host_is_on_air),
            SeatOrder("guest-1", "guest", on_air=True),
        )
        await pair.media.set_seats(SESSION, orders)
        await eventually(partial(seen_by_all, size))
    for peer in (host, guest, near, far):
        await peer.close()


async def test_a_recording_outlives_a_process_of_viewers(pair: MediaServer, tmp_path: Path) -> None:
    await pair.media.set_recording(SESSION, RecordingOrder(str(tmp_path), 1 << 30, 0))
    publisher = await publisher_at(f"{pair.url}/whip")
    await pair.event(SeatPublishing)
    _, far = await watched_by_both(pair, publisher)
    await kill(pair, far)
    await pair.event(EngineBack)
    assert not [event for event in pair.events if isinstance(event, RecordingClosed)]
    for _ in range(30):
        await publisher.frame(keyframe=True)
        await asyncio.sleep(1 / 30)
    await pair.media.end_session(SESSION)
    await pair.event(RecordingClosed)
    opened = [event for event in pair.events if isinstance(event, RecordingOpened)]
    closed = [event for event in pair.events if isinstance(event, RecordingClosed)]
    assert [event.name for event in closed] == [event.name for event in opened]
    assert len(opened) == 1
    for peer in (publisher, far):
        await peer.close()


async def test_several_processes_without_a_place_for_their_sockets_are_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    media = MediaSupervisor(MediaSettings(udp_port=0, workers=2))
    with pytest.raises(MediaStartError, match=r"CAUSERIE_MEDIA_WORKERS=2: .* TMPDIR"):
        await media.start()
    await media.close()


async def test_a_killed_process_of_viewers_takes_along_nobody_else(pair: MediaServer) -> None:
    publisher = await publisher_at(f"{pair.url}/whip")
    await pair.event(SeatPublishing)
    near, far = await watched_by_both(pair, publisher)
    assert await kill(pair, far) < NOTICED_WITHIN_S
    lost_at = time.monotonic()
    # Who was there may ask anew at once: the other process takes them.
    again = await viewer_at(f"{pair.url}/whep")
    await shown(publisher, again)
    assert time.monotonic() - lost_at < BACK_WITHIN_S
    assert port_of(again) == port_of(publisher)
    await arrives(publisher, near)
    assert not [event for event in pair.events if isinstance(event, SeatFreed)]
    assert (await pair.media.health()).ok
    # The process that was started again has the picture too.
    await pair.event(EngineBack)
    later = await viewer_at(f"{pair.url}/whep")
    await shown(publisher, later)
    assert port_of(later) != port_of(publisher)
    assert [each.restarts for each in (await pair.media.health()).processes].count(1) == 1
    for peer in (publisher, near, far, again, later):
        await peer.close()


async def test_viewers_elsewhere_outlive_the_publishers_process_and_see_who_comes_back(
    pair: MediaServer,
) -> None:
    publisher = await publisher_at(f"{pair.url}/whip")
    await pair.event(SeatPublishing)
    near, far = await watched_by_both(pair, publisher)
    assert await kill(pair, publisher) < NOTICED_WITHIN_S
    assert isinstance(pair.turns[-1], EngineLost)
    assert [type(event) for event in pair.turns] == [SeatPublishing, SeatFreed, EngineLost]
    # The publisher need not wait either.
    again = await publisher_at(f"{pair.url}/whip", sequence=7)
    assert port_of(again) == port_of(far)
    await arrives(again, far)
    assert far.connection.connectionState == "connected"
    # And a viewer of the process that is back is fed the other way round.
    await pair.event(EngineBack)
    back = await viewer_at(f"{pair.url}/whep")
    await shown(again, back)
    assert port_of(back) == port_of(publisher)
    for peer in (publisher, near, far, again, back):
        await peer.close()


async def test_a_process_that_hangs_is_given_no_new_viewer(pair: MediaServer) -> None:
    publisher = await publisher_at(f"{pair.url}/whip")
    await pair.event(SeatPublishing)
    index = 1 - (await ports(pair)).index(port_of(publisher))
    pid = pair.media.pids[index]
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        viewers = []
        for _ in range(3):
            viewers.append(await viewer_at(f"{pair.url}/whep"))
            assert port_of(viewers[-1]) == port_of(publisher)
    finally:
        os.kill(pid, signal.SIGCONT)
    for peer in (publisher, *viewers):
        await peer.close()
