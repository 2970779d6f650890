"""The mood of segments over a sliding window."""

from __future__ import annotations

import pytest

from moderation.ear.mood import FEWEST, MOST_LINES, WINDOW_S, MoodWindow


def test_a_segment_s_mood_is_the_mean_over_its_people() -> None:
    window = MoodWindow()
    for person in range(FEWEST):
        window.add(segment="customer", person=f"p{person}", mood=-1, at=0)
    window.add(segment="customer", person="p0", mood=1, at=1)

    told = window.moods(at=2)
    assert told.keys() == {"customer"}
    assert told["customer"].people == FEWEST
    assert told["customer"].mean == pytest.approx(-0.8)


def test_who_writes_much_weighs_no_more() -> None:
    window = MoodWindow()
    for _ in range(100):
        window.add(segment="general", person="loud", mood=-1, at=0)
    for person in range(4):
        window.add(segment="general", person=f"p{person}", mood=1, at=0)

    assert window.moods(at=1)["general"].mean == pytest.approx(0.6)


def test_few_people_are_not_told() -> None:
    window = MoodWindow()
    for person in range(FEWEST - 1):
        for line in range(5):
            window.add(segment="influencer", person=f"p{person}", mood=1, at=line)

    assert window.moods(at=6) == {}


def test_lines_leave_with_the_window() -> None:
    window = MoodWindow()
    for person in range(FEWEST):
        window.add(segment="general", person=f"p{person}", mood=1, at=person)

    assert "general" in window.moods(at=WINDOW_S - 0.1)
    assert window.moods(at=WINDOW_S) == {}


def test_a_person_can_be_forgotten() -> None:
    window = MoodWindow()
    for person in range(FEWEST):
        window.add(segment="general", person=f"p{person}", mood=1, at=0)

    window.forget("p0")

    assert window.moods(at=1) == {}


def test_the_window_holds_a_bounded_number_of_lines() -> None:
    window = MoodWindow()
    for line in range(MOST_LINES + FEWEST):
        window.add(segment="general", person=f"p{line}", mood=0, at=0)

    assert window.moods(at=1)["general"].people == MOST_LINES
