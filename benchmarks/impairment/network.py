"""Two network namespaces and the way between them. Needs root, `ip` and /dev/net/tun."""

import contextlib
import fcntl
import os
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.impairment.bridge import Way

HERE_ADDRESS: Final = "10.77.0.1"
THERE_ADDRESS: Final = "10.77.0.2"
MOVED_ADDRESS: Final = "10.77.0.3"
INSIDE: Final = "CAUSERIE_IMPAIRMENT_INSIDE"
"""Set in the process that runs within the first namespace; its value names the second."""

_TUNSETIFF: Final = 0x400454CA
_IFF_TUN_NO_PI: Final = 0x0001 | 0x1000


def ip(*arguments: str) -> None:
    """Run `ip`; raises CalledProcessError."""
    subprocess.run(["ip", *arguments], check=True)


def run_between_two(module: str, arguments: Sequence[str]) -> int:
    """Run `python -m module` in a namespace of its own, beside another one that is empty; its
    exit code.
    """
    here, there = (f"causerie-{side}-{os.getpid()}" for side in ("here", "there"))
    with _namespace(here), _namespace(there):
        return subprocess.run(
            ["ip", "netns", "exec", here, sys.executable, "-m", module, *arguments],
            env={**os.environ, INSIDE: there},
            check=False,
        ).returncode


@contextlib.contextmanager
def _namespace(name: str) -> Iterator[None]:
    ip("netns", "add", name)
    try:
        ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        ip("netns", "del", name)


@dataclass
class Network:
    """The way from this namespace (`HERE_ADDRESS`) to the other one (`THERE_ADDRESS`)."""

    there: str
    _bridge: subprocess.Popen[bytes]
    _device: str
    address: str = THERE_ADDRESS
    way: Way = field(default_factory=Way)

    def become(self, way: Way) -> None:
        """It is like that from now on."""
        assert self._bridge.stdin is not None
        assert self._bridge.stdout is not None
        self._bridge.stdin.write(way.line())
        self._bridge.stdin.flush()
        if self._bridge.stdout.readline() != b"set\n":
            raise RuntimeError("the bridge is gone")
        self.way = way

    def move(self) -> None:
        """The other side gets another address, and loses the one it had."""
        self.address = MOVED_ADDRESS if self.address == THERE_ADDRESS else THERE_ADDRESS
        ip("-n", self.there, "addr", "flush", "dev", self._device)
        ip("-n", self.there, "addr", "add", f"{self.address}/24", "dev", self._device)
        ip("-n", self.there, "route", "replace", "default", "dev", self._device)


@contextlib.contextmanager
def network(there: str, seed: int) -> Iterator[Network]:
    """A perfect way between the two, until it is told to `become` another one."""
    (one, device_here), (other, device_there) = _tun("here%d"), _tun("there%d")
    ip("link", "set", device_there, "netns", there)
    ip("addr", "add", f"{HERE_ADDRESS}/24", "dev", device_here)
    ip("link", "set", device_here, "up")
    ip("-n", there, "addr", "add", f"{THERE_ADDRESS}/24", "dev", device_there)
    ip("-n", there, "link", "set", device_there, "up")
    ip("-n", there, "route", "add", "default", "dev", device_there)
    bridge = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.impairment.bridge", str(one), str(other), str(seed)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(one, other),
    )
    try:
        yield Network(there, bridge, device_there)
    finally:
        assert bridge.stdin is not None
        bridge.stdin.close()
        bridge.wait(5)
        for fd in (one, other):
            os.close(fd)


def _tun(pattern: str) -> tuple[int, str]:
    fd = os.open("/dev/net/tun", os.O_RDWR)
    wish = struct.pack("16sH22x", pattern.encode(), _IFF_TUN_NO_PI)
    given = fcntl.ioctl(fd, _TUNSETIFF, wish)
    return fd, given[:16].rstrip(b"\0").decode()


def program_there(there: str, program: str, folder: Path) -> Path:
    """A script that runs `program` in the other namespace, for who starts programs by path."""
    script = folder / "there"
    script.write_text(f'#!/bin/sh\nexec ip netns exec {there} {program} "$@"\n')
    script.chmod(0o755)
    return script
