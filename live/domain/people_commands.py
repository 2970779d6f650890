"""What may be asked about people: how they appear, whom they read, that they are erased."""

from __future__ import annotations

from dataclasses import field

from live.domain.ids import ContentId, ParticipantId
from live.domain.people import Role
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class SetProfile:
    language: str | None = None
    segment: str | None = None
    display_name: str | None = None


@dataclass(frozen=True, slots=True)
class MutePerson:
    participant_id: ParticipantId
    on: bool


@dataclass(frozen=True, slots=True)
class PlacePerson:
    """A person belongs to this segment, as staff see it."""

    participant_id: ParticipantId
    segment: str


@dataclass(frozen=True, slots=True)
class ChangeParticipant:
    """The server: someone's standing was changed by an invite, by staff or at the door."""

    participant_id: ParticipantId
    role: Role | None = None
    segment: str | None = None
    language: str | None = None
    display_name: str | None = None
    granted_segments: tuple[str, ...] | None = None
    invite_id: str | None = None


@dataclass(frozen=True, slots=True)
class EraseParticipant:
    """The server: everything personal of this participant goes. ``contents`` are all they own; the
    room finds them."""

    participant_id: ParticipantId
    contents: tuple[ContentId, ...] = field(default=(), repr=False)


PeopleCommand = SetProfile | MutePerson | PlacePerson
PeopleAct = ChangeParticipant | EraseParticipant
