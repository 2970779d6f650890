"""The privacy boundary, event by event: who sees it, and what of it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from live.domain import announcement_commands as ac
from live.domain import (
    decision_commands,
    message_commands,
    paper_commands,
    people_commands,
    question_commands,
    sanction_commands,
    session_commands,
)
from live.domain import poll_commands as p
from live.domain.call import AskForStage, DeclineCall
from live.domain.cue import CueOutcome
from live.domain.cue_commands import SettleCue, TuneCues
from live.domain.decision import Verdict
from live.domain.dial import Level
from live.domain.events import EVENTS, Recorded
from live.domain.ids import (
    AnnouncementId,
    DecisionId,
    MessageId,
    PaperId,
    ParticipantId,
    PollId,
    QuestionId,
)
from live.domain.label import Colour
from live.domain.mode import Review
from live.domain.part import AddPart, GoToPart, PartDraft, ShowRunshow
from live.domain.people import Role
from live.domain.poll import Results
from live.domain.sanction import SanctionKind
from live.domain.stage import Seat, SeatState, SetSlate
from live.domain.subject import Subject
from live.gateway.calls import stage
from live.gateway.projection import Projection, concerned
from live.gateway.snapshot import Snapshots, snapshot
from live.gateway.views import View
from live.room.ledger import Committed
from live.wire.schema import components
from tests.golden.generate import Watchful
from tests.support.cues import raised
from tests.support.polls import draft, question
from tests.support.rooms import NOW, House, open_house, person

ADA, BOB, MOD, HOST = (ParticipantId(name) for name in ("ada", "bob", "mod", "host"))
ALL = {ADA, BOB, MOD}
TEAM = {MOD}
Json = dict[str, Any]


class Witness:
    """What ada, bob and mod are told of each event, at the moment it was committed."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.told: list[tuple[str, dict[ParticipantId, Json | None]]] = []

    async def watch(self) -> None:
        (await self.house.room()).listen(self.hear)

    def hear(self, committed: Committed) -> None:
        for recorded in committed.events:
            seen = {who: self.project(recorded, who) for who in (ADA, BOB, MOD)}
            self.told.append((recorded.event.type, seen))

    def project(self, recorded: Recorded, who: ParticipantId) -> Json | None:
        (room,) = self.house.rooms.open_rooms()
        staff = who in room.state.staff
        event = Projection(room.state, staff=staff, reader=who).event(recorded)
        person = room.state.participants[who]
        cohort = (person.segment, person.language)
        common = Projection(room.state, staff=staff, cohort=cohort).event(recorded)
        if who not in concerned(room.state, [recorded]):
            assert event == common, "only whom it concerns may get another one"
        return None if event is None else json.loads(msgspec.json.encode(event))

    def of(self, kind: str) -> dict[ParticipantId, Json | None]:
        """The latest event of this kind."""
        return next(seen for name, seen in reversed(self.told) if name == kind)

    def saw(self, kind: str) -> set[ParticipantId]:
        return {who for who, event in self.of(kind).items() if event is not None}


async def a_show() -> Witness:
    people = [
        person("ada"),
        person("bob"),
        person("mod", Role.MODERATOR),
        person("host", Role.HOST),
    ]
    witness = Witness(await open_house(*people, gate=Watchful()))
    await witness.watch()
    return witness


async def held(witness: Witness, text: str = "canary: you win") -> Subject:
    done = await witness.house.do("ada", message_commands.PostMessage(text))
    return Subject.message(done.result.message_id or MessageId(""))


async def asked(witness: Witness, who: str = "ada") -> QuestionId:
    done = await witness.house.do(who, question_commands.AskQuestion("Why?"))
    return done.result.question_id or QuestionId("")


async def decided(witness: Witness, subject: Subject, verdict: Verdict) -> DecisionId:
    item = (await witness.house.room()).state.find(subject)
    done = await witness.house.do(
        "mod",
        decision_commands.Decide(subject, item.revision if item else 0, verdict, "canary reason"),
    )
    return done.result.decision_id or DecisionId("")


