"""Reading in one's own language: each text is sent out at most once a language, within bounds.

Only texts that the reader may see are translated, and what they get is of the text as it stands: a
translation is kept under the name of its text, so it goes when the text does.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from live.domain.ids import ContentId, SessionId
from live.domain.message import Message
from live.domain.question import Question
from live.domain.state import RoomState
from live.domain.subject import Subject
from live.gateway.views import View
from live.ports.clock import Clock
from live.ports.translator import TranslationFailed, Translator
from live.wire import shapes

KEPT_MOST: Final = 20_000
SUBJECTS_MOST: Final = 20
DEADLINE_S: Final = 4.0

Key = tuple[ContentId, str]


@dataclass(frozen=True, slots=True)
class Translated:
    """One subject in another language, as of ``revision``."""

    subject: Subject
    revision: int
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    subject: Subject
    revision: int
    content_id: ContentId
    language: str
    text: str


@dataclass(slots=True)
class _Spent:
    """Characters sent for one session today."""

    day: date
    characters: int = 0


@dataclass(slots=True)
class Translations:
    """The one way to a translator. ``budget_characters`` a session and day; None: no service, and
    nothing is ever sent."""

    translator: Translator | None
    clock: Clock
    budget_characters: int
    deadline_s: float = DEADLINE_S
    _kept: OrderedDict[Key, str] = field(default_factory=OrderedDict)
    _flying: dict[Key, asyncio.Future[str]] = field(default_factory=dict)
    _spent: dict[SessionId, _Spent] = field(default_factory=dict)

    async def read(
        self, state: RoomState, view: View, subjects: Sequence[Subject], target: str
    ) -> list[Translated]:
        """Those of the subjects that this reader may see and that are in another language. Raises
        ``TranslationFailed``; beyond the budget with ``over_budget``."""
        if self.translator is None:
            raise TranslationFailed("off", "This installation translates nothing.")
        wanted = [each for subject in subjects if (each := _wanted(view, subject, target))]
        missing: dict[str, list[_Wanted]] = {}
        for each in wanted:
            key = (each.content_id, target)
            if key not in self._kept and key not in self._flying:
                self._flying[key] = asyncio.get_running_loop().create_future()
                missing.setdefault(each.language, []).append(each)
        flying = {
            each.content_id: future
            for each in wanted
            if (future := self._flying.get((each.content_id, target))) is not None
        }
        try:
            for source, group in missing.items():
                await self._send(state.session.id, group, source, target)
        finally:
            # Whoever asked is gone: those who waited with them may ask again.
            for each in (each for group in missing.values() for each in group):
                given_up = TranslationFailed("unreachable", "It was given up; ask again.")
                self._fail((each.content_id, target), given_up)
        told: dict[ContentId, str] = {}
        for content_id, future in flying.items():
            told[content_id] = await asyncio.shield(future)
        return [
            Translated(each.subject, each.revision, target, text)
            for each in wanted
            # Withdrawn while the service was asked: then it is nobody's to read any more.
            if view.state.text(each.content_id) is not None
            and (text := told.get(each.content_id) or self._kept.get((each.content_id, target)))
        ]

    async def propose(self, session_id: SessionId, text: str, source: str, target: str) -> str:
        """What the service makes of words not said yet. Raises ``TranslationFailed``."""
        if self.translator is not None:
            self._spend(session_id, len(text))
        return (await self._ask([text], source, target))[0]

    def forget(self, content_ids: Sequence[ContentId]) -> None:
        """These texts are gone, and so is what was made of them."""
        gone = frozenset(content_ids)
        for key in [key for key in self._kept if key[0] in gone]:
            del self._kept[key]

    async def _send(
        self, session_id: SessionId, group: Sequence[_Wanted], source: str, target: str
    ) -> None:
        """Have a group translated in one call, and settle those who wait for it."""
        keys = [(each.content_id, target) for each in group]
        try:
            self._spend(session_id, sum(len(each.text) for each in group))
            texts = await self._ask([each.text for each in group], source, target)
        except TranslationFailed as failure:
            for key in keys:
                self._fail(key, failure)
            return
        for key, text in zip(keys, texts, strict=True):
            self._keep(key, text)
            self._flying.pop(key).set_result(text)

    def _fail(self, key: Key, failure: TranslationFailed) -> None:
        """Have those who wait for this told; with nobody waiting it is no bug."""
        future = self._flying.pop(key, None)
        if future is not None:
            future.set_exception(failure)
            future.exception()

    async def _ask(self, texts: list[str], source: str, target: str) -> list[str]:
        if self.translator is None:
            raise TranslationFailed("off", "This installation translates nothing.")
        try:
            async with asyncio.timeout(self.deadline_s):
                return await self.translator.translate(texts, source=source, target=target)
        except TimeoutError:
            raise TranslationFailed(
                "unreachable", f"{self.translator.host} took longer than {self.deadline_s:g} s."
            ) from None

    def _spend(self, session_id: SessionId, characters: int) -> None:
        today = self.clock.now().date()
        spent = self._spent.get(session_id)
        if spent is None or spent.day != today:
            spent = self._spent[session_id] = _Spent(today)
        if spent.characters + characters > self.budget_characters:
            raise TranslationFailed("over_budget", "Today's characters for this session are used.")
        spent.characters += characters

    def _keep(self, key: Key, text: str) -> None:
        self._kept[key] = text
        if len(self._kept) > KEPT_MOST:
            self._kept.popitem(last=False)


def _wanted(view: View, subject: Subject, target: str) -> _Wanted | None:
    """What is to be translated of a subject, if this reader may see it in another language."""
    item = view.state.find(subject)
    shown = view.subject(subject)
    if not isinstance(item, Message | Question) or not isinstance(
        shown, shapes.Message | shapes.Question
    ):
        return None
    if _primary(item.language) == _primary(target):
        return None
    return _Wanted(subject, item.revision, item.content_id, item.language, shown.text)


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()
