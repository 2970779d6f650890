"""Beside a running session: the filter learns each decision once, new questions are compared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import pytest

from live.domain.decision import Verdict
from live.domain.decision_commands import Decide, UndoDecision
from live.domain.dial import Level
from live.domain.ids import MessageId, ParticipantId
from live.domain.message_commands import PostMessage, WithdrawMessage
from live.domain.people import Role
from live.domain.people_commands import EraseParticipant
from live.domain.question_commands import AskQuestion
from live.domain.session_commands import SetListening
from live.domain.subject import Subject
from moderation.desk.attendant import Attendant
from moderation.desk.ports import MemoryCursors
from moderation.ear.ports import Alike, Asked
from tests.support.listening import ScriptedEar
from tests.support.rooms import House, open_house, person


@dataclass
class Desk:
    """A house with somebody who listens."""

    house: House
    ear: ScriptedEar
    cursors: MemoryCursors = field(default_factory=MemoryCursors)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def listen(self) -> None:
        """Begin, or begin again as after a restart: what was remembered is the cursor alone."""
        self.stop()
        attendant = Attendant(self.ear, self.house.store, self.cursors)
        attendant.attend(await self.house.room())
        self.tasks = [asyncio.create_task(attendant.run())]

    def stop(self) -> None:
        for task in self.tasks:
            task.cancel()

    async def until(self, true: Callable[[], bool]) -> None:
        """Until the attendant has come so far; it works between this loop's steps."""
        for _ in range(2_000):
            if true():
                return
            await asyncio.sleep(0.005)
        raise AssertionError(self.ear.told)

    async def post(self, text: str, who: str = "ada") -> Subject:
        done = await self.house.do(who, PostMessage(text))
        return Subject.message(MessageId(done.result.message_id or ""))

    async def decide(self, subject: Subject, verdict: Verdict) -> str:
        item = (await self.house.room()).state.find(subject)
        assert item is not None
        done = await self.house.do("mod", Decide(subject, item.revision, verdict))
        return str(done.result.decision_id)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    people = [person(name) for name in ("ada", "bob")]
    house = await open_house(*people, person("mod", Role.MODERATOR))
    desk = Desk(house, ScriptedEar())
    yield desk
    desk.stop()
    await house.rooms.close()


async def test_a_decision_is_learned_and_its_undo_unlearned(desk: Desk) -> None:
    await desk.listen()
    removed = await desk.decide(await desk.post("win a watch"), Verdict.REMOVE)
    await desk.until(lambda: removed in desk.ear.learned)
    assert desk.ear.learned[removed].unwanted
    await desk.house.do("mod", UndoDecision((await desk.house.room()).state.decisions[-1].id))
    await desk.until(lambda: removed not in desk.ear.learned)


async def test_what_supersedes_a_decision_is_learned_in_its_place(desk: Desk) -> None:
    await desk.listen()
    subject = await desk.post("win a watch")
    removed = await desk.decide(subject, Verdict.REMOVE)
    restored = await desk.decide(subject, Verdict.RESTORE)
    await desk.until(lambda: restored in desk.ear.learned)
    assert list(desk.ear.learned) == [restored]
    assert not desk.ear.learned[restored].unwanted
    assert removed not in desk.ear.learned


async def test_an_undo_that_is_undone_teaches_the_decision_again(desk: Desk) -> None:
    await desk.listen()
    subject = await desk.post("win a watch")
    removed = await desk.decide(subject, Verdict.REMOVE)

    async def undo_the_latest() -> None:
        latest = (await desk.house.room()).state.decisions[-1]
        await desk.house.do("mod", UndoDecision(latest.id))

    await desk.until(lambda: removed in desk.ear.learned)
    await undo_the_latest()
    await desk.until(lambda: not desk.ear.learned)
    await undo_the_latest()
    await desk.until(lambda: removed in desk.ear.learned)
    assert desk.ear.learned[removed].unwanted
    await undo_the_latest()
    await desk.until(lambda: not desk.ear.learned)


async def test_what_stood_before_an_undone_decision_is_learned_again(desk: Desk) -> None:
    await desk.listen()
    subject = await desk.post("win a watch")
    removed = await desk.decide(subject, Verdict.REMOVE)
    restored = await desk.decide(subject, Verdict.RESTORE)
    await desk.until(lambda: restored in desk.ear.learned)
    await desk.house.do("mod", UndoDecision((await desk.house.room()).state.decisions[-1].id))
    await desk.until(lambda: list(desk.ear.learned) == [removed])


