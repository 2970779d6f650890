"""One connection of one participant: what it says goes to the room, what the hub says goes out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from live.domain.commands import PersonCommand
from live.domain.ids import ParticipantId
from live.domain.outcome import Refusal
from live.gateway import translation
from live.gateway.line import Line
from live.gateway.packets import Packet
from live.gateway.protocol import Action, Close, Protocol, Refuse, Submit
from live.gateway.views import Audience, View
from live.ports.store import StoreUnavailable
from live.room.keys import Done
from live.room.step import Outcome
from live.wire.attention import SetAttention
from live.wire.frames import Ack, AckData, Refused
from live.wire.looking import Look
from live.wire.session_commands import SetTyping

if TYPE_CHECKING:
    from live.gateway.hub import Hub

logger = logging.getLogger(__name__)

IN_FLIGHT = 64
"""Commands of one connection that may wait for the room before no more are read from it."""

_FAILED: Final = Refusal("overloaded", "That failed on our side; try again.", retry_after_s=1)

_ENCODER = msgspec.json.Encoder()


class Member:
    """A socket that belongs to a participant. ``position`` is the ``upto`` of the last frame sent;
    ``slow_since`` is set while the reader does not keep up (seconds, monotonic), ``skipped`` once
    it missed something meanwhile, ``resuming`` until it has what it missed while it was away."""

    __slots__ = (
        "_held",
        "_in_flight",
        "_tasks",
        "_unread",
        "audience",
        "beat",
        "hub",
        "participant_id",
        "position",
        "protocol",
        "resuming",
        "skipped",
        "slow_since",
        "socket",
        "unheard",
    )

    def __init__(
        self, hub: Hub, socket: Line, participant_id: ParticipantId, protocol: Protocol
    ) -> None:
        self.hub = hub
        self.socket = socket
        self.participant_id = participant_id
        self.protocol = protocol
        self.audience: Audience
        self.position = 0
        self.slow_since: float | None = None
        self.skipped = False
        self.resuming = False
        self.beat = 0
        self.unheard = 0
        self._in_flight = 0
        self._tasks = 0
        self._unread = 0
        self._held = False

    @property
    def is_held(self) -> bool:
        """Whether nothing is read from it for now."""
        return self._held

    # --- what the socket calls

    def text(self, payload: bytes) -> None:
        self._say(partial(self._hear_text, payload))

    def binary(self, _payload: bytes) -> None:
        self._say(self._hear_binary)

    def heard(self) -> None:
        self.unheard = 0

    def paused(self) -> None:
        if self.slow_since is None:
            self.slow_since = self.hub.now()
            # Answers to further commands would pile up behind what is not read.
            self._hold_if_needed()

    def drained(self) -> None:
        if self.slow_since is not None:
            self.slow_since = None
            self._hold_if_needed()
            self.hub.catch_up(self)

    def lost(self) -> None:
        self.hub.leave(self)

    # --- what it says

    def _say(self, hear: Callable[[], None]) -> None:
        """Be heard: in one's turn, the team at once."""
        self._unread += 1
        if self._unread == 1 and self.audience.staff:
            hear()
        else:
            self.hub.intake.take(hear)

    def _hear_text(self, payload: bytes) -> None:
        self._unread -= 1
        self._perform(self.protocol.text(payload, self.hub.now()))

    def _hear_binary(self) -> None:
        self._unread -= 1
        self._perform(self.protocol.binary(self.hub.now()))

    def _perform(self, action: Action) -> None:
        match action:
            case Refuse(frame=frame):
                self._note(frame.code)
                self.tell(frame)
            case Close(code=code, reason=reason):
                self._note(code.name.lower())
                self.socket.close(code, reason)
            case Submit(id=command_id, command=SetTyping(on=on)):
                self.hub.pulse.typing(self.participant_id, on=on)
                self._told_of(command_id, None)
            case Submit(id=command_id, command=SetAttention(on=on)):
                said = self.hub.attending.say(self.participant_id, id(self), on=on)
                self._told_of(command_id, said)
            case Submit(id=command_id, command=Look() as look):
                self._told_of(command_id, self.hub.looking.look(self.participant_id, look))
            case Submit():
                later_s = self.hub.retry_after_s(self.participant_id)
                if later_s is not None:
                    self.tell(_too_busy(action.id, later_s))
                    return
                self._in_flight += 1
                self._hold_if_needed()
                self._submit(action)

    def _note(self, code: str) -> None:
        """Log what the team's own connections send that is no command: the room never sees it."""
        if self.audience.staff:
            facts = {"session": self.hub.room.slug, "by": self.participant_id, "code": code}
            logger.info("a frame of the team was refused", extra=facts)

    def _told_of(self, command_id: str, refusal: Refusal | None) -> None:
        """Answer a command that nobody keeps."""
        if refusal is None:
            self.tell(Ack(id=command_id, seq=None, data=AckData()))
        else:
            view = View(self.hub.room.state, staff=False)
            self.tell(translation.refused(view, command_id, refusal))

    def _submit(self, submitted: Submit) -> None:
        """Have it done: without a task of its own, where it need not wait for anything but others
        to be written with, what this connection said before it among them."""
        asked = translation.command(submitted.command)
        told = partial(self._landed, submitted)
        key = self.participant_id, submitted.id, submitted.digest
        if self._tasks or not self.hub.room.take(*key, asked, told):
            self._tasks += 1
            self.hub.run(self._execute(submitted, asked))

    async def _execute(self, submitted: Submit, asked: PersonCommand) -> None:
        room = self.hub.room
        outcome: Outcome
        try:
            outcome = await room.execute(self.participant_id, submitted.id, submitted.digest, asked)
            await self._recall(outcome)
        except StoreUnavailable:
            outcome = _FAILED  # it was done, and cannot be shown now: the same id shows it later
        except Exception:
            logger.exception("a command failed", extra=self._facts(submitted))
            outcome = _FAILED
        finally:
            self._tasks -= 1
        self._landed(submitted, outcome)

    def _landed(self, submitted: Submit, outcome: Outcome) -> None:
        """Answer a command."""
        room = self.hub.room
        if isinstance(outcome, Exception):
            logger.error("a command failed", exc_info=outcome, extra=self._facts(submitted))
            outcome = _FAILED
        self._in_flight -= 1
        self._hold_if_needed()
        if self.participant_id not in room.state.participants:
            return
        staff = room.state.participants[self.participant_id].role.is_staff
        view = View(room.state, staff, self.participant_id)
        if isinstance(outcome, Refusal):
            self.tell(translation.refused(view, submitted.id, outcome))
        else:
            data = translation.ack_data(view, submitted.command, outcome.result)
            self.tell(Ack(id=submitted.id, seq=outcome.seq, data=data))

    def _facts(self, submitted: Submit) -> dict[str, str]:
        return {"session": self.hub.room.slug, "command": submitted.type}

    async def _recall(self, outcome: Done | Refusal) -> None:
        """Have the message that an ack shows in the room's window: a command that is repeated long
        after it was done gets the same ack."""
        if isinstance(outcome, Refusal) or outcome.seq is None:
            return
        message_id = outcome.result.message_id
        if message_id is not None and message_id not in self.hub.room.state.messages:
            await self.hub.room.history(outcome.seq - 1, 1)

    def tell(self, frame: Ack | Refused) -> None:
        """Answer on this connection alone."""
        self.socket.emit(Packet(_ENCODER.encode(frame)))

    def _hold_if_needed(self) -> None:
        hold = self.slow_since is not None or self._in_flight >= IN_FLIGHT
        if hold != self._held and not self.socket.closing and not self.socket.disconnected:
            self._held = hold
            if hold:
                self.socket.hold()
            else:
                self.socket.release()


def _too_busy(command_id: str, retry_after_s: float) -> Refused:
    message = "The server is too busy; try again."
    return Refused(id=command_id, code="overloaded", message=message, retry_after_s=retry_after_s)
