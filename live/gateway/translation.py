"""Between the words of the wire and those of the domain: commands in, acks and refusals out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar, cast

from msgspec import UNSET, UnsetType

from live.domain import commands as domain
from live.domain import (
    decision_commands,
    message_commands,
    paper_commands,
    people_commands,
    question_commands,
    sanction_commands,
    session_commands,
)
from live.domain.decision import Verdict
from live.domain.dial import Level
from live.domain.ids import (
    DecisionId,
    MessageId,
    PaperId,
    ParticipantId,
    QuestionId,
)
from live.domain.label import Colour
from live.domain.listening import Desk, Route
from live.domain.mode import Review
from live.domain.outcome import NOTHING, Each, Refusal, Result
from live.domain.sanction import SanctionKind, Scope
from live.domain.stage import SetSlate
from live.domain.subject import Subject, SubjectKind
from live.gateway import announcements, calls, cues, runshow
from live.gateway.polling import POLL_COMMANDS, seen
from live.gateway.views import View, named
from live.wire import commands as wire
from live.wire import desk_shapes, frames, shapes
from live.wire.base import Command
from live.wire.codes import RefusalCode
from live.wire.frames import AckData, Refused
from live.wire.pulse import TuneCues

T = TypeVar("T")


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _rules(asked: wire.SetMode) -> session_commands.SetMode:
    return session_commands.SetMode(
        review=None if asked.review is UNSET else Review(asked.review),
        slow_s=_given(asked.slow_s),
        members_only=_given(asked.members_only),
        emoji_only=_given(asked.emoji_only),
        links=_given(asked.links),
        long_form=_given(asked.long_form),
        questions_only=_given(asked.questions_only),
        hold_newcomers=_given(asked.hold_newcomers),
    )


# Each handler takes the command of its own key; the type of the table cannot say so.
_COMMANDS: Mapping[type[Command], Callable[[Any], domain.PersonCommand]] = {
    wire.PostMessage: lambda c: message_commands.PostMessage(c.text, _given(c.reply_to)),
    wire.WithdrawMessage: lambda c: message_commands.WithdrawMessage(MessageId(c.message_id)),
    wire.EditMessage: lambda c: message_commands.EditMessage(
        MessageId(c.message_id), c.revision, c.text
    ),
    wire.AskQuestion: lambda c: question_commands.AskQuestion(c.text),
    wire.VoteQuestion: lambda c: question_commands.VoteQuestion(QuestionId(c.question_id), c.up),
    wire.WithdrawQuestion: lambda c: question_commands.WithdrawQuestion(QuestionId(c.question_id)),
    wire.EditQuestion: lambda c: question_commands.EditQuestion(
        QuestionId(c.question_id), c.revision, c.text
    ),
    wire.MergeQuestions: lambda c: question_commands.MergeQuestions(
        QuestionId(c.into), QuestionId(c.source)
    ),
    wire.SplitQuestion: lambda c: question_commands.SplitQuestion(QuestionId(c.question_id)),
    wire.AddReaction: lambda c: session_commands.AddReaction(
        session_commands.ReactionKind(c.kind), c.count
    ),
    wire.SetProfile: lambda c: people_commands.SetProfile(
        language=_given(c.language), segment=_given(c.segment), display_name=_given(c.display_name)
    ),
    wire.FileReport: lambda c: sanction_commands.FileReport(_subject(c.subject), c.reason),
    wire.MutePerson: lambda c: people_commands.MutePerson(ParticipantId(c.participant_id), c.on),
    wire.Decide: lambda c: decision_commands.Decide(
        _subject(c.subject), c.revision, Verdict(c.verdict), _given(c.reason)
    ),
    wire.DecideMany: lambda c: decision_commands.DecideMany(
        tuple(_aimed(each) for each in c.subjects), Verdict(c.verdict), _given(c.reason)
    ),
    wire.UndoDecision: lambda c: decision_commands.UndoDecision(
        None if c.decision_id is UNSET else DecisionId(c.decision_id), _given(c.group_id), c.over
    ),
    wire.DefineLabel: lambda c: decision_commands.DefineLabel(
        c.name, Colour(c.colour), _given(c.label_id)
    ),
    wire.RemoveLabel: lambda c: decision_commands.RemoveLabel(c.label_id),
    wire.SetLabels: lambda c: decision_commands.SetLabels(_subject(c.subject), tuple(c.labels)),
    wire.Assign: lambda c: decision_commands.Assign(
        _subject(c.subject), None if c.participant_id is None else ParticipantId(c.participant_id)
    ),
    wire.WriteReply: lambda c: decision_commands.WriteReply(
        _subject(c.subject), c.revision, c.text
    ),
    wire.TakeReplyBack: lambda c: decision_commands.TakeReplyBack(_subject(c.subject), c.revision),
    wire.PromiseAnswer: lambda c: question_commands.PromiseAnswer(
        QuestionId(c.question_id), c.revision, c.owner, c.due
    ),
    wire.LetGo: lambda c: question_commands.LetGo(QuestionId(c.question_id), c.revision, c.reason),
    wire.ClaimSubject: lambda c: decision_commands.ClaimSubject(_subject(c.subject)),
    wire.ReleaseSubject: lambda c: decision_commands.ReleaseSubject(_subject(c.subject)),
    wire.SetSanction: lambda c: sanction_commands.SetSanction(
        ParticipantId(c.participant_id),
        SanctionKind(c.kind),
        c.until,
        _given(c.reason),
        Scope(c.scope),
    ),
    wire.FileAppeal: lambda c: sanction_commands.FileAppeal(SanctionKind(c.kind), c.text),
    wire.SettleAppeal: lambda c: sanction_commands.SettleAppeal(
        PaperId(c.paper_id), c.accept, _given(c.text)
    ),
    wire.SettleReport: lambda c: sanction_commands.SettleReport(c.report_id, c.outcome == "acted"),
    wire.AddNote: lambda c: paper_commands.AddNote(ParticipantId(c.participant_id), c.text),
    wire.RemoveNote: lambda c: paper_commands.RemoveNote(PaperId(c.paper_id)),
    wire.SendLetter: lambda c: paper_commands.SendLetter(
        c.text, None if c.participant_id is UNSET else ParticipantId(c.participant_id)
    ),
    wire.AnswerPrivately: lambda c: paper_commands.AnswerPrivately(
        QuestionId(c.question_id), c.text, c.offer
    ),
    wire.ConsentToAnswer: lambda c: paper_commands.ConsentToAnswer(PaperId(c.paper_id), c.on),
    wire.SetMode: _rules,
    wire.SetShield: lambda c: session_commands.SetShield(
        c.on, _given(c.reason), None if c.rules is UNSET else _rules(c.rules)
    ),
    wire.SetPin: lambda c: session_commands.SetPin(
        _given(c.text), None if c.subject is UNSET else _subject(c.subject)
    ),
    wire.ClearPin: lambda c: session_commands.ClearPin(_given(c.pin_id)),
    **runshow.COMMANDS,
    **announcements.COMMANDS,
    wire.SetScreen: lambda c: session_commands.SetScreen(_subject(c.subject)),
    wire.ClearScreen: lambda _: session_commands.ClearScreen(),
    wire.SetSlate: lambda c: SetSlate(c.on),
    wire.SayToStaff: lambda c: session_commands.SayToStaff(c.text, to_host=c.to == "host"),
    wire.TurnIntoQuestion: lambda c: message_commands.TurnIntoQuestion(
        MessageId(c.message_id), c.revision
    ),
    wire.SettleProposal: lambda c: question_commands.SettleProposal(c.proposal_id, c.same),
    wire.PlacePerson: lambda c: people_commands.PlacePerson(
        ParticipantId(c.participant_id), c.segment
    ),
    wire.SetListening: lambda c: session_commands.SetListening(
        levels=None if c.dial is UNSET else {name: Level(level) for name, level in c.dial.items()},
        mask_personal_data=_given(c.mask_personal_data),
        watched=_lists(c.watched),
        prototypes=_lists(c.prototypes),
        topics=_lists(c.topics),
        routes=None
        if c.routes is UNSET
        else tuple(
            Route(Desk(each.desk), each.segment, tuple(each.words), tuple(each.topics))
            for each in c.routes
        ),
    ),
    **cues.COMMANDS,
    **calls.COMMANDS,
    **POLL_COMMANDS,
}


def command(asked: Command) -> domain.PersonCommand:
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
    if isinstance(asked, wire.PostMessage) and message is not None:  # as nearly all else
        return AckData(
            id=message.id,
            revision=_set(result.revision),
            status=UNSET if result.status is None else cast("shapes.MessageStatus", result.status),
            message=_set(view.message(message)),
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
        revision=_set(result.revision),
        status=UNSET if result.status is None else cast("shapes.MessageStatus", result.status),
        message=_set(None if message is None else view.message(message)),
        question=_set(None if question is None else view.question(question)),
        decision=_set(None if decision is None or not view.staff else view.decision(decision)),
        participant=view.participant(result.participant_id)
        if mine and result.participant_id is not None
        else UNSET,
        claim=_set(None if claim is None or not view.staff else view.claim(claim)),
        sanction=_sanction(view, asked),
        mode=view.mode() if isinstance(asked, wire.SetMode | wire.SetShield) else UNSET,
        listening=view.listening() if isinstance(asked, wire.SetListening) else UNSET,
        pin=_set(None if pin is None else view.pin(pin)),
        say=_set(None if say is None or not view.staff else view.say(say)),
        report=_set(None if report is None else view.report(report)),
        announcement=_set(
            None if announced is None else announcements.announcement(view, announced)
        ),
        saved_announcement=_set(
            None if announced is None else announcements.waiting(view, announced)
        ),
        paper=_set(None if paper is None else view.paper(paper)),
        poll=_set(None if poll is None else seen(view, poll)),
        group_id=_set(result.group_id),
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
        code=_set(cast("RefusalCode | None", each.code)),
        decision_id=_set(each.decision_id),
        revision=_set(each.revision),
        status=_set(cast("shapes.MessageStatus | None", each.status)),
        current=_set(current),
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
    if not view.staff or not isinstance(asked, wire.SetSanction):
        return UNSET
    key = (ParticipantId(asked.participant_id), SanctionKind(asked.kind))
    sanction = view.state.sanctions.get(key)
    return UNSET if sanction is None else view.sanction(sanction)


def _aimed(aimed: wire.Aimed) -> decision_commands.Aimed:
    verdict = None if aimed.verdict is UNSET else Verdict(aimed.verdict)
    return decision_commands.Aimed(_subject(aimed.subject), aimed.revision, verdict)


def _subject(subject: shapes.Subject) -> Subject:
    return Subject(SubjectKind(subject.kind), subject.id)


def _lists(
    given: Mapping[str, Sequence[str]] | UnsetType,
) -> Mapping[str, tuple[str, ...]] | None:
    return None if given is UNSET else {key: tuple(entries) for key, entries in given.items()}


def _given(value: T | UnsetType) -> T | None:
    return None if value is UNSET else value


def _set(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value
