"""One setting, as an operator meets it: variable, flag, help, and why a value is refused.

The settings themselves are in ``app.settings``, and in modules of one subject that it takes in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

PREFIX: Final = "CAUSERIE_"
PORT_MAX: Final = 65_535


class SettingError(Exception):
    """A setting cannot work; ``str()`` is one sentence with variable, value and remedy."""

    def __init__(self, variable: str, value: str, remedy: str) -> None:
        super().__init__(f"{variable}={value or '(empty)'}: {remedy}")
        self.variable = variable


@dataclass(frozen=True, slots=True)
class Setting:
    """How one field is told from outside: its variable and flag, its default as text, its help."""

    variable: str
    parse: Callable[[str], Any]
    default: str
    help: str
    shown_default: str = ""

    @property
    def flag(self) -> str:
        return "--" + self.variable.removeprefix(PREFIX).lower().replace("_", "-")


# Each parser raises ValueError with the remedy; ``Settings.read`` adds variable and value.


def parse_port(text: str) -> int:
    """A port; 0 is any free one."""
    if not text.isascii() or not text.isdigit() or int(text) > PORT_MAX:
        raise ValueError("a port is a whole number from 0 to 65535 (0: any free one)")
    return int(text)
