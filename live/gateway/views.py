"""What one reader may see of each thing of a session, in the shapes of the wire.

Together with ``projection`` this is the privacy boundary: nothing reaches a socket or an HTTP
answer except through a ``View``. Texts and names are read from what still exists, so whatever was
withdrawn or erased comes out as a tombstone, however old the event that speaks of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import get_args

from msgspec import UNSET, UnsetType

from live.domain import decision as decisions
from live.domain import judgement as judgements
from live.domain import message as messages
from live.domain import paper as papers
from live.domain import proposal as proposals
from live.domain import question as questions
from live.domain import sanction as sanctions
from live.domain import staff as team
from live.domain.dial import Judgement
from live.domain.ids import ParticipantId
from live.domain.message import MessageStatus
from live.domain.mode import Shield
from live.domain.people import GRANTED_SEGMENTS, OPEN_SEGMENTS
from live.domain.pin import Pin
from live.domain.recording import Recording
from live.domain.stage import Slate
from live.domain.state import PUBLIC_QUESTIONS, RoomState
from live.domain.subject import Subject
from live.domain.value import dataclass
from live.wire import desk_shapes, shapes

NAMELESS = shapes.Author(id="", display_name=None, role="viewer")
"""Who asked what was published by consent, without a name."""

_UNPUBLISHED = frozenset({MessageStatus.PENDING, MessageStatus.REFUSED})


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who are sent the same: the team or not, and a cohort (segment and language)."""

    staff: bool
    segment: str
    language: str


def audience_of(state: RoomState, participant_id: ParticipantId) -> Audience:
    """The audience that a participant belongs to now."""
    person = state.participants[participant_id]
    return _audience(person.role.is_staff, person.segment, person.language)


_audience = lru_cache(maxsize=1024)(Audience)
"""The same one for nearly all who are in it: ten thousand are compared in each round."""


@lru_cache(maxsize=1024)
def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds and a ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


