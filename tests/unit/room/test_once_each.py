"""Each command takes effect once, whatever fails and whoever gives up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from live.domain.ids import ParticipantId
from live.domain.message_commands import PostMessage
from live.domain.outcome import Refusal
from live.domain.session import SessionState
from live.domain.session_commands import AddReaction, ChangeState, ReactionKind
from live.ports.gate import Candidate, Opinion
from live.ports.store import StaleWriter, StoreUnavailable
from live.room.crowd import FEW
from live.room.keys import Done
from live.room.settings import RoomSettings
from live.room.step import Outcome
from live.room.surface import AnyRoom
from tests.support.rooms import House, digest_of, person
from tests.support.slow import Open, all_that_can_happen, on_slow_store

ADA = ParticipantId("ada")

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


def take(room: AnyRoom, text: str, command_id: str, told: Callable[[Outcome], None]) -> bool:
    command = PostMessage(text)
    return room.take(ADA, command_id, digest_of(command), command, told)


async def known(house: House) -> AnyRoom:
    """The room, once it knows all that Ada ever asked for."""
    await house.do("ada", PostMessage("Good evening"))
    return await house.room()


async def test_what_need_not_be_waited_for_is_taken_at_once_and_told_after_its_commit(
    opened: Open,
) -> None:
    house, store = await on_slow_store(opened)
    room = await known(house)
    told: list[Outcome] = []
    store.gate.clear()
    assert take(room, "Hello", "x", told.append)
    await all_that_can_happen()
    assert told == []
    store.gate.set()
    await all_that_can_happen()
    assert told == [await house.do("ada", PostMessage("Hello"), "x")]
    assert room.head == 2


async def test_what_was_done_or_is_under_way_is_not_taken_again(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    room = await known(house)
    told: list[Outcome] = []
    store.gate.clear()
    assert take(room, "Hello", "x", told.append)
    assert not take(room, "Hello", "x", told.append)
    store.gate.set()
    await all_that_can_happen()
    assert not take(room, "Hello", "x", told.append)
    assert len(told) == 1
    fresh = await house.reopen()
    assert not take(fresh, "Hello", "x", told.append)  # the store has to be asked


async def test_nothing_is_taken_past_what_the_same_person_said_before(opened: Open) -> None:
    gate = Waiting()
    house = await opened(gate=gate, settings=RoomSettings(gate_deadline_s=30.0))
    room = await house.room()
    slow = asyncio.ensure_future(house.ask("ada", PostMessage("a slow one")))
    await all_that_can_happen()
    told: list[Outcome] = []
    assert not take(room, "a quick one", "x", told.append)
    gate.open.set()
    await slow
    assert take(room, "a quick one", "x", told.append)
    await all_that_can_happen()
    assert [each.seq for each in told if isinstance(each, Done)] == [2]


class Waiting:
    """Knows at once what to think of all but slow lines, and fails at others."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    def at_once(self, candidate: Candidate) -> Opinion | None:
        if "broken" in candidate.text:
            raise ValueError(candidate.kind)
        return None if "slow" in candidate.text else Opinion("pass", "en")

    async def review(self, candidate: Candidate) -> Opinion:
        await self.open.wait()
        return Opinion("pass", candidate.author_language)


async def test_what_is_refused_at_once_is_told_at_once(opened: Open) -> None:
    house = await opened(gate=Waiting())
    room = await known(house)
    told: list[Outcome] = []
    assert take(room, " ", "x", told.append)
    assert [each.code for each in told if isinstance(each, Refusal)] == ["empty"]
    assert take(room, "Hello", "x", told.append)  # refusals are not remembered


async def test_a_gate_that_fails_at_once_has_the_line_held(opened: Open) -> None:
    house = await opened(gate=Waiting())
    done = await house.do("ada", PostMessage("a broken one"))
    assert done.result.status == "pending"


async def test_who_fails_to_hear_an_outcome_keeps_it_from_nobody(opened: Open) -> None:
    house = await opened()
    room = await known(house)
    told: list[Outcome] = []

    def fails(outcome: Outcome) -> None:
        raise ValueError(outcome)

    assert take(room, "one", "x", fails)
    assert take(room, "two", "y", told.append)
    await all_that_can_happen()
    assert [each.seq for each in told if isinstance(each, Done)] == [3]


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


