"""Everything that the team does is in the audit; what others do is not."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from live.domain import question_commands, sanction_commands, session_commands
from live.domain.announcement_commands import (
    CorrectAnnouncement,
    DraftVariant,
    ReleaseAnnouncement,
    SaveAnnouncement,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.domain.audit import chain_of
from live.domain.call import (
    AcceptCall,
    AskForStage,
    DeclineCall,
    LockStage,
    MuteGuest,
    PutOnAir,
    RemoveGuest,
)
from live.domain.commands import PersonCommand
from live.domain.cue import CueOutcome, Sensitivity
from live.domain.cue_commands import SettleCue, TuneCues
from live.domain.decide import FOR_STAFF
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
from live.domain.ids import (
    AnnouncementId,
    CallId,
    DecisionId,
    MessageId,
    PaperId,
    ParticipantId,
    PartId,
    PollId,
    QuestionId,
)
from live.domain.label import Colour
from live.domain.message_commands import EditMessage, PostMessage, TurnIntoQuestion
from live.domain.mode import Review
from live.domain.paper_commands import AddNote, AnswerPrivately, RemoveNote, SendLetter
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
from live.domain.people_commands import EraseParticipant, PlacePerson
from live.domain.poll import PollKind, Results
from live.domain.poll_commands import (
    ClosePoll,
    DraftQuestion,
    JudgeWord,
    OpenPoll,
    PreparePoll,
    RevealPoll,
    ShowPoll,
    WithdrawPoll,
)
from live.domain.question_commands import (
    AskQuestion,
    EditQuestion,
    LetGo,
    MergeQuestions,
    PromiseAnswer,
    SettleProposal,
    SplitQuestion,
)
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import FileReport, SetSanction, SettleAppeal, SettleReport
from live.domain.session_commands import (
    ClearPin,
    ClearScreen,
    SayToStaff,
    SetListening,
    SetMode,
    SetPin,
    SetScreen,
    SetShield,
)
from live.domain.stage import SetSlate
from live.domain.subject import Subject
from live.room.acting import OF_BOTH, PASSING, action_of, is_written_down
from tests.support.cues import raised
from tests.support.polls import draft
from tests.support.rooms import NOW, SESSION, House, person
from tests.support.slow import Open

CHAIN = chain_of(SESSION)
T = TypeVar("T")


class Desk:
    """A house with something of everything in it, so that each command has what it is about."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def message(self) -> MessageId:
        return MessageId((await self.house.do("ada", PostMessage("Hello"))).result.message_id or "")

    async def question(self, text: str = "Why?") -> QuestionId:
        done = await self.house.do("ada", AskQuestion(text))
        return QuestionId(done.result.question_id or "")

    async def announcement(self) -> AnnouncementId:
        done = await self.house.do("host", SendAnnouncement((DraftVariant("Doors open"),)))
        return AnnouncementId(done.result.announcement_id or "")

    async def part(self) -> PartId:
        done = await self.house.do("host", AddPart(PartDraft({"en": "Fitting"})))
        return PartId(done.result.part_id or "")

    async def cue(self) -> str:
        return await raised(await self.house.room())

    async def saved_announcement(self) -> AnnouncementId:
        done = await self.house.do("host", SaveAnnouncement((DraftVariant("Doors open"),)))
        return AnnouncementId(done.result.announcement_id or "")

    async def draft_poll(self) -> PollId:
        done = await self.house.do("host", PreparePoll(draft()))
        return done.result.poll_id or PollId("")

    async def poll(self, kind: PollKind = PollKind.SINGLE) -> PollId:
        options = () if kind is PollKind.WORDS else ("Yes", "No")
        asked = draft(DraftQuestion("Warm?", options), kind=kind, results=Results.REVEALED)
        done = await self.house.do("host", OpenPoll(asked))
        return done.result.poll_id or PollId("")

    async def closed_poll(self) -> PollId:
        poll_id = await self.poll()
        await self.house.do("host", ClosePoll(poll_id))
        return poll_id

    async def call(self) -> CallId:
        done = await self.house.do("ada", AskForStage("I wear them"))
        return done.result.call_id or CallId("")

    async def guest(self) -> CallId:
        call_id = await self.call()
        await self.house.do("mod", AcceptCall(call_id))
        return call_id

    async def decision(self) -> DecisionId:
        subject = Subject.message(await self.message())
        done = await self.house.do("mod", Decide(subject, 1, Verdict.REMOVE))
        return DecisionId(done.result.decision_id or "")

    async def proposal(self) -> str:
        into, source = await self.question("Price?"), await self.question("The price?")
        room = await self.house.room()
        await room.act(question_commands.ProposeMerge(into, source, 0.9))
        return room.state.proposals[-1].id

    async def answered(self) -> QuestionId:
        question_id = await self.question()
        await self.house.do("mod", WriteReply(Subject.question(question_id), 1, "So."))
        return question_id

    async def label(self) -> str:
        done = await self.house.do("mod", DefineLabel("Later", Colour.GREEN))
        return done.result.label_id or ""

    async def note(self) -> PaperId:
        done = await self.house.do("mod", AddNote(ParticipantId("bob"), "Polite."))
        return done.result.paper_id or PaperId("")

    async def report(self) -> str:
        subject = Subject.message(await self.message())
        done = await self.house.do("bob", FileReport(subject, "Rude"))
        return done.result.report_id or ""

    async def appeal(self) -> PaperId:
        await self.house.do("mod", SetSanction(ParticipantId("ada"), SanctionKind.MUTE))
        appeal = sanction_commands.FileAppeal(SanctionKind.MUTE, "It was a joke.")
        done = await self.house.do("ada", appeal)
        return done.result.paper_id or PaperId("")

    async def merged(self) -> QuestionId:
        into, source = await self.question("One?"), await self.question("Two?")
        await self.house.do("mod", MergeQuestions(into, source))
        return source


