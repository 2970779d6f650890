"""The pulse for the team: its curves, its moments, how far people came, what came of cues."""

from __future__ import annotations

import csv
import io
from typing import Any, Final, Literal

from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Parameter, Who, json
from app.problems import Problem
from live.domain.cue import Cue, CueAct
from live.domain.funnel import STEPS, counted
from live.domain.pulse import TICK_S
from live.domain.small_cells import shown_line
from live.gateway import cues
from live.gateway.curves import curve
from live.gateway.views import View, rfc3339
from live.wire import pulse as wire
from live.wire.shape import Shape
from moderation.cues import adaptation
from moderation.cues.adaptation import Adaptation, Measured
from moderation.cues.moments import moments

CSV_TYPE: Final = "text/csv; charset=utf-8"


class Moment(Shape, frozen=True):
    """So many ``people`` began with a reaction within ten seconds; the question that was being
    answered and the part that was on, where there were."""

    kind: Literal["applause", "confused"]
    at: str
    people: int
    question_id: str | None
    part_id: str | None


class PulseNow(Shape, frozen=True):
    """The last quarter of an hour, oldest first; a tick in which nothing was counted is not there.
    Ticks are ``tick_s`` seconds long."""

    tick_s: int
    ticks: list[wire.CurveTick]
    moments: list[Moment]


class Funnel(Shape, frozen=True):
    """How many people came how far: ``total`` in the order of ``steps``, and by segment, where null
    stands for 1 to 4 people, and for one figure more where those could be found by subtraction.
    The team is not counted."""

    steps: list[str]
    total: list[int]
    segments: dict[str, list[int | None]]


class Change(Shape, frozen=True):
    """Counts in so many person-minutes before and after; ``ratio`` of the two rates, within ``low``
    to ``high`` with 95 % confidence (Clopper and Pearson, given the sum). Null: nothing to divide
    by."""

    before: int
    before_minutes: float
    after: int
    after_minutes: float
    ratio: float | None
    low: float
    high: float | None


class Adapted(Shape, frozen=True):
    """A cue, what was done (null: nothing), and ``signal`` before and after ``at`` for those it was
    ``meant`` for and the ``others``; null where they are too few. ``complete``: both sides have
    their two minutes."""

    cue: wire.Cue
    did: wire.CueAct | None
    at: str
    signal: str
    complete: bool
    meant: Change | None
    others: Change | None


class Adaptations(Shape, frozen=True):
    """The latest first."""

    items: list[Adapted]


async def _pulse(call: Call[Nothing]) -> Response:
    state = (await call.services.entry.room(call.session)).state
    ticks = sorted(state.ticks.values(), key=lambda each: each.at)
    return json(
        PulseNow(
            tick_s=TICK_S,
            ticks=curve(ticks),
            moments=[
                Moment(
                    kind="applause" if each.kind == "applause" else "confused",
                    at=rfc3339(each.at),
                    people=each.people,
                    question_id=each.question_id,
                    part_id=each.part_id,
                )
                for each in moments(state, ticks)
            ],
        )
    )


async def _funnel(call: Call[Nothing]) -> Response:
    state = (await call.services.entry.room(call.session)).state
    people = counted(state.reached.items(), dict(state.participants.items()))
    columns = [shown_line({each: row[at] for each, row in people.items()}) for at in _COLUMNS]
    return json(
        Funnel(
            steps=[str(step.name).lower() for step in STEPS],
            total=[sum(row[at] for row in people.values()) for at in _COLUMNS],
            segments={each: [column[each] for column in columns] for each in sorted(people)},
        )
    )


async def _adaptations(call: Call[Nothing]) -> Response:
    kind = call.request.query_params.get("format", "json")
    if kind not in ("json", "csv"):
        raise Problem("invalid", "format is one of: json, csv.")
    room = await call.services.entry.room(call.session)
    known = room.state.cues
    ticks: Any = ()
    if known:
        first, last = adaptation.span(known)
        ticks = await call.services.store.ticks(room.id, first=first, last=last)
    made = adaptation.adaptations(known, ticks, call.services.clock.now())
    view = View(room.state, staff=True)
    if kind == "csv":
        name = f'attachment; filename="{call.session.slug}-adaptations.csv"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return Response(_csv(made), media_type=CSV_TYPE, headers=headers)
    return json(Adaptations([_adapted(view, each) for each in made]))


def _adapted(view: View, made: Adaptation) -> Adapted:
    cue = cues.cue(view, made.cue)
    return Adapted(
        cue=cue,
        did=None if made.cue.did is None else cue.did or None,
        at=rfc3339(made.at),
        signal=made.signal,
        complete=made.complete,
        meant=_change(made.meant),
        others=_change(made.others),
    )


def _change(measured: Measured | None) -> Change | None:
    if measured is None:
        return None
    return Change(
        before=measured.before,
        before_minutes=measured.before_minutes,
        after=measured.after,
        after_minutes=measured.after_minutes,
        ratio=_rounded(measured.change.value),
        low=round(measured.change.low, 3),
        high=_rounded(measured.change.high),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


_FIGURES: Final = ("before", "before_minutes", "after", "after_minutes", "ratio", "low", "high")


def _csv(made: list[Adaptation]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    about = ["rule", "segment", "language", "since", "raised", "outcome", "did", "at", "signal"]
    groups = [f"{group}_{figure}" for group in ("meant", "others") for figure in _FIGURES]
    writer.writerow([*about, "complete", *groups])
    for each in made:
        writer.writerow([*_row(each), *_figures(each.meant), *_figures(each.others)])
    return out.getvalue()


def _row(made: Adaptation) -> list[str]:
    cue: Cue = made.cue
    return [
        cue.rule.value,
        cue.segment or "",
        cue.language or "",
        rfc3339(cue.since),
        rfc3339(cue.at),
        "" if cue.outcome is None else cue.outcome.value,
        _named(cue.did),
        rfc3339(made.at),
        made.signal,
        str(made.complete).lower(),
    ]


def _named(act: CueAct | None) -> str:
    return "" if act is None else f"{act.kind} {act.id}"


def _figures(measured: Measured | None) -> list[object]:
    change = _change(measured)
    if change is None:
        return [""] * len(_FIGURES)
    figures = [getattr(change, name) for name in _FIGURES]
    return ["" if each is None else each for each in figures]


_COLUMNS: Final = range(len(STEPS))

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/pulse",
        summary="The curves of the last quarter of an hour, and its moments.",
        who=Who.STAFF,
        handler=_pulse,
        body=Nothing,
        answer=PulseNow,
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/funnel",
        summary="How many people came how far, by segment.",
        who=Who.STAFF,
        handler=_funnel,
        body=Nothing,
        answer=Funnel,
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/adaptations",
        summary="What came of each cue: what was done, and how it was before and after.",
        who=Who.STAFF,
        handler=_adaptations,
        body=Nothing,
        answer=Adaptations,
        parameters=(Parameter("format", "json or csv", {"enum": ["json", "csv"]}),),
    ),
)
