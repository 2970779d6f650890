"""What stands against oneself, and the way to be heard about it: also for who is banned."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from starlette.responses import Response

from app.api.endpoint import B, Call, Endpoint, Nothing, Who, json
from app.entry import refuse
from app.problems import Problem
from live.domain.people import Participant
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import FileAppeal
from live.gateway.views import View
from live.wire import desk_shapes, shapes


class Appeal(Struct, frozen=True, forbid_unknown_fields=True):
    """Against what stands of this kind, in one's own words (500 characters at most)."""

    kind: desk_shapes.SanctionKind
    text: str


class Standing(shapes.Shape, frozen=True):
    """The sanctions that hold against oneself, with their reasons, and one's appeals with what
    came of them."""

    sanctions: list[desk_shapes.Sanction]
    appeals: list[desk_shapes.Paper]


async def _myself(call: Call[B]) -> Participant:
    """The caller, by credential or device, whether or not they may enter."""
    services = call.services
    person = services.authenticator.person_of(call.cookies)
    found = await services.entry.appellant(call.session, call.caller, person)
    if found is None:
        raise Problem("not_found", "Nobody is known here by what you show.")
    return found


async def _standing(call: Call[Nothing]) -> Response:
    me = await _myself(call)
    state = (await call.services.entry.room(call.session)).state
    now = call.services.clock.now()
    view = View(state, staff=False, reader=me.id)
    mine = [each for each in state.sanctions.values() if each.participant_id == me.id]
    return json(
        Standing(
            sanctions=[view.sanction(each) for each in mine if each.holds(now)],
            appeals=[each for each in view.papers_of(me.id) if each.kind == "appeal"],
        )
    )


async def _appeal(call: Call[Appeal]) -> Response:
    me = await _myself(call)
    room = await call.services.entry.room(call.session)
    command = FileAppeal(SanctionKind(call.body.kind), call.body.text)
    command_id = call.services.entropy.new_id()
    wait_s = call.services.gateway.charge(me.id, command_id, command)
    if wait_s > 0:
        raise Problem("rate_limited", "That is too fast.", retry_after_s=wait_s)
    outcome = await room.execute(me.id, command_id, b"", command)
    refuse(outcome)
    view = View(room.state, staff=False, reader=me.id)
    appeals = [each for each in view.papers_of(me.id) if each.kind == "appeal"]
    return json(appeals[-1], status=201)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/standing",
        summary="What stands against oneself here, why, and what came of an appeal.",
        who=Who.ENTRANT,
        handler=_standing,
        body=Nothing,
        answer=Standing,
        errors=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/sessions/{slug}/appeals",
        summary="Appeal against what stands against oneself, once; open to the banned.",
        who=Who.ENTRANT,
        handler=_appeal,
        body=Appeal,
        status=201,
        answer=desk_shapes.Paper,
        errors=(
            "not_found",
            "wrong_state",
            "too_long",
            "empty",
            "control_characters",
            "rate_limited",
            "overloaded",
        ),
        example={"kind": "ban", "text": "It was my little brother."},
    ),
)
