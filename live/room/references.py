"""Which messages a command or an event speaks of: they have to be in the window by then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from live.domain.announcement_events import AnnouncementChanged, AnnouncementSaved, AnnouncementSent
from live.domain.commands import Command
from live.domain.decision import Decision
from live.domain.decision_commands import (
    Assign,
    ClaimSubject,
    Decide,
    DecideMany,
    SetLabels,
    TakeReplyBack,
    UndoDecision,
    WriteReply,
)
from live.domain.decision_events import DecisionMade, SubjectMarked, SubjectSettled
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import ContentId, MessageId
from live.domain.message_commands import EditMessage, PostMessage, TurnIntoQuestion, WithdrawMessage
from live.domain.message_events import (
    MessageEdited,
    MessageHeld,
    MessagePublished,
    MessageRefused,
    MessageRemoved,
)
from live.domain.part import PartChanged
from live.domain.people_events import PaperChanged, ReportFiled, SanctionSet
from live.domain.sanction_commands import FileReport
from live.domain.session_commands import SetPin, SetScreen
from live.domain.session_events import ModeChanged, StaffSaid
from live.domain.state import RoomState
from live.domain.subject import Subject, SubjectKind

_ABOUT_ONE = (
    Decide
    | ClaimSubject
    | FileReport
    | SetPin
    | SetScreen
    | SetLabels
    | Assign
    | WriteReply
    | TakeReplyBack
)


def messages_in_command(
    state: RoomState, command: Command, recalled: Iterable[Decision] = ()
) -> Iterator[MessageId]:
    """The messages without which this command cannot be decided."""
    for decision in recalled:
        yield from _message_in(decision.subject)
    if isinstance(command, WithdrawMessage | EditMessage | TurnIntoQuestion):
        yield command.message_id
    elif isinstance(command, PostMessage):
        if command.reply_to:
            yield command.reply_to
    elif isinstance(command, _ABOUT_ONE):
        yield from _message_in(command.subject)
    elif isinstance(command, DecideMany):
        for each in command.subjects:
            yield from _message_in(each.subject)
    elif isinstance(command, UndoDecision):
        for decision in state.decisions:
            group = command.group_id is not None and decision.group == command.group_id
            if group or decision.id == command.decision_id:
                yield from _message_in(decision.subject)


_ABOUT_MESSAGES = MessageHeld | MessagePublished | MessageRefused | MessageEdited | MessageRemoved
_WITH_TEXTS = (
    StaffSaid
    | ReportFiled
    | PaperChanged
    | AnnouncementSent
    | AnnouncementSaved
    | AnnouncementChanged
    | PartChanged
    | DecisionMade
    | SanctionSet
    | ModeChanged
)


def messages_in_events(events: Iterable[Recorded]) -> Iterator[MessageId]:
    """The messages without which these events cannot be told."""
    for each in events:
        if isinstance(each.event, _ABOUT_MESSAGES):
            yield each.event.message_id
        elif isinstance(each.event, SubjectMarked | SubjectSettled):
            yield from _message_in(each.event.subject)


def contents_in_events(events: Iterable[Recorded]) -> Iterator[ContentId]:
    """The texts without which these events cannot be told, messages and questions aside."""
    for each in events:
        if isinstance(each.event, _WITH_TEXTS):
            yield from (named for named in _contents_in(each.event) if named is not None)


def _contents_in(event: Event) -> tuple[ContentId | None, ...]:
    match event:
        case StaffSaid() | ReportFiled():
            return (event.content_id,)
        case PaperChanged():
            return (event.content_id, event.reply_id)
        case AnnouncementSent() | AnnouncementSaved() | AnnouncementChanged():
            return tuple(each.content_id for each in event.variants)
        case PartChanged():
            return (event.plan.content_id,)
        case DecisionMade() | SanctionSet():
            return (event.reason_id,)
        case ModeChanged():
            return (event.mode.reason_id,)
        case _:
            return ()


def _message_in(subject: Subject | None) -> Iterator[MessageId]:
    if subject is not None and subject.kind is SubjectKind.MESSAGE:
        yield MessageId(subject.id)
