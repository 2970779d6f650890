"""Credentials kept in memory say what the database says, whoever comes in or is sent away when."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from live.adapters.sql import holders
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.holders import Holders
from live.domain.ids import ParticipantId, SessionId
from live.ports.store import Holder, StoreUnavailable
from tests.contract.conftest import Both
from tests.support.records import NOW, SESSION, credential, invite, participant, session

ADA, BOB = ParticipantId("ada"), ParticipantId("bob")


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest) -> Both:
    made: Both = request.getfixturevalue(request.param)
    return made


async def test_who_came_before_and_after_the_first_look_is_known_until_it_ends(both: Both) -> None:
    _, written = both
    assert isinstance(written, SqlDirectory)
    directory = SqlDirectory(written._database, alone=True)
    await written.add_session(session())
    await written.add_participant(participant("ada"), credential("ada"))
    await written.add_participant(participant("cy"), credential("cy"))
    await written.revoke_credentials(ParticipantId("cy"), NOW)

    async def holder(name: str) -> Holder | None:
        return await directory.find_holder(SESSION, credential(name).token_hash)

    assert await holder("ada") == Holder(ADA)
    assert await holder("cy") == Holder(ParticipantId("cy"), revoked=True)
    assert await holder("bob") is None

    await directory.add_invite(invite("i1"))
    joined = replace(participant("bob"), invite_id="i1")
    assert await directory.use_invite("i1", joined, credential("bob"), NOW) is not None
    second = replace(credential("ada"), token_hash=b"\0" * 32)
    await directory.add_credential(second)
    assert await holder("bob") == Holder(BOB)
    assert await directory.find_holder(SESSION, second.token_hash) == Holder(ADA)
    assert await directory.find_holder(SessionId("another"), second.token_hash) is None

    await directory.revoke_invite(SESSION, "i1", NOW)
    await directory.revoke_credentials(ADA, NOW)
    assert await holder("bob") == Holder(BOB, revoked=True)
    assert await holder("ada") == Holder(ADA, revoked=True)
    assert await directory.find_holder(SESSION, second.token_hash) == Holder(ADA, revoked=True)


class Asked:
    """The database's answers, given when the test says so."""

    def __init__(self) -> None:
        self.times = 0
        self.answer: asyncio.Future[Mapping[bytes, ParticipantId]] = asyncio.Future()

    async def __call__(self, _session_id: SessionId) -> Mapping[bytes, ParticipantId]:
        self.times += 1
        return await self.answer


async def test_who_is_sent_away_while_the_session_is_read_is_not_let_in() -> None:
    asked = Asked()
    known = Holders(asked)
    waiting = [asyncio.create_task(known.find(SESSION, key)) for key in (b"a", b"b", b"b")]
    await asyncio.sleep(0)
    known.ended([ADA])
    asked.answer.set_result({b"a": ADA, b"b": BOB})
    assert await asyncio.gather(*waiting) == [None, BOB, BOB]
    assert asked.times == 1


async def test_a_session_of_which_nobody_knows_what_was_written_is_read_again() -> None:
    asked = Asked()
    known = Holders(asked)
    waiting = asyncio.create_task(known.find(SESSION, b"a"))
    await asyncio.sleep(0)
    known.forget(SESSION)
    asked.answer.set_result({b"a": ADA})
    assert await waiting is None
    assert await known.find(SESSION, b"a") == ADA
    known.forget(SESSION)
    assert await known.find(SESSION, b"a") == ADA
    assert asked.times == 3


async def test_a_database_that_does_not_answer_is_asked_again() -> None:
    asked = Asked()
    known = Holders(asked)
    asked.answer.set_exception(StoreUnavailable("planted"))
    assert await known.find(SESSION, b"a") is None
    asked.answer = asyncio.Future()
    asked.answer.set_result({b"a": ADA})
    assert await known.find(SESSION, b"a") == ADA


async def test_the_sessions_that_nobody_comes_to_any_more_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(holders, "MOST_IN_ALL", 3)
    asked = Asked()
    asked.answer.set_result({b"a": ADA, b"b": BOB})
    known = Holders(asked)
    first, second = SessionId("first"), SessionId("second")
    for session_id in (first, first, second, second, first):
        assert await known.find(session_id, b"b") == BOB
    assert asked.times == 3


async def test_newcomers_who_come_together_are_each_told_their_own_outcome(both: Both) -> None:
    _, directory = both
    await directory.add_session(session())
    await directory.add_participant(participant("first"), credential("first"))
    taken = replace(credential("eve"), token_hash=credential("first").token_hash)
    outcomes = await asyncio.gather(
        directory.add_participant(participant("ada"), credential("ada")),
        directory.add_participant(participant("bob"), credential("bob")),
        directory.add_participant(participant("eve"), taken),
        directory.add_participant(participant("cy"), credential("cy")),
        return_exceptions=True,
    )
    assert [isinstance(each, Exception) for each in outcomes] == [False, False, True, False]
    for name in ("ada", "bob", "cy"):
        found = await directory.find_holder(SESSION, credential(name).token_hash)
        assert found == Holder(ParticipantId(name))
    assert await directory.find_participant(ParticipantId("eve")) is None
