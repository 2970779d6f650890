"""coturn of Debian, run with the configuration that operators take."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.integration.deploy.proxies import DEPLOY, Certificate, adapted
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_tcp_port
from tests.support.processes import Program, bare_environment, run_program

LOOPBACK = "127.0.0.1"
SECRET = "5ec2e7" * 8


@dataclass(frozen=True, slots=True)
class Coturn:
    """A running TURN server."""

    address: str
    port: int
    tls_port: int
    program: Program

    @property
    def url(self) -> str:
        return f"turn:{self.address}:{self.port}?transport=tcp"

    @property
    def tls_url(self) -> str:
        return f"turns:{self.address}:{self.tls_port}?transport=tcp"


@contextmanager
def coturn(
    folder: Path, *, at: str = LOOPBACK, relays_to: str = LOOPBACK, closed: bool = True
) -> Iterator[Coturn]:
    """Runs it on address `at` with `deploy/coturn/turnserver.conf`, which relays to `relays_to`
    alone; or, unless `closed`, to anyone.
    """
    folder.mkdir(exist_ok=True)
    certificate = Certificate.make(folder)
    port, tls_port = free_tcp_port(), free_tcp_port()
    text = adapted(
        (DEPLOY / "coturn" / "turnserver.conf").read_text(),
        {
            "/etc/letsencrypt/live/turn.example.org/fullchain.pem": str(certificate.chain),
            "/etc/letsencrypt/live/turn.example.org/privkey.pem": str(certificate.key),
            "\nlistening-port=3478": f"\nlistening-port={port}",
            "\ntls-listening-port=5349": f"\ntls-listening-port={tls_port}",
            "static-auth-secret=" + "0" * 64: f"static-auth-secret={SECRET}",
            "allowed-peer-ip=203.0.113.7": f"allowed-peer-ip={relays_to}",
            "\nsyslog\n": "\nlog-file=stdout\n",
        },
    )
    if not closed:
        text = re.sub(r"^(allowed|denied)-peer-ip=.*$", "", text, flags=re.MULTILINE)
    # On a machine of its own it needs none of these.
    text += (
        f"listening-ip={at}\nrelay-ip={at}\nallow-loopback-peers\n"
        f"userdb={folder}/turndb\npidfile={folder}/turn.pid\n"
    )
    configuration = folder / "turnserver.conf"
    configuration.write_text(text)
    with run_program(
        ["turnserver", "-c", str(configuration)], env=bare_environment(folder), cwd=folder
    ) as program:
        for each in (port, tls_port):
            _answers(program, at, each)
        yield Coturn(at, port, tls_port, program)


def _answers(program: Program, address: str, port: int) -> None:
    """Wait until it listens there; it says nothing of that."""
    deadline = time.monotonic() + PATIENCE_S
    while program.process.poll() is None and time.monotonic() < deadline:
        with suppress(ConnectionRefusedError), socket.create_connection((address, port)):
            return
        with suppress(AssertionError):
            program.wait(within_s=0.05)
    raise AssertionError(f"coturn does not listen\n{program.report()}")
