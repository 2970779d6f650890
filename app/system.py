"""Time and randomness as the system gives them."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime


class SystemClock:
    """``live.ports.clock.Clock`` of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemEntropy:
    """``live.ports.clock.Entropy`` from the operating system: identifiers of 128 bits."""

    def new_id(self) -> str:
        return secrets.token_urlsafe(16)

    def salt(self) -> bytes:
        return secrets.token_bytes(16)
