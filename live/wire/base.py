"""What the commands of every subject are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Moment = Annotated[datetime, Meta(tz=True)]


class Command(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of everything that a client sends as ``data``."""
