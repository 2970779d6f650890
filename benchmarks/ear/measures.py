"""Each judgement measured on labelled rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchmarks.ear.files import ChatRow, DisguiseRow, PairRow
from benchmarks.ear.scores import area_under_curve, macro_f1, precision_recall
from moderation.adapters.language import FastTextLanguages
from moderation.ear.embedding import Embedder
from moderation.ear.filter.learned import LearnedFilter
from moderation.ear.filter.memory import Memory
from moderation.ear.hints import QUESTION_FROM, Judges
from moderation.ear.lines import ChatLine, segment_called
from moderation.ear.ports import Example, Hints
from moderation.ear.same.metric import Metric
from moderation.ear.same.proposals import PROPOSE_FROM, Proposals
from moderation.ear.types import FloatArray
from moderation.policy.disguise import Words, find

SESSION_LANGUAGES: Final = ("fr", "en", "es", "de", "pt", "it", "nl", "ar", "ja")
FEW_DECISIONS: Final = 40

Figures = dict[str, dict[str, float]]


def language(rows: Sequence[ChatRow]) -> Figures:
    """Of lines in one or two languages of the session. The fallback is no language at all: nothing
    is right by luck."""
    languages = FastTextLanguages()
    right = [
        languages.language_of(row.text, among=SESSION_LANGUAGES, fallback="other")
        in (row.also or (row.lang,))
        for row in rows
        if row.lang and (row.also or row.lang in SESSION_LANGUAGES)
    ]
    return {"language": {"accuracy": sum(right) / len(right)}} if right else {}


def heard_by(
    judges: Judges, rows: Sequence[ChatRow], embedder: Embedder
) -> list[tuple[ChatRow, Hints]]:
    """What the judges make of each row."""
    return [(row, judges.hints(row.text, embedder.embed(row.text))) for row in rows]


def hints(heard: Sequence[tuple[ChatRow, Hints]]) -> Figures:
    """Questions, in all lines and in those that carry no mark; segments; moods."""
    figures: Figures = {}
    asked = [
        (row.text, hint.question >= QUESTION_FROM, row.question)
        for row, hint in heard
        if row.question is not None
    ]
    if asked:
        figures["question"] = precision_recall([(told, true) for _, told, true in asked])
    unmarked = [(told, true) for text, told, true in asked if not set("?？؟¿") & set(text)]
    if unmarked:
        figures["question_unmarked"] = precision_recall(unmarked)
    placed = [(hint.segment, segment_called(row.segment)) for row, hint in heard if row.segment]
    if placed:
        told, true = zip(*placed, strict=True)
        figures["segment"] = {"macro_f1": macro_f1(told, true)}
    moods = [abs(hint.mood - row.sentiment) for row, hint in heard if row.sentiment is not None]
    if moods:
        figures["mood"] = {
            "accuracy": moods.count(0) / len(moods),
            "flips": moods.count(2) / len(moods),
        }
    return figures


def filter_after(
    decided: Sequence[ChatLine], start: FloatArray, embedder: Embedder
) -> LearnedFilter:
    """A filter that started with these weights and then learned ``decided`` one by one."""
    memory = Memory(start, ())
    learned = LearnedFilter(memory, embedder.embed)
    for number, line in enumerate(decided):
        learned.learn(Example(str(number), "", line.text, unwanted=line.mod != "ok"))
    return learned


def filter_scores(rows: Sequence[ChatRow], learned: LearnedFilter) -> list[tuple[float, bool]]:
    """For each row that is labelled so: its log odds, and whether it is unwanted."""
    return [(learned.log_odds(row.text), row.mod != "ok") for row in rows if row.mod]


def learned_filter(
    late: Sequence[tuple[float, bool]], early: Sequence[tuple[float, bool]]
) -> Figures:
    """From the scores after all decisions, and after the first ``FEW_DECISIONS``."""
    if len({unwanted for _, unwanted in late}) < 2:
        return {}
    return {"filter": {"auc": area_under_curve(late), "auc_after_40": area_under_curve(early)}}


def proposed(
    rows: Sequence[PairRow], metric: Metric, embedder: Embedder
) -> list[tuple[bool, bool]]:
    """For each pair: whether it would be proposed, at the threshold that ships, and should be."""
    proposals = Proposals(metric)
    return [
        (proposals.similarity(row.a, row.b, embedder) >= PROPOSE_FROM, row.same) for row in rows
    ]


def duplicates(pairs: Sequence[tuple[bool, bool]]) -> Figures:
    """From what was proposed."""
    return {"duplicates": precision_recall(pairs)} if pairs else {}


def disguise(rows: Sequence[DisguiseRow], chat: Sequence[ChatRow]) -> Figures:
    """Hidden words that are found; and of the honest lines, those rows without a word and the
    chat's, the ones in which a word is found that nobody wrote."""
    hidden = [row for row in rows if row.target]
    if not hidden:
        return {}
    words = Words(sorted({row.target for row in hidden if row.target}))
    honest = [row.text for row in chat if row.mod == "ok"]
    honest += [row.text for row in rows if not row.target]
    found = [(text, found.word) for text in honest for found in words.all_in(text)]
    harmed = {text for text, word in found if word not in text.casefold()}
    caught = [row for row in hidden if row.target and find(row.target, row.text)]
    return {"disguise": {"caught": len(caught), "of": len(hidden), "honest_harmed": len(harmed)}}
