"""Answers in writing, promises with an owner, and what becomes of them after the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from live.domain.decision_commands import TakeReplyBack, WriteReply
from live.domain.ids import MessageId, ParticipantId, QuestionId
from live.domain.message_commands import PostMessage
from live.domain.people import Role
from live.domain.people_commands import EraseParticipant
from live.domain.promising import unsettled
from live.domain.question_commands import AskQuestion, LetGo, MergeQuestions, PromiseAnswer
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState
from live.domain.subject import Subject
from live.gateway.views import View
from live.wire import shapes
from tests.support.rooms import NOW, SESSION, House, open_house, person

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    opened = await open_house(
        person("ada"), person("bob"), person("mod", Role.MODERATOR), person("host", Role.HOST)
    )
    yield opened
    await opened.rooms.close()


async def asked(house: House, text: str = "Where is it made?", by: str = "ada") -> QuestionId:
    return QuestionId((await house.do(by, AskQuestion(text))).result.question_id or "")


async def seen(house: House, question_id: QuestionId, *, staff: bool = False) -> shapes.Question:
    state = (await house.room()).state
    found = View(state, staff).question(state.questions[question_id])
    assert isinstance(found, shapes.Question)
    return found


async def test_an_answer_in_writing_answers_a_question_under_the_brands_name(house: House) -> None:
    question_id = await asked(house)
    subject = Subject.question(question_id)
    done = await house.do("mod", WriteReply(subject, 1, "In Roubaix."))
    assert (done.result.revision, done.result.status) == (3, "answered")
    question = await seen(house, question_id)
    assert isinstance(question.reply, shapes.BrandReply)
    assert (question.reply.text, question.status) == ("In Roubaix.", "answered")
    assert question.revision == 3
    # Who wrote it is for the team alone.
    assert not isinstance(question.reply.by, shapes.Author)
    told = (await seen(house, question_id, staff=True)).reply
    assert isinstance(told, shapes.BrandReply)
    assert isinstance(told.by, shapes.Author)
    assert told.by.id == "mod"
    room = await house.room()
    assert [each.verdict for each in room.state.decisions] == ["answered"]


async def test_a_message_has_its_answer_under_it_and_loses_it_again(house: House) -> None:
    message_id = MessageId((await house.do("ada", PostMessage("Lovely"))).result.message_id or "")
    subject = Subject.message(message_id)
    await house.do("mod", WriteReply(subject, 1, "Thank you"))
    room = await house.room()
    shown = View(room.state, False).message(room.state.messages[message_id])
    assert isinstance(shown, shapes.Message)
    assert isinstance(shown.reply, shapes.BrandReply)
    assert shown.reply.text == "Thank you"
    content_id = room.state.settled[subject].contents[0]
    await house.do("mod", TakeReplyBack(subject, 2))
    assert subject not in room.state.settled
    (gone,) = await house.store.find_contents(SESSION, [content_id])
    assert gone.text is None
    again = await house.refused("mod", TakeReplyBack(subject, 3))
    assert again.code == "not_found"


async def test_a_promise_names_who_and_until_when_and_outlasts_the_end(house: House) -> None:
    question_id, other = await asked(house), await asked(house, "How much?", "bob")
    await house.do("host", PromiseAnswer(question_id, 1, "Customer care", TOMORROW))
    room = await house.room()
    await room.act(ChangeState(SessionState.ENDED))
    room = await house.reopen()
    promised = (await seen(house, question_id)).promise
    assert isinstance(promised, shapes.PromisedAnswer)
    assert (promised.owner, promised.due) == ("Customer care", "2026-05-05T18:30:00.000Z")

    late = await house.refused("mod", WriteReply(Subject.question(other), 1, "Ten"))
    assert late.code == "wrong_state"
    for command in (
        PromiseAnswer(other, 1, "Care", TOMORROW),
        LetGo(question_id, 2, "No"),
        TakeReplyBack(Subject.question(question_id), 2),
        PostMessage("Hello"),
    ):
        assert (await house.refused("mod", command)).code == "wrong_state"

    await house.do("mod", WriteReply(Subject.question(question_id), 2, "In Roubaix."))
    kept = await seen(house, question_id)
    assert isinstance(kept.reply, shapes.BrandReply)
    assert isinstance(kept.promise, shapes.PromisedAnswer)
    assert kept.status == "answered"
    corrected = WriteReply(Subject.question(question_id), kept.revision, "In Lille.")
    await house.do("mod", corrected)


async def test_what_is_let_go_says_why_and_is_no_longer_unsettled(house: House) -> None:
    question_id, other = await asked(house), await asked(house, "How much?", "bob")
    room = await house.room()
    assert [each.id for each in unsettled(room.state)] == [question_id, other]
    await house.do("mod", LetGo(question_id, 1, "It was answered yesterday."))
    shown = (await seen(house, question_id)).let_go
    assert isinstance(shown, shapes.NoAnswer)
    assert shown.reason == "It was answered yesterday."
    assert [each.id for each in unsettled(room.state)] == [other]
    await house.do("mod", PromiseAnswer(question_id, 2, "Care", TOMORROW))
    assert not isinstance((await seen(house, question_id)).let_go, shapes.NoAnswer)


async def test_viewers_settle_nothing_and_forged_revisions_change_nothing(house: House) -> None:
    question_id = await asked(house)
    subject = Subject.question(question_id)
    for command in (
        WriteReply(subject, 1, "Here"),
        TakeReplyBack(subject, 1),
        PromiseAnswer(question_id, 1, "Care", TOMORROW),
        LetGo(question_id, 1, "No"),
    ):
        assert (await house.refused("ada", command)).code == "forbidden"
    for code, command in (
        ("stale", WriteReply(subject, 7, "Here")),
        ("stale", LetGo(question_id, 0, "No")),
        ("empty", WriteReply(subject, 1, "  ")),
        ("too_long", WriteReply(subject, 1, "x" * 501)),
        ("invalid", PromiseAnswer(question_id, 1, "Care", NOW - timedelta(seconds=1))),
        ("invalid", PromiseAnswer(question_id, 1, "Care", NOW + timedelta(days=400))),
        ("too_long", PromiseAnswer(question_id, 1, "x" * 61, TOMORROW)),
        ("not_found", LetGo(QuestionId("of-another-session"), 1, "No")),
    ):
        assert (await house.refused("mod", command)).code == code
    assert (await house.room()).state.settled == {}


async def test_what_is_part_of_another_question_is_answered_there(house: House) -> None:
    into, source = await asked(house), await asked(house, "Made where?", "bob")
    await house.do("mod", MergeQuestions(into, source))
    refused = await house.refused("mod", WriteReply(Subject.question(source), 2, "In Roubaix."))
    assert refused.code == "wrong_state"


async def test_erasing_who_asked_takes_what_was_written_to_them(house: House) -> None:
    question_id = await asked(house)
    await house.do("mod", WriteReply(Subject.question(question_id), 1, "Dear Ada, in Roubaix."))
    room = await house.room()
    (content_id,) = room.state.settled[Subject.question(question_id)].contents
    await room.act(EraseParticipant(ParticipantId("ada")))
    (gone,) = await house.store.find_contents(SESSION, [content_id])
    assert gone.text is None
