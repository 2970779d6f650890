"""Polls: one ballot a person, asked of whom they are for, closed once and for good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from live.domain.balloting import tally, words_of
from live.domain.ids import ParticipantId, PollId
from live.domain.outcome import Decided, Limits, Screening
from live.domain.people_commands import EraseParticipant, PlacePerson, SetProfile
from live.domain.poll import Addressee, Poll, PollKind, PollStatus, Results, WordStatus
from live.domain.poll_commands import (
    AnswerPoll,
    ClosePoll,
    DraftPoll,
    DraftQuestion,
    JudgeWord,
    OpenPoll,
    PreparePoll,
    RevealPoll,
    ShowPoll,
    WithdrawPoll,
)
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import SetSanction
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState, Lapse
from live.domain.word_cloud import word_key
from tests.support.polls import draft, question
from tests.support.rooms import person
from tests.support.scene import Scene, kinds

HELD = Screening(hold=True, language="en")


def opened(scene: Scene, poll: DraftPoll | None = None, for_s: float | None = None) -> PollId:
    done = scene.do("host", OpenPoll(poll or draft(), for_s=for_s))
    assert done.result.poll_id is not None
    return done.result.poll_id


def poll(scene: Scene, poll_id: PollId) -> Poll:
    """The poll with what has been counted now."""
    event = tally(scene.state, poll_id)
    known = scene.state.polls[poll_id]
    return known if event is None else replace(known, tally=event.tally)


def counts(scene: Scene, poll_id: PollId) -> list[int]:
    """How many chose each option."""
    told = [each.counts for each in poll(scene, poll_id).tally.cohorts]
    return [sum(each) for each in zip(*told, strict=True)]


def cloud(scene: Scene, poll_id: PollId) -> list[tuple[str, int, WordStatus]]:
    found = []
    for each in poll(scene, poll_id).tally.words:
        ballots = scene.state.poll_ballots.of_poll(poll_id)
        said = next(one for one in ballots if one.content_id == each.content_id)
        found.append((words_of(scene.state, said)[each.place], each.count, each.status))
    return found


# --- asking


def test_a_draft_is_changed_until_it_is_asked_and_never_asked_again() -> None:
    scene = Scene()
    made = scene.do("mod", PreparePoll(draft()))
    poll_id = made.result.poll_id or PollId("")
    first = scene.state.polls[poll_id].plan.variants[0].content_id
    changed = PreparePoll(draft(question("Which size?", "S", "M", "L")), poll_id, 1)
    scene.do("host", changed)
    assert scene.state.polls[poll_id].plan.options == ("1", "2", "3")
    assert scene.state.text(first) is None, "what it said before is gone"
    assert scene.refused("mod", changed) == "stale"
    assert kinds(scene.do("host", OpenPoll(poll_id=poll_id))) == ["poll.opened"]
    for again in (OpenPoll(poll_id=poll_id), PreparePoll(draft(), poll_id, 3)):
        assert scene.refused("mod", again) == "wrong_state"
    scene.do("host", ClosePoll(poll_id))
    assert scene.refused("host", OpenPoll(poll_id=poll_id)) == "wrong_state"
    assert kinds(scene.do("host", ClosePoll(poll_id))) == []


@pytest.mark.parametrize(
    ("poll", "code"),
    [
        (draft(question("?", "one")), "invalid"),
        (draft(question("?", *map(str, range(21)))), "invalid"),
        (draft(question("?", "same", "Same")), "invalid"),
        (draft(question("?" * 301)), "too_long"),
        (draft(question(" ")), "empty"),
        (draft(question("?", "a", "b" * 101)), "too_long"),
        (draft(question(segment="nobody")), "invalid"),
        (draft(question(language="xx")), "invalid"),
        (draft(question(), question()), "invalid"),
        (draft(question(), question("?", "a", "b", "c", language="fr")), "invalid"),
        (draft(most=2), "invalid"),
        (draft(kind=PollKind.MULTIPLE, most=3), "invalid"),
        (draft(right=("1",)), "invalid"),
        (draft(kind=PollKind.QUIZ), "invalid"),
        (draft(kind=PollKind.QUIZ, right=("3",)), "invalid"),
        (draft(kind=PollKind.QUIZ, right=("1", "2"), most=1), "invalid"),
        (draft(DraftQuestion("?"), kind=PollKind.SCALE, points=7), "invalid"),
        (draft(DraftQuestion("?", low="bad"), kind=PollKind.WORDS), "invalid"),
        (draft(DraftQuestion("?"), kind=PollKind.WORDS, most=6), "invalid"),
        (draft(audience=(Addressee("nobody"),)), "invalid"),
        (draft(audience=(Addressee(None, "xx"),)), "invalid"),
        (draft(for_s=1.0), "invalid"),
        (DraftPoll(PollKind.SINGLE, ()), "invalid"),
    ],
)
def test_what_is_no_poll_is_not_asked(poll: DraftPoll, code: str) -> None:
    scene = Scene()
    assert scene.refused("host", OpenPoll(poll)) == code
    assert scene.refused("host", PreparePoll(poll)) == code
    assert not scene.state.polls


def test_there_are_so_many_polls_and_so_many_at_a_time() -> None:
    scene = Scene()
    scene.limits = Limits(polls=7)
    for _ in range(5):
        opened(scene)
    assert scene.refused("host", OpenPoll(draft())) == "wrong_state"
    drafts = [scene.do("host", PreparePoll(draft())).result.poll_id for _ in range(2)]
    assert scene.refused("host", PreparePoll(draft())) == "overloaded"
    assert scene.refused("host", OpenPoll(poll_id=drafts[0])) == "wrong_state"


def test_only_the_team_asks_and_only_the_audience_answers() -> None:
    scene = Scene()
    poll_id = opened(scene)
    for command in (
        PreparePoll(draft()),
        OpenPoll(draft()),
        ClosePoll(poll_id),
        RevealPoll(poll_id),
        ShowPoll(poll_id, on=False),
        WithdrawPoll(poll_id),
        JudgeWord(poll_id, "warm", shown=True),
    ):
        assert scene.refused("ada", command) == "forbidden"
    assert scene.refused("mod", AnswerPoll(poll_id, ("1",))) == "forbidden"
    unknown = PollId("none")
    for command in (ClosePoll(unknown), RevealPoll(unknown), WithdrawPoll(unknown)):
        assert scene.refused("host", command) == "not_found"
    assert scene.refused("host", OpenPoll(poll_id=unknown)) == "not_found"
    assert scene.refused("host", OpenPoll()) == "invalid"
    assert scene.refused("host", OpenPoll(draft(), poll_id)) == "invalid"


# --- answering


def test_a_second_ballot_takes_the_place_of_the_first() -> None:
    scene = Scene()
    poll_id = opened(scene)
    assert kinds(scene.do("ada", AnswerPoll(poll_id, ("1",)))) == ["poll.answered"]
    scene.do("bob", AnswerPoll(poll_id, ("1",)))
    assert kinds(scene.do("ada", AnswerPoll(poll_id, ("1",)))) == [], "the same once more"
    scene.do("ada", AnswerPoll(poll_id, ("2",)))
    assert counts(scene, poll_id) == [1, 1]
    assert poll(scene, poll_id).tally.answered == 2


def test_what_no_ballot_may_hold_changes_nothing() -> None:
    scene = Scene()
    one, many = opened(scene), opened(scene, draft(kind=PollKind.MULTIPLE, most=1))
    for choices, code in {
        (): "empty",
        ("3",): "invalid",
        ("1", "1"): "invalid",
        ("1", "2"): "invalid",
        ("Red",): "invalid",
    }.items():
        assert scene.refused("ada", AnswerPoll(one, choices)) == code
        assert scene.refused("ada", AnswerPoll(many, choices)) == code
    assert scene.refused("ada", AnswerPoll(PollId("none"), ("1",))) == "not_found"
    assert counts(scene, one) == counts(scene, many) == []


def test_after_closing_no_ballot_counts_whoever_closed_it() -> None:
    scene = Scene()
    by_hand, by_time = opened(scene), opened(scene, for_s=10.0)
    scene.do("ada", AnswerPoll(by_hand, ("1",)))
    scene.do("host", ClosePoll(by_hand))
    scene.pass_s(9.9)
    scene.do("ada", AnswerPoll(by_time, ("2",)))
    scene.pass_s(0.1)
    for poll_id in (by_hand, by_time):
        assert scene.refused("bob", AnswerPoll(poll_id, ("1",))) == "wrong_state"
    assert kinds(scene.do(None, Lapse())) == ["poll.tallied", "poll.closed"]
    assert kinds(scene.do(None, Lapse())) == [], "once"
    assert counts(scene, by_hand) == [1, 0]
    assert scene.state.polls[by_time].tally.answered == 1


def test_the_end_of_the_show_closes_what_is_open() -> None:
    scene = Scene()
    poll_id = opened(scene)
    scene.do(None, ChangeState(SessionState.ENDED))
    assert kinds(scene.do(None, Lapse())) == ["poll.closed"]
    assert scene.state.polls[poll_id].status is PollStatus.CLOSED


def test_who_is_not_asked_learns_nothing_of_it() -> None:
    """Of one segment, of parts of it, of a language alone."""
    scene = Scene(
        None, person("vip", segment="press/tv"), person("eva", segment="press", language="fr")
    )
    to_press = opened(scene, draft(question(segment="press")))
    in_french = opened(scene, draft(audience=(Addressee(None, "fr"),)))
    french_press = opened(scene, draft(audience=(Addressee("press", "fr"),)))
    asked = {to_press: {"vip", "eva"}, in_french: {"eva"}, french_press: {"eva"}}
    for poll_id, people in asked.items():
        for who in ("ada", "vip", "eva"):
            answer = AnswerPoll(poll_id, ("1",))
            outcome = scene.ask(who, answer)
            assert isinstance(outcome, Decided) == (who in people), (poll_id, who)
            if who not in people:
                assert scene.refused(who, answer) == "not_found"


def test_a_ballot_counts_for_the_cohort_it_was_cast_in() -> None:
    scene = Scene()
    poll_id = opened(
        scene, draft(question(), question("Laquelle ?", "Rouge", "Bleu", language="fr"))
    )
    scene.do("ada", AnswerPoll(poll_id, ("1",)))
    scene.do("mod", PlacePerson(ParticipantId("ada"), "customer"))
    scene.do("ada", SetProfile(language="fr"))
    (cohort,) = poll(scene, poll_id).tally.cohorts
    assert (cohort.segment, cohort.language) == ("general", "en")
    scene.do("ada", AnswerPoll(poll_id, ("2",)))
    (cohort,) = poll(scene, poll_id).tally.cohorts
    assert (cohort.segment, cohort.language, cohort.counts) == ("customer", "fr", (0, 1))


def test_who_answers_a_named_poll_has_a_name() -> None:
    scene = Scene(None, person("nameless", display_name=None))
    named, anonymous = opened(scene, draft(named=True)), opened(scene)
    assert scene.refused("nameless", AnswerPoll(named, ("1",))) == "name_required"
    scene.do("nameless", AnswerPoll(anonymous, ("1",)))


def test_results_are_seen_when_the_team_said_so() -> None:
    scene = Scene()
    seen: dict[Results, list[bool]] = {}
    for when in Results:
        poll_id = opened(scene, draft(results=when))
        seen[when] = [scene.state.polls[poll_id].results_are_seen]
        scene.do("host", ClosePoll(poll_id))
        seen[when].append(scene.state.polls[poll_id].results_are_seen)
        scene.do("host", RevealPoll(poll_id))
        seen[when].append(scene.state.polls[poll_id].results_are_seen)
    assert seen == {
        Results.LIVE: [True, True, True],
        Results.CLOSED: [False, True, True],
        Results.REVEALED: [False, False, True],
    }


def test_a_closed_poll_is_kept_or_put_away_and_a_withdrawn_one_is_gone() -> None:
    scene = Scene()
    poll_id = opened(scene)
    assert scene.refused("host", ShowPoll(poll_id, on=False)) == "wrong_state"
    scene.do("host", ClosePoll(poll_id))
    scene.do("host", ShowPoll(poll_id, on=False))
    assert not scene.state.polls[poll_id].is_seen
    scene.do("host", ShowPoll(poll_id, on=True))
    assert scene.state.polls[poll_id].is_seen
    scene.do("host", WithdrawPoll(poll_id))
    assert kinds(scene.do("host", WithdrawPoll(poll_id))) == []
    for command in (RevealPoll(poll_id), ClosePoll(poll_id), ShowPoll(poll_id, on=True)):
        assert scene.refused("host", command) == "wrong_state"
    assert scene.refused("ada", AnswerPoll(poll_id, ("1",))) == "not_found"


# --- words


@pytest.mark.parametrize(
    ("one", "other", "language", "same"),
    [
        ("Chaleur", "chaleur !", "fr", True),
        ("la chaleur", "Chaleur", "fr", True),
        ("l’été", "ete", "fr", True),
        ("Cœur", "coeur", "fr", True),
        ("la", "LA", "fr", True),
        ("the sea", "Sea", "en", True),
        ("la mer", "mer", "en", False),
        ("warm", "warmth", "en", False),
    ],
)
def test_spellings_of_one_word_are_one(one: str, other: str, language: str, same: bool) -> None:
    assert (word_key(one, language) == word_key(other, language)) == same


def test_words_are_counted_by_people_in_the_usual_spelling() -> None:
    scene = Scene()
    poll_id = opened(scene, draft(DraftQuestion("In a word?"), kind=PollKind.WORDS, most=2))
    scene.do("ada", AnswerPoll(poll_id, ("Warm", "the sea")))
    scene.do("bob", AnswerPoll(poll_id, ("warm!",)))
    scene.do("cyd", AnswerPoll(poll_id, ("warm",)))
    shown = WordStatus.SHOWN
    assert cloud(scene, poll_id) == [("warm", 3, shown), ("the sea", 1, shown)]
    for choices, code in {
        (): "empty",
        ("?!",): "empty",
        ("a", "b", "c"): "invalid",
        ("warm", "Warm"): "invalid",
        ("x" * 31,): "too_long",
        ("one two three four",): "too_long",
    }.items():
        assert scene.refused("ada", AnswerPoll(poll_id, choices)) == code
    scene.do("mod", SetSanction(ParticipantId("ada"), SanctionKind.MUTE))
    assert scene.refused("ada", AnswerPoll(poll_id, ("loud",))) == "forbidden"


def test_what_the_gate_holds_waits_for_the_team_and_what_it_strikes_stays_away() -> None:
    scene = Scene()
    poll_id = opened(scene, draft(DraftQuestion("In a word?"), kind=PollKind.WORDS))
    scene.do("ada", AnswerPoll(poll_id, ("Ugly",)), HELD)
    assert cloud(scene, poll_id) == [("Ugly", 1, WordStatus.WAITING)]
    scene.do("mod", JudgeWord(poll_id, "ugly", shown=True))
    assert cloud(scene, poll_id) == [("Ugly", 1, WordStatus.SHOWN)]
    scene.do("mod", JudgeWord(poll_id, "ugly", shown=False))
    scene.do("bob", AnswerPoll(poll_id, ("ugly",)))
    assert cloud(scene, poll_id) == [("Ugly", 2, WordStatus.STRUCK)]
    assert poll(scene, poll_id).tally.answered == 2
    assert scene.refused("mod", JudgeWord(opened(scene), "ugly", shown=False)) == "wrong_state"


def test_of_who_is_erased_the_ballots_count_and_the_words_go() -> None:
    scene = Scene()
    by_choice = opened(scene)
    in_words = opened(scene, draft(DraftQuestion("In a word?"), kind=PollKind.WORDS))
    for who, word in {"ada": "warm", "bob": "cold"}.items():
        scene.do(who, AnswerPoll(by_choice, ("1",)))
        scene.do(who, AnswerPoll(in_words, (word,)))
    scene.do("mod", JudgeWord(in_words, "rude", shown=False))
    words = [each.id for each in scene.state.contents.values() if each.owner_id == "ada"]
    scene.do(None, EraseParticipant(ParticipantId("ada"), tuple(words)))
    assert counts(scene, by_choice) == [2, 0]
    assert cloud(scene, in_words) == [("cold", 1, WordStatus.SHOWN)]
    assert poll(scene, in_words).tally.answered == 2


def test_a_poll_in_the_words_of_who_is_erased_is_taken_back() -> None:
    scene = Scene()
    poll_id = opened(scene)
    written = tuple(each.id for each in scene.state.contents.values())
    scene.do(None, EraseParticipant(ParticipantId("host"), written))
    assert scene.state.polls[poll_id].status is PollStatus.WITHDRAWN
