"""`causerie serve` with an ear that a test can foretell; run as a module."""

from __future__ import annotations

import os

from app.database.engine import prepare_folder
from app.keys import Keys
from app.listener import listening
from app.server import Running, serve_on
from app.settings import SETTINGS, Settings
from tests.support.listening import scripted


async def beside(_running: Running) -> None:
    """Nothing else is told: the tests know where it is."""


if __name__ == "__main__":
    names = [setting.variable for setting in SETTINGS.values()]
    settings = Settings.read({name: os.environ[name] for name in names if name in os.environ})
    prepare_folder(settings.data_dir)
    with listening(settings) as listener:
        keys = Keys.of(settings.data_dir)
        serve_on(settings, keys, listener, beside, open_ear=scripted)
