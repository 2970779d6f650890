"""The engine's process: it ends with the server, is started again when it dies, and says so."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from live.media import MediaSettings, MediaSupervisor
from live.ports.media import MediaStartError, WatchRequest
from live.ports.media_events import EngineBack, EngineLost, SeatFreed, SeatPublishing
from live.ports.media_refusals import MediaRefusal
from tests.integration.media.scripted import publisher_at, shown, viewer_at
from tests.integration.media.server import SESSION, MediaServer
from tests.integration.media.waiting import eventually
from tests.support.patience import PATIENCE_S


def _runs(pid: int) -> bool:
    """Whether a process runs; a dead one that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_a_killed_engine_is_started_again_and_everyone_is_told_in_order(
    server: MediaServer,
) -> None:
    publisher = await publisher_at(f"{server.url}/whip")
    await server.event(SeatPublishing)
    viewer = await viewer_at(f"{server.url}/whep")
    pid, port = server.media.pid, server.media.udp_port
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    after = await server.event(EngineBack)
    assert [type(event) for event in server.turns] == [
        SeatPublishing,
        SeatFreed,
        EngineLost,
        EngineBack,
    ]
    health = await server.media.health()
    assert (health.ok, health.udp_port, health.restarts) == (True, port, 1)
    # The session is on air still: a new publisher is seen by a new viewer.
    again = await publisher_at(f"{server.url}/whip")
    await server.event(SeatPublishing, after=after)
    new_viewer = await viewer_at(f"{server.url}/whep")
    await shown(again, new_viewer)
    for peer in (publisher, viewer, again, new_viewer):
        await peer.close()


async def test_while_the_engine_is_gone_calls_are_refused_and_nothing_raises(
    server: MediaServer,
) -> None:
    pid = server.media.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await server.event(EngineLost)
    refused = await server.media.watch(WatchRequest(SESSION, "viewer", "v=0"))
    assert isinstance(refused, MediaRefusal)
    assert refused.code == "engine_down"
    assert not (await server.media.health()).ok
    assert await server.media.evict(SESSION, "viewer") == 0
    await server.media.set_on_air("another", on=True)
    await server.event(EngineBack)
    assert (await server.media.stats("another")).on_air


async def test_a_stuck_engine_is_replaced(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.media.child.PROBE_LIMIT_S", 0.5)
    pid = server.media.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await server.event(EngineBack)
    assert server.media.pid != pid
    assert not _runs(pid)


async def test_a_taken_udp_port_is_told_in_one_sentence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("", 0))
        port = taken.getsockname()[1]
        media = MediaSupervisor(MediaSettings(udp_port=port))
        with pytest.raises(MediaStartError) as caught:
            await media.start()
        assert str(caught.value).startswith(f"CAUSERIE_UDP_PORT={port}: this UDP port is in use")
        assert (caught.value.variable, caught.value.value) == ("CAUSERIE_UDP_PORT", str(port))
        await media.close()


@pytest.mark.parametrize("address", ["example.org", "224.0.0.1", "300.1.1.1"])
async def test_an_impossible_public_address_is_told_in_one_sentence(address: str) -> None:
    media = MediaSupervisor(MediaSettings(udp_port=0, public_ip=address))
    with pytest.raises(MediaStartError, match=f"CAUSERIE_PUBLIC_IP={address}"):
        await media.start()


async def test_who_comes_early_waits_and_closing_ends_it_frees_the_port_and_can_be_done_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("live.media.supervisor.BEGINNING_LIMIT_S", PATIENCE_S)
    media = MediaSupervisor(MediaSettings(udp_port=0))
    early = asyncio.create_task(media.watch(WatchRequest(SESSION, "viewer", "v=0")))
    await media.start()
    answered = await early
    assert isinstance(answered, MediaRefusal)
    assert answered.code != "engine_down", "it was asked once it was there"
    pid, port = media.pid, media.udp_port
    assert pid is not None
    async with asyncio.timeout(PATIENCE_S):
        await media.close()
    assert not _runs(pid)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", port))
    await media.close()
    refused = await media.watch(WatchRequest(SESSION, "viewer", "v=0"))
    assert isinstance(refused, MediaRefusal)


async def test_the_engine_does_not_outlive_a_server_that_was_killed() -> None:
    program = (
        "import asyncio\n"
        "from live.media import MediaSettings, MediaSupervisor\n"
        "async def main():\n"
        "    media = MediaSupervisor(MediaSettings(udp_port=0))\n"
        "    await media.start()\n"
        "    print(media.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    pid = int(await server.stdout.readline())
    assert _runs(pid)
    server.kill()
    await server.wait()
    await eventually(lambda: not _runs(pid))


async def test_a_signal_to_the_whole_service_leaves_the_end_to_the_server(
    server: MediaServer,
) -> None:
    pid = server.media.pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGINT)
    assert (await server.media.health()).ok
    assert server.media.pid == pid
