"""Time and randomness as the system gives them."""

from __future__ import annotations

import base64
import os
import time
from datetime import UTC, datetime
from typing import Final

_BYTES: Final = 16
_POOL_BYTES: Final = 256 * _BYTES


class SystemClock:
    """``live.ports.clock.Clock`` of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemEntropy:
    """``live.ports.clock.Entropy`` from the operating system: identifiers of 128 bits.

    Asks for 4 KiB at a time: a call into the kernel costs more than all else about an identifier.
    """

    def __init__(self) -> None:
        self._fresh = b""
        self._used = 0
        # A process that is forked off must not give what this one gives.
        os.register_at_fork(after_in_child=self._forget)

    def new_id(self) -> str:
        return base64.urlsafe_b64encode(self._take()).rstrip(b"=").decode()

    def salt(self) -> bytes:
        return self._take()

    def _take(self) -> bytes:
        if self._used >= len(self._fresh):
            self._fresh, self._used = os.urandom(_POOL_BYTES), 0
        self._used += _BYTES
        return self._fresh[self._used - _BYTES : self._used]

    def _forget(self) -> None:
        self._fresh, self._used = b"", 0
