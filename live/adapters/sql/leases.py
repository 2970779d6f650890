"""Leases in PostgreSQL, by its own clock: no node's clock counts.

A node renews one row of its own, whatever it holds. Everything here runs in the store's writer
thread, between its batches: a writer that is stuck does not renew either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, text

from live.adapters.sql.database import Database
from live.domain.ids import SessionId
from live.ports.lease import Duty, Lease, Standing

LIFE_S: Final = 4.0
"""A node that has not renewed for so long is dead: others take what it held."""

_TAKE: Final = text(
    "INSERT INTO leases AS held (session_id, duty, node, term) VALUES (:session, :duty, :node, 1)"
    " ON CONFLICT (session_id, duty) DO UPDATE SET node = :node, term = held.term + 1"
    " WHERE held.node = :node OR NOT EXISTS (SELECT 1 FROM nodes WHERE id = held.node"
    " AND expires_us > extract(epoch FROM clock_timestamp()) * 1000000)"
)
_HOLDER: Final = text(
    "SELECT node, term FROM leases WHERE session_id = :session AND duty = :duty FOR SHARE"
)
_RELEASE: Final = text(
    "UPDATE leases SET node = '' WHERE node = :node AND session_id = :session AND duty = :duty"
)
_LEAVE: Final = text("UPDATE leases SET node = '' WHERE node = :node")
_GONE: Final = text("DELETE FROM nodes WHERE id = :node")
_FORGET: Final = text(
    "DELETE FROM nodes WHERE expires_us < extract(epoch FROM clock_timestamp()) * 1000000 - 3.6e9"
)
"""Nodes that have been dead for an hour."""

_RENEW: Final = text(
    "INSERT INTO nodes (id, key_check, expires_us) VALUES"
    " (:node, :key_check, extract(epoch FROM clock_timestamp()) * 1000000 + :life_us)"
    " ON CONFLICT (id) DO UPDATE SET expires_us = excluded.expires_us"
)
_OTHER_KEYS: Final = text(
    "SELECT count(*) FROM nodes WHERE key_check <> :key_check"
    " AND expires_us > extract(epoch FROM clock_timestamp()) * 1000000"
)
_SURVEY: Final = text(
    "SELECT sessions.id, sessions.head, leases.duty, leases.node, leases.term FROM sessions"
    " LEFT JOIN leases ON leases.session_id = sessions.id AND leases.node IN (SELECT id FROM nodes"
    " WHERE expires_us > extract(epoch FROM clock_timestamp()) * 1000000)"
    " WHERE sessions.id = ANY(:sessions)"
)


class SqlLeases:
    """``Leases`` of one ``node``. ``key_check`` stands for the installation's secret."""

    def __init__(
        self, database: Database, node: str, *, key_check: str, life_s: float = LIFE_S
    ) -> None:
        self._database = database
        self._node = node
        self._alive = {"node": node, "key_check": key_check, "life_us": int(life_s * 1e6)}

    async def take(self, session_id: SessionId, duty: Duty) -> Lease:
        which = {"session": session_id, "duty": duty}
        # First and apart: another node that waits for the same row judges whether this one lives by
        # what was committed before it began to wait.
        await self._database.write(lambda connection: connection.execute(_RENEW, self._alive))

        def take(connection: Connection) -> Lease:
            connection.execute(_TAKE, {**which, "node": self._node})
            held = connection.execute(_HOLDER, which).one()
            return Lease(held.node, held.term)

        return await self._database.write(take)

    async def release(self, session_id: SessionId, duty: Duty) -> None:
        which = {"session": session_id, "duty": duty, "node": self._node}
        await self._database.write(lambda connection: connection.execute(_RELEASE, which))

    async def renew(self) -> None:
        def renew(connection: Connection) -> None:
            connection.execute(_RENEW, self._alive)
            connection.execute(_FORGET)

        await self._database.write(renew)

    async def leave(self) -> None:
        def leave(connection: Connection) -> None:
            connection.execute(_LEAVE, {"node": self._node})
            connection.execute(_GONE, {"node": self._node})

        await self._database.write(leave)

    async def survey(self, session_ids: Sequence[SessionId]) -> Mapping[SessionId, Standing]:
        def survey(connection: Connection) -> dict[SessionId, Standing]:
            holders: dict[SessionId, dict[Duty, Lease]] = {}
            heads: dict[SessionId, int] = {}
            for row in connection.execute(_SURVEY, {"sessions": list(session_ids)}):
                heads[row.id] = row.head
                held = holders.setdefault(row.id, {})
                if row.node is not None:
                    held[row.duty] = Lease(row.node, row.term)
            return {key: Standing(head, holders[key]) for key, head in heads.items()}

        return await self._database.read(survey)

    async def shares_its_key(self) -> bool:
        """Whether every node that lives has the same secret as this one."""

        def ask(connection: Connection) -> bool:
            others: int = connection.execute(_OTHER_KEYS, self._alive).scalar_one()
            return others == 0

        return await self._database.read(ask)
