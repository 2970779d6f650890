"""The server raises cues; the team settles them and says how it wants to be cued.

One cue is open at a time. They are kept in the log, so that no restart says anything twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from live.domain.cue import Cue, CueOutcome, CueRule
from live.domain.cue_commands import LetCuePass, RaiseCue, SettleCue, TuneCues
from live.domain.cue_events import CueRaised, CueSettled, CuesTuned
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.session import SessionState
from live.domain.state import RoomState

CUES_KEPT = 100
SNOOZE_S = 120
SNOOZE_MOST_S = 3_600
CALM_MOST_S = 120


def open_cue(state: RoomState) -> Cue | None:
    """The one that waits for the team."""
    return next((each for each in reversed(state.cues) if each.is_open), None)


def raise_cue(
    state: RoomState, actor: Participant | None, command: RaiseCue, context: Context
) -> Decided | Refusal:
    """One that is open gives way if the new one is more urgent; else nothing comes of it."""
    settings = state.cueing
    silent = not settings.on or command.rule in settings.off
    if silent or state.session.state is not SessionState.LIVE:
        return Decided()
    events: list[Event] = []
    standing = open_cue(state)
    if standing is not None:
        if urgency(standing.rule) <= urgency(command.rule):
            return Decided()
        events.append(CueSettled(standing.id, CueOutcome.GAVE_WAY))
    cue = Cue(
        id=context.entropy.new_id(),
        rule=command.rule,
        segment=command.segment,
        language=command.language,
        since=command.since,
        at=context.now,
        evidence=command.evidence,
        act=command.act,
        topic=command.topic,
    )
    return Decided((*events, CueRaised(cue)), Result(cue_id=cue.id))


def urgency(rule: CueRule) -> int:
    """The place of a rule among all, 0 for the most urgent."""
    return list(CueRule).index(rule)


def let_pass(
    state: RoomState, actor: Participant | None, command: LetCuePass, _: Context
) -> Decided | Refusal:
    cue = open_cue(state)
    if cue is None or cue.id != command.cue_id:
        return Decided()
    return Decided((CueSettled(cue.id, CueOutcome.OVER),), Result(cue_id=cue.id))


def settle(
    state: RoomState, actor: Participant, command: SettleCue, context: Context
) -> Decided | Refusal:
    """What the team made of it: whoever of them was first."""
    cue = next((each for each in state.cues if each.id == command.cue_id), None)
    if cue is None:
        return Refusal("not_found", "There is no such cue any more.")
    if not cue.is_open:
        return Refusal("stale", "A colleague was first, or it has passed.")
    if command.outcome not in (CueOutcome.ACTED, CueOutcome.DISMISSED, CueOutcome.SNOOZED):
        return Refusal("invalid", "A cue is acted on, dismissed or snoozed.")
    until = None
    if command.outcome is CueOutcome.SNOOZED:
        snooze_s = SNOOZE_S if command.for_s is None else command.for_s
        if not 0 < snooze_s <= SNOOZE_MOST_S:
            return Refusal("invalid", f"A cue is snoozed for 1 to {SNOOZE_MOST_S} seconds.")
        until = context.now + timedelta(seconds=snooze_s)
    did = (command.did or cue.act) if command.outcome is CueOutcome.ACTED else None
    settled = CueSettled(cue.id, command.outcome, actor.id, did, until)
    return Decided((settled,), Result(cue_id=cue.id))


def tune(state: RoomState, actor: Participant, command: TuneCues, _: Context) -> Decided | Refusal:
    """What is not given stays."""
    if command.calm_s is not None and not 0 <= command.calm_s <= CALM_MOST_S:
        return Refusal("invalid", f"Calm is 0 to {CALM_MOST_S} seconds.")
    now = state.cueing
    tuned = replace(
        now,
        on=now.on if command.on is None else command.on,
        sensitivity=command.sensitivity or now.sensitivity,
        off=now.off if command.off is None else tuple(sorted(set(command.off), key=urgency)),
        calm_s=now.calm_s if command.calm_s is None else command.calm_s,
    )
    if tuned == now:
        return Decided()
    standing = open_cue(state)
    silenced = standing is not None and (not tuned.on or standing.rule in tuned.off)
    passed: tuple[Event, ...] = ()
    if standing is not None and silenced:
        passed = (CueSettled(standing.id, CueOutcome.DISMISSED, actor.id),)
    return Decided((CuesTuned(tuned, actor.id), *passed))


def lapsed_cues(state: RoomState) -> Iterator[Event]:
    """Nobody waits for a cue once the show has ended."""
    standing = open_cue(state)
    if standing is not None and state.session.state is SessionState.ENDED:
        yield CueSettled(standing.id, CueOutcome.OVER)


def fold_raised(state: RoomState, recorded: Recorded, event: CueRaised) -> None:
    state.cues = (*state.cues, event.cue)[-CUES_KEPT:]


def fold_settled(state: RoomState, recorded: Recorded, event: CueSettled) -> None:
    state.cues = tuple(
        replace(
            each,
            outcome=event.outcome,
            settled_at=recorded.at,
            by=event.by,
            did=event.did,
            until=event.until,
        )
        if each.id == event.cue_id
        else each
        for each in state.cues
    )


def fold_tuned(state: RoomState, recorded: Recorded, event: CuesTuned) -> None:
    state.cueing = event.cueing