async def _claimed(desk: Desk) -> Subject:
    return Subject.message(await desk.message())


async def _labelled(desk: Desk) -> tuple[Subject, tuple[str, ...]]:
    return await _claimed(desk), (await desk.label(),)


async def _decide(desk: Desk) -> PersonCommand:
    return Decide(Subject.message(await desk.message()), 1, Verdict.REMOVE, "It is rude.")


async def _merge(desk: Desk) -> PersonCommand:
    return MergeQuestions(await desk.question("A?"), await desk.question("B?"))


async def _told(command: PersonCommand) -> PersonCommand:
    return command


MAKERS: dict[type, Callable[[Desk], Awaitable[PersonCommand]]] = {
    EditMessage: lambda desk: _with(desk.message(), lambda it: EditMessage(it, 1, "Hallo")),
    EditQuestion: lambda desk: _with(desk.question(), lambda it: EditQuestion(it, 1, "Why so?")),
    MergeQuestions: _merge,
    SplitQuestion: lambda desk: _with(desk.merged(), SplitQuestion),
    Decide: _decide,
    UndoDecision: lambda desk: _with(desk.decision(), UndoDecision),
    ClaimSubject: lambda desk: _with(_claimed(desk), ClaimSubject),
    ReleaseSubject: lambda desk: _with(_claimed(desk), ReleaseSubject),
    SetSanction: lambda _: _told(SetSanction(ParticipantId("bob"), SanctionKind.MUTE)),
    SetMode: lambda _: _told(SetMode(review=Review.BEFORE, slow_s=5.0)),
    SetShield: lambda _: _told(SetShield(on=True, reason="A raid")),
    SetPin: lambda _: _told(SetPin(text="Welcome")),
    ClearPin: lambda _: _told(ClearPin()),
    SetScreen: lambda desk: _with(desk.question(), lambda it: SetScreen(Subject.question(it))),
    ClearScreen: lambda _: _told(ClearScreen()),
    SetSlate: lambda _: _told(SetSlate(on=True)),
    SendAnnouncement: lambda _: _told(SendAnnouncement((DraftVariant("Doors open"),))),
    SaveAnnouncement: lambda _: _told(SaveAnnouncement((DraftVariant("Doors open"),), after_s=60)),
    ReleaseAnnouncement: lambda desk: _with(
        desk.saved_announcement(), lambda it: ReleaseAnnouncement(it, 1)
    ),
    CorrectAnnouncement: lambda desk: _with(
        desk.announcement(), lambda it: CorrectAnnouncement(it, 1, (DraftVariant("At nine"),))
    ),
    WithdrawAnnouncement: lambda desk: _with(desk.announcement(), WithdrawAnnouncement),
    SayToStaff: lambda _: _told(SayToStaff("Look at this one")),
    TurnIntoQuestion: lambda desk: _with(desk.message(), lambda it: TurnIntoQuestion(it, 1)),
    SettleProposal: lambda desk: _with(desk.proposal(), lambda it: SettleProposal(it, same=False)),
    PlacePerson: lambda _: _told(PlacePerson(ParticipantId("bob"), "customer")),
    SetListening: lambda _: _told(SetListening(watched={"fr": ("zut",)})),
}
"""What makes one of each command that will be done."""


