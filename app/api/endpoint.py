"""One line per call of the HTTP API: from these the routes, their checks and the OpenAPI document
are made, so that none of the three can forget what another says.

An endpoint declares who may use it; the handler runs only for them, with its body already decoded
and, where the path names a session, with that session at hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

import msgspec
from fastapi import APIRouter
from msgspec import Struct
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route

from app.audit.acts import perform
from app.auth import NOBODY, Caller, NotAuthenticated
from app.entry import banned
from app.network import Visitor
from app.problems import Problem
from live.domain.people import Participant, Role
from live.ports.store import SessionRecord

if TYPE_CHECKING:
    from app.services import Services

API: Final = "/api/v1"
BODY_LIMIT_BYTES: Final = 1_048_576
BODY_DEADLINE_S: Final = 20.0
DISCARD_BYTES: Final = 8 * BODY_LIMIT_BYTES
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Who(StrEnum):
    """Who may use an endpoint. Outsiders of a private session are told that there is none."""

    ANYONE = "anyone"
    NEWCOMER = "anyone; a private session takes an invite"
    ENTRANT = "who may enter"
    PARTICIPANT = "participant"
    PUBLISHER = "host, owner, accepted guest"
    STAFF = "moderator, host, owner"
    HOST = "host, owner"
    OWNER = "owner"


ROLES: Final[Mapping[Who, frozenset[Role]]] = {
    Who.PARTICIPANT: frozenset(Role),
    Who.PUBLISHER: frozenset({Role.OWNER, Role.HOST, Role.GUEST}),
    Who.STAFF: frozenset({Role.OWNER, Role.HOST, Role.MODERATOR}),
    Who.HOST: frozenset({Role.OWNER, Role.HOST}),
    Who.OWNER: frozenset({Role.OWNER}),
}


FOR_TEAM: Final = frozenset({Who.STAFF, Who.HOST, Who.OWNER})


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """A call without a body."""


class Blob(Struct, frozen=True):
    """A body taken as it comes, of one of the endpoint's media types."""

    media_type: str
    data: bytes


B = TypeVar("B", bound=Struct)


@dataclass(frozen=True, slots=True)
class Call(Generic[B]):
    """One request that passed every check its endpoint declares."""

    services: Services
    request: Request
    visitor: Visitor
    caller: Caller
    body: B
    found: SessionRecord | None
    cookies: Mapping[str, str]

    @property
    def session(self) -> SessionRecord:
        """The session that the path names."""
        if self.found is None:
            raise LookupError("this endpoint's path names no session")
        return self.found

    @property
    def participant(self) -> Participant:
        """The caller, on endpoints that only participants may use."""
        if self.caller.participant is None:
            raise LookupError("this endpoint is open to others than participants")
        return self.caller.participant

    def path(self, name: str) -> str:
        """A piece of the path."""
        return str(self.request.path_params[name])


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter or header, for the document; handlers read it off the request."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    place: Literal["query", "header"] = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Generic[B]):
    """One call: what it is, who may use it, what it takes and gives.

    ``body`` is the struct of its JSON, ``Nothing``, or ``Blob`` with its ``media_types``;
    ``answer`` the type of the JSON it gives, or a media type. ``errors`` are codes beyond those
    that follow from the other fields. ``lenient``: without a body an empty object is taken.
    ``crowded``: called by everyone at once, so its route goes without FastAPI's own work.
    ``unasked``: nobody is asked who they are, whatever they show: to know its path is the right.
    ``audited`` None: every write that is for the team alone is an act of the audit; ``told`` are
    the fields of its body that hold words worth keeping there (choices and numbers always are).
    """

    method: Method
    path: str
    summary: str
    who: Who
    handler: Callable[[Call[B]], Awaitable[Response]]
    body: type[B]
    status: int = 200
    answer: Any = None
    errors: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    media_types: tuple[str, ...] = ()
    limit_bytes: int = BODY_LIMIT_BYTES
    lenient: bool = False
    crowded: bool = False
    unasked: bool = False
    audited: bool | None = None
    told: tuple[str, ...] = ()
    example: Any = None
    answer_headers: Mapping[str, str] = field(default_factory=dict)

    def add_to(self, router: APIRouter, services: Services) -> None:
        """Add the route that performs this endpoint's checks, then its handler."""

        async def answer(request: Request) -> Response:
            request.state.template = API + self.path
            call = await self._admit(services, request)
            if self.is_act:
                return await perform(self, call)
            return await self.handler(call)

        if self.crowded:
            # A plain route costs 20 µs where FastAPI's costs 64 (no dependency, no model to solve).
            router.routes.append(Route(API + self.path, answer, methods=[self.method]))
        else:
            router.add_api_route(
                API + self.path,
                answer,
                methods=[self.method],
                summary=self.summary,
                status_code=self.status,
                response_model=None,
            )

    @property
    def is_act(self) -> bool:
        """Whether the audit is told of it here; a room tells of its own commands itself."""
        if self.audited is not None:
            return self.audited
        return self.method not in SAFE_METHODS and self.who in FOR_TEAM

    async def _admit(self, services: Services, request: Request) -> Call[B]:
        visitor: Visitor = request.state.visitor
        if self.unasked:
            return Call(services, request, visitor, NOBODY, await self._read(request), None, {})
        found = await _session(services, request)
        caller = await identify(services, request, found, newcomers=self.who is Who.NEWCOMER)
        cookies: Mapping[str, str] = request.cookies
        if self.method not in SAFE_METHODS and not cookies_count(services, request, caller):
            if self.who in ROLES and caller.via == "cookie":
                raise Problem("origin", "A write with a cookie needs the Origin header.")
            caller, cookies = NOBODY if caller.via == "cookie" else caller, {}
        caller = await self._check_role(services, caller, found)
        body = await self._read(request)
        return Call(services, request, visitor, caller, body, found, cookies)

    async def _check_role(
        self, services: Services, caller: Caller, found: SessionRecord | None
    ) -> Caller:
        roles = ROLES.get(self.who)
        if roles is None:
            return caller
        if caller.role is None:
            raise Problem("not_authenticated", "Join the session or sign in first.")
        if caller.role not in roles:
            raise Problem("forbidden", f"This is for: {self.who.value}.")
        if found is None:
            return caller
        if caller.participant is None:
            return await services.entry.owner_enters(caller, found)
        if services.entry.is_banned(await services.entry.room(found), caller.participant.id):
            raise banned()
        return caller

    async def _read(self, request: Request) -> B:
        if self.body is Nothing:
            return self.body()
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.body is Blob:
            if media_type not in self.media_types:
                raise Problem("media_type", f"Send it as {' or '.join(self.media_types)}.")
            data = await read_body(request, self.limit_bytes)
            return msgspec.convert({"media_type": media_type, "data": data}, self.body)
        data = await read_body(request, self.limit_bytes)
        if not data and self.lenient:
            return self.body()
        if media_type != "application/json":
            raise Problem("media_type", "Send it as application/json.")
        return decode(data, self.body)


