"""The table of `docs/ear.md`: each judgement's quality and cost, on lines it was not trained on.

Two ways of holding out. *Unseen*: trained on the lines written here, measured on the development
set, which has other themes and another author. *Five folds*: each fifth of the development set
measured after training on the other four as well; close to what ships, which is trained on all.
The filter starts from the lines written here either way: unseen, no decision is learned yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Final, TypeVar

from benchmarks.ear import cost, measures
from benchmarks.ear.files import ChatRow, DisguiseRow, PairRow, read
from benchmarks.ear.scores import precision_recall
from moderation.adapters.language import FastTextLanguages
from moderation.ear import lines, shipped
from moderation.ear.embedding import Embedder, SentenceEncoder
from moderation.ear.lines import Lines
from moderation.ear.models import LearnedModels
from moderation.ear.ports import Asked, Hints
from moderation.ear.types import Vector
from moderation.policy.disguise import Words

Row = TypeVar("Row")
Subject = TypeVar("Subject")

PAGE: Final = Path(__file__).parents[2] / "docs" / "ear.md"
BEGIN: Final = "<!-- make bench-ear: begin -->"
END: Final = "<!-- make bench-ear: end -->"
FOLDS: Final = 5


def write() -> None:
    """Measures, and replaces what stands between the marks of the page."""
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n{table()}\n{END}{tail}", encoding="utf-8")


def table() -> str:
    """In Markdown."""
    embedder = _Remembering(SentenceEncoder())
    labelled = read([lines.FOLDER / "chat.jsonl", lines.FOLDER / "question_pairs.jsonl"])
    disguises = read([lines.FOLDER / "evasion.jsonl"]).disguises
    unseen = _measured(labelled.chat, labelled.pairs, embedder, folds=1)
    folded = _measured(labelled.chat, labelled.pairs, embedder, folds=FOLDS)
    elsewhere = read([lines.FOLDER / "more_pairs.jsonl"]).pairs
    judged_elsewhere = measures.proposed(elsewhere, shipped.teachings().metric, embedder)
    told = {
        **measures.language(labelled.chat),
        **measures.disguise(disguises, labelled.chat),
        "duplicates_elsewhere": precision_recall(judged_elsewhere),
    }
    cost_of = _milliseconds(labelled.chat, labelled.pairs, disguises)
    rows = [
        f"| {name.replace('_', ', ')} | {figure.replace('_', ' ')} | {_shown(value)} "
        f"| {_shown(folded.get(name, {}).get(figure))} | {cost_of.get(name, '')} |"
        for name, figures in {**told, **unseen}.items()
        for figure, value in figures.items()
    ]
    whole = cost.measured([row.text for row in labelled.chat])
    summary = (
        f"A line through the models and the language: median {whole['p50_ms']:.1f} ms, p95 "
        f"{whole['p95_ms']:.1f} ms of one core, of which the embedding {cost_of['embedding']} ms. "
        f"Loaded in {whole['ready_s']:.1f} s; {whole['rss_mb']:.0f} MB resident at most."
    )
    head = ("| judgement | figure | unseen | five folds | ms a line |", "|---|---|---:|---:|---:|")
    return "\n".join([*head, *rows, "", summary])


def _measured(
    chat: Sequence[ChatRow], pairs: Sequence[PairRow], embedder: Embedder, *, folds: int
) -> measures.Figures:
    """Pooled over folds; one fold is to train without the development set at all."""
    heard: list[tuple[ChatRow, Hints]] = []
    late: list[tuple[float, bool]] = []
    early: list[tuple[float, bool]] = []
    proposed: list[tuple[bool, bool]] = []
    written, development = lines.written_here(), lines.development_set()
    start = shipped.unwanted_weights(written.chat, embedder)
    for fold_number in range(folds):
        known = Lines(
            chat=_without(development.chat, fold_number, folds),
            asked=(),
            pairs=_without(development.pairs, fold_number, folds),
        )
        taught = shipped.learn(
            Lines(written.chat + known.chat, written.asked, known.pairs), embedder
        )
        rows = chat[fold_number::folds]
        heard += measures.heard_by(taught.judges, rows, embedder)
        proposed += measures.proposed(pairs[fold_number::folds], taught.metric, embedder)
        for scores, decided in (
            (late, known.chat),
            (early, known.chat[: measures.FEW_DECISIONS]),
        ):
            learned = measures.filter_after(decided, start, embedder)
            scores.extend(measures.filter_scores(rows, learned))
    return {
        **measures.hints(heard),
        **measures.learned_filter(late, early),
        **measures.duplicates(proposed),
    }


def _without(rows: tuple[Row, ...], fold_number: int, folds: int) -> tuple[Row, ...]:
    return tuple(row for number, row in enumerate(rows) if number % folds != fold_number)


def _milliseconds(
    chat: Sequence[ChatRow], pairs: Sequence[PairRow], disguises: Sequence[DisguiseRow]
) -> dict[str, str]:
    """A median by judgement, without the embedding where one is needed, which they share."""
    texts = [row.text for row in chat]
    encoder, languages, models = SentenceEncoder(), FastTextLanguages(), LearnedModels()
    vectors = {text: encoder.embed(text) for text in texts}
    judges = shipped.teachings().judges
    models.use(_Remembering(encoder))
    asked = [Asked(str(number), pair.a, pair.lang_a) for number, pair in enumerate(pairs)]
    for each in asked:
        models.alike(each, asked)
    return {
        "embedding": _median_ms(encoder.embed, texts),
        "language": _median_ms(
            lambda text: languages.language_of(
                text, among=measures.SESSION_LANGUAGES, fallback="other"
            ),
            texts,
        ),
        "question": _median_ms(lambda text: judges.hints(text, vectors[text]), texts),
        "filter": _median_ms(models.filter.log_odds, texts),
        "duplicates": _median_ms(lambda each: models.alike(each, asked), asked),
        "disguise": _median_ms(Words([row.target for row in disguises if row.target]).find, texts),
    }


def _median_ms(judge: Callable[[Subject], object], subjects: Sequence[Subject]) -> str:
    """Each subject twice; the second time counts."""
    took = []
    for subject in subjects:
        judge(subject)
        begun = process_time()
        judge(subject)
        took.append(process_time() - begun)
    return f"{1000 * median(took):.2f}"


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if value <= 1 else f"{value:.0f}"


class _Remembering:
    """``Embedder`` that embeds each text once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vector] = {}

    def embed(self, text: str) -> Vector:
        if text not in self._known:
            self._known[text] = self._embedder.embed(text)
        return self._known[text]

    def embed_all(self, texts: Sequence[str]) -> list[Vector]:
        return [self.embed(text) for text in texts]
