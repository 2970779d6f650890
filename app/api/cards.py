"""The card of a person, for the team: who they are, what they wrote in this and earlier sessions,
what was decided, reported, noted and set against them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Parameter, Who, json
from app.api.lists import optional_number, whole_number
from app.database.cards import (
    Attendance,
    Happening,
    History,
    Written,
    attendances,
    history,
    notes_about,
)
from app.problems import Problem
from live.adapters.sql.rows import microseconds, moment
from live.domain.decision_events import DecisionMade
from live.domain.ids import ParticipantId
from live.domain.people import Participant
from live.domain.people_events import ReportFiled, SanctionSet
from live.gateway.views import View, rfc3339
from live.wire import desk_shapes, shapes

PAGE_DEFAULT: Final = 30
PAGE_MAX: Final = 100


class Seen(shapes.Shape, frozen=True):
    """A session that the person was in. The counts are by status."""

    slug: str
    title: str
    at: str
    display_name: str | None
    segment: str
    messages: dict[str, int]
    questions: dict[str, int]


class Card(shapes.Shape, frozen=True):
    """Who a person is to the team. ``sanctions`` are those that hold in this session; ``papers``
    are of all sessions, the newest first; ``sessions`` begins with this one."""

    person: shapes.Participant
    joined_at: str
    sanctions: list[desk_shapes.Sanction]
    papers: list[desk_shapes.Paper]
    sessions: list[Seen]


class Line(shapes.Shape, frozen=True):
    """Something the person wrote, as it stands; without ``text`` where that is gone."""

    kind: shapes.SubjectKind
    id: str
    status: str
    text: str | None


class Moment(shapes.Shape, frozen=True):
    """One thing that happened: the person ``wrote`` ``line``, somebody of the team ``decided`` on
    it (``word`` is the verdict), it was ``reported``, the person ``filed`` a report of another's
    words, or a sanction was ``set`` or ``lifted`` (``word`` is its kind)."""

    what: Literal["wrote", "decided", "reported", "filed", "set", "lifted"]
    at: str
    line: Line | None = None
    word: str | None = None
    by: shapes.Author | None = None
    reason: str | None = None
    until: str | None = None


class HistoryPage(shapes.Shape, frozen=True):
    """What happened, the newest first; ``next_before`` asks for what was before, null at the
    end."""

    items: list[Moment]
    next_before: int | None


async def _card(call: Call[Nothing]) -> Response:
    view, person = await _who(call)
    database = call.services.database
    seen = await attendances(database, person)
    about = await notes_about(database, [each.participant.id for each in seen])
    now = call.services.clock.now()
    return json(
        Card(
            person=view.participant(person.id),
            joined_at=rfc3339(person.joined_at),
            sanctions=[
                view.sanction(each)
                for each in view.state.sanctions.values()
                if each.participant_id == person.id and each.holds(now)
            ],
            papers=[_paper(view, each, about) for each in about.happened],
            sessions=[_seen(each) for each in seen],
        )
    )


async def _history(call: Call[Nothing]) -> Response:
    view, person = await _who(call)
    wanted = call.request.query_params.get("session", call.session.slug)
    limit = whole_number(call.request, "limit", PAGE_DEFAULT, most=PAGE_MAX)
    before = optional_number(call.request, "before")
    seen = await attendances(call.services.database, person)
    there = next((each for each in seen if each.slug == wanted), None)
    if there is None:
        raise Problem("not_found", "This person was not in that session.")
    page = await history(
        call.services.database,
        there.session_id,
        there.participant.id,
        before=None if before is None else _moment(before),
        limit=limit,
    )
    items = [_happened(view, each, page) for each in page.happened]
    more = len(items) >= limit
    return json(HistoryPage(items, microseconds(page.happened[-1].at) if more else None))


async def _who(call: Call[Nothing]) -> tuple[View, Participant]:
    """The team's view, and the person, who is of this session."""
    room = await call.services.entry.room(call.session)
    person = room.state.participants.get(ParticipantId(call.path("participant_id")))
    if person is None or person.erased:
        raise Problem("not_found", "There is no such participant.")
    return View(room.state, staff=True), person


def _moment(at_us: int) -> datetime:
    try:
        return moment(at_us)
    except OverflowError:
        raise Problem("invalid", "before is no moment.") from None


def _seen(attendance: Attendance) -> Seen:
    return Seen(
        slug=attendance.slug,
        title=attendance.title,
        at=rfc3339(attendance.at),
        display_name=attendance.participant.display_name,
        segment=attendance.participant.segment,
        messages=attendance.messages,
        questions=attendance.questions,
    )


def _paper(view: View, happening: Happening, about: History) -> desk_shapes.Paper:
    """Of another session, it is signed by ids: names are of this one."""
    paper = happening.paper
    if paper is None:
        raise LookupError("this is no paper")
    shown = view.paper(paper)
    text = about.texts.get(paper.content_id)
    reply = None if paper.reply_id is None else about.texts.get(paper.reply_id)
    return desk_shapes.Paper(
        id=shown.id,
        kind=shown.kind,
        status=shown.status,
        at=shown.at,
        by_team=shown.by_team,
        text=shown.text if text is None else text,
        about=shown.about,
        reply=shown.reply if reply is None else reply,
        author=shown.author,
        person=shown.person,
        settled_by=shown.settled_by,
    )


def _line(written: Written | None) -> Line | None:
    if written is None:
        return None
    kind: shapes.SubjectKind = "message" if written.kind == "message" else "question"
    return Line(kind=kind, id=written.id, status=written.status, text=written.text)


def _happened(view: View, each: Happening, page: History) -> Moment:
    at = rfc3339(each.at)
    match each.event:
        case DecisionMade() as made:
            return Moment(
                what="decided",
                at=at,
                line=_line(each.about),
                word=made.verdict.value,
                by=None if made.by is None else view.author(made.by),
                reason=None if made.reason_id is None else page.texts.get(made.reason_id),
            )
        case ReportFiled() as filed:
            return Moment(
                what="filed" if each.by_them else "reported",
                at=at,
                line=_line(each.about),
                by=view.author(filed.by),
                reason=page.texts.get(filed.content_id),
            )
        case SanctionSet() as held:
            return Moment(
                what="lifted" if held.lifted else "set",
                at=at,
                word=held.kind.value,
                by=None if held.by is None else view.author(held.by),
                reason=None if held.reason_id is None else page.texts.get(held.reason_id),
                until=None if held.until is None else rfc3339(held.until),
            )
        case _:
            return Moment(what="wrote", at=at, line=_line(each.written))


_WHOLE: Final = {"type": "integer"}

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/people/{participant_id}",
        summary="The card of a person: who they are to the team, over all sessions.",
        who=Who.STAFF,
        handler=_card,
        body=Nothing,
        answer=Card,
        errors=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/people/{participant_id}/history",
        summary="What a person wrote in one session, and what was done about it, newest first.",
        who=Who.STAFF,
        handler=_history,
        body=Nothing,
        answer=HistoryPage,
        errors=("not_found",),
        parameters=(
            Parameter("session", "Another session that the person was in."),
            Parameter("before", "Only what was before this (microseconds since 1970).", _WHOLE),
            Parameter("limit", f"At most about this many, {PAGE_MAX} at most.", _WHOLE),
        ),
    ),
)