MAKERS |= {
    WriteReply: lambda desk: _with(
        desk.question(), lambda it: WriteReply(Subject.question(it), 1, "Because.")
    ),
    TakeReplyBack: lambda desk: _with(
        desk.answered(), lambda it: TakeReplyBack(Subject.question(it), 3)
    ),
    PromiseAnswer: lambda desk: _with(
        desk.question(), lambda it: PromiseAnswer(it, 1, "Care", NOW + timedelta(days=1))
    ),
    LetGo: lambda desk: _with(desk.question(), lambda it: LetGo(it, 1, "Asked before.")),
    DecideMany: lambda desk: _with(
        _claimed(desk), lambda it: DecideMany((Aimed(it, 1),), Verdict.REMOVE)
    ),
    DefineLabel: lambda _: _told(DefineLabel("Urgent", Colour.RED)),
    RemoveLabel: lambda desk: _with(desk.label(), RemoveLabel),
    SetLabels: lambda desk: _with(_labelled(desk), lambda it: SetLabels(*it)),
    Assign: lambda desk: _with(_claimed(desk), lambda it: Assign(it, ParticipantId("mod"))),
    AddNote: lambda _: _told(AddNote(ParticipantId("bob"), "Called twice.")),
    RemoveNote: lambda desk: _with(desk.note(), RemoveNote),
    AnswerPrivately: lambda desk: _with(
        desk.question(), lambda it: AnswerPrivately(it, "For you alone.")
    ),
    SettleReport: lambda desk: _with(desk.report(), lambda it: SettleReport(it, acted=True)),
    SettleAppeal: lambda desk: _with(desk.appeal(), lambda it: SettleAppeal(it, accept=True)),
    SendLetter: lambda _: _told(SendLetter("Thank you.", ParticipantId("bob"))),
    SettleCue: lambda desk: _with(desk.cue(), lambda it: SettleCue(it, CueOutcome.DISMISSED)),
    TuneCues: lambda _: _told(TuneCues(sensitivity=Sensitivity.HIGH)),
}

MAKERS |= {
    AcceptCall: lambda desk: _with(desk.call(), AcceptCall),
    DeclineCall: lambda desk: _with(desk.call(), DeclineCall),
    PutOnAir: lambda desk: _with(desk.guest(), lambda it: PutOnAir(it, on=True)),
    MuteGuest: lambda desk: _with(desk.guest(), lambda it: MuteGuest(it, on=True)),
    RemoveGuest: lambda desk: _with(desk.guest(), RemoveGuest),
    LockStage: lambda _: _told(LockStage(on=True)),
}

