"""HLS: playlists for who may watch, and pieces for whoever was given their names.

A playlist is asked for with the caller's credential each time, so who is shown out gets no further
one. A piece's name cannot be guessed and never means anything else: any cache may keep it for good.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.api.endpoint import API, Call, Endpoint, Nothing, Parameter, Who, json
from app.api.media import CORS, refused
from app.problems import Problem
from live.domain.cue_commands import NoteStep
from live.domain.funnel import Reached
from live.domain.session import SessionState
from live.ports.hls import HlsLack, HlsList, HlsRequest
from live.ports.media_refusals import MediaRefusal
from live.wire import shapes

PLAYLIST: Final = "application/vnd.apple.mpegurl"
PIECES: Final = f"{API}/hls/"
FOR_GOOD: Final = {
    **CORS,
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
LISTS: Final[dict[str, HlsList]] = {
    "index.m3u8": "index",
    "video.m3u8": "video",
    "sound.m3u8": "sound",
}


class HlsNow(shapes.Shape, frozen=True):
    """What can be watched by HLS now: ``picture`` with sound, or ``sound`` alone. ``lack`` is why
    not all: ``off`` (not switched on here), ``not_publishing``, ``cut`` by the team,
    ``no_picture``, ``no_h264`` (who publishes sends a picture that browsers do not play from
    pieces). ``low_latency``: a player may ask for parts. So many are ``watching`` this way.
    """

    picture: bool
    sound: bool
    lack: HlsLack | None
    low_latency: bool
    watching: int
    index_url: str


async def _standing(call: Call[Nothing]) -> Response:
    now = await call.services.hls.standing(call.session.id)
    return json(
        HlsNow(
            picture=now.picture,
            sound=now.sound,
            lack=now.lack,
            low_latency=now.low_latency,
            watching=now.watching,
            index_url=f"{API}/sessions/{call.session.slug}/hls/index.m3u8",
        ),
        headers=CORS,
    )


async def _playlist(call: Call[Nothing]) -> Response:
    which = LISTS.get(call.path("name"))
    if which is None:
        raise Problem("not_found", "There is no such playlist.", headers=CORS)
    if call.session.state != SessionState.LIVE:
        raise Problem("not_publishing", "Nobody is on air.", retry_after_s=2, headers=CORS)
    asked = call.request.query_params
    base = call.services.settings.hls_base_url or ""
    outcome = await call.services.hls.playlist(
        HlsRequest(
            session_id=call.session.id,
            participant_id=call.participant.id,
            which=which,
            prefix=base + PIECES,
            segment=_number(asked.get("_HLS_msn")),
            part=_number(asked.get("_HLS_part")),
            parts=asked.get("parts") != "0",
        )
    )
    if isinstance(outcome, MediaRefusal):
        raise refused(outcome)
    room = await call.services.entry.room(call.session)
    known = room.state.reached.get(call.participant.id)
    if known is None or Reached.WATCHING not in known:
        await room.act(NoteStep(call.participant.id, Reached.WATCHING))
    return Response(outcome, media_type=PLAYLIST, headers={**CORS, "Cache-Control": "no-store"})


async def _piece(call: Call[Nothing]) -> Response:
    piece = await call.services.hls.piece(call.path("piece"))
    if piece is None:
        raise Problem("not_found", "There is no such piece, or no more.", headers=CORS)
    return Response(piece, media_type="video/mp4", headers=FOR_GOOD)


async def preflight(_request: Request) -> Response:
    """Tell a browser that another site's player may ask with a bearer token."""
    allowed = {
        "Access-Control-Allow-Methods": "GET, OPTIONS",
        "Access-Control-Allow-Headers": "Authorization, Range",
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers=CORS | allowed)


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Problem("invalid", "_HLS_msn and _HLS_part are whole numbers.", headers=CORS)
    return int(text)


_WHOLE: Final = {"type": "integer"}

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/hls",
        summary="What can be watched by HLS, and why not more.",
        who=Who.PARTICIPANT,
        handler=_standing,
        body=Nothing,
        answer=HlsNow,
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/hls/{name}",
        summary="A playlist: index.m3u8, video.m3u8 (with sound) or sound.m3u8.",
        who=Who.PARTICIPANT,
        handler=_playlist,
        body=Nothing,
        answer=PLAYLIST,
        errors=(
            "not_found",
            "not_publishing",
            "hls_unavailable",
            "hls_ahead",
            "full",
            "overloaded",
            "invalid",
        ),
        parameters=(
            Parameter("_HLS_msn", "Wait for this segment.", _WHOLE),
            Parameter("_HLS_part", "Of it, for this part.", _WHOLE),
            Parameter("parts", "0: a playlist of whole segments alone."),
        ),
        crowded=True,
    ),
    Endpoint(
        method="GET",
        path="/hls/{piece}",
        summary="A piece that a playlist named; it never changes.",
        who=Who.ANYONE,
        handler=_piece,
        body=Nothing,
        answer="video/mp4",
        errors=("not_found",),
        crowded=True,
        unasked=True,
    ),
)
