"""How people come in: as themselves if they were here before, by an invite, or as a new viewer.

A role comes from an invite or the owner's sign-in, never from what someone says of themselves. A
person known on this device comes back as the participant they were. A better role never goes away
because a link for a lesser one was followed; a change of role ends the former credentials.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakValueDictionary

from app.audit.acts import signing_in
from app.auth import NOBODY, OWNER_PERSON, Caller
from app.bans import Bans
from app.keys import new_token, token_hash
from app.problems import CATALOGUE, Problem
from live.domain.audit import Doer, chain_of
from live.domain.ids import ParticipantId, PersonId
from live.domain.outcome import Limits, Refusal
from live.domain.people import DEFAULT_SEGMENT, OPEN_SEGMENTS, Participant, Role
from live.domain.people_commands import ChangeParticipant
from live.domain.sanction import SanctionKind, Scope
from live.domain.sanction_commands import Sanctioned
from live.domain.text import clean_language, clean_name
from live.ports.clock import Clock, Entropy
from live.ports.store import CredentialRecord, Directory, InviteRecord, SessionRecord
from live.room.records import announced
from live.room.rooms import Rooms
from live.room.surface import AnyRoom

RANK: Final = (Role.VIEWER, Role.GUEST, Role.MODERATOR, Role.HOST, Role.OWNER)
APPEAL: Final = "You can appeal once, in a sentence or two: the team will answer."


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person says of themselves at the door; None leaves as it is. A guessed language holds
    for newcomers, until what they write shows another one."""

    display_name: str | None = None
    language: str | None = None
    segment: str | None = None
    language_guessed: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """Who came in and by which credential. ``fresh``: it was made just now; ``newcomer``: nobody
    of them was known here."""

    participant: Participant
    token: str
    fresh: bool
    newcomer: bool = False


