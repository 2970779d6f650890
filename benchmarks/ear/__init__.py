"""How well the ear hears, and what it costs: `python -m benchmarks.ear --help`."""

import os

# Before numpy is loaded: matrices here are small, and threads for them wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
