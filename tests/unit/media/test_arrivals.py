"""Telling a publisher when each of its packets came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.media.arrivals import FEEDBACK_INTERVAL_S, JUMP_LIMIT, PENDING_LIMIT, SPAN_LIMIT, Arrivals
from tests.support.feedback import read_feedback

steps = st.lists(
    st.tuples(st.integers(1, 40), st.floats(0, 0.2), st.floats(-0.05, 0.05)),
    min_size=1,
    max_size=120,
)


@given(steps, st.integers(0, 0xFFFF), st.integers(1, 60))
def test_every_arrival_is_told_once_with_its_time_and_every_hole_once(
    scripted: list[tuple[int, float, float]], first: int, batch: int
) -> None:
    arrivals, now, number = Arrivals(), 1_000.0, first
    told: dict[int, float] = {}
    covered: list[int] = []
    came: dict[int, float] = {}
    for index, (step, pause, jitter) in enumerate(scripted):
        came[number & 0xFFFF] = now + jitter
        arrivals.note(number & 0xFFFF, now + jitter)
        number += step
        now += pause
        if index % batch == 0 or index == len(scripted) - 1:
            for packet in arrivals.reports(1, 2):
                report = read_feedback(packet)
                assert not told.keys() & report.arrivals.keys()
                told |= report.arrivals
                covered += [(report.base + i) & 0xFFFF for i in range(report.count)]
    assert told.keys() == came.keys()
    assert len(covered) == len(set(covered))
    for sequence, at_s in came.items():
        assert told[sequence] == pytest.approx(at_s, abs=0.0003)


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.floats(0, 1e6)), max_size=400))
def test_whatever_numbers_come_the_reports_can_be_read(noted: list[tuple[int, float]]) -> None:
    arrivals = Arrivals()
    for number, at_s in noted:
        arrivals.note(number, at_s)
    for packet in arrivals.reports(1, 2):
        assert len(read_feedback(packet).arrivals) <= 300
        assert len(packet) < 1_400
    assert arrivals.reports(1, 2) == []


def test_a_packet_that_comes_late_is_told_in_a_report_of_its_own() -> None:
    arrivals = Arrivals()
    for number in (65_534, 0):
        arrivals.note(number, 5.0)
    (first,) = map(read_feedback, arrivals.reports(7, 8))
    assert (first.base, first.count, sorted(first.arrivals)) == (65_534, 3, [0, 65_534])
    arrivals.note(65_535, 5.1)
    (late,) = map(read_feedback, arrivals.reports(7, 8))
    assert (late.base, late.number) == (65_535, 1)
    assert list(late.arrivals) == [65_535]


def test_reports_are_due_at_intervals_and_only_when_something_came() -> None:
    arrivals = Arrivals()
    assert (arrivals.due(0.0), arrivals.used) == (False, False)
    arrivals.note(1, 0.0)
    assert (arrivals.due(0.0), arrivals.used) == (True, True)
    arrivals.reports(1, 2)
    assert not arrivals.due(10.0)
    arrivals.note(2, 10.0)
    assert arrivals.due(10.0)
    assert not arrivals.due(10.0 + FEEDBACK_INTERVAL_S / 2)
    assert arrivals.due(10.0 + FEEDBACK_INTERVAL_S)


def test_a_flood_and_a_numbering_that_begins_anew_cost_no_memory() -> None:
    arrivals = Arrivals()
    for number in range(3 * PENDING_LIMIT):
        arrivals.note(number, 1.0)
    reports = [read_feedback(packet) for packet in arrivals.reports(1, 2)]
    assert sum(len(report.arrivals) for report in reports) == PENDING_LIMIT
    arrivals.note(0x8000 + JUMP_LIMIT, 2.0)
    (anew,) = map(read_feedback, arrivals.reports(1, 2))
    assert (anew.base, anew.count) == (0x8000 + JUMP_LIMIT, 1)


def test_numbers_that_leap_make_no_long_report() -> None:
    """Each hole would have to be told: a guest could have millions of them told at once."""
    arrivals = Arrivals()
    for step in range(PENDING_LIMIT):
        arrivals.note(step * (JUMP_LIMIT - 1) & 0xFFFF, 1.0)
    reports = [read_feedback(packet) for packet in arrivals.reports(1, 2)]
    assert sum(report.count for report in reports) <= SPAN_LIMIT + JUMP_LIMIT
