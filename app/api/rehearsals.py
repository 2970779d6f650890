"""Rehearse one's own show, and have it wiped."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Who, json
from app.invites import MadeInvite
from app.problems import Problem
from app.readiness import Unready, unready
from app.rehearsal import PREFIX
from live.adapters.sql.tables import events
from live.domain.session_events import StageChanged
from live.wire import shapes


class Rehearsed(shapes.Shape, frozen=True):
    """What is not ready; nothing of the rehearsal is left."""

    unready: list[Unready]


async def _begin(call: Call[Nothing]) -> Response:
    services = call.services
    base = services.addresses.base(call.visitor)
    made = await services.rehearsals.begin(services, call.session, base)
    return json(made, status=201)


async def _end(call: Call[Nothing]) -> Response:
    services = call.services
    copy = await services.directory.find_session(PREFIX + call.session.slug)
    if copy is None:
        raise Problem("not_found", "There is no rehearsal of this show.")
    staged = select(events.c.seq).where(
        events.c.session_id == copy.id, events.c.type == StageChanged.type
    )
    seen = await services.database.read(lambda connection: connection.execute(staged).first())
    state = (await services.entry.room(copy)).state
    found = unready(state, call.session.slug, camera_was_on=seen is not None)
    await services.rehearsals.wipe(services, call.session.slug)
    return json(Rehearsed(unready=found))


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/sessions/{slug}/rehearsal",
        summary="Rehearse in a private copy with a played audience; the link lets the host in.",
        who=Who.HOST,
        handler=_begin,
        body=Nothing,
        status=201,
        answer=MadeInvite,
        errors=("wrong_state", "too_long", "overloaded"),
    ),
    Endpoint(
        method="DELETE",
        path="/sessions/{slug}/rehearsal",
        summary="Wipe the rehearsal of this show; tells what is not ready.",
        who=Who.HOST,
        handler=_end,
        body=Nothing,
        answer=Rehearsed,
        errors=("not_found",),
    ),
)
