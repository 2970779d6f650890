"""What the ear found reaches the team alone; its dial is the team's; desks, segments, languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from live.domain.decision_commands import UndoDecision
from live.domain.dial import Level
from live.domain.ids import ParticipantId
from live.domain.judgement import Hint, Hints
from live.domain.listening import USUAL_ROUTES, Desk, Route
from live.domain.message_commands import PostMessage, TurnIntoQuestion
from live.domain.mode import Review
from live.domain.outcome import Screening
from live.domain.people_commands import PlacePerson, SetProfile
from live.domain.question import QuestionStatus
from live.domain.question_commands import AskQuestion
from live.domain.routing import desk_for
from live.domain.session_commands import SetListening
from tests.support.rooms import person
from tests.support.scene import Scene, kinds

ADA = ParticipantId("ada")


def test_what_is_masked_is_all_that_is_kept() -> None:
    scene = Scene()
    masked = Screening(hold=False, language="en", masked="write to •••")
    message = scene.message(scene.do("ada", PostMessage("write to a@example.org"), masked))
    assert scene.state.text(message.content_id) == "write to •••"


def test_a_line_becomes_a_question_of_its_authors_and_the_undo_sets_it_aside() -> None:
    scene = Scene()
    heard = Screening(hold=False, language="fr", hints=Hints(question=0.9))
    line = scene.message(scene.do("ada", PostMessage("le rouge coûte combien"), heard))
    done = scene.do("mod", TurnIntoQuestion(line.id, line.revision))
    assert kinds(done) == ["decision.made", "question.published"]
    question = scene.question(done)
    assert (question.author_id, question.language) == (ADA, "fr")
    assert question.from_message == line.id
    assert scene.state.text(question.content_id) == "le rouge coûte combien"
    assert scene.refused("mod", TurnIntoQuestion(line.id, line.revision)) == "wrong_state"
    assert done.result.decision_id is not None
    scene.do("mod", UndoDecision(done.result.decision_id))
    assert scene.state.questions[question.id].status is QuestionStatus.DISMISSED
    scene.do("mod", TurnIntoQuestion(line.id, line.revision))


def test_a_line_that_waits_is_published_when_it_becomes_a_question() -> None:
    scene = Scene()
    scene.set_mode(review=Review.BEFORE)
    line = scene.message(scene.do("ada", PostMessage("is it warm")))
    assert scene.refused("bob", TurnIntoQuestion(line.id, line.revision)) == "forbidden"
    assert scene.refused("mod", TurnIntoQuestion(line.id, 7)) == "stale"
    done = scene.do("mod", TurnIntoQuestion(line.id, line.revision))
    assert kinds(done)[:2] == ["decision.made", "message.published"]
    assert not scene.state.held


def test_the_team_places_a_person_in_a_segment_and_nobody_else_does() -> None:
    scene = Scene()
    assert scene.refused("bob", PlacePerson(ADA, "customer")) == "forbidden"
    assert scene.refused("mod", PlacePerson(ADA, "none")) == "invalid"
    assert kinds(scene.do("mod", PlacePerson(ADA, "influencer"))) == ["participant.changed"]
    assert scene.state.participants[ADA].segment == "influencer"


def test_a_persons_language_follows_what_they_write_unless_they_said() -> None:
    guessed = replace(person("dan"), language="en", language_chosen=False)
    scene = Scene(None, guessed)
    french = Screening(hold=False, language="fr", speaks="fr")
    assert kinds(scene.do("dan", PostMessage("bonsoir"), french)) == [
        "message.published",
        "participant.changed",
    ]
    assert scene.state.participants[guessed.id].language == "fr"
    scene.do("dan", SetProfile(language="en"))
    assert kinds(scene.do("dan", AskQuestion("et la laine ?"), french)) == ["question.published"]
    assert scene.state.participants[guessed.id].language == "en"


def test_only_the_team_turns_a_dial_and_what_is_not_named_stays() -> None:
    scene = Scene()
    change = SetListening({"links": Level.OFF}, watched={"fr": ("tricot", "tricot", " ")})
    assert scene.refused("ada", change) == "forbidden"
    assert kinds(scene.do("mod", change)) == ["listening.changed"]
    scene.do("mod", SetListening({"filter": Level.SUGGEST}, mask_personal_data=True))
    listening = scene.state.listening
    assert (listening.dial.links, listening.dial.filter) == (Level.OFF, Level.SUGGEST)
    assert listening.dial.mask_personal_data
    assert listening.watched == {"fr": ("tricot",)}
    assert kinds(scene.do("mod", change)) == []
    scene.do("mod", SetListening(watched={"fr": ()}))
    assert scene.state.listening.watched == {}
    scene.do("mod", SetListening(routes=(Route(Desk.STAFF, "customer"),)))
    assert [each.desk for each in scene.state.listening.routes] == [Desk.STAFF]
    scene.do("mod", SetListening(routes=()))
    assert scene.state.listening.routes == USUAL_ROUTES


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (SetListening(watched={"!": ("word",)}), "invalid"),
        (SetListening(watched={"fr": tuple(map(str, range(101)))}), "too_long"),
        (SetListening(prototypes={"nobody": ("a sentence",)}), "invalid"),
        (SetListening(topics={"Not a name": ("a sentence",)}), "invalid"),
        (SetListening(topics={f"t{each}": ("a sentence",) for each in range(25)}), "too_long"),
        (SetListening(routes=(Route(Desk.STAFF),) * 41), "too_long"),
        (SetListening(routes=(Route(Desk.STAFF, "nobody"),)), "invalid"),
    ],
)
def test_what_would_not_fit_is_refused(change: SetListening, code: str) -> None:
    assert Scene().refused("mod", change) == code


@pytest.mark.parametrize(
    ("text", "segment", "sounds", "desk", "why"),
    [
        ("Comment demander un REMBOURSEMENT ?", "general", None, "after_sales", "words"),
        ("Is it warm?", "customer", None, "after_sales", "segment"),
        ("Is it warm?", "general", ("prospect", 0.8), "sales", "sounds"),
        ("Can I film backstage?", "influencer", None, "partners", "segment"),
        ("Wo ist denn das Paket?", "general", "orders", "after_sales", "topic"),
        ("Wen frage ich wegen Presse?", "customer", "partners", "partners", "topic"),
        ("Wo ist denn das Paket?", "prospect", "orders", "after_sales", "topic"),
        ("Ist der Käse gut?", "general", "food", None, None),
    ],
)
def test_a_question_finds_its_desk_with_the_reason(
    text: str,
    segment: str,
    sounds: tuple[str, float] | str | None,
    desk: str | None,
    why: str | None,
) -> None:
    like = Hint(sounds[0], "sounds", likelihood=sounds[1]) if isinstance(sounds, tuple) else None
    topic = sounds if isinstance(sounds, str) else None
    found = desk_for(USUAL_ROUTES, text, segment, like, topic)
    assert (found and found.value, found and found.why) == (desk, why)
    if why == "topic":
        assert found is not None
        assert found.evidence == topic


def test_nobodys_question_finds_no_desk() -> None:
    doubtful = Hint("prospect", "sounds", likelihood=0.4)
    assert desk_for(USUAL_ROUTES, "Is it warm?", "general", doubtful) is None
