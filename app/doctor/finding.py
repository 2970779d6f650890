"""What came of one check."""

from __future__ import annotations

import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check; ``mend`` says what to do about a failed one."""

    name: str
    ok: bool
    says: str
    mend: str = ""


def binding_error(kind: socket.SocketKind, host: str, port: int) -> str:
    """Why this port cannot be had, or nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return (error.strerror or "cannot be bound").lower()
    return ""
