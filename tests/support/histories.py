"""Random histories of a session: what people may do, what happens to a server, what must hold."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Protocol

from live.adapters.memory import MemoryStore
from live.domain.announcement import AnnouncementStatus
from live.domain.announcement_commands import (
    CorrectAnnouncement,
    DraftVariant,
    ReleaseAnnouncement,
    SaveAnnouncement,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.domain.call import (
    AcceptCall,
    AskForStage,
    DeclineCall,
    GuestSeat,
    LeaveStage,
    LockStage,
    MuteGuest,
    PutOnAir,
    RemoveGuest,
    SetReady,
)
from live.domain.commands import PersonCommand
from live.domain.cue import CueOutcome, CueRule
from live.domain.cue_commands import SettleCue, TuneCues
from live.domain.decision import Verdict
from live.domain.decision_commands import (
    Aimed,
    Assign,
    ClaimSubject,
    Decide,
    DecideMany,
    DefineLabel,
    ReleaseSubject,
    RemoveLabel,
    SetLabels,
    TakeReplyBack,
    UndoDecision,
    WriteReply,
)
from live.domain.dial import Level
from live.domain.events import Recorded
from live.domain.funnel import Reached
from live.domain.ids import CallId, DecisionId, MessageId, PaperId, ParticipantId, QuestionId
from live.domain.label import Colour
from live.domain.message import Reason
from live.domain.message_commands import EditMessage, PostMessage, TurnIntoQuestion, WithdrawMessage
from live.domain.message_events import MessageHeld, MessagePublished
from live.domain.mode import Review
from live.domain.moderating import VERDICTS
from live.domain.outcome import Refusal
from live.domain.paper_commands import (
    AddNote,
    AnswerPrivately,
    ConsentToAnswer,
    RemoveNote,
    SendLetter,
)
from live.domain.part import (
    AddPart,
    EditPart,
    GoToPart,
    ImportParts,
    MovePart,
    PartDraft,
    RemovePart,
    ShowRunshow,
    SkipPart,
    StretchPart,
)
from live.domain.people import Role
from live.domain.people_commands import (
    ChangeParticipant,
    EraseParticipant,
    MutePerson,
    PlacePerson,
    SetProfile,
)
from live.domain.pulse import MESSAGE, QUESTION, total
from live.domain.question_commands import (
    AskQuestion,
    EditQuestion,
    LetGo,
    MergeQuestions,
    PromiseAnswer,
    ProposeMerge,
    SettleProposal,
    SplitQuestion,
    VoteQuestion,
    WithdrawQuestion,
)
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import (
    FileAppeal,
    FileReport,
    SetSanction,
    SettleAppeal,
    SettleReport,
)
from live.domain.session import SessionState
from live.domain.session_commands import (
    AddReaction,
    ChangeState,
    ClearPin,
    ClearScreen,
    ReactionKind,
    SayToStaff,
    SetListening,
    SetMode,
    SetPin,
    SetScreen,
    SetShield,
)
from live.domain.stage import SetSlate
from live.domain.subject import Subject, SubjectKind
from live.ports.gate import Candidate, Heard, Opinion, Score, Weighed
from live.ports.gate import Hints as GateHints
from live.ports.store import Batch, Directory, Store, StoreUnavailable
from live.room.codec import recorded
from live.room.keys import Done
from live.room.ledger import Committed
from live.room.replay import replayed
from live.room.settings import RoomSettings
from live.room.surface import AnyRoom
from tests.support.cues import a_cue
from tests.support.polls import chance_answer, chance_poll
from tests.support.rooms import NOW, SESSION, House, digest_of, person, session_record
from tests.support.states import check, check_proposals, difference, items_of

CANARY = "canary"
VIEWERS = ("ada", "bob", "cyd")
STAFF = ("mod", "host")


class Fragile(Protocol):
    """A store that fails when it is told to: ``before`` a commit, or ``after`` one that it then
    does not own up to."""

    failure: str | None


class FragileStore(Store, Fragile, Protocol):
    """What a history needs of its store."""


class FragileMemory(MemoryStore):
    """In memory, and fragile."""

    def __init__(self) -> None:
        super().__init__()
        self.failure: str | None = None

    async def commit(self, batch: Batch) -> None:
        failure, self.failure = self.failure, None
        if failure == "before":
            raise StoreUnavailable("planted")
        await super().commit(batch)
        if failure == "after":
            raise StoreUnavailable("planted, and yet it happened")


class SpamGate:
    """Holds what says so, with evidence that must go with the text."""

    async def review(self, candidate: Candidate) -> Opinion:
        if "spam" not in candidate.text:
            return Opinion("pass", candidate.author_language)
        reason = Reason("spam", "It looks like spam.", evidence=f"{CANARY} evidence")
        score = Score(0.75, (Weighed("feature", f"{CANARY} word", 0.5),))
        heard = Heard(score, GateHints(0.4, "customer", 0.9, 0))
        return Opinion("hold", "fr", (reason,), score=0.75, heard=heard)


@dataclass
class Show:
    """A house, what its clients have been told, and the watch that is kept over it."""

    house: House
    store: FragileStore
    acked: list[tuple[str, str, PersonCommand, Done]] = field(default_factory=list)
    taps: Counter[str] = field(default_factory=Counter)
    revisions: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    heard: int = 0
    watched: AnyRoom | None = None

    async def room(self) -> AnyRoom:
        room = await self.house.room()
        if room is not self.watched:
            self.watched = room
            self.heard = room.head
            room.listen(self.hear)
        return room

    def hear(self, committed: Committed) -> None:
        """Called for every commit: numbers without gap, revisions that only grow. What is wrong is
        noted, since a room does not let a listener's failure through."""
        state = self.watched.state if self.watched is not None else None
        if state is None or state.head != committed.head:
            self.faults.append("told before or after it became visible")
            return
        for each in committed.events:
            if each.seq != self.heard + 1:
                self.faults.append(f"{each.seq} after {self.heard}")
            self.heard = each.seq
        for item in items_of(state):
            if item.revision < self.revisions.get(item.id, 0):
                self.faults.append(f"{item.id} went back to {item.revision}")
            self.revisions[item.id] = item.revision

    async def ask(self, who: str, command: PersonCommand, command_id: str) -> None:
        """As a client does it: the same id again until there is an answer."""
        for _ in range(5):
            room = await self.room()
            outcome = await room.execute(
                ParticipantId(who), command_id, digest_of(command), command
            )
            if isinstance(outcome, Refusal) and outcome.code == "overloaded":
                continue
            if isinstance(outcome, Done):
                self.note(who, command_id, command, outcome)
            break

    def note(self, who: str, command_id: str, command: PersonCommand, done: Done) -> None:
        if all(command_id != known for _, known, _, _ in self.acked):
            self.acked.append((who, command_id, command, done))
            if isinstance(command, AddReaction):
                self.taps[command.kind] += command.count

    async def restart(self) -> None:
        await self.house.reopen()
        await self.room()


