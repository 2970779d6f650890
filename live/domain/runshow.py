"""The run of show as it stands: what is read of it, and what facts make of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import ContentId
from live.domain.part import (
    Part,
    PartChanged,
    PartDraft,
    Run,
    RunshowChanged,
    RunshowMoved,
    Words,
    upcoming,
)
from live.domain.session import SessionState
from live.domain.state import RoomState


def first_part(state: RoomState) -> Iterator[Event]:
    """What puts the first part on as the show goes live."""
    first = next(upcoming(parts_of(state)), None)
    if first is not None and state.runshow.current is None:
        yield RunshowMoved(first.id, None, None, seen=state.runshow.shown)


def last_part(state: RoomState) -> Iterator[Event]:
    """What ends the part that is on as the show ends."""
    if state.runshow.current is not None:
        yield RunshowMoved(None, state.runshow.current, None, seen=state.runshow.shown)


def without_part_words(state: RoomState, owned: frozenset[ContentId]) -> Iterator[Event]:
    """What tells of the parts whose words are about to be erased: they keep their time."""
    for part in list(state.parts.values()):
        if part.plan.content_id in owned:
            plan = replace(part.plan, content_id=None, commitment=None)
            revision = part.revision + 1
            yield PartChanged(
                part.id, revision, part.by, part.status, plan, seen=state.runshow.shown
            )


# --- reading


def parts_of(state: RoomState) -> list[Part]:
    """The parts in their order."""
    return [state.parts[each] for each in state.runshow.order]


def words_of(state: RoomState, part: Part) -> Words | None:
    """What a part says; None where its words are erased."""
    text = state.text(part.plan.content_id)
    return None if text is None else _words(text)


def drafts_of(state: RoomState) -> list[PartDraft]:
    """The parts as they would be planned again elsewhere."""
    worded = ((part.plan, words_of(state, part)) for part in parts_of(state))
    return [
        PartDraft(words.titles, plan.minutes, words.goal, plan.segments, words.script, plan.public)
        for plan, words in worded
        if words is not None
    ]


def programme(state: RoomState) -> tuple[Part | None, Part | None] | None:
    """What viewers see: what is on and what comes next; None where the host does not want it."""
    show = state.runshow
    if not show.shown:
        return None
    if state.session.state is SessionState.ENDED:
        return None, None
    now = None if show.current is None else state.parts[show.current]
    coming = (part for part in upcoming(parts_of(state)) if part.plan.public)
    return now if now is not None and now.plan.public else None, next(coming, None)


@lru_cache(maxsize=512)
def _words(text: str) -> Words:
    said = json.loads(text)
    return Words(said["titles"], said.get("goal", ""), said.get("script", ""))


# --- folding


def fold_part(state: RoomState, _: Recorded, event: PartChanged) -> None:
    known = state.parts.get(event.part_id)
    runs = () if known is None else known.runs
    state.parts[event.part_id] = Part(
        event.part_id, event.revision, event.by, event.status, event.plan, runs
    )


def fold_runshow(state: RoomState, _: Recorded, event: RunshowChanged) -> None:
    state.runshow = replace(
        state.runshow,
        order=event.order,
        shown=event.shown,
        revision=state.runshow.revision + 1,
        by=event.by,
    )


def fold_moved(state: RoomState, recorded: Recorded, event: RunshowMoved) -> None:
    """The moment ends one run and begins another."""
    if event.left_id is not None:
        left = state.parts[event.left_id]
        ended = replace(left.runs[-1], until=recorded.at)
        state.parts[left.id] = replace(left, runs=(*left.runs[:-1], ended))
    if event.part_id is not None:
        part = state.parts[event.part_id]
        state.parts[part.id] = replace(part, runs=(*part.runs, Run(recorded.at)))
    state.runshow = replace(state.runshow, current=event.part_id, moved_by=event.by)


# Each handler takes the event of its own key; the type of the table cannot say so.
FOLDS: Mapping[type[Event], Callable[[RoomState, Recorded, Any], None]] = {
    PartChanged: fold_part,
    RunshowChanged: fold_runshow,
    RunshowMoved: fold_moved,
}
