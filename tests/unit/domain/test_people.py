"""Names, segments, sanctions, reports, mutes, erasure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from live.domain.decision import Verdict
from live.domain.decision_commands import Decide
from live.domain.ids import MessageId, ParticipantId, PersonId
from live.domain.message_commands import PostMessage
from live.domain.people import Role
from live.domain.people_commands import ChangeParticipant, EraseParticipant, MutePerson, SetProfile
from live.domain.people_events import ParticipantChanged, SanctionSet
from live.domain.question_commands import AskQuestion, MergeQuestions
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import FileReport, SetSanction
from live.domain.session_commands import AddReaction, Lapse, ReactionKind, SayToStaff, SetPin
from live.domain.subject import Subject
from tests.support.rooms import person
from tests.support.scene import Scene, kinds

ADA = ParticipantId("ada")


def test_the_teams_and_the_brands_names_are_taken() -> None:
    scene = Scene()
    scene.reserved = frozenset({"causerie"})
    for name in ("Mod", "HOST", "Causerie"):
        assert scene.refused("ada", SetProfile(display_name=name)) == "name_taken"
    scene.do("mod", SetProfile(display_name="Causerie"))
    scene.do("ada", SetProfile(display_name="Bob"))


def test_a_name_alone_is_no_new_audience() -> None:
    scene = Scene()
    event = scene.do("ada", SetProfile(display_name="Countess")).events[0]
    assert isinstance(event, ParticipantChanged)
    assert not event.audience
    assert "Countess" not in repr(event)
    assert kinds(scene.do("ada", SetProfile(display_name="Countess"))) == []


@pytest.mark.parametrize("change", [SetProfile(language="FR"), SetProfile(segment="customer")])
def test_language_and_segment_are_a_new_audience(change: SetProfile) -> None:
    event = Scene().do("ada", change).events[0]
    assert isinstance(event, ParticipantChanged)
    assert event.audience


def test_granted_segments_take_a_grant() -> None:
    scene = Scene(None, person("inf", granted_segments=("influencer",)))
    assert scene.refused("ada", SetProfile(segment="influencer")) == "segment_closed"
    assert scene.refused("ada", SetProfile(segment="press")) == "segment_closed"
    assert scene.refused("ada", SetProfile(segment="none")) == "invalid"
    assert scene.refused("ada", SetProfile(language="fr_FR")) == "invalid"
    scene.do("inf", SetProfile(segment="influencer"))


def test_staff_give_a_segment_by_giving_the_grant() -> None:
    scene = Scene()
    scene.do("mod", ChangeParticipant(ADA, segment="press"))
    ada = scene.state.participants[ADA]
    assert (ada.segment, ada.granted_segments) == ("press", ("press",))
    scene.do("ada", SetProfile(segment="general"))
    scene.do("ada", SetProfile(segment="press"))


def test_a_role_makes_staff_and_unmakes_it() -> None:
    scene = Scene()
    scene.do(None, ChangeParticipant(ADA, role=Role.MODERATOR))
    assert ADA in scene.state.staff
    scene.do("ada", SayToStaff("Hello team"))
    scene.do(None, ChangeParticipant(ADA, role=Role.VIEWER))
    assert ADA not in scene.state.staff
    assert scene.refused("ada", SayToStaff("Hello team")) == "forbidden"


# --- sanctions


def test_nobody_of_the_team_is_sanctioned() -> None:
    scene = Scene()
    for target in ("host", "mod"):
        command = SetSanction(ParticipantId(target), SanctionKind.MUTE)
        assert scene.refused("mod", command) == "forbidden"
    assert scene.refused("mod", SetSanction(ParticipantId("x"), SanctionKind.BAN)) == "not_found"
    assert scene.refused("ada", SetSanction(ADA, SanctionKind.BAN)) == "forbidden"


def test_a_ban_forbids_everything_and_holds_for_the_same_person_elsewhere() -> None:
    scene = Scene(None, person("again", person_id=PersonId("p")))
    scene.state.put_participant(person("eve", person_id=PersonId("p")))
    scene.do("mod", SetSanction(ParticipantId("eve"), SanctionKind.BAN))
    assert scene.refused("eve", AddReaction(ReactionKind.HEART, 1)) == "forbidden"
    again = scene.state.participants[ParticipantId("again")]
    assert scene.state.is_banned(again, scene.now)
    assert not scene.state.is_banned(scene.state.participants[ADA], scene.now)


def test_a_sanction_is_lifted_by_hand_or_by_time() -> None:
    scene = Scene()
    scene.do("mod", SetSanction(ADA, SanctionKind.MUTE))
    assert scene.refused("ada", PostMessage("Hello")) == "forbidden"
    lifted = scene.do("mod", SetSanction(ADA, SanctionKind.MUTE, scene.now)).events[0]
    assert isinstance(lifted, SanctionSet)
    assert lifted.lifted
    scene.do("ada", PostMessage("Hello"))
    scene.do("mod", SetSanction(ADA, SanctionKind.TIMEOUT))
    scene.pass_s(scene.limits.timeout_s)
    assert kinds(scene.do(None, Lapse())) == ["sanction.set"]
    assert not scene.state.sanctions
    assert kinds(scene.do("mod", SetSanction(ADA, SanctionKind.MUTE, scene.now))) == []


def test_the_same_sanction_again_changes_nothing() -> None:
    scene = Scene()
    until = scene.now + timedelta(hours=1)
    assert kinds(scene.do("mod", SetSanction(ADA, SanctionKind.MUTE, until))) == ["sanction.set"]
    assert kinds(scene.do("host", SetSanction(ADA, SanctionKind.MUTE, until))) == []


# --- reports and mutes


def test_one_person_reports_one_thing_once() -> None:
    scene = Scene()
    subject = Subject.message(scene.message(scene.do("bob", PostMessage("Buy now"))).id)
    first = scene.do("ada", FileReport(subject, "Spam"))
    assert kinds(first) == ["report.filed"]
    again = scene.do("ada", FileReport(subject, "Spam!"))
    assert kinds(again) == []
    assert again.result.report_id == first.result.report_id
    assert scene.refused("ada", FileReport(Subject.message(MessageId("x")), "Spam")) == "not_found"


def test_mutes_are_ones_own() -> None:
    scene = Scene()
    bob = ParticipantId("bob")
    assert kinds(scene.do("ada", MutePerson(bob, on=True))) == ["person.muted"]
    assert kinds(scene.do("ada", MutePerson(bob, on=True))) == []
    assert scene.state.mutes.get(ADA) == frozenset({bob})
    scene.do("ada", MutePerson(bob, on=False))
    assert not scene.state.mutes.get(ADA)
    assert scene.refused("ada", MutePerson(ADA, on=True)) == "invalid"
    assert scene.refused("ada", MutePerson(ParticipantId("x"), on=True)) == "not_found"


def test_taps_are_counted_by_kind_and_segment() -> None:
    scene = Scene()
    scene.do("ada", AddReaction(ReactionKind.HEART, 20))
    scene.do("bob", AddReaction(ReactionKind.HEART, 2))
    assert dict(scene.state.reactions.items()) == {("heart", "general"): 22}
    for count in (0, 21):
        assert scene.refused("ada", AddReaction(ReactionKind.HEART, count)) == "invalid"


# --- erasure


def test_erasing_someone_leaves_tombstones_and_no_word() -> None:
    scene = Scene()
    message = scene.message(scene.do("ada", PostMessage("Hello")))
    question = scene.question(scene.do("ada", AskQuestion("Why?")))
    scene.do("mod", SetPin(subject=Subject.message(message.id)))
    owned = (message.content_id, question.content_id)
    erased = scene.do(None, EraseParticipant(ADA, owned))
    assert kinds(erased) == [
        "pin.changed",
        "message.removed",
        "question.changed",
        "participant.changed",
    ]
    ada = scene.state.participants[ADA]
    assert (ada.display_name, ada.erased) == (None, True)
    for item in (scene.state.messages[message.id], scene.state.questions[question.id]):
        assert item.withdrawn
        assert scene.state.text(item.content_id) is None
    assert not scene.state.pins
    assert scene.refused("ada", PostMessage("Back")) == "forbidden"
    assert kinds(scene.do(None, EraseParticipant(ADA, owned))) == []


def test_erasing_one_who_asked_twice_ends_with_both_gone() -> None:
    scene = Scene()
    one, two = (scene.question(scene.do("ada", AskQuestion(text))) for text in ("Why?", "How?"))
    scene.do("mod", MergeQuestions(into=one.id, source=two.id))
    scene.do(None, EraseParticipant(ADA, (one.content_id, two.content_id)))
    assert {scene.state.questions[each.id].status for each in (one, two)} == {"dismissed"}


def test_erasing_a_moderator_leaves_their_decisions() -> None:
    scene = Scene()
    message = scene.message(scene.do("ada", PostMessage("Hello")))
    scene.do("mod", Decide(Subject.message(message.id), 1, Verdict.REMOVE))
    scene.do(None, EraseParticipant(ParticipantId("mod")))
    assert scene.state.decisions[-1].by == "mod"
    assert scene.state.participants[ParticipantId("mod")].display_name is None