async def message_published(w: Witness) -> None:
    await w.house.do("ada", message_commands.PostMessage("Hello"))


async def message_held(w: Witness) -> None:
    await held(w)


async def message_refused(w: Witness) -> None:
    await decided(w, await held(w), Verdict.REFUSE)


async def message_edited(w: Witness) -> None:
    done = await w.house.do("ada", message_commands.PostMessage("Hello"))
    await w.house.do(
        "mod", message_commands.EditMessage(done.result.message_id or MessageId(""), 1, "Hullo")
    )


async def message_replied_to(w: Witness) -> None:
    done = await w.house.do("ada", message_commands.PostMessage("Hello"))
    subject = Subject.message(done.result.message_id or MessageId(""))
    await w.house.do("mod", decision_commands.WriteReply(subject, 1, "Good evening"))


async def question_promised(w: Witness) -> None:
    done = await w.house.do("ada", question_commands.AskQuestion("Why?"))
    question_id = done.result.question_id or QuestionId("")
    due = NOW + timedelta(days=1)
    await w.house.do("mod", question_commands.PromiseAnswer(question_id, 1, "Care", due))


async def pending_message_edited(w: Witness) -> None:
    subject = await held(w)
    await w.house.do(
        "mod", message_commands.EditMessage(MessageId(subject.id), 1, "canary, edited")
    )


async def message_removed(w: Witness) -> None:
    done = await w.house.do("ada", message_commands.PostMessage("Taken back"))
    await decided(w, Subject.message(done.result.message_id or MessageId("")), Verdict.REMOVE)


async def pending_message_withdrawn(w: Witness) -> None:
    subject = await held(w)
    await w.house.do("ada", message_commands.WithdrawMessage(MessageId(subject.id)))


async def publication_undone(w: Witness) -> None:
    decision = await decided(w, await held(w, "You win"), Verdict.PUBLISH)
    await w.house.do("mod", decision_commands.UndoDecision(decision))


async def question_published(w: Witness) -> None:
    await asked(w)


async def question_held(w: Witness) -> None:
    await w.house.do("mod", session_commands.SetMode(review=Review.BEFORE))
    await asked(w)


async def question_refused(w: Witness) -> None:
    await question_held(w)
    (item,) = (await w.house.room()).state.held_items()
    await decided(w, Subject.question(QuestionId(item.id)), Verdict.REFUSE)


async def question_picked(w: Witness) -> None:
    await decided(w, Subject.question(await asked(w)), Verdict.PICK)


async def question_dismissed(w: Witness) -> None:
    await decided(w, Subject.question(await asked(w)), Verdict.DISMISS)


async def questions_merged(w: Witness) -> None:
    one, other = await asked(w), await asked(w, "bob")
    await w.house.do("mod", question_commands.MergeQuestions(one, other))


async def question_split(w: Witness) -> None:
    await questions_merged(w)
    other = next(q for q in (await w.house.room()).state.questions.values() if q.merged_into)
    await w.house.do("mod", question_commands.SplitQuestion(other.id))


async def voted(w: Witness) -> None:
    await w.house.do("ada", question_commands.VoteQuestion(await asked(w, "bob"), up=True))
    w.house.clock.pass_s(1.0)
    await (await w.house.room()).settle()


async def mode_set(w: Witness) -> None:
    await w.house.do("mod", session_commands.SetMode(slow_s=5.0))


async def session_changed(w: Witness) -> None:
    await (await w.house.room()).act(session_commands.SessionDetails(title="Again"))


async def silent_viewer_renamed(w: Witness) -> None:
    await w.house.do("ada", people_commands.SetProfile(display_name="Ada L."))


async def known_viewer_renamed(w: Witness) -> None:
    await w.house.do("ada", message_commands.PostMessage("Hello"))
    await w.house.do("ada", people_commands.SetProfile(display_name="Ada L."))


async def silent_moderator_renamed(w: Witness) -> None:
    await w.house.do("host", people_commands.SetProfile(display_name="canary"))