class Entry:
    """The door of every session. Refusals are ``Problem``s."""

    def __init__(
        self, directory: Directory, rooms: Rooms, clock: Clock, entropy: Entropy, bans: Bans
    ) -> None:
        self._bans = bans
        self._directory = directory
        self._rooms = rooms
        self._clock = clock
        self._entropy = entropy
        self._arriving: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def enter(
        self,
        session: SessionRecord,
        caller: Caller,
        person: PersonId | None,
        wishes: Wishes,
        invite_token: str | None = None,
    ) -> Entered:
        """Let someone in. ``person`` is who this device is known as; None: nobody yet.

        Two requests of one person wait for each other, so that they end as one participant.
        """
        room = await self.room(session)
        is_new = person is None and caller.participant is None and not caller.is_owner
        person = person or PersonId(self._entropy.new_id())
        key = f"{session.id} {OWNER_PERSON if caller.is_owner else person}"
        lock = self._arriving.setdefault(key, asyncio.Lock())
        async with lock:
            invite = None
            if invite_token is not None:
                invite = await self._invite(session, invite_token)
            known = None if is_new else await self._known(session, caller, person)
            if known is None:
                _require_invite(session, caller, invite)
                if not caller.is_owner and self._bans.of(person) is not None:
                    raise banned_from_all()
                return await self._arrive(room, session, caller, person, wishes, invite)
            return await self._return(room, caller, known, wishes, invite)

    async def owner_enters(self, caller: Caller, session: SessionRecord) -> Caller:
        """The owner as a participant of a session that they act in without having joined."""
        entered = await self.enter(session, caller, OWNER_PERSON, Wishes())
        return replace(caller, participant=entered.participant)

    async def session(self, slug: str) -> SessionRecord | None:
        """The session at this address: as its room has it, where that runs here."""
        room = self._rooms.at_hand(slug)
        return await self._directory.find_session(slug) if room is None else announced(room.state)

    async def room(self, session: SessionRecord) -> AnyRoom:
        """The running session of a record."""
        room = await self._rooms.get(session.id)
        if room is None:
            raise Problem("not_found", "There is no such session.")
        return room

    def is_banned(self, room: AnyRoom, participant_id: ParticipantId) -> bool:
        """Whether a ban stands against someone now, of this session or of the brand."""
        participant = room.state.participants.get(participant_id)
        if participant is None:
            return False
        if room.state.is_banned(participant, self._clock.now()):
            return True
        return not participant.role.is_staff and self._bans.of(participant.person_id) is not None

    async def appellant(
        self, session: SessionRecord, caller: Caller, person: PersonId | None
    ) -> Participant | None:
        """Who asks what stands against them, also from before the door: who is banned from all
        sessions becomes a participant of this one, so that its team can hear them."""
        room = await self.room(session)
        known = caller.participant
        if known is None and person is not None:
            known = await self._directory.find_person_in_session(session.id, person)
        ban = self._bans.of(person if known is None else known.person_id)
        if known is None and person is not None and ban is not None:
            _require_invite(session, NOBODY, None)
            known = (await self._arrive(room, session, NOBODY, person, Wishes(), None)).participant
        if known is None:
            return None
        room.admit(known)
        if ban is not None:
            carried = Sanctioned(known.id, SanctionKind.BAN, ban.until, Scope.BRAND)
            await room.act(carried)
        return room.state.participants[known.id]

    # --- who it is ---------------------------------------------------------------------------

    async def _invite(self, session: SessionRecord, token: str) -> InviteRecord:
        invite = await self._directory.find_invite(token_hash(token))
        if invite is None or invite.session_id != session.id:
            if session.visibility == "private":
                raise Problem("not_found", "There is no such session.")
            raise Problem("invite_unknown", "This invite is not one of this session's.")
        return invite

    async def _known(
        self, session: SessionRecord, caller: Caller, person: PersonId
    ) -> Participant | None:
        if caller.is_owner:
            return await self._directory.find_person_in_session(session.id, OWNER_PERSON)
        if caller.participant is not None:
            return caller.participant
        found = await self._directory.find_person_in_session(session.id, person)
        if found is None or found.role is Role.OWNER or session.visibility != "private":
            return found
        invites = await self._directory.list_invites(session.id)
        holds = any(each.id == found.invite_id and each.revoked_at is None for each in invites)
        return found if holds else None

    # --- coming in ---------------------------------------------------------------------------

    async def _arrive(
        self,
        room: AnyRoom,
        session: SessionRecord,
        caller: Caller,
        person: PersonId,
        wishes: Wishes,
        invite: InviteRecord | None,
    ) -> Entered:
        role = Role.OWNER if caller.is_owner else Role.VIEWER if invite is None else invite.role
        granted = () if invite is None or invite.segment is None else (invite.segment,)
        participant = Participant(
            id=ParticipantId(self._entropy.new_id()),
            session_id=session.id,
            person_id=OWNER_PERSON if caller.is_owner else person,
            role=role,
            segment=_segment(room, wishes.segment, granted),
            language=_language(wishes.language) or session.languages[0],
            language_chosen=wishes.language is not None and not wishes.language_guessed,
            display_name=_name(room, wishes.display_name, role),
            joined_at=self._clock.now(),
            invite_id=None if invite is None else invite.id,
            granted_segments=granted,
        )
        token, credential = self._credential(participant)
        if invite is None:
            await self._directory.add_participant(participant, credential)
        else:
            await self._use(invite, participant, credential)
        room.admit(participant)
        return Entered(participant, token, fresh=True, newcomer=True)

    async def _return(
        self,
        room: AnyRoom,
        caller: Caller,
        known: Participant,
        wishes: Wishes,
        invite: InviteRecord | None,
    ) -> Entered:
        room.admit(known)
        known = room.state.participants[known.id]
        if self.is_banned(room, known.id):
            raise banned()
        token = caller.token if caller.participant is not None and not caller.is_owner else None
        fresh = token is None
        if invite is not None and _improves(invite, known):
            token = await self._improve(room, known, invite)
            fresh = True
        elif invite is not None and invite.id != known.invite_id:
            _check_open(invite, self._clock)
        known = await self._apply(room, known, wishes)
        if token is None:
            token, credential = self._credential(known)
            await self._directory.add_credential(credential)
        return Entered(known, token, fresh)

    async def _improve(self, room: AnyRoom, known: Participant, invite: InviteRecord) -> str:
        """Give what the invite gives; the former credentials end."""
        granted = known.granted_segments
        if invite.segment is not None and invite.segment not in granted:
            granted = (*granted, invite.segment)
        role = max(known.role, invite.role, key=RANK.index)
        token, credential = self._credential(known)
        _check_open(invite, self._clock)
        await self._directory.revoke_credentials(known.id, self._clock.now())
        better = replace(known, role=role, invite_id=invite.id, granted_segments=granted)
        await self._use(invite, better, credential)
        change = ChangeParticipant(
            participant_id=known.id,
            role=role,
            segment=invite.segment,
            granted_segments=granted,
            invite_id=invite.id,
        )
        refuse(await room.act(change))
        return token

    async def _apply(self, room: AnyRoom, known: Participant, wishes: Wishes) -> Participant:
        if wishes != Wishes():
            change = ChangeParticipant(
                participant_id=known.id,
                language=None if wishes.language_guessed else wishes.language,
                segment=wishes.segment,
                display_name=wishes.display_name,
            )
            refuse(await room.act(change))
        return room.state.participants[known.id]

    async def _use(
        self, invite: InviteRecord, participant: Participant, credential: CredentialRecord
    ) -> None:
        now = self._clock.now()
        with self._noted(invite, participant):
            used = await self._directory.use_invite(invite.id, participant, credential, now)
        if used is None:
            latest = await self._directory.find_invite(invite.token_hash)
            _check_open(latest or invite, self._clock)
            raise Problem("invite_used_up", "This invite has let in as many as it may.")

    def _noted(
        self, invite: InviteRecord, participant: Participant
    ) -> AbstractContextManager[None]:
        """That somebody of the team comes in is written down with it."""
        if not participant.role.is_staff:
            return nullcontext()
        chain, by = chain_of(participant.session_id), Doer(participant.id, participant.role.value)
        return signing_in(chain, by, self._clock, self._entropy, invite_id=invite.id)

    def _credential(self, participant: Participant) -> tuple[str, CredentialRecord]:
        token = new_token()
        record = CredentialRecord(
            token_hash=token_hash(token),
            session_id=participant.session_id,
            participant_id=participant.id,
            created_at=self._clock.now(),
        )
        return token, record


