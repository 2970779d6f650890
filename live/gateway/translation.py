"""Between the words of the wire and those of the domain: commands in, acks and refusals out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol, TypeVar, cast

from msgspec import UNSET, UnsetType

from live.domain.commands import PersonCommand
from live.domain.ids import ParticipantId
from live.domain.outcome import NOTHING, Each, Refusal, Result
from live.domain.sanction import SanctionKind
from live.gateway import (
    announcements,
    calls,
    cues,
    decision_commands,
    message_commands,
    paper_commands,
    people_commands,
    question_commands,
    runshow,
    sanction_commands,
    session_commands,
)
from live.gateway.given import Translators, present
from live.gateway.polling import POLL_COMMANDS, seen
from live.gateway.views import View, named
from live.wire import desk_shapes, frames, shapes
from live.wire.base import Command
from live.wire.codes import RefusalCode
from live.wire.frames import AckData, Refused
from live.wire.message_commands import PostMessage
from live.wire.pulse import TuneCues
from live.wire.sanction_commands import SetSanction
from live.wire.session_commands import SetListening, SetMode, SetShield


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


_COMMANDS: Final[Translators] = {
    **message_commands.COMMANDS,
    **question_commands.COMMANDS,
    **decision_commands.COMMANDS,
    **sanction_commands.COMMANDS,
    **paper_commands.COMMANDS,
    **people_commands.COMMANDS,
    **session_commands.COMMANDS,
    **announcements.COMMANDS,
    **runshow.COMMANDS,
    **cues.COMMANDS,
    **calls.COMMANDS,
    **POLL_COMMANDS,
}


def command(asked: Command) -> PersonCommand:
    """What the room is asked for; ``SetTyping`` and ``Look`` are not the room's business."""
    return _COMMANDS[type(asked)](asked)


def refused(view: View, command_id: str, refusal: Refusal) -> Refused:
    """The refusal as this reader may have it; ``current`` only where they may see the subject."""
    current = None if refusal.current is None else view.subject(refusal.current)
    return Refused(
        id=command_id,
        code=cast("RefusalCode", refusal.code),
        message=refusal.message,
        retry_after_s=UNSET if refusal.retry_after_s is None else refusal.retry_after_s,
        current=UNSET if current is None else current,
        by=view.author(refusal.by) if view.staff and refusal.by is not None else UNSET,
    )


def ack_data(view: View, asked: Command, result: Result) -> AckData:
    """What a command gave, composed from committed state for who asked."""
    if result == NOTHING and not view.staff:
        return _NO_DATA  # as nearly all taps and votes have it
    state = view.state
    message = None if result.message_id is None else state.messages.get(result.message_id)
    if isinstance(asked, PostMessage) and message is not None:  # as nearly all else
        return AckData(
            id=message.id,
            revision=present(result.revision),
            status=UNSET if result.status is None else cast("shapes.MessageStatus", result.status),
            message=present(view.message(message)),
        )
    question = None if result.question_id is None else state.questions.get(result.question_id)
    decision = _found(state.decisions, result.decision_id)
    say = _found(state.staff_says, result.say_id)
    report = _found(state.reports, result.report_id)
    pin = _found(state.pins, result.pin_id)
    announced = (
        None if result.announcement_id is None else state.announcements.get(result.announcement_id)
    )
    paper = None if result.paper_id is None else state.papers.get(result.paper_id)
    poll = None if result.poll_id is None else state.polls.get(result.poll_id)
    claim = None if result.subject is None else state.claims.get(result.subject)
    mine = result.participant_id is not None and view.knows_all_of(result.participant_id)
    return AckData(
        id=_id(result),
        revision=present(result.revision),
        status=UNSET if result.status is None else cast("shapes.MessageStatus", result.status),
        message=present(None if message is None else view.message(message)),
        question=present(None if question is None else view.question(question)),
        decision=present(None if decision is None or not view.staff else view.decision(decision)),
        participant=view.participant(result.participant_id)
        if mine and result.participant_id is not None
        else UNSET,
        claim=present(None if claim is None or not view.staff else view.claim(claim)),
        sanction=_sanction(view, asked),
        mode=view.mode() if isinstance(asked, SetMode | SetShield) else UNSET,
        listening=view.listening() if isinstance(asked, SetListening) else UNSET,
        pin=present(None if pin is None else view.pin(pin)),
        say=present(None if say is None or not view.staff else view.say(say)),
        report=present(None if report is None else view.report(report)),
        announcement=present(
            None if announced is None else announcements.announcement(view, announced)
        ),
        saved_announcement=present(
            None if announced is None else announcements.waiting(view, announced)
        ),
        paper=present(None if paper is None else view.paper(paper)),
        poll=present(None if poll is None else seen(view, poll)),
        group_id=present(result.group_id),
        each=UNSET if result.each is None else [_each(view, each) for each in result.each],
        part=runshow.ack_part(view, result.part_id),
        labels=UNSET if result.label_id is None or not view.staff else view.labels(),
        cue=cues.ack_cue(view, result.cue_id),
        call=calls.ack_call(view, result.call_id),
        cueing=cues.cueing(view) if isinstance(asked, TuneCues) else UNSET,
    )


_NO_DATA: Final = AckData()


def _found(among: Iterable[N], wanted: str | None) -> N | None:
    """The one of this id: seldom asked for, and there may be thousands."""
    if wanted is None:
        return None
    return next((each for each in among if each.id == wanted), None)


def _each(view: View, each: Each) -> frames.Each:
    current = None if each.code is None else view.subject(each.subject)
    return frames.Each(
        subject=named(each.subject),
        code=present(cast("RefusalCode | None", each.code)),
        decision_id=present(each.decision_id),
        revision=present(each.revision),
        status=present(cast("shapes.MessageStatus | None", each.status)),
        current=present(current),
    )


def _id(result: Result) -> str | UnsetType:
    """What resulted: of a verdict the decision, whose id an undo takes; else the subject."""
    names = (
        result.group_id,
        result.label_id,
        result.cue_id,
        result.call_id,
        result.decision_id,
        result.message_id,
        result.question_id,
        result.say_id,
        result.report_id,
        result.paper_id,
        result.announcement_id,
        result.poll_id,
        result.pin_id,
        result.part_id,
        result.participant_id,
    )
    return next((name for name in names if name is not None), UNSET)


def _sanction(view: View, asked: Command) -> desk_shapes.Sanction | UnsetType:
    if not view.staff or not isinstance(asked, SetSanction):
        return UNSET
    key = (ParticipantId(asked.participant_id), SanctionKind(asked.kind))
    sanction = view.state.sanctions.get(key)
    return UNSET if sanction is None else view.sanction(sanction)
