"""Time and randomness, injected so that tests own both."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """``now`` is UTC-aware wall time; ``monotonic`` is in seconds and never goes back."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class Entropy(Protocol):
    """``new_id`` gives an unguessable URL-safe identifier, ``salt`` 16 random bytes."""

    def new_id(self) -> str: ...

    def salt(self) -> bytes: ...
