"""A draft shows what a copy would show, and absorbing it makes the copy true."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from live.domain.ids import ParticipantId, QuestionId
from live.domain.tables import Ballots, Table, Trail

keys = st.integers(0, 5)
writes = st.lists(st.tuples(keys, st.one_of(st.none(), st.integers())))


def _write(
    table: Table[int, int], model: dict[int, int], some: list[tuple[int, int | None]]
) -> None:
    for key, value in some:
        if value is None:
            table.discard(key)
            model.pop(key, None)
        else:
            table[key] = value
            model[key] = value


@given(writes, writes, writes)
def test_a_table_and_its_layer_behave_as_mappings(
    before: list[tuple[int, int | None]],
    drafted: list[tuple[int, int | None]],
    later: list[tuple[int, int | None]],
) -> None:
    table: Table[int, int] = Table()
    model: dict[int, int] = {}
    _write(table, model, before)
    untouched = dict(model)
    for some in (drafted, later):
        draft = table.fork()
        _write(draft, model, some)
        assert dict(draft.items()) == model
        assert len(draft) == len(model)
        assert all((key in draft) == (key in model) for key in range(6))
        assert dict(table.items()) == untouched
        table.absorb(draft)
        assert dict(table.items()) == model
        untouched = dict(model)


@given(st.lists(st.integers()), st.lists(st.integers()), st.integers(0, 12))
def test_a_trail_shows_the_latest_across_its_layer(
    before: list[int], drafted: list[int], count: int
) -> None:
    trail: Trail[int] = Trail()
    for each in before:
        trail.append(each)
    draft = trail.fork()
    for each in drafted:
        draft.append(each)
    expected = (before + drafted)[-count:] if count else []
    assert draft.latest(count) == expected
    assert len(draft) == len(before) + len(drafted)
    trail.absorb(draft)
    assert trail.latest(count) == expected


casts = st.lists(st.tuples(st.sampled_from("qr"), st.sampled_from("abc"), st.booleans()))


@given(casts, casts)
def test_ballots_count_distinct_people(
    before: list[tuple[str, str, bool]], drafted: list[tuple[str, str, bool]]
) -> None:
    model: set[tuple[str, str]] = set()
    ballots = Ballots()
    for some in (before, drafted):
        draft = ballots.fork()
        for question, person, up in some:
            draft.cast(QuestionId(question), ParticipantId(person), up=up)
            (model.add if up else model.discard)((question, person))
        _same(draft, model)
        ballots.absorb(draft)
        _same(ballots, model)


def _same(ballots: Ballots, model: set[tuple[str, str]]) -> None:
    for question in ("q", "r"):
        voters = {person for asked, person in model if asked == question}
        assert ballots.voters(QuestionId(question)) == voters
        assert ballots.count(QuestionId(question)) == len(voters)
    for person in ("a", "b", "c"):
        mine = {asked for asked, voter in model if voter == person}
        assert ballots.of(ParticipantId(person)) == mine
