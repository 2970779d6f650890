"""People: come in, and be forgotten."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Who, json, nothing
from app.auth import COOKIE_DAYS, DEVICE_COOKIE, session_cookie
from app.entry import Entered, Wishes
from app.evasion import REVIEW, traces_of
from app.network import Visitor
from app.problems import Problem
from live.domain.ids import ParticipantId
from live.domain.people import Participant, Role
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import Sanctioned
from live.wire import shapes

DAY_S: Final = 86_400


class Join(Struct, frozen=True, forbid_unknown_fields=True):
    """Who one would like to be. Also asked to find out who one is. A language that nobody chose
    (``language_guessed``: the browser's) holds for newcomers, until they write in another one."""

    display_name: str | None = None
    language: str | None = None
    segment: str | None = None
    invite: str | None = None
    language_guessed: bool = False


class Myself(shapes.Shape, frozen=True):
    """A participant, as told to themselves."""

    id: str
    role: shapes.Role
    display_name: str | None
    segment: str
    language: str


class Joined(shapes.Shape, frozen=True):
    """One is in; ``token`` is a bearer token for this session."""

    participant: Myself
    token: str


async def _join(call: Call[Join]) -> Response:
    services, body = call.services, call.body
    later_s = services.gateway.pace.retry_after_s
    if later_s is not None:
        raise Problem("overloaded", "The server is too busy; try again.", retry_after_s=later_s)
    if call.caller.participant is None or body.invite is not None:
        wait_s = await services.joins.take(call.visitor.network)
        if wait_s > 0:
            raise Problem("rate_limited", "Too many joins from here.", retry_after_s=wait_s)
    person = services.authenticator.person_of(call.cookies)
    wishes = Wishes(body.display_name, body.language, body.segment, body.language_guessed)
    entered = await services.entry.enter(call.session, call.caller, person, wishes, body.invite)
    await _look_at(call, entered)
    response = json(Joined(participant=myself(entered.participant), token=entered.token))
    remember(response, call.visitor, session_cookie(call.session.slug), entered.token)
    if entered.participant.role is not Role.OWNER:
        person = entered.participant.person_id or person
        if person is not None:
            device = services.authenticator.device_cookie(person)
            remember(response, call.visitor, DEVICE_COOKIE, device)
    return response


async def _look_at(call: Call[Join], entered: Entered) -> None:
    """A viewer who seems to be someone banned lately is let in, and what they write is held."""
    services, participant = call.services, entered.participant
    if not services.evasion.on or participant.role is not Role.VIEWER:
        return
    traces = traces_of(call.visitor.address, call.request.headers)
    if await services.evasion.note(participant.id, traces, newcomer=entered.newcomer):
        room = await services.entry.room(call.session)
        until = services.clock.now() + REVIEW
        await room.act(Sanctioned(participant.id, SanctionKind.REVIEW, until))


async def _erase(call: Call[Nothing]) -> Response:
    participant_id = ParticipantId(call.path("participant_id"))
    if call.caller.role is not Role.OWNER and call.participant.id != participant_id:
        raise Problem("forbidden", "This is for the owner, and for oneself.")
    by = call.participant.id
    if not await call.services.leaving.erase(call.session, participant_id, by=by):
        raise Problem("not_found", "There is no such participant.")
    return nothing()


def myself(participant: Participant) -> Myself:
    """A participant as they are told about themselves."""
    return Myself(
        id=participant.id,
        role=participant.role.value,
        display_name=participant.display_name,
        segment=participant.segment,
        language=participant.language,
    )


def remember(
    response: Response, visitor: Visitor, name: str, value: str, *, days: int = COOKIE_DAYS
) -> None:
    """Set one of our cookies: out of reach of scripts, of other sites, and of the clear wire."""
    response.set_cookie(
        name,
        value,
        max_age=days * DAY_S,
        path="/",
        secure=visitor.secure,
        httponly=True,
        samesite="lax",
    )


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/sessions/{slug}/join",
        summary="Come in, or learn as whom one is in already.",
        who=Who.NEWCOMER,
        handler=_join,
        body=Join,
        lenient=True,
        crowded=True,
        answer=Joined,
        errors=(
            "banned",
            "segment_closed",
            "invite_unknown",
            "invite_expired",
            "invite_revoked",
            "invite_used_up",
            "name_taken",
            "too_long",
            "empty",
            "control_characters",
            "rate_limited",
            "overloaded",
        ),
        example={"display_name": "Inès", "language": "fr", "segment": "customer"},
        answer_headers={"Set-Cookie": "The session's cookie, HttpOnly and SameSite=Lax."},
    ),
    Endpoint(
        method="DELETE",
        path="/sessions/{slug}/participants/{participant_id}",
        summary="Erase someone's words and name in this session: for the owner, and for oneself.",
        who=Who.PARTICIPANT,
        handler=_erase,
        body=Nothing,
        status=204,
        errors=("forbidden",),
    ),
)
