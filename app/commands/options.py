"""How a command takes the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from app.setting import PREFIX
from app.settings import SETTINGS, Settings

F = TypeVar("F", bound=Callable[..., Any])


def settings_options(function: F) -> F:
    """Every setting as a flag and a variable, subject by subject."""
    for name, setting in reversed(list(SETTINGS.items())):
        option = click.option(
            setting.flag,
            name,
            envvar=setting.variable,
            show_envvar=True,
            metavar="TEXT",
            help=f"{setting.help}  [default: {setting.shown_default or setting.default}]",
        )
        function = option(function)
    return function


def read_settings(given: Mapping[str, str | None], **defaults: str) -> Settings:
    """Settings from the texts that click collected from flags and variables."""
    texts = {SETTINGS[name].variable: text for name, text in given.items() if text is not None}
    return Settings.read({**{PREFIX + name: text for name, text in defaults.items()}, **texts})
