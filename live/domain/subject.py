"""What a decision, a claim, a pin or a report is about."""

from __future__ import annotations

from enum import StrEnum

from live.domain.ids import MessageId, QuestionId
from live.domain.value import dataclass


class SubjectKind(StrEnum):
    MESSAGE = "message"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Subject:
    """A message or a question, by its identifier."""

    kind: SubjectKind
    id: str

    @classmethod
    def message(cls, message_id: MessageId) -> Subject:
        return cls(SubjectKind.MESSAGE, message_id)

    @classmethod
    def question(cls, question_id: QuestionId) -> Subject:
        return cls(SubjectKind.QUESTION, question_id)
