"""All that is true of a running session, and nothing about how anyone is told.

Readers see committed state. The writer decides on a draft (``fork``) that it absorbs once the store
has taken the batch, or drops. ``live.domain.fold`` is the only writer of facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from live.domain.announcement import Announcement
from live.domain.ballot_box import BallotBox
from live.domain.call import Calling
from live.domain.content import Content
from live.domain.cue import Cue, Cueing
from live.domain.decision import Claim, Decision
from live.domain.funnel import Reached
from live.domain.ids import (
    AnnouncementId,
    ContentId,
    MessageId,
    PaperId,
    ParticipantId,
    PartId,
    PollId,
    QuestionId,
)
from live.domain.label import Label
from live.domain.listening import Listening
from live.domain.message import Finding, Message, MessageStatus, Reason
from live.domain.mode import Mode
from live.domain.paper import Paper, PaperStatus
from live.domain.part import Part, Runshow
from live.domain.people import Participant
from live.domain.pin import Pin
from live.domain.poll import Poll
from live.domain.proposal import Pair, Proposal
from live.domain.pulse import Tick
from live.domain.question import Question, QuestionStatus
from live.domain.sanction import Sanction, SanctionKind
from live.domain.session import Session
from live.domain.settlement import Settlement
from live.domain.staff import Report, StaffSay
from live.domain.stage import Seat, Slate
from live.domain.subject import Subject, SubjectKind
from live.domain.tables import Ballots, Table, Trail

DECISIONS_KEPT = 250
"""Two sweeps of the largest size, and what was decided singly meanwhile."""

SAYS_KEPT = 50
REPORTS_KEPT = 100
TIMELINE_KEPT = 500

PUBLIC_QUESTIONS = frozenset(
    {
        QuestionStatus.PUBLISHED,
        QuestionStatus.PICKED,
        QuestionStatus.ANSWERING,
        QuestionStatus.ANSWERED,
    }
)
"""The statuses in which everyone sees a question."""

OPEN_QUESTIONS = PUBLIC_QUESTIONS - {QuestionStatus.ANSWERED}
"""The statuses in which a question is public and still wants an answer."""


_NOTHING_FOUND = Finding()


class RoomState:
    """The state of one session at ``head``.

    ``messages`` is a window: all pending ones, the latest, and those asked for lately (the room
    fetches others from the store). ``timeline`` and ``question_order`` are in order of first
    publication. ``held`` is what waits for a decision, ``own`` each author's pending and refused.
    Sequences (``decisions``, ``staff_says``, ``reports``) are oldest first and bounded; mappings
    and sequences are replaced, never changed in place. ``papers_with`` finds papers by their
    person, ``answers`` the private answer of a question. ``findings`` are what the gate found in
    new texts, of which events hold the codes; they last as long as a draft. ``apart`` are the pairs
    of questions that the team takes for two. ``ticks`` are the last quarter of an hour of the
    pulse, ``begun`` when somebody last gave a reaction whose beginners are counted, ``reached`` how
    far each person came.
    """

    __slots__ = (
        "announcements",
        "answers",
        "apart",
        "ballots",
        "begun",
        "calling",
        "claims",
        "contents",
        "cueing",
        "cues",
        "decisions",
        "findings",
        "head",
        "held",
        "labels",
        "last_posts",
        "listening",
        "members",
        "messages",
        "mode",
        "mutes",
        "on_screen",
        "own",
        "papers",
        "papers_with",
        "participants",
        "parts",
        "pins",
        "poll_ballots",
        "polls",
        "proposals",
        "question_order",
        "questions",
        "reached",
        "reactions",
        "reports",
        "runshow",
        "sanctions",
        "seats",
        "session",
        "settled",
        "slate",
        "staff",
        "staff_says",
        "ticks",
        "timeline",
    )

    def __init__(self, session: Session, mode: Mode | None = None) -> None:
        self.session = session
        self.mode = mode or Mode()
        self.head = 0
        self.participants: Table[ParticipantId, Participant] = Table()
        self.staff: Table[ParticipantId, ParticipantId] = Table()
        self.messages: Table[MessageId, Message] = Table()
        self.questions: Table[QuestionId, Question] = Table()
        self.contents: Table[ContentId, Content] = Table()
        self.held: Table[Subject, Subject] = Table()
        self.own: Table[ParticipantId, tuple[Subject, ...]] = Table()
        self.timeline: Trail[MessageId] = Trail(TIMELINE_KEPT)
        self.question_order: Trail[QuestionId] = Trail()
        self.members: Table[QuestionId, tuple[QuestionId, ...]] = Table()
        self.ballots = Ballots()
        self.mutes: Table[ParticipantId, frozenset[ParticipantId]] = Table()
        self.last_posts: Table[ParticipantId, datetime] = Table()
        self.announcements: Table[AnnouncementId, Announcement] = Table()
        self.parts: Table[PartId, Part] = Table()
        self.polls: Table[PollId, Poll] = Table()
        self.poll_ballots = BallotBox()
        self.papers: Table[PaperId, Paper] = Table()
        self.papers_with: Table[ParticipantId, tuple[PaperId, ...]] = Table()
        self.answers: Table[QuestionId, PaperId] = Table()
        self.reactions: Table[tuple[str, str], int] = Table()
        self.ticks: Table[int, Tick] = Table()
        self.begun: Table[tuple[ParticipantId, str], int] = Table()
        self.reached: Table[ParticipantId, Reached] = Table()
        self.claims: Mapping[Subject, Claim] = {}
        self.sanctions: Mapping[tuple[ParticipantId, SanctionKind], Sanction] = {}
        self.decisions: tuple[Decision, ...] = ()
        self.on_screen: Subject | None = None
        self.pins: tuple[Pin, ...] = ()
        self.seats: tuple[Seat, ...] = ()
        self.slate: Slate | None = None
        self.calling = Calling()
        self.staff_says: tuple[StaffSay, ...] = ()
        self.reports: tuple[Report, ...] = ()
        self.labels: tuple[Label, ...] = ()
        self.settled: Mapping[Subject, Settlement] = {}
        self.listening = Listening()
        self.cues: tuple[Cue, ...] = ()
        self.cueing = Cueing()
        self.proposals: tuple[Proposal, ...] = ()
        self.apart: tuple[Pair, ...] = ()
        self.runshow = Runshow()
        self.findings: dict[ContentId, Finding] = {}

    # --- drafts

    def fork(self) -> RoomState:
        """A draft: it sees what it changes, this state does not until ``absorb``."""
        draft = RoomState.__new__(RoomState)
        for name in _VALUES:
            setattr(draft, name, getattr(self, name))
        for name in _LAYERED:
            setattr(draft, name, getattr(self, name).fork())
        draft.findings = {}
        return draft

    def absorb(self, draft: RoomState) -> None:
        """Make a draft of this state true."""
        for name in _VALUES:
            setattr(self, name, getattr(draft, name))
        for name in _LAYERED:
            getattr(self, name).absorb(getattr(draft, name))

    def become(self, other: RoomState) -> None:
        """Be what ``other`` is; that one is given up."""
        for name in (*_VALUES, *_LAYERED):
            setattr(self, name, getattr(other, name))

    # --- what folding shares

    def finding(self, content_id: ContentId, codes: tuple[str, ...]) -> Finding:
        """What was found in a new text: the reasons of these codes with their words, and the hints,
        where they are at hand."""
        known = self.findings.get(content_id, _NOTHING_FOUND)
        if tuple(reason.code for reason in known.reasons) == codes:
            return known
        return Finding(tuple(Reason(code, "") for code in codes), known.hints)

    def index(self, subject: Subject, author_id: ParticipantId, *, held: bool, own: bool) -> None:
        """Keep ``held`` and ``own`` in step with a subject's status."""
        if held != (subject in self.held):
            if held:
                self.held[subject] = subject
            else:
                self.held.discard(subject)
        mine = self.own.get(author_id) or ()
        if own != (subject in mine):
            self.own[author_id] = (
                (*mine, subject) if own else tuple(each for each in mine if each != subject)
            )

    def note_post(self, author_id: ParticipantId, at: datetime) -> None:
        """Keep when someone last wrote: the latest moment, also where a clock was set back since,
        so that it is the same whether folded or loaded."""
        last = self.last_posts.get(author_id)
        if last is None or last < at:
            self.last_posts[author_id] = at

    def put_participant(self, participant: Participant) -> None:
        self.participants[participant.id] = participant
        if participant.role.is_staff:
            self.staff[participant.id] = participant.id
        elif participant.id in self.staff:
            self.staff.discard(participant.id)

    # --- questions that readers ask

    def text(self, content_id: ContentId | None) -> str | None:
        """The words, or None where they are erased or were never there."""
        content = None if content_id is None else self.contents.get(content_id)
        return None if content is None else content.text

    def status(self, subject: Subject) -> str | None:
        found = self.find(subject)
        return None if found is None else found.status.value

    def find(self, subject: Subject) -> Message | Question | None:
        if subject.kind is SubjectKind.MESSAGE:
            return self.messages.get(MessageId(subject.id))
        return self.questions.get(QuestionId(subject.id))

    def is_public(self, subject: Subject) -> bool:
        """Whether everyone may see it now."""
        found = self.find(subject)
        if isinstance(found, Message):
            return found.status is MessageStatus.PUBLISHED
        return found is not None and found.status in PUBLIC_QUESTIONS

    def shared_answer(self, question_id: QuestionId) -> Paper | None:
        """The answer that was given in private and is public by its asker's consent."""
        paper_id = self.answers.get(question_id)
        paper = None if paper_id is None else self.papers[paper_id]
        return paper if paper is not None and paper.status is PaperStatus.SHARED else None

    def root(self, question_id: QuestionId) -> Question:
        """What a question counts for: itself, or the end of its chain of merges."""
        question = self.questions[question_id]
        while question.merged_into is not None:
            question = self.questions[question.merged_into]
        return question

    def tree(self, question_id: QuestionId) -> list[QuestionId]:
        """A question and all that was merged into it, at whatever depth."""
        found = [question_id]
        for member in self.members.get(question_id) or ():
            found.extend(self.tree(member))
        return found

    def votes(self, question_id: QuestionId) -> int:
        """Distinct people whose ballots count for this question at this moment; what is *shown* is
        ``Question.tallied``."""
        tree = self.tree(question_id)
        if len(tree) == 1:
            return self.ballots.count(question_id)
        return len(set().union(*(self.ballots.voters(member) for member in tree)))

    def asked_by(self, question_id: QuestionId) -> int:
        """Distinct authors of a question and of what was merged into it."""
        return len({self.questions[member].author_id for member in self.tree(question_id)})

    def asked_in(self, question_id: QuestionId) -> list[str]:
        """The languages of a question and of what was merged into it, sorted."""
        return sorted({self.questions[member].language for member in self.tree(question_id)})

    def answering(self) -> Question | None:
        """The one that is being answered."""
        for question in self.questions.values():
            if question.status is QuestionStatus.ANSWERING:
                return question
        return None

    def held_items(self) -> list[Message | Question]:
        """All that waits for a decision, oldest first."""
        found = [item for subject in self.held if (item := self.find(subject)) is not None]
        return sorted(found, key=lambda item: item.at)

    def own_items(self, participant_id: ParticipantId) -> list[Message | Question]:
        """A person's own pending and refused, oldest first; nothing that was withdrawn."""
        own = self.own.get(participant_id) or ()
        return [item for subject in own if (item := self.find(subject)) is not None]

    def sanction_of(
        self, participant_id: ParticipantId, kinds: Iterable[SanctionKind], now: datetime
    ) -> Sanction | None:
        """The first of these measures that holds against someone."""
        if not self.sanctions:
            return None
        for kind in kinds:
            sanction = self.sanctions.get((participant_id, kind))
            if sanction is not None and sanction.holds(now):
                return sanction
        return None

    def is_banned(self, participant: Participant, now: datetime) -> bool:
        """Whether this participant, or the same person under another participant, is banned."""
        for (banned_id, kind), sanction in self.sanctions.items():
            if kind is not SanctionKind.BAN or not sanction.holds(now):
                continue
            if banned_id == participant.id:
                return True
            banned = self.participants.get(banned_id)
            if banned and banned.person_id and banned.person_id == participant.person_id:
                return True
        return False


_VALUES = (
    "apart",
    "calling",
    "claims",
    "cueing",
    "cues",
    "decisions",
    "head",
    "labels",
    "listening",
    "mode",
    "on_screen",
    "pins",
    "proposals",
    "reports",
    "runshow",
    "sanctions",
    "seats",
    "session",
    "settled",
    "slate",
    "staff_says",
)
_LAYERED = tuple(name for name in RoomState.__slots__ if name not in _VALUES and name != "findings")