async def sanctioned(w: Witness) -> None:
    await w.house.do("mod", sanction_commands.SetSanction(ADA, SanctionKind.MUTE))


async def noted(w: Witness) -> None:
    await w.house.do("mod", paper_commands.AddNote(ADA, "canary note"))


async def written_to(w: Witness) -> None:
    await w.house.do("mod", paper_commands.SendLetter("canary letter", ADA))


async def answered_privately(w: Witness) -> None:
    await w.house.do("mod", paper_commands.AnswerPrivately(await asked(w), "canary answer"))


async def appealed(w: Witness) -> None:
    await w.house.do(
        "mod", sanction_commands.SetSanction(ADA, SanctionKind.MUTE, None, "canary reason")
    )
    await w.house.do("ada", sanction_commands.FileAppeal(SanctionKind.MUTE, "canary appeal"))


async def report_settled(w: Witness) -> None:
    done = await w.house.do("ada", message_commands.PostMessage("Hello"))
    subject = Subject.message(done.result.message_id or MessageId(""))
    report = await w.house.do("bob", sanction_commands.FileReport(subject, "canary"))
    await w.house.do(
        "mod", sanction_commands.SettleReport(report.result.report_id or "", acted=True)
    )


async def on_stage(w: Witness) -> None:
    seat = Seat("host", HOST, SeatState.ON_AIR, audio=True, video=True, since=NOW)
    await (await w.house.room()).act(session_commands.SetStage((seat,)))


async def put_on_screen(w: Witness) -> None:
    asked = await w.house.do("ada", question_commands.AskQuestion("Is it warm?"))
    assert asked.result.question_id is not None
    await w.house.do("mod", session_commands.SetScreen(Subject.question(asked.result.question_id)))


async def cut(w: Witness) -> None:
    await w.house.do("mod", SetSlate(on=True))


async def pinned(w: Witness) -> None:
    await w.house.do("mod", session_commands.SetPin(text="At eight"))


async def muted(w: Witness) -> None:
    await w.house.do("ada", people_commands.MutePerson(BOB, on=True))


async def claimed(w: Witness) -> None:
    await w.house.do("mod", decision_commands.ClaimSubject(await held(w)))


async def staff_said(w: Witness) -> None:
    await w.house.do("mod", session_commands.SayToStaff("canary"))


async def labelled(w: Witness) -> None:
    done = await w.house.do("ada", message_commands.PostMessage("Hello"))
    subject = Subject.message(done.result.message_id or MessageId(""))
    label = (
        await w.house.do("mod", decision_commands.DefineLabel("canary", Colour.RED))
    ).result.label_id or ""
    await w.house.do("mod", decision_commands.SetLabels(subject, (label,)))


async def reported(w: Witness) -> None:
    done = await w.house.do("bob", message_commands.PostMessage("Hello"))
    subject = Subject.message(done.result.message_id or MessageId(""))
    await w.house.do("ada", sanction_commands.FileReport(subject, "canary"))


async def proposed(w: Witness) -> None:
    asked = [
        (await w.house.do("ada", question_commands.AskQuestion(each))).result.question_id
        or QuestionId("")
        for each in ("Delivery price?", "Prix de la livraison ?")
    ]
    await (await w.house.room()).act(question_commands.ProposeMerge(asked[0], asked[1], 0.81))


async def proposal_settled(w: Witness) -> None:
    await proposed(w)
    (proposal,) = (await w.house.room()).state.proposals
    await w.house.do("mod", question_commands.SettleProposal(proposal.id, same=False))


async def dial_turned(w: Witness) -> None:
    await w.house.do(
        "mod", session_commands.SetListening({"filter": Level.OFF}, watched={"en": ("canary",)})
    )


async def announced(w: Witness) -> None:
    await w.house.do("mod", ac.SendAnnouncement((ac.DraftVariant("Doors open at eight."),)))


async def announced_to_others(w: Witness) -> None:
    variant = ac.DraftVariant("canary, for ambassadors", segment="ambassador")
    await w.house.do("mod", ac.SendAnnouncement((variant,)))


