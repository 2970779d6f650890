"""What a client may ask about papers: notes, letters and private answers."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from live.wire.base import Command, Id


class AddNote(Command, frozen=True):
    """Note something about a person, for staff alone; 1,000 characters at most."""

    participant_id: Id
    text: str


class RemoveNote(Command, frozen=True):
    """Take a note away, as staff; its words go."""

    paper_id: Id


class SendLetter(Command, frozen=True):
    """Write to one person, as staff (``participant_id``), or back to the team, as that person."""

    text: str
    participant_id: Id | UnsetType = UNSET


class AnswerPrivately(Command, frozen=True):
    """Answer a question to its asker alone, as staff. With ``offer`` the asker is asked whether it
    may be published, without their name."""

    question_id: Id
    text: str
    offer: bool = True


class ConsentToAnswer(Command, frozen=True):
    """Let a private answer to one's own question be published without one's name, or not."""

    paper_id: Id
    on: bool
