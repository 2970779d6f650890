"""The policy: what is looked at, in this order. The first phase with something to say decides.

A phase is a pure function of one line and what is known around it. It takes well under a
millisecond for the longest text allowed; slow judgements (models, services) get phases of their own
with deadlines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from live.domain.message import Reason
from live.ports.gate import Candidate
from moderation.policy.history import Past
from moderation.policy.links import find_link
from moderation.policy.reasons import reason

SAME_LINES: Final = 3
"""So often the same text may come from one person within a minute: once more than what a client
that lost the answer twice sends again.
"""
SAME_SHORT_LINES: Final = 8
SHORT: Final = 12
"""Up to so many letters are an exclamation, which people repeat in earnest."""
FLOOD_AUTHORS: Final = 4
FLOOD_LETTERS: Final = 30
"""Greetings and cheers are shorter, and many people send the same ones at once."""
LINES_BEFORE_LINKS: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line under review. ``folded`` is what a reader takes it for (see ``normalise``),
    ``letters`` what it is compared by.
    """

    candidate: Candidate
    folded: str
    letters: str
    language: str
    past: Past
    watched_words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a phase decided, and why."""

    outcome: Literal["hold", "refuse"]
    reason: Reason


Phase = Callable[[Line], Finding | None]


def repeats(line: Line) -> Finding | None:
    """The author's same text once too often, or a long one that several people send."""
    reader = line.candidate.author_language
    allowed = SAME_SHORT_LINES if len(line.letters) <= SHORT else SAME_LINES
    if line.past.said_by_author >= allowed:
        return Finding("hold", reason("repeat", reader))
    if len(line.letters) >= FLOOD_LETTERS and line.past.said_by_others >= FLOOD_AUTHORS - 1:
        return Finding("hold", reason("flood", reader))
    return None


def links(line: Line) -> Finding | None:
    """A link from someone who has hardly written yet. (Where the session allows none, the room
    itself refuses them.)
    """
    if line.past.author_passed >= LINES_BEFORE_LINKS:
        return None
    link = find_link(line.candidate.text) or find_link(line.folded)
    if link is None:
        return None
    return Finding("hold", reason("link", line.candidate.author_language, link))


def word_lists(line: Line) -> Finding | None:
    """A watched word of the language the line is in."""
    if not line.watched_words:
        return None
    for word in line.folded.split():
        bare = word.strip(".,;:!?…'’\"«»()*")
        if bare in line.watched_words:
            return Finding("hold", reason("word", line.candidate.author_language, bare))
    return None


PHASES: Final[Sequence[Phase]] = (repeats, links, word_lists)


def judge(line: Line, phases: Sequence[Phase] = PHASES) -> Finding | None:
    """The first finding; None where nobody has anything to say."""
    return next((finding for phase in phases if (finding := phase(line))), None)


WordLists = Mapping[str, frozenset[str]]
"""Watched words, folded, by primary language."""