def decode(data: bytes, kind: type[B]) -> B:
    """A JSON body as ``kind``; the problem names the field that does not fit."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise Problem("invalid", f"{error}.") from None
    except (msgspec.DecodeError, RecursionError):
        raise Problem("malformed", "The body is not JSON.") from None


def json(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON, never cached: what it says depends on who asks."""
    return Response(
        msgspec.json.encode(value),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def nothing() -> Response:
    """Done, and there is nothing to say about it."""
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


async def _session(services: Services, request: Request) -> SessionRecord | None:
    slug = request.path_params.get("slug")
    if slug is None:
        return None
    found = await services.entry.session(slug)
    if found is None:
        raise no_session()
    return found


def no_session() -> Problem:
    """What outsiders of a private session are told too, word for word."""
    return Problem("not_found", "There is no such session.")


async def identify(
    services: Services,
    connection: HTTPConnection,
    found: SessionRecord | None,
    *,
    newcomers: bool = False,
) -> Caller:
    """Who asks, unless nobody outside may know that there is such a session."""
    private = found is not None and found.visibility == "private"
    try:
        caller = await services.authenticator.identify(connection, found)
    except NotAuthenticated:
        if private:
            raise no_session() from None
        raise Problem("not_authenticated", "This token is not valid here.") from None
    if private and caller.role is None and not newcomers:
        raise no_session()
    return caller


def cookies_count(services: Services, request: Request, caller: Caller) -> bool:
    """Whether a write may act by its cookies: one that our own pages sent.

    Raises for a request of another site's page, whatever it carries, unless a bearer token speaks
    for it.
    """
    if caller.via == "bearer":
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return False
    if not services.addresses.is_ours(origin, request.state.visitor):
        raise Problem("origin", "This address takes writes from its own pages alone.")
    return True


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """The body, within its size and its time; whatever the client announced.

    What is too much is read on for a while and thrown away: an answer to a client that is still
    sending would be lost with the connection.
    """
    too_large = Problem(
        "too_large", f"The body may hold {limit_bytes} bytes.", headers={"Connection": "close"}
    )
    announced = request.headers.get("content-length", "0")
    waits = request.headers.get("expect", "").lower() == "100-continue"
    if waits and announced.isdigit() and int(announced) > limit_bytes:
        raise too_large
    body, size = bytearray(), 0
    try:
        async with asyncio.timeout(BODY_DEADLINE_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= limit_bytes:
                    body += chunk
                elif size > limit_bytes + DISCARD_BYTES:
                    break
    except TimeoutError:
        raise Problem(
            "timeout", "The body took too long to arrive.", headers={"Connection": "close"}
        ) from None
    if size > limit_bytes:
        raise too_large
    return bytes(body)
