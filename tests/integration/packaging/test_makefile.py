"""What `make` says on machines that lack something."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import REPOSITORY


@pytest.fixture
def old_machine(tmp_path: Path) -> Path:
    """A folder of programs as a PATH, whose only Python is too old."""
    programs = tmp_path / "programs"
    programs.mkdir()
    python = programs / "python3"
    # Answers the Makefile's question as an old one would, and must never be asked for more.
    python.write_text('#!/bin/sh\n[ "$1" = -c ] && exit 1\necho "used: $*"\n')
    python.chmod(0o755)
    return programs


def make(goal: str, *, path: str, **variables: str) -> subprocess.CompletedProcess[str]:
    settings = [f"{name}={value}" for name, value in variables.items()]
    return subprocess.run(
        ["/usr/bin/make", "--no-print-directory", goal, *settings],
        cwd=REPOSITORY,
        env={"PATH": path, "HOME": os.environ["HOME"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_python_that_will_do_make_says_what_is_needed(
    old_machine: Path, tmp_path: Path
) -> None:
    done = make(str(tmp_path / "venv/bin/python"), path=str(old_machine), VENV=f"{tmp_path}/venv")

    assert done.returncode != 0
    assert "Causerie needs Python 3.11 or newer with its venv module" in done.stderr
    assert "used" not in done.stdout


def test_make_alone_tells_its_goals() -> None:
    done = make("help", path="/usr/bin:/bin")

    for goal in ("run", "test", "check", "wire", "screenshots", "lock", "clean"):
        assert f"make {goal} " in done.stdout


def test_ci_runs_what_the_readme_names() -> None:
    assert "make test" in (REPOSITORY / ".ci" / "run").read_text()
    assert "make run" in (REPOSITORY / "README.md").read_text()