TEXTS = (
    f"{CANARY} hello",
    f"{CANARY} spam",
    f"/q {CANARY} why?",
    f"{CANARY} see example.com",
    "🙂",
    " ",
)


class Chance:
    """What somebody may think of asking; mostly something that makes sense."""

    def __init__(self, rng: Random, room: AnyRoom) -> None:
        self.rng = rng
        self.room = room
        self.text = rng.choice(TEXTS)
        self.flag = rng.random() < 0.5

    def subject(self, kind: SubjectKind | None = None) -> Subject:
        kind = kind or self.rng.choice(list(SubjectKind))
        state = self.room.state
        keys: list[Any] = list(state.messages if kind is SubjectKind.MESSAGE else state.questions)
        return Subject(kind, self.rng.choice(keys[-6:]) if keys else "none")

    def message(self) -> MessageId:
        return MessageId(self.subject(SubjectKind.MESSAGE).id)

    def question(self) -> QuestionId:
        return QuestionId(self.subject(SubjectKind.QUESTION).id)

    def revision(self, subject: Subject) -> int:
        item = self.room.state.find(subject)
        return (item.revision if item else 1) - (self.rng.random() < 0.05)

    def viewers(self) -> PersonCommand:
        rng = self.rng
        made: list[Callable[[], PersonCommand]] = [
            lambda: PostMessage(self.text, self.message() if self.flag else None),
            lambda: AskQuestion(self.text),
            lambda: VoteQuestion(self.question(), up=self.flag),
            lambda: VoteQuestion(self.question(), up=True),
            lambda: WithdrawMessage(self.message()),
            lambda: WithdrawQuestion(self.question()),
            lambda: AddReaction(rng.choice(list(ReactionKind)), rng.randint(1, 21)),
            lambda: AskForStage(self.text),
            lambda: LeaveStage() if rng.random() < 0.3 else SetReady(on=self.flag),
            lambda: SetProfile(
                language=rng.choice((None, "fr", "!")),
                segment=rng.choice((None, "customer", "influencer", "none")),
                display_name=rng.choice((None, f"{CANARY} {rng.random()}", f"{CANARY} mod")),
            ),
            lambda: FileReport(self.subject(), self.text),
            lambda: MutePerson(ParticipantId(rng.choice(VIEWERS + STAFF)), self.flag),
            lambda: SendLetter(self.text),
            lambda: ConsentToAnswer(self.paper(), self.flag),
            lambda: FileAppeal(rng.choice(list(SanctionKind)), self.text),
            lambda: chance_answer(rng, self.room.state, self.text),
        ]
        return rng.choices(made, [6, 4, 4, 4, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 4])[0]()

    def staffs(self) -> PersonCommand:
        rng = self.rng
        made: list[Callable[[], PersonCommand]] = [
            self.decide,
            self.edit,
            self.undo,
            lambda: MergeQuestions(self.question(), self.question()),
            lambda: SplitQuestion(self.question()),
            lambda: ClaimSubject(self.subject()),
            lambda: ReleaseSubject(self.subject()),
            lambda: SetSanction(
                ParticipantId(rng.choice(VIEWERS)),
                rng.choice(list(SanctionKind)),
                rng.choice((None, NOW)),
                rng.choice((None, self.text)),
            ),
            lambda: SetMode(review=rng.choice(list(Review)), slow_s=rng.choice((0.0, 0.0, 1.0))),
            lambda: SetShield(self.flag, rng.choice((None, self.text))),
            lambda: SetPin(subject=self.subject()) if self.flag else SetPin(text=self.text),
            ClearPin,
            lambda: SetScreen(self.subject()),
            ClearScreen,
            lambda: SetSlate(self.flag),
            lambda: SayToStaff(self.text),
            self.turn,
            self.settle,
            lambda: PlacePerson(
                ParticipantId(rng.choice(VIEWERS)), rng.choice(("customer", "influencer", "none"))
            ),
            lambda: SetListening({"links": rng.choice(list(Level))}, watched={"fr": ("tricot",)}),
            self.file,
            self.sweep,
            self.mark,
            self.announce,
            self.plan,
            self.heed,
            self.call,
            lambda: chance_poll(rng, self.room.state, self.text),
            self.answer,
        ]
        weights = [12, 2, 3, 4, 2, 1, 1, 1, 1, 0.5, 2, 0.3, 1, 0.3, 1, 1, 2, 3, 1, 0.5, 6, 3, 3, 3]
        weights += [6, 1, 3, 5, 5]
        return rng.choices(made, weights)[0]()

    def announce(self) -> PersonCommand:
        """Something to each cohort in words of its own."""
        rng = self.rng
        known = list(self.room.state.announcements.values())
        told = rng.choice(known[-4:]) if known else None
        cohorts = rng.sample(
            [(None, "en"), (None, "fr"), ("customer", "en"), ("influencer", "fr")], 2
        )
        variants = tuple(DraftVariant(self.text, *cohort) for cohort in cohorts)
        if told is None or rng.random() < 0.4:
            return SendAnnouncement(variants, rng.choice((None, NOW + timedelta(days=1))))
        if told.status is AnnouncementStatus.SAVED:
            return ReleaseAnnouncement(told.id, told.revision)
        if rng.random() < 0.3:
            return SaveAnnouncement(variants, after_s=rng.choice((None, 1)))
        if self.flag:
            return CorrectAnnouncement(told.id, told.revision, variants)
        return WithdrawAnnouncement(told.id)

    def plan(self) -> PersonCommand:
        """Something of the run of show."""
        rng, state = self.rng, self.room.state
        order, draft = state.runshow.order, self.part()
        if not order or rng.random() < 0.2:
            return AddPart(draft, rng.choice((None, *order)))
        part, other = state.parts[rng.choice(order)], rng.choice((None, *order))
        revision = part.revision - rng.choice((0, 0, 0, 1))
        made: list[PersonCommand] = [
            EditPart(part.id, revision, draft),
            MovePart(part.id, revision, other),
            SkipPart(part.id, revision, self.flag),
            StretchPart(part.id, rng.choice((-3, 1, 5))),
            RemovePart(part.id, revision),
            GoToPart(other, state.runshow.current),
            ShowRunshow(rng.random() < 0.7),
        ]
        return rng.choice(made)

    def part(self) -> PartDraft:
        rng = self.rng
        titles = {rng.choice(("en", "fr")): self.text}
        return PartDraft(titles, rng.choice((None, 5)), self.text, (), self.text)

    def imported(self) -> ImportParts:
        """A run of show out of a file, which has a way of its own to the room."""
        return ImportParts((self.part(),), self.flag, self.room.state.runshow.revision)

    def answer(self) -> PersonCommand:
        """What is said to something in public, in writing, or will be."""
        rng, question_id = self.rng, self.question()
        subject, asked = self.subject(), self.revision(Subject.question(question_id))
        made: list[Callable[[], PersonCommand]] = [
            lambda: WriteReply(subject, self.revision(subject), self.text),
            lambda: TakeReplyBack(subject, self.revision(subject)),
            lambda: PromiseAnswer(question_id, asked, self.text, NOW + timedelta(days=1)),
            lambda: LetGo(question_id, asked, self.text),
        ]
        return rng.choices(made, [4, 2, 2, 2])[0]()

    def file(self) -> PersonCommand:
        """Something about one person."""
        rng = self.rng
        whom = ParticipantId(rng.choice(VIEWERS + STAFF[:1]))
        reports = self.room.state.reports
        made: list[Callable[[], PersonCommand]] = [
            lambda: AddNote(whom, self.text),
            lambda: RemoveNote(self.paper()),
            lambda: SendLetter(self.text, whom),
            lambda: AnswerPrivately(self.question(), self.text, self.flag),
            lambda: SettleAppeal(self.paper(), self.flag, rng.choice((None, self.text))),
            lambda: SettleReport(rng.choice(reports).id if reports else "none", self.flag),
        ]
        return rng.choices(made, [2, 1, 2, 4, 2, 1])[0]()

    def sweep(self) -> PersonCommand:
        """Several decisions at once, or several taken back."""
        groups = [each.group for each in self.room.state.decisions if each.group is not None]
        if groups and self.flag:
            return UndoDecision(group_id=self.rng.choice(groups))
        made = {each.subject: each for each in (self.decide() for _ in range(4))}
        aimed = tuple(Aimed(each.subject, each.revision, each.verdict) for each in made.values())
        return DecideMany(aimed, Verdict.PUBLISH, self.text if self.flag else None)

    def mark(self) -> PersonCommand:
        rng = self.rng
        labels = [each.id for each in self.room.state.labels]
        whom = rng.choice((None, *STAFF))
        made: list[Callable[[], PersonCommand]] = [
            lambda: DefineLabel(rng.choice(("Urgent", "Praise", "Size")), rng.choice(list(Colour))),
            lambda: RemoveLabel(rng.choice(labels) if labels else "none"),
            lambda: SetLabels(self.subject(), tuple(labels[:2])),
            lambda: Assign(self.subject(), None if whom is None else ParticipantId(whom)),
        ]
        return rng.choices(made, [2, 0.5, 4, 2])[0]()

    def paper(self) -> PaperId:
        papers = list(self.room.state.papers)
        return self.rng.choice(papers[-6:]) if papers else PaperId("none")

    def turn(self) -> PersonCommand:
        message_id = self.message()
        return TurnIntoQuestion(message_id, self.revision(Subject.message(message_id)))

    def settle(self) -> PersonCommand:
        proposals = self.room.state.proposals
        proposal_id = self.rng.choice(proposals).id if proposals else "none"
        return SettleProposal(proposal_id, same=self.flag)

    def heed(self) -> PersonCommand:
        """Something about cues."""
        rng = self.rng
        if self.flag:
            return TuneCues(on=rng.random() < 0.9, off=(CueRule.PRAISE,), calm_s=rng.randint(0, 9))
        cues = self.room.state.cues
        return SettleCue(cues[-1].id if cues else "none", rng.choice(list(CueOutcome)))

    def call(self) -> PersonCommand:
        """Something about the stage, as the team."""
        rng = self.rng
        calls = self.room.state.calling.calls
        call_id = rng.choice(calls).id if calls else CallId("none")
        return rng.choice(
            (
                AcceptCall(call_id),
                AcceptCall(call_id),
                DeclineCall(call_id),
                PutOnAir(call_id, on=self.flag),
                MuteGuest(call_id, on=self.flag),
                RemoveGuest(call_id),
                LockStage(self.flag, rng.choice((None, *GuestSeat))),
            )
        )

    def propose(self) -> ProposeMerge:
        return ProposeMerge(self.question(), self.question(), 0.8, self.flag, merge=self.flag)

    def decide(self) -> Decide:
        subject = self.subject()
        item = self.room.state.find(subject)
        fitting = [
            verdict
            for (kind, verdict), steps in VERDICTS.items()
            if kind is subject.kind and item is not None and item.status in steps
        ]
        anything = [each for each in Verdict if each is not Verdict.UNDO]
        verdict = self.rng.choice(anything if self.rng.random() < 0.1 else fitting or anything)
        return Decide(subject, self.revision(subject), verdict, self.text if self.flag else None)

    def edit(self) -> PersonCommand:
        subject = self.subject()
        revision = self.revision(subject)
        if subject.kind is SubjectKind.MESSAGE:
            return EditMessage(MessageId(subject.id), revision, self.text)
        return EditQuestion(QuestionId(subject.id), revision, self.text)

    def undo(self) -> PersonCommand:
        decisions = self.room.state.decisions
        return UndoDecision(self.rng.choice(decisions[-4:]).id if decisions else DecisionId("none"))


