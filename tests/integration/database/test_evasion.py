"""Someone banned who comes back without cookies is looked at first, honest neighbours hardly ever;
and nothing is kept that tells who anyone is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import URL, Connection, select

from app.evasion import MOST_HELD, Evasion, Traces, traces_of
from app.keys import Keys
from live.adapters.sql.database import Database
from live.adapters.sql.tables import evasion_hints, evasion_salts
from live.domain.ids import ParticipantId
from tests.support.rooms import OwnClock, OwnEntropy

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"
AT_HOME = traces_of("203.0.113.7", {"user-agent": PHONE, "accept-language": "fr-FR"})
TROLL = ParticipantId("troll")


class Door:
    """The hints of one installation, and people who come in."""

    def __init__(self, database: Database, *, on: bool = True) -> None:
        self.clock = OwnClock()
        self.database = database
        self.entropy = OwnEntropy()
        self.evasion = Evasion(database, Keys(b"k" * 32), self.clock, self.entropy, on=on)
        self.came = 0

    async def comes(self, traces: Traces) -> bool:
        """Whether a newcomer is held."""
        self.came += 1
        person = ParticipantId(f"newcomer-{self.came}")
        return await self.evasion.note(person, traces, newcomer=True)

    async def is_banned(self, traces: Traces = AT_HOME, who: ParticipantId = TROLL) -> None:
        await self.evasion.note(who, traces, newcomer=True)
        await self.evasion.mark([who], banned=True)

    async def rows(self) -> list[tuple[object, ...]]:
        def read(connection: Connection) -> list[tuple[object, ...]]:
            tables = (evasion_hints, evasion_salts)
            return [tuple(row) for table in tables for row in connection.execute(select(table))]

        return await self.database.read(read)


@pytest.fixture
def door(url: URL) -> Iterator[Door]:
    database = Database(url)
    yield Door(database)
    database.close()


async def test_who_comes_back_without_cookies_is_held_for_a_day(door: Door) -> None:
    await door.is_banned()
    neighbour_in_24 = traces_of("203.0.113.200", {"user-agent": PHONE, "accept-language": "fr-FR"})
    door.clock.pass_s(3600)
    assert await door.comes(AT_HOME)
    door.clock.pass_s(20 * 3600)
    assert await door.comes(neighbour_in_24), "the prefix counts, and yesterday's salt still lives"
    door.clock.pass_s(4 * 3600)
    assert not await door.comes(AT_HOME), "24 h after the ban"


async def test_of_fifty_honest_people_with_that_very_device_and_address_two_are_held(
    door: Door,
) -> None:
    await door.is_banned()
    held = [await door.comes(AT_HOME) for _ in range(50)]
    assert sum(held) == MOST_HELD
    await door.evasion.mark([ParticipantId("newcomer-1")], banned=True)
    assert await door.comes(AT_HOME), "one who was held turns out to be the same: banned again"


async def test_another_network_or_another_device_is_never_held(door: Door) -> None:
    await door.is_banned()
    phone = {"user-agent": PHONE, "accept-language": "fr-FR"}
    assert not await door.comes(traces_of("198.51.100.7", phone))
    assert not await door.comes(traces_of("203.0.114.7", phone))
    assert not await door.comes(traces_of("203.0.113.7", {**phone, "accept-language": "de"}))
    v6 = traces_of("2001:db8:1:2300::5", phone)
    await door.is_banned(v6, ParticipantId("another"))
    assert not await door.comes(traces_of("2001:db8:1:2400::5", phone))
    assert await door.comes(traces_of("2001:db8:1:23ff::9", phone)), "the same /56"


async def test_once_lifted_nobody_is_held_and_who_was_here_never_is(door: Door) -> None:
    await door.evasion.note(ParticipantId("regular"), AT_HOME, newcomer=True)
    await door.is_banned()
    assert not await door.evasion.note(ParticipantId("regular"), AT_HOME, newcomer=False)
    await door.evasion.mark([TROLL], banned=False)
    assert not await door.comes(AT_HOME)


async def test_nothing_is_kept_that_tells_who_anyone_is_and_not_for_long(door: Door) -> None:
    await door.is_banned()
    assert await door.comes(AT_HOME)
    kept = repr(await door.rows())
    for trace in ("203.0.113", "iPhone", "fr-FR"):
        assert trace not in kept
    (first,) = [row for row in await door.rows() if len(row) == 2]
    await door.evasion.forget(TROLL)
    assert "troll" not in repr(await door.rows())
    for _ in range(3):
        door.clock.pass_s(timedelta(days=1).total_seconds())
        await door.comes(AT_HOME)
    rows = await door.rows()
    assert len([row for row in rows if len(row) == 2]) == 2, "today's salt and yesterday's"
    assert first not in rows
    assert "newcomer-1'" not in repr(rows), "with a salt goes what it hashed"


async def test_switched_off_it_keeps_nothing(url: URL) -> None:
    database = Database(url)
    door = Door(database, on=False)
    await door.is_banned()
    assert not await door.comes(AT_HOME)
    assert not await door.rows()
    database.close()
