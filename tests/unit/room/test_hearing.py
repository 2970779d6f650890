"""What the ear made of a line, in the words of the room."""

from __future__ import annotations

from live.domain.decision import Verdict
from live.domain.decision_commands import Decide
from live.domain.dial import Level
from live.domain.ids import ParticipantId
from live.domain.judgement import SOMETHING_EARLIER, Hint
from live.domain.message_commands import PostMessage
from live.domain.people import Role
from live.domain.session_commands import SetListening
from live.domain.subject import Subject
from live.ports.gate import Candidate, Heard, Hints, Opinion, Score, Weighed
from live.room.hearing import screening_of
from tests.support.rooms import SESSION
from tests.support.scene import Scene


def candidate(text: str) -> Candidate:
    return Candidate(
        session_id=SESSION,
        author_id=ParticipantId("ada"),
        author_role=Role.VIEWER,
        kind="question",
        text=text,
        languages=("en",),
        author_language="en",
    )


def heard(*weighed: Weighed, topic: str | None = None) -> Opinion:
    hints = Hints(0.9, "customer", 0.3, 0, topic)
    return Opinion("pass", "en", heard=Heard(Score(0.8, weighed), hints))


def test_an_example_is_shown_as_what_was_decided_on() -> None:
    scene = Scene()
    line = scene.message(scene.do("ada", PostMessage("buy my pills")))
    subject = Subject.message(line.id)
    decided = scene.do("mod", Decide(subject, line.revision, Verdict.REMOVE))
    assert decided.result.decision_id is not None

    opinion = heard(
        Weighed("example", decided.result.decision_id, 5.0),
        Weighed("example", "of-another-session", 1.0),
        Weighed("feature", "pills", 2.0),
    )
    weighed = screening_of(scene.state, candidate("buy our pills"), opinion).hints.weighed

    assert [(each.words, each.like) for each in weighed] == [
        (None, subject),
        ("pills", None),
        (None, SOMETHING_EARLIER),
    ]


def test_a_topic_finds_the_desk_unless_the_dial_is_off() -> None:
    scene = Scene()
    opinion = heard(topic="orders")

    found = screening_of(scene.state, candidate("wo bleibt das denn"), opinion).hints.desk
    assert found == Hint("after_sales", "topic", "orders")

    scene.do("mod", SetListening({"segment": Level.OFF}))
    assert screening_of(scene.state, candidate("wo bleibt das"), opinion).hints.desk is None
