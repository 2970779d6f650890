"""How far each judgement goes is the session's to say; the ear holds, and deletes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from live.domain.dial import SHIPPED, Dial, Judgement, Level
from live.ports.gate import Heard, Hints, Opinion, Score, Weighed
from moderation.adapters.language import FastTextLanguages
from moderation.policy.gate import Here, PolicyGate, rules_alone
from moderation.policy.judge import Judge
from moderation.policy.language import LINES_TO_FOLLOW, OTHER
from moderation.policy.pipeline import PHASES, Line, Phase
from moderation.policy.reasons import reason
from moderation.policy.watch import REST_S, STRIKES, Watch
from moderation.policy.wordlists import WordLists
from tests.support.lines import ManualClock, line

FOUND_BY: dict[Judgement, str] = {
    "links": "regardez exemple.shop",
    "personal_data": "appelle le 06 12 34 56 78",
    "words": "espèce de c0nn4rd",
    "filter": "gagnez gros",
}


class Suspicious:
    """Models that find every line unwanted."""

    def read(self, texts: Sequence[str]) -> None:
        """Nothing is cheaper together."""

    def hear(self, text: str, *, topic: bool) -> Heard:  # noqa: ARG002 - the port's
        score = Score(0.9, (Weighed("feature", text, 2.0),))
        return Heard(score, Hints(0.1, "general", 0.5, 0))


def gate(models: Suspicious | None = None) -> PolicyGate:
    judge = Judge(FastTextLanguages(), WordLists(), watch=Watch(), models=models)
    return PolicyGate(ManualClock(), Here(judge))


def codes(opinion: Opinion) -> list[str]:
    return [each.code for each in opinion.reasons]


async def judged(judgement: Judgement, level: Level) -> Opinion:
    models = Suspicious() if judgement == "filter" else None
    dial = {
        "links": Dial(links=level),
        "personal_data": Dial(personal_data=level),
        "words": Dial(words=level),
        "filter": Dial(filter=level),
    }[judgement]
    return await gate(models).review(line(FOUND_BY[judgement], dial=dial))


@pytest.mark.parametrize("judgement", FOUND_BY)
async def test_automatic_holds_and_tells_the_author_why(judgement: Judgement) -> None:
    opinion = await judged(judgement, Level.AUTOMATIC)

    assert opinion.outcome == "hold"
    assert len(opinion.reasons) == 1
    assert opinion.reasons[0].text
    assert (opinion.reasons[0].evidence or "nothing") in FOUND_BY[judgement]


@pytest.mark.parametrize("judgement", FOUND_BY)
async def test_suggest_tells_the_team_alone(judgement: Judgement) -> None:
    opinion = await judged(judgement, Level.SUGGEST)

    assert (opinion.outcome, opinion.reasons) == ("pass", ())
    assert len(opinion.noted) == 1


@pytest.mark.parametrize("judgement", FOUND_BY)
async def test_off_looks_at_nothing(judgement: Judgement) -> None:
    opinion = await judged(judgement, Level.OFF)

    assert (opinion.outcome, opinion.reasons, opinion.noted) == ("pass", (), ())
    assert opinion.score is None


async def test_all_that_was_found_is_told_in_the_order_of_the_policy() -> None:
    opinion = await gate(Suspicious()).review(line("connard ! 06 12 34 56 78, exemple.shop"))

    assert codes(opinion) == ["link", "phone", "word", "filter"]
    assert opinion.score == 0.9


async def test_personal_data_is_covered_where_the_session_says_so() -> None:
    dial = replace(SHIPPED, mask_personal_data=True)
    opinion = await gate().review(line("appelle le 06 12 34 56 78 ou a@exemple.fr", dial=dial))

    assert opinion.outcome == "pass"
    assert opinion.masked == "appelle le •• •• •• •• •• ou •@•••••••.••"
    assert [each.code for each in opinion.noted] == ["phone"]


async def test_people_are_taken_for_what_they_write_line_after_line() -> None:
    asked = gate()
    lines = ["how much is the delivery", "is there a green one", "when does it start please"]
    told = [await asked.review(line(each, chose=False)) for each in lines]

    assert [each.language for each in told] == ["en"] * 3
    assert [each.speaks for each in told] == [None] * (LINES_TO_FOLLOW - 1) + ["en"]


async def test_people_who_chose_a_language_keep_it() -> None:
    asked = gate()
    for _ in range(2 * LINES_TO_FOLLOW):
        opinion = await asked.review(line("how much is the delivery please", chose=True))
        assert opinion.speaks is None


async def test_a_line_in_their_language_begins_the_count_anew() -> None:
    asked = gate()
    for _ in range(3):
        for text in ("how much is the delivery", "is there a green one", "combien ça coûte svp"):
            assert (await asked.review(line(text, chose=False))).speaks is None


async def test_a_language_of_no_session_is_told_and_its_list_applies() -> None:
    opinion = await gate().review(line("halt die Fresse du Hurensohn", chose=False))

    assert opinion.language == OTHER
    assert codes(opinion) == ["word"]


async def test_the_sessions_own_words_are_watched() -> None:
    watched = {"fr": ("concurrix",), "*": ("Rivalix",)}
    french = replace(line("chez C0ncurrix c'est mieux"), watched=watched)
    english = replace(line("R.i.v.a.l.i.x is better", "bob", language="en"), watched=watched)

    assert codes(await gate().review(french)) == ["word"]
    assert codes(await gate().review(english)) == ["word"]


def fails(line: Line) -> None:
    raise RuntimeError(line.language)


async def test_a_phase_that_raises_is_skipped_counted_and_rested() -> None:
    now = [0.0]
    watch = Watch(now=lambda: now[0])
    phases = (Phase("links", fails), *(each for each in PHASES if each.judgement == "words"))
    judge = Judge(FastTextLanguages(), WordLists(), watch=watch, phases=phases)
    asked = PolicyGate(ManualClock(), Here(judge))

    for number in range(STRIKES + 1):
        assert codes(await asked.review(line(f"connard {number}"))) == ["word"]
    assert watch.skipped["links"] == STRIKES + 1
    assert watch.resting == ["links"]
    now[0] += REST_S + 1
    assert watch.resting == []


async def test_a_phase_that_dawdles_is_rested_too() -> None:
    busy = [0.0]

    def dawdle(line: Line) -> None:
        busy[0] += len(line.folded)

    watch = Watch(now=lambda: busy[0], busy=lambda: busy[0])
    judge = Judge(FastTextLanguages(), WordLists(), watch=watch, phases=(Phase("links", dawdle),))
    asked = PolicyGate(ManualClock(), Here(judge))
    for number in range(STRIKES):
        await asked.review(line(f"bonjour {number}"))

    assert watch.resting == ["links"]


async def test_rules_alone_need_no_model() -> None:
    opinion = await PolicyGate(ManualClock(), rules_alone()).review(line("espèce d'idiot"))

    assert codes(opinion) == ["word"]
    assert opinion.reasons[0] == reason("word", "fr", "idiot")
