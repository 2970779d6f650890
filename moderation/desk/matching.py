"""Each new question is compared with the open ones, and proposed as one with the likeliest."""

from __future__ import annotations

from collections.abc import Sequence

from live.domain.dial import Level
from live.domain.ids import QuestionId
from live.domain.merging import MERGEABLE
from live.domain.question_commands import ProposeMerge
from live.domain.state import RoomState
from moderation.desk.ports import Show
from moderation.ear.ear import Ear
from moderation.ear.ports import Alike, Asked
from moderation.policy.normalise import fold, letters

COMPARED_MOST = 300
"""A question is compared with so many of the open ones, the most wanted first."""


class Matcher:
    """Asks the ear which open question a new one repeats, and proposes it to the session."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear

    async def compare(self, show: Show, question_id: QuestionId) -> bool:
        """False where the ear does not answer now, to be tried again. Words that are the same
        letter by letter are found without it."""
        dial = show.state.listening.dial.duplicates
        asked = _asked(show.state, question_id)
        if dial is Level.OFF or asked is None:
            return True
        among = _open(show.state, question_id)
        likeliest = _identical(asked, among)
        if likeliest is None and among:
            answer = await self._ear.similar(asked, among)
            if answer is None:
                return self._ear.status.models == "off"
            likeliest = next(iter(answer), None)
        if likeliest is not None:
            await show.act(
                ProposeMerge(
                    into=QuestionId(likeliest.id),
                    source=question_id,
                    similarity=round(likeliest.similarity, 3),
                    identical=likeliest.identical,
                    merge=dial is Level.AUTOMATIC and likeliest.identical,
                )
            )
        return True


def _asked(state: RoomState, question_id: QuestionId) -> Asked | None:
    """An open question in its own right, with its words."""
    question = state.questions.get(question_id)
    if question is None or question.merged_into is not None or question.status not in MERGEABLE:
        return None
    text = state.text(question.content_id)
    return None if text is None else Asked(question.id, text, question.language)


def _open(state: RoomState, besides: QuestionId) -> list[Asked]:
    older = [each for each in state.questions.values() if each.id != besides]
    older.sort(key=lambda each: (-each.tallied, each.at))
    found = (_asked(state, each.id) for each in older)
    return [each for each in found if each is not None][:COMPARED_MOST]


def _identical(asked: Asked, among: Sequence[Asked]) -> Alike | None:
    said = letters(fold(asked.text))
    same = next((each for each in among if letters(fold(each.text)) == said), None)
    return None if same is None else Alike(same.id, similarity=1.0, identical=True)
