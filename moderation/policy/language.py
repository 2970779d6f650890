"""Which language a line is in, and which one its author writes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Protocol

from live.domain.ids import ParticipantId, SessionId

OTHER: Final = "und"
"""BCP 47 for a language that is not told: surely none of the session's."""
LINES_TO_FOLLOW: Final = 3
"""So many lines in a row in one other language, and that is what the author writes."""
_MOST_AUTHORS: Final = 50_000


class Languages(Protocol):
    """Tells what language a short text is in.

    ``language_of`` chooses among the tags given or returns ``OTHER``; ``fallback``, the author's
    language, counts in its favour and is the answer where a text says nothing.
    """

    def language_of(self, text: str, *, among: Sequence[str], fallback: str) -> str: ...


class AuthorsLanguage:
    """Takes every text for one in its author's language."""

    def language_of(self, text: str, *, among: Sequence[str], fallback: str) -> str:  # noqa: ARG002 - the port's
        return fallback


class Followed:
    """What people turn out to write. In memory: after a restart the evidence begins anew."""

    def __init__(self) -> None:
        self._rows: OrderedDict[tuple[SessionId, ParticipantId], tuple[str, int]] = OrderedDict()

    def note(
        self, session_id: SessionId, author_id: ParticipantId, *, wrote: str, speaks: str
    ) -> str | None:
        """Count a line; the language to take the author for from now on, if that is another than
        ``speaks``. A line in a language that the session has not says nothing.
        """
        if wrote == OTHER:
            return None
        key = (session_id, author_id)
        if wrote == speaks:
            self._rows.pop(key, None)
            return None
        language, lines = self._rows.pop(key, (wrote, 0))
        lines = lines + 1 if language == wrote else 1
        if lines >= LINES_TO_FOLLOW:
            return wrote
        self._rows[key] = (wrote, lines)
        if len(self._rows) > _MOST_AUTHORS:
            self._rows.popitem(last=False)
        return None
