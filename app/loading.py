"""How the rest of the program is loaded, which takes a second."""

from __future__ import annotations

import contextlib
import gc
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """For imports of much. Until its end Ctrl-C has nothing to end in order, and ends the process
    without a word."""
    former = signal.signal(signal.SIGINT, signal.SIG_DFL)
    # All that is loaded stays: the collector's walks through it were a fifth of the start.
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        signal.signal(signal.SIGINT, former)
