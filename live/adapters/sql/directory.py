"""Entry's side in SQL: sessions, invites, participants and their credentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, Row, Select, func, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from live.adapters.sql import rows, tables
from live.adapters.sql.batches import write_participants
from live.adapters.sql.bulk import BulkInsert
from live.adapters.sql.database import Database
from live.adapters.sql.holders import MOST_OF_A_SESSION, Holders
from live.adapters.sql.together import Gathered, Together
from live.domain.ids import ParticipantId, PersonId, SessionId
from live.domain.people import Participant
from live.ports.store import CredentialRecord, Holder, InviteRecord, SessionRecord, SlugTaken

T = TypeVar("T")

_SESSIONS: Final = BulkInsert(tables.sessions)
_INVITES: Final = BulkInsert(tables.invites)
_CREDENTIALS: Final = BulkInsert(tables.credentials)
# One row for all: SQLite's driver lets go of the interpreter's lock once a row, and waits up to
# 5 ms each time to get it back from a busy event loop.
_GOOD_ONES: Final = """
    SELECT {collect} FROM (
        SELECT {hex} AS token_hash, credentials.participant_id AS holder
        FROM credentials JOIN participants ON participants.id = credentials.participant_id
        WHERE participants.session_id = :session AND credentials.revoked_us IS NULL
        LIMIT :most
    ) AS good
