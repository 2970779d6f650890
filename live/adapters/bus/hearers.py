"""Gives what was published to those who listen."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from live.ports.bus import Hearer

logger = logging.getLogger(__name__)


def give(hearers: Iterable[Hearer], topic: str, payload: bytes) -> None:
    """Let each have it. One that cannot take it (it may come from a node of another version) is
    told of in the log, and keeps nobody else from hearing."""
    for hearer in list(hearers):
        try:
            hearer(payload)
        except Exception:
            logger.exception("a message on %s could not be taken", topic)
