"""What a line costs, measured in a process of its own that does nothing else.

`python -m benchmarks.ear.cost` reads lines from standard input, a JSON string each, and prints one
JSON object: milliseconds a line for the models and the language together, seconds to load, and the
most resident memory. Times are the processor's, on one core, so that they do not depend on what
else runs here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import process_time

from benchmarks.ear.measures import SESSION_LANGUAGES
from moderation.adapters.language import FastTextLanguages
from moderation.ear.embedding import SentenceEncoder
from moderation.ear.models import LearnedModels

ROUNDS = 3


def measured(texts: Sequence[str]) -> dict[str, float]:
    """The figures, from a child."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ear.cost"],
        input="\n".join(map(json.dumps, texts)),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    """Measures itself."""
    started = process_time()
    languages, models = FastTextLanguages(), LearnedModels(SentenceEncoder())
    ready = process_time() - started
    took = []
    for line in sys.stdin:
        text = json.loads(line)
        begun = process_time()
        languages.language_of(text, among=SESSION_LANGUAGES, fallback="other")
        models.hear(text)
        took.append(process_time() - begun)
    took.sort()
    print(
        json.dumps(
            {
                "p50_ms": 1000 * took[len(took) // 2],
                "p95_ms": 1000 * took[min(int(0.95 * len(took)), len(took) - 1)],
                "ready_s": ready,
                "rss_mb": _peak_mb(),
            }
        )
    )


def _peak_mb() -> float:
    """Linux's high-water mark of this program alone; ``getrusage`` starts from its parent's."""
    status = Path("/proc/self/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    if peak is None:
        raise RuntimeError("this system does not tell how much memory a process took")
    return int(peak[1]) / 1024


if __name__ == "__main__":
    main()
