"""Time and randomness as the system gives them."""

from __future__ import annotations

import base64
import os
import time
from datetime import UTC, datetime
from typing import Final

_BYTES: Final = 16
_POOL_BYTES: Final = 4_096 * _BYTES
_STAMP_BYTES: Final = 6
_LATE: Final = 1 << 47
"""Set in every stamp, so that no identifier begins with a dash."""

# base64's own alphabet does not sort as the numbers that it stands for.
_SORTED: Final = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
)


class SystemClock:
    """``live.ports.clock.Clock`` of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemEntropy:
    """``live.ports.clock.Entropy`` from the operating system: identifiers of 128 bits.

    Their first 48 are the millisecond, so that what is written together lies together: with random
    ones every row would change a page of its own in each index. The other 80 cannot be guessed.
    Asks for 64 KiB at a time: in a call into the kernel another thread takes the interpreter, and
    gives it back 5 ms later.
    """

    def __init__(self) -> None:
        self._fresh = b""
        self._used = 0
        # A process that is forked off must not give what this one gives.
        os.register_at_fork(after_in_child=self._forget)

    def new_id(self) -> str:
        stamp = (_LATE | time.time_ns() // 1_000_000).to_bytes(_STAMP_BYTES)
        drawn = stamp + self._take()[_STAMP_BYTES:]
        return base64.b64encode(drawn)[:22].translate(_SORTED).decode()

    def salt(self) -> bytes:
        return self._take()

    def _take(self) -> bytes:
        if self._used >= len(self._fresh):
            self._fresh, self._used = os.urandom(_POOL_BYTES), 0
        self._used += _BYTES
        return self._fresh[self._used - _BYTES : self._used]

    def _forget(self) -> None:
        self._fresh, self._used = b"", 0
