"""The ``causerie`` command. Links go to standard output, everything else to standard error."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import click

from app.told import ToldError

WRONG: Final = 2

COMMANDS: Final = {
    "serve": "app.commands.serve",
    "demo": "app.commands.demo",
    "owner-link": "app.commands.owner_link",
    "doctor": "app.commands.doctor",
    "db": "app.commands.db",
    "backup": "app.commands.backup",
    "restore": "app.commands.restore",
    "audit": "app.commands.audit",
}
"""The module of each, whose ``command`` it is: only the one that is run is loaded."""


class _Commands(click.Group):
    """Tells what an operator can mend in one sentence, without a traceback."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[name]).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ToldError as problem:
            click.echo(f"causerie: {problem}", err=True)
            ctx.exit(WRONG)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="causerie")
def main() -> None:
    """Causerie: live video that listens, on your own machine."""
