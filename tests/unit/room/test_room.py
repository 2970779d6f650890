"""A room takes commands one after the other, once each, and tells after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from live.adapters.memory import MemoryStore
from live.domain.commands import (
    AddReaction,
    AskQuestion,
    ChangeParticipant,
    ChangeState,
    ClaimSubject,
    Decide,
    EraseParticipant,
    MutePerson,
    PostMessage,
    ReactionKind,
    SayToStaff,
    SetProfile,
    VoteQuestion,
    WithdrawMessage,
)
from live.domain.decision import Verdict
from live.domain.events import MessagePublished, VoteTallied
from live.domain.ids import MessageId, ParticipantId, QuestionId
from live.domain.message import Reason
from live.domain.outcome import Refusal
from live.domain.people import Role
from live.domain.session import SessionState
from live.domain.subject import Subject
from live.ports.gate import Candidate, Opinion
from live.ports.store import Batch, StaleWriter, StoreUnavailable
from live.room.keys import Done
from live.room.room import Committed
from live.room.settings import RoomSettings
from tests.support.rooms import SESSION, House, open_house, person

ADA = ParticipantId("ada")
Open = Callable[..., Awaitable[House]]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens houses, and closes them after the test."""
    houses: list[House] = []

    async def make(*args: object, **kwargs: object) -> House:
        houses.append(await open_house(*args, **kwargs))  # type: ignore[arg-type]  # passed on
        return houses[-1]

    yield make
    for house in houses:
        await house.rooms.close()


