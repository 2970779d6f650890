"""Taps: counted per kind and segment, exact, no events."""

from __future__ import annotations

from live.domain.outcome import Context, Decided, Refusal
from live.domain.people import Participant
from live.domain.session_commands import AddReaction
from live.domain.state import RoomState

MOST_AT_ONCE = 20


def react(
    state: RoomState, actor: Participant, command: AddReaction, _: Context
) -> Decided | Refusal:
    if not state.session.chat_runs:
        return Refusal("wrong_state", "Reactions are not open.")
    if not 1 <= command.count <= MOST_AT_ONCE:
        return Refusal("invalid", f"1 to {MOST_AT_ONCE} taps at once.")
    return Decided(reaction=(command.kind, actor.segment, command.count))


def count_reaction(state: RoomState, reaction: tuple[str, str, int]) -> None:
    kind, segment, count = reaction
    state.reactions[kind, segment] = (state.reactions.get((kind, segment)) or 0) + count
