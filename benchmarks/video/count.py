"""The counter of packets (``count.c``) as Python drives it."""

from __future__ import annotations

import asyncio
import ctypes
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.harness.machine import Missing

HERE: Final = Path(__file__).parent
STREAMS: Final = 4


class _Stream(ctypes.Structure):
    _fields_ = (
        ("ssrc", ctypes.c_uint32),
        ("first", ctypes.c_uint16),
        ("highest", ctypes.c_uint16),
        ("cycles", ctypes.c_uint32),
        ("packets", ctypes.c_uint32),
    )


class _Viewer(ctypes.Structure):
    _fields_ = (
        ("fd", ctypes.c_int),
        ("streams", _Stream * STREAMS),
    )


class Total(ctypes.Structure):
    """What came to some viewers: packets, their bytes, numbers that never came, and how many
    viewers got nothing at all."""

    _fields_ = (
        ("packets", ctypes.c_uint64),
        ("bytes", ctypes.c_uint64),
        ("lost", ctypes.c_uint64),
        ("viewers_without", ctypes.c_uint64),
    )
    packets: int
    bytes: int
    lost: int
    viewers_without: int


class Counter:
    """Watches viewers' sockets; made once, its program is compiled into ``folder``."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            raise Missing("The viewers are a C program: install a compiler (on Debian: gcc).")
        library = folder / "count.so"
        flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, "-o", library, HERE / "count.c"], check=True)
        self._watch = ctypes.CDLL(str(library)).watch
        self._watch.argtypes = (
            ctypes.c_void_p,
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_double,
            ctypes.c_void_p,
        )

    async def watch(self, viewers: Sequence[int], counted: range, seconds: float) -> Total:
        """Read the sockets of all ``viewers`` and count what comes to some of them."""
        table = (_Viewer * len(viewers))()
        for entry, fd in zip(table, viewers, strict=True):
            entry.fd = fd
        total = Total()
        failed = await asyncio.to_thread(
            self._watch,
            ctypes.addressof(table),
            len(table),
            counted.start,
            counted.stop,
            seconds,
            ctypes.addressof(total),
        )
        if failed:
            raise RuntimeError("the counter could not watch its sockets")
        return total
