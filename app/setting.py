"""One setting, as an operator meets it: variable, flag, help, and why a value is refused.

The settings themselves are in ``app.settings``, by subject.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from app.told import ToldError

PREFIX: Final = "CAUSERIE_"
PORT_MAX: Final = 65_535


class SettingError(ToldError):
    """A setting cannot work; ``str()`` is one sentence with variable, value and remedy."""

    def __init__(self, variable: str, value: str, remedy: str) -> None:
        super().__init__(f"{variable}={value or '(empty)'}: {remedy}")
        self.variable = variable


@dataclass(frozen=True, slots=True)
class Setting:
    """How one field is told from outside: its variable and flag, its default as text, its help.

    ``parse`` makes the field's value of a text; its type is the field's, which is checked there.
    """

    variable: str
    parse: Callable[[str], Any]
    default: str
    help: str
    shown_default: str = ""

    @property
    def flag(self) -> str:
        return "--" + self.variable.removeprefix(PREFIX).lower().replace("_", "-")

    def read(self, text: str) -> Any:
        """The value of this text; raises ``SettingError``, in which no secret is repeated."""
        try:
            return self.parse(text)
        except ValueError as error:
            raise SettingError(self.variable, shown(self.variable, text), str(error)) from None


def shown(variable: str, text: str) -> str:
    """A value as it may be repeated: no secret, no user and no password."""
    if variable.endswith(("_TOKEN", "_KEY", "_SECRET")):
        return f"({len(text)} characters)"
    if variable.endswith("_URL"):
        text = shown_url(text)
    if variable == "CAUSERIE_MEDIA_URL" and "?" in text:
        text = f"{text.partition('?')[0]}?…"
    return text


def shown_url(url: str) -> str:
    """A URL as it may be repeated: without user and password."""
    if "@" not in url:
        return url
    scheme, _, rest = url.partition("://")
    return f"{scheme}://…@{rest.rpartition('@')[2]}"


# What several subjects read alike. Each raises ValueError with the remedy; ``Setting.read`` adds
# variable and value.


def parse_port(text: str) -> int:
    """A port; 0 is any free one."""
    if not text.isascii() or not text.isdigit() or int(text) > PORT_MAX:
        raise ValueError("a port is a whole number from 0 to 65535 (0: any free one)")
    return int(text)


def parse_switch(text: str) -> bool:
    """On or off."""
    if text not in ("on", "off"):
        raise ValueError("give on or off")
    return text == "on"


def parse_path(text: str) -> Path | None:
    """The path of a file or folder, or none."""
    return Path(text) if text else None


def parse_service_url(text: str) -> str | None:
    """Where a service of the operator's is asked, without a slash at the end; or none."""
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("give the service's address, such as https://translate.example.org")
    return text.rstrip("/")


def parse_secret(text: str) -> str | None:
    """What another service gave, or knows us by; or none."""
    if text and (not text.isascii() or not text.isprintable() or " " in text):
        raise ValueError("give it as the other service has it, without blanks")
    return text or None


def whole(unit: str, least: int = 0, most: int | None = None) -> Callable[[str], int]:
    """Reads a whole number of ``unit`` from ``least`` to ``most``."""
    bounds = f" of {least} or more" if most is None else f" from {least} to {most}"

    def parse(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else -1
        if number < least or (most is not None and number > most):
            raise ValueError(f"give a whole number of {unit}{bounds if least else ''}")
        return number

    return parse


def positive_or_none(unit: str) -> Callable[[str], int | None]:
    """Reads a whole number of ``unit`` above 0; an empty text is None."""

    def parse(text: str) -> int | None:
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or int(text) == 0:
            raise ValueError(f"give a whole number of {unit} above 0, or leave it empty")
        return int(text)

    return parse
