"""The team notes something about a person; nobody else ever reads it."""

from __future__ import annotations

from live.domain.filing import Sheet, contents_of, find, settled, write
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.paper import PaperKind, PaperStatus
from live.domain.paper_commands import AddNote, RemoveNote
from live.domain.people import Participant
from live.domain.state import RoomState


def add_note(
    state: RoomState, actor: Participant, command: AddNote, context: Context
) -> Decided | Refusal:
    target = state.participants.get(command.participant_id)
    if target is None or target.erased:
        return Refusal("not_found", "There is no such participant.")
    sheet = Sheet(PaperKind.NOTE, target.id)
    return write(state, actor, sheet, command.text, context)


def remove_note(
    state: RoomState, actor: Participant, command: RemoveNote, _: Context
) -> Decided | Refusal:
    """Anyone of the team may: its words go for good."""
    note = find(state, command.paper_id, PaperKind.NOTE)
    if isinstance(note, Refusal):
        return note
    event = settled(note, PaperStatus.REMOVED, actor.id)
    return Decided((event,), Result(paper_id=note.id), erase=contents_of(note))
