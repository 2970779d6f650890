"""Mutated datagrams and descriptions, while a stream runs that must not notice; `make hostile`
sends a million.
"""

import asyncio
import random
from pathlib import Path

import httpx

from benchmarks.hostile.mutations import check as check_of
from benchmarks.hostile.mutations import greetings
from benchmarks.hostile.siege import Siege
from benchmarks.video.peer import read_description
from live.ports.media_events import RecordingStopped, SeatPublishing
from tests.integration.media.scripted import Peer, publisher_at
from tests.integration.media.server import MediaServer
from tests.integration.media.waiting import eventually

SEED = 20_261_123
WARM_UP, ATTACK = 5_000, 15_000

GROWTH_LIMIT_BYTES = 4 << 20
"""The last packets of two streams are kept, 2,048 of each: so much may yet come."""


async def test_a_stream_goes_on_while_everyone_else_sends_what_they_should_not(
    server: MediaServer, tmp_path: Path
) -> None:
    """Each volley ends with a picture of the host's that an honest viewer must get."""
    async with Siege(server, SEED).laid(tmp_path) as siege:
        await siege.send(WARM_UP)
        before = siege.memory_bytes
        await siege.send(ATTACK)
        assert siege.memory_bytes - before < GROWTH_LIMIT_BYTES
    assert sum(siege.sent.values()) >= WARM_UP + ATTACK
    assert siege.strangers_got == 0
    assert not siege.failures
    assert not any(isinstance(event, RecordingStopped) for event in server.events)
    assert 0 < siege.amplified <= 3
    assert {201, 204, 400} <= set(siege.answers) <= {200, 201, 204, 400, 406, 409, 412, 503}
    assert (await server.media.health()).restarts == 0


async def test_who_never_completes_a_handshake_gets_at_most_three_times_what_came_from_there(
    server: MediaServer,
) -> None:
    """With the credentials of a leg, whoever's, and a greeting that nobody follows up."""
    publisher = await publisher_at(f"{server.url}/whip")
    await server.event(SeatPublishing)
    peers = {"/whep": Peer("recvonly"), "/whip?seat=guest-1": Peer("sendonly")}
    strangers: list[_Stranger] = []
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        for path, peer in peers.items():
            answer = (await http.post(path, content=await peer.offer())).text
            strangers.append(await _Stranger.at(server.media.udp_port, answer))
    for turn in range(3):
        for stranger in strangers:
            stranger.say(turn)
        # OpenSSL repeats its flight after a second: that is what must not come again and again.
        await asyncio.sleep(1.2)
        await publisher.frame(keyframe=True)
        for stranger in strangers:
            assert 0 < stranger.taken <= 3 * stranger.given
    await eventually(lambda: all(each.kinds == {"check", "handshake"} for each in strangers))
    for stranger in strangers:
        stranger.transport.close()
    for leaving in (*peers.values(), publisher):
        await leaving.close()


class _Stranger(asyncio.DatagramProtocol):
    """Has heard of a leg's credentials; counts bytes."""

    def __init__(self, answer: str) -> None:
        said = read_description(answer)
        check = check_of(said.ufrag, said.password, random.Random(SEED))
        self._says = (check, greetings()[0], check)
        self.transport: asyncio.DatagramTransport
        self.given = self.taken = 0
        self.kinds: set[str] = set()

    @classmethod
    async def at(cls, port: int, answer: str) -> "_Stranger":
        loop = asyncio.get_running_loop()
        target = ("127.0.0.1", port)
        made = await loop.create_datagram_endpoint(lambda: cls(answer), remote_addr=target)
        made[1].transport = made[0]
        return made[1]

    def say(self, turn: int) -> None:
        self.transport.sendto(self._says[turn])
        self.given += len(self._says[turn])

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 -- the base's
        self.taken += len(data)
        self.kinds.add("check" if data[0] <= 3 else "handshake" if data[0] <= 63 else "media")
