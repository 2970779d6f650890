"""Reading in one's own language: who may, what is sent, how often, and what goes with a text."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from app.translating import Translations
from live.domain.content import all_versions
from live.domain.ids import MessageId, ParticipantId
from live.domain.message_commands import PostMessage, WithdrawMessage
from live.domain.mode import Review
from live.domain.outcome import Screening
from live.domain.state import RoomState
from live.domain.subject import Subject
from live.gateway.views import View
from live.ports.translator import TranslationFailed
from tests.support.rooms import OwnClock
from tests.support.scene import Scene

FRENCH = Screening(hold=False, language="fr")


class Slow:
    """Answers when it is told to, and remembers what it was asked."""

    name, host = "slow", "slow.example"

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.languages: list[str] = []
        self.was_asked = asyncio.Event()
        self.go = asyncio.Event()
        self.fails: TranslationFailed | None = None

    async def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        self.asked.append(list(texts))
        self.languages.append(source)
        self.was_asked.set()
        await self.go.wait()
        if self.fails is not None:
            raise self.fails
        return [f"{target}: {text}" for text in texts]

    async def probe(self) -> None: ...

    async def close(self) -> None: ...


def posted(scene: Scene, text: str, who: str = "ada") -> Subject:
    return Subject.message(scene.message(scene.do(who, PostMessage(text))).id)


def view(state: RoomState, reader: str = "bob") -> View:
    who = ParticipantId(reader)
    return View(state, state.participants[who].role.is_staff, who)


@pytest.fixture
def slow() -> Slow:
    slow = Slow()
    slow.go.set()
    return slow


async def test_one_text_is_sent_once_however_many_ask_for_it(slow: Slow) -> None:
    scene, translations = Scene(), Translations(slow, OwnClock(), 1_000)
    subject = posted(scene, "hello")
    slow.go.clear()
    asks = [
        asyncio.create_task(translations.read(scene.state, view(scene.state, who), [subject], "fr"))
        for who in ("bob", "cyd", "mod")
    ]
    await slow.was_asked.wait()
    slow.go.set()
    told = await asyncio.gather(*asks)
    assert {each[0].text for each in told} == {"fr: hello"}
    again = await translations.read(scene.state, view(scene.state), [subject], "fr")
    assert again == told[0]
    assert slow.asked == [["hello"]]


async def test_what_a_reader_may_not_see_is_not_sent_for_them(slow: Slow) -> None:
    scene, translations = Scene(), Translations(slow, OwnClock(), 1_000)
    scene.set_mode(review=Review.BEFORE)
    held = posted(scene, "held back")
    assert await translations.read(scene.state, view(scene.state), [held], "fr") == []
    assert slow.asked == []
    assert await translations.read(scene.state, view(scene.state, "mod"), [held], "fr")


async def test_what_is_in_that_language_already_is_not_sent(slow: Slow) -> None:
    scene, translations = Scene(), Translations(slow, OwnClock(), 1_000)
    message = scene.message(scene.do("ada", PostMessage("bonsoir"), FRENCH))
    subject = Subject.message(message.id)
    assert await translations.read(scene.state, view(scene.state), [subject], "fr-CA") == []
    assert slow.asked == []


async def test_a_withdrawn_text_takes_its_translation_along(slow: Slow) -> None:
    scene, translations = Scene(), Translations(slow, OwnClock(), 1_000)
    subject = posted(scene, "hello")
    await translations.read(scene.state, view(scene.state), [subject], "fr")
    message = scene.state.messages[MessageId(subject.id)]
    slow.go.clear()
    slow.was_asked.clear()
    other = posted(scene, "still on its way")
    late = asyncio.create_task(
        translations.read(scene.state, view(scene.state), [subject, other], "fr")
    )
    await slow.was_asked.wait()
    scene.do("ada", WithdrawMessage(message.id))
    translations.forget(all_versions(message.content_id, message.revision))
    slow.go.set()
    assert [each.subject for each in await late] == [other]
    assert await translations.read(scene.state, view(scene.state, "mod"), [subject], "fr") == []


async def test_beyond_the_days_budget_nothing_is_sent_and_tomorrow_it_is(slow: Slow) -> None:
    clock = OwnClock()
    scene, translations = Scene(), Translations(slow, clock, 8)
    first, second = posted(scene, "hello"), posted(scene, "good day")
    await translations.read(scene.state, view(scene.state), [first], "fr")
    with pytest.raises(TranslationFailed) as failed:
        await translations.read(scene.state, view(scene.state), [second], "fr")
    assert failed.value.code == "over_budget"
    clock.pass_s(86_400)
    assert await translations.read(scene.state, view(scene.state), [second], "fr")
    assert slow.asked == [["hello"], ["good day"]]
    assert slow.languages == ["en", "en"]


async def test_a_service_that_takes_too_long_is_given_up_and_asked_again_later(slow: Slow) -> None:
    scene, translations = Scene(), Translations(slow, OwnClock(), 1_000, deadline_s=0.01)
    subject = posted(scene, "hello")
    slow.go.clear()
    with pytest.raises(TranslationFailed) as failed:
        await translations.read(scene.state, view(scene.state), [subject], "fr")
    assert failed.value.code == "unreachable"
    slow.go.set()
    assert await translations.read(scene.state, view(scene.state), [subject], "fr")


async def test_without_a_service_nothing_is_read() -> None:
    scene, translations = Scene(), Translations(None, OwnClock(), 1_000)
    with pytest.raises(TranslationFailed) as failed:
        await translations.read(scene.state, view(scene.state), [posted(scene, "hello")], "fr")
    assert failed.value.code == "off"
