"""A poll as each connection is told of it: nothing of other cohorts', nothing before it is shown,
nobody's answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from live.domain.ids import ParticipantId, PollId
from live.domain.people import Role
from live.domain.people_commands import PlacePerson
from live.domain.poll import PollKind, Results
from live.domain.poll_commands import (
    AnswerPoll,
    ClosePoll,
    DraftPoll,
    DraftQuestion,
    JudgeWord,
    OpenPoll,
    RevealPoll,
    ShowPoll,
    WithdrawPoll,
)
from live.gateway.crush import Pace
from live.gateway.hub import Hub, HubSettings
from live.wire.codes import CloseCode
from tests.support.histories import SpamGate
from tests.support.polls import draft, question
from tests.support.rooms import House, open_house, person
from tests.support.socket_fake import Client, FakeSocket, Json

CUSTOMERS = [f"customer-{number}" for number in range(12)]
PROSPECTS = [f"prospect-{number}" for number in range(7)]
GENERAL = ["general-0", "general-1"]


class Show:
    """Customers, prospects, two others and a moderator, each with a connection."""

    def __init__(self, house: House, hub: Hub) -> None:
        self.house = house
        self.hub = hub
        self.clients: dict[str, Client] = {}

    def come(self, name: str) -> Client:
        client = self.clients[name] = Client()
        self.hub.join(FakeSocket(client), ParticipantId(name), None, 0)
        return client

    def flush(self) -> None:
        self.hub._rounds._begin()
        while self.hub._rounds.under_way:
            self.hub._rounds._slice()

    async def open(self, poll: DraftPoll) -> PollId:
        done = await self.house.do("mod", OpenPoll(poll))
        self.flush()
        return done.result.poll_id or PollId("")

    async def answer(self, who: str, poll_id: PollId, *choices: str) -> None:
        await self.house.do(who, AnswerPoll(poll_id, choices))

    async def settle(self) -> None:
        self.house.clock.pass_s(1.0)
        await (await self.house.room()).settle()
        self.flush()

    def polls(self, name: str) -> list[Json]:
        state = self.clients[name].state
        assert state is not None
        found: list[Json] = state["polls"]
        return found

    def told(self, name: str) -> str:
        """Everything that ever came over this connection."""
        return json.dumps(self.clients[name].frames, ensure_ascii=False)


@pytest.fixture
async def show() -> AsyncIterator[Show]:
    people = [
        person(name, segment=name.partition("-")[0]) for name in (*CUSTOMERS, *PROSPECTS, *GENERAL)
    ]
    house = await open_house(*people, person("mod", Role.MODERATOR), gate=SpamGate())
    pace = Pace(house.clock.monotonic)
    hub = Hub(await house.room(), house.clock, HubSettings(digest_key=b"k"), pace, lambda _: None)
    here = Show(house, hub)
    for each in (*people, person("mod")):
        here.come(each.id)
    here.flush()
    yield here
    hub.stop(CloseCode.RESTART)
    await house.rooms.close()
    for client in here.clients.values():
        if client.failure is not None:
            raise client.failure


async def test_a_poll_for_one_segment_leaves_no_trace_with_the_others(show: Show) -> None:
    poll_id = await show.open(draft(question("For customers", segment="customer")))
    await show.answer("customer-0", poll_id, "1")
    await show.settle()
    await show.house.do("mod", ClosePoll(poll_id))
    await show.settle()
    assert show.polls("customer-1")[0]["tally"]["counts"] == {"1": 1, "2": 0}
    assert show.polls("customer-1")[0]["status"] == "closed"
    for name in ("prospect-0", "general-0"):
        assert poll_id not in show.told(name)
        assert '"poll.' not in show.told(name)
        assert show.polls(name) == []
    refusal = await show.house.refused("prospect-0", AnswerPoll(poll_id, ("1",)))
    assert refusal.code == "not_found"


async def test_hidden_results_are_in_no_payload_until_they_are_shown(show: Show) -> None:
    poll_id = await show.open(draft(results=Results.REVEALED))
    for name in CUSTOMERS:
        await show.answer(name, poll_id, "2")
    await show.settle()
    await show.house.do("mod", ClosePoll(poll_id))
    await show.settle()
    late = show.come("general-0")
    for name in ("customer-0", "prospect-0", "general-0"):
        assert "tally" not in show.told(name)
    assert late.state is not None
    assert show.polls("mod")[0]["tally"]["counts"] == {"1": 0, "2": 12}
    await show.house.do("mod", RevealPoll(poll_id))
    show.flush()
    tallies = {json.dumps(show.polls(name)[0]["tally"]) for name in ("customer-0", "prospect-0")}
    assert tallies == {'{"answered": 12, "counts": {"1": 0, "2": 12}}'}


async def test_the_right_answer_of_a_quiz_comes_with_its_end(show: Show) -> None:
    poll_id = await show.open(draft(kind=PollKind.QUIZ, right=("2",)))
    await show.answer("customer-0", poll_id, "2")
    await show.settle()
    assert '"right"' not in show.told("customer-0")
    assert show.polls("mod")[0]["right"] == ["2"]
    await show.house.do("mod", ClosePoll(poll_id))
    show.flush()
    assert show.polls("customer-0")[0]["right"] == ["2"]
    state = show.clients["customer-0"].state
    assert state is not None
    assert state["you"]["ballots"] == [{"poll_id": poll_id, "choices": ["2"]}]


async def test_of_a_ballot_only_who_cast_it_is_told(show: Show) -> None:
    for named in (False, True):
        poll_id = await show.open(draft(named=named))
        await show.answer("customer-0", poll_id, "1")
        await show.settle()
        assert '"poll.answered"' in show.told("customer-0")
        for name in ("customer-1", "prospect-0", "mod"):
            assert '"poll.answered"' not in show.told(name)
            assert "customer-0" not in show.told(name)


async def test_a_newcomer_and_who_changes_sides_hold_what_their_cohort_has(show: Show) -> None:
    all_of_them = await show.open(draft())
    customers = await show.open(draft(question("For customers", segment="customer")))
    await show.answer("customer-0", customers, "1")
    await show.house.do("mod", PlacePerson(ParticipantId("customer-0"), "prospect"))
    show.flush()
    assert [each["id"] for each in show.polls("customer-0")] == [all_of_them]
    before = len(show.clients["customer-0"].frames)
    await show.answer("customer-1", customers, "1")
    await show.settle()
    assert customers not in json.dumps(show.clients["customer-0"].frames[before:])
    assert show.polls("mod")[1]["tally"]["counts"] == {"1": 2, "2": 0}, "what was cast counts"
    sent = show.polls("customer-1")
    show.come("customer-1")
    assert show.polls("customer-1") == sent


async def test_the_team_reads_parts_of_it_but_none_of_a_few_people(show: Show) -> None:
    poll_id = await show.open(draft())
    for name in CUSTOMERS:
        await show.answer(name, poll_id, "1" if name < "customer-2" else "2")
    for name in PROSPECTS:
        await show.answer(name, poll_id, "1")
    for name in GENERAL:
        await show.answer(name, poll_id, "1")
    await show.settle()
    tally = show.polls("mod")[0]["tally"]
    ones = sum(name < "customer-2" for name in CUSTOMERS)
    assert tally["counts"] == {"1": ones + 9, "2": 12 - ones}
    parts = {each["name"]: each for each in tally["split"]["segments"]}
    # Two others chose the first option: not told, nor is what would give it away by subtraction.
    assert parts["general"]["counts"] == {"1": None, "2": 0}
    told = [part["counts"]["1"] for part in parts.values()]
    assert told.count(None) >= 2
    hidden = tally["counts"]["1"] - sum(count or 0 for count in told)
    assert hidden >= 5
    assert all(
        part["answered"] is None for part in parts.values() if None in part["counts"].values()
    )
    assert "split" not in show.told("customer-0")


async def test_put_away_it_leaves_the_pages_and_comes_back_withdrawn_it_does_not(
    show: Show,
) -> None:
    poll_id = await show.open(draft())
    await show.answer("customer-0", poll_id, "1")
    await show.house.do("mod", ClosePoll(poll_id))
    await show.house.do("mod", ShowPoll(poll_id, on=False))
    show.flush()
    assert show.polls("customer-0") == []
    assert [each["shown"] for each in show.polls("mod")] == [False]
    await show.house.do("mod", ShowPoll(poll_id, on=True))
    show.flush()
    assert show.polls("customer-0")[0]["tally"]["answered"] == 1
    await show.house.do("mod", WithdrawPoll(poll_id))
    show.flush()
    assert {len(show.polls(name)) for name in show.clients} == {0}


async def test_words_go_before_the_team_first_where_the_gate_wants_it(show: Show) -> None:
    poll_id = await show.open(draft(DraftQuestion("In a word?"), kind=PollKind.WORDS))
    await show.answer("customer-0", poll_id, "warm")
    await show.answer("customer-1", poll_id, "Warm")
    await show.answer("customer-2", poll_id, "spam")
    await show.settle()
    words = [{"word": "Warm", "count": 2}]
    assert show.polls("prospect-0")[0]["tally"] == {"answered": 3, "counts": {}, "words": words}
    assert "spam" not in show.told("prospect-0")
    waiting = {"word": "spam", "count": 1, "status": "waiting"}
    told = show.polls("mod")[0]["tally"]["words"]
    assert told == [{**words[0], "status": "shown"}, waiting]
    await show.house.do("mod", JudgeWord(poll_id, "Spam", shown=True))
    await show.settle()
    words.append({"word": "spam", "count": 1})
    assert show.polls("prospect-0")[0]["tally"]["words"] == words
