"""What a viewer's leg gets of the picture: read, and chosen (the layer extension of WHEP)."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Who, json
from app.api.media import CORS, keep_to_rate, own_leg, refused
from live.ports.media import LayerWish, LegId, MediaEngine, Quality
from live.ports.media_refusals import MediaRefusal
from live.wire import shapes

HEIGHT_MOST: Final = 16_384


class ChooseLayer(Struct, frozen=True, forbid_unknown_fields=True):
    """How to watch; what is left out stays as it was.

    ``quality``: ``auto`` is what the link carries and the player shows, ``high`` the best that the
    link carries, ``low`` the smallest picture, ``audio`` none. ``max_height`` is how high the
    player shows it, in pixels of the screen; 0 takes the bound away.
    """

    quality: Quality | None = None
    max_height: Annotated[int, Meta(ge=0, le=HEIGHT_MOST)] | None = None


class Watched(shapes.Shape, frozen=True):
    """What the leg gets now. Without a ``picture`` it is sound alone: wished so, or because the
    link carries no more (``short_link``), or because nobody sends one. ``height`` is null where it
    is not known.
    """

    quality: Quality
    picture: bool
    height: int | None
    bitrate_bps: int
    short_link: bool


async def _read(call: Call[Nothing]) -> Response:
    return await _adjusted(call.services.media, await own_leg(call), LayerWish())


async def _choose(call: Call[ChooseLayer]) -> Response:
    keep_to_rate(call)
    wish = LayerWish(call.body.quality, call.body.max_height)
    return await _adjusted(call.services.media, await own_leg(call), wish)


async def _adjusted(media: MediaEngine, leg_id: LegId, wish: LayerWish) -> Response:
    gets = await media.adjust(leg_id, wish)
    if isinstance(gets, MediaRefusal):
        raise refused(gets)
    response = json(
        Watched(
            quality=gets.quality,
            picture=gets.picture,
            height=gets.height,
            bitrate_bps=gets.bitrate_bps,
            short_link=gets.short_link,
        )
    )
    response.headers.update(CORS)
    return response


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/legs/{leg_id}/layer",
        summary="What a viewer's leg gets of the picture.",
        who=Who.ENTRANT,
        handler=_read,
        body=Nothing,
        answer=Watched,
        errors=("engine_down", "handed_off"),
    ),
    Endpoint(
        method="POST",
        path="/sessions/{slug}/legs/{leg_id}/layer",
        summary="Choose what a viewer's leg gets of the picture; the answer is what it gets.",
        who=Who.ENTRANT,
        handler=_choose,
        body=ChooseLayer,
        answer=Watched,
        errors=("engine_down", "handed_off", "rate_limited"),
    ),
)
