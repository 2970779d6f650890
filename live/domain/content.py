"""Personal text, kept beside the log so that it can be erased without touching the log.

The log holds a commitment to the text, salted per row; the salt goes with the text, so what remains
of an erased row tells nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from live.domain.ids import ContentId, ParticipantId, SessionId
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    """One erasable text. ``text`` and ``salt`` are None once erased; the row itself stays."""

    id: ContentId
    session_id: SessionId
    owner_id: ParticipantId
    text: str | None
    salt: bytes | None
    at: datetime

    @property
    def commitment(self) -> str | None:
        if self.text is None or self.salt is None:
            return None
        return commitment(self.text, self.salt)


def commitment(text: str, salt: bytes) -> str:
    """BLAKE2b-128 over salt and text, in hexadecimal; hiding as long as the salt is unknown."""
    return hashlib.blake2b(text.encode(), key=salt, digest_size=16).hexdigest()


def first_version(content_id: ContentId) -> ContentId:
    """Names the text that an item had when it was written."""
    return ContentId(content_id.partition(".")[0])


def next_version(content_id: ContentId, revision: int) -> ContentId:
    """Names the text that replaces another one in an item's ``revision``."""
    return ContentId(f"{first_version(content_id)}.{revision}")


def all_versions(content_id: ContentId, revision: int) -> tuple[ContentId, ...]:
    """Every name that a text of this item may have had up to ``revision``; most never existed."""
    first = first_version(content_id)
    return (first, *(next_version(first, each) for each in range(2, revision + 1)))