async def _ask(show: Show, rng: Random, command_id: str) -> None:
    """Someone asks for something, now and then twice at once."""
    chance = Chance(rng, await show.room())
    staff = rng.random() < 0.4
    who = rng.choice(STAFF if staff else VIEWERS)
    command = chance.staffs() if staff != (rng.random() < 0.05) else chance.viewers()
    times = 2 if rng.random() < 0.2 else 1
    await asyncio.gather(*(show.ask(who, command, command_id) for _ in range(times)))


async def _fate(show: Show, rng: Random) -> None:
    """Something happens to the server, or to a person."""
    room = await show.room()
    match rng.randrange(8):
        case 0:
            await show.restart()
        case 1:
            show.store.failure = "before"
        case 2:
            show.store.failure = "after"
        case 3 | 4:
            show.house.clock.pass_s(rng.choice((0.1, 0.3, 5.0, 400.0)))
            await room.settle()
        case 5:
            whom = ParticipantId(rng.choice(VIEWERS))
            await room.act(ChangeParticipant(whom, segment=rng.choice(("prospect", "customer"))))
        case 6:
            chance = Chance(rng, room)
            await room.act(chance.propose())
            await room.act(a_cue(rng.choice(list(CueRule))))
            plan, command_id = chance.imported(), f"import-{room.head}"
            await room.execute(ParticipantId("host"), command_id, digest_of(plan), plan)
        case _ if rng.random() < 0.2:
            await room.act(EraseParticipant(ParticipantId(rng.choice(VIEWERS))))


