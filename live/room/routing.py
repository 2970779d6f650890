"""Commands and acts on their way to the node that writes the session, and what came of them."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

import msgspec

from live.domain.commands import PersonCommand, ServerAct
from live.domain.ids import ParticipantId, SessionId
from live.domain.outcome import Refusal, Result
from live.domain.people import Participant
from live.room.keys import Done

SUBJECT: Final = "room"


class Ask(msgspec.Struct, array_like=True, frozen=True):
    """Do this. ``name`` and ``body`` are a command of ``participant`` under ``command_id``, or an
    act of the server (``command_id`` None) on behalf of ``by``."""

    session_id: SessionId
    name: str
    body: bytes
    by: ParticipantId | None = None
    participant: Participant | None = None
    command_id: str | None = None
    digest: bytes = b""


class Reply(msgspec.Struct, array_like=True, frozen=True):
    """``done`` and ``refused`` are the writer's; ``elsewhere``: the node asked does not write it.
    Everything that led to it is in the writer's pages up to ``number`` of ``term``, and in the
    store up to ``head``."""

    outcome: Literal["done", "refused", "elsewhere"]
    term: int = 0
    number: int = 0
    head: int = 0
    seq: int | None = None
    result: Result | None = None
    refusal: Refusal | None = None

    def told(self) -> Done | Refusal:
        """As a room says it."""
        if self.refusal is not None:
            return self.refusal
        return Done(self.seq, self.result or Result())


ELSEWHERE: Final = Reply("elsewhere")

_ENCODER: Final = msgspec.msgpack.Encoder()
_ASKS: Final = msgspec.msgpack.Decoder(Ask)
_REPLIES: Final = msgspec.msgpack.Decoder(Reply)
_KINDS: Final = {kind.__name__: kind for kind in (*get_args(PersonCommand), *get_args(ServerAct))}
_BODIES: Final[dict[str, msgspec.msgpack.Decoder[Any]]] = {
    name: msgspec.msgpack.Decoder(kind) for name, kind in _KINDS.items()
}


def body_of(command: PersonCommand | ServerAct) -> tuple[str, bytes]:
    """Name and body of a command, as ``Ask`` carries them."""
    return type(command).__name__, _ENCODER.encode(command)


def command_of(ask: Ask) -> Any:
    """The command or act that ``ask`` carries; raises ``ValueError`` for one not known here."""
    decoder = _BODIES.get(ask.name)
    if decoder is None:
        raise ValueError(f"no such command: {ask.name}")
    return decoder.decode(ask.body)


def encode(message: Ask | Reply) -> bytes:
    """As it goes over the bus."""
    return _ENCODER.encode(message)


def decode_ask(data: bytes) -> Ask:
    """What ``encode`` wrote; ``msgspec.MsgspecError`` for anything else."""
    return _ASKS.decode(data)


def decode_reply(data: bytes) -> Reply:
    """What ``encode`` wrote; ``msgspec.MsgspecError`` for anything else."""
    return _REPLIES.decode(data)


def reply_of(outcome: Done | Refusal, *, term: int, number: int, head: int) -> Reply:
    """The answer to an ``Ask``."""
    if isinstance(outcome, Refusal):
        return Reply("refused", term, number, head, refusal=outcome)
    return Reply("done", term, number, head, seq=outcome.seq, result=outcome.result)
