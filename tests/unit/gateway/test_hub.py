"""The fan-out, with connections that are none."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from live.domain.events import Recorded
from live.domain.ids import MessageId, ParticipantId, QuestionId
from live.domain.message_commands import PostMessage, WithdrawMessage
from live.domain.question_commands import AskQuestion, VoteQuestion
from live.domain.session_commands import SayToStaff
from live.gateway.batch import Batch, encoded
from live.gateway.crush import Pace
from live.gateway.hub import PING_EVERY_SWEEPS, SLOW_PATIENCE_S, Hub, HubSettings
from live.gateway.member import IN_FLIGHT
from live.gateway.packets import Packet
from live.gateway.projection import Projection
from live.gateway.rounds import tick_s
from live.ports.gate import Candidate, Opinion
from live.room.settings import RoomSettings
from live.wire.codes import CloseCode
from live.wire.frames import WireEvent
from tests.support.patience import PATIENCE_S
from tests.support.rooms import House, open_house
from tests.support.slow import all_that_can_happen
from tests.support.socket_fake import Client, FakeSocket


class Place:
    """A hub and those who came."""

    def __init__(self, house: House, hub: Hub) -> None:
        self.house = house
        self.hub = hub
        self.emptied = False

    def come(self, name: str) -> FakeSocket:
        socket = FakeSocket(Client())
        self.hub.join(socket, ParticipantId(name), None, 0)
        return socket

    async def comes_back(self, socket: FakeSocket) -> FakeSocket:
        """The same client on another connection."""
        again, since = FakeSocket(socket.client), socket.client.position
        missed = await self.hub.room.history(since, 5_000)
        name = ParticipantId(socket.client.state["you"]["id"] if socket.client.state else "")
        self.hub.join(again, name, missed, since)
        return again

    def go_on(self) -> None:
        """Finish the round that is under way."""
        while self.hub._rounds.under_way:
            self.hub._rounds._slice()

    async def silence(self) -> None:
        """Nothing is pending, and nothing was sent lately."""
        self.flush()
        self.hub._rounds._events_at = 0.0

    async def wait_for_the_test(self) -> None:
        """Nothing more goes out before the test says so."""
        await self.silence()
        self.hub._rounds._events_at = asyncio.get_running_loop().time() + 3600

    def flush(self) -> None:
        """Send what there is."""
        self.hub._rounds._begin()
        self.go_on()

    def sweep(self, times: int = 1) -> None:
        for _ in range(times):
            self.hub._sweep()
            self.flush()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    house = await open_house()
    left: list[Hub] = []
    pace = Pace(house.clock.monotonic)
    hub = Hub(await house.room(), house.clock, HubSettings(digest_key=b"k"), pace, left.append)
    here = Place(house, hub)
    yield here
    here.emptied = bool(left)
    hub.stop(CloseCode.RESTART)
    await house.rooms.close()


class SlowOnes:
    """A gate that has to be waited for with slow lines, and knows the others at once."""

    def at_once(self, candidate: Candidate) -> Opinion | None:
        return None if "slow" in candidate.text else Opinion("pass", "en")

    async def review(self, candidate: Candidate) -> Opinion:
        await asyncio.sleep(0)
        return Opinion("pass", candidate.author_language)


async def test_a_connections_commands_stay_in_order_though_some_need_not_be_waited_for() -> None:
    house = await open_house(gate=SlowOnes())
    await house.do("ada", PostMessage("Good evening"))
    pace = Pace(house.clock.monotonic)
    settings = HubSettings(digest_key=b"k")
    hub = Hub(await house.room(), house.clock, settings, pace, lambda _: None)
    place = Place(house, hub)
    answered = asyncio.Event()
    ada = place.come("ada")
    ada.client.watch = lambda payload: answered.set() if b'"x3"' in payload else None
    for number, text in enumerate(("one", "a slow one", "two", "three")):
        ada.say(id=f"x{number}", type="message.post", data={"text": text})
    async with asyncio.timeout(PATIENCE_S):
        await answered.wait()
    assert [ada.client.answers[f"x{number}"]["seq"] for number in range(4)] == [2, 3, 4, 5]
    hub.stop(CloseCode.RESTART)
    await house.rooms.close()


class Still:
    """A loop in which a round goes on only when the test says so."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.time = loop.time
        self.call_at = loop.call_at

    def call_soon(self, *_: object) -> None:
        """Later."""


