"""The socket that HTTP listens on, which is bound before anything else is done."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterator
from typing import Final

from app.setting import SettingError
from app.settings import Settings

BACKLOG: Final = 2_048


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The bound socket; a port or an address that cannot be had is told in one sentence.

    Whoever connects from now on is answered when the server is ready, and is not refused meanwhile.
    """
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except socket.gaierror:
        raise SettingError(
            "CAUSERIE_HOST", settings.host, "give an address or name of this machine"
        ) from None
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    with contextlib.closing(listener):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            # A second server on the same port would be bound too, and only fail to listen.
            listener.listen(BACKLOG)
        except OSError as error:
            raise _cannot_listen(settings, error) from None
        yield listener


def _cannot_listen(settings: Settings, error: OSError) -> SettingError:
    port = str(settings.port)
    if error.errno == errno.EADDRINUSE:
        remedy = "another program listens on this port; stop it, or give another port"
        return SettingError("CAUSERIE_PORT", port, remedy)
    if error.errno == errno.EACCES:
        remedy = "this user may not take this port; give one from 1024 on"
        return SettingError("CAUSERIE_PORT", port, remedy)
    return SettingError("CAUSERIE_HOST", settings.host, "give an address of this machine")
