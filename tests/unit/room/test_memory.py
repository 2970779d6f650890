"""What a room remembers, what it fetches again, what it forgets for good."""

from __future__ import annotations

import asyncio

from live.adapters.memory import MemoryStore
from live.domain.decision import Verdict
from live.domain.decision_commands import Decide
from live.domain.ids import MessageId, ParticipantId
from live.domain.message_commands import PostMessage, WithdrawMessage
from live.domain.message_events import MessagePublished
from live.domain.people import Role
from live.domain.people_commands import ChangeParticipant, EraseParticipant, MutePerson, SetProfile
from live.domain.question_commands import AskQuestion
from live.domain.session_commands import SayToStaff
from live.domain.subject import Subject
from live.room.keys import Done
from live.room.ledger import Committed
from live.room.settings import RoomSettings
from tests.support.rooms import SESSION
from tests.support.slow import Open, all_that_can_happen, on_slow_store

ADA = ParticipantId("ada")

# --- history


async def test_history_is_contiguous_and_ends_at_the_head(opened: Open) -> None:
    house = await opened()
    for n in range(10):
        await house.do("ada", PostMessage(f"{n}"))
    for room in (await house.room(), await house.reopen()):
        events = await room.history(3, 4)
        assert events is not None
        assert [each.seq for each in events] == [4, 5, 6, 7]
        assert await room.history(10, 5) == []
        assert await room.history(11, 5) is None
        assert await room.history(-1, 5) is None


async def test_history_ends_at_the_head_although_others_write_while_the_store_is_read(
    opened: Open,
) -> None:
    house, store = await on_slow_store(opened)
    for n in range(10):
        await house.do("ada", PostMessage(f"{n}"))
    room = await house.reopen()
    store.reads.clear()
    reading = asyncio.create_task(room.history(3, 100))
    await all_that_can_happen()
    for n in range(5):
        await house.do("bob", PostMessage(f"meanwhile {n}"))
    store.reads.set()
    events = await reading
    assert events is not None
    assert [each.seq for each in events] == list(range(4, 16))


async def test_all_who_come_back_after_a_restart_share_one_reading(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    for n in range(10):
        await house.do("ada", PostMessage(f"{n}"))
    room = await house.reopen()
    before = store.looks_for_events

    histories = await asyncio.gather(*(room.history(after, 100) for after in (2, 3, 3, 8)))

    assert [[each.seq for each in found or ()][:1] for found in histories] == [[3], [4], [4], [9]]
    assert all(found and found[-1].seq == 10 for found in histories)
    assert store.looks_for_events - before == 1


async def test_history_does_not_reach_further_than_it_promises(opened: Open) -> None:
    house = await opened(settings=RoomSettings(resume_events=10, remembered_events=10))
    for n in range(40):
        await house.do("ada", PostMessage(f"{n}"))
    room = await house.reopen()
    within_two_minutes = await room.history(0, 100)
    assert within_two_minutes is not None
    assert len(within_two_minutes) == 40
    house.clock.pass_s(121)
    room = await house.reopen()
    assert await room.history(29, 100) is None
    latest = await room.history(30, 100)
    assert latest is not None
    assert len(latest) == 10


async def test_what_history_speaks_of_is_there_however_old(opened: Open) -> None:
    house = await opened(settings=RoomSettings(window=20))
    for n in range(100):
        await house.do("ada", PostMessage(f"{n}"))
    room = await house.room()
    assert len(room.state.messages) < 40
    events = await room.history(0, 200)
    assert events is not None
    texts = [
        room.state.text(room.state.messages[each.event.message_id].content_id)
        for each in events
        if isinstance(each.event, MessagePublished)
    ]
    assert texts == [f"{n}" for n in range(100)]


async def test_old_messages_can_still_be_decided_on(opened: Open) -> None:
    house = await opened(settings=RoomSettings(window=20))
    old = (await house.do("ada", PostMessage("old"))).result.message_id or MessageId("")
    for n in range(100):
        await house.do("ada", PostMessage(f"{n}"))
    assert old not in (await house.room()).state.messages
    await house.do("mod", Decide(Subject.message(old), 1, Verdict.REMOVE))
    refusal = await house.refused("mod", Decide(Subject.message(old), 1, Verdict.REMOVE))
    assert refusal.code == "stale"


async def test_pending_messages_never_leave_memory(opened: Open) -> None:
    house = await opened(settings=RoomSettings(window=20), review="before")
    held = await house.do("ada", PostMessage("waits"))
    for n in range(100):
        await house.do("mod", PostMessage(f"{n}"))
    room = await house.room()
    assert [item.id for item in room.state.held_items()] == [held.result.message_id]


# --- people


async def test_a_change_of_cohort_names_those_who_need_a_snapshot(opened: Open) -> None:
    house = await opened()
    room = await house.room()
    heard: list[Committed] = []
    room.listen(heard.append)
    await house.do("ada", SetProfile(segment="customer"))
    await house.do("bob", SetProfile(display_name="Robert"))
    await room.act(ChangeParticipant(ParticipantId("bob"), role=Role.MODERATOR))
    assert [each.audience for each in heard] == [{"ada"}, frozenset(), {"bob"}]


async def test_an_erased_person_is_nowhere(opened: Open) -> None:
    house = await opened(settings=RoomSettings(window=20))
    old = await house.do("ada", PostMessage("my canary is yellow"))
    withdrawn = await house.do("ada", PostMessage("another canary"))
    await house.do("ada", WithdrawMessage(withdrawn.result.message_id or MessageId("")))
    await house.do("ada", AskQuestion("canary?"))
    for n in range(60):
        await house.do("bob", PostMessage(f"{n}"))
    room = await house.room()
    assert isinstance(await room.act(EraseParticipant(ADA)), Done)
    assert isinstance(house.store, MemoryStore)
    rows = house.store.sessions[SESSION]
    assert "canary" not in repr(rows)
    assert "Ada" not in repr((rows, house.store.participants))
    gone = room.state.messages[old.result.message_id or MessageId("")]
    assert (gone.status.value, gone.withdrawn) == ("removed", True)
    again = await house.ask("ada", PostMessage("my canary is yellow"), "c1")
    assert again == old


async def test_who_is_not_known_may_nothing(opened: Open) -> None:
    house = await opened()
    assert (await house.refused("nobody", PostMessage("Hello"))).code == "forbidden"


async def test_small_things_survive_a_restart(opened: Open) -> None:
    house = await opened()
    await house.do("mod", SayToStaff("Ready?"))
    await house.do("ada", MutePerson(ParticipantId("bob"), on=True))
    room = await house.reopen()
    assert room.state.text(room.state.staff_says[0].content_id) == "Ready?"
    assert room.state.mutes.get(ADA) == frozenset({ParticipantId("bob")})
