"""Event × audience → what may be seen: an event of the wire, or nothing.

An event is composed from the state that is committed when it is sent, not from that of its own
moment: a fact is its type, its place in the log and whom it concerns, the words are today's. So
what was withdrawn since comes out as a tombstone, and a later event changes nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import UNSET

from live.domain import (
    announcement_events,
    decision_events,
    message_events,
    people_events,
    question_events,
    session_events,
)
from live.domain.call import Call
from live.domain.call_events import CallChanged
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import ParticipantId
from live.domain.message import Message, MessageStatus
from live.domain.paper import Paper
from live.domain.part import PartEvent, RunshowChanged
from live.domain.poll_events import PollAnswered
from live.domain.proposal import Proposal
from live.domain.question import Question
from live.domain.sanction import Sanction
from live.domain.staff import Report, StaffSay
from live.domain.stage import SeatState
from live.domain.state import PUBLIC_QUESTIONS, RoomState
from live.gateway import announcements, calls, cues, runshow
from live.gateway.polling import PollEvent, told
from live.gateway.views import View, named, rfc3339
from live.wire import announcement_shapes, desk_shapes, shapes
from live.wire import events as wire
from live.wire.frames import WireEvent

_Seen = tuple[str, shapes.Shape]
_MessageEvent = (
    message_events.MessageHeld
    | message_events.MessagePublished
    | message_events.MessageRefused
    | message_events.MessageEdited
    | message_events.MessageRemoved
)
_QuestionEvent = (
    question_events.QuestionHeld
    | question_events.QuestionPublished
    | question_events.QuestionChanged
    | question_events.QuestionSplit
)


AnnouncementEvent = announcement_events.AnnouncementSent | announcement_events.AnnouncementChanged

CohortEvent = AnnouncementEvent | PollEvent
"""What each cohort is told in its own words."""


class Projection:
    """What one audience, a ``cohort`` or one ``reader`` of it, gets of the events of a committed
    state.

    It lives for one loop step: it reads the state that was committed when it was made.
    """

    def __init__(
        self,
        state: RoomState,
        *,
        staff: bool,
        reader: ParticipantId | None = None,
        cohort: tuple[str, str] | None = None,
    ) -> None:
        self._state = state
        self._view = View(state, staff, reader, cohort)
        self._staff = staff
        self._reader = reader
        self._known: frozenset[ParticipantId] | None = None

    def project(self, recorded: Iterable[Recorded]) -> list[WireEvent]:
        """Those of the events that may be seen, in their order."""
        return [event for each in recorded if (event := self.event(each)) is not None]

    def event(self, recorded: Recorded) -> WireEvent | None:
        """The event as it may be seen, or None."""
        seen = self._seen(recorded)
        if seen is None:
            return None
        name, data = seen
        return WireEvent(seq=recorded.seq, type=name, at=rfc3339(recorded.at), data=data)

    def _seen(self, recorded: Recorded) -> _Seen | None:
        event = recorded.event
        if isinstance(event, _MessageEvent):
            return self._message(event, recorded.seq)
        if isinstance(event, decision_events.SubjectSettled):
            return self._settled(event, recorded.seq)
        if isinstance(event, _QuestionEvent):
            return self._question(event, recorded.seq)
        if isinstance(event, question_events.QuestionMerged):
            return self._merged(event)
        if isinstance(event, question_events.BallotCast | question_events.VoteTallied):
            return self._vote(event)
        if isinstance(event, AnnouncementEvent):
            return self._announcement(event)
        if isinstance(event, PartEvent):
            return self._part(event)
        if isinstance(event, cues.CueEvent):
            cue = cues.told(self._view, event) if self._staff else None
            return None if cue is None else (event.type, cue)
        if isinstance(event, announcement_events.AnnouncementSaved):
            return self._saved(event)
        if isinstance(event, PollEvent | PollAnswered):
            return told(self._view, event)
        data = self._standing(recorded, event) or self._team(recorded, event)
        return None if data is None else (event.type, data)

    # --- what people write

    def _message(self, event: _MessageEvent, seq: int) -> _Seen | None:
        message = self._state.messages.get(event.message_id)
        item = None if message is None else self._view.message(message)
        if message is None or item is None:
            return None
        data = wire.MessageChanged(message=item)
        published = isinstance(event, message_events.MessagePublished)
        if published and message.place is not None and message.place < seq:
            data = wire.MessageChanged(message=item, place=message.place)
        if self._view.knows_all_of(message.author_id) or published:
            return event.type, data
        if message.place is None or seq < message.place:
            return None
        if isinstance(event, message_events.MessageHeld | message_events.MessageRefused):
            # It had been public and was taken back to the team: to others it is gone.
            gone = isinstance(item, shapes.MessageTombstone)
            return (message_events.MessageRemoved.type, data) if gone else None
        return event.type, data

    def _question(self, event: _QuestionEvent, seq: int) -> _Seen | None:
        question = self._state.questions.get(event.question_id)
        item = None if question is None else self._view.question(question)
        if question is None or item is None:
            return None
        data = wire.QuestionChanged(question=item)
        published = isinstance(event, question_events.QuestionPublished)
        if published:
            again = question.place is not None and question.place < seq
            data = wire.QuestionChanged(
                question=item,
                place=question.place if again and question.place is not None else UNSET,
                total=len(self._state.question_order),
            )
        if self._view.knows_all_of(question.author_id) or published:
            return event.type, data
        if question.place is None or seq < question.place:
            return None
        if isinstance(event, question_events.QuestionHeld):
            gone = isinstance(item, shapes.QuestionTombstone)
            return (question_events.QuestionChanged.type, data) if gone else None
        return event.type, data

    def _settled(self, event: decision_events.SubjectSettled, seq: int) -> _Seen | None:
        """What the team said to it is part of the message or question: that one has changed."""
        item = self._state.find(event.subject)
        seen = None if item is None else self._view.subject(event.subject)
        if item is None or seen is None:
            return None
        public = item.place is not None and seq >= item.place
        if not public and not self._view.knows_all_of(item.author_id):
            return None
        if isinstance(seen, shapes.Message | shapes.MessageTombstone):
            return message_events.MessageEdited.type, wire.MessageChanged(message=seen)
        return question_events.QuestionChanged.type, wire.QuestionChanged(question=seen)

    def _merged(self, event: question_events.QuestionMerged) -> _Seen | None:
        into = self._view.question(self._state.questions[event.into_id])
        source = self._view.question(self._state.questions[event.source_id])
        if into is not None and source is not None:
            return event.type, wire.QuestionMerged(into=into, question=source)
        known = into or source
        if known is None:
            return None
        return question_events.QuestionChanged.type, wire.QuestionChanged(question=known)

    def _vote(
        self, event: question_events.BallotCast | question_events.VoteTallied
    ) -> _Seen | None:
        if isinstance(event, question_events.BallotCast):
            if self._reader is None or event.participant_id != self._reader:
                return None
            return event.type, wire.BallotCast(question_id=event.question_id, up=event.up)
        question = self._state.questions[event.question_id]
        if question.place is None and not self._view.knows_all_of(question.author_id):
            return None
        return event.type, wire.VoteTallied(question_id=question.id, votes=question.tallied)

    def _saved(self, event: announcement_events.AnnouncementSaved) -> _Seen | None:
        if not self._staff:
            return None
        kept = announcements.saved(self._view, self._state.announcements[event.announcement_id])
        return event.type, wire.AnnouncementSaved(announcement=kept)

    def _announcement(self, event: AnnouncementEvent) -> _Seen | None:
        announcement = self._state.announcements[event.announcement_id]
        shown = announcements.announcement(self._view, announcement)
        if isinstance(event, announcement_events.AnnouncementSent):
            if not isinstance(shown, announcement_shapes.Announcement):
                return None
            return event.type, wire.AnnouncementChanged(announcement=shown)
        # These people may have had it before it was corrected.
        gone = announcement_shapes.AnnouncementTombstone(id=announcement.id, status="withdrawn")
        return event.type, wire.AnnouncementChanged(announcement=shown or gone)

    def _part(self, event: PartEvent) -> _Seen | None:
        """Viewers hear of what is on and next, by whatever it changed."""
        data = runshow.told(self._view, event)
        if data is None:
            return None
        return event.type if self._staff else RunshowChanged.type, data

    # --- the show and who takes part

    def _standing(self, recorded: Recorded, event: Event) -> shapes.Shape | None:
        match event:
            case session_events.SessionChanged():
                return wire.SessionChanged(session=self._view.session())
            case session_events.ModeChanged():
                return wire.ModeChanged(mode=self._view.mode())
            case session_events.StageChanged():
                return wire.StageChanged(stage=calls.stage(self._view))
            case session_events.PinChanged():
                return wire.PinChanged(pins=self._view.pins())
            case session_events.ScreenChanged():
                return wire.ScreenChanged(screen=self._view.screen())
            case people_events.ParticipantChanged(participant_id=changed):
                if not (self._view.knows_all_of(changed) or changed in self._publicly_known()):
                    return None
                return wire.ParticipantChanged(participant=self._view.participant(changed))
            case CallChanged(call=changed_call):
                return calls.told(self._view, changed_call)
            case people_events.SanctionSet():
                return self._sanction(recorded, event)
            case people_events.PaperChanged(paper_id=paper_id):
                return self._paper(self._state.papers[paper_id])
            case people_events.PersonMuted(by=by) if (
                self._reader is not None and by == self._reader
            ):
                return wire.MuteChanged(participant_id=event.participant_id, on=event.on)
            case _:
                return None

    def _sanction(
        self, recorded: Recorded, event: people_events.SanctionSet
    ) -> wire.SanctionChanged | None:
        """For the team and for whom it is about."""
        if not self._view.knows_all_of(event.participant_id):
            return None
        sanction = self._state.sanctions.get((event.participant_id, event.kind))
        if event.lifted or sanction is None:
            sanction = Sanction(
                event.participant_id, event.kind, event.until, recorded.at, scope=event.scope
            )
        return wire.SanctionChanged(sanction=self._view.sanction(sanction), lifted=event.lifted)

    def _paper(self, paper: Paper) -> wire.PaperChanged | None:
        if self._staff or (paper.for_both and self._view.knows_all_of(paper.participant_id)):
            return wire.PaperChanged(paper=self._view.paper(paper))
        return None

    def _publicly_known(self) -> frozenset[ParticipantId]:
        """Those whose name stands under something that everyone may see."""
        if self._known is None:
            self._known = frozenset(_publicly_known(self._state))
        return self._known

    # --- the team's own

    def _team(self, recorded: Recorded, event: Event) -> shapes.Shape | None:
        if not self._staff:
            return None
        view, at = self._view, recorded.at
        match event:
            case decision_events.DecisionMade():
                reason = self._state.text(event.reason_id)
                return wire.DecisionMade(
                    decision=desk_shapes.Decision(
                        id=event.decision_id,
                        subject=named(event.subject),
                        verdict=event.verdict.value,
                        by=None if event.by is None else view.author(event.by),
                        at=rfc3339(at),
                        revision=event.revision,
                        reason=UNSET if reason is None else reason,
                        supersedes=event.supersedes or UNSET,
                        group=event.group or UNSET,
                    )
                )
            case decision_events.LabelsChanged():
                return wire.LabelsChanged(labels=view.labels())
            case decision_events.SubjectMarked(subject=subject):
                marked = self._state.find(subject) or event
                return wire.SubjectMarked(
                    subject=named(subject),
                    marks=desk_shapes.Marks(
                        labels=list(marked.labels) or UNSET, assignee=marked.assignee or UNSET
                    ),
                )
            case decision_events.ClaimChanged(subject=subject):
                claim = self._state.claims.get(subject)
                return wire.ClaimChanged(
                    subject=named(subject), claim=None if claim is None else view.claim(claim)
                )
            case session_events.StaffSaid(
                say_id=say_id, author_id=author_id, content_id=content_id
            ):
                say = StaffSay(say_id, author_id, content_id, at, event.to_host)
                return wire.StaffSaid(say=view.say(say))
            case people_events.ReportFiled(report_id=report_id, subject=subject, by=by):
                known = (each for each in self._state.reports if each.id == report_id)
                report = Report(report_id, subject, by, event.content_id, at)
                report = next(known, report)
                return wire.ReportFiled(report=view.report(report))
            case people_events.ReportSettled(report_id=report_id, acted=acted, by=by):
                return wire.ReportSettled(
                    report_id=report_id,
                    outcome="acted" if acted else "unfounded",
                    by=view.author(by),
                )
            case question_events.ProposalRaised() as raised:
                proposal = Proposal(
                    raised.proposal_id,
                    raised.into_id,
                    raised.source_id,
                    raised.similarity,
                    at,
                    raised.identical,
                )
                return wire.ProposalRaised(proposal=view.proposal(proposal))
            case question_events.ProposalSettled(proposal_id=proposal_id, outcome=outcome, by=by):
                who = None if by is None else view.author(by)
                return wire.ProposalSettled(proposal_id=proposal_id, outcome=outcome.value, by=who)
            case session_events.ListeningChanged(by=by):
                who = None if by is None else view.author(by)
                return wire.ListeningChanged(listening=view.listening(), by=who)
            case _:
                return None


def concerned(state: RoomState, recorded: Iterable[Recorded]) -> set[ParticipantId]:
    """The participants who may see more of these events than the rest of their audience does."""
    return {person for each in recorded for person in _concerned(state, each)}


def _concerned(state: RoomState, recorded: Recorded) -> Iterator[ParticipantId]:
    match recorded.event:
        case (
            question_events.BallotCast(participant_id=person)
            | PollAnswered(participant_id=person)
            | people_events.PersonMuted(by=person)
            | people_events.ParticipantChanged(participant_id=person)
            | people_events.SanctionSet(participant_id=person)
            | people_events.PaperChanged(participant_id=person)
            | CallChanged(call=Call(participant_id=person))
        ):
            yield person
        case (
            message_events.MessageHeld(message_id=message_id)
            | message_events.MessagePublished(message_id=message_id)
            | message_events.MessageRefused(message_id=message_id)
            | message_events.MessageEdited(message_id=message_id)
            | message_events.MessageRemoved(message_id=message_id)
        ):
            yield from _author(state.messages.get(message_id), recorded.seq)
        case (
            question_events.QuestionHeld(question_id=question_id)
            | question_events.QuestionPublished(question_id=question_id)
            | question_events.QuestionChanged(question_id=question_id)
            | question_events.QuestionSplit(question_id=question_id)
        ):
            yield from _author(state.questions.get(question_id), recorded.seq)
        case decision_events.SubjectSettled(subject=subject):
            yield from _author(state.find(subject), recorded.seq)
        case question_events.QuestionMerged(into_id=into, source_id=source):
            yield from _author(state.questions.get(into), recorded.seq)
            yield from _author(state.questions.get(source), recorded.seq)
        case _:
            return


def _author(item: Message | Question | None, seq: int) -> Iterator[ParticipantId]:
    """The author, unless everyone sees the same of it."""
    if item is None:
        return
    public = item.status is MessageStatus.PUBLISHED or item.status in PUBLIC_QUESTIONS
    if not public or item.place is None or seq < item.place:
        yield item.author_id


def _publicly_known(state: RoomState) -> Iterator[ParticipantId]:
    for message in state.messages.values():
        if message.status is MessageStatus.PUBLISHED:
            yield message.author_id
    for question in state.questions.values():
        if question.status in PUBLIC_QUESTIONS and state.shared_answer(question.id) is None:
            yield question.author_id
    for seat in state.seats:
        if seat.state is not SeatState.PREVIEW:
            yield seat.participant_id
