"""``causerie demo``."""

from __future__ import annotations

from typing import Final

import click

from app.commands.options import read_settings, settings_options
from app.demo_process import DemoOptions
from app.listener import listening
from app.serving import demonstrate

DEMO_DATA_DIR: Final = "./causerie-data/demo"


@click.command("demo")
@click.option("--audience", default=14, show_default=True, type=click.IntRange(8, 20))
@click.option("--seed", default=1, show_default=True, help="Fixes what the people do.")
@click.option("--quiet", is_flag=True, help="The people watch and hardly talk.")
@click.option(
    "--returns-after",
    default=12.0,
    show_default=True,
    type=click.FloatRange(0, 3_600),
    help="Seconds until the synthetic host takes its seat again after a person has left it.",
)
@settings_options
def command(
    *, audience: int, seed: int, quiet: bool, returns_after: float, **given: str | None
) -> None:
    """Run the server with a live session, a synthetic host and a small audience that talks.

    Without --data-dir everything is kept in ./causerie-data/demo, apart from real sessions.
    """
    settings = read_settings(given, DATA_DIR=DEMO_DATA_DIR)
    with listening(settings) as listener:
        demonstrate(settings, listener, DemoOptions(audience, seed, quiet, returns_after))
