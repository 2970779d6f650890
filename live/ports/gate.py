"""What live asks before it takes what people write: may this be said?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from live.domain.ids import ParticipantId, SessionId
from live.domain.message import Reason
from live.domain.people import Role


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text on its way in. ``text`` is NFC and within its bounds already."""

    session_id: SessionId
    author_id: ParticipantId
    author_role: Role
    kind: Literal["message", "question"]
    text: str
    languages: tuple[str, ...]
    author_language: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the gate thinks: ``pass`` leaves the session's review mode to decide, ``hold`` waits for
    a person, and so does ``refuse``, which only says how sure the gate is: no machine has the last
    word on what somebody writes. The author is told the reasons."""

    outcome: Literal["pass", "hold", "refuse"]
    language: str
    reasons: tuple[Reason, ...] = ()
    score: float | None = None


class Gate(Protocol):
    """Reviews candidates outside the room's writer.

    ``review`` may be called concurrently and out of order; it keeps no promise about effects if it
    is cancelled. The caller sets the deadline and decides what a timeout means; an exception counts
    as one. It never performs an effect on the session.
    """

    async def review(self, candidate: Candidate) -> Opinion: ...


class OpenGate:
    """Lets everything pass; live runs complete with it."""

    async def review(self, candidate: Candidate) -> Opinion:
        return Opinion(outcome="pass", language=candidate.author_language)
