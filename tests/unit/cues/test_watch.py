"""One cue at a time, settled by whoever is first, and never said twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from live.domain.announcement import Link
from live.domain.announcement_commands import DraftVariant, SendAnnouncement, WithdrawAnnouncement
from live.domain.commands import PersonCommand
from live.domain.cue import ActKind, Cue, CueAct, CueOutcome, CueRule, Sensitivity
from live.domain.cue_commands import CountCrowd, SettleCue, TuneCues
from live.domain.decision import Verdict
from live.domain.decision_commands import Decide
from live.domain.ids import ParticipantId, QuestionId
from live.domain.message_commands import PostMessage
from live.domain.outcome import Refusal
from live.domain.part import AddPart, PartDraft
from live.domain.people import Role
from live.domain.people_commands import SetProfile
from live.domain.poll_commands import OpenPoll, PreparePoll
from live.domain.pulse import TICK_S, tick_at
from live.domain.question_commands import AskQuestion
from live.domain.session import SessionState
from live.domain.session_commands import AddReaction, ChangeState, ReactionKind
from live.domain.subject import Subject
from live.room.keys import Done
from live.room.settings import RoomSettings
from live.room.surface import AnyRoom
from moderation.cues.adaptation import Adaptation, adaptations, moment, span
from moderation.cues.deeds import deeds, effects
from moderation.cues.impressions import Impression, Impressions
from moderation.cues.moments import moments
from moderation.cues.watch import QUIET_S, CueKeeper
from tests.support.cues import a_cue, raised
from tests.support.polls import draft, question
from tests.support.rooms import NOW, SESSION, House, open_house, person

PROSPECTS = tuple(f"p{n}" for n in range(20))
CUSTOMERS = tuple(f"c{n}" for n in range(20))


@dataclass
class Show:
    """A live show that is looked at every two seconds."""

    house: House
    keeper: CueKeeper = field(init=False)
    impressions: Impressions = field(default_factory=Impressions)

    async def begin(self) -> None:
        self.keeper = CueKeeper(self.house.clock, self.impressions)
        self.house.rooms.on_open(self.keeper.attend)
        room = await self.house.reopen()
        self.house.rooms.on_open(self.keeper.attend)
        self.keeper.attend(room)

    async def pass_s(self, seconds: float) -> None:
        room = await self.house.room()
        for _ in range(int(seconds / TICK_S)):
            self.house.clock.pass_s(TICK_S)
            await self.keeper.look()
        assert room.is_open

    async def many(self, people: tuple[str, ...], command: PersonCommand) -> None:
        for who in people:
            await self.house.do(who, command)

    async def confuse(self, count: int = 12) -> None:
        await self.many(PROSPECTS[:count], AddReaction(ReactionKind.CONFUSED, 2))

    async def cues(self) -> tuple[Cue, ...]:
        return (await self.house.room()).state.cues

    async def restart(self) -> None:
        room = await self.house.reopen()
        self.keeper = CueKeeper(self.house.clock, self.impressions)
        self.keeper.attend(room)


@pytest.fixture
async def show() -> AsyncIterator[Show]:
    people = [person(each, segment="prospect") for each in PROSPECTS]
    people += [person(each, segment="customer") for each in CUSTOMERS]
    house = await open_house(
        *people,
        person("mod", Role.MODERATOR),
        person("host", Role.HOST),
        state="lobby",
        settings=RoomSettings(gather_s=0),
    )
    made = Show(house)
    await made.begin()
    room = await house.room()
    await room.act(ChangeState(SessionState.LIVE))
    everyone = tuple(ParticipantId(each) for each in (*PROSPECTS, *CUSTOMERS))
    await room.act(CountCrowd(everyone, here=(("prospect", "en", 20), ("customer", "en", 20))))
    await made.pass_s(120)
    yield made
    await house.rooms.close()


async def only(show: Show) -> Cue:
    (cue,) = await show.cues()
    return cue


async def test_a_wave_is_cued_once_and_over_when_it_is(show: Show) -> None:
    question = (await show.house.do("p3", AskQuestion("Which one is it?"))).result.question_id
    await show.confuse()
    await show.pass_s(4)
    cue = await only(show)
    assert (cue.rule, cue.segment, cue.evidence.count) == (CueRule.CONFUSION, "prospect", 12)
    assert cue.act is not None
    assert (cue.act.kind, cue.act.id) == (ActKind.PICK, question)
    assert cue.outcome is None
    await show.pass_s(90)
    assert (await only(show)).outcome is CueOutcome.OVER


async def test_neither_a_restart_nor_another_wave_soon_says_it_twice(show: Show) -> None:
    await show.confuse()
    await show.pass_s(4)
    await show.restart()
    await show.pass_s(6)
    cue = await only(show)
    assert cue.is_open, "the same one, which the other node goes on with"
    await show.house.do("mod", SettleCue(cue.id, CueOutcome.DISMISSED))
    await show.restart()
    await show.pass_s(70)
    await show.confuse()
    await show.pass_s(4)
    assert len(await show.cues()) == 1
    await show.pass_s(QUIET_S)
    await show.confuse()
    await show.pass_s(4)
    assert len(await show.cues()) == 2


async def test_snoozed_it_comes_again_and_switched_off_it_does_not(show: Show) -> None:
    await show.confuse()
    await show.pass_s(4)
    first = (await only(show)).id
    await show.house.do("mod", SettleCue(first, CueOutcome.SNOOZED, for_s=60.0))
    await show.pass_s(70)
    await show.confuse()
    await show.pass_s(4)
    _, second = await show.cues()
    await show.house.do("mod", TuneCues(off=(CueRule.CONFUSION,)))
    assert (await show.cues())[-1].outcome is CueOutcome.DISMISSED
    await show.pass_s(QUIET_S + 60)
    await show.confuse()
    await show.pass_s(4)
    assert (await show.cues())[-1].id == second.id


async def test_nothing_is_said_while_an_answer_begins(show: Show) -> None:
    asked = (await show.house.do("c1", AskQuestion("How warm is it?"))).result.question_id
    subject = Subject.question(asked or QuestionId(""))
    await show.house.do("host", Decide(subject, 1, Verdict.PICK))
    await show.house.do("host", Decide(subject, 2, Verdict.ANSWERING))
    await show.confuse()
    await show.pass_s(14)
    assert not await show.cues()
    await show.pass_s(6)
    assert (await only(show)).rule is CueRule.CONFUSION


async def test_fewer_than_five_are_never_cued_however_readily(show: Show) -> None:
    await show.house.do("mod", TuneCues(sensitivity=Sensitivity.HIGH))
    await show.confuse(4)
    await show.pass_s(30)
    assert not await show.cues()


async def test_a_wave_of_everyone_is_everyones(show: Show) -> None:
    await show.many((*PROSPECTS[:10], *CUSTOMERS[:10]), AddReaction(ReactionKind.CONFUSED, 1))
    await show.pass_s(4)
    assert (await only(show)).segment is None


async def test_prospects_ask_for_the_price_until_an_offer_is_out(show: Show) -> None:
    link = Link("https://shop.example/coat", "To the shop")
    offer = SendAnnouncement((DraftVariant("The coat", segment="prospect", link=link),))
    await show.house.do("host", offer)
    for at, who in enumerate(PROSPECTS[:8]):
        await show.house.do(who, PostMessage(f"How much does the coat cost, {at}?"))
    await show.pass_s(6)
    assert not await show.cues()
    room = await show.house.room()
    for told in list(room.state.announcements):
        await show.house.do("host", WithdrawAnnouncement(told))
    await show.pass_s(4)
    cue = await only(show)
    assert (cue.rule, cue.segment, cue.evidence.count) == (CueRule.PRICE, "prospect", 8)


async def test_praise_of_several_customers_can_be_put_on_screen(show: Show) -> None:
    for at, who in enumerate(CUSTOMERS[:8]):
        await show.house.do(who, PostMessage(f"I love this coat {at}"))
    await show.house.do("c9", PostMessage("I do not love it"))
    await show.pass_s(6)
    cue = await only(show)
    assert (cue.rule, cue.segment, cue.evidence.count) == (CueRule.PRAISE, "customer", 8)
    assert cue.act is not None
    assert cue.act.kind is ActKind.SCREEN


async def test_where_none_of_them_asked_the_lost_are_asked_or_their_part_comes(show: Show) -> None:
    part = PartDraft({"en": "Sizes"}, segments=("prospect",))
    coming = (await show.house.do("mod", AddPart(part))).result.part_id
    for_all = await show.house.do("mod", PreparePoll(draft(question("All well?", "a", "b"))))
    await show.confuse()
    await show.pass_s(4)
    cue = await only(show)
    assert cue.act == CueAct(ActKind.PART, coming or "")
    await show.house.do("mod", SettleCue(cue.id, CueOutcome.DISMISSED))
    asked = question("What was unclear?", "a", "b", segment="prospect")
    theirs = (await show.house.do("mod", PreparePoll(draft(asked)))).result.poll_id
    await show.pass_s(QUIET_S + 60)
    await show.confuse()
    await show.pass_s(4)
    cue = (await show.cues())[-1]
    assert cue.act == CueAct(ActKind.POLL, theirs or "")
    assert for_all.result.poll_id != theirs, "what waits for everyone has its own moment"
    await show.house.do("mod", OpenPoll(poll_id=theirs))
    await show.house.do("mod", SettleCue(cue.id, CueOutcome.ACTED))
    settled = (await show.cues())[-1]
    assert (settled.outcome, settled.did) == (CueOutcome.ACTED, cue.act)


async def test_what_a_wave_of_questions_is_about_is_told_and_its_best_question_picked(
    show: Show,
) -> None:
    await show.pass_s(90)  # what is usual has to be known
    for at in range(10):
        text = f"When does it arrive in Lyon, {at}?"
        show.impressions.note(SESSION, ParticipantId(f"p{at}"), text, Impression(0, "delivery"))
        await show.house.do(f"p{at}", AskQuestion(text))
    last = (await show.house.do("p11", AskQuestion("Is it green?"))).result.question_id
    await show.pass_s(6)
    cue = await only(show)
    assert (cue.rule, cue.segment, cue.topic) == (CueRule.QUESTIONS, "prospect", "delivery")
    assert cue.act is not None
    assert cue.act.kind is ActKind.PICK
    assert cue.act.id != last, "of what they ask about, though another one is newer"


async def test_the_ear_knows_a_price_in_any_language_and_praise_that_is_none(show: Show) -> None:
    for at in range(8):
        text = f"ちょっと高い {at}"
        show.impressions.note(SESSION, ParticipantId(f"p{at}"), text, Impression(0, "price"))
        await show.house.do(f"p{at}", PostMessage(text))
        text = f"great, it broke again {at}"
        show.impressions.note(SESSION, ParticipantId(f"c{at}"), text, Impression(-1))
        await show.house.do(f"c{at}", PostMessage(text))
    await show.pass_s(6)
    assert (await only(show)).rule is CueRule.PRICE


async def test_departures_after_an_offer_can_be_answered_by_taking_it_back(show: Show) -> None:
    link = Link("https://shop.example/coat", "To the shop")
    done = await show.house.do("host", SendAnnouncement((DraftVariant("Buy now", link=link),)))
    await show.pass_s(10)
    room = await show.house.room()
    left = tuple(ParticipantId(each) for each in PROSPECTS[:9])
    await room.act(CountCrowd(left=left, here=(("prospect", "en", 11), ("customer", "en", 20))))
    await show.pass_s(6)
    cue = await only(show)
    assert cue.rule is CueRule.DEPARTURES
    assert cue.act is not None
    assert (cue.act.kind, cue.act.id) == (ActKind.WITHDRAW, done.result.announcement_id)


async def test_one_language_falls_silent_while_the_other_talks(show: Show) -> None:
    room = await show.house.room()
    await room.act(CountCrowd(here=(("prospect", "en", 20), ("customer", "fr", 20))))
    for who in CUSTOMERS:
        await show.house.do(who, SetProfile(language="fr"))
    for at in range(60):
        await show.house.do(CUSTOMERS[at % 20], PostMessage(f"bonsoir {at}"))
        await show.house.do(PROSPECTS[at % 20], PostMessage(f"evening {at}"))
        await show.pass_s(4)
    assert not await show.cues()
    asked = question("Quelle couleur ?", "a", "b", language="fr")
    waits = (await show.house.do("mod", PreparePoll(draft(asked)))).result.poll_id
    for at in range(40):
        await show.house.do(PROSPECTS[at % 20], PostMessage(f"still here {at}"))
        await show.pass_s(4)
    cue = await only(show)
    assert (cue.rule, cue.language) == (CueRule.SILENCE, "fr")
    assert cue.act == CueAct(ActKind.POLL, waits or ""), "who fell silent is asked something"


async def test_the_more_urgent_cue_takes_the_place_of_the_other(show: Show) -> None:
    room = await show.house.room()
    first = await raised(room, a_cue(CueRule.PRAISE))
    await show.confuse()
    await show.pass_s(4)
    praise, confusion = await show.cues()
    assert (praise.id, praise.outcome) == (first, CueOutcome.GAVE_WAY)
    assert confusion.is_open
    await room.act(a_cue(CueRule.SILENCE))
    assert len(await show.cues()) == 2


async def test_only_the_team_settles_and_only_once(show: Show) -> None:
    cue = await raised(await show.house.room())
    assert (await show.house.refused("p1", SettleCue(cue, CueOutcome.ACTED))).code == "forbidden"
    assert (await show.house.refused("p1", TuneCues(on=False))).code == "forbidden"
    odd = SettleCue(cue, CueOutcome.OVER)
    assert (await show.house.refused("mod", odd)).code == "invalid"
    long = SettleCue(cue, CueOutcome.SNOOZED, for_s=10_000.0)
    assert (await show.house.refused("mod", long)).code == "invalid"
    assert (await show.house.refused("mod", TuneCues(calm_s=9_999))).code == "invalid"
    await show.house.do("mod", SettleCue(cue, CueOutcome.ACTED))
    again = await show.house.ask("host", SettleCue(cue, CueOutcome.DISMISSED))
    assert isinstance(again, Refusal)
    assert again.code == "stale"
    gone = SettleCue("none", CueOutcome.DISMISSED)
    assert (await show.house.refused("mod", gone)).code == "not_found"
    assert isinstance(await show.house.ask("mod", TuneCues()), Done)


async def test_what_came_of_a_cue_is_counted_before_and_after_with_an_interval(show: Show) -> None:
    await show.confuse()
    await show.pass_s(4)
    cue = await only(show)
    await show.house.do("host", SettleCue(cue.id, CueOutcome.ACTED))
    await show.pass_s(60)
    await show.many(PROSPECTS[12:14], AddReaction(ReactionKind.CONFUSED, 1))
    await show.many(CUSTOMERS[:3], AddReaction(ReactionKind.CONFUSED, 1))
    made = await measured(show)
    assert not made.complete
    await show.pass_s(70)
    made = await measured(show)
    assert made.complete
    assert made.meant is not None
    assert made.others is not None
    assert (made.meant.before, made.meant.after) == (12, 2)
    assert (made.others.before, made.others.after) == (0, 3)
    assert made.meant.before_minutes == made.meant.after_minutes == 40.0
    change = made.meant.change
    assert change.value == pytest.approx(2 / 12)
    assert change.low < 2 / 12 < (change.high or 0) < 1, "fewer, and not by chance"
    assert made.others.change.high is None


async def test_what_was_done_without_a_cue_is_measured_too_and_what_a_cue_led_to_is_not_twice(
    show: Show,
) -> None:
    await show.many(PROSPECTS[:3], PostMessage("before"))
    await show.pass_s(10)
    offer = SendAnnouncement((DraftVariant("For you", segment="prospect"),))
    sent = (await show.house.do("host", offer)).result.announcement_id
    await show.pass_s(10)
    await show.many((*PROSPECTS[:6], *CUSTOMERS[:2]), PostMessage("after"))
    room = await show.house.room()
    cue = await raised(room)
    asked = draft(question("What was unclear?", "a", "b", segment="prospect"))
    poll = (await show.house.do("host", OpenPoll(asked))).result.poll_id
    did = CueAct(ActKind.POLL, poll or "")
    await show.house.do("host", SettleCue(cue, CueOutcome.ACTED, did))
    await show.pass_s(120)
    done = deeds(room.state)
    assert [(each.kind, each.id, each.group.segment) for each in done] == [
        (ActKind.SEND, sent, "prospect")
    ]
    first, last = span(each.at for each in done)
    ticks = await show.house.store.ticks(room.id, first=first, last=last)
    (effect,) = effects(done, ticks, show.house.clock.now())
    said = effect.signals["message"]
    assert said.complete
    assert said.meant is not None
    assert said.others is not None
    assert (said.meant.before, said.meant.after) == (3, 6)
    assert (said.others.before, said.others.after) == (0, 2)
    assert effect.signals["left"].meant is not None


async def measured(show: Show) -> Adaptation:
    room = await show.house.room()
    first, last = span(map(moment, room.state.cues))
    ticks = await show.house.store.ticks(room.id, first=first, last=last)
    (made,) = adaptations(room.state.cues, ticks, show.house.clock.now())
    return made


async def test_a_moment_tells_what_was_being_answered(show: Show) -> None:
    asked = (await show.house.do("c1", AskQuestion("How warm is it?"))).result.question_id
    subject = Subject.question(asked or QuestionId(""))
    await show.house.do("host", Decide(subject, 1, Verdict.PICK))
    await show.house.do("host", Decide(subject, 2, Verdict.ANSWERING))
    show.house.clock.pass_s(4)
    await show.many(CUSTOMERS[:9], AddReaction(ReactionKind.APPLAUSE, 5))
    room: AnyRoom = await show.house.room()
    (moment,) = moments(room.state, room.state.ticks.values())
    assert (moment.kind, moment.people, moment.question_id) == ("applause", 9, asked)
    assert abs(moment.at - show.house.clock.now()) < timedelta(seconds=12)
    assert tick_at(NOW) < tick_at(moment.at)