async def withdrawn(w: Witness) -> None:
    done = await w.house.do("mod", ac.SendAnnouncement((ac.DraftVariant("Too early"),)))
    told = done.result.announcement_id or AnnouncementId("")
    await w.house.do("mod", ac.WithdrawAnnouncement(told))


async def saved(w: Witness) -> None:
    await w.house.do("mod", ac.SaveAnnouncement((ac.DraftVariant("canary, for later"),)))


async def released(w: Witness) -> None:
    done = await w.house.do("mod", ac.SaveAnnouncement((ac.DraftVariant("Doors open."),)))
    told = done.result.announcement_id or AnnouncementId("")
    await w.house.do("mod", ac.ReleaseAnnouncement(told, 1))


async def part_planned(w: Witness) -> None:
    draft = PartDraft({"en": "canary title"}, 5, "canary goal", (), "canary script")
    await w.house.do("mod", AddPart(draft))


async def runshow_shown(w: Witness) -> None:
    await w.house.do("mod", ShowRunshow(on=True))
    await w.house.do("mod", AddPart(PartDraft({"en": "Fitting"}, 5, "canary goal")))


async def show_moved_on(w: Witness) -> None:
    await runshow_shown(w)
    (part_id,) = (await w.house.room()).state.runshow.order
    await w.house.do("mod", GoToPart(part_id, None))


async def called(w: Witness) -> None:
    await w.house.do("ada", AskForStage("canary: my own ring"))
    call = (await w.house.room()).state.calling.calls[0]
    await w.house.do("mod", DeclineCall(call.id))


async def cue_raised(w: Witness) -> None:
    await raised(await w.house.room())


async def cue_settled(w: Witness) -> None:
    cue = await raised(await w.house.room())
    await w.house.do("mod", SettleCue(cue, CueOutcome.SNOOZED))


async def cues_tuned(w: Witness) -> None:
    await w.house.do("mod", TuneCues(calm_s=30))


async def poll_prepared(w: Witness) -> None:
    await w.house.do("mod", p.PreparePoll(draft(question("canary: which?"))))


async def poll_opened(w: Witness) -> PollId:
    hidden = draft(named=True, results=Results.CLOSED)
    return (await w.house.do("mod", p.OpenPoll(hidden))).result.poll_id or PollId("")


async def others_asked(w: Witness) -> PollId:
    poll = draft(question("canary, for ambassadors", segment="ambassador"))
    done = await w.house.do("mod", p.OpenPoll(poll))
    await w.house.do("mod", p.ClosePoll(done.result.poll_id or PollId("")))
    return done.result.poll_id or PollId("")


async def answered_live(w: Witness) -> None:
    done = await w.house.do("mod", p.OpenPoll(draft()))
    await w.house.do("ada", p.AnswerPoll(done.result.poll_id or PollId(""), ("1",)))


async def answered_in_secret(w: Witness) -> None:
    await w.house.do("ada", p.AnswerPoll(await poll_opened(w), ("1",)))


async def poll_closed(w: Witness) -> None:
    await w.house.do("mod", p.ClosePoll(await poll_opened(w)))


async def put_away(w: Witness) -> None:
    poll_id = await poll_opened(w)
    await w.house.do("mod", p.ClosePoll(poll_id))
    await w.house.do("mod", p.ShowPoll(poll_id, on=False))


async def draft_dropped(w: Witness) -> None:
    done = await w.house.do("mod", p.PreparePoll(draft()))
    await w.house.do("mod", p.WithdrawPoll(done.result.poll_id or PollId("")))


