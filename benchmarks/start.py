"""`python -m benchmarks.start [--runs 5]`: how long `causerie serve` takes to be there, on SQLite.

Told for a start on data that is there, after a kill -9, as after any crash: when connections are
taken (and wait), when the first is answered, and when picture and sound are ready too; each with
the CPU seconds of the server, its media process included. On a busy machine only those compare.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from tests.support.ports import free_tcp_port
from tests.support.processes import bare_environment, causerie_command

LIMIT_S: Final = 120.0
MOMENTS: Final = ("takes connections", "answers", "ready, picture and sound too")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Moment:
    """Since the program was started: seconds, and CPU seconds."""

    at_s: float
    cpu_s: float


def cpu_s(pid: int) -> float:
    """Of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    stats = [Path(f"/proc/{each}/stat").read_text() for each in (pid, *children)]
    spent = (stat.rpartition(")")[2].split()[11:13] for stat in stats)
    return sum(int(ticks) for each in spent for ticks in each) / _TICKS


def start(folder: Path) -> list[Moment]:
    """Start a server on the data in ``folder`` and kill it once it is ready; its three moments."""
    port = free_tcp_port()
    environment = bare_environment(
        folder, CAUSERIE_PORT=str(port), CAUSERIE_UDP_PORT="0", CAUSERIE_EAR="off"
    )
    began_s = time.monotonic()
    server = subprocess.Popen(
        causerie_command("serve"),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def moment(is_there: Callable[[], bool]) -> Moment:
        while not is_there():
            if server.poll() is not None or time.monotonic() > began_s + LIMIT_S:
                raise SystemExit("The server does not start.")
            time.sleep(0.002)
        return Moment(time.monotonic() - began_s, cpu_s(server.pid))

    try:
        return [
            moment(lambda: _connects(port)),
            moment(lambda: _says_200(port, "/healthz")),
            moment(lambda: _says_200(port, "/readyz")),
        ]
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), LIMIT_S).close()
    except ConnectionRefusedError:
        return False
    return True


def _says_200(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status == http.client.OK


def main() -> None:
    """Start it so often, and print the medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start")
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with TemporaryDirectory(prefix="causerie-start-") as name:
        start(Path(name))  # makes the database, and the compiled modules
        found = [start(Path(name)) for _ in range(runs)]
    sys.stdout.write("| `causerie serve` | after | CPU |\n|---|---|---|\n")
    for what, moments in zip(MOMENTS, zip(*found, strict=True), strict=True):
        after_s = median(each.at_s for each in moments)
        spent_s = median(each.cpu_s for each in moments)
        sys.stdout.write(f"| {what} | {after_s:.2f} s | {spent_s:.2f} s |\n")
    sys.stdout.write(f"Load {os.getloadavg()[0]:.0f}, {len(os.sched_getaffinity(0))} cores.\n")


if __name__ == "__main__":
    main()
