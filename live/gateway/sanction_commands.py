"""What is asked about who misbehaves, from the words of the wire into the domain's."""

from __future__ import annotations

from live.domain import sanction_commands as domain
from live.domain.ids import PaperId, ParticipantId
from live.domain.sanction import SanctionKind, Scope
from live.gateway.given import Translators, given, subject_of
from live.wire import sanction_commands as wire

COMMANDS: Translators = {
    wire.FileReport: lambda c: domain.FileReport(subject_of(c.subject), c.reason),
    wire.SetSanction: lambda c: domain.SetSanction(
        ParticipantId(c.participant_id),
        SanctionKind(c.kind),
        c.until,
        given(c.reason),
        Scope(c.scope),
    ),
    wire.FileAppeal: lambda c: domain.FileAppeal(SanctionKind(c.kind), c.text),
    wire.SettleAppeal: lambda c: domain.SettleAppeal(PaperId(c.paper_id), c.accept, given(c.text)),
    wire.SettleReport: lambda c: domain.SettleReport(c.report_id, c.outcome == "acted"),
}
