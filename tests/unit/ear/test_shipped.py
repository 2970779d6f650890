"""The weights that ship come from the lines that ship, and hear well on lines they never saw."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.ear import measures
from benchmarks.ear.__main__ import judged, main
from benchmarks.ear.files import Labelled, read
from benchmarks.ear.measures import Figures
from benchmarks.ear.scores import area_under_curve, macro_f1, precision_recall
from moderation.ear import lines, shipped
from moderation.ear.hints import Judges
from tests.support.embedding import encoder

FILES = [lines.FOLDER / name for name in ("chat.jsonl", "question_pairs.jsonl", "evasion.jsonl")]


@pytest.fixture(scope="module")
def labelled() -> Labelled:
    return read(FILES)


@pytest.fixture(scope="module")
def unseen(labelled: Labelled) -> Figures:
    """Of what the lines written here teach, on the development set."""
    taught = shipped.learn(lines.written_here(), encoder())
    first = lines.development_set().chat
    late, early = (
        measures.filter_scores(
            labelled.chat[71:], measures.filter_after(decided, taught.unwanted, encoder())
        )
        for decided in (first[:71], first[: measures.FEW_DECISIONS])
    )
    return {
        **measures.hints(measures.heard_by(taught.judges, labelled.chat, encoder())),
        **measures.learned_filter(late, early),
        **measures.duplicates(measures.proposed(labelled.pairs, taught.metric, encoder())),
    }


@pytest.mark.parametrize(
    ("judgement", "figure", "at_least"),
    [
        ("question", "precision", 0.9),
        ("question", "recall", 0.8),
        ("question_unmarked", "precision", 0.85),
        ("question_unmarked", "recall", 0.75),
        ("segment", "macro_f1", 0.82),
        ("mood", "accuracy", 0.82),
        ("filter", "auc", 0.95),
        ("filter", "auc_after_40", 0.93),
        ("duplicates", "precision", 0.9),
        ("duplicates", "recall", 0.88),
    ],
)
def test_lines_never_seen_are_heard_well(
    unseen: Figures, judgement: str, figure: str, at_least: float
) -> None:
    assert unseen[judgement][figure] >= at_least


def test_a_mood_is_seldom_taken_for_its_opposite(unseen: Figures) -> None:
    assert unseen["mood"]["flips"] <= 0.05


@pytest.fixture(scope="module")
def taught() -> shipped.Teachings:
    return shipped.learn(lines.shipped(), encoder())


def test_the_weights_in_the_file_are_those_that_the_lines_teach(
    taught: shipped.Teachings,
) -> None:
    """Where this fails: ``python -m moderation.ear.shipped``."""
    kept = shipped.teachings()
    texts = [line.text for line in lines.shipped().chat[::7]]

    def told(judges: Judges, text: str) -> list[float]:
        hint = judges.hints(text, encoder().embed(text))
        return [hint.question, hint.segment_likelihood, hint.mood]

    for text in texts:
        vector = encoder().embed(text)
        assert told(kept.judges, text) == pytest.approx(told(taught.judges, text), abs=0.02)
        assert kept.topics.topic_of(vector) == taught.topics.topic_of(vector)
    assert kept.unwanted == pytest.approx(taught.unwanted, abs=0.01)
    first, second = (
        np.stack([each.metric.place(encoder().embed(text)) for text in texts])
        for each in (kept, taught)
    )
    assert first @ first.T == pytest.approx(second @ second.T, abs=0.02)


def test_figures_are_what_they_are_called() -> None:
    told = [(True, True), (True, False), (False, True), (False, False), (True, True)]
    assert precision_recall(told) == {"precision": 2 / 3, "recall": 2 / 3}
    assert macro_f1(["a", "b", "b"], ["a", "b", "a"]) == pytest.approx((2 / 3 + 2 / 3) / 2)
    scored = [(1.0, True), (0.5, False), (0.5, True), (0.0, False)]
    assert area_under_curve(scored) == pytest.approx(0.875)


def test_one_json_object_holds_what_the_files_allow(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, taught: shipped.Teachings
) -> None:
    pairs, disguised = tmp_path / "first", tmp_path / "second"
    pairs.write_text((lines.FOLDER / "question_pairs.jsonl").read_text())
    disguised.write_text((lines.FOLDER / "evasion.jsonl").read_text())

    assert main(["--json", str(pairs), str(disguised)], train=lambda: (taught, encoder())) == 0

    figures = json.loads(capsys.readouterr().out)
    assert figures.keys() == {"duplicates", "disguise", "p95_ms", "rss_mb"}
    assert figures["duplicates"].keys() == {"precision", "recall"}
    assert figures["disguise"] == {"caught": 20, "of": 20, "honest_harmed": 0}
    assert 100 < figures["rss_mb"] <= 300
    assert figures["p95_ms"] > 0


def test_every_figure_of_a_chat_file(labelled: Labelled, taught: shipped.Teachings) -> None:
    figures = judged(Labelled(chat=labelled.chat[60:]), taught, encoder())

    assert {name: set(each) for name, each in figures.items()} == {
        "language": {"accuracy"},
        "question": {"precision", "recall"},
        "question_unmarked": {"precision", "recall"},
        "segment": {"macro_f1"},
        "mood": {"accuracy", "flips"},
        "filter": {"auc", "auc_after_40"},
    }
    assert all(0 <= value <= 1 for each in figures.values() for value in each.values())


def test_a_file_of_another_kind_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    strange = lines.FOLDER / "alternatives.json"

    assert main(["--json", str(strange)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "benchmarks.ear" in said.err
