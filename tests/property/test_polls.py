"""Whatever order ballots, closes, moves, erasures and restarts come in: the tallies are what one
gets by counting people, one after the other."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from live.domain.ballot_box import ANSWERED, BallotBox
from live.domain.ids import ParticipantId, PollId
from live.domain.people import Role
from live.domain.people_commands import EraseParticipant, PlacePerson
from live.domain.poll import PollBallot, PollStatus
from live.domain.poll_commands import AnswerPoll, ClosePoll, OpenPoll
from live.room.keys import Done
from live.room.settings import RoomSettings
from tests.support.polls import draft, question
from tests.support.rooms import open_house, person

PEOPLE = ("ada", "bob", "cyd", "dan")
SEGMENTS = ("general", "customer", "prospect")

people = st.sampled_from(PEOPLE)
answers = st.tuples(st.just("answer"), people, st.sampled_from(("1", "2", "3", "9")))
moves = st.tuples(st.just("move"), people, st.sampled_from(SEGMENTS))
erasures = st.tuples(st.just("erase"), people, st.just(""))
others = st.sampled_from([("restart", "", ""), ("tally", "", ""), ("close", "", "")])
steps = st.lists(st.one_of(answers, answers, answers, moves, erasures, others), max_size=25)


@settings(max_examples=30)
@given(steps)
def test_tallies_are_a_naive_count(drawn: list[tuple[str, str, str]]) -> None:
    asyncio.run(_counted(drawn))


async def _counted(drawn: list[tuple[str, str, str]]) -> None:
    house = await open_house(
        *map(person, PEOPLE), person("mod", Role.MODERATOR), settings=RoomSettings(gather_s=0)
    )
    three = draft(question("Which?", "a", "b", "c"))
    poll_id = (await house.do("mod", OpenPoll(three))).result.poll_id or PollId("")
    ballots: dict[str, tuple[str, str]] = {}
    segments = dict.fromkeys(PEOPLE, "general")
    erased: set[str] = set()
    is_open = True
    for act, who, what in drawn:
        room = await house.room()
        if act == "answer":
            done = isinstance(await house.ask(who, AnswerPoll(poll_id, (what,))), Done)
            assert done == (is_open and what != "9" and who not in erased)
            if done:
                ballots[who] = (segments[who], what)
        elif act == "move" and who not in erased:
            await house.do("mod", PlacePerson(ParticipantId(who), what))
            segments[who] = what
        elif act == "erase":
            await room.act(EraseParticipant(ParticipantId(who)))
            erased.add(who)
        elif act == "restart":
            await house.reopen()
        elif act == "tally":
            house.clock.pass_s(1.0)
            await room.settle()
        elif act == "close":
            await house.do("mod", ClosePoll(poll_id))
            is_open = False
    state = (await house.reopen()).state
    await (await house.room()).settle()
    poll = state.polls[poll_id]
    assert (poll.status is PollStatus.OPEN) == is_open
    told = {
        (each.segment, option): count
        for each in poll.tally.cohorts
        for option, count in zip(("1", "2", "3"), each.counts, strict=True)
        if count
    }
    assert told == Counter(ballots.values())
    assert poll.tally.answered == len(ballots)
    await house.rooms.close()


ballots = st.builds(
    PollBallot,
    st.sampled_from((PollId("p"), PollId("q"))),
    st.sampled_from([ParticipantId(each) for each in PEOPLE]),
    st.lists(st.sampled_from(("1", "2")), unique=True).map(tuple),
    st.sampled_from(SEGMENTS),
    st.just("en"),
)


@given(st.lists(ballots), st.lists(ballots))
def test_a_layer_of_the_box_shows_what_a_copy_would(
    before: list[PollBallot], drafted: list[PollBallot]
) -> None:
    box, model = BallotBox(), dict[tuple[PollId, ParticipantId], PollBallot]()
    for each in before:
        box.put(each)
        model[each.poll_id, each.participant_id] = each
    untouched = dict(model)
    layer = box.fork()
    for each in drafted:
        layer.put(each)
        model[each.poll_id, each.participant_id] = each
    _same(layer, model)
    _same(box, untouched)
    box.absorb(layer)
    _same(box, model)


def _same(box: BallotBox, model: dict[tuple[PollId, ParticipantId], PollBallot]) -> None:
    for poll_id in (PollId("p"), PollId("q")):
        mine = {who: each for (poll, who), each in model.items() if poll == poll_id}
        assert {each.participant_id: each for each in box.of_poll(poll_id)} == mine
        counted: Counter[tuple[str, str]] = Counter()
        for each in mine.values():
            counted.update((each.segment, choice) for choice in (ANSWERED, *each.choices))
        told = Counter(
            {
                (segment, choice): count
                for (segment, _), of_one in box.counts(poll_id).items()
                for choice, count in of_one.items()
            }
        )
        assert +told == counted
    for person_id in map(ParticipantId, PEOPLE):
        of_one = [each for (_, who), each in sorted(model.items()) if who == person_id]
        assert box.of_person(person_id) == of_one
