"""The ``causerie`` command, also as ``python -m app``.

Loading the rest takes a second. Until then Ctrl-C has nothing to end in order, and ends the
process without a word.
"""

from __future__ import annotations

import gc
import signal


def main() -> None:
    """Load the command and run it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # All that is loaded stays: the collector's walks through it were a fifth of the start.
    gc.disable()
    from app.cli import main as command  # noqa: PLC0415 -- what takes so long

    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command()


if __name__ == "__main__":
    main()
