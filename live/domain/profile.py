"""Someone says who they are, or is told: name, language, segment, role."""

from __future__ import annotations

from dataclasses import replace

from live.domain.calling import taken_down
from live.domain.events import Recorded
from live.domain.ids import ParticipantId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant, Role
from live.domain.people_commands import ChangeParticipant, PlacePerson, SetProfile
from live.domain.people_events import ParticipantChanged
from live.domain.state import RoomState
from live.domain.text import clean_language, clean_name
from live.domain.writing import changed_event


def set_profile(
    state: RoomState, actor: Participant, command: SetProfile, context: Context
) -> Decided | Refusal:
    changed = actor
    if command.display_name is not None:
        name = vet_name(state, actor, command.display_name, context)
        if isinstance(name, Refusal):
            return name
        changed = replace(changed, display_name=name)
    if command.language is not None:
        language = clean_language(command.language)
        if language is None:
            return Refusal("invalid", "This is no language tag (BCP 47), such as “fr” or “pt-BR”.")
        changed = replace(changed, language=language, language_chosen=True)
    if command.segment is not None:
        refusal = _segment_refusal(state, actor, command.segment)
        if refusal:
            return refusal
        changed = replace(changed, segment=command.segment)
    return _changed(actor, changed)


def vet_name(
    state: RoomState, bearer: Participant | None, name: str, context: Context
) -> str | Refusal:
    """The name as it may be borne: clean, and not that of the team or the brand. The team may."""
    cleaned = clean_name(name, context.limits.display_name)
    if isinstance(cleaned, Refusal) or (bearer is not None and bearer.role.is_staff):
        return cleaned
    skeleton = context.skeleton(cleaned)
    if skeleton in context.reserved() or any(
        skeleton == context.skeleton(colleague)
        for colleague in _staff_names(state, None if bearer is None else bearer.id)
    ):
        return Refusal("name_taken", "This name is the team's; choose another one.")
    return cleaned


def _staff_names(state: RoomState, besides: ParticipantId | None) -> list[str]:
    return [
        name
        for participant_id in state.staff
        if participant_id != besides
        and (name := state.participants[participant_id].display_name) is not None
    ]


def _segment_refusal(state: RoomState, actor: Participant, segment: str) -> Refusal | None:
    is_open = state.session.segment_is_open(segment)
    if is_open is None:
        return Refusal("invalid", "There is no such segment.")
    if is_open or actor.role.is_staff or segment in (actor.segment, *actor.granted_segments):
        return None
    return Refusal("segment_closed", "This segment takes an invitation.")


def change_participant(
    state: RoomState, actor: Participant | None, command: ChangeParticipant, context: Context
) -> Decided | Refusal:
    """The caller vouches for role, grants and invite; a name is vetted as ever."""
    participant = state.participants.get(command.participant_id)
    if participant is None or participant.erased:
        return Refusal("not_found", "There is no such participant.")
    changed = replace(
        participant,
        role=command.role or participant.role,
        invite_id=command.invite_id or participant.invite_id,
        granted_segments=(
            participant.granted_segments
            if command.granted_segments is None
            else command.granted_segments
        ),
    )
    profile = SetProfile(command.language, command.segment, command.display_name)
    if actor is not None and actor.role.is_staff and command.segment is not None:
        changed = replace(
            changed,
            granted_segments=tuple(dict.fromkeys((*changed.granted_segments, command.segment))),
        )
    decided = set_profile(state, changed, profile, context)
    if isinstance(decided, Refusal):
        return decided
    done = _changed(participant, decided.participant or changed)
    if participant.role is Role.GUEST and changed.role is not Role.GUEST:
        return replace(done, events=(*taken_down(state, participant.id), *done.events))
    return done


def place_person(
    state: RoomState, actor: Participant, command: PlacePerson, context: Context
) -> Decided | Refusal:
    """Staff say which segment someone belongs to; a granted one is granted by it."""
    act = ChangeParticipant(command.participant_id, segment=command.segment)
    return change_participant(state, actor, act, context)


def _changed(before: Participant, after: Participant) -> Decided:
    result = Result(participant_id=after.id)
    if before == after:
        return Decided(result=result)
    audience = (before.role, before.segment, before.language) != (
        after.role,
        after.segment,
        after.language,
    )
    if not audience and before.display_name == after.display_name:
        return Decided(result=result, participant=after)
    return Decided((changed_event(after, audience=audience),), result, participant=after)


def fold_participant(state: RoomState, recorded: Recorded, event: ParticipantChanged) -> None:
    participant = replace(
        state.participants[event.participant_id],
        role=event.role,
        segment=event.segment,
        language=event.language,
    )
    if event.erased:
        participant = replace(participant, display_name=None, person_id=None, erased=True)
    state.put_participant(participant)