async def test_decisions_made_while_nobody_listened_are_learned_once_after_a_restart(
    desk: Desk,
) -> None:
    await desk.listen()
    first = await desk.decide(await desk.post("one watch"), Verdict.REMOVE)
    await desk.until(lambda: first in desk.ear.learned)
    desk.stop()
    second = await desk.decide(await desk.post("another watch"), Verdict.REMOVE)
    await desk.house.reopen()
    await desk.listen()
    await desk.until(lambda: second in desk.ear.learned)
    await desk.house.reopen()
    await desk.listen()
    third = await desk.decide(await desk.post("third watch"), Verdict.REMOVE)
    await desk.until(lambda: third in desk.ear.learned)
    assert desk.ear.told == [f"learn {each}" for each in (first, second, third)]


async def test_an_ear_that_does_not_answer_learns_later_and_nothing_is_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.desk.attendant.RETRY_S", 0.01)
    desk.ear.answers = False
    await desk.listen()
    subject = await desk.post("win a watch")
    removed = await desk.decide(subject, Verdict.REMOVE)
    asked = await desk.house.do("ada", AskQuestion("Delivery price?"))
    await desk.house.do("bob", AskQuestion("Prix de la livraison ?"))
    desk.ear.answers = True
    await desk.until(lambda: removed in desk.ear.learned)
    state = (await desk.house.room()).state
    await desk.until(lambda: len(state.proposals) == 1)
    assert state.proposals[0].into == asked.result.question_id


async def test_words_taken_back_and_people_erased_are_forgotten(desk: Desk) -> None:
    await desk.listen()
    subject = await desk.post("my own words")
    published = await desk.decide(subject, Verdict.REMOVE)
    await desk.until(lambda: published in desk.ear.learned)
    await desk.house.do("ada", WithdrawMessage(MessageId(subject.id)))
    await desk.until(lambda: published not in desk.ear.learned)
    other = await desk.decide(await desk.post("bob's words", "bob"), Verdict.REMOVE)
    await desk.until(lambda: other in desk.ear.learned)
    await (await desk.house.room()).act(EraseParticipant(ParticipantId("bob")))
    await desk.until(lambda: not desk.ear.learned)


async def test_identical_words_are_one_by_themselves_where_the_dial_says_so(desk: Desk) -> None:
    await desk.listen()
    await desk.house.do("mod", SetListening({"duplicates": Level.AUTOMATIC}))
    first = await desk.house.do("ada", AskQuestion("Delivery price?"))
    second = await desk.house.do("bob", AskQuestion("  DELIVERY  price"))
    state = (await desk.house.room()).state
    await desk.until(
        lambda: any(
            each.id == second.result.question_id and each.merged_into == first.result.question_id
            for each in state.questions.values()
        )
    )


async def test_the_ear_is_told_what_segments_and_topics_sound_like_as_soon_as_it_answers(
    desk: Desk,
) -> None:
    desk.ear.answers = False
    await desk.listen()
    said = ("my pony is ill", "I need a saddle")
    await desk.house.do("mod", SetListening(prototypes={"customer": said}))
    await desk.house.do("mod", SetListening(topics={"pets": said[:1]}))
    desk.ear.answers = True
    await desk.until(lambda: desk.ear.sentences == {"customer": said, "about pets": said[:1]})
    await desk.house.do("mod", SetListening(prototypes={"customer": ()}, topics={"pets": ()}))
    await desk.until(lambda: desk.ear.sentences == {})


async def test_with_the_dial_off_nothing_is_compared(desk: Desk) -> None:
    await desk.listen()
    await desk.house.do("mod", SetListening({"duplicates": Level.OFF}))
    await desk.house.do("ada", AskQuestion("Delivery price?"))
    await desk.house.do("bob", AskQuestion("Delivery price?"))
    removed = await desk.decide(await desk.post("win a watch"), Verdict.REMOVE)
    await desk.until(lambda: removed in desk.ear.learned)
    assert (await desk.house.room()).state.proposals == ()


async def test_of_too_many_questions_that_wait_the_oldest_are_given_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.desk.attendant.QUESTIONS_WAITING_MOST", 2)
    monkeypatch.setattr("moderation.desk.attendant.RETRY_S", 0.01)
    compared: list[str] = []
    answer = desk.ear.similar

    async def similar(question: Asked, among: Sequence[Asked]) -> tuple[Alike, ...] | None:
        if desk.ear.answers:
            compared.append(question.text)
        return await answer(question, among)

    monkeypatch.setattr(desk.ear, "similar", similar)
    desk.ear.answers = False
    await desk.listen()
    for text in ("One?", "Two?", "Three?", "Four?"):
        await desk.house.do("ada", AskQuestion(text))

    desk.ear.answers = True

    await desk.until(lambda: len(compared) == 2)
    assert compared == ["Three?", "Four?"]
