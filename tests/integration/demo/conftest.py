"""A real `causerie demo`, its links, and what it has started."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_tcp_port, free_udp_port
from tests.support.processes import Program, bare_environment, causerie_command
from tests.support.raw_client import Client, Http, Json
from tests.support.running import OWNER_TOKEN

SLUG = "demo"
WORDS = ("home", "owner", "host", "moderator", "viewer")
LINK = re.compile(r"^([a-z]+) +(http://127\.0\.0\.1:\d+\S*)$")
START_TIMEOUT_S = 90.0


@dataclass
class Demo:
    """One start of the demo after another on the same data and ports; `program` is the latest."""

    folder: Path
    port: int = field(default_factory=free_tcp_port)
    udp_port: int = field(default_factory=free_udp_port)
    runs: list[Program] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def program(self) -> Program:
        return self.runs[-1]

    @property
    def http(self) -> Http:
        return Http(f"http://127.0.0.1:{self.port}", OWNER_TOKEN)

    def start(self, *flags: str, **settings: str) -> Demo:
        """Returns once the last link is out."""
        environment = bare_environment(
            self.folder,
            CAUSERIE_PORT=str(self.port),
            CAUSERIE_UDP_PORT=str(self.udp_port),
            **{**self.settings, **settings},
        )
        self.runs.append(Program(causerie_command("demo", *flags), env=environment, cwd=Path.cwd()))
        self.program.wait_for_line(
            lambda line: line.startswith("viewer "), within_s=START_TIMEOUT_S
        )
        return self

    def links(self) -> dict[str, str]:
        """The links of standard output by their word; every line must be one."""
        found = [LINK.match(line) for line in self.program.stdout.splitlines()]
        assert all(found), self.program.stdout
        return {match[1]: match[2] for match in found if match}

    async def enter(self, word: str, **body: str) -> tuple[Client, Json]:
        """Come in by a link that was printed: the open socket, and who one is."""
        invite = self.links()[word].rsplit("/", 1)[1]
        joined = await self.http.join(SLUG, invite=invite, **body)
        return await Client(self.http.url, SLUG, joined["token"]).open(), joined

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.program.send(signal.SIGINT)
        return self.program.wait(within_s=PATIENCE_S)


def children_of(pid: int) -> set[int]:
    """The processes that `pid` has started and that run."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _state_and_parent(int(folder.name))[1] == pid:
            found.add(int(folder.name))
    return found


def runs(pid: int) -> bool:
    """Whether there is such a process, and not only its exit code."""
    return _state_and_parent(pid)[0] not in ("", "Z")


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return "", 0
    return state, int(parent)


@contextmanager
def demo_on(folder: Path) -> Iterator[Demo]:
    """A demo that is not yet started, for the length of the block."""
    demo = Demo(folder)
    try:
        yield demo
    finally:
        for run in demo.runs:
            run.stop()


@pytest.fixture(scope="package")
def running_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo that the tests of this folder share; its host comes back as soon as it may."""
    with demo_on(tmp_path_factory.mktemp("demo") / "data") as demo:
        yield demo.start("--returns-after", "1")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo of one's own, to start and to end; deaf, for loading an ear takes some seconds."""
    with demo_on(tmp_path / "data") as demo:
        demo.settings["CAUSERIE_EAR"] = "off"
        yield demo
