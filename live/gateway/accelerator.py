"""The fan-out's inner loop in C, where it was built; ``live.gateway.volley`` does the same without.

The library is made from ``accelerator.c`` by the build, next to this file (frontend/build_hook.py).
Python's own part of sending to one connection was a third of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cffi import FFI

from live import native
from live.gateway.line import Line
from live.gateway.packets import Packet
from live.gateway.volley import Volley

LIBRARY: Final = Path(__file__).with_name("libaccelerator.so")
VERSION: Final = 1
"""Of the layout below: that of the library must be the same."""

AT_ONCE: Final = 256

_ffi: Final = FFI()
_ffi.cdef("""
    int causerie_version(void);
    uint32_t causerie_volley(const int32_t *descriptors, uint32_t count, const char *data,
                             uint64_t size, int64_t *taken);
""")


class Accelerator(native.Native):
    """The loaded library, or why there is none."""

    __slots__ = ()

    def volley(self) -> Volley:
        """The fastest way to send there is."""
        return FastVolley(self.library) if self.runs else Volley()


def load(*, wanted: bool = True, path: Path = LIBRARY) -> Accelerator:
    """The accelerator, if it is there and fits; never an error."""
    found = native.load(_ffi, path, VERSION, wanted=wanted, does="frames are sent")
    return Accelerator(found.library, found.reason)


class FastVolley(Volley):
    """A ``Volley`` whose loop over connections runs in C, without the interpreter's lock."""

    def __init__(self, library: Any) -> None:
        self._volley = library.causerie_volley
        self._descriptors = _ffi.new("int32_t[]", AT_ONCE)
        self._taken = _ffi.new("int64_t[]", AT_ONCE)

    def send(self, packet: Packet, lines: Sequence[Line]) -> None:
        direct = [each for each in lines if each.descriptor >= 0]
        if len(direct) < len(lines):
            super().send(packet, [each for each in lines if each.descriptor < 0])
        plain = [each for each in direct if not each.compresses]
        self._fire(packet.plain, plain)
        if len(plain) < len(direct):
            self._fire(packet.compressed, [each for each in direct if each.compresses])

    def _fire(self, data: bytes, lines: Sequence[Line]) -> None:
        for start in range(0, len(lines), AT_ONCE):
            some = lines[start : start + AT_ONCE]
            count, size = len(some), len(data)
            self._descriptors[0:count] = [each.descriptor for each in some]
            if self._volley(self._descriptors, count, data, size, self._taken):
                for line, taken in zip(some, self._taken[0:count], strict=True):
                    if taken != size:
                        line.took(data, taken)