async def test_after_a_restart_one_look_tells_all_that_someone_had_done(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    done = [await house.do("ada", PostMessage(f"{n}"), f"before-{n}") for n in range(5)]
    await house.reopen()
    store.looks_for_keys = 0

    again = [house.do("ada", PostMessage(f"{n}"), f"before-{n}") for n in range(5)]
    new = [house.do("ada", PostMessage(f"new {n}")) for n in range(5)]

    assert (await asyncio.gather(*again, *new))[:5] == done
    assert store.looks_for_keys == 1


async def test_too_many_commands_to_be_remembered_are_looked_for_one_by_one(opened: Open) -> None:
    house, store = await on_slow_store(opened, remembered_keys=3)
    done = [await house.do("ada", PostMessage(f"{n}"), f"before-{n}") for n in range(5)]
    await house.reopen()
    store.looks_for_keys = 0

    for n in range(5):
        assert await house.do("ada", PostMessage(f"{n}"), f"before-{n}") == done[n]
    assert store.looks_for_keys == 1 + 5


async def test_the_first_to_speak_after_a_restart_has_everyone_here_looked_up(
    opened: Open,
) -> None:
    house, store = await on_slow_store(opened)
    first = {name: await house.do(name, PostMessage("Hello"), "x") for name in ("ada", "bob")}
    room = await house.reopen()
    for name in ("ada", "bob"):
        room.crowd.came(ParticipantId(name))
    store.looks_for_keys = 0

    await house.do("ada", PostMessage("Hello again"), "y")
    again = {name: await house.do(name, PostMessage("Hello"), "x") for name in first}

    assert again == first
    assert store.looks_for_keys == 1


async def test_who_is_left_out_where_others_said_much_is_looked_up_alone(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    taps = (house.do("ada", AddReaction(ReactionKind.HEART, 1), f"a{n}") for n in range(1_001))
    await asyncio.gather(*taps)
    last = await house.do("bob", PostMessage("Hello"), "x")
    room = await house.reopen()
    for name in ("ada", "bob"):
        room.crowd.came(ParticipantId(name))
    store.looks_for_keys = 0

    assert await house.do("bob", PostMessage("Hello"), "x") == last
    assert store.looks_for_keys == 2
    await house.do("ada", AddReaction(ReactionKind.HEART, 1), "a7")
    assert dict(room.state.reactions.items()) == {("heart", "general"): 1_001}


# --- taps in company


async def test_taps_wait_for_each_other_and_share_a_batch(opened: Open) -> None:
    house, store = await on_slow_store(opened, gather_s=0.05)
    taps = (house.ask("ada", AddReaction(ReactionKind.HEART, 2), f"t{n}") for n in range(20))

    done = await asyncio.gather(*taps)

    assert all(isinstance(each, Done) and each.seq is None for each in done)
    assert [dict(batch.reactions) for batch in store.batches] == [{("heart", "general"): 40}]
    assert len(store.batches[0].keys) == 20


async def test_taps_that_wait_go_with_whatever_else_is_asked_and_keep_their_order(
    opened: Open,
) -> None:
    house, store = await on_slow_store(opened, gather_s=3600.0)
    tapping = asyncio.ensure_future(house.ask("ada", AddReaction(ReactionKind.HEART, 1), "t"))
    await all_that_can_happen()
    assert store.batches == []

    await house.do("ada", PostMessage("Hello"), "x")

    assert isinstance(await tapping, Done)
    assert [[key.command_id for key in batch.keys] for batch in store.batches] == [["t", "x"]]


async def test_taps_that_wait_are_done_before_a_room_closes(opened: Open) -> None:
    house, store = await on_slow_store(opened, gather_s=3600.0)
    tapping = asyncio.ensure_future(house.ask("ada", AddReaction(ReactionKind.HEART, 1), "t"))
    await all_that_can_happen()

    await house.rooms.close()

    assert isinstance(await tapping, Done)
    assert len(store.batches) == 1


async def test_taps_beyond_the_queue_are_refused_while_they_gather(opened: Open) -> None:
    house, _ = await on_slow_store(opened, gather_s=3600.0, queue_limit=3)
    taps = [
        asyncio.ensure_future(house.ask("ada", AddReaction(ReactionKind.HEART, 1), f"t{n}"))
        for n in range(4)
    ]
    await all_that_can_happen()

    refused = taps[3].result()

    assert isinstance(refused, Refusal)
    assert refused.code == "overloaded"
    await house.rooms.close()
    assert all(isinstance(each, Done) for each in await asyncio.gather(*taps[:3]))


class Counting:
    """Lets everything pass; how many lines were there at once, at most."""

    def __init__(self) -> None:
        self.here = self.most = 0

    async def review(self, candidate: Candidate) -> Opinion:
        self.here += 1
        self.most = max(self.most, self.here)
        await asyncio.sleep(0)
        self.here -= 1
        return Opinion(outcome="pass", language=candidate.author_language)


async def test_lines_that_are_at_the_gate_together_are_one_commit(opened: Open) -> None:
    house, store = await on_slow_store(opened)
    gate = house.gate = Counting()
    await house.reopen()
    room = await house.room()
    for number in range(FEW):
        await house.admit(person(f"p{number}"))
        room.crowd.came(person(f"p{number}").id)
    asks = [
        asyncio.ensure_future(house.ask(f"p{number}", PostMessage(f"{number}")))
        for number in range(6)
    ]
    await asyncio.gather(*asks)
    assert gate.most == 6
    assert [len(batch.events) for batch in store.batches] == [6]
