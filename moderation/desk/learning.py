"""The filter hears of each decision of the team, once, also of those made while it could not.

How far it has heard is kept for each session. After a restart it goes on from there; a decision it
hears of again changes nothing, so that none is lost and none counts twice.
"""

from __future__ import annotations

from collections import OrderedDict

from live.domain.decision import Decision
from live.domain.ids import MessageId, QuestionId, SessionId
from live.domain.message import Message
from live.domain.question import Question
from live.domain.state import RoomState
from live.domain.subject import Subject, SubjectKind
from live.ports.store import Store
from moderation.desk.lessons import (
    Forget,
    Learn,
    Lesson,
    Unlearn,
    Withdraw,
    lesson_in,
    standing,
)
from moderation.desk.ports import Cursors, Show
from moderation.ear.ear import Ear
from moderation.ear.ports import Example

PAGE = 500
SUBJECTS_KEPT = 20_000


class Learner:
    """Brings one session after the other up to date with the ear."""

    def __init__(self, ear: Ear, store: Store, cursors: Cursors) -> None:
        self._ear = ear
        self._store = store
        self._cursors = cursors
        self._decided: OrderedDict[tuple[SessionId, Subject], list[str]] = OrderedDict()

    async def catch_up(self, show: Show) -> bool:
        """Teach all that is new; False where the ear does not answer now, to be tried again.

        Raises ``StoreUnavailable``.
        """
        if self._ear.status.models == "off":
            return True  # what is decided now is learned once there is a filter
        cursor = await self._cursors.get(show.id)
        while cursor < show.state.head:
            events = await show.recorded(cursor, PAGE)
            if not events:
                return True
            for each in events:
                lesson = lesson_in(each.event)
                if lesson is not None and not await self._teach(show, lesson):
                    await self._cursors.put(show.id, each.seq - 1)
                    return False
            cursor = events[-1].seq
            await self._cursors.put(show.id, cursor)
        return True

    async def _teach(self, show: Show, lesson: Lesson) -> bool:
        match lesson:
            case Learn():
                return await self._learn(show, lesson)
            case Unlearn(decision_id):
                return await self._undo(show, decision_id)
            case Forget(author_id):
                return await self._ear.forget(author_id) is not None
            case Withdraw(subject):
                known = self._decisions_on(show, subject)
                return not known or await self._ear.unlearn(known) is not None

    async def _undo(self, show: Show, undone_id: str) -> bool:
        """Takes away what the undone decision taught, or had taught again as an undo, and teaches
        what stands now."""
        decisions: dict[str, Decision] = {each.id: each for each in show.state.decisions}
        taught = standing(undone_id, decisions)
        gone = undone_id if taught is None else taught.decision_id
        if await self._ear.unlearn([gone]) is None:
            return False
        undone = decisions.get(undone_id)
        again = None if undone is None else standing(undone.supersedes, decisions)
        return again is None or await self._learn(show, again)

    async def _learn(self, show: Show, lesson: Learn) -> bool:
        if lesson.instead_of is not None and await self._ear.unlearn([lesson.instead_of]) is None:
            return False
        example = await self._example(show, lesson)
        if example is None:
            return True
        self._note(show.id, lesson)
        return await self._ear.learn(example) is not None

    async def _example(self, show: Show, lesson: Learn) -> Example | None:
        """What was decided on; None where its words are gone."""
        item, text = find(show.state, lesson.subject)
        if item is None and lesson.subject.kind is SubjectKind.MESSAGE:
            wanted = [MessageId(lesson.subject.id)]
            messages, contents = await self._store.find_messages(show.id, wanted)
            item = messages[0] if messages else None
            text = next((each.text for each in contents), None)
        if item is None or text is None:
            return None
        return Example(lesson.decision_id, item.author_id, text, lesson.unwanted)

    def _note(self, session_id: SessionId, lesson: Learn) -> None:
        key = (session_id, lesson.subject)
        self._decided.setdefault(key, []).append(lesson.decision_id)
        self._decided.move_to_end(key)
        if len(self._decided) > SUBJECTS_KEPT:
            self._decided.popitem(last=False)

    def _decisions_on(self, show: Show, subject: Subject) -> list[str]:
        noted = self._decided.get((show.id, subject), [])
        told = [each.id for each in show.state.decisions if each.subject == subject]
        return list(dict.fromkeys([*noted, *told]))


def find(state: RoomState, subject: Subject) -> tuple[Message | Question | None, str | None]:
    """A subject and its words, as far as they are in memory."""
    item: Message | Question | None
    if subject.kind is SubjectKind.MESSAGE:
        item = state.messages.get(MessageId(subject.id))
    else:
        item = state.questions.get(QuestionId(subject.id))
    return item, None if item is None else state.text(item.content_id)
