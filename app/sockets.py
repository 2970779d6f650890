"""Who may open a socket: what the gateway asks of those who know sessions and credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from app.auth import NotAuthenticated, bearer_of
from app.network import Visitor
from app.problems import Problem
from live.gateway.doorman import Admission, Scope
from live.wire.codes import CloseCode

if TYPE_CHECKING:
    from app.services import Services


class SocketDoor:
    """``live.gateway.doorman.Doorman`` over this installation."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def is_foreign(self, scope: Scope) -> bool:
        """Whether a page of another origin asks by our cookies; browsers never omit ``Origin``."""
        origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
        if origin is None or bearer_of(scope) is not None:
            return False
        visitor: Visitor = scope["state"]["visitor"]
        return not self._services.addresses.is_ours(origin.decode("latin-1"), visitor)

    async def admit(self, slug: str, scope: Scope) -> Admission | CloseCode:
        """The room and the participant, or why not; see the protocol for the order of reasons."""
        services = self._services
        session = await services.entry.session(slug)
        if session is None:
            return CloseCode.NO_SUCH_SESSION
        private = session.visibility == "private"
        try:
            caller = await services.authenticator.identify(HTTPConnection(scope), session)
        except NotAuthenticated as refused:
            if private:
                return CloseCode.NO_SUCH_SESSION
            return CloseCode.BANNED if refused.revoked else CloseCode.NOT_AUTHENTICATED
        if caller.role is None:
            return CloseCode.NO_SUCH_SESSION if private else CloseCode.NOT_AUTHENTICATED
        if caller.participant is None:
            caller = await services.entry.owner_enters(caller, session)
        participant = caller.participant
        if participant is None:
            return CloseCode.NOT_AUTHENTICATED
        try:
            room = await services.entry.room(session)
        except Problem:
            return CloseCode.NO_SUCH_SESSION
        room.admit(participant)
        if services.entry.is_banned(room, participant.id):
            return CloseCode.BANNED
        return Admission(room, participant.id)
