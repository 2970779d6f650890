"""Frames of the socket as far as a client and the checker look into them (contract: The socket)."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct


class Author(Struct, frozen=True):
    id: str


class Item(Struct, frozen=True):
    """A message or a question; a tombstone has neither text nor author."""

    id: str
    status: str
    revision: int = 0
    text: str | None = None
    author: Author | None = None
    seq: int | None = None


class Questions(Struct, frozen=True):
    items: list[Item] = []


class You(Struct, frozen=True):
    role: str


class Data(Struct, frozen=True):
    """`data` of an event or an ack: what is about one item, or two that were merged."""

    message: Item | None = None
    question: Item | None = None
    into: Item | None = None
    question_id: str | None = None

    @property
    def subject(self) -> str | None:
        """The id of the message or question that it speaks of, if it does."""
        item = self.message or self.question
        return self.question_id if item is None else item.id


class Event(Struct, frozen=True):
    seq: int
    type: str
    data: Data


class Snapshot(Struct, frozen=True):
    messages: list[Item] = []
    questions: Questions = Questions()


class Reconnect(Struct, frozen=True):
    min_ms: int
    max_ms: int


class Frame(Struct, frozen=True):
    """Any frame from the server; which fields it has depends on `t`."""

    t: str
    epoch: str = ""
    head: int = 0
    you: You | None = None
    snapshot: Snapshot | None = None
    reconnect: Reconnect | None = None
    reason: str | None = None
    after: int = -1
    upto: int = -1
    events: list[Event] = []
    id: str | None = None
    seq: int | None = None
    code: str | None = None
    data: Any = None
    retry_after_s: float = 1.0


decode = msgspec.json.Decoder(Frame).decode
