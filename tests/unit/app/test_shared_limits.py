"""Limits of an address hold over all nodes together; without the bus each node counts alone."""

from __future__ import annotations

from app.limits import Rate
from app.nodes import Nodes, SharedLimiter
from live.adapters.bus.memory import Exchange, MemoryBus

TWO_A_MINUTE = Rate(2, 60)


async def test_what_an_address_takes_on_one_node_is_missing_on_the_other() -> None:
    exchange = Exchange()
    ends = [MemoryBus(exchange), MemoryBus(exchange)]
    for end in ends:
        await end.start()
    here, there = (SharedLimiter("joins", TWO_A_MINUTE, Nodes(bus=end)) for end in ends)

    waits = [await each.take("192.0.2.1") for each in (here, there, here, there)]

    assert waits[:2] == [0.0, 0.0]
    assert all(0 < wait_s <= 60 for wait_s in waits[2:])
    assert await there.take("192.0.2.2") == 0.0


async def test_without_the_bus_each_node_counts_alone() -> None:
    exchange = Exchange()
    bus = MemoryBus(exchange)
    await bus.start()
    limiter = SharedLimiter("joins", TWO_A_MINUTE, Nodes(bus=bus))
    exchange.turn(on=False)

    waits = [await limiter.take("192.0.2.1") for _ in range(3)]

    assert waits[:2] == [0.0, 0.0]
    assert 0 < waits[2] <= 60
