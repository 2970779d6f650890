"""Staff decide on many things at once, and take such a sweep back as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from live.domain.decision import Decision
from live.domain.decision_commands import Aimed, Decide, DecideMany, UndoDecision
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.fold import fold
from live.domain.moderating import decide_on, known_decisions, reason_given, undo
from live.domain.outcome import Context, Decided, Each, Refusal, Result
from live.domain.people import Participant
from live.domain.state import RoomState
from live.domain.subject import Subject

SUBJECTS_MOST: Final = 100
"""So many with their identifiers fit into one frame of the socket."""

_Attempt = tuple[Subject, Callable[[RoomState], Decided | Refusal]]
"""What is to be decided on, and how, in the state that the ones before have left."""


def decide_many(
    state: RoomState, actor: Participant, command: DecideMany, context: Context
) -> Decided | Refusal:
    """Each for itself: what is refused, as stale or otherwise, is told and stops none of the
    others. All that is done bears one group, by which it can be undone."""
    aimed = command.subjects
    if not 1 <= len(aimed) <= SUBJECTS_MOST:
        return Refusal("invalid", f"Between 1 and {SUBJECTS_MOST} subjects, please.")
    if len({each.subject for each in aimed}) < len(aimed):
        return Refusal("invalid", "A subject is named twice.")
    reason = reason_given(state, actor, command.reason, context)
    if isinstance(reason, Refusal):
        return reason
    group = context.entropy.new_id()

    def attempt(each: Aimed) -> _Attempt:
        asked = Decide(each.subject, each.revision, each.verdict or command.verdict)
        return each.subject, lambda scratch: decide_on(
            scratch, actor, asked, context, reason=reason, group=group
        )

    done = _one_by_one(state, map(attempt, aimed), group, context)
    if reason is None or not done.events:
        return done
    return Decided(done.events, done.result, contents=(reason,))


def undo_one_or_all(
    state: RoomState, actor: Participant, command: UndoDecision, context: Context
) -> Decided | Refusal:
    """One decision, or all that were made at once."""
    if command.decision_id is not None and command.group_id is None:
        return undo(state, actor, command.decision_id, context, over=command.over)
    if command.group_id is not None and command.decision_id is None:
        return _undo_group(state, actor, command.group_id, context)
    return Refusal("invalid", "Either a decision is undone or a group of them.")


def _undo_group(
    state: RoomState, actor: Participant, group: str, context: Context
) -> Decided | Refusal:
    """Everything of a sweep that still stands goes back, the last first; itself a sweep."""
    standing = [each for each in known_decisions(state, context) if each.group == group]
    if not standing:
        return Refusal("not_found", "There is no such group of decisions.")
    undone_by = context.entropy.new_id()

    def attempt(decision: Decision) -> _Attempt:
        return decision.subject, lambda scratch: undo(
            scratch, actor, decision.id, context, group=undone_by
        )

    done = _one_by_one(state, map(attempt, reversed(standing)), undone_by, context)
    if not done.events:
        current = standing[-1].subject
        return Refusal("stale", "Something else was decided on each since.", current=current)
    return done


def _one_by_one(
    state: RoomState, attempts: Iterable[_Attempt], group: str, context: Context
) -> Decided:
    scratch = state.fork()
    events: list[Event] = []
    told: list[Each] = []
    for subject, attempt in attempts:
        outcome = attempt(scratch)
        if isinstance(outcome, Refusal):
            told.append(Each(subject, code=outcome.code))
            continue
        for event in outcome.events:
            fold(scratch, Recorded(scratch.head + 1, context.now, event))
        events += outcome.events
        result = outcome.result
        told.append(Each(subject, None, result.decision_id, result.revision, result.status))
    return Decided(tuple(events), Result(group_id=group if events else None, each=tuple(told)))
