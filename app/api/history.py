"""What the team decided in a session, and everything that they did in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Parameter, Who, json
from app.api.lists import optional_number, whole_number
from app.audit.export import chain_lines
from app.history import Line, Wanted, read_history
from app.problems import Problem
from live.domain.audit import BRAND, chain_of
from live.domain.decision import Verdict
from live.domain.ids import ParticipantId
from live.gateway.views import View, named, rfc3339
from live.wire import shapes

PAGE: Final = 50
PAGE_MOST: Final = 200
WORDS_MOST: Final = 200
LINES_TYPE: Final = "application/x-ndjson"


class DecisionLine(shapes.Shape, frozen=True):
    """One decision: ``text`` is what it was about as it reads now, null where it is gone for good;
    ``later`` counts the decisions that stand on top of it, which an undo of it has to go over."""

    id: str
    subject: shapes.Subject
    text: str | None
    before: str
    after: str
    undone: bool
    later: int


class HistoryRow(shapes.Shape, frozen=True):
    """One decision, or a group that was made at once; ``by`` null: the server."""

    seq: int
    at: str
    by: shapes.Author | None
    verdict: str
    reason: str | None
    group: str | None
    decisions: list[DecisionLine]


class HistoryPage(shapes.Shape, frozen=True):
    """Rows, the newest first; ``next_before`` asks for the ones before, null at the end."""

    items: list[HistoryRow]
    next_before: int | None


async def _history(call: Call[Nothing]) -> Response:
    query = call.request.query_params
    room = await call.services.entry.room(call.session)
    verdict = query.get("verdict")
    if verdict is not None and verdict not in set(Verdict):
        raise Problem("invalid", f"verdict is one of: {', '.join(Verdict)}.")
    words = query.get("q", "")
    if len(words) > WORDS_MOST:
        raise Problem("too_long", f"A search holds {WORDS_MOST} characters.")
    by = query.get("by")
    wanted = Wanted(
        by=None if by is None else ParticipantId(by),
        verdict=None if verdict is None else Verdict(verdict),
        words=words.strip(),
        before=optional_number(call.request, "before"),
        limit=whole_number(call.request, "limit", PAGE, most=PAGE_MOST),
    )
    services = call.services
    page = await read_history(services.store, services.database, call.session.id, wanted)
    view = View(room.state, staff=True)
    items = [_row(view, row, page.texts) for row in page.rows]
    return json(HistoryPage(items=items, next_before=page.next_before))


def _row(view: View, lines: Sequence[Line], texts: Mapping[str, str]) -> HistoryRow:
    first = lines[0]
    decision = first.decision
    return HistoryRow(
        seq=first.seq,
        at=rfc3339(decision.at),
        by=None if decision.by is None else view.author(decision.by),
        verdict=decision.verdict.value,
        reason=texts.get(decision.reason_id or ""),
        group=decision.group,
        decisions=[
            DecisionLine(
                id=each.decision.id,
                subject=named(each.decision.subject),
                text=texts.get(each.decision.subject.id),
                before=each.decision.before,
                after=each.decision.after,
                undone=each.is_undone,
                later=each.later,
            )
            for each in lines
        ],
    )


async def _audit(call: Call[Nothing]) -> Response:
    chain = BRAND if call.found is None else chain_of(call.found.id)
    slug = None if call.found is None else call.found.slug
    lines = await call.services.database.read(
        lambda connection: list(chain_lines(connection, chain, slug))
    )
    name = "causerie" if slug is None else slug
    return Response(
        "".join(f"{line}\n" for line in lines),
        media_type=LINES_TYPE,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}-audit.jsonl"',
        },
    )


_WHOLE: Final = {"type": "integer"}

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/decisions",
        summary="Every decision of the session, newest first, and which of them stand.",
        who=Who.STAFF,
        handler=_history,
        body=Nothing,
        answer=HistoryPage,
        errors=("too_long",),
        parameters=(
            Parameter("by", "Only those of this participant."),
            Parameter("verdict", "Only those of this verdict.", {"enum": list(Verdict)}),
            Parameter("q", "Only where text or reason hold these words."),
            Parameter("before", "Only what was decided before this place.", _WHOLE),
            Parameter("limit", f"At most this many, {PAGE_MOST} at most.", _WHOLE),
        ),
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/audit",
        summary="Everything that the team did in this session, one JSON object a line.",
        who=Who.HOST,
        handler=_audit,
        body=Nothing,
        audited=True,
        answer=LINES_TYPE,
    ),
    Endpoint(
        method="GET",
        path="/audit",
        summary="Everything that was done to the installation, one JSON object a line.",
        who=Who.OWNER,
        handler=_audit,
        body=Nothing,
        audited=True,
        answer=LINES_TYPE,
    ),
)
