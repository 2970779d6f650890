"""Invites: make one, see what there are, take one back."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Who, json, nothing
from app.api.moments import Moment, utc
from app.invites import MadeInvite, make_invite
from app.problems import Problem
from app.rehearsal import is_rehearsal
from live.domain.people import Role
from live.gateway.views import rfc3339
from live.wire import shapes

USES_MAX: Final = 1_000_000


class CreateInvite(Struct, frozen=True, forbid_unknown_fields=True):
    """A way in for ``uses`` people (null: any number) until ``expires_at`` (null: for good)."""

    role: Literal["host", "moderator", "guest", "viewer"]
    segment: str | None = None
    expires_at: Moment | None = None
    uses: Annotated[int, Meta(ge=1, le=USES_MAX)] | None = None


class Invite(shapes.Shape, frozen=True):
    """What is known of an invite afterwards."""

    id: str
    role: shapes.Role
    segment: str | None
    expires_at: str | None
    uses: int | None
    used: int
    revoked: bool
    created_at: str


class InviteList(shapes.Shape, frozen=True):
    """The invites of a session, the oldest first."""

    invites: list[Invite]


async def _create(call: Call[CreateInvite]) -> Response:
    body, services = call.body, call.services
    if is_rehearsal(call.session.slug) and not Role(body.role).is_staff:
        raise Problem("forbidden", "To a rehearsal nobody but the team is invited.")
    room = await services.entry.room(call.session)
    if body.segment is not None and room.state.session.segment_is_open(body.segment) is None:
        raise Problem("invalid", "There is no such segment.")
    expires_at = None if body.expires_at is None else utc(body.expires_at)
    if expires_at is not None and expires_at <= services.clock.now():
        raise Problem("invalid", "An invite expires in the future.")
    made = await make_invite(
        services,
        call.session,
        Role(body.role),
        services.addresses.base(call.visitor),
        segment=body.segment,
        expires_at=expires_at,
        uses=body.uses,
    )
    return json(made, status=201)


async def _listing(call: Call[Nothing]) -> Response:
    records = await call.services.directory.list_invites(call.session.id)
    invites = [
        Invite(
            id=record.id,
            role=record.role.value,
            segment=record.segment,
            expires_at=None if record.expires_at is None else rfc3339(record.expires_at),
            uses=record.uses,
            used=record.used,
            revoked=record.revoked_at is not None,
            created_at=rfc3339(record.created_at),
        )
        for record in records
    ]
    return json(InviteList(invites=invites))


async def _revoke(call: Call[Nothing]) -> Response:
    if not await call.services.leaving.revoke_invite(call.session, call.path("invite_id")):
        raise Problem("not_found", "There is no such invite.")
    return nothing()


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/sessions/{slug}/invites",
        summary="Make an invite; its token is told this once.",
        who=Who.HOST,
        handler=_create,
        body=CreateInvite,
        told=("segment",),
        status=201,
        answer=MadeInvite,
        example={"role": "viewer", "segment": "ambassador", "uses": 20},
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/invites",
        summary="The invites of a session, without their tokens.",
        who=Who.HOST,
        handler=_listing,
        body=Nothing,
        answer=InviteList,
    ),
    Endpoint(
        method="DELETE",
        path="/sessions/{slug}/invites/{invite_id}",
        summary="Take an invite back; everyone it let in is shown out within a second.",
        who=Who.HOST,
        handler=_revoke,
        body=Nothing,
        status=204,
    ),
)
