"""What of a session is kept as a file: its date, and everything that was written."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Parameter, Who, no_session
from app.calendar import calendar_file
from app.database.export import as_csv, as_json, ballots_as_csv, export_session, polls_as_csv
from app.problems import Problem

CSV: Final = "text/csv; charset=utf-8"
EXPORTS: Final = {
    "json": ("application/json", "json", as_json),
    "csv": (CSV, "csv", as_csv),
    "polls": (CSV, "polls.csv", polls_as_csv),
    "ballots": (CSV, "ballots.csv", ballots_as_csv),
}
"""By the name of a format: its type, how a file of it is called, and how it is made."""


async def _calendar(call: Call[Nothing]) -> Response:
    room = await call.services.entry.room(call.session)
    session = room.state.session
    if session.starts_at is None:
        raise Problem("not_found", "This session has no date.")
    url = f"{call.services.addresses.base(call.visitor)}/s/{session.slug}"
    name = call.services.brands.current.name
    return Response(
        calendar_file(session, url=url, organiser=name, now=call.services.clock.now()),
        media_type="text/calendar; charset=utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{session.slug}.ics"',
        },
    )


async def _export(call: Call[Nothing]) -> Response:
    kind = call.request.query_params.get("format", "json")
    if kind not in EXPORTS:
        raise Problem("invalid", f"format is one of: {', '.join(EXPORTS)}.")
    export = await export_session(call.services.database, call.session.id)
    if export is None:
        raise no_session()
    media_type, ending, make = EXPORTS[kind]
    return Response(
        await asyncio.to_thread(make, export),
        media_type=media_type,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{call.session.slug}.{ending}"',
        },
    )


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/calendar.ics",
        summary="The date, for a calendar.",
        who=Who.ENTRANT,
        handler=_calendar,
        body=Nothing,
        answer="text/calendar",
        errors=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/export",
        summary="Everything of the session, to keep; in CSV what people wrote, how polls stand, and"
        " the ballots of named ones.",
        who=Who.HOST,
        handler=_export,
        body=Nothing,
        audited=True,  # it reads everything that everyone wrote
        answer="application/json",
        parameters=(Parameter("format", "what, and as what", {"enum": list(EXPORTS)}),),
    ),
)