@pytest.fixture
def one_at_a_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each connection's turn is a step of its own, and the test's to take."""
    monkeypatch.setattr("live.gateway.rounds.SLICE_S", 0.0)
    monkeypatch.setattr("live.gateway.delivery.PORTION", 1)
    monkeypatch.setattr(place.hub._rounds, "_loop", Still(place.hub._loop))


def texts(socket: FakeSocket) -> list[str | None]:
    """The chat as its client holds it; None where a line was taken away."""
    assert socket.client.failure is None
    assert socket.client.state is not None
    return [each.get("text") for each in socket.client.state["messages"]]


def frames(socket: FakeSocket, kind: str) -> list[tuple[int, int, int]]:
    return [
        (frame["after"], frame["upto"], len(frame["events"]))
        for frame in socket.client.frames
        if frame["t"] == kind
    ]


async def test_the_first_message_after_a_silence_goes_out_at_once(place: Place) -> None:
    ada = place.come("ada")
    await place.silence()
    await place.house.do("mod", PostMessage("Hello"))
    assert frames(ada, "events") == [(0, 1, 1)]


async def test_what_follows_soon_goes_out_together(place: Place) -> None:
    ada = place.come("ada")
    await place.wait_for_the_test()
    for number in range(5):
        await place.house.do("mod", PostMessage(f"Line {number}"))
    assert frames(ada, "events") == []
    place.flush()
    assert frames(ada, "events") == [(0, 5, 5)]


async def test_who_comes_between_two_ticks_gets_the_rest_alone(place: Place) -> None:
    await place.wait_for_the_test()
    ada = place.come("ada")
    await place.house.do("mod", PostMessage("One"))
    bob = place.come("bob")
    await place.house.do("mod", PostMessage("Two"))
    place.flush()
    assert frames(ada, "events") == [(0, 2, 2)]
    assert frames(bob, "events") == [(1, 2, 1)]


async def test_all_of_an_audience_get_the_same_bytes() -> None:
    house = await open_house()
    for number in range(3):
        await house.do("mod", PostMessage(f"Line {number}"))
    room = await house.room()
    recorded = await room.history(0, 10)
    batch = Batch(encoded(Projection(room.state, staff=False).project(recorded or [])), room.head)
    assert batch.after(0) is batch.after(0)
    assert batch.after(2)[0] is not None
    assert batch.after(3) == (None, 3)
    await house.rooms.close()


async def test_a_hole_is_passed_over_by_an_empty_frame(place: Place) -> None:
    ada = place.come("ada")
    await place.house.do("mod", SayToStaff("Between us"))
    place.flush()
    assert frames(ada, "events") == []
    place.sweep(4)
    assert frames(ada, "events") == [(0, 1, 0)]


async def test_ones_own_vote_comes_alone_and_in_step(place: Place) -> None:
    await place.wait_for_the_test()
    ada, tablet, bob = place.come("ada"), place.come("ada"), place.come("bob")
    done = await place.house.do("bob", PostMessage("/q Why?"))
    question = done.result.question_id or QuestionId("")
    await place.house.do("ada", VoteQuestion(question, up=True))
    place.flush()
    upto = place.hub.room.head
    for mine in (ada, tablet):
        assert mine.client.state is not None
        assert mine.client.state["you"]["votes"] == [question]
        assert mine.client.position == upto
    assert bob.client.state is not None
    assert bob.client.state["you"]["votes"] == []
    assert bob.client.position == upto


async def test_a_slow_reader_is_left_out_and_then_skipped_ahead(place: Place) -> None:
    ada, bob = place.come("ada"), place.come("bob")
    ada.clog()
    for number in range(3):
        await place.house.do("mod", PostMessage(f"Line {number}"))
    place.flush()
    assert bob.client.position == 3
    assert ada.client.position == 0
    ada.drain()
    assert ada.client.snapshots == 2
    assert ada.client.position == 3


async def test_a_reader_who_missed_nothing_gets_no_snapshot_for_it(place: Place) -> None:
    ada = place.come("ada")
    ada.clog()
    ada.drain()
    assert ada.client.snapshots == 1


async def test_who_stays_slow_is_closed(place: Place) -> None:
    ada, bob = place.come("ada"), place.come("bob")
    ada.clog()
    place.house.clock.pass_s(SLOW_PATIENCE_S + 1)
    place.sweep()
    assert ada.closed is CloseCode.TOO_SLOW
    assert bob.closed is None


async def test_who_does_not_answer_two_pings_is_gone(place: Place) -> None:
    ada, bob = place.come("ada"), place.come("bob")
    for _ in range(3):
        place.sweep(PING_EVERY_SWEEPS)
        assert bob.peer is not None
        bob.peer.heard()
    assert ada.pings == 2
    assert ada.disconnected
    assert bob.pings == 3
    assert not bob.disconnected
    assert place.hub.present == 1


async def test_who_comes_at_once_is_not_pinged_at_once(place: Place) -> None:
    """Neither after the first coming nor when a blink of the network sends everyone back."""
    for name in ("ada", "bob", "mod") * 20:
        place.come(name).disconnect()
    staying = [place.come(name) for name in ("ada", "bob", "mod") * 20]
    pinged = [0]
    for _ in range(PING_EVERY_SWEEPS):
        place.sweep()
        pinged.append(sum(each.pings for each in staying))
    each_sweep = [later - sooner for sooner, later in itertools.pairwise(pinged)]
    assert each_sweep == [3] * PING_EVERY_SWEEPS


async def test_an_empty_hub_is_given_back(place: Place) -> None:
    emptied: list[Hub] = []
    place.hub._emptied = emptied.append
    place.come("ada").disconnect()
    place.sweep()
    assert emptied == [place.hub]


async def test_a_room_that_moved_sends_its_people_to_the_new_one(place: Place) -> None:
    ada = place.come("ada")
    place.hub.room.stopped.set()
    place.sweep()
    assert ada.closed is CloseCode.MOVED


async def test_nothing_more_is_read_from_who_does_not_read(place: Place) -> None:
    ada = place.come("ada")
    ada.clog()
    clogged = ada.held
    ada.drain()
    assert (clogged, ada.held) == (True, False)


async def test_nothing_more_is_read_from_who_waits_for_too_many_answers(place: Place) -> None:
    mod = place.come("mod")

    for number in range(IN_FLIGHT):
        mod.say(id=f"c{number}", type="staff.say", data={"text": f"{number}"})
    held = mod.held
    await all_that_can_happen()

    assert (held, mod.held) == (True, False)
    assert len(mod.client.answers) == IN_FLIGHT


async def test_a_pulse_that_waits_does_not_delay_a_message(place: Place) -> None:
    ada = place.come("ada")
    await place.silence()
    place.hub._rounds._pulse_at = asyncio.get_running_loop().time() + 3600
    place.come("bob")
    await place.house.do("mod", PostMessage("Hello"))
    assert frames(ada, "events") == [(0, 1, 1)]


class NarrowSocket(FakeSocket):
    """Takes two packets at a time."""

    taken = 0
    narrow = True

    def emit(self, packet: Packet) -> None:
        super().emit(packet)
        self.taken += 1
        if self.narrow and self.taken % 2 == 0 and self.peer is not None:
            self.clog()


async def test_a_long_resume_goes_out_as_fast_as_it_is_read(place: Place) -> None:
    room = place.hub.room
    place.come("bob")  # while somebody is there, the hub stays, however long this takes
    away = place.come("ada")
    away.disconnect()
    for number in range(900):
        await place.house.do("mod", PostMessage(f"Line {number}"))
    missed = await room.history(0, 5_000)
    socket = NarrowSocket(away.client)
    place.hub.join(socket, ParticipantId("ada"), missed, 0)
    stops = 0
    while socket.client.position < room.head:
        assert socket.clogged
        before = socket.taken
        await place.house.do("mod", PostMessage("meanwhile"))
        place.flush()
        assert socket.taken == before
        stops += 1
        socket.drain()
        await asyncio.gather(*place.hub._tasks)
    assert stops >= 2
    assert socket.client.snapshots == 1
    assert socket.client.failure is None
    socket.narrow = False
    socket.drain()
    await asyncio.gather(*place.hub._tasks)
    await place.house.do("mod", PostMessage("live again"))
    place.flush()
    assert socket.client.position == room.head
    assert socket.client.snapshots == 1


async def test_who_comes_back_for_the_same_is_told_what_was_composed_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.come("host")  # who stays, or the hub would be given back after a second
    away = [place.come(name) for name in ("ada", "bob", "bob")]
    for socket in away:
        socket.disconnect()
    done = await place.house.do("mod", PostMessage("Line 0"))
    for number in range(1, 40):
        await place.house.do("mod", PostMessage(f"Line {number}"))
    composed: list[int] = []
    compose = Projection.event

    def event(projection: Projection, recorded: Recorded) -> WireEvent | None:
        composed.append(recorded.seq)
        return compose(projection, recorded)

    monkeypatch.setattr(Projection, "event", event)
    ada, bob = [await place.comes_back(socket) for socket in away[:2]]
    assert composed == list(range(1, 41)), "for the first of them, and no second time"
    assert texts(ada) == texts(bob) == [f"Line {number}" for number in range(40)]

    await place.house.do("mod", WithdrawMessage(MessageId(done.result.message_id or "")))
    late = await place.comes_back(away[2])
    assert texts(late) == [None, *(f"Line {number}" for number in range(1, 40))]


@pytest.mark.usefixtures("one_at_a_time")
async def test_a_round_that_takes_long_lets_others_come_in_between(place: Place) -> None:
    ada, bob = place.come("ada"), place.come("bob")
    await place.wait_for_the_test()
    await place.house.do("mod", PostMessage("One"))
    place.hub._rounds._begin()
    told = [each for each in (ada, bob) if each.client.position == 1]
    assert len(told) == 1
    late = place.come("mod")
    (waiting,) = {ada, bob} - set(told)
    waiting.clog()
    await place.house.do("mod", PostMessage("Two"))
    while place.hub._rounds.under_way:
        place.hub._rounds._slice()
    assert [each.client.position for each in (*told, waiting, late)] == [1, 0, 1]
    waiting.drain()
    assert waiting.client.snapshots == 2
    place.flush()
    assert {each.client.position for each in (ada, bob, late)} == {2}
    assert late.client.snapshots == 1


@pytest.mark.usefixtures("one_at_a_time")
async def test_whose_turn_comes_later_in_a_round_is_sent_what_came_meanwhile(place: Place) -> None:
    readers = [place.come("ada"), place.come("bob")]
    await place.wait_for_the_test()
    await place.house.do("mod", PostMessage("One"))
    place.hub._rounds._begin()
    first, second = sorted(readers, key=lambda each: -each.client.position)
    await place.house.do("mod", PostMessage("Two"))
    place.go_on()
    assert frames(first, "events") == [(0, 1, 1)]
    assert frames(second, "events") == [(0, 2, 2)]
    place.flush()
    assert frames(first, "events") == [(0, 1, 1), (1, 2, 1)]
    assert frames(second, "events") == [(0, 2, 2)]


@pytest.mark.usefixtures("one_at_a_time")
async def test_what_is_removed_during_a_round_is_not_said_to_those_who_wait(place: Place) -> None:
    readers = [place.come("ada"), place.come("bob")]
    await place.wait_for_the_test()
    done = await place.house.do("mod", PostMessage("Regrettable"))
    place.hub._rounds._begin()
    first, second = sorted(readers, key=lambda each: -each.client.position)
    assert done.result.message_id is not None
    await place.house.do("mod", WithdrawMessage(done.result.message_id))
    place.go_on()
    assert "Regrettable" in str(first.client.frames)
    assert "Regrettable" not in str(second.client.frames)
    place.flush()
    assert [each.client.position for each in readers] == [place.hub.room.head] * 2


@pytest.mark.usefixtures("one_at_a_time")
async def test_who_is_told_so_late_that_a_message_left_memory_is_skipped_ahead() -> None:
    house = await open_house(settings=RoomSettings(gather_s=0, window=20))
    pace = Pace(house.clock.monotonic)
    hub = Hub(await house.room(), house.clock, HubSettings(digest_key=b"k"), pace, lambda _: None)
    place = Place(house, hub)
    readers = [place.come("ada"), place.come("bob")]
    said = [(await house.do("mod", PostMessage(f"line {n}"))).result for n in range(5)]
    place.flush()
    await place.wait_for_the_test()
    for each in (said[0], said[1]):
        assert each.message_id is not None
        await house.do("mod", WithdrawMessage(each.message_id))
    for number in range(60):
        await house.do("mod", PostMessage(f"later {number}"))
    assert MessageId(said[0].message_id or "") not in hub.room.state.messages
    place.flush()
    for reader in readers:
        assert reader.client.failure is None
        assert reader.client.position == hub.room.head
        told = str(reader.client.frames)
        assert told.count("message.removed") == 2 or "'t': 'snapshot'" in told, "told neither way"
    hub.stop(CloseCode.RESTART)
    await house.rooms.close()


@pytest.mark.usefixtures("one_at_a_time")
async def test_what_concerns_one_alone_reaches_them_in_the_same_turn(place: Place) -> None:
    ada, bob = place.come("ada"), place.come("bob")
    asked = (await place.house.do("mod", AskQuestion("Why?"))).result.question_id
    assert asked is not None
    await place.wait_for_the_test()
    await place.house.do("mod", PostMessage("One"))
    place.hub._rounds._begin()
    await place.house.do("ada", VoteQuestion(asked, up=True))
    await place.house.do("bob", VoteQuestion(asked, up=True))
    place.go_on()
    place.flush()
    for each in (ada, bob):
        votes = [
            e["data"] for f in each.client.frames for e in f.get("events", ()) if "up" in e["data"]
        ]
        assert len(votes) == 1
        assert each.client.position == place.hub.room.head


@pytest.mark.parametrize(
    ("took_ms", "tick_ms"), [(0.1, 25), (2, 25), (5, 60), (8, 96), (20, 100), (95, 100)]
)
def test_the_tick_stretches_with_the_audience_as_far_as_nobody_feels_it(
    took_ms: float, tick_ms: float
) -> None:
    assert tick_s(took_ms / 1000) == pytest.approx(tick_ms / 1000)


@pytest.mark.usefixtures("one_at_a_time")
async def test_pings_wait_for_a_round_that_is_under_way_but_not_for_ever(place: Place) -> None:
    readers = [place.come("ada"), place.come("bob")]
    await place.wait_for_the_test()
    await place.house.do("mod", PostMessage("One"))
    sweeps = place.hub._sweeps
    place.hub._rounds._begin()
    place.hub._sweep()
    assert place.hub._sweeps == sweeps
    for _ in range(10):
        place.hub._sweep()
    assert place.hub._sweeps > sweeps
    place.go_on()
    assert [each.client.position for each in readers] == [1, 1]


async def test_among_many_how_many_are_here_is_told_every_third_sweep(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.gateway.pulse._MANY", 2)
    ada = place.come("ada")
    place.flush()
    place.come("bob")
    told = []
    for _ in range(3):
        place.hub._rounds._pulse_at = 0.0
        place.sweep()
        told.append(ada.client.pulse and ada.client.pulse["present"])
    assert told == [1, 1, 2]


async def test_before_a_large_audience_what_is_said_is_heard_together_and_in_order(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.gateway.intake.FEW", 1)
    monkeypatch.setattr("live.gateway.intake.LONGEST_S", 3600.0)
    monkeypatch.setattr("live.gateway.intake.SHARE_S", 3600.0)
    ada, bob, mod = place.come("ada"), place.come("bob"), place.come("mod")
    ada.say(id="first", type="message.post", data={"text": "One"})
    bob.say(id="second", type="message.post", data={"text": "Two"})
    ada.say(id="third", type="message.post", data={"text": "Three"})
    assert bob.peer is not None
    bob.peer.binary(b"no text")
    mod.say(id="team", type="message.post", data={"text": "Now"})
    bob.disconnect()
    await all_that_can_happen()
    assert "team" in mod.client.answers, "the team waits for nobody"
    assert bob.client.answers == {}

    place.hub.intake.open()
    await all_that_can_happen()
    place.flush()
    assert [each for each in texts(ada) if each != "Now"] == ["One", "Two", "Three"]
    assert ada.client.answers.keys() == {"first", "third"}
