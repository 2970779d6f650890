"""The shipped policy, line by line."""

from __future__ import annotations

import pytest

from live.domain.people import Role
from live.ports.gate import Candidate, Opinion
from moderation.policy.gate import PolicyGate, rules_alone
from moderation.policy.wordlists import WordLists
from tests.support.lines import ManualClock, chat_lines, line


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def gate(clock: ManualClock) -> PolicyGate:
    return PolicyGate(clock)


def codes(opinion: Opinion) -> list[str]:
    return [reason.code for reason in opinion.reasons]


async def test_every_honest_line_passes(gate: PolicyGate) -> None:
    for number, each in enumerate(chat_lines()):
        if each.kind == "ok":
            opinion = await gate.review(line(each.text, f"author-{number}"))
            assert opinion.outcome == "pass", each.text


async def test_the_same_text_is_held_the_fourth_time_in_a_minute(
    gate: PolicyGate, clock: ManualClock
) -> None:
    text = "Abonnez-vous à ma chaîne !"
    outcomes = [(await gate.review(line(text))).outcome for _ in range(4)]
    disguised = await gate.review(line("ABONNEZ VOUS a ma chaine", "ada"))
    clock.seconds += 61
    later = await gate.review(line(text))

    assert outcomes == ["pass", "pass", "pass", "hold"]
    assert codes(disguised) == ["repeat"]
    assert later.outcome == "pass"


async def test_exclamations_may_be_repeated_in_earnest(gate: PolicyGate) -> None:
    outcomes = [(await gate.review(line("merci !!"))).outcome for _ in range(9)]

    assert outcomes == ["pass"] * 8 + ["hold"]


async def test_numbered_lines_are_different_lines(gate: PolicyGate) -> None:
    for number in range(1200):
        assert (await gate.review(line(f"Message numéro {number}"))).outcome == "pass"


async def test_a_long_text_from_several_people_is_held(gate: PolicyGate) -> None:
    text = "Cette marque ment à ses clients, boycottez-la dès aujourd'hui"
    opinions = [await gate.review(line(text, f"author-{number}")) for number in range(5)]

    assert [each.outcome for each in opinions] == ["pass"] * 3 + ["hold"] * 2
    assert codes(opinions[-1]) == ["flood"]


async def test_a_greeting_from_everybody_passes(gate: PolicyGate) -> None:
    for number in range(20):
        assert (await gate.review(line("Bonsoir tout le monde", f"a{number}"))).outcome == "pass"


async def test_sessions_do_not_hear_each_other(gate: PolicyGate) -> None:
    for number in range(5):
        said = line("Abonnez-vous à ma chaîne !", session=f"s{number}")
        assert (await gate.review(said)).outcome == "pass"


async def test_a_newcomers_link_is_held_with_the_link_as_evidence(gate: PolicyGate) -> None:
    opinion = await gate.review(line("regardez exemple(dot)shop"))

    assert opinion.outcome == "hold"
    assert codes(opinion) == ["link"]
    assert opinion.reasons[0].evidence == "exemple.shop"
    assert "modérateur" in opinion.reasons[0].text


async def test_reasons_are_told_in_english_to_everyone_but_french_readers(
    gate: PolicyGate,
) -> None:
    opinion = await gate.review(line("see example.shop", language="de"))

    assert opinion.reasons[0].text.startswith("A link from someone who is new here")


async def test_someone_who_has_written_before_may_post_a_link(gate: PolicyGate) -> None:
    for text in ("Bonjour", "Très joli manteau", "Il existe en vert ?"):
        await gate.review(line(text))

    assert (await gate.review(line("le voici : exemple.shop/manteau"))).outcome == "pass"


async def test_held_lines_do_not_make_anyone_familiar(gate: PolicyGate) -> None:
    for number in range(4):
        opinion = await gate.review(line(f"exemple.shop/{number}"))
        assert codes(opinion) == ["link"]


async def test_watched_words_of_the_lines_language_are_held(clock: ManualClock) -> None:
    gate = PolicyGate(clock, rules_alone(word_lists=WordLists({"fr": ["idiot"]}, shipped={})))

    french = await gate.review(line("espèce d' 1d10t !"))
    english = await gate.review(line("what an idiot", "bob", language="en"))

    assert codes(french) == ["word"]
    assert french.reasons[0].evidence == "1d10t"
    assert english.outcome == "pass"


async def test_staff_are_not_judged(gate: PolicyGate) -> None:
    candidate = line("exemple.shop")
    staff = Candidate(
        candidate.session_id,
        candidate.author_id,
        Role.MODERATOR,
        candidate.kind,
        candidate.text,
        candidate.languages,
        candidate.author_language,
    )

    assert (await gate.review(staff)).outcome == "pass"
