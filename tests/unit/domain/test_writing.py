"""Who may write when, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from live.domain.ids import MessageId, ParticipantId
from live.domain.message import MessageStatus, Reason
from live.domain.message_commands import EditMessage, PostMessage, WithdrawMessage
from live.domain.mode import Review
from live.domain.outcome import Limits, Refusal, Screening
from live.domain.question import QuestionStatus
from live.domain.question_commands import AskQuestion, WithdrawQuestion
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import SetSanction
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState
from tests.support.rooms import person
from tests.support.scene import Scene, kinds

HELD = Screening(hold=True, language="fr", reasons=(Reason("link", "A link.", "x.org"),), score=0.5)


def test_after_review_everyone_sees_a_message_at_once() -> None:
    scene = Scene()
    posted = scene.do("ada", PostMessage(" Hello "))
    assert kinds(posted) == ["message.published"]
    message = scene.message(posted)
    assert message.status is MessageStatus.PUBLISHED
    assert message.place == 1
    assert scene.state.text(message.content_id) == "Hello"


def test_before_review_viewers_wait_and_staff_do_not() -> None:
    scene = Scene()
    scene.set_mode(review=Review.BEFORE)
    assert kinds(scene.do("ada", PostMessage("Hello"))) == ["message.held"]
    assert kinds(scene.do("ada", AskQuestion("Why?"))) == ["question.held"]
    assert kinds(scene.do("mod", PostMessage("Welcome"))) == ["message.published"]
    assert len(scene.state.held_items()) == 2
    assert len(scene.state.own_items(ParticipantId("ada"))) == 2


def test_what_the_gate_holds_waits_also_after_review_and_tells_why() -> None:
    scene = Scene()
    posted = scene.do("ada", PostMessage("see x.org"), HELD)
    assert kinds(posted) == ["message.held"]
    message = scene.message(posted)
    assert (message.reasons, message.score, message.language) == (HELD.reasons, 0.5, "fr")


def test_a_line_that_starts_with_q_asks() -> None:
    scene = Scene()
    asked = scene.do("ada", PostMessage(" /q  What is it? "))
    assert kinds(asked) == ["question.published"]
    assert scene.state.text(scene.question(asked).content_id) == "What is it?"
    assert scene.refused("ada", PostMessage("/q")) == "empty"
    assert kinds(scene.do("ada", PostMessage("/quiet"))) == ["message.published"]


def test_replies_need_a_message_that_everyone_sees() -> None:
    scene = Scene()
    first = scene.message(scene.do("ada", PostMessage("Hello"))).id
    reply = scene.message(scene.do("bob", PostMessage("Hi", reply_to=first)))
    assert reply.reply_to == first
    assert scene.refused("bob", PostMessage("Hi", reply_to=MessageId("none"))) == "not_found"
    scene.set_mode(review=Review.BEFORE)
    held = scene.message(scene.do("ada", PostMessage("Wait"))).id
    assert scene.refused("bob", PostMessage("Hi", reply_to=held)) == "not_found"


def test_a_name_is_asked_before_the_first_line() -> None:
    scene = Scene(None, person("new", display_name=None))
    assert scene.refused("new", PostMessage("Hello")) == "name_required"
    assert scene.refused("new", AskQuestion("Why?")) == "name_required"


def test_chat_runs_in_lobby_and_live_only() -> None:
    scene = Scene()
    scene.do(None, ChangeState(SessionState.ENDED))
    assert scene.refused("ada", PostMessage("Late")) == "wrong_state"
    assert scene.refused("mod", PostMessage("Late")) == "wrong_state"
    draft = Scene()
    draft.state.session = replace(draft.state.session, state=SessionState.DRAFT)
    assert draft.refused("ada", PostMessage("Early")) == "wrong_state"
    draft.do(None, ChangeState(SessionState.LOBBY))
    draft.do("ada", PostMessage("Now"))


def test_the_silenced_are_told_for_how_long() -> None:
    scene = Scene()
    until = scene.now + timedelta(seconds=90)
    scene.do("mod", SetSanction(ParticipantId("ada"), SanctionKind.TIMEOUT, until))
    scene.pass_s(30)
    refusal = scene.ask("ada", PostMessage("Hello"))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.retry_after_s) == ("forbidden", 60.0)
    scene.pass_s(60)
    scene.do("ada", PostMessage("Hello"))


def test_slow_mode_counts_messages_and_questions_and_spares_staff() -> None:
    scene = Scene()
    scene.set_mode(slow_s=10.0)
    scene.do("ada", PostMessage("One"))
    scene.pass_s(4)
    refusal = scene.ask("ada", AskQuestion("Two?"))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.retry_after_s) == ("slow_mode", 6.0)
    scene.do("bob", PostMessage("One"))
    scene.do("mod", PostMessage("One"))
    scene.do("mod", PostMessage("Two"))
    scene.pass_s(6)
    scene.do("ada", AskQuestion("Two?"))


def test_a_clock_that_is_set_back_silences_nobody() -> None:
    scene = Scene()
    scene.set_mode(slow_s=10.0)
    scene.do("ada", PostMessage("One"))
    scene.pass_s(-3600)
    scene.do("ada", PostMessage("Two"))


def test_members_are_customers_and_those_with_a_grant() -> None:
    scene = Scene(
        None,
        person("cus", segment="customer"),
        person("amb", segment="ambassador"),
        person("pre", segment="press"),
        person("pro", segment="prospect"),
    )
    scene.set_mode(members_only=True)
    for member in ("cus", "amb", "pre", "mod"):
        scene.do(member, PostMessage("Hello"))
    for other in ("pro", "ada"):
        assert scene.refused(other, PostMessage("Hello")) == "forbidden"


def test_emoji_only_and_links_off_bind_viewers() -> None:
    scene = Scene()
    scene.set_mode(emoji_only=True)
    assert scene.refused("ada", PostMessage("Hello")) == "forbidden"
    scene.do("ada", PostMessage("🎉"))
    scene.do("mod", PostMessage("Hello"))
    scene.set_mode(emoji_only=False, links=False)
    assert scene.refused("ada", PostMessage("see example.com")) == "forbidden"
    scene.do("mod", PostMessage("see example.com"))


def test_a_full_queue_refuses_more() -> None:
    scene = Scene()
    scene.limits = Limits(pending=1)
    scene.set_mode(review=Review.BEFORE)
    scene.do("ada", PostMessage("One"))
    assert scene.refused("ada", PostMessage("Two")) == "overloaded"
    assert scene.refused("bob", AskQuestion("Two?")) == "overloaded"


def test_a_published_message_withdrawn_keeps_its_place_without_its_text() -> None:
    scene = Scene()
    message = scene.message(scene.do("ada", PostMessage("Oops")))
    assert scene.refused("bob", WithdrawMessage(message.id)) == "not_found"
    withdrawn = scene.do("ada", WithdrawMessage(message.id))
    assert kinds(withdrawn) == ["message.removed"]
    gone = scene.message(withdrawn)
    assert (gone.status, gone.place, gone.withdrawn) == (MessageStatus.REMOVED, 1, True)
    assert scene.state.text(gone.content_id) is None
    assert scene.refused("ada", WithdrawMessage(message.id)) == "wrong_state"


def test_a_held_message_withdrawn_was_never_shown() -> None:
    scene = Scene()
    posted = scene.do("ada", PostMessage("Oops"), HELD)
    withdrawn = scene.do("ada", WithdrawMessage(scene.message(posted).id))
    assert kinds(withdrawn) == ["message.refused"]
    assert scene.message(withdrawn).reasons == ()
    assert scene.state.own_items(ParticipantId("ada")) == []
    assert scene.state.held_items() == []


def test_withdrawing_reaches_what_stood_there_before_an_edit() -> None:
    scene = Scene()
    message = scene.message(scene.do("ada", PostMessage("My number is 12345")))
    edited = scene.do("mod", EditMessage(message.id, 1, "My number is …"))
    assert kinds(edited) == ["message.edited"]
    version = scene.message(edited)
    assert version.edited
    assert version.revision == 2
    assert edited.contents[0].owner_id == "ada"
    withdrawn = scene.do("ada", WithdrawMessage(message.id))
    assert {message.content_id, version.content_id} <= set(withdrawn.erase)


def test_edits_need_the_present_revision_and_something_to_edit() -> None:
    scene = Scene()
    message = scene.message(scene.do("ada", PostMessage("Helo")))
    assert scene.refused("ada", EditMessage(message.id, 1, "Hello")) == "forbidden"
    assert scene.refused("mod", EditMessage(message.id, 2, "Hello")) == "stale"
    assert scene.refused("mod", EditMessage(message.id, 1, "")) == "empty"
    assert scene.refused("mod", EditMessage(MessageId("none"), 1, "Hello")) == "not_found"
    scene.do("ada", WithdrawMessage(message.id))
    assert scene.refused("mod", EditMessage(message.id, 2, "Hello")) == "wrong_state"


def test_a_question_withdrawn_is_dismissed_for_good() -> None:
    scene = Scene()
    question = scene.question(scene.do("ada", AskQuestion("Why?")))
    withdrawn = scene.do("ada", WithdrawQuestion(question.id))
    assert kinds(withdrawn) == ["question.changed"]
    gone = scene.question(withdrawn)
    assert (gone.status, gone.withdrawn) == (QuestionStatus.DISMISSED, True)
    assert scene.state.text(gone.content_id) is None
