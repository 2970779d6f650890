"""The systemd unit and the settings file of `deploy/`."""

import re
import shutil
import subprocess
from pathlib import Path

from app.settings import SETTINGS
from tests.support.processes import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
EXAMPLE = (DEPLOY / "causerie.env.example").read_text()
UNIT = (DEPLOY / "systemd" / "causerie.service").read_text()


def test_the_example_names_every_setting_once_and_no_other() -> None:
    named = re.findall(r"^#?(CAUSERIE_\w+)=", EXAMPLE, flags=re.MULTILINE)

    assert sorted(named) == sorted(setting.variable for setting in SETTINGS.values())


def test_every_value_of_the_example_would_be_taken() -> None:
    for variable, value in re.findall(r"^#(CAUSERIE_\w+)=(.*)$", EXAMPLE, flags=re.MULTILINE):
        (setting,) = (one for one in SETTINGS.values() if one.variable == variable)
        setting.parse(value)


def test_the_unit_runs_commands_that_exist() -> None:
    commands = re.findall(r"^Exec\w+=/opt/causerie/bin/causerie (.*)$", UNIT, flags=re.MULTILINE)

    assert commands == ["db upgrade", "serve"]


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "causerie.service"
    program = shutil.which("true")
    assert program is not None
    unit.write_text(UNIT.replace("/opt/causerie/bin/causerie", program))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
