"""Free ports on loopback."""

import socket


def free_tcp_port() -> int:
    """A TCP port on 127.0.0.1 that was free a moment ago."""
    return _free_port(socket.SOCK_STREAM)


def free_udp_port() -> int:
    """A UDP port that was free on every interface a moment ago."""
    return _free_port(socket.SOCK_DGRAM, host="")


def _free_port(kind: socket.SocketKind, *, host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
