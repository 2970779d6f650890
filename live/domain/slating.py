"""The slate: for everyone, picture and sound of the stage give way to it, in one act of the team.

It is for an emergency: while it stands, the media engine forwards and records nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from live.domain.calling import stage_now
from live.domain.fact import Event
from live.domain.outcome import Context, Decided, Refusal
from live.domain.people import Participant
from live.domain.stage import SetSlate, Slate
from live.domain.state import RoomState


def set_slate(
    state: RoomState, actor: Participant, command: SetSlate, context: Context
) -> Decided | Refusal:
    """Two who cut at once have cut once; the first one stays named."""
    if command.on is (state.slate is not None):
        return Decided()
    slate = Slate(actor.id, context.now) if command.on else None
    return Decided((replace(stage_now(state), slate=slate),))


def slate_ended(state: RoomState) -> Iterator[Event]:
    """What takes the slate away as the show ends: there is nothing left to hide."""
    if state.slate is not None:
        yield replace(stage_now(state), slate=None)
