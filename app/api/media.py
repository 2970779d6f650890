"""Picture and sound: WHIP in (RFC 9725), WHEP out, and the legs that came of them.

These may be called from pages of other sites with a bearer token, so that players made by others
can be used: the browser is told so (CORS), and is never told that cookies may come along.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.api.endpoint import API, B, Blob, Call, Endpoint, Nothing, Parameter, Who, nothing
from app.problems import Problem
from app.stage import Place
from app.turn import turn_links
from live.domain.cue_commands import NoteStep
from live.domain.funnel import Reached
from live.domain.outcome import Refusal
from live.domain.people import Role
from live.domain.session import SessionState
from live.ports.media import SDP_LIMIT_BYTES, Leg, LegId, PublishRequest, Restarted, WatchRequest
from live.ports.media_refusals import MediaRefusal
from live.room.surface import AnyRoom

SDP: Final = "application/sdp"
FRAGMENT: Final = "application/trickle-ice-sdpfrag"
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, ETag, Link, Retry-After",
}
LAYER_EXTENSION: Final = "urn:ietf:params:whep:ext:core:layer"
"""Where a viewer chooses its layer (draft-murillo-whep section 4.6)."""

PREFLIGHT: Final = CORS | {
    "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Max-Age": "86400",
    "Accept-Post": SDP,
}


async def _publish(call: Call[Blob]) -> Response:
    keep_to_rate(call)
    room = await call.services.entry.room(call.session)
    state = room.state.session.state
    if state not in (SessionState.LOBBY, SessionState.LIVE):
        raise Problem("wrong_state", f"Nobody publishes while the session is “{state}”.")
    place = await _place(call, room)
    outcome = await call.services.media.publish(
        PublishRequest(
            session_id=call.session.id,
            participant_id=call.participant.id,
            seat=place.seat,
            offer_sdp=_sdp(call.body.data),
            takeover=call.request.query_params.get("takeover") == "1",
            on_air=place.on_air,
            muted=place.muted,
        )
    )
    return _leg(call, outcome)


async def _place(call: Call[Blob], room: AnyRoom) -> Place:
    if call.caller.role is not Role.GUEST:
        return Place("host", on_air=True, muted=False)
    place = await call.services.stage.place(room, call.participant.id)
    if isinstance(place, Refusal):
        raise Problem("seat_taken", place.message, retry_after_s=place.retry_after_s)
    return place


async def _watch(call: Call[Blob]) -> Response:
    keep_to_rate(call)
    request = WatchRequest(
        session_id=call.session.id,
        participant_id=call.participant.id,
        offer_sdp=_sdp(call.body.data),
    )
    response = _leg(call, await call.services.media.watch(request))
    layer = f'<{response.headers["location"]}/layer>; rel="{LAYER_EXTENSION}"'
    response.headers.append("Link", layer)
    room = await call.services.entry.room(call.session)
    await room.act(NoteStep(call.participant.id, Reached.WATCHING))
    return response


async def _trickle(call: Call[Blob]) -> Response:
    keep_to_rate(call)
    leg_id = await own_leg(call)
    outcome = await call.services.media.trickle(
        leg_id, call.request.headers.get("if-match"), _sdp(call.body.data)
    )
    if isinstance(outcome, MediaRefusal):
        raise refused(outcome)
    if isinstance(outcome, Restarted):
        return Response(
            outcome.fragment, media_type=FRAGMENT, headers={**CORS, "ETag": outcome.etag}
        )
    return Response(status_code=204, headers=CORS)


async def _hang_up(call: Call[Nothing]) -> Response:
    if not await call.services.media.hang_up(await own_leg(call)):
        raise _no_leg()
    response = nothing()
    response.headers.update(CORS)
    return response


async def preflight(_request: Request) -> Response:
    """Tell a browser that another site's page may call this with a bearer token."""
    return Response(status_code=204, headers=PREFLIGHT)


def is_open_to_other_sites(path: str) -> bool:
    """Whether pages of other sites may read what is answered there, refusals too."""
    if path.startswith(f"{API}/hls/"):
        return True
    return path.endswith(("/whip", "/whep", "/hls")) or "/legs/" in path or "/hls/" in path


def keep_to_rate(call: Call[B]) -> None:
    """Count a call that the engine has to look at. Raises the problem of those who call too
    often."""
    me = call.caller.participant
    wait_s = 0.0 if me is None else call.services.media_calls.take(me.id)
    if wait_s > 0:
        raise Problem("rate_limited", "Too many calls for picture and sound.", retry_after_s=wait_s)


