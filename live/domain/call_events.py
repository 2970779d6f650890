"""The durable fact of calls; see ``live.domain.events``."""

from __future__ import annotations

from typing import ClassVar

from live.domain.call import Call
from live.domain.fact import Event
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class CallChanged(Event):
    """A call as it stands now, in the place of the same person's former one; for the team and that
    person. ``commitment`` is to its words, where it begins with some."""

    type: ClassVar[str] = "call.changed"
    call: Call
    commitment: str | None = None
