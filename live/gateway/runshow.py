"""What a reader sees of the run of show, and what its commands ask of the room."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from live.domain import part as domain
from live.domain.ids import PartId
from live.domain.part import Part, PartChanged, PartEvent, PartStatus, RunshowMoved
from live.domain.runshow import parts_of, programme, words_of
from live.gateway.given import Translators
from live.gateway.views import View, rfc3339
from live.wire import runshow as wire


def runshow(view: View) -> wire.Runshow | None:
    """None for viewers who are not to see it."""
    told = programme(view.state)
    now, coming = (None, None) if told is None else told
    seen = wire.Runshow(now=_named(view, now), next=_named(view, coming))
    if not view.staff:
        return None if told is None else seen
    show = view.state.runshow
    return wire.Runshow(
        now=seen.now,
        next=seen.next,
        shown=show.shown,
        order=list(show.order),
        current=show.current,
        revision=show.revision,
    )


def parts(view: View) -> list[wire.Part]:
    """All of them in their order, for the team."""
    shown = (part(view, each) for each in parts_of(view.state))
    return [each for each in shown if isinstance(each, wire.Part)]


def part(view: View, part: Part) -> wire.Part | wire.PartTombstone:
    """One of them, for the team."""
    if part.status is PartStatus.REMOVED:
        return wire.PartTombstone(id=part.id, status="removed")
    words = words_of(view.state, part)
    return wire.Part(
        id=part.id,
        revision=part.revision,
        status="skipped" if part.status is PartStatus.SKIPPED else "planned",
        by=view.author(part.by),
        titles={} if words is None else dict(words.titles),
        minutes=part.plan.minutes,
        goal="" if words is None else words.goal,
        segments=list(part.plan.segments),
        script="" if words is None else words.script,
        public=part.plan.public,
        runs=[
            wire.Run(
                since=rfc3339(run.since), until=None if run.until is None else rfc3339(run.until)
            )
            for run in part.runs
        ],
    )


def told(view: View, event: PartEvent) -> wire.RunshowChanged | None:
    """What an event tells: viewers, only if they see something else with it."""
    if not view.staff:
        return wire.RunshowChanged(runshow=runshow(view)) if event.seen else None
    touched = (view.state.parts[each] for each in _touched(event))
    return wire.RunshowChanged(runshow=runshow(view), parts=[part(view, each) for each in touched])


def ack_part(view: View, part_id: PartId | None) -> wire.Part | wire.PartTombstone | UnsetType:
    """The part that a command was about."""
    known = None if part_id is None else view.state.parts.get(part_id)
    return UNSET if known is None or not view.staff else part(view, known)


def _touched(event: PartEvent) -> list[PartId]:
    if isinstance(event, PartChanged):
        return [event.part_id]
    if isinstance(event, RunshowMoved):
        return [each for each in (event.left_id, event.part_id) if each is not None]
    return []


def _named(view: View, part: Part | None) -> wire.NamedPart | None:
    if part is None:
        return None
    words = words_of(view.state, part)
    return wire.NamedPart(id=part.id, titles={} if words is None else dict(words.titles))


def _draft(draft: wire.PartDraft) -> domain.PartDraft:
    return domain.PartDraft(
        titles=draft.titles,
        minutes=draft.minutes,
        goal=draft.goal,
        segments=tuple(draft.segments),
        script=draft.script,
        public=draft.public,
    )


def _id(given: str | UnsetType | None) -> PartId | None:
    return None if given is UNSET or given is None else PartId(given)


COMMANDS: Translators = {
    wire.AddPart: lambda c: domain.AddPart(_draft(c.part), _id(c.before)),
    wire.EditPart: lambda c: domain.EditPart(PartId(c.part_id), c.revision, _draft(c.part)),
    wire.MovePart: lambda c: domain.MovePart(PartId(c.part_id), c.revision, _id(c.before)),
    wire.SkipPart: lambda c: domain.SkipPart(PartId(c.part_id), c.revision, c.on),
    wire.StretchPart: lambda c: domain.StretchPart(PartId(c.part_id), c.by_min),
    wire.RemovePart: lambda c: domain.RemovePart(PartId(c.part_id), c.revision),
    wire.GoToPart: lambda c: domain.GoToPart(_id(c.part_id), _id(c.leaving)),
    wire.ShowRunshow: lambda c: domain.ShowRunshow(c.on),
}
