"""The frames of the socket: one JSON object each, ``t`` says which."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Raw, Struct, UnsetType

from live.wire.shapes import Pulse, Shape, Snapshot, You


class ClientFrame(Struct, frozen=True, forbid_unknown_fields=True):
    """What every client frame is before its ``data`` is known."""

    id: str
    type: str
    data: Raw


class Reconnect(Shape):
    """Bounds of the jitter before a reconnect, told by the server."""

    min_ms: int
    max_ms: int


class Hello(Shape, tag_field="t", tag="hello"):
    protocol: int
    epoch: str
    head: int
    you: You
    snapshot: Snapshot | None
    reconnect: Reconnect


class SnapshotFrame(Shape, tag_field="t", tag="snapshot"):
    reason: Literal["slow", "audience"]
    epoch: str
    head: int
    you: You
    snapshot: Snapshot


class WireEvent(Shape):
    """A durable fact: ``data`` has the shape that ``events.EVENTS`` gives for ``type``."""

    seq: int
    type: str
    at: str
    data: Any


class EventsFrame(Shape, tag_field="t", tag="events"):
    """Everything of ``(after, upto]`` that this participant may see."""

    after: int
    upto: int
    events: list[WireEvent]


class PulseFrame(Shape, tag_field="t", tag="pulse"):
    data: Pulse


class Ack(Shape, tag_field="t", tag="ack"):
    """Committed. ``data`` names the subject's ``id``, ``revision`` and ``status`` where it has
    them, and holds it whole under its kind (``message``, ``question``, ``decision`` …)."""

    id: str
    seq: int | None
    data: dict[str, Any]


class Refused(Shape, tag_field="t", tag="refused"):
    """Nothing happened; ``code`` is stable, ``message`` is for a person."""

    id: str | None
    code: str
    message: str
    retry_after_s: float | UnsetType = UNSET
    current: Any = UNSET
