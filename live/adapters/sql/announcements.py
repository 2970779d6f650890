"""Announcements as rows and back; see ``rows``."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from live.adapters.sql.rows import Values, microseconds, moment
from live.domain.announcement import Announcement, AnnouncementStatus, Variant
from live.domain.ids import AnnouncementId, ContentId, ParticipantId, SessionId


def announcement_row(session_id: SessionId, announcement: Announcement) -> Values:
    """The values in the order of the table's columns."""
    variants = [
        [each.segment, each.language, each.content_id, each.commitment]
        for each in announcement.variants
    ]
    until, due = announcement.until, announcement.due
    return (
        announcement.id,
        session_id,
        announcement.author_id,
        microseconds(announcement.at),
        announcement.revision,
        announcement.status.value,
        json.dumps(variants, separators=(",", ":")),
        None if until is None else microseconds(until),
        announcement.pinned,
        announcement.countdown,
        announcement.lasts_s,
        None if due is None else microseconds(due),
    )


def announcement(row: Row[Any]) -> Announcement:
    """What ``announcement_row`` was made from."""
    return Announcement(
        id=AnnouncementId(row.id),
        author_id=ParticipantId(row.author_id),
        at=moment(row.at_us),
        revision=row.revision,
        status=AnnouncementStatus(row.status),
        variants=tuple(
            Variant(segment, language, ContentId(content_id), commitment)
            for segment, language, content_id, commitment in json.loads(row.variants)
        ),
        until=None if row.until_us is None else moment(row.until_us),
        pinned=row.pinned,
        countdown=row.countdown,
        lasts_s=row.lasts_s,
        due=None if row.due_us is None else moment(row.due_us),
    )
