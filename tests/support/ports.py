"""Free ports on loopback."""

import random
import socket

# Below the range from which Linux serves outgoing connections (32768 and up): between the moment a
# port is found free and the moment its server binds it, nobody is given it by chance.
FIRST, LAST = 20_000, 32_000
TRIES = 200

_chance = random.SystemRandom()


def free_tcp_port() -> int:
    """A TCP port on 127.0.0.1 that was free a moment ago."""
    return _free_port(socket.SOCK_STREAM)


def free_udp_port() -> int:
    """A UDP port that was free on every interface a moment ago."""
    return _free_port(socket.SOCK_DGRAM, host="")


def _free_port(kind: socket.SocketKind, *, host: str = "127.0.0.1") -> int:
    for _ in range(TRIES):
        port = _chance.randrange(FIRST, LAST)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"No free port from {FIRST} to {LAST} in {TRIES} tries.")
