"""What the team looks for in the whole session, and who the team is."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Parameter, Who, json
from app.api.lists import choice, view_with, whole_number
from app.problems import Problem
from live.adapters.sql.rows import microseconds, moment
from live.domain.ids import ParticipantId
from live.domain.message import Message, MessageStatus
from live.domain.question import Question, QuestionStatus
from live.domain.state import RoomState
from live.domain.text import clean_language, plain
from live.gateway.views import View
from live.ports.store import Search
from live.wire import shapes

FOUND_DEFAULT: Final = 50
FOUND_MAX: Final = 100
WORDS_MAX: Final = 8
ASKED_MAX: Final = 100
AUTHORS_MAX: Final = 200
_STATUSES: Final = sorted({each.value for each in (*MessageStatus, *QuestionStatus)})


class Found(shapes.Shape, frozen=True):
    """A message or a question that fits, as the team sees it."""

    kind: shapes.SubjectKind
    item: shapes.Message | shapes.Question


class FoundPage(shapes.Shape, frozen=True):
    """What fits, the newest first; ``complete`` is false where there is more than was asked for,
    and ``next_before`` asks for that."""

    items: list[Found]
    complete: bool
    next_before: str | None


class Team(shapes.Shape, frozen=True):
    """Owner, host and moderators who have come to this session, in the order of their names."""

    team: list[shapes.Author]


async def _search(call: Call[Nothing]) -> Response:
    services = call.services
    wait_s = services.searches.take(call.participant.id)
    if wait_s > 0:
        raise Problem("rate_limited", "Too many searches.", retry_after_s=wait_s)
    room = await services.entry.room(call.session)
    search = _asked(call, room.state)
    messages, questions, contents = await services.store.search(call.session.id, search)
    view = view_with(room.state, call.participant.id, contents)
    every: list[Message | Question] = [*messages, *questions]
    every.sort(key=lambda each: (-microseconds(each.at), each.id))
    full = max(len(messages), len(questions)) >= search.limit
    complete = not full and len(every) <= search.limit
    page = every[: search.limit]
    return json(
        FoundPage(
            items=[each for item in page if (each := _found(view, item)) is not None],
            complete=complete,
            next_before=None if complete else f"{microseconds(page[-1].at)}-{page[-1].id}",
        )
    )


def _asked(call: Call[Nothing], state: RoomState) -> Search:
    given = call.request.query_params
    asked = given.get("q", "")
    words = tuple(plain(asked).split())
    if len(asked) > ASKED_MAX or len(words) > WORDS_MAX:
        raise Problem("invalid", f"q holds {WORDS_MAX} words and {ASKED_MAX} characters at most.")
    if "\0" in asked:
        raise Problem("invalid", "q holds no control characters.")
    facets = {name: _facet(given.get(name), name) for name in ("label", "assignee")}
    if not words and not any(facets.values()):
        raise Problem("invalid", "Give q, or a label or an assignee.")
    language = given.get("language")
    if language is not None and clean_language(language) is None:
        raise Problem("invalid", "This is no language tag (BCP 47), such as “fr” or “pt-BR”.")
    return Search(
        words=words,
        authors=tuple(_bearers(state, word) for word in words),
        status=choice(call.request, "status", _STATUSES),
        language=None if language is None else language.lower(),
        label=facets["label"],
        assignee=facets["assignee"],
        after=_after(given.get("before")),
        limit=whole_number(call.request, "limit", FOUND_DEFAULT, most=FOUND_MAX),
    )


def _facet(value: str | None, name: str) -> str | None:
    if value is not None and not (0 < len(value) <= 64 and value.isprintable()):
        raise Problem("invalid", f"{name} is an identifier.")
    return value


def _after(before: str | None) -> tuple[datetime, str] | None:
    """Where a page ended: the time and the id of its last item."""
    if before is None:
        return None
    at, _, name = before.partition("-")
    if not (at.isascii() and at.isdigit() and len(at) <= 16 and 0 < len(name) <= 64):
        raise Problem("invalid", "before is what next_before was.")
    return moment(int(at)), name


def _bearers(state: RoomState, word: str) -> frozenset[ParticipantId]:
    """Some of those in whose name the word stands: the first ones, where it stands in very many."""
    bearers: list[ParticipantId] = []
    for person in state.participants.values():
        if person.display_name is not None and word in plain(person.display_name):
            bearers.append(person.id)
            if len(bearers) == AUTHORS_MAX:
                break
    return frozenset(bearers)


def _found(view: View, item: Message | Question) -> Found | None:
    if isinstance(item, Message):
        message = view.message(item)
        return Found("message", message) if isinstance(message, shapes.Message) else None
    question = view.question(item)
    return Found("question", question) if isinstance(question, shapes.Question) else None


async def _team(call: Call[Nothing]) -> Response:
    room = await call.services.entry.room(call.session)
    view = View(room.state, staff=True, reader=call.participant.id)
    team = [view.author(each) for each in room.state.staff]
    return json(Team(team=sorted(team, key=lambda each: (each.display_name or "", each.id))))


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/search",
        summary="What says these words, or whose author bears them, in the whole session.",
        who=Who.STAFF,
        handler=_search,
        body=Nothing,
        answer=FoundPage,
        errors=("rate_limited",),
        parameters=(
            Parameter("q", "Words; each must fit. Neither case nor accents matter."),
            Parameter("status", "Only what has this status."),
            Parameter("language", "Only what is written in this language."),
            Parameter("label", "Only what bears the label of this id."),
            Parameter("assignee", "Only what this participant sees to."),
            Parameter("before", "Goes on where a page ended: its next_before."),
            Parameter("limit", f"At most this many, {FOUND_MAX} at most.", {"type": "integer"}),
        ),
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/team",
        summary="Who is on the team of this session.",
        who=Who.STAFF,
        handler=_team,
        body=Nothing,
        answer=Team,
    ),
)
