"""A question or message stands on the screen: in the player, and in the overlay that OBS shows."""

from __future__ import annotations

from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.outcome import Context, Decided, Refusal
from live.domain.people import Participant
from live.domain.pinning import without_pin
from live.domain.session_commands import ClearScreen, SetScreen
from live.domain.session_events import ScreenChanged
from live.domain.state import RoomState
from live.domain.subject import Subject


def set_screen(
    state: RoomState, actor: Participant, command: SetScreen, _: Context
) -> Decided | Refusal:
    """The one before gives way."""
    if not state.is_public(command.subject):
        return Refusal("not_found", "Only what everyone sees can stand on the screen.")
    if state.on_screen == command.subject:
        return Decided()
    return Decided((ScreenChanged(command.subject),))


def clear_screen(
    state: RoomState, actor: Participant, command: ClearScreen, _: Context
) -> Decided | Refusal:
    return Decided(() if state.on_screen is None else (ScreenChanged(None),))


def taken_down(state: RoomState, subject: Subject) -> tuple[Event, ...]:
    """What takes a subject off pins and screen: it is about to disappear."""
    off_screen = (ScreenChanged(None),) if state.on_screen == subject else ()
    return (*without_pin(state, subject), *off_screen)


def fold_screen(state: RoomState, recorded: Recorded, event: ScreenChanged) -> None:
    state.on_screen = event.subject
