"""Pictures of products: taken from the team, shown to who may enter."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, insert, select
from starlette.responses import Response

from app.api.endpoint import Blob, Call, Endpoint, Nothing, Who, json
from app.database.tables import pictures as table
from app.pictures import FORMATS, LIMIT_BYTES, NotAPicture, clean_picture
from app.problems import Problem
from live.adapters.sql.rows import microseconds
from live.wire import shapes

MOST: Final = 100
YEAR_S: Final = 31_536_000


class PictureAnswer(shapes.Shape, frozen=True):
    """The name by which a product has it."""

    id: str


class _TooManyError(Exception):
    """Undoes the transaction that would keep one too many."""


async def _add(call: Call[Blob]) -> Response:
    services = call.services
    try:
        picture = await clean_picture(call.body.data, call.body.media_type)
    except NotAPicture as error:
        raise Problem("invalid", str(error)) from None
    picture_id = services.entropy.new_id()
    of_session = table.c.session_id == call.session.id

    def add(connection: Connection) -> None:
        kept = select(func.count()).select_from(table).where(of_session)
        if (connection.scalar(kept) or 0) >= MOST:
            raise _TooManyError
        row = {
            "id": picture_id,
            "session_id": call.session.id,
            "media_type": picture.media_type,
            "data": picture.data,
            "added_us": microseconds(services.clock.now()),
        }
        connection.execute(insert(table).values(row))

    try:
        await services.database.write(add)
    except _TooManyError:
        raise Problem("too_many", f"A session keeps {MOST} pictures.") from None
    return json(PictureAnswer(picture_id), status=201)


async def _read(call: Call[Nothing]) -> Response:
    query = select(table.c.media_type, table.c.data).where(
        table.c.session_id == call.session.id, table.c.id == call.path("picture_id")
    )
    found = await call.services.database.read(lambda connection: connection.execute(query).first())
    if found is None:
        raise Problem("not_found", "There is no such picture.")
    headers = {"Cache-Control": f"private, max-age={YEAR_S}, immutable"}
    return Response(bytes(found.data), media_type=found.media_type, headers=headers)


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/sessions/{slug}/pictures",
        summary="Add a product's picture; it is re-encoded, at most 512 pixels wide and high.",
        who=Who.STAFF,
        handler=_add,
        body=Blob,
        media_types=tuple(FORMATS),
        limit_bytes=LIMIT_BYTES,
        status=201,
        answer=PictureAnswer,
        errors=("invalid", "too_many"),
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/pictures/{picture_id}",
        summary="A product's picture.",
        who=Who.ENTRANT,
        handler=_read,
        body=Nothing,
        answer="image/png",
        errors=("not_found",),
    ),
)
