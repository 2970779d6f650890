"""The machine of a benchmark: one core for the server, another for its load, programs that end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

HARNESS: Final = Path(__file__).parent
REPOSITORY: Final = HARNESS.parents[1]
STOP_S: Final = 10.0


class Missing(Exception):
    """Something that the benchmark needs is not on this machine; ``str()`` is a sentence."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core is whose."""

    server: int
    client: int


def two_cores() -> Cores:
    """The first two cores that this process may use."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise Missing("A benchmark takes two cores: one for the server, one for its load.")
    return Cores(usable[0], usable[1])


@contextlib.contextmanager
def pinned(core: int) -> Iterator[None]:
    """What is started inside runs on ``core`` alone, with everything that it starts."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def compiled(source: Path, folder: Path) -> Path:
    """The program of a C file, made in ``folder``."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise Missing("The load client is a C program: install a compiler (on Debian: gcc).")
    program = folder / source.stem
    subprocess.run(
        [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source], check=True
    )
    return program


class Server:
    """A server under test, started on a core of its own; the first line of its standard output
    that holds ``announced`` says that it answers."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        core: int,
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.core = core
        self._log = (folder / "server.log").open("w+")
        with pinned(core):
            self._process = subprocess.Popen(
                [str(part) for part in command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._log,
                text=True,
                start_new_session=True,
            )

    def said(self, word: str) -> str:
        """Wait for the line that begins with ``word`` and return the rest of it."""
        stdout: IO[str] | None = self._process.stdout
        for line in stdout or ():
            if line.startswith(word):
                return line.removeprefix(word).strip()
        self._log.seek(0)
        raise Missing(f"{self._process.args!r} did not start: {self._log.read()[-400:].strip()}")

    def answers_on(self, port: int) -> None:
        """Wait until it takes connections; for servers that say nothing."""
        deadline = time.monotonic() + STOP_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.05)
        raise Missing(f"{self._process.args!r} did not start.")

    def pids(self) -> list[int]:
        """The process and all below it."""
        found = [self._process.pid]
        for pid in found:
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    found.extend(int(each) for each in (task / "children").read_text().split())
        return found

    def rss_bytes(self) -> int:
        """Resident memory of the process and all below it."""
        page = os.sysconf("SC_PAGE_SIZE")
        return (
            sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids())
            * page
        )

    def stop(self) -> None:
        """End it in order; after 10 s, at once."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_S)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
