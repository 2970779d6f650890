"""Someone of the team takes a subject in hand; the claim lapses by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from live.domain.decision import Claim
from live.domain.decision_commands import ClaimSubject, ReleaseSubject
from live.domain.decision_events import ClaimChanged
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.state import RoomState
from live.domain.subject import Subject


def claim(
    state: RoomState, actor: Participant, command: ClaimSubject, context: Context
) -> Decided | Refusal:
    """One's own claim is renewed."""
    subject = command.subject
    if state.find(subject) is None:
        return Refusal("not_found", f"There is no such {subject.kind}.")
    standing = state.claims.get(subject)
    if standing and standing.by != actor.id and context.now < standing.until:
        return Refusal("wrong_state", "A colleague has this in hand.", current=subject)
    until = context.now + timedelta(seconds=context.limits.claim_s)
    return Decided((ClaimChanged(subject, actor.id, until),), Result(subject=subject))


def release(
    state: RoomState, actor: Participant, command: ReleaseSubject, _: Context
) -> Decided | Refusal:
    standing = state.claims.get(command.subject)
    if standing and standing.by != actor.id:
        return Refusal("forbidden", "A colleague has this in hand.", current=command.subject)
    return Decided(released(state, command.subject), Result(subject=command.subject))


def released(state: RoomState, subject: Subject) -> tuple[Event, ...]:
    """What ends the claim on a subject, if there is one."""
    return (ClaimChanged(subject),) if subject in state.claims else ()


def lapsed_claims(state: RoomState, now: datetime) -> tuple[Event, ...]:
    """What ends the claims whose time is over."""
    return tuple(ClaimChanged(each.subject) for each in state.claims.values() if each.until <= now)


def fold_claim(state: RoomState, recorded: Recorded, event: ClaimChanged) -> None:
    claims = {key: value for key, value in state.claims.items() if key != event.subject}
    if event.by is not None and event.until is not None:
        claims[event.subject] = Claim(event.subject, event.by, event.until)
    state.claims = claims
