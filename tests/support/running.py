"""A real `causerie serve` on loopback, which a test may kill and start again on the same data."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_tcp_port, free_udp_port
from tests.support.processes import Program, bare_environment, causerie_command

OWNER_TOKEN = "owner-token-of-the-tests-" + "0" * 16


@dataclass
class Server:
    """One server with its own data folder. `start` returns once `/readyz` answers 200.

    `before` is what its command line begins with, for one that runs under another program;
    `serves` is the rest of it.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_tcp_port)
    udp_port: int = field(default_factory=free_udp_port)
    runs: list[Program] = field(default_factory=list)
    before: tuple[str, ...] = ()
    serves: tuple[str, ...] = tuple(causerie_command("serve"))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def program(self) -> Program:
        return self.runs[-1]

    @property
    def said(self) -> str:
        """Everything that all its runs wrote, to both streams."""
        return "\n".join(f"{run.stdout}\n{run.stderr}" for run in self.runs)

    def start(self) -> Server:
        settings = {
            "CAUSERIE_PORT": str(self.port),
            "CAUSERIE_UDP_PORT": str(self.udp_port),
            "CAUSERIE_OWNER_TOKEN": OWNER_TOKEN,
            "CAUSERIE_EAR": "off",  # some seconds of loading, which few tests are about
            **self.settings,
        }
        environment = bare_environment(self.folder, **settings)
        command = [*self.before, *self.serves]
        self.runs.append(Program(command, env=environment, cwd=Path.cwd()))
        deadline = time.monotonic() + PATIENCE_S
        with httpx.Client(timeout=PATIENCE_S, trust_env=False) as http:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if http.get(f"{self.url}/readyz").is_success:
                        return self
                if self.program.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"the server is not ready\n{self.program.report()}")
                self._pause()

    def _pause(self) -> None:
        with contextlib.suppress(AssertionError):
            self.program.wait(within_s=0.05)

    def kill(self) -> None:
        """kill -9 of the server alone: what it started must notice by itself."""
        self.program.send(signal.SIGKILL)
        self.program.process.wait(PATIENCE_S)

    def interrupt(self) -> int:
        """Ctrl-C, as a person would; the exit code."""
        self.program.send(signal.SIGINT)
        return self.program.wait(within_s=PATIENCE_S)

    def stop(self) -> None:
        """End every run, and what it started."""
        for run in self.runs:
            run.stop()


@contextlib.contextmanager
def running(folder: Path, **settings: str) -> Iterator[Server]:
    """A server for the length of a `with` block."""
    server = Server(folder, settings)
    try:
        yield server.start()
    finally:
        server.stop()
