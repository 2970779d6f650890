"""What is asked about chat lines, from the words of the wire into the domain's."""

from __future__ import annotations

from live.domain import message_commands as domain
from live.domain.ids import MessageId
from live.gateway.given import Translators, given
from live.wire import message_commands as wire

COMMANDS: Translators = {
    wire.PostMessage: lambda c: domain.PostMessage(c.text, given(c.reply_to)),
    wire.WithdrawMessage: lambda c: domain.WithdrawMessage(MessageId(c.message_id)),
    wire.EditMessage: lambda c: domain.EditMessage(MessageId(c.message_id), c.revision, c.text),
    wire.TurnIntoQuestion: lambda c: domain.TurnIntoQuestion(MessageId(c.message_id), c.revision),
}
