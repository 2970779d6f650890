"""The ``causerie`` command, also as ``python -m app``."""

from __future__ import annotations

from app.loading import loading


def main() -> None:
    """Load the command and run it."""
    with loading():
        from app.cli import main as command  # noqa: PLC0415 -- under its care

    command()


if __name__ == "__main__":
    main()
