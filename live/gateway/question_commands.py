"""What is asked about questions, from the words of the wire into the domain's."""

from __future__ import annotations

from live.domain import question_commands as domain
from live.domain.ids import QuestionId
from live.gateway.given import Translators
from live.wire import question_commands as wire

COMMANDS: Translators = {
    wire.AskQuestion: lambda c: domain.AskQuestion(c.text),
    wire.VoteQuestion: lambda c: domain.VoteQuestion(QuestionId(c.question_id), c.up),
    wire.WithdrawQuestion: lambda c: domain.WithdrawQuestion(QuestionId(c.question_id)),
    wire.EditQuestion: lambda c: domain.EditQuestion(QuestionId(c.question_id), c.revision, c.text),
    wire.MergeQuestions: lambda c: domain.MergeQuestions(QuestionId(c.into), QuestionId(c.source)),
    wire.SplitQuestion: lambda c: domain.SplitQuestion(QuestionId(c.question_id)),
    wire.PromiseAnswer: lambda c: domain.PromiseAnswer(
        QuestionId(c.question_id), c.revision, c.owner, c.due
    ),
    wire.LetGo: lambda c: domain.LetGo(QuestionId(c.question_id), c.revision, c.reason),
    wire.SettleProposal: lambda c: domain.SettleProposal(c.proposal_id, c.same),
}
