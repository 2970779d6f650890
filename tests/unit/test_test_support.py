"""The servers and programs that other tests lean on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.support.processes import REPOSITORY, run_program

TALKER = """
import sys, time
print("ready", flush=True)
print("a complaint", file=sys.stderr, flush=True)
sys.stdin.read() if len(sys.argv) == 1 else time.sleep(60)
"""


def test_a_program_can_be_waited_for_by_its_lines() -> None:
    with run_program([sys.executable, "-c", TALKER], env=dict(os.environ)) as program:
        assert program.wait_for_line(lambda line: line == "ready") == "ready"
        program.wait_for_line(lambda line: "complaint" in line, stream="stderr")
        assert program.wait(within_s=10) == 0


def test_a_program_that_ends_before_its_line_fails_with_what_it_said() -> None:
    with (
        run_program([sys.executable, "-c", TALKER], env=dict(os.environ)) as program,
        pytest.raises(AssertionError, match="a complaint"),
    ):
        program.wait_for_line(lambda line: line == "never")


def test_no_program_outlives_its_block() -> None:
    with run_program([sys.executable, "-c", TALKER, "stay"], env=dict(os.environ)) as program:
        program.wait_for_line(lambda line: line == "ready")
    assert program.process.returncode == -signal.SIGTERM


def test_programs_run_in_the_repository() -> None:
    assert (REPOSITORY / "pyproject.toml").exists()


def test_each_postgres_database_is_empty_and_gone_afterwards(postgres_url: str) -> None:
    url = make_url(postgres_url)
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database
    ) as connection:
        row = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchone()
    assert row == (0,)


FICKLE = """
from pathlib import Path

def test_a_fault():
    assert not {fault}

def test_bad_luck():
    been_here = Path(__file__).with_name("been here")
    unlucky, _ = not been_here.exists(), been_here.touch()
    assert not unlucky

def test_luck():
    pass
"""


@pytest.mark.parametrize("fault", [False, True])
def test_what_fails_in_the_crowd_is_tried_once_more_alone(tmp_path: Path, *, fault: bool) -> None:
    file = tmp_path / "test_fickle.py"
    file.write_text(FICKLE.format(fault=fault))
    command = [sys.executable, "-m", "tests.support.twice", file.name]
    bare = dict(os.environ) | {
        "PYTHONPATH": str(REPOSITORY),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    run = subprocess.run(
        command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False
    )
    assert run.returncode == fault
    told = run.stdout.partition("once more, alone")[2]
    assert "test_luck" not in told
    assert ("UNSTEADY" in told) is not fault
    assert ("test_fickle.py::test_bad_luck" in told) is not fault
