"""What came of cues, and of what was done without one, for the team: listed and as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Parameter, Who, json
from app.problems import Problem
from live.domain.cue import Cue, CueAct
from live.gateway import cues
from live.gateway.views import View, rfc3339
from live.wire import pulse as wire
from live.wire.shape import Shape
from moderation.cues import adaptation
from moderation.cues.adaptation import Adaptation, Around, Measured
from moderation.cues.deeds import Effect, deeds, effects

CSV_TYPE: Final = "text/csv; charset=utf-8"


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


class Changed(Shape, frozen=True):
    """One ``signal``, as in ``Adapted``."""

    signal: str
    meant: Change | None
    others: Change | None


class Done(Shape, frozen=True):
    """Something that was done without a cue, for a segment (null: everyone), and how each signal
    was before and after."""

    did: wire.CueAct
    segment: str | None
    at: str
    complete: bool
    signals: list[Changed]


class Adaptations(Shape, frozen=True):
    """Cues (``items``) and what was done without one (``done``), the latest first."""

    items: list[Adapted]
    done: list[Done]


async def _adaptations(call: Call[Nothing]) -> Response:
    kind = call.request.query_params.get("format", "json")
    if kind not in ("json", "csv"):
        raise Problem("invalid", "format is one of: json, csv.")
    room = await call.services.entry.room(call.session)
    known, others, now = room.state.cues, deeds(room.state), call.services.clock.now()
    moments = [*map(adaptation.moment, known), *(each.at for each in others)]
    ticks: Any = ()
    if moments:
        first, last = adaptation.span(moments)
        ticks = await call.services.store.ticks(room.id, first=first, last=last)
    made, done = adaptation.adaptations(known, ticks, now), effects(others, ticks, now)
    view = View(room.state, staff=True)
    if kind == "csv":
        name = f'attachment; filename="{call.session.slug}-adaptations.csv"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return Response(_csv(made, done), media_type=CSV_TYPE, headers=headers)
    return json(
        Adaptations([_adapted(view, each) for each in made], [_done(each) for each in done])
    )


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


def _done(effect: Effect) -> Done:
    deed = effect.deed
    return Done(
        did=wire.CueAct(kind=deed.kind.value, id=deed.id),
        segment=deed.group.segment,
        at=rfc3339(deed.at),
        complete=all(each.complete for each in effect.signals.values()),
        signals=[
            Changed(signal, _change(each.meant), _change(each.others))
            for signal, each in effect.signals.items()
        ],
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


_ABOUT: Final = (
    *("rule", "segment", "language", "since", "raised", "outcome"),
    *("did", "at", "signal", "complete"),
)
_FIGURES: Final = ("before", "before_minutes", "after", "after_minutes", "ratio", "low", "high")


def _csv(made: list[Adaptation], done: list[Effect]) -> str:
    """A row for each cue, and one for each signal of what was done without one."""
    out = io.StringIO()
    writer = csv.writer(out)
    groups = [f"{group}_{figure}" for group in ("meant", "others") for figure in _FIGURES]
    writer.writerow([*_ABOUT, *groups])
    for each in made:
        writer.writerow([*_row(each), *_figures(each.meant), *_figures(each.others)])
    for effect in done:
        for signal, found in effect.signals.items():
            row = _row_without_cue(effect, signal, found)
            writer.writerow([*row, *_figures(found.meant), *_figures(found.others)])
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


def _row_without_cue(effect: Effect, signal: str, found: Around) -> list[str]:
    deed = effect.deed
    did = _named(CueAct(deed.kind, deed.id))
    complete = str(found.complete).lower()
    return ["", deed.group.segment or "", "", "", "", "", did, rfc3339(deed.at), signal, complete]


def _named(act: CueAct | None) -> str:
    return "" if act is None else f"{act.kind} {act.id}"


def _figures(measured: Measured | None) -> list[object]:
    change = _change(measured)
    if change is None:
        return [""] * len(_FIGURES)
    figures = [getattr(change, name) for name in _FIGURES]
    return ["" if each is None else each for each in figures]


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/adaptations",
        summary="What came of each cue, and of what was done without: before and after.",
        who=Who.STAFF,
        handler=_adaptations,
        body=Nothing,
        answer=Adaptations,
        parameters=(Parameter("format", "json or csv", {"enum": ["json", "csv"]}),),
    ),
)
