"""What may be asked about papers: notes, letters and private answers."""

from __future__ import annotations

from live.domain.ids import PaperId, ParticipantId, QuestionId
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class AddNote:
    participant_id: ParticipantId
    text: str


@dataclass(frozen=True, slots=True)
class RemoveNote:
    paper_id: PaperId


@dataclass(frozen=True, slots=True)
class SendLetter:
    """``participant_id``: to whom the team writes; a person's own go to the team."""

    text: str
    participant_id: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class AnswerPrivately:
    """``offer``: the asker is asked whether everyone may read it."""

    question_id: QuestionId
    text: str
    offer: bool = True


@dataclass(frozen=True, slots=True)
class ConsentToAnswer:
    paper_id: PaperId
    on: bool


PaperCommand = AddNote | RemoveNote | SendLetter | AnswerPrivately | ConsentToAnswer
