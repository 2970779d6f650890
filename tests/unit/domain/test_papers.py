"""Notes, letters, private answers and appeals: who may write what, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from live.domain.commands import PersonCommand
from live.domain.decision import Verdict
from live.domain.decision_commands import ClaimSubject, UndoDecision
from live.domain.ids import PaperId, ParticipantId, QuestionId
from live.domain.message_commands import PostMessage
from live.domain.mode import Mode, Review
from live.domain.outcome import Decided
from live.domain.paper import Paper, PaperStatus
from live.domain.paper_commands import (
    AddNote,
    AnswerPrivately,
    ConsentToAnswer,
    RemoveNote,
    SendLetter,
)
from live.domain.people_commands import EraseParticipant
from live.domain.question import QuestionStatus
from live.domain.question_commands import AskQuestion, WithdrawQuestion
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import (
    FileAppeal,
    FileReport,
    SetSanction,
    SettleAppeal,
    SettleReport,
)
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState, SetMode
from live.domain.subject import Subject
from moderation.desk.lessons import lesson_in
from tests.support.scene import Scene, kinds

ADA, BOB, MOD = ParticipantId("ada"), ParticipantId("bob"), ParticipantId("mod")


def paper(scene: Scene, decided: Decided) -> Paper:
    return scene.state.papers[decided.result.paper_id or PaperId("")]


def words(scene: Scene, written: Paper) -> str | None:
    return scene.state.text(written.content_id)


@pytest.mark.parametrize(
    "command",
    [
        AddNote(BOB, "Rude"),
        RemoveNote(PaperId("p")),
        AnswerPrivately(QuestionId("q"), "Yes"),
        SettleAppeal(PaperId("p"), accept=True),
        SettleReport("r", acted=True),
        SendLetter("Hello", BOB),
    ],
)
def test_what_is_the_teams_is_refused_to_viewers(command: PersonCommand) -> None:
    scene = Scene()
    assert scene.refused("ada", command) == "forbidden"
    assert not scene.said


# --- notes


def test_a_note_is_written_and_taken_away_with_its_words() -> None:
    scene = Scene()
    note = paper(scene, scene.do("mod", AddNote(ADA, "x" * 1_000)))
    assert not note.for_both
    scene.do("host", RemoveNote(note.id))
    assert scene.state.papers[note.id].status is PaperStatus.REMOVED
    assert words(scene, note) is None
    assert scene.refused("mod", RemoveNote(note.id)) == "not_found"


def test_notes_are_bounded_and_about_people_of_this_session() -> None:
    scene = Scene()
    assert scene.refused("mod", AddNote(ADA, "x" * 1_001)) == "too_long"
    assert scene.refused("mod", AddNote(ADA, " ")) == "empty"
    assert scene.refused("mod", AddNote(ParticipantId("elsewhere"), "x")) == "not_found"
    for number in range(scene.limits.papers_each):
        scene.do("mod", AddNote(ADA, f"{number}"))
    assert scene.refused("mod", AddNote(ADA, "one more")) == "overloaded"
    scene.do("mod", AddNote(BOB, "another person"))


# --- letters


def test_the_team_opens_a_conversation_and_the_person_writes_back() -> None:
    scene = Scene()
    assert scene.refused("ada", SendLetter("Hello?")) == "forbidden"
    scene.do("mod", AddNote(ADA, "A note opens nothing"))
    assert scene.refused("ada", SendLetter("Hello?")) == "forbidden"
    scene.do("mod", SendLetter("How can we help?", ADA))
    reply = paper(scene, scene.do("ada", SendLetter("My parcel is late")))
    assert (reply.participant_id, reply.author_id) == (ADA, ADA)
    assert scene.refused("bob", SendLetter("Me too")) == "forbidden"
    assert scene.refused("mod", SendLetter("To nobody")) == "not_found"
    assert scene.refused("mod", SendLetter("To a colleague", ParticipantId("host"))) == "forbidden"


# --- private answers


def test_a_private_answer_is_published_without_a_name_once_its_asker_consents() -> None:
    scene = Scene(Mode(review=Review.BEFORE))
    question = scene.question(scene.do("ada", AskQuestion("Where is my order 4711?")))
    answer = paper(scene, scene.do("mod", AnswerPrivately(question.id, "It left today.")))
    assert answer.status is PaperStatus.OFFERED
    assert scene.state.questions[question.id].status is QuestionStatus.DISMISSED
    assert scene.state.shared_answer(question.id) is None
    assert scene.refused("bob", ConsentToAnswer(answer.id, on=True)) == "not_found"
    assert scene.refused("mod", AnswerPrivately(question.id, "Again")) == "wrong_state"

    scene.do("ada", ConsentToAnswer(answer.id, on=False))
    assert scene.state.papers[answer.id].status is PaperStatus.KEPT
    agreed = scene.do("ada", ConsentToAnswer(answer.id, on=True))

    assert kinds(agreed) == ["paper.changed", "question.published", "question.changed"]
    shared = scene.state.shared_answer(question.id)
    assert shared is not None
    assert words(scene, shared) == "It left today."
    assert scene.state.questions[question.id].status is QuestionStatus.ANSWERED
    assert scene.refused("ada", ConsentToAnswer(answer.id, on=False)) == "wrong_state"


def test_what_waits_leaves_the_queue_with_its_private_answer_and_what_everyone_sees_does_not() -> (
    None
):
    scene = Scene(Mode(review=Review.BEFORE))
    waits = scene.question(scene.do("ada", AskQuestion("Where is my order 4711?")))
    subject = Subject.question(waits.id)
    scene.do("mod", ClaimSubject(subject))
    answered = scene.do("mod", AnswerPrivately(waits.id, "It left today.", offer=False))
    assert kinds(answered) == [
        "paper.changed",
        "decision.made",
        "claim.changed",
        "question.changed",
    ]
    (decision,) = scene.state.decisions
    assert (decision.verdict, decision.by) == (Verdict.ANSWERED, MOD)
    assert {lesson_in(each) for each in answered.events} == {None}, "it was not unwanted"
    scene.do("mod", UndoDecision(decision.id))
    assert scene.state.questions[waits.id].status is QuestionStatus.PENDING

    scene.do("mod", SetMode(review=Review.AFTER))
    public = scene.question(scene.do("ada", AskQuestion("Is it wool?")))
    scene.do("mod", AnswerPrivately(public.id, "Between us: half of it."))
    assert scene.state.questions[public.id] == public


def test_what_was_not_offered_or_was_withdrawn_is_never_published() -> None:
    scene = Scene()
    one, two = (scene.question(scene.do("ada", AskQuestion(text))) for text in ("A?", "B?"))
    kept = paper(scene, scene.do("mod", AnswerPrivately(one.id, "Between us", offer=False)))
    assert scene.refused("ada", ConsentToAnswer(kept.id, on=True)) == "wrong_state"
    offered = paper(scene, scene.do("mod", AnswerPrivately(two.id, "For all")))
    scene.do("ada", WithdrawQuestion(two.id))
    assert scene.refused("ada", ConsentToAnswer(offered.id, on=True)) == "wrong_state"
    assert scene.refused("mod", AnswerPrivately(QuestionId("x"), "?")) == "not_found"


# --- appeals


def test_one_appeals_once_and_is_answered() -> None:
    scene = Scene()
    assert scene.refused("ada", FileAppeal(SanctionKind.BAN, "Why?")) == "not_found"
    scene.do("mod", SetSanction(ADA, SanctionKind.BAN, reason="Insults"))
    appeal = paper(scene, scene.do("ada", FileAppeal(SanctionKind.BAN, "It was my brother.")))
    assert scene.refused("ada", FileAppeal(SanctionKind.BAN, "Please")) == "wrong_state"
    assert scene.refused("mod", SettleAppeal(appeal.id, accept=False)) == "empty"
    scene.do("mod", SettleAppeal(appeal.id, accept=False, text="We saw the video."))
    declined = scene.state.papers[appeal.id]
    assert (declined.status, declined.settled_by) == (PaperStatus.DECLINED, MOD)
    assert scene.state.text(declined.reply_id) == "We saw the video."
    assert scene.state.sanctions
    assert scene.refused("host", SettleAppeal(appeal.id, accept=True)) == "wrong_state"


def test_an_accepted_appeal_lifts_what_it_was_against_and_nothing_later() -> None:
    scene = Scene()
    scene.do("mod", SetSanction(ADA, SanctionKind.MUTE))
    first = paper(scene, scene.do("ada", FileAppeal(SanctionKind.MUTE, "Sorry")))
    scene.pass_s(1)
    scene.do("host", SetSanction(ADA, SanctionKind.MUTE, scene.now + timedelta(hours=1)))
    second = paper(scene, scene.do("ada", FileAppeal(SanctionKind.MUTE, "Again?")))
    assert kinds(scene.do("mod", SettleAppeal(first.id, accept=True))) == ["paper.changed"]
    accepted = scene.do("mod", SettleAppeal(second.id, accept=True, text="Welcome back"))
    assert kinds(accepted) == ["paper.changed", "sanction.set"]
    scene.do("ada", PostMessage("Thank you"))


def test_another_reason_makes_no_other_sanction() -> None:
    scene = Scene()
    scene.do("mod", SetSanction(ADA, SanctionKind.MUTE, reason="Noise"))
    scene.pass_s(5)
    scene.do("ada", FileAppeal(SanctionKind.MUTE, "Why?"))
    scene.do("mod", SetSanction(ADA, SanctionKind.MUTE, reason="Noise, twice"))
    assert scene.refused("ada", FileAppeal(SanctionKind.MUTE, "Why?")) == "wrong_state"


def test_after_the_end_a_ban_can_still_be_appealed_against() -> None:
    scene = Scene()
    scene.do("mod", SetSanction(ADA, SanctionKind.BAN))
    scene.do(None, ChangeState(SessionState.ENDED))
    scene.do("ada", FileAppeal(SanctionKind.BAN, "Why?"))
    assert scene.refused("bob", SendLetter("Hello")) == "wrong_state"


# --- reports


def test_a_report_is_settled_and_can_be_thought_over() -> None:
    scene = Scene()
    subject = Subject.message(scene.message(scene.do("bob", PostMessage("Buy now"))).id)
    report_id = scene.do("ada", FileReport(subject, "Spam")).result.report_id or ""
    scene.do("mod", SettleReport(report_id, acted=False))
    assert kinds(scene.do("host", SettleReport(report_id, acted=False))) == []
    scene.do("host", SettleReport(report_id, acted=True))
    assert [each.acted for each in scene.state.reports] == [True]
    assert scene.refused("mod", SettleReport("none", acted=True)) == "not_found"


# --- erasure


def test_with_a_person_goes_what_was_written_about_and_to_them() -> None:
    scene = Scene()
    question = scene.question(scene.do("ada", AskQuestion("Why?")))
    written = [
        paper(scene, scene.do("mod", AddNote(ADA, "A note"))),
        paper(scene, scene.do("mod", SendLetter("A letter", ADA))),
        paper(scene, scene.do("mod", AnswerPrivately(question.id, "An answer"))),
    ]
    of_bob = paper(scene, scene.do("mod", AddNote(BOB, "Of another")))
    scene.do("mod", SetSanction(ADA, SanctionKind.MUTE, reason="Insults"))
    scene.do("host", SetSanction(ADA, SanctionKind.BAN))
    appeal = paper(scene, scene.do("ada", FileAppeal(SanctionKind.BAN, "Why?")))
    scene.do("mod", SettleAppeal(appeal.id, accept=False, text="Because"))
    reason_id = scene.state.sanctions[ADA, SanctionKind.MUTE].reason_id

    owned = (question.content_id, appeal.content_id)
    scene.do(None, EraseParticipant(ADA, owned))

    assert scene.state.text(reason_id) is None
    assert scene.state.text(scene.state.papers[appeal.id].reply_id) is None
    for each in (*written, appeal):
        assert scene.state.papers[each.id].status is PaperStatus.REMOVED
        assert words(scene, each) is None
    assert words(scene, of_bob) == "Of another"


def test_with_a_moderator_go_the_words_they_wrote() -> None:
    scene = Scene()
    letter = paper(scene, scene.do("mod", SendLetter("From mod", ADA)))
    scene.do("host", SendLetter("From host", ADA))
    scene.do(None, EraseParticipant(MOD, (letter.content_id,)))
    gone = [each.status is PaperStatus.REMOVED for each in scene.state.papers.values()]
    assert sorted(gone) == [False, True]