MAKERS |= {
    PreparePoll: lambda _: _told(PreparePoll(draft())),
    OpenPoll: lambda desk: _with(desk.draft_poll(), lambda it: OpenPoll(poll_id=it)),
    ClosePoll: lambda desk: _with(desk.poll(), ClosePoll),
    RevealPoll: lambda desk: _with(desk.poll(), RevealPoll),
    ShowPoll: lambda desk: _with(desk.closed_poll(), lambda it: ShowPoll(it, on=False)),
    WithdrawPoll: lambda desk: _with(desk.poll(), WithdrawPoll),
    JudgeWord: lambda desk: _with(
        desk.poll(PollKind.WORDS), lambda it: JudgeWord(it, "ugly", shown=False)
    ),
}


MAKERS |= {
    AddPart: lambda _: _told(AddPart(PartDraft({"en": "Opening"}, 5, "Warm up", (), "Hello."))),
    EditPart: lambda desk: _with(
        desk.part(), lambda it: EditPart(it, 1, PartDraft({"fr": "Essayage"}))
    ),
    MovePart: lambda desk: _with(desk.part(), lambda it: MovePart(it, 1)),
    SkipPart: lambda desk: _with(desk.part(), lambda it: SkipPart(it, 1, on=True)),
    StretchPart: lambda desk: _with(desk.part(), lambda it: StretchPart(it, 5)),
    RemovePart: lambda desk: _with(desk.part(), lambda it: RemovePart(it, 1)),
    GoToPart: lambda desk: _with(desk.part(), lambda it: GoToPart(it, None)),
    ShowRunshow: lambda _: _told(ShowRunshow(on=True)),
    ImportParts: lambda _: _told(ImportParts((PartDraft({"en": "Opening"}),))),
}


async def _with(coming: Awaitable[T], make: Callable[[T], PersonCommand]) -> PersonCommand:
    return make(await coming)


async def records(house: House) -> list[dict[str, Any]]:
    kept = await house.store.audit(CHAIN, after=0, limit=1_000)
    return [json.loads(each.link.body) for each in kept]


@pytest.mark.parametrize("kind", FOR_STAFF, ids=action_of)
async def test_each_command_of_the_team_is_an_act_unless_a_reason_is_given(kind: type) -> None:
    made: Any = object.__new__(kind)
    assert is_written_down(made, person("mod", Role.MODERATOR)) == (kind not in PASSING)
    assert not is_written_down(made, person("ada"))


def test_no_command_of_the_team_is_left_out_here() -> None:
    assert set(MAKERS) == set(FOR_STAFF) | OF_BOTH


@pytest.mark.parametrize("kind", MAKERS, ids=action_of)
async def test_each_command_of_the_team_leaves_a_record(opened: Open, kind: type) -> None:
    desk = Desk(await opened())
    command = await MAKERS[kind](desk)
    known = len(await records(desk.house))
    done = await desk.house.do("mod", command)
    if kind in PASSING:
        assert len(await records(desk.house)) == known
        return
    (record,) = (await records(desk.house))[known:]
    assert record["action"] == action_of(kind)
    assert (record["by"], record["role"]) == ("mod", "moderator")
    assert record["at"] == "2026-05-04T18:30:00.000000+00:00"
    if done.seq is not None:
        assert record["events"]["last"] == done.seq


async def test_a_decision_tells_what_it_was_about_as_it_stood_and_why(opened: Open) -> None:
    house = await opened()
    message_id = await Desk(house).message()
    await house.do("mod", Decide(Subject.message(message_id), 1, Verdict.REMOVE, "It is rude."))
    (kept,) = await house.store.audit(CHAIN, after=0, limit=9)
    record = json.loads(kept.link.body)
    (subject,) = record["subjects"]
    assert (subject["id"], subject["revision"], subject["status"]) == (message_id, 1, "published")
    assert (subject["author"], record["asked"]["verdict"]) == ("ada", "remove")
    # The reason lies among the contents already: a second copy would be one more to erase.
    assert kept.words == ()
    (commitment,) = record["contents"].values()
    assert commitment
    assert "rude" not in kept.link.body


