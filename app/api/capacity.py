"""How many viewers this machine carries, for the team to read before the show."""

from __future__ import annotations

from typing import Final, Literal

from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Who, json
from app.problems import Problem
from live.ports.media_figures import CapacityBound
from live.wire.shape import Shape


class LayerNow(Shape, frozen=True):
    """So many ``viewers`` if each is sent a picture of this ``height`` (null: not known)."""

    viewers: int
    height: int | None
    bitrate_bps: int


class CapacityNow(Shape, frozen=True):
    """How many the session may have in all: viewers in each way to watch it, from the best to the
    cheapest (``layers``), or ``listeners`` to the sound alone; ``watching`` are there. Rates are
    ``measured``, or those of a usual picture. ``bound``: what limits the first of the layers, the
    machine's cores (``processor``), its ``link`` (``CAUSERIE_EGRESS_MBIT``) or a ``setting``
    (``CAUSERIE_MAX_VIEWERS``). ``hls_lack``: why HLS will have no picture: it is ``off``, or who
    publishes sends ``no_h264``; null while there is no reason."""

    layers: list[LayerNow]
    listeners: int
    watching: int
    measured: bool
    bound: CapacityBound
    hls_lack: Literal["off", "no_h264"] | None


async def _capacity(call: Call[Nothing]) -> Response:
    if call.services.settings.handed_off is not None:
        raise Problem("handed_off", "How many viewers fit, only the server knows that has them.")
    found = await call.services.media.capacity(call.session.id)
    return json(
        CapacityNow(
            layers=[LayerNow(each.viewers, each.height, each.bitrate_bps) for each in found.layers],
            listeners=found.listeners,
            watching=found.watching,
            measured=found.measured,
            bound=found.bound,
            hls_lack=await _hls_lack(call),
        )
    )


async def _hls_lack(call: Call[Nothing]) -> Literal["off", "no_h264"] | None:
    """Known in the preview already: there is time for another program, or another setting of it."""
    if not call.services.settings.hls:
        return "off"
    seats = (await call.services.media.stats(call.session.id)).seats
    codecs = [seat.video_codec for seat in seats if seat.video_codec is not None]
    return "no_h264" if codecs and codecs[0] != "H264" else None


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/capacity",
        summary="How many viewers this machine carries.",
        who=Who.STAFF,
        handler=_capacity,
        body=Nothing,
        answer=CapacityNow,
        errors=("handed_off",),
    ),
)