def refuse(outcome: object) -> None:
    """Turn a refusal of the room into a problem; anything else passes."""
    if not isinstance(outcome, Refusal):
        return
    code = outcome.code if outcome.code in CATALOGUE else "invalid"
    raise Problem(code, outcome.message, retry_after_s=outcome.retry_after_s)


def banned() -> Problem:
    """What the door says to who is banned from the session, and how to be heard."""
    return Problem("banned", f"The team has banned you from this session. {APPEAL}")


def banned_from_all() -> Problem:
    """What the door of every session says to who is banned by the brand."""
    return Problem("banned", f"The team has banned you from all sessions. {APPEAL}")


def _require_invite(session: SessionRecord, caller: Caller, invite: InviteRecord | None) -> None:
    if session.visibility == "private" and invite is None and not caller.is_owner:
        raise Problem("not_found", "There is no such session.")


def _improves(invite: InviteRecord, known: Participant) -> bool:
    better = RANK.index(invite.role) > RANK.index(known.role)
    return better or (invite.segment is not None and invite.segment not in known.granted_segments)


def _check_open(invite: InviteRecord, clock: Clock) -> None:
    """Say why an invite lets nobody in any more."""
    if invite.revoked_at is not None:
        raise Problem("invite_revoked", "The team has taken this invite back.")
    if invite.expires_at is not None and invite.expires_at <= clock.now():
        raise Problem("invite_expired", "This invite was good until an earlier time.")
    if invite.uses is not None and invite.used >= invite.uses:
        raise Problem("invite_used_up", "This invite has let in as many as it may.")


def _segment(room: AnyRoom, wished: str | None, granted: tuple[str, ...]) -> str:
    if wished is None:
        return granted[0] if granted else DEFAULT_SEGMENT
    is_open = room.state.session.segment_is_open(wished)
    if is_open is None:
        raise Problem("invalid", f"There is no such segment; choose one of {OPEN_SEGMENTS}.")
    if not is_open and wished not in granted:
        raise Problem("segment_closed", "This segment takes an invitation.")
    return wished


def _language(wished: str | None) -> str | None:
    if wished is None:
        return None
    language = clean_language(wished)
    if language is None:
        raise Problem("invalid", "This is no language tag (BCP 47), such as “fr” or “pt-BR”.")
    return language


def _name(room: AnyRoom, wished: str | None, role: Role) -> str | None:
    if wished is None:
        return None
    # The team may bear what would be an imitation of it by anyone else.
    staff = role.is_staff
    name = clean_name(wished, Limits().display_name) if staff else room.vet_name(wished)
    refuse(name)
    return name if isinstance(name, str) else None
