"""Who asks: the owner, a participant of this session, or nobody yet.

A bearer token beats cookies. The owner's sign-in, by token or by cookie, makes the owner's own
participant of whatever session is asked about; a participant's credential counts for its session
alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from itsdangerous import BadSignature, Signer
from starlette.requests import HTTPConnection

from app.accounts import Accounts
from app.keys import Keys, token_hash
from live.domain.ids import ParticipantId, PersonId
from live.domain.people import Participant, Role
from live.ports.store import Directory, SessionRecord
from live.room.rooms import Rooms

OWNER_COOKIE: Final = "causerie_owner"
DEVICE_COOKIE: Final = "causerie_device"
COOKIE_DAYS: Final = 180
OWNER_PERSON: Final = PersonId("owner")

Via = Literal["nothing", "cookie", "bearer"]


def session_cookie(slug: str) -> str:
    """The name of the cookie that holds a session's credential."""
    return f"causerie_s_{slug}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from, with regard to one session or none.

    ``participant`` may be None for the owner who has not been in this session yet. ``token`` is the
    credential as presented.
    """

    is_owner: bool = False
    participant: Participant | None = None
    via: Via = "nothing"
    token: str | None = None

    @property
    def role(self) -> Role | None:
        if self.is_owner:
            return Role.OWNER
        return None if self.participant is None else self.participant.role


NOBODY: Final = Caller()


class NotAuthenticated(Exception):
    """A bearer token was presented that is void here; cookies no longer count then. ``revoked``:
    it was good once."""

    def __init__(self, *, revoked: bool = False) -> None:
        super().__init__()
        self.revoked = revoked


class Authenticator:
    """Reads credentials off a request. Only their hashes are ever looked up."""

    def __init__(
        self,
        directory: Directory,
        rooms: Rooms,
        accounts: Accounts,
        keys: Keys,
        owner_token: str | None,
    ) -> None:
        self._directory = directory
        self._rooms = rooms
        self._accounts = accounts
        self._owner_token = owner_token
        self._devices = Signer(keys.derive("device cookie"), salt="device")

    async def identify(self, connection: HTTPConnection, session: SessionRecord | None) -> Caller:
        """Who asks about ``session``. Raises ``NotAuthenticated`` for a bearer token that is void
        or belongs elsewhere; a cookie like that counts as none."""
        bearer = bearer_of(connection.scope)
        if bearer is not None:
            return await self._by_bearer(bearer, session)
        if await self._accounts.is_signed_in(connection.cookies.get(OWNER_COOKIE, "")):
            participant = await self._owner_in(session)
            return Caller(is_owner=True, participant=participant, via="cookie")
        if session is None:
            return NOBODY
        token = connection.cookies.get(session_cookie(session.slug), "")
        try:
            held = await self._holder(token, session)
        except NotAuthenticated:
            return NOBODY
        # A cookie of the owner's participant means nothing once the owner has signed out.
        if held.role is Role.OWNER:
            return NOBODY
        return Caller(participant=held, via="cookie", token=token)

    async def _by_bearer(self, token: str, session: SessionRecord | None) -> Caller:
        if self._owner_token and hmac.compare_digest(token.encode(), self._owner_token.encode()):
            participant = await self._owner_in(session)
            return Caller(is_owner=True, participant=participant, via="bearer", token=token)
        held = await self._holder(token, session)
        if held is None:
            raise NotAuthenticated
        return Caller(is_owner=held.role is Role.OWNER, participant=held, via="bearer", token=token)

    async def _holder(self, token: str, session: SessionRecord | None) -> Participant:
        """Whose credential this is; ``NotAuthenticated`` where it opens nothing in ``session``."""
        if session is None or not token:
            raise NotAuthenticated
        holder = await self._directory.find_holder(session.id, token_hash(token))
        if holder is None:
            raise NotAuthenticated
        if holder.revoked:
            raise NotAuthenticated(revoked=True)
        participant = await self._find_participant(session, holder.participant_id)
        if participant is None or participant.erased:
            raise NotAuthenticated(revoked=True)
        return participant

    async def _find_participant(
        self, session: SessionRecord, participant_id: ParticipantId
    ) -> Participant | None:
        """As the room has them, where it runs here and knows them."""
        room = self._rooms.at_hand(session.slug)
        known = None if room is None else room.state.participants.get(participant_id)
        return known or await self._directory.find_participant(participant_id)

    async def _owner_in(self, session: SessionRecord | None) -> Participant | None:
        if session is None:
            return None
        return await self._directory.find_person_in_session(session.id, OWNER_PERSON)

    def device_cookie(self, person_id: PersonId) -> str:
        """What a device keeps to show that it is this person's."""
        return self._devices.sign(person_id).decode()

    def person_of(self, cookies: Mapping[str, str]) -> PersonId | None:
        """The person whose device this is; None for a new one or a forged cookie."""
        try:
            person = self._devices.unsign(cookies.get(DEVICE_COOKIE, "")).decode()
        except (BadSignature, UnicodeDecodeError):
            return None
        return None if person == OWNER_PERSON else PersonId(person)


def bearer_of(scope: Mapping[str, Any]) -> str | None:
    """The bearer token of a request, or of a socket's second subprotocol item; None without one."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer":
                return str(token.strip())
    for item in scope.get("subprotocols", ()):
        if item.startswith("bearer."):
            return str(item.removeprefix("bearer."))
    return None
