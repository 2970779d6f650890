"""What live asks before it takes what people write: may this be said?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, Protocol, runtime_checkable

from live.domain.dial import SHIPPED, Dial
from live.domain.ids import ParticipantId, SessionId
from live.domain.message import Reason
from live.domain.people import Role
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text on its way in. ``text`` is NFC and within its bounds already.

    ``watched`` are the session's own words to look out for, by primary language.
    ``author_chose`` says that the author set ``author_language`` by hand: it then never follows
    what they write.
    """

    session_id: SessionId
    author_id: ParticipantId
    author_role: Role
    kind: Literal["message", "question"]
    text: str
    languages: tuple[str, ...]
    author_language: str
    author_chose: bool = True
    dial: Dial = SHIPPED
    author_segment: str = "general"
    watched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One thing that moved a score, and by how much in log odds (towards ``unwanted`` above zero).
    Taking it away moves the score the other way.

    ``shown`` is what the line says (``feature``), or the ``decision_id`` of a line decided before
    (``example``): of past lines the filter keeps numbers alone, so whoever shows an example looks
    for its text, which may be gone.
    """

    kind: Literal["feature", "example"]
    shown: str
    weight: float


@dataclass(frozen=True, slots=True)
class Score:
    """How sure the learned filter is, 0 to 1, that a moderator would not want a line, and why."""

    unwanted: float
    weighed: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True)
class Hints:
    """``question`` from 0 to 1; ``segment`` with its likelihood; ``mood`` for tallies only;
    ``topic`` where the line has one that the ear knows."""

    question: float
    segment: str
    segment_likelihood: float
    mood: Literal[-1, 0, 1]
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What the models make of one line; no ``score`` before enough was decided."""

    score: Score | None
    hints: Hints


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the gate thinks: ``pass`` leaves the session's review mode to decide, ``hold`` waits for
    a person, and so does ``refuse``, which only says how sure the gate is: no machine has the last
    word on what somebody writes. The author is told the reasons.

    The rest is for staff and changes nothing by itself: ``noted`` is what judgements found that may
    only suggest, ``heard`` what the models made of the line. ``masked`` is the text to publish
    instead, where the session covers personal data; ``speaks`` the language that the author turns
    out to write, where it is another than ``author_language``.
    """

    outcome: Literal["pass", "hold", "refuse"]
    language: str
    reasons: tuple[Reason, ...] = ()
    score: float | None = None
    noted: tuple[Reason, ...] = ()
    heard: Heard | None = None
    masked: str | None = None
    speaks: str | None = None


class Gate(Protocol):
    """Reviews candidates outside the room's writer.

    ``review`` may be called concurrently and out of order; it keeps no promise about effects if it
    is cancelled. The caller sets the deadline and decides what a timeout means; an exception counts
    as one. It never performs an effect on the session.
    """

    async def review(self, candidate: Candidate) -> Opinion: ...


@runtime_checkable
class PromptGate(Gate, Protocol):
    """A gate that need not always be waited for: where much is said at once, waiting for each line
    by itself costs as much as judging it."""

    def at_once(self, candidate: Candidate) -> Opinion | None:
        """What ``review`` would say, now; None where that has to be asked, and nothing is noted of
        the candidate yet. Raises what ``review`` would."""
        ...


class OpenGate:
    """Lets everything pass; live runs complete with it."""

    def at_once(self, candidate: Candidate) -> Opinion:
        return Opinion(outcome="pass", language=candidate.author_language)

    async def review(self, candidate: Candidate) -> Opinion:
        return self.at_once(candidate)