@dataclass(frozen=True, slots=True)
class View:
    """A session as one audience sees it, or one ``reader`` of that audience.

    Without a reader it shows what all of the audience have in common: the team or everyone else,
    or a ``cohort`` (segment, language) of either.
    """

    state: RoomState
    staff: bool
    reader: ParticipantId | None = None
    cohort: tuple[str, str] | None = None

    def knows_all_of(self, author_id: ParticipantId) -> bool:
        """Whether the reader may know what is not published: the team and the author."""
        return self.staff or (self.reader is not None and self.reader == author_id)

    @property
    def own_cohort(self) -> tuple[str, str] | None:
        """The segment and language of those who read this."""
        if self.cohort is None and self.reader is not None:
            person = self.state.participants[self.reader]
            return person.segment, person.language
        return self.cohort

    # --- people

    def author(self, participant_id: ParticipantId) -> shapes.Author:
        person = self.state.participants.get(participant_id)
        if person is None:
            return shapes.Author(id=participant_id, display_name=None, role="viewer")
        return shapes.Author(
            id=person.id,
            display_name=person.display_name,
            role=person.role.value,
            segment=person.segment if self.staff else UNSET,
        )

    def participant(self, participant_id: ParticipantId) -> shapes.Participant:
        person = self.state.participants[participant_id]
        private = self.knows_all_of(participant_id)
        return shapes.Participant(
            id=person.id,
            role=person.role.value,
            display_name=person.display_name,
            segment=person.segment if private else UNSET,
            language=person.language if private else UNSET,
        )

    # --- messages

    def message(self, message: messages.Message) -> shapes.Message | shapes.MessageTombstone | None:
        """The message as the reader may have it now; None if there is nothing for them to know."""
        text = self.state.text(message.content_id)
        if message.status is MessageStatus.PUBLISHED and text is not None:
            return self._message(message, text)
        private = self.knows_all_of(message.author_id)
        if private and message.status in _UNPUBLISHED and text is not None:
            return self._message(message, text)
        if message.place is not None:
            return shapes.MessageTombstone(id=message.id, status="removed")
        if private:
            return shapes.MessageTombstone(id=message.id, status=message.status.value)
        return None

    def _message(self, message: messages.Message, text: str) -> shapes.Message:
        held = message.status in _UNPUBLISHED
        return shapes.Message(
            id=message.id,
            revision=message.revision,
            status=message.status.value,
            text=text,
            language=message.language,
            author=self.author(message.author_id),
            at=rfc3339(message.at),
            reply_to=message.reply_to or UNSET,
            seq=UNSET if message.place is None else message.place,
            edited=message.edited,
            reasons=self._reasons(message.reasons) if held or self.staff else UNSET,
            score=message.score if self.staff and message.score is not None else UNSET,
            hints=self._hints(message.hints),
            labels=list(message.labels) if self.staff and message.labels else UNSET,
            assignee=message.assignee or UNSET if self.staff else UNSET,
            reply=self._reply(Subject.message(message.id)) if self.state.settled else UNSET,
        )

    # --- questions

    def question(
        self, question: questions.Question
    ) -> shapes.Question | shapes.QuestionTombstone | None:
        """The question as the reader may have it now; None if there is nothing to know."""
        text = self.state.text(question.content_id)
        private = self.knows_all_of(question.author_id)
        public = question.status in PUBLIC_QUESTIONS
        if text is not None and not question.withdrawn and (public or private):
            return self._question(question, text)
        if question.place is not None or private:
            return shapes.QuestionTombstone(id=question.id, status="dismissed")
        return None

    def _question(self, question: questions.Question, text: str) -> shapes.Question:
        public = question.status in PUBLIC_QUESTIONS
        shared = self.state.shared_answer(question.id) if public else None
        answer = None if shared is None else self.state.text(shared.content_id)
        subject = Subject.question(question.id)
        return shapes.Question(
            id=question.id,
            revision=question.revision,
            status=question.status.value,
            text=text,
            language=question.language,
            author=self.author(question.author_id) if shared is None or self.staff else NAMELESS,
            votes=question.tallied,
            at=rfc3339(question.at),
            merged_into=question.merged_into or UNSET,
            asked_by=self.state.asked_by(question.id),
            asked_in=self.state.asked_in(question.id),
            from_message=question.from_message or UNSET,
            seq=UNSET if question.place is None else question.place,
            edited=question.edited,
            picked_at=_moment(question.picked_at),
            answering_at=_moment(question.answering_at),
            answered_at=_moment(question.answered_at),
            answer=UNSET if answer is None else answer,
            reasons=self._reasons(question.reasons) if self.staff or not public else UNSET,
            score=question.score if self.staff and question.score is not None else UNSET,
            hints=self._hints(question.hints),
            labels=list(question.labels) if self.staff and question.labels else UNSET,
            assignee=question.assignee or UNSET if self.staff else UNSET,
            reply=self._reply(subject),
            promise=self._promise(subject),
            let_go=self._let_go(subject),
        )

    def subject(
        self, subject: Subject
    ) -> (
        shapes.Message | shapes.Question | shapes.MessageTombstone | shapes.QuestionTombstone | None
    ):
        """Whatever the subject is, as the reader may have it."""
        found = self.state.find(subject)
        if isinstance(found, messages.Message):
            return self.message(found)
        return None if found is None else self.question(found)

    # --- what the team said to it

    def _reply(self, subject: Subject) -> shapes.BrandReply | UnsetType:
        settled = self.state.settled.get(subject)
        said = None if settled is None else settled.reply
        text = None if said is None else self.state.text(said.content_id)
        if said is None or text is None:
            return UNSET
        return shapes.BrandReply(text=text, at=rfc3339(said.at), by=self._for_staff(said.by))

    def _promise(self, subject: Subject) -> shapes.PromisedAnswer | UnsetType:
        settled = self.state.settled.get(subject)
        made = None if settled is None else settled.promise
        if made is None:
            return UNSET
        return shapes.PromisedAnswer(
            owner=self.state.text(made.owner_id),
            due=rfc3339(made.due),
            at=rfc3339(made.at),
            by=self._for_staff(made.by),
        )

    def _let_go(self, subject: Subject) -> shapes.NoAnswer | UnsetType:
        settled = self.state.settled.get(subject)
        said = None if settled is None else settled.let_go
        if said is None:
            return UNSET
        reason = self.state.text(said.content_id) or ""
        return shapes.NoAnswer(reason=reason, at=rfc3339(said.at), by=self._for_staff(said.by))

    def _for_staff(self, by: ParticipantId) -> shapes.Author | UnsetType:
        return self.author(by) if self.staff else UNSET

    # --- what was made of a text

    def _reasons(self, reasons: Iterable[messages.Reason]) -> list[shapes.Reason]:
        """Why it was held; the team also learns what was only noted."""
        return [
            shapes.Reason(
                code=reason.code,
                text=reason.text,
                evidence=UNSET if reason.evidence is None else reason.evidence,
                by=reason.by if self.staff else UNSET,
                noted=True if reason.noted else UNSET,
            )
            for reason in reasons
            if self.staff or not reason.noted
        ]

    def _hints(self, hints: judgements.Hints) -> shapes.Hints | UnsetType:
        if not self.staff or hints == judgements.NO_HINTS:
            return UNSET
        return shapes.Hints(
            question=UNSET if hints.question is None else hints.question,
            segment=_hint(hints.segment),
            desk=_hint(hints.desk),
            weighed=[_weighed(each) for each in hints.weighed] if hints.weighed else UNSET,
        )

    # --- the show

    def session(self) -> shapes.Session:
        session = self.state.session
        first = session.languages[0]
        return shapes.Session(
            slug=session.slug,
            title=session.title,
            state=session.state.value,
            starts_at=None if session.starts_at is None else rfc3339(session.starts_at),
            languages=list(session.languages),
            segments=[shapes.SegmentInfo(id=name, open=True) for name in OPEN_SEGMENTS]
            + [shapes.SegmentInfo(id=name, open=False) for name in GRANTED_SEGMENTS]
            + [
                shapes.SegmentInfo(
                    id=each.id,
                    open=each.open,
                    name=each.names.get(first, next(iter(each.names.values()), each.id)),
                    names=dict(each.names),
                    colour=UNSET if each.colour is None else each.colour.value,
                    description=each.description or UNSET,
                )
                for each in session.segments
            ],
            review=self.state.mode.review.value,
            visibility="private" if session.visibility == "private" else "public",
            live_since=None if session.live_since is None else rfc3339(session.live_since),
            ended_at=None if session.ended_at is None else rfc3339(session.ended_at),
            recorded=session.recording is Recording.ON,
            recording_trouble=(session.recording.trouble or UNSET) if self.staff else UNSET,
        )

    def mode(self) -> shapes.Mode:
        mode = self.state.mode
        return shapes.Mode(
            review=mode.review.value,
            slow_s=mode.slow_s,
            members_only=mode.members_only,
            emoji_only=mode.emoji_only,
            links=mode.links,
            long_form=mode.long_form,
            questions_only=mode.questions_only,
            hold_newcomers=mode.newcomers_held is not None,
            shield=None if mode.shield is None else self.shield(mode.shield),
        )

    def shield(self, shield: Shield) -> shapes.Shield:
        return shapes.Shield(
            since=rfc3339(shield.since),
            reason=self.state.text(shield.reason_id),
            by=self.author(shield.by) if self.staff else UNSET,
        )

    def slate(self, slate: Slate) -> shapes.Slate:
        return shapes.Slate(
            since=rfc3339(slate.since), by=self.author(slate.by) if self.staff else UNSET
        )

    def pins(self) -> list[shapes.Pin]:
        shown = (self.pin(pin) for pin in self.state.pins)
        return [pin for pin in shown if pin is not None]

    def pin(self, pin: Pin) -> shapes.Pin | None:
        """None where its text is erased."""
        text = self.state.text(pin.content_id)
        if text is None and pin.subject is None:
            return None
        return shapes.Pin(
            id=pin.id,
            at=rfc3339(pin.at),
            text=UNSET if text is None else text,
            subject=UNSET if pin.subject is None else named(pin.subject),
        )

    def screen(self) -> shapes.Subject | None:
        on_screen = self.state.on_screen
        return None if on_screen is None else named(on_screen)

    # --- the team's

    def decision(self, decision: decisions.Decision) -> desk_shapes.Decision:
        reason = self.state.text(decision.reason_id)
        return desk_shapes.Decision(
            id=decision.id,
            subject=named(decision.subject),
            verdict=decision.verdict.value,
            by=None if decision.by is None else self.author(decision.by),
            at=rfc3339(decision.at),
            revision=decision.revision,
            reason=UNSET if reason is None else reason,
            supersedes=decision.supersedes or UNSET,
            group=decision.group or UNSET,
        )

    def labels(self) -> list[desk_shapes.Label]:
        return [
            desk_shapes.Label(id=each.id, name=each.name, colour=each.colour.value)
            for each in self.state.labels
        ]

    def claim(self, claim: decisions.Claim) -> desk_shapes.Claim:
        return desk_shapes.Claim(
            subject=named(claim.subject), by=self.author(claim.by), until=rfc3339(claim.until)
        )

    def sanction(self, sanction: sanctions.Sanction) -> desk_shapes.Sanction:
        return desk_shapes.Sanction(
            participant_id=sanction.participant_id,
            kind=sanction.kind.value,
            until=None if sanction.until is None else rfc3339(sanction.until),
            at=rfc3339(sanction.at),
            scope=sanction.scope.value,
            reason=_known(self.state.text(sanction.reason_id)),
            by=self.author(sanction.by) if self.staff and sanction.by is not None else UNSET,
        )

    def paper(self, paper: papers.Paper) -> desk_shapes.Paper:
        """For the team; and, unless it is a note, for the person it is about."""
        who = self.author if self.staff else None
        return desk_shapes.Paper(
            id=paper.id,
            kind=paper.kind.value,
            status=paper.status.value,
            at=rfc3339(paper.at),
            by_team=paper.author_id != paper.participant_id,
            text=_known(self.state.text(paper.content_id)),
            about=paper.about or UNSET,
            reply=_known(self.state.text(paper.reply_id)),
            author=UNSET if who is None else who(paper.author_id),
            person=UNSET if who is None else who(paper.participant_id),
            settled_by=UNSET if who is None or paper.settled_by is None else who(paper.settled_by),
        )

    def papers_of(self, participant_id: ParticipantId) -> list[desk_shapes.Paper]:
        """What lies between the team and this person, for that person, oldest first."""
        mine = (
            self.state.papers[each] for each in self.state.papers_with.get(participant_id) or ()
        )
        return in_order(self.paper(each) for each in mine if each.for_both)

    def say(self, say: team.StaffSay) -> desk_shapes.StaffSay:
        return desk_shapes.StaffSay(
            id=say.id,
            author=self.author(say.author_id),
            text=self.state.text(say.content_id) or "",
            at=rfc3339(say.at),
            to="host" if say.to_host else UNSET,
        )

    def report(self, report: team.Report) -> desk_shapes.Report:
        return desk_shapes.Report(
            id=report.id,
            subject=named(report.subject),
            reason=self.state.text(report.content_id) or "",
            by=self.author(report.by),
            at=rfc3339(report.at),
            outcome=None if report.acted is None else "acted" if report.acted else "unfounded",
        )

    def proposal(self, proposal: proposals.Proposal) -> desk_shapes.Proposal:
        return desk_shapes.Proposal(
            id=proposal.id,
            into=proposal.into,
            source=proposal.source,
            similarity=proposal.similarity,
            at=rfc3339(proposal.at),
            identical=proposal.identical,
        )

    def listening(self) -> desk_shapes.Listening:
        """Every dial as it stands."""
        now = self.state.listening
        return desk_shapes.Listening(
            dial={name: now.dial.level(name).value for name in get_args(Judgement)},
            mask_personal_data=now.dial.mask_personal_data,
            watched={key: list(words) for key, words in sorted(now.watched.items())},
            prototypes={key: list(said) for key, said in sorted(now.prototypes.items())},
            topics={key: list(said) for key, said in sorted(now.topics.items())},
            routes=[
                desk_shapes.Route(
                    desk=each.desk.value,
                    segment=each.segment,
                    words=list(each.words),
                    topics=list(each.topics),
                )
                for each in now.routes
            ],
        )


def named(subject: Subject) -> shapes.Subject:
    """A subject's name on the wire."""
    return shapes.Subject(kind=subject.kind.value, id=subject.id)


def in_order(papers: Iterable[desk_shapes.Paper]) -> list[desk_shapes.Paper]:
    """By time, then by id: an order that a client can keep by itself."""
    return sorted(papers, key=lambda each: (each.at, each.id))


def _known(text: str | None) -> str | UnsetType:
    return UNSET if text is None else text


def _hint(hint: judgements.Hint | None) -> shapes.Hint | UnsetType:
    if hint is None:
        return UNSET
    likelihood = UNSET if hint.likelihood is None else hint.likelihood
    evidence = UNSET if hint.evidence is None else hint.evidence
    return shapes.Hint(value=hint.value, why=hint.why, evidence=evidence, likelihood=likelihood)


def _weighed(weighed: judgements.Weighed) -> shapes.Weighed:
    return shapes.Weighed(
        weight=weighed.weight,
        words=UNSET if weighed.words is None else weighed.words,
        like=UNSET if weighed.like is None else named(weighed.like),
    )


def _moment(moment: datetime | None) -> str | UnsetType:
    return UNSET if moment is None else rfc3339(moment)