"""
_GOOD: Final = {
    "sqlite": text(
        _GOOD_ONES.format(
            collect="json_group_object(token_hash, holder)", hex="hex(credentials.token_hash)"
        )
    ),
    "postgresql": text(
        _GOOD_ONES.format(
            collect="json_object_agg(token_hash, holder)::text",
            hex="encode(credentials.token_hash, 'hex')",
        )
    ),
}
_DECODER: Final = msgspec.json.Decoder(dict[str, ParticipantId])


class SqlDirectory:
    """``Directory`` over a ``Database`` whose schema is up to date.

    ``alone``: no other process gives out or ends credentials, so that good ones are kept in memory.
    """

    def __init__(self, database: Database, *, alone: bool = False) -> None:
        self._database = database
        self._credentials = Together(self._find_credentials)
        self._participants = Together(self._find_participants)
        self._arrivals = Gathered(self._add_participants)
        self._holders = Holders(self._good_credentials) if alone else None

    # --- sessions ------------------------------------------------------------------------------

    async def add_session(self, record: SessionRecord) -> None:
        def add(connection: Connection) -> None:
            try:
                _SESSIONS.write(connection, [rows.session_row(record)])
            except IntegrityError as error:
                raise SlugTaken(record.slug) from error

        await self._database.write(add)

    async def find_session(self, slug: str) -> SessionRecord | None:
        row = await self._one(select(tables.sessions).where(tables.sessions.c.slug == slug))
        return None if row is None else rows.session_record(row)

    async def list_sessions(self) -> Sequence[SessionRecord]:
        session = tables.sessions.c
        newest_first = select(tables.sessions).order_by(session.created_us.desc(), session.id)
        return [rows.session_record(row) for row in await self._all(newest_first)]

    # --- invites -------------------------------------------------------------------------------

    async def add_invite(self, invite: InviteRecord) -> None:
        await self._database.write(
            lambda connection: _INVITES.write(connection, [rows.invite_row(invite)])
        )

    async def list_invites(self, session_id: SessionId) -> Sequence[InviteRecord]:
        invite = tables.invites.c
        query = (
            select(tables.invites)
            .where(invite.session_id == session_id)
            .order_by(invite.created_us, invite.id)
        )
        return [rows.invite_record(row) for row in await self._all(query)]

    async def find_invite(self, token_hash: bytes) -> InviteRecord | None:
        query = select(tables.invites).where(tables.invites.c.token_hash == token_hash)
        row = await self._one(query)
        return None if row is None else rows.invite_record(row)

    async def revoke_invite(
        self, session_id: SessionId, invite_id: str, at: datetime
    ) -> Sequence[ParticipantId] | None:
        def revoke(connection: Connection) -> Sequence[ParticipantId]:
            invite = tables.invites.c
            marked = connection.execute(
                update(tables.invites)
                .where(invite.id == invite_id, invite.session_id == session_id)
                .values(revoked_us=func.coalesce(invite.revoked_us, rows.microseconds(at)))
            )
            if marked.rowcount == 0:
                raise _NothingDoneError
            let_in = select(tables.participants.c.id).where(
                tables.participants.c.session_id == session_id,
                tables.participants.c.invite_id == invite_id,
            )
            ids = [ParticipantId(row.id) for row in connection.execute(let_in)]
            _revoke_credentials(connection, let_in, at)
            return ids

        try:
            people = await self._done(revoke)
        except BaseException:
            if self._holders is not None:
                self._holders.forget(session_id)
            raise
        if self._holders is not None:
            self._holders.ended(people or ())
        return people

    async def use_invite(
        self,
        invite_id: str,
        participant: Participant,
        credential: CredentialRecord,
        now: datetime,
    ) -> InviteRecord | None:
        def use(connection: Connection) -> InviteRecord:
            invite = tables.invites.c
            # One statement checks and counts, so two who come at once cannot share the last use.
            counted = connection.execute(
                update(tables.invites)
                .where(
                    invite.id == invite_id,
                    invite.session_id == participant.session_id,
                    invite.revoked_us.is_(None),
                    or_(invite.expires_us.is_(None), invite.expires_us > rows.microseconds(now)),
                    or_(invite.uses.is_(None), invite.used < invite.uses),
                )
                .values(used=invite.used + 1)
                .returning(*tables.invites.columns)
            ).one_or_none()
            if counted is None:
                raise _NothingDoneError
            write_participants(connection, [participant])
            _CREDENTIALS.write(connection, [rows.credential_row(credential)])
            return rows.invite_record(counted)

        used = await self._done(use)
        if used is not None:
            self._added(credential)
        return used

    # --- participants --------------------------------------------------------------------------

    async def add_participant(self, participant: Participant, credential: CredentialRecord) -> None:
        await self._arrivals.add((participant, credential))
        self._added(credential)

    async def _add_participants(
        self, arrived: Sequence[tuple[Participant, CredentialRecord]]
    ) -> None:
        def add(connection: Connection) -> None:
            write_participants(connection, [participant for participant, _ in arrived])
            _CREDENTIALS.write(
                connection, [rows.credential_row(credential) for _, credential in arrived]
            )

        await self._database.write(add)

    async def find_participant(self, participant_id: ParticipantId) -> Participant | None:
        return await self._participants.find(participant_id)

    async def _find_participants(
        self, ids: Sequence[ParticipantId]
    ) -> Mapping[ParticipantId, Participant]:
        query = select(tables.participants).where(tables.participants.c.id.in_(ids))
        found = [rows.participant(row) for row in await self._all(query)]
        return {each.id: each for each in found}

    async def find_person_in_session(
        self, session_id: SessionId, person_id: PersonId
    ) -> Participant | None:
        participant = tables.participants.c
        latest = (
            select(tables.participants)
            .where(
                participant.session_id == session_id,
                participant.person_id == person_id,
                participant.erased.is_(False),
            )
            .order_by(participant.joined_us.desc(), participant.id)
            .limit(1)
        )
        row = await self._one(latest)
        return None if row is None else rows.participant(row)

    # --- credentials ---------------------------------------------------------------------------

    async def add_credential(self, credential: CredentialRecord) -> None:
        await self._database.write(
            lambda connection: _CREDENTIALS.write(connection, [rows.credential_row(credential)])
        )
        self._added(credential)

    async def revoke_credentials(self, participant_id: ParticipantId, at: datetime) -> None:
        def revoke(connection: Connection) -> None:
            participants = tables.participants
            this = select(participants.c.id).where(participants.c.id == participant_id)
            _revoke_credentials(connection, this, at)

        try:
            await self._database.write(revoke)
        finally:
            if self._holders is not None:
                self._holders.ended([participant_id])

    async def find_holder(self, session_id: SessionId, token_hash: bytes) -> Holder | None:
        if self._holders is not None:
            known = await self._holders.find(session_id, token_hash)
            if known is not None:
                return Holder(known)
        found = await self._credentials.find(token_hash)
        if found is None or found[0] != session_id:
            return None
        return found[1]

    async def _find_credentials(
        self, hashes: Sequence[bytes]
    ) -> Mapping[bytes, tuple[SessionId, Holder]]:
        query = select(tables.credentials).where(tables.credentials.c.token_hash.in_(hashes))
        return {
            bytes(row.token_hash): (
                SessionId(row.session_id),
                Holder(ParticipantId(row.participant_id), row.revoked_us is not None),
            )
            for row in await self._all(query)
        }

    async def _good_credentials(self, session_id: SessionId) -> Mapping[bytes, ParticipantId]:
        wanted = {"session": session_id, "most": MOST_OF_A_SESSION}

        def collect(connection: Connection) -> str:
            return connection.execute(_GOOD[connection.dialect.name], wanted).scalar() or "{}"

        found = _DECODER.decode(await self._database.read(collect))
        return {bytes.fromhex(token_hash): holder for token_hash, holder in found.items()}

    def _added(self, credential: CredentialRecord) -> None:
        if self._holders is not None:
            self._holders.added(
                credential.session_id, credential.token_hash, credential.participant_id
            )

    async def _done(self, work: Callable[[Connection], T]) -> T | None:
        """As ``Database.write``; None, and no record of it, where there was nothing to do."""
        try:
            return await self._database.write(work)
        except _NothingDoneError:
            return None

    # --- reading -------------------------------------------------------------------------------

    async def _one(self, query: Select[Any]) -> Row[Any] | None:
        return await self._database.read(lambda connection: connection.execute(query).one_or_none())

    async def _all(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return await self._database.read(lambda connection: connection.execute(query).all())


class _NothingDoneError(Exception):
    """Undoes a transaction that would change nothing."""


def _revoke_credentials(connection: Connection, participant_ids: Select[Any], at: datetime) -> None:
    """End the credentials of these participants; one that was ended before keeps its time."""
    credential = tables.credentials.c
    connection.execute(
        update(tables.credentials)
        .where(credential.participant_id.in_(participant_ids), credential.revoked_us.is_(None))
        .values(revoked_us=rows.microseconds(at))
    )
