"""What the gate made of a text, in the words of the domain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from live.domain.dial import Level
from live.domain.judgement import NO_HINTS, SOMETHING_EARLIER, Hint, Hints, Weighed
from live.domain.message import Reason
from live.domain.outcome import Screening
from live.domain.routing import desk_for
from live.domain.state import RoomState
from live.domain.subject import Subject
from live.ports.gate import Candidate, Heard, Opinion
from live.ports.gate import Weighed as Moved

MODEL_CODES = frozenset({"filter", "hook"})
"""The reasons that no rule gave."""
WEIGHED_MOST = 6


def screening_of(state: RoomState, candidate: Candidate, opinion: Opinion) -> Screening:
    """The opinion as the room acts on it; hints as far as the session's dial lets them be."""
    reasons = (*opinion.reasons, *(replace(each, noted=True) for each in opinion.noted))
    return Screening(
        hold=opinion.outcome != "pass",
        language=opinion.language,
        reasons=tuple(map(_signed, reasons)),
        score=opinion.score,
        hints=_hints(state, candidate, opinion.heard),
        masked=opinion.masked,
        speaks=opinion.speaks,
    )


def _signed(reason: Reason) -> Reason:
    return replace(reason, by="model") if reason.code in MODEL_CODES else reason


def _hints(state: RoomState, candidate: Candidate, heard: Heard | None) -> Hints:
    if heard is None and candidate.kind == "message":
        return NO_HINTS  # as in a rush nearly all
    listening = state.listening
    question = sounds = topic = None
    weighed: tuple[Weighed, ...] = ()
    if heard is not None:
        told = heard.hints
        if listening.dial.question is not Level.OFF and candidate.kind == "message":
            question = round(told.question, 3)
        if listening.dial.segment is not Level.OFF and told.segment != "general":
            likelihood = round(told.segment_likelihood, 3)
            sounds = Hint(told.segment, "sounds", likelihood=likelihood)
        if listening.dial.segment is not Level.OFF:
            topic = told.topic
        if heard.score is not None:
            weighed = _weighed(state, heard.score.weighed)
    desk = None
    if candidate.kind == "question":
        author_segment = candidate.author_segment
        desk = desk_for(listening.routes, candidate.text, author_segment, sounds, topic)
    return Hints(question=question, segment=sounds, desk=desk, weighed=weighed)


def _weighed(state: RoomState, moved: Iterable[Moved]) -> tuple[Weighed, ...]:
    """The heaviest, with earlier texts by name: what somebody else wrote is not copied, so that it
    can be erased in one place."""
    heaviest = sorted(moved, key=lambda each: -abs(each.weight))[:WEIGHED_MOST]
    return tuple(
        Weighed(round(each.weight, 4), words=each.shown)
        if each.kind == "feature"
        else Weighed(round(each.weight, 4), like=_subject_of(state, each.shown))
        for each in heaviest
    )


def _subject_of(state: RoomState, decision_id: str) -> Subject:
    """What was decided on; decisions of other sessions, and long ago, are not in memory."""
    decided = (each.subject for each in reversed(state.decisions) if each.id == decision_id)
    return next(decided, SOMETHING_EARLIER)
