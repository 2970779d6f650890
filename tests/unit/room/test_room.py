"""A room takes commands one after the other and tells after the commit."""

from __future__ import annotations

import asyncio

from live.domain.decision_commands import ClaimSubject
from live.domain.ids import MessageId, ParticipantId, QuestionId
from live.domain.message import Reason
from live.domain.message_commands import PostMessage
from live.domain.outcome import Refusal
from live.domain.people_commands import SetProfile
from live.domain.question_commands import AskQuestion, VoteQuestion
from live.domain.question_events import VoteTallied
from live.domain.session_commands import SetMode
from live.domain.subject import Subject
from live.ports.gate import Candidate, Opinion
from live.room.keys import Done
from live.room.ledger import Committed
from live.room.settings import RoomSettings
from tests.support.rooms import SESSION, House, person
from tests.support.slow import Open, all_that_can_happen, on_slow_store

ADA = ParticipantId("ada")

# --- order, batches, what is seen when


async def test_events_have_no_gap_and_each_person_keeps_the_order_of_asking(opened: Open) -> None:
    house = await opened()
    outcomes = await asyncio.gather(
        *(house.ask(who, PostMessage(f"{n}")) for n in range(20) for who in ("ada", "bob"))
    )
    seqs = [each.seq or 0 for each in outcomes if isinstance(each, Done)]
    assert sorted(seqs) == list(range(1, 41))
    for of_one in (seqs[::2], seqs[1::2]):
        assert of_one == sorted(of_one)
    events = await (await house.room()).history(0, 100)
    assert events is not None
    assert [each.seq for each in events] == list(range(1, 41))


