"""Announcements of one session, as they are exported: to whom in which words, and how far they got.

What was erased is absent; figures that would point at few people are kept back, as on the pages.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select

from app.database.tables import pictures, receipts
from live.adapters.sql.announcements import announcement as read
from live.adapters.sql.tables import announcements, contents
from live.domain import small_cells
from live.domain.announcement import Announcement
from live.domain.ids import SessionId
from live.domain.small_cells import Cell

_IDS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class ExportedVariant:
    """What the people of one segment (null: of all) read; ``text`` is absent once erased."""

    segment: str | None
    language: str
    text: str | None
    link: dict[str, str] | None
    product: dict[str, str | None] | None
    translated: bool


@dataclass(frozen=True, slots=True)
class ExportedCount:
    """People of one cohort by how far they got; null where it would point at few."""

    segment: str
    language: str
    reached: int | None
    seen: int | None
    acted: int | None


@dataclass(frozen=True, slots=True)
class ExportedAnnouncement:
    """One announcement; ``counts`` of cohorts that it reached."""

    id: str
    at: datetime
    status: str
    revision: int
    author_id: str
    until: datetime | None
    due: datetime | None
    pinned: bool
    variants: list[ExportedVariant]
    counts: list[ExportedCount]


@dataclass(frozen=True, slots=True)
class ExportedPicture:
    """The picture of a product; ``data`` in Base64."""

    id: str
    media_type: str
    data: bytes


def announced(connection: Connection, session_id: SessionId) -> list[ExportedAnnouncement]:
    """All of them, oldest first."""
    of_session = select(announcements).where(announcements.c.session_id == session_id)
    known = [read(row) for row in connection.execute(of_session)]
    wanted = [each.content_id for announcement in known for each in announcement.variants]
    words = _words(connection, session_id, wanted)
    counts = _counts(connection, session_id)
    return [
        ExportedAnnouncement(
            id=each.id,
            at=each.at,
            status=each.status.value,
            revision=each.revision,
            author_id=each.author_id,
            until=each.until,
            due=each.due,
            pinned=each.pinned,
            variants=list(_variants(each, words)),
            counts=list(_told(counts.get(each.id, {}))),
        )
        for each in sorted(known, key=lambda each: (each.at, each.id))
    ]


def shown_pictures(connection: Connection, session_id: SessionId) -> list[ExportedPicture]:
    """All of the session's, oldest first."""
    query = select(pictures).where(pictures.c.session_id == session_id)
    rows = connection.execute(query.order_by(pictures.c.added_us, pictures.c.id))
    return [ExportedPicture(row.id, row.media_type, bytes(row.data)) for row in rows]


def _variants(
    announcement: Announcement, words: Mapping[str, dict[str, Any]]
) -> Iterator[ExportedVariant]:
    for each in announcement.variants:
        said = words.get(each.content_id, {})
        yield ExportedVariant(
            segment=each.segment,
            language=each.language,
            text=said.get("text"),
            link=said.get("link"),
            product=said.get("product"),
            translated=said.get("translated", False),
        )


def _words(
    connection: Connection, session_id: SessionId, wanted: Sequence[str]
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        some = contents.c.id.in_(wanted[start : start + _IDS_AT_ONCE])
        query = select(contents.c.id, contents.c.text).where(
            contents.c.session_id == session_id, some, contents.c.text.is_not(None)
        )
        found |= {row.id: json.loads(row.text) for row in connection.execute(query)}
    return found


def _counts(connection: Connection, session_id: SessionId) -> dict[str, dict[int, dict[Cell, int]]]:
    """People by announcement, stage and cohort; each stage holds those of the later ones."""
    keys = (
        receipts.c.announcement_id,
        receipts.c.stage,
        receipts.c.segment,
        receipts.c.language,
    )
    query = select(*keys, func.count()).where(receipts.c.session_id == session_id).group_by(*keys)
    counts: dict[str, dict[int, dict[Cell, int]]] = {}
    for announcement_id, reached, segment, language, people in connection.execute(query):
        stages = counts.setdefault(announcement_id, defaultdict(lambda: defaultdict(int)))
        for stage in range(1, reached + 1):
            stages[stage][segment, language] += people
    return counts


def _told(stages: Mapping[int, Mapping[Cell, int]]) -> Iterator[ExportedCount]:
    shown = [small_cells.shown(stages.get(stage, {})).cells for stage in (1, 2, 3)]
    for cell in sorted(shown[0]):
        reached, seen, acted = (each.get(cell, 0) for each in shown)
        yield ExportedCount(*cell, reached, seen, acted)
