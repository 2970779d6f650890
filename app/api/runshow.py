"""The run of show as text or a table: taken over from elsewhere, and kept elsewhere."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from app.api.endpoint import Blob, Call, Endpoint, Nothing, Parameter, Who, json
from app.entry import refuse
from app.problems import Problem
from app.runshow_text import UnreadableError, as_csv, as_text, read_parts
from live.domain.part import ImportParts
from live.domain.runshow import drafts_of
from live.gateway import runshow
from live.gateway.views import View
from live.wire import shapes
from live.wire.runshow import Part

FORMATS: Final = {"text": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8"}


class Parts(shapes.Shape, frozen=True):
    """All parts, in their order."""

    parts: list[Part]


async def _export(call: Call[Nothing]) -> Response:
    kind = call.request.query_params.get("format", "text")
    if kind not in FORMATS:
        raise Problem("invalid", f"format is one of: {', '.join(FORMATS)}.")
    state = (await call.services.entry.room(call.session)).state
    drafts, languages = drafts_of(state), state.session.languages
    made = as_csv(drafts, languages) if kind == "csv" else as_text(drafts, languages[0])
    suffix = "csv" if kind == "csv" else "txt"
    name = f"{call.session.slug}-run-of-show.{suffix}"
    return Response(
        made,
        media_type=FORMATS[kind],
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


async def _import(call: Call[Blob]) -> Response:
    room = await call.services.entry.room(call.session)
    asked = call.request.query_params
    revision = asked.get("revision")
    if revision is not None and not revision.isdecimal():
        raise Problem("invalid", "revision is a number.")
    try:
        text = call.body.data.decode()
        drafts = read_parts(text, room.state.session.languages)
    except UnicodeDecodeError:
        raise Problem("invalid", "This is not text in UTF-8.") from None
    except UnreadableError as error:
        raise Problem("invalid", str(error)) from None
    if not drafts:
        raise Problem("empty", "There is no part in this.")
    command = ImportParts(
        drafts,
        replace=asked.get("replace") == "1",
        revision=None if revision is None else int(revision[:9]),
    )
    refuse(await room.execute(call.participant.id, call.services.entropy.new_id(), b"", command))
    return json(Parts(runshow.parts(View(room.state, staff=True))), status=201)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/runshow",
        summary="The run of show, to keep or to use again.",
        who=Who.STAFF,
        handler=_export,
        body=Nothing,
        answer="text/plain",
        parameters=(Parameter("format", "text or csv", {"enum": ["text", "csv"]}),),
    ),
    Endpoint(
        method="POST",
        path="/sessions/{slug}/runshow",
        summary="Add the parts of a text or a table to the run of show, all or none.",
        who=Who.STAFF,
        handler=_import,
        body=Blob,
        media_types=("text/plain", "text/csv"),
        audited=False,  # the room does it, and tells
        status=201,
        answer=Parts,
        errors=(
            "too_long",
            "empty",
            "control_characters",
            "stale",
            "wrong_state",
            "overloaded",
        ),
        parameters=(
            Parameter("replace", "1: in the place of all that have not been on yet"),
            Parameter("revision", "with replace: the run of show as it was seen"),
        ),
    ),
)
