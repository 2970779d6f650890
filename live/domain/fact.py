"""What every fact of a session's log has."""

from __future__ import annotations

from typing import ClassVar


class Event:
    """Base of all facts. ``type`` is the wire name, ``version`` that of the shape."""

    __slots__ = ()
    type: ClassVar[str]
    version: ClassVar[int] = 1
