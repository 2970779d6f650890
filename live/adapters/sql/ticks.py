"""What was counted, as rows and back; see ``rows``."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from live.adapters.sql import tables
from live.adapters.sql.rows import Values
from live.domain.ids import SessionId
from live.domain.pulse import KEPT_TICKS, Tick

_TICK: Final = tables.ticks.c


class _Kept(msgspec.Struct, omit_defaults=True):
    """A tick in lists: keys of several parts are none in JSON."""

    n: list[tuple[str, str, str, int]]
    here: list[tuple[str, str, int]] | None = None
    moods: list[tuple[str, int, int]] | None = None
    attentive: list[tuple[str, str, int]] | None = None


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(_Kept)


def tick_row(session_id: SessionId, tick: Tick) -> Values:
    """The values in the order of the table's columns."""
    here, moods, attentive = tick.here, tick.moods, tick.attentive
    kept = _Kept(
        [(*key, count) for key, count in tick.counts.items()],
        None if here is None else [(*cell, people) for cell, people in here.items()],
        None if moods is None else [(segment, *mood) for segment, mood in moods.items()],
        None if attentive is None else [(*cell, people) for cell, people in attentive.items()],
    )
    return (session_id, tick.at, _ENCODER.encode(kept).decode())


def tick(row: Row[Any]) -> Tick:
    """What ``tick_row`` was made from."""
    kept = _DECODER.decode(row.counts)
    here, moods, attentive = kept.here, kept.moods, kept.attentive
    return Tick(
        row.at,
        {(segment, language, signal): count for segment, language, signal, count in kept.n},
        None if here is None else {(segment, language): n for segment, language, n in here},
        None if moods is None else {segment: (mean, people) for segment, mean, people in moods},
        None if attentive is None else {(segment, lang): n for segment, lang, n in attentive},
    )


def latest(connection: Connection, session_id: SessionId) -> list[Tick]:
    """As many as a room keeps in memory, oldest first."""
    query = (
        select(tables.ticks)
        .where(_TICK.session_id == session_id)
        .order_by(_TICK.at.desc())
        .limit(KEPT_TICKS)
    )
    return [tick(row) for row in reversed(connection.execute(query).all())]


def between(connection: Connection, session_id: SessionId, first: int, last: int) -> list[Tick]:
    """Those from ``first`` to ``last``, oldest first."""
    query = (
        select(tables.ticks)
        .where(_TICK.session_id == session_id, _TICK.at >= first, _TICK.at <= last)
        .order_by(_TICK.at)
    )
    return [tick(row) for row in connection.execute(query)]
