"""How well the ear hears, on the lines that ship and on any others.

    python -m benchmarks.ear                measures by holding out, and writes docs/ear.md's table
    python -m benchmarks.ear --json FILE…   trains on the shipped lines, prints one JSON object

Files are recognised by their fields: chat lines (`text` with some of `lang`, `mod`, `question`,
`segment`, `sentiment`), pairs of questions (`a`, `b`, `same`), disguised words (`text`, `target`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.ear import cost, measures, table
from benchmarks.ear.files import Labelled, read
from moderation.ear import lines, shipped
from moderation.ear.embedding import Embedder, SentenceEncoder


def judged(
    labelled: Labelled, teachings: shipped.Teachings, embedder: Embedder
) -> measures.Figures:
    """All figures that the labels allow, of an ear that was taught so.

    The filter starts from the lines written here alone: the development set is what it then
    decides.
    """
    decided = lines.development_set().chat
    start = shipped.unwanted_weights(lines.written_here().chat, embedder)
    late, early = (
        measures.filter_scores(labelled.chat, measures.filter_after(first, start, embedder))
        for first in (decided, decided[: measures.FEW_DECISIONS])
    )
    return {
        **measures.language(labelled.chat),
        **measures.hints(measures.heard_by(teachings.judges, labelled.chat, embedder)),
        **measures.learned_filter(late, early),
        **measures.duplicates(measures.proposed(labelled.pairs, teachings.metric, embedder)),
        **measures.disguise(labelled.disguises, labelled.chat),
    }


def texts_of(labelled: Labelled) -> list[str]:
    """Every line to be heard."""
    pairs = [text for pair in labelled.pairs for text in (pair.a, pair.b)]
    return [
        *(row.text for row in labelled.chat),
        *pairs,
        *(row.text for row in labelled.disguises),
    ]


def trained() -> tuple[shipped.Teachings, Embedder]:
    """What the shipped lines teach, learned anew."""
    embedder = SentenceEncoder()
    return shipped.learn(lines.shipped(), embedder), embedder


def main(
    arguments: list[str],
    train: Callable[[], tuple[shipped.Teachings, Embedder]] = trained,
) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.ear", description=__doc__)
    parser.add_argument("--json", nargs="+", type=Path, metavar="FILE", dest="files")
    files = parser.parse_args(arguments).files
    if not files:
        table.write()
        return 0
    try:
        labelled = read(files)
    except (OSError, ValueError) as error:
        print(f"benchmarks.ear: {error}", file=sys.stderr)
        return 2
    figures: dict[str, object] = dict(judged(labelled, *train()))
    if texts := texts_of(labelled):
        costs = cost.measured(texts)
        figures |= {"p95_ms": costs["p95_ms"], "rss_mb": costs["rss_mb"]}
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
