"""Someone is silenced or banned, for a while or until the end; sanctions lapse by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from live.domain.commands import SetSanction
from live.domain.events import Event, Recorded, SanctionSet
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.sanction import Sanction, SanctionKind
from live.domain.state import RoomState


def sanction(
    state: RoomState, actor: Participant, command: SetSanction, context: Context
) -> Decided | Refusal:
    """A moment that is past lifts it; a timeout without end gets the usual length."""
    target = state.participants.get(command.participant_id)
    if target is None:
        return Refusal("not_found", "There is no such participant.")
    if target.role.is_staff:
        return Refusal("forbidden", "Nobody of the team can be sanctioned.")
    until = command.until
    if until is None and command.kind is SanctionKind.TIMEOUT:
        until = context.now + timedelta(seconds=context.limits.timeout_s)
    result = Result(participant_id=target.id)
    standing = state.sanctions.get((target.id, command.kind))
    if until is not None and until <= context.now:
        if standing is None:
            return Decided(result=result)
        return Decided((_lifted(standing, actor),), result)
    if standing is not None and standing.until == until:
        return Decided(result=result)
    return Decided((SanctionSet(target.id, command.kind, until, actor.id),), result)


def _lifted(standing: Sanction, by: Participant | None) -> SanctionSet:
    return SanctionSet(
        standing.participant_id,
        standing.kind,
        standing.until,
        None if by is None else by.id,
        lifted=True,
    )


def lapsed_sanctions(state: RoomState, now: datetime) -> tuple[Event, ...]:
    """What lifts the sanctions whose time is over."""
    return tuple(_lifted(each, None) for each in state.sanctions.values() if not each.holds(now))


def fold_sanction(state: RoomState, recorded: Recorded, event: SanctionSet) -> None:
    key = (event.participant_id, event.kind)
    sanctions = {each: value for each, value in state.sanctions.items() if each != key}
    if not event.lifted:
        sanctions[key] = Sanction(event.participant_id, event.kind, event.until, recorded.at)
    state.sanctions = sanctions
