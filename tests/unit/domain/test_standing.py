"""Any decision can be undone that stands; what stands on top of it is named first."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from live.domain.decision import Verdict
from live.domain.decision_commands import Aimed, Decide, DecideMany, UndoDecision
from live.domain.ids import DecisionId, MessageId
from live.domain.message_commands import PostMessage
from live.domain.state import DECISIONS_KEPT
from live.domain.subject import Subject
from tests.support.rooms import House, open_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    opened = await open_house()
    yield opened
    await opened.rooms.close()


async def posted(house: House) -> Subject:
    done = await house.do("ada", PostMessage("Hello"))
    return Subject.message(MessageId(done.result.message_id or ""))


async def decided(house: House, subject: Subject, verdict: Verdict) -> DecisionId:
    item = (await house.room()).state.find(subject)
    assert item is not None
    done = await house.do("mod", Decide(subject, item.revision, verdict))
    return DecisionId(done.result.decision_id or "")


async def status(house: House, subject: Subject) -> str | None:
    return (await house.room()).state.status(subject)


async def test_decisions_are_undone_one_after_the_other_down_to_the_first(house: House) -> None:
    subject = await posted(house)
    first = await decided(house, subject, Verdict.REMOVE)
    second = await decided(house, subject, Verdict.RESTORE)
    third = await decided(house, subject, Verdict.REMOVE)
    assert (await house.refused("mod", UndoDecision(first))).code == "stale"
    for decision_id, expected in ((third, "published"), (second, "removed"), (first, "published")):
        await house.do("mod", UndoDecision(decision_id))
        assert await status(house, subject) == expected
    assert (await house.refused("mod", UndoDecision(second))).code == "wrong_state"


async def test_an_undo_may_go_over_what_was_decided_since_and_be_undone_itself(
    house: House,
) -> None:
    subject = await posted(house)
    first = await decided(house, subject, Verdict.REMOVE)
    await decided(house, subject, Verdict.RESTORE)
    third = await decided(house, subject, Verdict.REMOVE)
    undo = await house.do("mod", UndoDecision(first, over=True))
    assert await status(house, subject) == "published"
    assert (await house.refused("mod", UndoDecision(third))).code == "wrong_state"
    await house.do("mod", UndoDecision(DecisionId(undo.result.decision_id or "")))
    assert await status(house, subject) == "removed"
    await house.do("mod", UndoDecision(third))
    assert await status(house, subject) == "published"


async def test_what_the_room_has_forgotten_is_undone_all_the_same(house: House) -> None:
    subject = await posted(house)
    old = await decided(house, subject, Verdict.REMOVE)
    others = [await posted(house) for _ in range(2)]
    swept = await house.do(
        "mod", DecideMany(tuple(Aimed(each, 1) for each in others), Verdict.REMOVE)
    )
    noise = await posted(house)
    for n in range(DECISIONS_KEPT + 1):
        await decided(house, noise, Verdict.RESTORE if n % 2 else Verdict.REMOVE)
    room = await house.room()
    assert all(each.subject == noise for each in room.state.decisions)
    undo = await house.do("mod", UndoDecision(old))
    assert (undo.result.subject, await status(house, subject)) == (subject, "published")
    assert (await house.refused("mod", UndoDecision(old))).code == "wrong_state"
    await house.do("mod", UndoDecision(group_id=swept.result.group_id))
    assert [await status(house, each) for each in others] == ["published", "published"]
    assert (await house.refused("mod", UndoDecision(DecisionId("i9999")))).code == "not_found"
    assert (await house.refused("ada", UndoDecision(old))).code == "forbidden"
