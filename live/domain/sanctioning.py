"""Someone is silenced or banned, for a while or until the end; sanctions lapse by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from live.domain.calling import taken_down
from live.domain.content import Content
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.people_events import SanctionSet
from live.domain.sanction import Sanction, SanctionKind, Scope
from live.domain.sanction_commands import Sanctioned, SetSanction
from live.domain.state import RoomState
from live.domain.text import clean_text
from live.domain.writing import new_content

SHORTEST: Final = timedelta(seconds=10)
LONGEST: Final = timedelta(hours=24)
"""A timeout is a pause; what should last longer is a mute or a ban."""

_LENIENCY: Final = timedelta(minutes=1)
"""By so much the asker's clock may be ahead of ours."""


def sanction(
    state: RoomState, actor: Participant, command: SetSanction, context: Context
) -> Decided | Refusal:
    """A moment that is past lifts it; a timeout without end gets the usual length."""
    target = state.participants.get(command.participant_id)
    if target is None:
        return Refusal("not_found", "There is no such participant.")
    if target.role.is_staff:
        return Refusal("forbidden", "Nobody of the team can be sanctioned.")
    if command.scope is Scope.BRAND and command.kind is not SanctionKind.BAN:
        return Refusal("invalid", "Only a ban can hold for all sessions.")
    result = Result(participant_id=target.id)
    standing = state.sanctions.get((target.id, command.kind))
    if command.until is not None and command.until <= context.now:
        if standing is None:
            return Decided(result=result)
        return Decided((lift(standing, actor),), result)
    until = _until(command, context)
    if isinstance(until, Refusal):
        return until
    reason = _reason(state, actor, command.reason, context)
    if isinstance(reason, Refusal):
        return reason
    same = standing is not None and (standing.until, standing.scope) == (until, command.scope)
    if same and reason is None:
        return Decided(result=result)
    event = SanctionSet(
        target.id,
        command.kind,
        until,
        actor.id,
        reason_id=None if reason is None else reason.id,
        commitment=None if reason is None else reason.commitment,
        scope=command.scope,
    )
    down = taken_down(state, target.id) if command.kind is SanctionKind.BAN else ()
    return Decided((event, *down), result, contents=() if reason is None else (reason,))


def carry(
    state: RoomState, _: Participant | None, command: Sanctioned, context: Context
) -> Decided | Refusal:
    """What holds elsewhere, or what the door saw, is true here too, whatever the session's state.
    Only a ban of the brand is lifted by it."""
    target = state.participants.get(command.participant_id)
    if target is None or target.erased or target.role.is_staff:
        return Refusal("not_found", "There is nobody here to sanction.")
    standing = state.sanctions.get((target.id, command.kind))
    result = Result(participant_id=target.id)
    if command.until is not None and command.until <= context.now:
        if standing is None or standing.scope is not command.scope:
            return Decided(result=result)
        return Decided((lift(standing, None),), result)
    if standing is not None and (standing.until, standing.scope) == (command.until, command.scope):
        return Decided(result=result)
    event = SanctionSet(target.id, command.kind, command.until, None, scope=command.scope)
    down = taken_down(state, target.id) if command.kind is SanctionKind.BAN else ()
    return Decided((event, *down), result)


def _until(command: SetSanction, context: Context) -> datetime | Refusal | None:
    """A timeout lasts 10 s at least: shorter ones may be due to a clock that is behind."""
    if command.kind is not SanctionKind.TIMEOUT:
        return command.until
    if command.until is None:
        return context.now + timedelta(seconds=context.limits.timeout_s)
    if command.until > context.now + LONGEST + _LENIENCY:
        return Refusal("invalid", "A timeout lasts 10 s to 24 h; use a mute or a ban for longer.")
    return min(max(command.until, context.now + SHORTEST), context.now + LONGEST)


def _reason(
    state: RoomState, actor: Participant, reason: str | None, context: Context
) -> Content | Refusal | None:
    if reason is None or not reason.strip():
        return None
    text = clean_text(reason, context.limits.text)
    return text if isinstance(text, Refusal) else new_content(state, actor, text, context)[0]


def lift(standing: Sanction, by: Participant | None) -> SanctionSet:
    """What ends a sanction."""
    return SanctionSet(
        standing.participant_id,
        standing.kind,
        standing.until,
        None if by is None else by.id,
        lifted=True,
        scope=standing.scope,
    )


def without_reason(standing: Sanction) -> SanctionSet:
    """The same sanction, its words gone."""
    return SanctionSet(
        standing.participant_id, standing.kind, standing.until, standing.by, scope=standing.scope
    )


def lapsed_sanctions(state: RoomState, now: datetime) -> tuple[Event, ...]:
    """What lifts the sanctions whose time is over."""
    return tuple(lift(each, None) for each in state.sanctions.values() if not each.holds(now))


def fold_sanction(state: RoomState, recorded: Recorded, event: SanctionSet) -> None:
    """Another reason alone makes no other sanction: an appeal against it still is one."""
    key = (event.participant_id, event.kind)
    former = state.sanctions.get(key)
    sanctions = {each: value for each, value in state.sanctions.items() if each != key}
    if not event.lifted:
        same = former is not None and (former.until, former.scope) == (event.until, event.scope)
        sanctions[key] = Sanction(
            event.participant_id,
            event.kind,
            event.until,
            former.at if former is not None and same else recorded.at,
            event.by,
            event.reason_id,
            event.scope,
        )
    state.sanctions = sanctions