async def test_an_edit_tells_which_text_it_took_the_place_of(opened: Open) -> None:
    house = await opened()
    message_id = await Desk(house).message()
    room = await house.room()
    original = room.state.messages[message_id].content_id
    await house.do("mod", EditMessage(message_id, 1, "Hallo"))
    (record,) = await records(house)
    (new,) = record["contents"]
    assert record["subjects"][0]["content"] == original != new
    (kept,) = await house.store.find_contents(SESSION, [original])
    assert kept.text == "Hello"


async def test_no_word_of_a_command_is_in_a_record_itself(opened: Open) -> None:
    house = await opened()
    await house.do("mod", SetListening(watched={"fr": ("zut",)}))
    await house.do("mod", PlacePerson(ParticipantId("bob"), "customer"))
    first, second = await house.store.audit(CHAIN, after=0, limit=9)
    assert [each.text for each in first.words] == ['{"fr":["zut"]}']
    assert "zut" not in first.link.body
    assert json.loads(first.link.body)["words"]["watched"] == first.words[0].commitment
    assert [(each.text, each.about) for each in second.words] == [("customer", "bob")]


async def test_erasing_a_person_takes_words_from_the_audit_and_is_in_it(opened: Open) -> None:
    house = await opened()
    await house.do("mod", PlacePerson(ParticipantId("bob"), "customer"))
    before = await house.store.audit(CHAIN, after=0, limit=9)
    await (await house.room()).act(EraseParticipant(ParticipantId("bob")))
    kept = await house.store.audit(CHAIN, after=0, limit=9)
    assert kept[0].link == before[0].link
    assert (kept[0].words[0].text, kept[0].words[0].salt) == (None, None)
    assert json.loads(kept[1].link.body)["action"] == "erase_participant"


async def test_what_viewers_do_and_what_is_refused_is_no_act(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    house = await opened()
    message_id = await Desk(house).message()
    subject = Subject.message(message_id)
    with caplog.at_level(logging.INFO):
        forged = await house.refused("mod", Decide(subject, 9, Verdict.REMOVE))
        foreign = await house.refused("mod", UndoDecision(DecisionId("of-another-session")))
        intruder = await house.refused("ada", Decide(subject, 1, Verdict.REMOVE))
    assert (forged.code, foreign.code, intruder.code) == ("stale", "not_found", "forbidden")
    assert await records(house) == []
    told = [vars(each) for each in caplog.records if "refused" in each.message]
    assert [(each["by"], each["action"], each["code"]) for each in told] == [
        ("mod", "decide", "stale"),
        ("mod", "undo_decision", "not_found"),
        ("ada", "decide", "forbidden"),
    ]


async def test_an_act_of_the_server_is_in_it_where_it_is_on_behalf_of_the_team(
    opened: Open,
) -> None:
    owner = replace(person("boss", Role.OWNER), display_name=None)
    house = await opened(owner, person("ada"))
    room = await house.room()
    await room.act(session_commands.SessionDetails(title="Autumn"), by=owner.id)
    await room.act(session_commands.SetStage(()))
    (kept,) = await house.store.audit(CHAIN, after=0, limit=9)
    assert json.loads(kept.link.body)["action"] == "session_details"
    assert [each.text for each in kept.words] == ["Autumn"]


async def test_a_claim_is_no_act_and_neither_is_giving_it_back(opened: Open) -> None:
    house = await opened()
    subject = Subject.message(await Desk(house).message())
    await house.do("mod", ClaimSubject(subject))
    await house.do("mod", ReleaseSubject(subject))
    assert await records(house) == []
