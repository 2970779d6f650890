"""Which messages a command or an event speaks of: they have to be in the window by then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from live.domain.commands import (
    ClaimSubject,
    Command,
    Decide,
    EditMessage,
    FileReport,
    PostMessage,
    SetPin,
    SetScreen,
    TurnIntoQuestion,
    UndoDecision,
    WithdrawMessage,
)
from live.domain.events import (
    DecisionMade,
    MessageEdited,
    MessageHeld,
    MessagePublished,
    MessageRefused,
    MessageRemoved,
    ModeChanged,
    Recorded,
    ReportFiled,
    StaffSaid,
)
from live.domain.ids import ContentId, MessageId
from live.domain.state import RoomState
from live.domain.subject import Subject, SubjectKind


def messages_in_command(state: RoomState, command: Command) -> Iterator[MessageId]:
    """The messages without which this command cannot be decided."""
    if isinstance(command, WithdrawMessage | EditMessage | TurnIntoQuestion):
        yield command.message_id
    elif isinstance(command, PostMessage):
        if command.reply_to:
            yield command.reply_to
    elif isinstance(command, Decide | ClaimSubject | FileReport | SetPin | SetScreen):
        yield from _message_in(command.subject)
    elif isinstance(command, UndoDecision):
        for decision in state.decisions:
            if decision.id == command.decision_id:
                yield from _message_in(decision.subject)


def messages_in_events(events: Iterable[Recorded]) -> Iterator[MessageId]:
    """The messages without which these events cannot be told."""
    for each in events:
        if isinstance(
            each.event,
            MessageHeld | MessagePublished | MessageRefused | MessageEdited | MessageRemoved,
        ):
            yield each.event.message_id


def contents_in_events(events: Iterable[Recorded]) -> Iterator[ContentId]:
    """The texts without which these events cannot be told, messages and questions aside."""
    for each in events:
        if isinstance(each.event, StaffSaid | ReportFiled):
            yield each.event.content_id
        elif isinstance(each.event, DecisionMade) and each.event.reason_id is not None:
            yield each.event.reason_id
        elif isinstance(each.event, ModeChanged) and each.event.mode.reason_id is not None:
            yield each.event.mode.reason_id


def _message_in(subject: Subject | None) -> Iterator[MessageId]:
    if subject is not None and subject.kind is SubjectKind.MESSAGE:
        yield MessageId(subject.id)
