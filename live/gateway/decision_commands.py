"""Decisions, labels and written replies, from the words of the wire into the domain's."""

from __future__ import annotations

from msgspec import UNSET

from live.domain import decision_commands as domain
from live.domain.decision import Verdict
from live.domain.ids import DecisionId, ParticipantId
from live.domain.label import Colour
from live.gateway.given import Translators, given, subject_of
from live.wire import decision_commands as wire


def _aimed(aimed: wire.Aimed) -> domain.Aimed:
    verdict = None if aimed.verdict is UNSET else Verdict(aimed.verdict)
    return domain.Aimed(subject_of(aimed.subject), aimed.revision, verdict)


COMMANDS: Translators = {
    wire.Decide: lambda c: domain.Decide(
        subject_of(c.subject), c.revision, Verdict(c.verdict), given(c.reason)
    ),
    wire.DecideMany: lambda c: domain.DecideMany(
        tuple(_aimed(each) for each in c.subjects), Verdict(c.verdict), given(c.reason)
    ),
    wire.UndoDecision: lambda c: domain.UndoDecision(
        None if c.decision_id is UNSET else DecisionId(c.decision_id), given(c.group_id), c.over
    ),
    wire.DefineLabel: lambda c: domain.DefineLabel(c.name, Colour(c.colour), given(c.label_id)),
    wire.RemoveLabel: lambda c: domain.RemoveLabel(c.label_id),
    wire.SetLabels: lambda c: domain.SetLabels(subject_of(c.subject), tuple(c.labels)),
    wire.Assign: lambda c: domain.Assign(
        subject_of(c.subject), None if c.participant_id is None else ParticipantId(c.participant_id)
    ),
    wire.WriteReply: lambda c: domain.WriteReply(subject_of(c.subject), c.revision, c.text),
    wire.TakeReplyBack: lambda c: domain.TakeReplyBack(subject_of(c.subject), c.revision),
    wire.ClaimSubject: lambda c: domain.ClaimSubject(subject_of(c.subject)),
    wire.ReleaseSubject: lambda c: domain.ReleaseSubject(subject_of(c.subject)),
}
