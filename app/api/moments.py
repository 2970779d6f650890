"""Moments in requests: they carry their zone, and are kept in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from msgspec import Meta

from app.problems import Problem

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 9000

Moment = Annotated[datetime, Meta(tz=True)]


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; refuses what is so far off that no calendar could count on it."""
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise Problem("invalid", f"A date lies between the years {FIRST_YEAR} and {LAST_YEAR}.")
    return moment.astimezone(UTC)