async def _happen(show: Show, rng: Random, step: int) -> None:
    if rng.random() < 0.12:
        await _fate(show, rng)
    count = rng.choice((1, 1, 1, 4))
    await asyncio.gather(*(_ask(show, rng, f"c{step}-{each}") for each in range(count)))


async def live_through(rng: Random, length: int, store: FragileStore, directory: Directory) -> None:
    """Make a session in this store, let ``length`` things happen, and hold what must hold."""
    await directory.add_session(session_record(state="draft"))
    house = House(store, directory, gate=SpamGate(), settings=RoomSettings(gate_deadline_s=30.0))
    for name in VIEWERS:
        await house.admit(person(name, display_name=f"{CANARY} {name}"))
    for name, role in zip(STAFF, (Role.MODERATOR, Role.HOST), strict=True):
        await house.admit(person(name, role, display_name=f"{CANARY} {name}"))
    show = Show(house, store)
    await (await show.room()).act(ChangeState(SessionState.LIVE))
    for step in range(length):
        await _happen(show, rng, step)
        check((await show.room()).state)
        assert not show.faults
    store.failure = None
    await _check_the_end(show)
    await house.rooms.close()


async def _check_the_end(show: Show) -> None:
    house, store = show.house, show.store
    house.clock.pass_s(1.0)
    for _ in range(2):  # a room whose last commit was left open finds out, and another one opens
        await (await show.room()).settle()
    room = await show.room()
    check_proposals(room.state)
    for question in room.state.questions.values():
        if question.merged_into is None and not question.withdrawn:
            assert question.tallied == room.state.votes(question.id)
    assert sum(total for _, total in room.state.reactions.items()) == sum(show.taps.values())

    events = await store.events(SESSION, after=0, limit=100_000)
    await _check_the_pulse(show, [recorded(each) for each in events])
    assert [each.seq for each in events] == list(range(1, room.head + 1))
    for each in events:
        assert CANARY not in each.data.decode()
    record = await store.load_room(SESSION, recent_messages=5_000)
    assert record is not None
    assert not difference(replayed(record, record.contents, events), room.state)
    before = room.state
    room = await house.reopen()
    assert not difference(room.state, before)
    for who, command_id, command, done in show.acked:
        again = await room.execute(ParticipantId(who), command_id, digest_of(command), command)
        assert again == done
        other = await room.execute(ParticipantId(who), command_id, b"other", command)
        assert isinstance(other, Refusal)
        assert other.code == "id_reused"
    assert not difference(room.state, before)


async def _check_the_pulse(show: Show, log: list[Recorded]) -> None:
    """What was counted is what happened, tap by tap and line by line, also after a restart."""
    ticks = await show.store.ticks(SESSION, first=0, last=2**40)
    for kind in ReactionKind:
        assert total(ticks, kind) == show.taps[kind]
    posted = Counter(
        each.event.type.partition(".")[0] for each in log if getattr(each.event, "posted", None)
    )
    assert total(ticks, MESSAGE) == posted["message"]
    assert total(ticks, QUESTION) == posted["question"]
    reached = (await show.room()).state.reached
    talking = {each for each, steps in reached.items() if Reached.TALKING in steps}
    assert talking == set(_authors(log))


def _authors(log: list[Recorded]) -> Iterator[ParticipantId]:
    for each in log:
        event = each.event
        if isinstance(event, MessagePublished | MessageHeld) and event.posted is not None:
            yield event.posted.author_id
