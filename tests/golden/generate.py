"""Write the golden files: ``python -m tests.golden.generate [--check]``.

Each tells a story to one person: the snapshot they start from, the frames they get, the snapshot
they must then hold. The reducers of both languages are held to them.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from live.domain.commands import PersonCommand, ServerAct
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
    SetLabels,
    UndoDecision,
)
from live.domain.dial import Level
from live.domain.ids import MessageId, ParticipantId, PartId, QuestionId
from live.domain.label import Colour
from live.domain.message import Reason
from live.domain.message_commands import EditMessage, PostMessage, TurnIntoQuestion, WithdrawMessage
from live.domain.mode import Review
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
    MovePart,
    PartDraft,
    RemovePart,
    ShowRunshow,
    SkipPart,
    StretchPart,
)
from live.domain.people import Role
from live.domain.people_commands import ChangeParticipant, MutePerson, PlacePerson, SetProfile
from live.domain.question_commands import (
    AskQuestion,
    EditQuestion,
    MergeQuestions,
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
    ChangeState,
    SayToStaff,
    SessionDetails,
    SetListening,
    SetMode,
    SetPin,
    SetScreen,
    SetShield,
    SetStage,
)
from live.domain.stage import Seat, SeatState
from live.domain.subject import Subject
from live.gateway.projection import Projection
from live.gateway.snapshot import snapshot
from live.ports.gate import Candidate, Opinion
from live.room.keys import Done
from live.wire.frames import EventsFrame
from tests.support.cues import a_cue
from tests.support.rooms import House, open_house, person

FOLDER = Path(__file__).parent
Json = dict[str, Any]


class Watchful:
    """Holds what speaks of winning."""

    async def review(self, candidate: Candidate) -> Opinion:
        if "win" not in candidate.text:
            return Opinion("pass", candidate.author_language)
        return Opinion("hold", "en", (Reason("spam", "It looks like spam.", "win"),), 0.9)


@dataclass
class Story:
    """What happens, and what ``reader`` is sent of it: a frame each time ``tell`` is called."""

    name: str
    house: House
    reader: ParticipantId
    frames: list[Json] = field(default_factory=list)
    start: Json = field(default_factory=dict)
    start_head: int = 0
    position: int = 0

    async def begin(self) -> None:
        room = await self.house.room()
        self.start_head = self.position = room.head
        self.start = _json(snapshot(room.state, reader=self.reader))

    async def says(self, who: str, command: PersonCommand) -> Done:
        self.house.clock.pass_s(1.0)
        return await self.house.do(who, command)

    async def posts(self, who: str, text: str) -> MessageId:
        done = await self.says(who, PostMessage(text))
        return MessageId(done.result.message_id or "")

    async def asks(self, who: str, text: str) -> QuestionId:
        done = await self.says(who, AskQuestion(text))
        return QuestionId(done.result.question_id or "")

    async def acts(self, act: ServerAct) -> None:
        self.house.clock.pass_s(1.0)
        await (await self.house.room()).act(act)

    async def decides(self, who: str, subject: Subject, verdict: Verdict, **more: Any) -> Done:
        item = (await self.house.room()).state.find(subject)
        return await self.says(who, Decide(subject, item.revision if item else 0, verdict, **more))

    async def tell(self) -> None:
        room = await self.house.room()
        missed = await room.history(self.position, 1000) or []
        staff = self.reader in room.state.staff
        events = Projection(room.state, staff=staff, reader=self.reader).project(missed)
        frame = EventsFrame(after=self.position, upto=room.head, events=events)
        self.frames.append(_json(frame))
        self.position = room.head

    async def document(self) -> Json:
        room = await self.house.room()
        return {
            "name": self.name,
            "start": self.start,
            "start_head": self.start_head,
            "frames": self.frames,
            "end": _json(snapshot(room.state, reader=self.reader)),
            "end_head": room.head,
        }


def _json(value: object) -> Json:
    decoded: Json = json.loads(msgspec.json.encode(value))
    return decoded


async def the_window_of_messages_moves(story: Story) -> None:
    first = [await story.posts("bob", f"Line {number}") for number in range(48)]
    await story.begin()
    await story.posts("bob", "The last one that fits")
    await story.tell()
    for number in range(5):
        await story.posts("cyd", f"More {number}")
    await story.tell()
    await story.decides("mod", Subject.message(first[40]), Verdict.REMOVE)
    await story.decides("mod", Subject.message(first[0]), Verdict.REMOVE)
    await story.tell()
    await story.decides("mod", Subject.message(first[0]), Verdict.RESTORE)
    await story.decides("mod", Subject.message(first[40]), Verdict.RESTORE)
    await story.says("mod", EditMessage(first[41], 1, "Line 41, corrected"))
    await story.tell()


async def what_is_withdrawn_before_it_is_told_is_a_tombstone(story: Story) -> None:
    await story.begin()
    gone = await story.posts("bob", "Said and taken back")
    kept = await story.posts("bob", "Said and kept")
    await story.says("cyd", PostMessage("An answer", kept))
    await story.says("bob", WithdrawMessage(gone))
    asked = await story.asks("bob", "Asked and taken back?")
    await story.says("bob", WithdrawQuestion(asked))
    await story.tell()


async def ones_own_is_held_refused_and_published(story: Story) -> None:
    await story.begin()
    spam = await story.posts("ada", "You win")
    await story.posts("ada", "Hello")
    await story.tell()
    await story.decides("mod", Subject.message(spam), Verdict.REFUSE, reason="Advertising")
    await story.tell()
    await story.says("mod", SetMode(review=Review.BEFORE))
    message = await story.posts("ada", "May I?")
    question = await story.asks("ada", "When?")
    other = await story.asks("ada", "Why?")
    await story.posts("bob", "Nobody but the team sees this")
    await story.tell()
    await story.decides("mod", Subject.message(message), Verdict.PUBLISH)
    await story.decides("mod", Subject.question(question), Verdict.PUBLISH)
    await story.decides("mod", Subject.question(other), Verdict.REFUSE)
    await story.tell()
    undone = await story.decides("mod", Subject.question(question), Verdict.DISMISS)
    await story.tell()
    await story.says("mod", UndoDecision(undone.result.decision_id or _none()))
    await story.says("ada", WithdrawQuestion(other))
    await story.tell()


async def questions_are_voted_picked_merged_and_split(story: Story) -> None:
    delivery = await story.asks("bob", "What does delivery cost?")
    await story.begin()
    livraison = await story.asks("cyd", "Prix de la livraison ?")
    warranty = await story.asks("ada", "How long is the warranty?")
    await story.says("ada", VoteQuestion(delivery, up=True))
    await story.says("bob", VoteQuestion(livraison, up=True))
    await story.tell()
    await _tally(story)
    await story.says("mod", MergeQuestions(delivery, livraison))
    await story.tell()
    await story.decides("mod", Subject.question(delivery), Verdict.PICK)
    await story.decides("host", Subject.question(delivery), Verdict.ANSWERING)
    await story.decides("mod", Subject.question(warranty), Verdict.PICK)
    await story.decides("host", Subject.question(warranty), Verdict.ANSWERING)
    await story.tell()
    await story.decides("host", Subject.question(warranty), Verdict.ANSWERED)
    await story.says("mod", SplitQuestion(livraison))
    await story.says("ada", VoteQuestion(delivery, up=False))
    await _tally(story)
    await story.decides("mod", Subject.question(livraison), Verdict.DISMISS)
    revision = (await story.house.room()).state.questions[delivery].revision
    await story.says("mod", EditQuestion(delivery, revision, "What does delivery cost here?"))
    await story.tell()


async def the_team_works(story: Story) -> None:
    spam = await story.posts("ada", "You win")
    waits = await story.posts("bob", "You win twice")
    await story.begin()
    await story.says("mod", ClaimSubject(Subject.message(spam)))
    await story.says("mod", SayToStaff("I take this one"))
    await story.says("host", SayToStaff("Thanks"))
    await story.tell()
    await story.decides("mod", Subject.message(spam), Verdict.PUBLISH)
    await story.says("mod", ReleaseSubject(Subject.message(spam)))
    await story.says("bob", FileReport(Subject.message(spam), "Advertising"))
    await story.says("mod", SetSanction(ParticipantId("ada"), SanctionKind.TIMEOUT))
    await story.says("mod", SetSanction(ParticipantId("ada"), SanctionKind.MUTE))
    await story.tell()
    await story.decides("mod", Subject.message(spam), Verdict.REMOVE)
    await story.says("host", SetPin(text="We start at eight"))
    await story.says("mod", SetMode(review=Review.BEFORE, slow_s=5.0))
    await story.says("mod", SetShield(on=True, reason="A moment of calm"))
    question = await story.asks("bob", "Is this on?")
    await story.tell()
    await story.decides("mod", Subject.question(question), Verdict.PUBLISH)
    done = await story.decides("host", Subject.question(question), Verdict.DISMISS)
    await story.says("host", UndoDecision(done.result.decision_id or _none()))
    await story.says(
        "mod", SetSanction(ParticipantId("ada"), SanctionKind.MUTE, story.house.clock.now())
    )
    await story.acts(ChangeParticipant(ParticipantId("bob"), segment="ambassador"))
    await story.tell()
    label = (await story.says("mod", DefineLabel("To check", Colour.BLUE))).result.label_id or ""
    await story.says("mod", SetLabels(Subject.message(waits), (label,)))
    await story.says("host", Assign(Subject.message(waits), ParticipantId("mod")))
    await story.says("host", SetLabels(Subject.question(question), (label,)))
    await story.tell()
    both = (Aimed(Subject.message(waits), 1), Aimed(Subject.question(question), 4, Verdict.PICK))
    swept = await story.says("mod", DecideMany(both, Verdict.PUBLISH))
    await story.says("mod", UndoDecision(group_id=swept.result.group_id))
    await story.says("host", SetLabels(Subject.question(question), ()))
    await story.tell()


async def the_team_hears_what_is_proposed(story: Story) -> None:
    line = await story.posts("ada", "how much is the red coat")
    one = await story.asks("ada", "Delivery price?")
    await story.begin()
    other = await story.asks("bob", "Prix de la livraison ?")
    third = await story.asks("bob", "Is the wool warm?")
    await story.acts(ProposeMerge(one, other, 0.81))
    await story.acts(ProposeMerge(one, third, 0.52))
    await story.tell()
    first, second = (await story.house.room()).state.proposals
    await story.says("mod", SettleProposal(first.id, same=True))
    await story.says("mod", SettleProposal(second.id, same=False))
    await story.says("mod", TurnIntoQuestion(line, 1))
    await story.says("mod", SetListening({"filter": Level.SUGGEST}, watched={"fr": ("tricot",)}))
    await story.tell()
    await story.says("mod", SplitQuestion(other))
    await story.says("mod", SetMode(review=Review.BEFORE))
    waiting = await story.asks("ada", "Warm wool?")
    await story.acts(ProposeMerge(third, waiting, 0.9))
    await story.tell()
    await story.says("mod", MergeQuestions(third, waiting))
    await story.says("mod", PlacePerson(ParticipantId("bob"), "customer"))
    await story.tell()


async def the_team_is_cued(story: Story) -> None:
    question = await story.asks("ada", "Which size?")
    await story.acts(a_cue(CueRule.PRAISE))
    await story.begin()
    await story.acts(a_cue(CueRule.CONFUSION, question=question))
    room = await story.house.room()
    await story.says("mod", SettleCue(room.state.cues[-1].id, CueOutcome.ACTED))
    await story.tell()
    await story.acts(a_cue(CueRule.SILENCE))
    await story.says("mod", SetProfile(display_name="Mo"))
    await story.says("mod", TuneCues(off=(CueRule.SILENCE,)))
    await story.tell()


async def _between_team_and_ada(story: Story) -> None:
    ada, mod = ParticipantId("ada"), ParticipantId("mod")
    line = await story.posts("ada", "Hello")
    asked = await story.asks("ada", "Where is my order?")
    await story.begin()
    note = (await story.says("mod", AddNote(ada, "Polite"))).result.paper_id
    await story.says("mod", SendLetter("How can we help?", ada))
    await story.says("ada", SendLetter("My parcel is late"))
    answer = (await story.says("host", AnswerPrivately(asked, "Today"))).result.paper_id
    await story.tell()
    await story.says("mod", RemoveNote(note or _none()))
    await story.says("ada", ConsentToAnswer(answer or _none(), on=True))
    await story.acts(ChangeParticipant(ada, display_name="Ada L."))
    await story.acts(ChangeParticipant(mod, display_name="Modeste"))
    report = (await story.says("bob", FileReport(Subject.message(line), "Loud"))).result
    await story.tell()
    await story.says("mod", SettleReport(report.report_id or _none(), acted=True))
    await story.says("mod", SetSanction(ada, SanctionKind.MUTE, reason="Loud"))
    appeal = (await story.says("ada", FileAppeal(SanctionKind.MUTE, "Sorry"))).result.paper_id
    await story.tell()
    await story.says("host", SettleAppeal(appeal or _none(), accept=True, text="Welcome back"))
    await story.tell()


async def what_is_between_the_team_and_oneself(story: Story) -> None:
    await _between_team_and_ada(story)


async def what_is_between_the_team_and_one_person(story: Story) -> None:
    await _between_team_and_ada(story)


async def what_is_between_the_team_and_others_is_not_told(story: Story) -> None:
    await _between_team_and_ada(story)


async def names_seats_and_the_show_change(story: Story) -> None:
    await story.posts("bob", "Hello")
    asked = await story.asks("cyd", "How are you?")
    await story.begin()
    clock = story.house.clock
    host = ParticipantId("host")
    seat = Seat("host", host, SeatState.PREVIEW, audio=True, video=True, since=clock.now())
    await story.acts(SetStage((seat,)))
    await story.tell()
    on_air = Seat("host", host, SeatState.ON_AIR, audio=True, video=True, since=clock.now())
    await story.acts(SetStage((on_air,)))
    await story.says("bob", SetProfile(display_name="Robert"))
    await story.says("mod", SetScreen(Subject.question(asked)))
    await story.says("host", SetProfile(display_name="Hélène"))
    await story.acts(SessionDetails(title="Spring, again"))
    await story.tell()
    await story.says("ada", SetProfile(display_name="Ada L."))
    await story.says("ada", MutePerson(ParticipantId("bob"), on=True))
    await story.says("ada", MutePerson(ParticipantId("cyd"), on=True))
    await story.says("ada", MutePerson(ParticipantId("bob"), on=False))
    await story.says("mod", SetSanction(ParticipantId("ada"), SanctionKind.TIMEOUT))
    await story.acts(SetStage(()))
    await story.tell()


async def _the_run_of_show_bends(story: Story) -> None:
    async def add(title: str, **more: Any) -> PartId:
        draft = PartDraft({"en": title, "fr": f"{title} (fr)"}, **more)
        return PartId((await story.says("host", AddPart(draft))).result.part_id or "")

    opening = await add("Opening", minutes=5, script="Good evening.")
    fitting = await add("Fitting", minutes=10, goal="Show how it falls", segments=("customer",))
    await story.begin()
    await story.says("host", GoToPart(opening, None))
    offer = await add("The offer", public=False)
    await story.tell()
    await story.says("mod", ShowRunshow(on=True))
    await story.tell()
    await story.says("mod", MovePart(offer, 1, fitting))
    await story.says("mod", StretchPart(opening, 2))
    await story.says("host", SkipPart(fitting, 1, on=True))
    await story.tell()
    questions = await add("Your questions")
    await story.says("host", GoToPart(offer, opening))
    await story.says("mod", EditPart(questions, 1, PartDraft({"fr": "Vos questions"}, 20)))
    await story.acts(ChangeParticipant(ParticipantId("mod"), display_name="Modeste"))
    await story.tell()
    await story.says("host", RemovePart(questions, 2))
    await story.says("host", GoToPart(fitting, offer))
    await story.acts(ChangeState(SessionState.ENDED))
    await story.tell()


async def the_run_of_show_bends_before_the_team(story: Story) -> None:
    await _the_run_of_show_bends(story)


async def the_run_of_show_bends_before_viewers(story: Story) -> None:
    await _the_run_of_show_bends(story)


async def _tally(story: Story) -> None:
    """Time for the votes to be counted, and a frame that says so."""
    story.house.clock.pass_s(1.0)
    await (await story.house.room()).settle()
    await story.tell()


def _none() -> Any:
    raise AssertionError("the decision has a name")


Telling = Callable[[Story], Awaitable[None]]
STORIES: dict[Telling, str] = {
    the_window_of_messages_moves: "ada",
    what_is_withdrawn_before_it_is_told_is_a_tombstone: "ada",
    ones_own_is_held_refused_and_published: "ada",
    questions_are_voted_picked_merged_and_split: "ada",
    the_team_works: "mod",
    the_team_hears_what_is_proposed: "mod",
    the_team_is_cued: "mod",
    names_seats_and_the_show_change: "ada",
    the_run_of_show_bends_before_the_team: "mod",
    the_run_of_show_bends_before_viewers: "bob",
    what_is_between_the_team_and_oneself: "ada",
    what_is_between_the_team_and_one_person: "mod",
    what_is_between_the_team_and_others_is_not_told: "bob",
}


async def _told(telling: Telling, reader: str) -> Json:
    people = [person(name) for name in ("ada", "bob", "cyd")]
    people += [person("mod", Role.MODERATOR), person("host", Role.HOST)]
    house = await open_house(*people, gate=Watchful())
    story = Story(getattr(telling, "__name__", "story"), house, ParticipantId(reader))
    await telling(story)
    document = await story.document()
    await house.rooms.close()
    return document


def documents() -> dict[Path, str]:
    """Each golden file with the content it should have."""
    return {
        FOLDER / f"{document['name']}.json": json.dumps(document, indent=1, ensure_ascii=False)
        + "\n"
        for document in (asyncio.run(_told(*story)) for story in STORIES.items())
    }


def main(arguments: list[str]) -> int:
    """Write or check; 0 when all is as it should be, 1 when not, 2 for a wrong call."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m tests.golden.generate [--check]\n")
        return 2
    content = documents()
    stale = [p for p, text in content.items() if not p.is_file() or p.read_text("utf-8") != text]
    stale += [path for path in FOLDER.glob("*.json") if path not in content]
    if arguments and stale:
        sys.stderr.write(f"not what the server gives: {', '.join(p.name for p in stale)}\n")
        return 1
    for path in stale:
        if path in content:
            path.write_text(content[path], "utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
