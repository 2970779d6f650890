"""What the server's process and the ear's process say to each other over a socket pair.

A message is a 4-byte length and a MessagePack ``Parcel``; its body is one of the dataclasses in
``_KINDS``, checked field by field when it is read. A call and its reply share an ``id``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import msgspec

from live.ports.gate import Hints
from moderation.ear.ports import Alike, Asked, Example, Learned
from moderation.policy.judge import Case, Verdict

MOST_BYTES: Final = 64 << 20
"""A dump of everything learned is the largest message by far; a longer one is out of step."""
LENGTH: Final = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class Tell:
    """Call: what is this text? → ``Hints``."""

    text: str


@dataclass(frozen=True, slots=True)
class Compare:
    """Call: which of these ask the same? → ``Proposed``."""

    question: Asked
    among: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """Reply to ``Compare``."""

    alike: tuple[Alike, ...]


@dataclass(frozen=True, slots=True)
class Unlearn:
    """Call → ``Learned``."""

    decision_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forget:
    """Call → ``Learned``."""

    author_id: str


@dataclass(frozen=True, slots=True)
class AskAuthors:
    """Call: on whose lines was decided? → ``Authors``."""


@dataclass(frozen=True, slots=True)
class Authors:
    """Reply to ``AskAuthors``, each once."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reset:
    """Call → ``Learned``."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """Call: what segments and topics sound like → ``Done`` as soon as it is begun."""

    segments: dict[str, tuple[str, ...]]
    topics: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Done:
    """Reply: whether it could be done."""

    ok: bool


@dataclass(frozen=True, slots=True)
class Export:
    """Call → ``Exported``."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Reply: everything learned, as ``Models.dump`` gives it."""

    state: bytes


@dataclass(frozen=True, slots=True)
class AskState:
    """Call → ``State``."""


@dataclass(frozen=True, slots=True)
class State:
    """Reply: how the process is. ``ready`` once it judges by meaning; see ``EarStatus``."""

    ready: bool
    learned: Learned
    trouble: tuple[str, ...]
    skipped: dict[str, int]
    rss_mb: float


@dataclass(frozen=True, slots=True)
class NotNow:
    """Reply: it came too late, or met a bug; the ear goes on."""


Body = (
    Case
    | Verdict
    | Tell
    | Hints
    | Compare
    | Proposed
    | Example
    | Unlearn
    | Forget
    | AskAuthors
    | Authors
    | Reset
    | Learned
    | Sentences
    | Done
    | Export
    | Exported
    | AskState
    | State
    | NotNow
)
Lesson = Example | Unlearn | Forget | Reset
"""Calls that change what is learned."""

_KINDS: Final[dict[str, type[Body]]] = {kind.__name__: kind for kind in Body.__args__}
_DECODERS: Final = {name: msgspec.msgpack.Decoder[Body](kind) for name, kind in _KINDS.items()}
_encoder: Final = msgspec.msgpack.Encoder()


class Parcel(msgspec.Struct, frozen=True, array_like=True):
    """One message. ``by``: after this moment (monotonic seconds, which processes share) nobody
    waits for the reply; 0 for as long as it takes."""

    id: int
    by: float
    kind: str
    body: msgspec.Raw


def pack(call_id: int, body: Body, *, by: float = 0.0) -> bytes:
    """One message, ready to be written."""
    data = packed(body, call_id=call_id, by=by)
    return LENGTH.pack(len(data)) + data


def packed(body: Body, *, call_id: int = 0, by: float = 0.0) -> bytes:
    """The same without its length."""
    raw = msgspec.Raw(_encoder.encode(body))
    return _encoder.encode(Parcel(call_id, by, type(body).__name__, raw))


def unpack(data: bytes) -> tuple[Parcel, Body]:
    """What ``packed`` packed. Raises ValueError if it makes no sense."""
    try:
        parcel = msgspec.msgpack.decode(data, type=Parcel)
        return parcel, _DECODERS[parcel.kind].decode(parcel.body)
    except (msgspec.MsgspecError, KeyError) as error:
        raise ValueError("a message of no known kind") from error


def taken_from(incoming: bytearray) -> list[bytes]:
    """The whole messages that have arrived, taken out. Raises ValueError for one of a length that
    none has."""
    found: list[bytes] = []
    begin = 0
    while len(incoming) - begin >= LENGTH.size:
        (size,) = LENGTH.unpack_from(incoming, begin)
        end = begin + LENGTH.size + size
        if size > MOST_BYTES:
            raise ValueError(f"a message of {size} bytes")
        if len(incoming) < end:
            break
        found.append(bytes(incoming[begin + LENGTH.size : end]))
        begin = end
    del incoming[:begin]
    return found