async def test_what_gathers_during_a_commit_is_one_batch(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    store.gate.clear()
    asks = [asyncio.ensure_future(house.ask("ada", PostMessage(f"{n}"))) for n in range(10)]
    await all_that_can_happen()
    store.gate.set()
    await asyncio.gather(*asks)
    assert len(store.batches) <= 2
    assert sum(len(batch.events) for batch in store.batches) == 10


async def test_where_much_comes_a_room_waits_for_more_until_it_is_enough(opened: Open) -> None:
    house, store = await on_slow_store(opened, share_s=3600.0, batch_limit=4)
    store.gate.clear()
    asks = [asyncio.ensure_future(house.ask("mod", PostMessage(f"{n}"))) for n in range(2)]
    await all_that_can_happen()
    house.clock.pass_s(900.0)
    store.gate.set()
    await all_that_can_happen()
    asks += [asyncio.ensure_future(house.ask("mod", PostMessage(f"{n}"))) for n in range(2, 3)]
    await all_that_can_happen()
    assert [len(batch.events) for batch in store.batches] == [1]
    asks += [asyncio.ensure_future(house.ask("mod", PostMessage(f"{n}"))) for n in range(3, 5)]
    await all_that_can_happen()
    assert [len(batch.events) for batch in store.batches] == [1, 4]
    assert all(isinstance(outcome, Done) for outcome in await asyncio.gather(*asks))


async def test_a_room_that_waits_for_more_closes_at_once(opened: Open) -> None:
    house, store = await on_slow_store(opened, share_s=3600.0)
    store.gate.clear()
    asks = [asyncio.ensure_future(house.ask("mod", PostMessage(f"{n}"))) for n in range(2)]
    await all_that_can_happen()
    house.clock.pass_s(0.5)
    store.gate.set()
    await all_that_can_happen()
    await house.rooms.close()
    assert all(isinstance(outcome, Done) for outcome in await asyncio.gather(*asks))


async def test_a_stalled_store_has_new_commands_refused_and_keeps_what_it_took(
    opened: Open,
) -> None:
    house, store = await on_slow_store(opened)
    store.gate.clear()
    taken = [asyncio.ensure_future(house.ask("ada", PostMessage(f"{n}"))) for n in range(3)]
    await all_that_can_happen()
    house.clock.pass_s(0.9)
    taken.append(asyncio.ensure_future(house.ask("ada", PostMessage("3"))))
    await all_that_can_happen()
    house.clock.pass_s(0.1)

    refusal = await house.refused("ada", PostMessage("too much"))

    assert (refusal.code, refusal.retry_after_s) == ("overloaded", 1.0)
    store.gate.set()
    assert all(isinstance(each, Done) for each in await asyncio.gather(*taken))
    await house.do("ada", PostMessage("again"))
    state = (await house.room()).state
    said = [state.text(state.messages[each].content_id) for each in state.timeline.latest(9)]
    assert said == ["0", "1", "2", "3", "again"]


async def test_an_hour_forward_or_back_on_the_wall_changes_no_order_and_stops_nobody(
    opened: Open,
) -> None:
    house = await opened()
    await house.do("mod", SetMode(slow_s=1.0))
    for jump_s in (0.0, 3600.0, -3600.0, -7200.0, 0.0):
        house.clock.wall_jump_s = jump_s
        await house.do("ada", PostMessage(f"{jump_s}"))
    room = await house.reopen()
    await house.do("ada", PostMessage("after a restart"))

    state = room.state
    said = [state.text(state.messages[each].content_id) for each in state.timeline.latest(9)]
    assert said == ["0.0", "3600.0", "-3600.0", "-7200.0", "0.0", "after a restart"]
    history = await room.history(0, 1_000)
    assert history is not None
    assert [each.seq for each in history] == list(range(1, room.head + 1))


async def test_nothing_is_seen_before_the_commit(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    room = await house.room()
    heard: list[Committed] = []
    room.listen(heard.append)
    store.gate.clear()
    asking = asyncio.ensure_future(house.ask("ada", PostMessage("Hello")))
    await all_that_can_happen()
    assert (room.head, len(room.state.messages), heard, asking.done()) == (0, 0, [], False)
    store.gate.set()
    assert isinstance(await asking, Done)
    assert (room.head, len(heard)) == (1, 1)


async def test_listeners_hear_before_the_one_who_asked_and_may_fail(opened: Open) -> None:
    house = await opened()
    room = await house.room()
    order: list[str] = []

    def broken(_: Committed) -> None:
        order.append("broken")
        raise RuntimeError("a listener's own trouble")

    room.listen(broken)
    stop = room.listen(lambda committed: order.append(f"heard {committed.head}"))
    await house.do("ada", PostMessage("Hello"))
    order.append("acked")
    assert order == ["broken", "heard 1", "acked"]
    stop()
    await house.do("ada", PostMessage("Again"))
    assert order[3:] == ["broken"]


async def test_a_name_said_just_before_counts_for_the_line_after_it(opened: Open) -> None:
    house = await opened(person("new", display_name=None))
    named, posted = await asyncio.gather(
        house.ask("new", SetProfile(display_name="Newton")),
        house.ask("new", PostMessage("Hello")),
    )
    assert isinstance(named, Done)
    assert isinstance(posted, Done)


class Patient:
    """A gate that takes its time for some, and holds what it takes it for."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def review(self, candidate: Candidate) -> Opinion:
        if "slow" in candidate.text:
            await self.open.wait()
            return Opinion("hold", "fr", (Reason("slow", "It took long."),))
        return Opinion("pass", "en")


async def test_a_persons_commands_stay_in_order_behind_a_slow_gate(opened: Open) -> None:
    gate = Patient()
    house = await opened(gate=gate, settings=RoomSettings(gate_deadline_s=30.0))
    slow = asyncio.ensure_future(house.ask("ada", PostMessage("a slow one")))
    quick = asyncio.ensure_future(house.ask("ada", PostMessage("a quick one")))
    others = await house.ask("bob", PostMessage("from another"))
    assert isinstance(others, Done)
    assert not quick.done()
    gate.open.set()
    first, second = await asyncio.gather(slow, quick)
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert others.seq == 1
    assert (first.seq, second.seq) == (2, 3)
    assert first.result.status == "pending"


async def test_a_gate_that_is_late_has_the_line_held_with_a_reason(opened: Open) -> None:
    house = await opened(gate=Patient(), settings=RoomSettings(gate_deadline_s=0.01))
    done = await house.do("ada", PostMessage("a slow one"))
    room = await house.room()
    message = room.state.messages[done.result.message_id or MessageId("")]
    assert [reason.code for reason in message.reasons] == ["unreviewed"]


class Broken:
    async def review(self, candidate: Candidate) -> Opinion:
        raise ValueError(candidate.kind)


async def test_a_gate_that_fails_stops_nobody(opened: Open) -> None:
    house = await opened(gate=Broken(), settings=RoomSettings(hold_unreviewed=False))
    done = await house.do("ada", PostMessage("Hello"))
    assert done.result.status == "published"


async def test_the_gate_is_not_asked_about_staff_or_about_no_text(opened: Open) -> None:
    house = await opened(gate=Broken())
    assert (await house.do("mod", PostMessage("Hello"))).result.status == "published"
    assert (await house.refused("ada", PostMessage("\x00"))).code == "control_characters"


# --- time


async def test_tallies_come_at_most_four_times_a_second_and_the_last_is_exact(
    opened: Open,
) -> None:
    house = await opened(*(person(f"p{n}") for n in range(10)))
    question = (await house.do("p0", AskQuestion("Why?"))).result.question_id or QuestionId("")
    room = await house.room()
    house.clock.pass_s(1.0)
    await room.settle()
    for n in range(10):
        await house.do(f"p{n}", VoteQuestion(question, up=True))
    assert await _tallies(house) == [1]
    house.clock.pass_s(0.25)
    await room.settle()
    assert await _tallies(house) == [1, 10]
    assert room.state.questions[question].tallied == 10


async def test_a_tally_left_behind_by_a_crash_is_made_good(opened: Open) -> None:
    house = await opened(*(person(f"p{n}") for n in range(3)))
    question = (await house.do("p0", AskQuestion("Why?"))).result.question_id or QuestionId("")
    for n in range(3):
        await house.do(f"p{n}", VoteQuestion(question, up=True))
    assert (await house.room()).state.questions[question].tallied == 1
    house.rooms = house._rooms()  # a kill: nothing is closed, another process starts
    await (await house.room()).settle()
    assert (await house.room()).state.questions[question].tallied == 3


async def _tallies(house: House) -> list[int]:
    events = await (await house.room()).history(0, 1_000)
    assert events is not None
    return [each.event.votes for each in events if isinstance(each.event, VoteTallied)]


async def test_a_claim_lapses_by_itself(opened: Open) -> None:
    house = await opened()
    posted = await house.do("ada", PostMessage("Hello"))
    subject = Subject.message(posted.result.message_id or MessageId(""))
    await house.do("mod", ClaimSubject(subject))
    house.clock.pass_s(60)
    room = await house.room()
    await room.settle()
    assert not room.state.claims


# --- the end


async def test_closing_finishes_what_was_taken_and_refuses_the_rest(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    room = await house.room()
    store.gate.clear()
    taken = asyncio.ensure_future(house.ask("ada", PostMessage("Hello")))
    await all_that_can_happen()
    closing = asyncio.ensure_future(room.close())
    await asyncio.sleep(0)
    refused = await room.execute(ADA, "late", b"", PostMessage("Late"))
    store.gate.set()
    await closing
    assert isinstance(await taken, Done)
    assert isinstance(refused, Refusal)
    assert room.stopped.is_set()


async def test_closing_does_not_wait_for_a_store_that_hangs(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    room = await house.room()
    store.gate.clear()
    asking = asyncio.ensure_future(house.ask("ada", PostMessage("Hello")))
    await all_that_can_happen()
    await room.close(patience_s=0.01)
    outcome = await asking
    assert isinstance(outcome, Refusal)
    assert outcome.code == "overloaded"


async def test_a_room_that_nobody_uses_is_closed_and_opens_again(opened: Open) -> None:
    house = await opened()
    room = await house.room()
    await house.do("ada", PostMessage("Hello"))
    house.clock.pass_s(301)
    stop = room.listen(lambda _: None)
    await house.rooms.close_idle()
    assert house.rooms.open_rooms() == [room]
    stop()
    house.clock.pass_s(301)
    await house.rooms.close_idle()
    assert house.rooms.open_rooms() == []
    fresh = await house.room()
    assert fresh is not room
    assert fresh.head == 1


async def test_there_is_one_room_a_session_and_none_without(opened: Open) -> None:
    house = await opened()
    one, two = await asyncio.gather(house.room(), house.room())
    assert one is two
    assert await house.rooms.get(type(SESSION)("none")) is None
