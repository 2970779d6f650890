"""Notes, letters and private answers, from the words of the wire into the domain's."""

from __future__ import annotations

from msgspec import UNSET

from live.domain import paper_commands as domain
from live.domain.ids import PaperId, ParticipantId, QuestionId
from live.gateway.given import Translators
from live.wire import paper_commands as wire

COMMANDS: Translators = {
    wire.AddNote: lambda c: domain.AddNote(ParticipantId(c.participant_id), c.text),
    wire.RemoveNote: lambda c: domain.RemoveNote(PaperId(c.paper_id)),
    wire.SendLetter: lambda c: domain.SendLetter(
        c.text, None if c.participant_id is UNSET else ParticipantId(c.participant_id)
    ),
    wire.AnswerPrivately: lambda c: domain.AnswerPrivately(
        QuestionId(c.question_id), c.text, c.offer
    ),
    wire.ConsentToAnswer: lambda c: domain.ConsentToAnswer(PaperId(c.paper_id), c.on),
}
