"""Fixtures of every suite: real servers, free ports, programs that end with their test."""

import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings
from playwright.async_api import Browser

from tests.support.chromium import chromium
from tests.support.ports import free_tcp_port
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.processes import (
    Program,
    bare_environment,
    causerie_command,
    run_program,
)

# How long an example takes says something of the machine.
settings.register_profile("causerie", deadline=None)
settings.load_profile("causerie")

# A broken rule is told before a server or a browser is started for it.
CHEAP_SUITES = ("unit", "property", "contract", "golden")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs the cheap suites first, then the files with slow tests: a long file that begins last
    would be waited for while the other processes have nothing left to do."""
    here = Path(__file__).parent
    slow_files = {item.path for item in items if item.get_closest_marker("slow")}

    def place(item: pytest.Item) -> int:
        suite = item.path.relative_to(here).parts[0]
        if suite in CHEAP_SUITES:
            return CHEAP_SUITES.index(suite)
        return len(CHEAP_SUITES) + (item.path not in slow_files)

    items.sort(key=place)
    for item in items:
        # What drives the browser lives on one loop, from its start to its end.
        if isinstance(item, pytest.Function) and "process_wide_browser" in item.fixturenames:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_collection_finish() -> None:
    """Has the collector walk no more through what stays until the end: modules and tests, whose
    walks were a quarter of the unit tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The run's one PostgreSQL server."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database."""
    with postgres.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The SQLAlchemy URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'causerie.sqlite'}"


@pytest.fixture
def free_port() -> int:
    """A free TCP port on 127.0.0.1."""
    return free_tcp_port()


@pytest.fixture
def causerie(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts `causerie` with the arguments and, by keyword, the settings given.

    `causerie("serve", CAUSERIE_PORT="8001")` runs in a data folder of its own until the test ends;
    several calls in one test share that folder.
    """
    with ExitStack() as programs:

        def start(*arguments: str, **settings: str) -> Program:
            environment = bare_environment(tmp_path / "data", **settings)
            return programs.enter_context(
                run_program(causerie_command(*arguments), env=environment)
            )

        yield start


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def process_wide_browser() -> AsyncIterator[Browser]:
    """This process's one Chromium, which takes a second of both cores to start."""
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def browser(process_wide_browser: Browser) -> AsyncIterator[Browser]:
    """A headless Chromium with a synthetic camera and microphone, and nothing open in it.

    Its tests run on the loop of the session, and so must the asynchronous fixtures they use.
    """
    yield process_wide_browser
    for context in process_wide_browser.contexts:
        await context.close()
