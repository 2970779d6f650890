"""What was said before, paged; and events, for those without a socket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Parameter, Who, json
from app.problems import Problem
from live.adapters.sql.rows import microseconds
from live.domain.content import Content
from live.domain.ids import ParticipantId
from live.domain.message import Message, MessageStatus
from live.domain.question import Question, QuestionStatus
from live.domain.state import RoomState
from live.gateway.gateway import starts_anew
from live.gateway.projection import Projection
from live.gateway.views import View
from live.wire import shapes
from live.wire.frames import WireEvent

PAGE_DEFAULT: Final = 50
PAGE_MAX: Final = 200
EVENTS_DEFAULT: Final = 500
EVENTS_MAX: Final = 2_000
INTEGER_MAX: Final = 2**53


class MessagePage(shapes.Shape, frozen=True):
    """Messages, the newest first; ``next_before`` asks for the ones before, null at the end."""

    items: list[shapes.Message | shapes.MessageTombstone]
    next_before: int | None


class QuestionPage(shapes.Shape, frozen=True):
    """Questions, the newest first; ``next_before`` asks for the ones before, null at the end."""

    items: list[shapes.Question | shapes.QuestionTombstone]
    next_before: int | None


class EventPage(shapes.Shape, frozen=True):
    """Everything of ``(after, upto]`` that this participant may see."""

    after: int
    upto: int
    events: list[WireEvent]


async def _messages(call: Call[Nothing]) -> Response:
    room = await call.services.entry.room(call.session)
    wanted = choice(call.request, "status", [status.value for status in MessageStatus])
    limit = whole_number(call.request, "limit", PAGE_DEFAULT, most=PAGE_MAX)
    found, contents = await call.services.store.page_messages(
        call.session.id,
        statuses=[MessageStatus(wanted)] if wanted else list(MessageStatus),
        before=optional_number(call.request, "before"),
        limit=limit,
    )
    view = view_with(room.state, call.participant.id, contents)
    seen = [view.message(message) for message in found]
    items = [item for item in seen if item is not None]
    return json(MessagePage(items=items, next_before=_next(found, limit)))


async def _questions(call: Call[Nothing]) -> Response:
    room = await call.services.entry.room(call.session)
    wanted = choice(call.request, "status", [status.value for status in QuestionStatus])
    limit = whole_number(call.request, "limit", PAGE_DEFAULT, most=PAGE_MAX)
    found, contents = await call.services.store.page_questions(
        call.session.id,
        statuses=[QuestionStatus(wanted)] if wanted else list(QuestionStatus),
        before=optional_number(call.request, "before"),
        limit=limit,
    )
    view = view_with(room.state, call.participant.id, contents)
    seen = [view.question(question) for question in found]
    items = [item for item in seen if item is not None]
    return json(QuestionPage(items=items, next_before=_next(found, limit)))


async def _events(call: Call[Nothing]) -> Response:
    room = await call.services.entry.room(call.session)
    since = whole_number(call.request, "since", 0, least=0)
    limit = whole_number(call.request, "limit", EVENTS_DEFAULT, most=EVENTS_MAX)
    epoch = call.request.query_params.get("epoch", room.epoch)
    history = None
    if epoch == room.epoch and since <= room.head:
        history = await room.history(since, limit)
    me = call.participant.id
    staff = me in room.state.staff
    if history is None or starts_anew(history, me, staff=staff):
        raise Problem("resync", "Fetch a snapshot: what you hold can no longer be brought forward.")
    seen = Projection(room.state, staff=staff, reader=me).project(history)
    upto = history[-1].seq if history else since
    return json(EventPage(after=since, upto=upto, events=seen))


def view_with(state: RoomState, reader: ParticipantId, contents: Iterable[Content]) -> View:
    """The reader's view, with contents beside those the room holds: on a draft that is dropped."""
    draft = state.fork()
    for content in contents:
        draft.contents[content.id] = content
    staff = state.participants[reader].role.is_staff
    return View(draft, staff, reader)


def _next(found: Sequence[Message] | Sequence[Question], limit: int) -> int | None:
    """Where the page after this one begins: a place, or the time of what never had one."""
    if len(found) < limit:
        return None
    last = found[-1]
    return microseconds(last.at) if last.place is None else int(last.place)


def choice(request: Request, name: str, allowed: list[str]) -> str | None:
    """A parameter that is one of these, None where it is not given; else refused."""
    value = request.query_params.get(name)
    if value is not None and value not in allowed:
        raise Problem("invalid", f"{name} is one of: {', '.join(allowed)}.")
    return value


def optional_number(request: Request, name: str) -> int | None:
    """A whole number of the query, or None where it is not there."""
    return whole_number(request, name, 0) if name in request.query_params else None


def whole_number(
    request: Request, name: str, default: int, *, least: int = 1, most: int = INTEGER_MAX
) -> int:
    """A whole number of the query within these bounds; anything else is ``invalid``."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 17 and least <= int(text) <= most):
        raise Problem("invalid", f"{name} is a whole number from {least} to {most}.")
    return int(text)


_WHOLE: Final = {"type": "integer"}
_PAGED: Final = (
    Parameter("before", "Only what stands before this place.", _WHOLE),
    Parameter("limit", f"At most this many, {PAGE_MAX} at most.", _WHOLE),
)

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/messages",
        summary="Older messages, as this participant may see them.",
        who=Who.PARTICIPANT,
        handler=_messages,
        body=Nothing,
        answer=MessagePage,
        parameters=(Parameter("status", "Only messages of this status."), *_PAGED),
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/questions",
        summary="Older questions, as this participant may see them.",
        who=Who.PARTICIPANT,
        handler=_questions,
        body=Nothing,
        answer=QuestionPage,
        parameters=(Parameter("status", "Only questions of this status."), *_PAGED),
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/events",
        summary="What the socket would have carried to this participant.",
        who=Who.PARTICIPANT,
        handler=_events,
        body=Nothing,
        answer=EventPage,
        errors=("resync",),
        parameters=(
            Parameter("since", "The position to go on from.", _WHOLE),
            Parameter("limit", f"At most this many numbers, {EVENTS_MAX} at most.", _WHOLE),
            Parameter("epoch", "The epoch that the position belongs to."),
        ),
    ),
)
