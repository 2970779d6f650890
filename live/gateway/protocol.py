"""What one connection may say, as a pure state machine: a frame in, one action out.

It performs nothing and reads no clock: the socket hands it frames with the time, and does what the
action says. ``Submit`` goes to the room, ``Refuse`` back to the client, ``Close`` ends it.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import deque
from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from live.domain import (
    call,
    commands,
    message_commands,
    poll_commands,
    question_commands,
    session_commands,
)
from live.domain.value import dataclass
from live.gateway.limits import Cost, Limits, Meter
from live.wire.base import Command
from live.wire.calls import AskForStage
from live.wire.codes import CloseCode, RefusalCode
from live.wire.commands import COMMANDS
from live.wire.frames import ClientFrame, Refused
from live.wire.message_commands import PostMessage
from live.wire.poll_commands import AnswerPoll
from live.wire.question_commands import AskQuestion
from live.wire.session_commands import AddReaction

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Submit:
    """A well-formed command. ``digest`` stands for its type and data under ``id``."""

    id: str
    type: str
    command: Command
    digest: bytes


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nothing happens; the client is told why."""

    frame: Refused


@dataclass(frozen=True, slots=True)
class Close:
    """The connection ends."""

    code: CloseCode
    reason: str


Action = Submit | Refuse | Close

_FRAME = msgspec.json.Decoder(ClientFrame)
_LOOSE = msgspec.json.Decoder(dict[str, Raw])
_DATA = {name: msgspec.json.Decoder(command) for name, command in COMMANDS.items()}
_CANONICAL = msgspec.json.Encoder(order="deterministic")


class Protocol:
    """The rules of one connection. ``meter`` is the participant's, shared by their connections;
    ``digest_key`` is a secret of this installation (at most 64 bytes)."""

    __slots__ = ("_closed", "_digest_key", "_frames", "_limits", "_malformed_at", "_meter")

    def __init__(self, meter: Meter, limits: Limits, digest_key: bytes) -> None:
        self._meter = meter
        self._limits = limits
        self._digest_key = digest_key
        self._frames = Meter()
        self._malformed_at: deque[float] | None = None
        self._closed: Close | None = None

    def text(self, payload: bytes, now: float) -> Action:
        """Take a text frame (UTF-8 JSON) at ``now``, in seconds of a clock that never goes back."""
        if self._closed is not None:
            return self._closed
        if len(payload) > self._limits.frame_bytes:
            return self._close(CloseCode.TOO_LARGE, "a frame holds at most 16 KiB")
        if self._frames.take("frames", self._limits.frames, now=now) > 0:
            return self._close(CloseCode.FLOODING, "too many frames")
        try:
            frame = _FRAME.decode(payload)
        except (msgspec.DecodeError, RecursionError):
            return self._refuse_frame(payload, now)
        if _ID.fullmatch(frame.id) is None:
            return self._malformed(now, "An id is 1 to 64 of A–Z a–z 0–9 _ -.")
        return self._command(frame, now)

    def binary(self, now: float) -> Action:
        """Take a binary frame: there are none in this protocol."""
        return self._closed or self._malformed(now, "Frames are text.")

    def _command(self, frame: ClientFrame, now: float) -> Action:
        decoder = _DATA.get(frame.type)
        if decoder is None:
            return _refuse(frame.id, "unknown_command", "There is no such command.")
        try:
            command = decoder.decode(frame.data)
        except msgspec.ValidationError as error:
            return _refuse(frame.id, "invalid", f"{error}.")
        except (msgspec.DecodeError, RecursionError):
            return self._malformed(now, "This is not JSON.")
        if (wait := self._wait(frame.id, command, now)) > 0:
            return _refuse(
                frame.id, "rate_limited", "That is too fast.", retry_after_s=_rounded_up(wait)
            )
        return Submit(frame.id, frame.type, command, self._digest(frame.type, command))

    def _wait(self, command_id: str, command: Command, now: float) -> float:
        return self._meter.spend(command_id, cost_of(command, self._limits), now=now)

    def _digest(self, command_type: str, command: Command) -> bytes:
        content = command_type.encode() + b"\0" + _CANONICAL.encode(command)
        return hashlib.blake2b(content, key=self._digest_key, digest_size=16).digest()

    def _refuse_frame(self, payload: bytes, now: float) -> Action:
        """Refuse what is no frame: by its id where that can be told, else as malformed."""
        try:
            fields = _LOOSE.decode(payload)
            command_id = msgspec.json.decode(fields["id"], type=str)
        except KeyError:
            return self._malformed(now, "A frame has an id.")
        except (msgspec.DecodeError, RecursionError):
            return self._malformed(now, "A frame is a JSON object with id, type and data.")
        if _ID.fullmatch(command_id) is None:
            return self._malformed(now, "An id is 1 to 64 of A–Z a–z 0–9 _ -.")
        return _refuse(command_id, "invalid", "A frame has id, type and data, and nothing else.")

    def _malformed(self, now: float, message: str) -> Action:
        rate = self._limits.malformed
        if self._malformed_at is None:
            self._malformed_at = deque(maxlen=rate.count)
        times = self._malformed_at
        times.append(now)
        if len(times) == rate.count and now - times[0] < rate.per_s:
            return self._close(CloseCode.PROTOCOL, "too many malformed frames")
        return Refuse(Refused(id=None, code="malformed", message=message))

    def _close(self, code: CloseCode, reason: str) -> Close:
        self._closed = Close(code, reason)
        return self._closed


def cost_of(command: Command | commands.PersonCommand, limits: Limits) -> Cost:
    """What a command takes of its giver's limits, in the words of the wire or of the domain."""
    match command:
        case PostMessage(text=text) | message_commands.PostMessage(text=text) if text.startswith(
            "/q "
        ):
            return "questions", limits.questions, 1
        case PostMessage() | message_commands.PostMessage():
            return "messages", limits.messages, 1
        case AskQuestion() | question_commands.AskQuestion() | AskForStage() | call.AskForStage():
            return "questions", limits.questions, 1
        case AddReaction(count=count) | session_commands.AddReaction(count=count):
            return "reactions", limits.reactions, count
        case AnswerPoll() | poll_commands.AnswerPoll():
            return "ballots", limits.ballots, 1
        case _:
            return "commands", limits.commands, 1


def _refuse(
    command_id: str,
    code: RefusalCode,
    message: str,
    *,
    retry_after_s: float | UnsetType = UNSET,
) -> Refuse:
    return Refuse(Refused(id=command_id, code=code, message=message, retry_after_s=retry_after_s))


def _rounded_up(seconds: float) -> float:
    """To hundredths, upwards: who waits as told is let through."""
    return math.ceil(seconds * 100) / 100