async def own_leg(call: Call[B]) -> LegId:
    """The leg of the path, if it is the caller's; to all others there is none."""
    leg_id = LegId(call.path("leg_id"))
    owner = await call.services.media.owner_of(leg_id)
    me = call.caller.participant
    if owner is None or me is None:
        raise _no_leg()
    if (owner.session_id, owner.participant_id) != (call.session.id, me.id):
        raise _no_leg()
    return leg_id


def _no_leg() -> Problem:
    return Problem("not_found", "There is no such leg.")


def _leg(call: Call[Blob], outcome: Leg | MediaRefusal) -> Response:
    if isinstance(outcome, MediaRefusal):
        raise refused(outcome)
    response = Response(
        outcome.answer_sdp,
        status_code=201,
        media_type=SDP,
        headers={
            **CORS,
            "Location": f"{API}/sessions/{call.session.slug}/legs/{outcome.leg_id}",
            "ETag": outcome.etag,
            "Accept-Patch": FRAGMENT,
            "Cache-Control": "no-store",
        },
    )
    services = call.services
    relays = turn_links(services.settings, call.participant.id, services.clock.now())
    for link in (*outcome.links, *relays):
        response.headers.append("Link", link)
    return response


def refused(refusal: MediaRefusal) -> Problem:
    """A refusal of the engine, as an answer that pages of other sites may read."""
    fits = {"sound_fits": refusal.sound_fits, "hls_fits": refusal.hls_fits}
    more = {name: True for name, does in fits.items() if does}
    return Problem(
        refusal.code,
        refusal.message,
        retry_after_s=refusal.retry_after_s,
        headers=CORS,
        more=more,
    )


def _sdp(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Problem("malformed_sdp", "The session description is not UTF-8.") from None


_IF_MATCH: Final = Parameter("If-Match", "The leg's ETag.", place="header")
_MADE: Final = {
    "Location": "The leg: PATCH it with candidates, DELETE it to hang up.",
    "ETag": "For If-Match, until an ICE restart gives another.",
    "Link": "Relays, if there are any (rel=ice-server, RFC 9725 section 4.6).",
}

ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/sessions/{slug}/whip",
        summary="Publish. In the lobby this is a preview that nobody receives.",
        who=Who.PUBLISHER,
        handler=_publish,
        body=Blob,
        media_types=(SDP,),
        limit_bytes=SDP_LIMIT_BYTES,
        status=201,
        answer=SDP,
        errors=(
            "malformed_sdp",
            "codec",
            "seat_taken",
            "wrong_state",
            "handed_off",
            "rate_limited",
            "overloaded",
            "engine_down",
        ),
        parameters=(Parameter("takeover", "1: replace who publishes on this seat."),),
        answer_headers=_MADE,
    ),
    Endpoint(
        method="POST",
        path="/sessions/{slug}/whep",
        summary="Watch. 409 with Retry-After while nobody publishes.",
        who=Who.PARTICIPANT,
        handler=_watch,
        body=Blob,
        media_types=(SDP,),
        limit_bytes=SDP_LIMIT_BYTES,
        status=201,
        answer=SDP,
        errors=(
            "malformed_sdp",
            "codec",
            "not_publishing",
            "full",
            "rate_limited",
            "overloaded",
            "engine_down",
        ),
        answer_headers=_MADE
        | {"Link": "Where to choose what comes of the picture; and relays, as for publishing."},
    ),
    Endpoint(
        method="PATCH",
        path="/sessions/{slug}/legs/{leg_id}",
        summary="Add candidates (204) or restart ICE (200, with a new ETag).",
        who=Who.ENTRANT,
        handler=_trickle,
        body=Blob,
        media_types=(FRAGMENT,),
        limit_bytes=SDP_LIMIT_BYTES,
        status=204,
        errors=(
            "malformed_sdp",
            "handed_off",
            "etag_required",
            "etag_mismatch",
            "rate_limited",
            "engine_down",
        ),
        parameters=(_IF_MATCH,),
    ),
    Endpoint(
        method="DELETE",
        path="/sessions/{slug}/legs/{leg_id}",
        summary="Hang up.",
        who=Who.ENTRANT,
        handler=_hang_up,
        body=Nothing,
        status=204,
    ),
)
