"""What the team has ready to say: kept for the brand, a text for a language, with variables.

A variable is a word in braces that the page fills in: ``{name}`` of who is answered, ``{session}``,
``{brand}``, ``{offer}`` and others; what a page does not know, it leaves for the writer to fill.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct
from sqlalchemy import Connection, delete, func, insert, select, update
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Who, json, nothing
from app.database.tables import saved_replies as table
from app.problems import Problem
from live.adapters.sql.rows import microseconds
from live.domain.outcome import Limits, Refusal
from live.domain.text import clean_language, clean_text
from live.wire import shapes

MOST: Final = 100
TITLE_MAX: Final = 40


class WrittenReply(Struct, frozen=True, forbid_unknown_fields=True):
    """A reply to keep."""

    language: Annotated[str, Meta(max_length=35)]
    title: str
    text: str


class SavedReply(shapes.Shape, frozen=True):
    """A reply that is kept."""

    id: str
    language: str
    title: str
    text: str


class SavedReplies(shapes.Shape, frozen=True):
    """All of them, by title."""

    replies: list[SavedReply]


class _TooManyError(Exception):
    """Undoes the transaction that would keep one too many."""


class _UnknownError(Exception):
    """Undoes a transaction that would change nothing."""


async def _listing(call: Call[Nothing]) -> Response:
    query = select(table).order_by(table.c.title, table.c.id)
    found = await call.services.database.read(lambda connection: connection.execute(query).all())
    replies = [SavedReply(row.id, row.language, row.title, row.text) for row in found]
    return json(SavedReplies(replies=replies))


async def _add(call: Call[WrittenReply]) -> Response:
    reply = _cleaned(call, call.services.entropy.new_id())

    def add(connection: Connection) -> None:
        if (connection.scalar(select(func.count()).select_from(table)) or 0) >= MOST:
            raise _TooManyError
        connection.execute(insert(table).values(_row(call, reply)))

    try:
        await call.services.database.write(add)
    except _TooManyError:
        raise Problem("too_many", f"{MOST} replies can be kept.") from None
    return json(reply, status=201)


async def _change(call: Call[WrittenReply]) -> Response:
    reply = _cleaned(call, call.path("reply_id"))

    def change(connection: Connection) -> None:
        changed = update(table).where(table.c.id == reply.id).values(_row(call, reply))
        if connection.execute(changed).rowcount == 0:
            raise _UnknownError

    try:
        await call.services.database.write(change)
    except _UnknownError:
        raise _no_reply() from None
    return json(reply)


async def _remove(call: Call[Nothing]) -> Response:
    gone = delete(table).where(table.c.id == call.path("reply_id"))

    def remove(connection: Connection) -> None:
        if connection.execute(gone).rowcount == 0:
            raise _UnknownError

    try:
        await call.services.database.write(remove)
    except _UnknownError:
        raise _no_reply() from None
    return nothing()


def _no_reply() -> Problem:
    return Problem("not_found", "There is no such reply.")


def _cleaned(call: Call[WrittenReply], reply_id: str) -> SavedReply:
    body = call.body
    language = clean_language(body.language)
    if language is None:
        raise Problem("invalid", "This is no language tag (BCP 47), such as “fr” or “pt-BR”.")
    title, text = clean_text(body.title, TITLE_MAX), clean_text(body.text, Limits().text)
    for each in (title, text):
        if isinstance(each, Refusal):
            raise Problem(each.code, each.message)
    return SavedReply(reply_id, language, str(title), str(text))


def _row(call: Call[WrittenReply], reply: SavedReply) -> dict[str, object]:
    return {
        "id": reply.id,
        "language": reply.language,
        "title": reply.title,
        "text": reply.text,
        "changed_us": microseconds(call.services.clock.now()),
    }


_TEXT_ERRORS: Final = ("too_long", "empty", "control_characters")
_EXAMPLE: Final = {"language": "fr", "title": "Merci", "text": "Merci {name}."}

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/replies",
        summary="What the team has ready to say, in all sessions.",
        who=Who.STAFF,
        handler=_listing,
        body=Nothing,
        answer=SavedReplies,
    ),
    Endpoint(
        method="POST",
        path="/sessions/{slug}/replies",
        summary="Keep a reply ready.",
        who=Who.STAFF,
        handler=_add,
        body=WrittenReply,
        told=("language", "title", "text"),
        status=201,
        answer=SavedReply,
        errors=("too_many", *_TEXT_ERRORS),
        example=_EXAMPLE,
    ),
    Endpoint(
        method="PUT",
        path="/sessions/{slug}/replies/{reply_id}",
        summary="Change a reply that is kept.",
        who=Who.STAFF,
        handler=_change,
        body=WrittenReply,
        told=("language", "title", "text"),
        answer=SavedReply,
        errors=_TEXT_ERRORS,
        example=_EXAMPLE,
    ),
    Endpoint(
        method="DELETE",
        path="/sessions/{slug}/replies/{reply_id}",
        summary="Keep a reply no longer.",
        who=Who.STAFF,
        handler=_remove,
        body=Nothing,
        status=204,
    ),
)