@dataclass
class Slow(MemoryStore):
    """Commits when the test lets it; fails as often as the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures: list[Exception] = []
        self.batches: list[Batch] = []

    async def commit(self, batch: Batch) -> None:
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        await super().commit(batch)
        self.batches.append(batch)


async def on_slow_store(opened: Open, **settings: object) -> tuple[House, Slow]:
    house = await opened(settings=replace(RoomSettings(), **settings))  # type: ignore[arg-type]
    slow = Slow()
    assert isinstance(house.store, MemoryStore)
    slow.sessions, slow.participants = house.store.sessions, house.store.participants
    house.store = slow
    await house.reopen()
    return house, slow


async def all_that_can_happen() -> None:
    """Let the loop turn until nothing is left but what the test holds back."""
    for _ in range(100):
        await asyncio.sleep(0)


# --- order, batches, what is seen when


async def test_events_are_numbered_without_gap_in_the_order_of_asking(opened: Open) -> None:
    house = await opened()
    outcomes = await asyncio.gather(
        *(house.ask(who, PostMessage(f"{n}")) for n in range(20) for who in ("ada", "bob"))
    )
    assert [each.seq for each in outcomes if isinstance(each, Done)] == list(range(1, 41))
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


# --- once each


async def test_the_same_id_gives_the_same_answer_and_one_effect(opened: Open) -> None:
    house = await opened()
    command = PostMessage("Hello")
    first = await house.do("ada", command, "x")
    assert [await house.do("ada", command, "x") for _ in range(4)] == [first] * 4
    assert (await house.room()).head == 1


async def test_the_same_id_at_the_same_time_is_one_command(opened: Open) -> None:
    house = await opened()
    done = await asyncio.gather(*(house.ask("ada", PostMessage("Hello"), "x") for _ in range(5)))
    assert len(set(map(repr, done))) == 1
    assert (await house.room()).head == 1


async def test_an_id_is_its_senders_own(opened: Open) -> None:
    house = await opened()
    await house.do("ada", PostMessage("Hello"), "x")
    await house.do("bob", PostMessage("Hi"), "x")
    assert (await house.room()).head == 2


async def test_an_id_does_not_serve_twice(opened: Open) -> None:
    house = await opened()
    await house.do("ada", PostMessage("Hello"), "x")
    again = await house.ask("ada", PostMessage("Something else"), "x")
    assert isinstance(again, Refusal)
    assert again.code == "id_reused"
    await house.reopen()
    again = await house.ask("ada", PostMessage("Something else"), "x")
    assert isinstance(again, Refusal)
    assert again.code == "id_reused"


async def test_after_a_restart_the_same_id_gives_the_same_answer(opened: Open) -> None:
    house = await opened()
    first = await house.do("ada", PostMessage("Hello"), "x")
    tapped = await house.do("ada", AddReaction(ReactionKind.HEART, 3), "y")
    room = await house.reopen()
    assert await house.do("ada", PostMessage("Hello"), "x") == first
    assert await house.do("ada", AddReaction(ReactionKind.HEART, 3), "y") == tapped
    assert room.head == 1
    assert dict(room.state.reactions.items()) == {("heart", "general"): 3}


async def test_an_answer_that_left_memory_is_found_in_the_store(opened: Open) -> None:
    house = await opened(settings=RoomSettings(remembered_keys=2))
    first = await house.do("ada", PostMessage("0"), "x0")
    for n in range(1, 5):
        await house.do("ada", PostMessage(f"{n}"), f"x{n}")
    assert await house.do("ada", PostMessage("0"), "x0") == first


async def test_a_refusal_is_not_remembered(opened: Open) -> None:
    house = await opened(state="draft")
    early = await house.ask("ada", PostMessage("Hello"), "x")
    assert isinstance(early, Refusal)
    await (await house.room()).act(ChangeState(SessionState.LIVE))
    await house.do("ada", PostMessage("Hello"), "x")


async def test_a_caller_who_gives_up_finds_its_answer_later(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    store.gate.clear()
    asking = asyncio.ensure_future(house.ask("ada", PostMessage("Hello"), "x"))
    await all_that_can_happen()
    asking.cancel()
    store.gate.set()
    again = await house.do("ada", PostMessage("Hello"), "x")
    assert again.seq == 1
    assert (await house.room()).head == 1


# --- when the store does not answer


async def test_a_failed_commit_leaves_nothing_and_says_when_to_try_again(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    room = await house.room()
    store.failures.append(StoreUnavailable("planted"))
    refusal = await house.ask("ada", PostMessage("Hello"), "x")
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.retry_after_s) == ("overloaded", 1.0)
    assert (room.head, len(room.state.messages)) == (0, 0)
    assert (await house.do("ada", PostMessage("Hello"), "x")).seq == 1


async def test_a_stale_writer_stops_without_an_ack_and_a_fresh_room_goes_on(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    room = await house.room()
    store.failures.append(StaleWriter("planted"))
    refusal = await house.ask("ada", PostMessage("Hello"), "x")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "overloaded"
    await room.stopped.wait()
    assert not room.is_open
    assert (await house.do("ada", PostMessage("Hello"), "x")).seq == 1
    assert await house.room() is not room


async def test_a_full_queue_refuses_people_but_not_the_server(opened: Open) -> None:
    house, store = await on_slow_store(opened, queue_limit=3)
    store.gate.clear()
    taken = asyncio.ensure_future(house.ask("ada", PostMessage("on its way to disk")))
    await all_that_can_happen()
    queued = [asyncio.ensure_future(house.ask("ada", PostMessage(f"{n}"))) for n in range(3)]
    await all_that_can_happen()
    late = await house.ask("bob", PostMessage("Too late"))
    assert isinstance(late, Refusal)
    assert (late.code, late.retry_after_s) == ("overloaded", 1.0)
    ending = asyncio.ensure_future((await house.room()).act(ChangeState(SessionState.ENDED)))
    store.gate.set()
    outcomes = await asyncio.gather(taken, *queued)
    assert all(isinstance(each, Done) for each in outcomes)
    assert isinstance(await ending, Done)


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


async def test_history_does_not_reach_further_than_it_promises(opened: Open) -> None:
    house = await opened(settings=RoomSettings(resume_events=10, remembered_events=10))
    for n in range(40):
        await house.do("ada", PostMessage(f"{n}"))
    room = await house.reopen()
    within_two_minutes = await room.history(0, 100)
    assert within_two_minutes is not None
    assert len(within_two_minutes) == 40
    house.clock.pass_s(121)
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
