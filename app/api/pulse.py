"""The pulse for the team: its curves, its moments, and how far people came."""

from __future__ import annotations

from typing import Final, Literal

from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Who, json
from live.domain.pulse import TICK_S
from live.gateway.curves import curve
from live.gateway.funnel import funnel
from live.gateway.views import rfc3339
from live.wire import pulse as wire
from live.wire.shape import Shape
from moderation.cues.moments import moments


class Moment(Shape, frozen=True):
    """So many ``people`` began with a reaction within ten seconds; the question that was being
    answered and the part that was on, where there were."""

    kind: Literal["applause", "confused"]
    at: str
    people: int
    question_id: str | None
    part_id: str | None


class PulseNow(Shape, frozen=True):
    """The last quarter of an hour, oldest first; a tick in which nothing was counted is not there.
    Ticks are ``tick_s`` seconds long."""

    tick_s: int
    ticks: list[wire.CurveTick]
    moments: list[Moment]


async def _pulse(call: Call[Nothing]) -> Response:
    state = (await call.services.entry.room(call.session)).state
    ticks = sorted(state.ticks.values(), key=lambda each: each.at)
    return json(
        PulseNow(
            tick_s=TICK_S,
            ticks=curve(ticks),
            moments=[
                Moment(
                    kind="applause" if each.kind == "applause" else "confused",
                    at=rfc3339(each.at),
                    people=each.people,
                    question_id=each.question_id,
                    part_id=each.part_id,
                )
                for each in moments(state, ticks)
            ],
        )
    )


async def _funnel(call: Call[Nothing]) -> Response:
    state = (await call.services.entry.room(call.session)).state
    return json(funnel(state.reached.items(), dict(state.participants.items())))


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/pulse",
        summary="The curves of the last quarter of an hour, and its moments.",
        who=Who.STAFF,
        handler=_pulse,
        body=Nothing,
        answer=PulseNow,
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/funnel",
        summary="How many people came how far, by segment.",
        who=Who.STAFF,
        handler=_funnel,
        body=Nothing,
        answer=wire.Funnel,
    ),
)