Case = tuple[Callable[[Witness], Awaitable[object]], str, set[ParticipantId]]
CASES: list[Case] = [
    (message_published, "message.published", ALL),
    (message_held, "message.held", {ADA, MOD}),
    (publication_undone, "message.held", ALL),  # to bob it is gone
    (message_refused, "message.refused", {ADA, MOD}),
    (pending_message_withdrawn, "message.refused", {ADA, MOD}),
    (message_edited, "message.edited", ALL),
    (pending_message_edited, "message.edited", {ADA, MOD}),
    (message_removed, "message.removed", ALL),
    (message_replied_to, "subject.settled", ALL),
    (question_promised, "subject.settled", ALL),
    (question_published, "question.published", ALL),
    (question_held, "question.held", {ADA, MOD}),
    (question_refused, "question.changed", {ADA, MOD}),
    (question_picked, "question.changed", ALL),
    (question_dismissed, "question.changed", ALL),
    (questions_merged, "question.merged", ALL),
    (question_split, "question.split", ALL),
    (voted, "ballot.cast", {ADA}),
    (voted, "vote.tallied", ALL),
    (mode_set, "mode.changed", ALL),
    (session_changed, "session.changed", ALL),
    (silent_viewer_renamed, "participant.changed", {ADA, MOD}),
    (known_viewer_renamed, "participant.changed", ALL),
    (silent_moderator_renamed, "participant.changed", TEAM),
    (sanctioned, "sanction.set", {ADA, MOD}),
    (on_stage, "stage.changed", ALL),
    (cut, "stage.changed", ALL),
    (pinned, "pin.changed", ALL),
    (put_on_screen, "screen.changed", ALL),
    (announced, "announcement.sent", {ADA, BOB, MOD}),
    (announced_to_others, "announcement.sent", TEAM),
    (withdrawn, "announcement.changed", ALL),
    (part_planned, "part.changed", TEAM),
    (runshow_shown, "runshow.changed", ALL),
    (show_moved_on, "runshow.moved", ALL),
    (saved, "announcement.saved", TEAM),
    (released, "announcement.sent", {ADA, BOB, MOD}),
    (poll_prepared, "poll.prepared", TEAM),
    (poll_opened, "poll.opened", ALL),
    (others_asked, "poll.opened", TEAM),
    (others_asked, "poll.closed", TEAM),
    (answered_live, "poll.answered", {ADA}),
    (answered_live, "poll.tallied", ALL),
    (answered_in_secret, "poll.tallied", TEAM),
    (poll_closed, "poll.closed", ALL),
    (put_away, "poll.changed", ALL),
    (draft_dropped, "poll.changed", TEAM),
    (muted, "person.muted", {ADA}),
    (message_refused, "decision.made", TEAM),
    (claimed, "claim.changed", TEAM),
    (labelled, "labels.changed", TEAM),
    (labelled, "subject.marked", TEAM),
    (staff_said, "staff.said", TEAM),
    (reported, "report.filed", TEAM),
    (report_settled, "report.settled", TEAM),
    (noted, "paper.changed", TEAM),
    (written_to, "paper.changed", {ADA, MOD}),
    (answered_privately, "paper.changed", {ADA, MOD}),
    (appealed, "paper.changed", {ADA, MOD}),
    (proposed, "proposal.raised", TEAM),
    (proposal_settled, "proposal.settled", TEAM),
    (dial_turned, "listening.changed", TEAM),
    (called, "call.changed", {ADA, MOD}),
    (cue_raised, "cue.raised", TEAM),
    (cue_settled, "cue.settled", TEAM),
    (cues_tuned, "cues.tuned", TEAM),
]


def test_every_event_has_a_case() -> None:
    assert {kind for _, kind, _ in CASES} == set(EVENTS)


@pytest.mark.parametrize(
    ("happening", "kind", "audience"), CASES, ids=lambda each: getattr(each, "__name__", None)
)
async def test_who_sees_it(
    happening: Callable[[Witness], Awaitable[object]], kind: str, audience: set[ParticipantId]
) -> None:
    witness = await a_show()
    await happening(witness)
    assert witness.saw(kind) == audience
    for _, seen in witness.told:
        assert "canary" not in json.dumps(seen[BOB])
        assert not _keys(seen[BOB]) & {"segment", "score", "reasons", "by"}
        assert not _keys(_without_you(seen[ADA])) & {"segment", "score", "by"}
    await witness.house.rooms.close()


