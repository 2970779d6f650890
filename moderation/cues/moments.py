"""Moments of a show: when many begin to applaud, or to be confused, and what was on then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from live.domain.ids import PartId, QuestionId
from live.domain.pulse import BEGUN, TEAM, TICK_S, Tick, moment_of
from live.domain.small_cells import LEAST
from live.domain.state import RoomState

BLOCK_TICKS: Final = 5
APART_BLOCKS: Final = 3
"""Of blocks so close together only the highest is a moment."""

MOST: Final = 20
ABOVE: Final = 3.0
"""A moment stands out from its show: so many times what is usual in ten seconds of it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """So many people began within ten seconds; ``question_id`` was being answered, ``part_id`` was
    on."""

    kind: str
    at: datetime
    people: int
    question_id: QuestionId | None
    part_id: PartId | None


def moments(state: RoomState, ticks: Iterable[Tick]) -> list[Moment]:
    """Those of these ticks, oldest first."""
    blocks: dict[tuple[str, int], int] = {}
    known = list(ticks)
    first = min((tick.at for tick in known), default=0) // BLOCK_TICKS
    for tick in known:
        for (segment, _, signal), count in tick.counts.items():
            if segment != TEAM and signal in BEGUN.values():
                key = (signal, tick.at // BLOCK_TICKS)
                blocks[key] = blocks.get(key, 0) + count
    found = [
        _moment(state, kind, block, people)
        for kind, signal in BEGUN.items()
        for block, people in _peaks(
            {at: n for (what, at), n in blocks.items() if what == signal}, first
        )
    ]
    return sorted(found, key=lambda each: each.at)[-MOST:]


def _peaks(counts: dict[int, int], first: int) -> list[tuple[int, int]]:
    blocks = range(first, max(counts, default=first) + 1)
    usual = sorted(counts.get(block, 0) for block in blocks)[len(blocks) // 2]
    return [
        (block, people)
        for block, people in counts.items()
        if people >= max(LEAST, ABOVE * usual)
        and all(
            (counts.get(near, 0), near) < (people, block) or near == block
            for near in range(block - APART_BLOCKS, block + APART_BLOCKS + 1)
        )
    ]


def _moment(state: RoomState, kind: str, block: int, people: int) -> Moment:
    at = moment_of(block * BLOCK_TICKS)
    return Moment(kind, at, people, _answered_at(state, at), _part_at(state, at))


def _answered_at(state: RoomState, at: datetime) -> QuestionId | None:
    """What was being answered in that block."""
    upto = at + timedelta(seconds=BLOCK_TICKS * TICK_S)
    known = [
        each
        for each in state.questions.values()
        if each.answering_at is not None
        and each.answering_at < upto
        and (each.answered_at is None or each.answered_at >= at)
    ]
    latest = max(known, key=lambda each: each.answering_at or at, default=None)
    return None if latest is None else latest.id


def _part_at(state: RoomState, at: datetime) -> PartId | None:
    for part in state.parts.values():
        for run in part.runs:
            if run.since <= at and (run.until is None or at < run.until):
                return part.id
    return None
