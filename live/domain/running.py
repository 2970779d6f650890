"""The show itself: its steps, its announcement, its mode, its stage, and what time ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from live.domain.announcing import lapsed_announcements
from live.domain.calling import placed, stage_now
from live.domain.claiming import lapsed_claims
from live.domain.cueing import lapsed_cues
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.mode import Mode, Rules
from live.domain.outcome import Context, Decided, Refusal
from live.domain.people import Participant
from live.domain.polling import lapsed_polls
from live.domain.proposing import lapsed_proposals
from live.domain.recording import SetRecording
from live.domain.runshow import first_part, last_part
from live.domain.sanctioning import lapsed_sanctions
from live.domain.saving import due_announcements
from live.domain.segment import Segment
from live.domain.segmenting import clean_segments
from live.domain.session import STEPS, SessionState
from live.domain.session_commands import ChangeState, Lapse, SessionDetails, SetMode, SetStage
from live.domain.session_events import ModeChanged, SessionChanged, StageChanged
from live.domain.slating import slate_ended
from live.domain.state import RoomState

SLOWEST_S = 3600.0

T = TypeVar("T")
AnyRules = TypeVar("AnyRules", bound=Rules)


def change_state(
    state: RoomState, actor: Participant | None, command: ChangeState, _: Context
) -> Decided | Refusal:
    """The same state again is no step and no event."""
    if command.state is state.session.state:
        return Decided()
    if (state.session.state, command.state) not in STEPS:
        return Refusal(
            "impossible_step", f"From “{state.session.state}” no step leads to “{command.state}”."
        )
    if command.state is SessionState.LIVE:
        return Decided((SessionChanged(command.state), *first_part(state)))
    if command.state is SessionState.ENDED:
        return Decided((SessionChanged(command.state), *last_part(state), *slate_ended(state)))
    return Decided((SessionChanged(command.state),))


def change_details(
    state: RoomState, actor: Participant | None, command: SessionDetails, _: Context
) -> Decided | Refusal:
    session = state.session
    segments: tuple[Segment, ...] | Refusal = session.segments
    if command.segments is not None:
        segments = clean_segments(command.segments)
    if isinstance(segments, Refusal):
        return segments
    changed = replace(
        session,
        segments=segments,
        title=session.title if command.title is None else command.title,
        starts_at=None if command.clear_starts_at else command.starts_at or session.starts_at,
        languages=session.languages if command.languages is None else command.languages,
        visibility=command.visibility or session.visibility,
        description=session.description if command.description is None else command.description,
    )
    mode = state.mode if command.review is None else replace(state.mode, review=command.review)
    if changed == session:
        return Decided(mode_events(state, mode))
    events = mode_events(state, mode) or (SessionChanged(session.state),)
    return Decided(events, session=changed)


def set_mode(
    state: RoomState, actor: Participant, command: SetMode, context: Context
) -> Decided | Refusal:
    mode = changed_rules(state.mode, command, context)
    return mode if isinstance(mode, Refusal) else Decided(mode_events(state, mode))


def changed_rules(now: AnyRules, command: SetMode, context: Context) -> AnyRules | Refusal:
    """These rules with what the command names; rules that are on already keep their moment."""
    if command.slow_s is not None and not 0 <= command.slow_s <= SLOWEST_S:
        return Refusal("invalid", f"Slow mode is 0 to {SLOWEST_S:g} seconds.")
    newcomers_held = now.newcomers_held
    if command.hold_newcomers is not None:
        newcomers_held = (newcomers_held or context.now) if command.hold_newcomers else None
    return replace(
        now,
        review=_or(command.review, now.review),
        slow_s=float(_or(command.slow_s, now.slow_s)),
        members_only=_or(command.members_only, now.members_only),
        emoji_only=_or(command.emoji_only, now.emoji_only),
        links=_or(command.links, now.links),
        long_form=_or(command.long_form, now.long_form),
        questions_only=_or(command.questions_only, now.questions_only),
        newcomers_held=newcomers_held,
    )


def _or(given: T | None, present: T) -> T:
    return present if given is None else given


def mode_events(state: RoomState, mode: Mode) -> tuple[Event, ...]:
    """A changed mode as facts. The review is shown with the session too: a change of both."""
    if mode == state.mode:
        return ()
    if mode.review is state.mode.review:
        return (ModeChanged(mode),)
    return (ModeChanged(mode), SessionChanged(state.session.state))


def set_recording(
    state: RoomState, actor: Participant | None, command: SetRecording, _: Context
) -> Decided | Refusal:
    """Chosen before the show or during it; what stopped it is kept until the next choice."""
    session = state.session
    if command.recording is session.recording:
        return Decided()
    if session.state is SessionState.ENDED:
        return Refusal("wrong_state", "The session has ended; nothing is recorded any more.")
    return Decided(
        (SessionChanged(session.state),), session=replace(session, recording=command.recording)
    )


def set_stage(
    state: RoomState, actor: Participant | None, command: SetStage, _: Context
) -> Decided | Refusal:
    seats = placed(state, command.seats)
    if seats == state.seats:
        return Decided()
    return Decided((replace(stage_now(state), seats=seats),))


def lapse(
    state: RoomState, actor: Participant | None, command: Lapse, context: Context
) -> Decided | Refusal:
    return Decided(
        (
            *lapsed_claims(state, context.now),
            *lapsed_sanctions(state, context.now),
            *lapsed_proposals(state),
            *lapsed_announcements(state, context.now),
            *lapsed_cues(state),
            *due_announcements(state, context.now),
            *lapsed_polls(state, context.now),
        )
    )


def fold_session(state: RoomState, recorded: Recorded, event: SessionChanged) -> None:
    session = state.session
    if event.state is session.state:
        return
    if event.state is SessionState.LIVE and session.live_since is None:
        session = replace(session, live_since=recorded.at)
    if event.state is SessionState.ENDED:
        session = replace(session, ended_at=recorded.at)
    state.session = replace(session, state=event.state)


def fold_mode(state: RoomState, recorded: Recorded, event: ModeChanged) -> None:
    former = state.mode.reason_id
    if former is not None and former != event.mode.reason_id:
        state.contents.discard(former)
    state.mode = event.mode


def fold_stage(state: RoomState, recorded: Recorded, event: StageChanged) -> None:
    state.seats = event.seats
    state.slate = event.slate
    state.calling = replace(state.calling, closed=event.closed, locked=event.locked)
