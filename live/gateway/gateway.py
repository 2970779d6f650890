"""All hubs of this process, and the way into them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from live.domain.commands import PersonCommand
from live.domain.events import Recorded
from live.domain.ids import ParticipantId, SessionId
from live.domain.people_events import ParticipantChanged
from live.gateway.crush import Pace
from live.gateway.doorman import Admission, Doorman
from live.gateway.hub import Hub, HubSettings
from live.gateway.line import Line
from live.gateway.protocol import cost_of
from live.gateway.sockets import EXTENSION, Socket
from live.ports.clock import Clock
from live.ports.store import StoreUnavailable
from live.room.surface import AnyRoom
from live.wire.codes import SUBPROTOCOL, CloseCode

_MOST = 50_000
_ATTEMPTS = 8


class Gateway:
    """One per process. ``stop`` ends all connections with 1012 (come back)."""

    def __init__(self, clock: Clock, settings: HubSettings) -> None:
        self._clock = clock
        self._settings = settings
        self._hubs: dict[SessionId, Hub] = {}
        self._stopped = False
        self.pace = Pace(clock.monotonic)

    def hub(self, room: AnyRoom) -> Hub:
        """The hub of this room; made when the first connection comes."""
        self.pace.look()
        hub = self._hubs.get(room.id)
        if hub is not None and hub.room is not room:
            hub.stop(CloseCode.MOVED)
            hub = None
        if hub is None:
            hub = Hub(room, self._clock, self._settings, self.pace, self._emptied)
            self._hubs[room.id] = hub
        return hub

    def present(self, session_id: SessionId) -> int:
        """How many people are connected to a session."""
        hub = self._hubs.get(session_id)
        return 0 if hub is None else hub.present

    def charge(
        self, participant_id: ParticipantId, command_id: str, command: PersonCommand
    ) -> float:
        """Take what a command costs that came by another node; the seconds its giver has to wait,
        or 0.0."""
        now = self._clock.monotonic()
        meter = self._settings.meters.of(participant_id, now)
        return meter.spend(command_id, cost_of(command, self._settings.limits), now=now)

    @property
    def connections(self) -> int:
        """All sockets of this process."""
        return sum(hub.connections for hub in self._hubs.values())

    def disconnect(
        self, session_id: SessionId, participant_id: ParticipantId, code: CloseCode
    ) -> None:
        """Close what a participant has open: banned, revoked or gone."""
        hub = self._hubs.get(session_id)
        if hub is not None:
            hub.evict(participant_id, code, code.name.lower().replace("_", " "))

    def stop(self) -> None:
        """Close everything with 1012 and let nobody in any more. Idempotent."""
        self._stopped = True
        self.pace.stop()
        for hub in list(self._hubs.values()):
            hub.stop(CloseCode.RESTART)
        self._hubs.clear()

    def endpoint(self, doorman: Doorman) -> Endpoint:
        """The ASGI application to route ``/api/v1/sessions/{slug}/ws`` to."""
        return Endpoint(self, doorman)

    def enter(self, socket: Line, admission: Admission, resume: Resume) -> None:
        """Hello and the way into the hub, in one loop step."""
        if self._stopped:
            socket.close(CloseCode.RESTART)
            return
        room, participant_id = admission.room, admission.participant_id
        participant = room.state.participants[participant_id]
        if room.state.is_banned(participant, self._clock.now()):
            socket.close(CloseCode.BANNED, "banned")
            return
        self.hub(room).join(socket, participant_id, resume.missed, resume.since)

    def _emptied(self, hub: Hub) -> None:
        if self._hubs.get(hub.room.id) is hub:
            del self._hubs[hub.room.id]


@dataclass(frozen=True, slots=True)
class Resume:
    """All events after ``since`` up to the room's head, or None where a snapshot serves."""

    missed: Sequence[Recorded] | None
    since: int


FRESH = Resume(None, 0)


async def resume(room: AnyRoom, participant_id: ParticipantId, epoch: str, since: int) -> Resume:
    """What a client that comes back missed. It reaches up to the head in the loop step in which
    this returns: what is committed while the store is asked, is asked for again."""
    if epoch != room.epoch:
        return FRESH
    for _ in range(_ATTEMPTS):
        missed = await room.history(since, _MOST)
        staff = participant_id in room.state.staff
        if missed is None or starts_anew(missed, participant_id, staff=staff):
            return FRESH
        if room.head == (missed[-1].seq if missed else since):
            return Resume(missed, since)
    return FRESH


def starts_anew(events: Sequence[Recorded], participant_id: ParticipantId, *, staff: bool) -> bool:
    """Whether only a snapshot brings a client past these events: the participant's role, segment or
    language changed, or the team has to forget what an erased person wrote to it."""
    return any(
        isinstance(event, ParticipantChanged)
        and (
            (event.audience and event.participant_id == participant_id) or (staff and event.erased)
        )
        for event in (recorded.event for recorded in events)
    )


class Endpoint:
    """The socket's ASGI application: checks, hello, detach."""

    def __init__(self, gateway: Gateway, doorman: Doorman) -> None:
        self._gateway = gateway
        self._doorman = doorman

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._doorman.is_foreign(scope):
            await _refuse(send, 403, b"foreign origin\n")
            return
        later_s = self._gateway.pace.retry_after_s
        if later_s is not None:
            retry = (b"retry-after", str(math.ceil(later_s)).encode())
            await _refuse(send, 503, b"the server is too busy\n", retry)
            return
        await receive()  # websocket.connect
        chosen = SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": chosen})
        if chosen is None:
            await _close(send, CloseCode.PROTOCOL, f"the subprotocol is {SUBPROTOCOL}")
            return
        slug = scope["path_params"]["slug"]
        epoch, since = _position(scope)
        came_back = FRESH
        try:
            admission = await self._doorman.admit(slug, scope)
            if isinstance(admission, CloseCode):
                await _close(send, admission, admission.name.lower().replace("_", " "))
                return
            if since is not None:
                came_back = await resume(admission.room, admission.participant_id, epoch, since)
        except StoreUnavailable:
            await _close(send, CloseCode.RESTART, "come back soon")
            return
        socket: Socket = scope["extensions"][EXTENSION]
        self._gateway.enter(socket.detach(), admission, came_back)


async def _refuse(send: Send, status: int, why: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Answer in HTTP, instead of the upgrade."""
    start = {"type": "websocket.http.response.start", "status": status, "headers": list(headers)}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": why})


async def _close(send: Send, code: CloseCode, reason: str) -> None:
    await send({"type": "websocket.close", "code": int(code), "reason": reason})


def _position(scope: Scope) -> tuple[str, int | None]:
    """The epoch and position that a client wants to resume from; None if it names no such thing."""
    if not scope["query_string"]:
        return "", None
    query = parse_qs(scope["query_string"].decode("latin-1"))
    epoch, since = query.get("epoch", [""])[0], query.get("since", [""])[0]
    # Digits only, and no more than a seq can have: anything else is answered with a snapshot.
    valid = since.isascii() and since.isdigit() and len(since) <= 16
    return epoch, int(since) if valid else None
