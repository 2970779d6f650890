"""Mood is a segment's, over a window; never a person's, and never a small group's."""

from __future__ import annotations

from live.domain.ids import ParticipantId, SessionId
from live.domain.people import Role
from live.ports.gate import Candidate
from moderation.cues.impressions import Impressions
from moderation.desk.feeling import FeelingGate
from moderation.desk.mood import FEWEST, POINTS, WINDOW_S, Moods
from tests.support.listening import ScriptedEar
from tests.support.rooms import OwnClock

SHOW = SessionId("s1")


def say(moods: Moods, who: int, mood: int, now_s: float, segment: str = "customer") -> None:
    moods.note(SHOW, ParticipantId(f"p{who}"), segment=segment, mood=mood, now_s=now_s)


def test_fewer_than_five_people_are_not_told() -> None:
    moods = Moods()
    for who in range(FEWEST - 1):
        say(moods, who, 1, 100.0)
        say(moods, who, 1, 100.0)
    assert moods.of(SHOW, 101.0) == {}
    say(moods, FEWEST, 1, 100.0)
    assert moods.of(SHOW, 101.0)["customer"].people == FEWEST


def test_everyone_counts_once_however_much_they_write() -> None:
    moods = Moods()
    for who in range(FEWEST):
        say(moods, who, 1, 100.0)
    for _ in range(50):
        say(moods, 9, -1, 100.0)
    assert moods.of(SHOW, 101.0)["customer"].value == round((FEWEST - 1) / (FEWEST + 1), 3)


def test_what_was_felt_before_the_window_is_only_in_the_curve() -> None:
    moods = Moods()
    for who in range(FEWEST):
        say(moods, who, -1, 100.0)
    later = 100.0 + WINDOW_S + 1
    assert moods.of(SHOW, later) == {}
    for who in range(FEWEST):
        say(moods, who, 1, later)
    now = moods.of(SHOW, later)["customer"]
    assert now.value == 1.0
    assert len(now.curve) == POINTS
    assert now.curve[-2] == -1.0


def test_an_erased_person_counts_no_more() -> None:
    moods = Moods()
    for who in range(FEWEST):
        say(moods, who, 1, 100.0)
    moods.forget(SHOW, ParticipantId("p0"))
    assert moods.of(SHOW, 101.0) == {}


async def test_the_gate_feeds_the_tallies_with_the_authors_own_segment() -> None:
    moods, clock = Moods(), OwnClock()
    gate = FeelingGate(ScriptedEar(), moods, Impressions(), clock)
    for who in range(FEWEST):
        await gate.review(
            Candidate(
                session_id=SHOW,
                author_id=ParticipantId(f"p{who}"),
                author_role=Role.VIEWER,
                kind="message",
                text="i love it",
                languages=("en",),
                author_language="en",
                author_segment="prospect",
            )
        )
    assert moods.of(SHOW, clock.monotonic())["prospect"].value == 1.0


def test_the_mood_of_the_moment_is_the_end_of_its_curve() -> None:
    moods = Moods()
    for name in "abcde":
        moods.note(SHOW, ParticipantId(name), segment="prospect", mood=1, now_s=100.0)
    moods.note(SHOW, ParticipantId("f"), segment="customer", mood=-1, now_s=100.0)
    assert moods.now(SHOW, 101.0) == {"prospect": (1.0, 5)}
    assert moods.of(SHOW, 101.0)["prospect"].value == 1.0
    assert not moods.now(SessionId("other"), 101.0)