async def test_who_wrote_what_was_taken_back_sees_it_held_and_others_see_it_gone() -> None:
    witness = await a_show()
    await publication_undone(witness)
    seen = witness.of("message.held")
    mine, others = seen[ADA], seen[BOB]
    assert mine is not None
    assert others is not None
    assert mine["data"]["message"]["status"] == "pending"
    assert others["type"] == "message.removed"
    assert set(others["data"]["message"]) == {"id", "status"}
    await witness.house.rooms.close()


async def test_who_asked_a_dismissed_question_keeps_it_and_others_see_a_tombstone() -> None:
    witness = await a_show()
    await question_dismissed(witness)
    seen = witness.of("question.changed")
    mine, others = seen[ADA], seen[BOB]
    assert mine is not None
    assert others is not None
    assert mine["data"]["question"]["text"] == "Why?"
    assert set(others["data"]["question"]) == {"id", "status"}
    await witness.house.rooms.close()


async def test_a_replay_carries_no_withdrawn_text() -> None:
    witness = await a_show()
    await message_removed(witness)
    room = await witness.house.room()
    replay = await room.history(0, 100)
    events = Projection(room.state, staff=False, reader=BOB).project(replay or [])
    assert "Taken back" not in msgspec.json.encode(events).decode()
    assert [event.type for event in events] == ["message.published", "message.removed"]
    await witness.house.rooms.close()


async def test_a_preview_is_for_the_team() -> None:
    witness = await a_show()
    room = await witness.house.room()
    seat = Seat("host", HOST, SeatState.PREVIEW, audio=True, video=True, since=NOW)
    await room.act(session_commands.SetStage((seat,)))
    assert stage(View(room.state, staff=True)).seats
    assert not stage(View(room.state, staff=False, reader=BOB)).seats
    await witness.house.rooms.close()


async def test_a_shared_answer_bears_no_name_but_for_the_team() -> None:
    witness = await a_show()
    question = await asked(witness)
    answer = (
        await witness.house.do("mod", paper_commands.AnswerPrivately(question, "Today"))
    ).result.paper_id
    await witness.house.do("ada", paper_commands.ConsentToAnswer(answer or PaperId(""), on=True))
    state = (await witness.house.room()).state
    for reader in (ADA, BOB, MOD):
        shown = json.loads(msgspec.json.encode(snapshot(state, reader=reader)))
        (item,) = shown["questions"]["items"]
        assert item["answer"] == "Today"
        named = reader is MOD
        assert (item["author"]["id"] == "ada", item["author"]["display_name"] == "Ada") == (
            named,
            named,
        )
        assert [each["kind"] for each in shown["you"]["papers"]] == ["answer"] * (reader is ADA)
    assert witness.saw("question.changed") == ALL
    await witness.house.rooms.close()


@pytest.mark.parametrize("reader", [ADA, BOB, MOD])
async def test_the_spliced_snapshot_is_the_snapshot(reader: ParticipantId) -> None:
    witness = await a_show()
    for happening in (message_published, question_dismissed, staff_said, claimed, appealed, noted):
        await happening(witness)
    state = (await witness.house.room()).state
    frame = Snapshots(state).replacement("epoch", reader, "slow").plain
    spliced = json.loads(frame[frame.index(b"{") :])["snapshot"]
    assert spliced == json.loads(msgspec.json.encode(snapshot(state, reader=reader)))
    assert set(components()["Snapshot"]["required"]) <= set(spliced)
    team = {
        "held",
        "claims",
        "cues",
        "cueing",
        "reports",
        "sanctions",
        "staff_says",
        "decisions",
        "papers",
    }
    assert set(spliced) & team == (team if reader is MOD else set())
    await witness.house.rooms.close()


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(_keys(inner) for inner in value.values()))
    if isinstance(value, list):
        return set[str]().union(*(_keys(inner) for inner in value))
    return set()


def _without_you(event: Json | None) -> Json | None:
    """One's own segment is no secret to oneself."""
    if event is not None and event["type"] == "participant.changed":
        return None
    return event
