"""What every bus promises, over each of its kinds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from live.adapters.bus.memory import Exchange, MemoryBus
from live.adapters.bus.redis import RedisBus
from live.ports.bus import Bus, BusUnavailable, Unanswered
from tests.integration.media.waiting import eventually
from tests.support.ports import free_tcp_port
from tests.support.valkey import Valkey, valkey_server


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with valkey_server() as server:
        yield server


@dataclass
class Line:
    """Two ends of one bus, and the way to lose it and find it again."""

    make: Callable[[], Bus]
    lose: Callable[[], None]
    find: Callable[[], None]
    ends: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def end(self) -> Bus:
        bus = self.make()
        await bus.start()
        self.ends.push_async_callback(bus.close)
        return bus


@pytest.fixture(params=["memory", "valkey"])
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    if request.param == "memory":
        exchange = Exchange()
        made = Line(
            lambda: MemoryBus(exchange),
            lambda: exchange.turn(on=False),
            lambda: exchange.turn(on=True),
        )
    else:
        server: Valkey = request.getfixturevalue("valkey")
        room = request.node.name
        made = Line(lambda: RedisBus(server.url, room=room), server.kill, server.start)
    async with made.ends:
        yield made


async def test_what_is_published_reaches_every_end_that_listens_in_order(line: Line) -> None:
    here, there = await line.end(), await line.end()
    heard: list[tuple[str, bytes]] = []
    await here.subscribe("news", lambda payload: heard.append(("here", payload)))
    await there.subscribe("news", lambda payload: heard.append(("there", payload)))
    await there.subscribe("other", lambda payload: heard.append(("wrong", payload)))

    sent = [b"%d" % number for number in range(300)]
    for payload in sent:
        here.publish("news", payload)

    await eventually(lambda: len(heard) >= 600)
    assert [payload for end, payload in heard if end == "here"] == sent
    assert [payload for end, payload in heard if end == "there"] == sent


async def test_who_stopped_listening_hears_nothing_more(line: Line) -> None:
    bus = await line.end()
    first: list[bytes] = []
    second: list[bytes] = []
    stop = await bus.subscribe("news", first.append)
    await bus.subscribe("news", second.append)

    stop()
    bus.publish("news", b"later")

    await eventually(lambda: second)
    assert first == []


async def test_one_who_cannot_take_a_message_keeps_nobody_from_hearing(line: Line) -> None:
    bus = await line.end()
    heard: list[bytes] = []

    def fail(_payload: bytes) -> None:
        raise ValueError("of another version")

    await bus.subscribe("news", fail)
    await bus.subscribe("news", heard.append)

    for payload in (b"one", b"two"):
        bus.publish("news", payload)

    await eventually(lambda: heard == [b"one", b"two"])


async def test_a_question_is_answered_by_the_node_that_is_asked(line: Line) -> None:
    here, there = await line.end(), await line.end()

    async def shout(payload: bytes) -> bytes:
        return payload.upper()

    there.answer("shout", shout)

    assert await here.ask(there.node, "shout", b"hello", within_s=10) == b"HELLO"


async def test_questions_nobody_answers_are_told_as_such(line: Line) -> None:
    here, there = await line.end(), await line.end()

    async def break_down(_payload: bytes) -> bytes:
        raise ValueError("no")

    async def dawdle(_payload: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    there.answer("fails", break_down)
    there.answer("dawdles", dawdle)

    for node, subject in (
        (there.node, "fails"),
        (there.node, "dawdles"),
        (there.node, "unknown"),
    ):
        with pytest.raises(Unanswered):
            await here.ask(node, subject, b"", within_s=0.3)


async def test_a_node_that_is_gone_is_not_waited_for(line: Line) -> None:
    here, there = await line.end(), await line.end()
    gone = there.node
    await there.close()

    for node in (gone, "nobody"):
        with pytest.raises(Unanswered):
            await asyncio.wait_for(here.ask(node, "anything", b"", within_s=3600), 60)


async def test_what_is_spent_is_counted_for_all_nodes_together(line: Line) -> None:
    here, there = await line.end(), await line.end()

    waits = [await bus.spend("joins", count=3, period_s=60) for bus in (here, there, here, there)]

    assert waits[:3] == [0.0, 0.0, 0.0]
    assert 0 < waits[3] <= 60
    assert await here.spend("others", count=3, period_s=60) == 0.0


async def test_a_lost_bus_refuses_at_once_and_is_found_again(line: Line) -> None:
    here, there = await line.end(), await line.end()
    heard: list[bytes] = []
    changes: list[bool] = []
    here.watch(lambda: changes.append(here.is_up))
    await here.subscribe("news", heard.append)

    line.lose()
    await eventually(lambda: changes == [False])
    here.publish("news", b"lost")
    with pytest.raises(Unanswered):
        await here.ask(there.node, "anything", b"", within_s=60)
    with pytest.raises(Unanswered):
        await here.spend("joins", count=1, period_s=60)
    late: list[bytes] = []
    await here.subscribe("late", late.append)

    line.find()
    await eventually(lambda: changes == [False, True] and there.is_up)
    there.publish("news", b"found")
    there.publish("late", b"found")
    await eventually(lambda: heard and late)
    assert (heard, late) == ([b"found"], [b"found"])


async def test_a_server_that_is_not_there_is_told_at_the_start() -> None:
    bus = RedisBus(f"redis://127.0.0.1:{free_tcp_port()}", room="nobody")

    with pytest.raises(BusUnavailable):
        await bus.start()


async def test_a_busy_node_takes_a_bounded_number_of_questions(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.adapters.bus.questions.MOST_AT_ONCE", 2)
    here, there = await line.end(), await line.end()
    taken: list[bytes] = []
    go_on = asyncio.Event()

    async def dawdle(payload: bytes) -> bytes:
        taken.append(payload)
        await go_on.wait()
        return payload

    there.answer("dawdles", dawdle)
    asked = [
        asyncio.create_task(here.ask(there.node, "dawdles", b"%d" % n, within_s=60))
        for n in range(2)
    ]
    await eventually(lambda: len(taken) == 2)

    with pytest.raises(Unanswered):
        await here.ask(there.node, "dawdles", b"one too many", within_s=60)

    go_on.set()
    assert await asyncio.gather(*asked) == [b"0", b"1"]
    assert await here.ask(there.node, "dawdles", b"later", within_s=60) == b"later"


async def test_of_what_waits_to_be_sent_the_oldest_is_dropped(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.adapters.bus.redis.MOST_WAITING", 3)
    bus = RedisBus(valkey.url, room="crowded")
    await bus.start()
    heard: list[bytes] = []
    await bus.subscribe("news", heard.append)

    question = asyncio.create_task(bus.ask(bus.node, "anything", b"", within_s=3600))
    await asyncio.sleep(0)
    for payload in (b"1", b"2", b"3", b"4"):
        bus.publish("news", payload)

    with pytest.raises(Unanswered):
        await asyncio.wait_for(question, 60)
    await eventually(lambda: len(heard) == 3)
    assert heard == [b"2", b"3", b"4"]
    await bus.close()
