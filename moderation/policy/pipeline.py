"""The policy: what is looked at, in this order.

Each phase is a pure function of one line and what is known around it; it says what it found, or
nothing. How far a finding goes is the dial's to say: ``suggest`` tells the team, ``automatic``
holds the line for a person. Nothing here refuses or deletes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Final

from live.domain.dial import Judgement
from live.domain.value import dataclass
from live.ports.gate import Candidate, Heard
from moderation.ear.ports import HOLD_FROM
from moderation.policy.disguise import Found, Words
from moderation.policy.history import Past
from moderation.policy.links import find_link
from moderation.policy.normalise import letters
from moderation.policy.personal import Personal, find_personal
from moderation.policy.reasons import Code

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
    """One line under review, normalised. ``folded`` is what a reader takes it for (see
    ``normalise``), ``words`` what is watched in its language, ``heard`` what the models made of it,
    if they were there.
    """

    candidate: Candidate
    folded: str
    language: str
    past: Past
    words: Sequence[Words] = ()
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a phase found, and what in the text shows it. ``personal`` is what may be masked."""

    judgement: Judgement
    code: Code
    evidence: str | None = None
    personal: tuple[Personal, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Phase:
    """A step of the policy, for the judgement that its dial turns."""

    judgement: Judgement
    look: Callable[[Line], Finding | None]


def repeats(line: Line) -> Finding | None:
    """The author's same text once too often, or a long one that several people send."""
    past = line.past
    if past.said_by_author < SAME_LINES and past.said_by_others < FLOOD_AUTHORS - 1:
        return None
    count = len(letters(line.folded))
    if past.said_by_author >= (SAME_SHORT_LINES if count <= SHORT else SAME_LINES):
        return Finding("repeats", "repeat")
    if count >= FLOOD_LETTERS and past.said_by_others >= FLOOD_AUTHORS - 1:
        return Finding("repeats", "flood")
    return None


def links(line: Line) -> Finding | None:
    """A link from someone who has hardly written yet. (Where the session allows none, the room
    itself refuses them.)
    """
    if line.past.author_passed >= LINES_BEFORE_LINKS:
        return None
    link = find_link(line.candidate.text) or find_link(line.folded)
    return Finding("links", "link", link) if link else None


def personal_data(line: Line) -> Finding | None:
    """An e-mail address, a phone, card or account number."""
    text = line.candidate.text
    tags = (line.candidate.author_language, *line.candidate.languages)
    found = find_personal(text, tags)
    if not found:
        return None
    first = found[0]
    return Finding("personal_data", first.kind, text[first.start : first.end], tuple(found))


def words(line: Line) -> Finding | None:
    """A watched word of the language the line is in, disguised or not."""
    text = line.candidate.text
    for watched in line.words:
        found: Found | None = watched.find(text)
        if found is not None:
            return Finding("words", "word", text[found.start : found.end])
    return None


def learned_filter(line: Line) -> Finding | None:
    """What resembles lines that the team did not want."""
    score = line.heard.score if line.heard is not None else None
    if score is None or score.unwanted < HOLD_FROM:
        return None
    heaviest = max(score.weighed, key=lambda each: each.weight, default=None)
    shown = heaviest is not None and heaviest.kind == "feature" and heaviest.weight > 0
    return Finding("filter", "filter", heaviest.shown if shown and heaviest else None)


PHASES: Final = (
    Phase("repeats", repeats),
    Phase("links", links),
    Phase("personal_data", personal_data),
    Phase("words", words),
    Phase("filter", learned_filter),
)
"""The external hook comes after these, where nothing is held yet: see ``gate``."""
