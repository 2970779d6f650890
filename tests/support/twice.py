"""`python -m tests.support.twice ARGUMENTS`: pytest, then what failed once more, alone.

The first run keeps every core busy with several tests at once, and one of thousands may then miss
what it waits for. What fails in the crowd and passes alone lets the run pass, and is told by name
at its very end, so that somebody looks at it. A fault of the code fails both times; more failures
than a few are no bad luck, and are final.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

FEW = 5
OPTION = "--write-failed"


class Failed:
    """Keeps the names of the tests that failed in `file`, one a line."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._names: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hears of each part of each test, in the process that hands them out."""
        if report.failed:
            self._names[report.nodeid] = None
            self._file.write_text("\n".join(self._names))


def pytest_addoption(parser: pytest.Parser) -> None:
    """This module is a plug-in of the first run."""
    parser.addoption(OPTION, type=Path, metavar="FILE", help="write the failed tests' names here")


def pytest_configure(config: pytest.Config) -> None:
    """Only the process that hands out the tests writes."""
    file = config.getoption(OPTION)
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Failed(file))


def tell(*lines: str) -> None:
    """Beside what pytest itself says."""
    sys.stdout.write("\n" + "\n  ".join(lines) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """The exit code of the run that decides."""
    pytest_command = [sys.executable, "-m", "pytest"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "failed"
        plugged = ["-p", "tests.support.twice", f"{OPTION}={file}"]
        code = subprocess.run([*pytest_command, *plugged, *arguments], check=False).returncode
        failed = file.read_text().splitlines() if file.exists() else []
    if code != pytest.ExitCode.TESTS_FAILED or not 0 < len(failed) <= FEW:
        return code
    tell(f"{len(failed)} failed in the crowd: once more, alone")
    code = subprocess.run([*pytest_command, *failed], check=False).returncode
    if code == pytest.ExitCode.OK:
        tell("UNSTEADY, failed in the crowd and passed alone:", *failed)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
