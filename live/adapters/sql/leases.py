"""Leases in PostgreSQL, by its own clock: no node's clock counts.

A node renews one row of its own, whatever it holds. Everything here runs in the store's writer
thread, between its batches: a writer that is stuck does not renew either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Template
from typing import Final

from sqlalchemy import Connection, TextClause, text

from live.adapters.sql.database import Database
from live.domain.ids import SessionId
from live.ports.lease import Duty, Lease, Standing

LIFE_S: Final = 4.0
"""A node that has not renewed for so long is dead: others take what it held."""

CUT_OFF_S: Final = 1.25
"""So long only, where the connection on which it renewed is gone too: that of a killed process ends
with it, and of one that lives it is replaced and renewed on within half a second."""

_WORDS: Final = {
    "now": "extract(epoch FROM clock_timestamp()) * 1000000",
    "connection": "pid || ' ' || extract(epoch FROM backend_start) FROM pg_stat_activity",
    # When the server itself started again, no connection is left, and that says nothing of nodes.
    "lives": (
        "expires_us > $now AND (expires_us > $now + :margin_us"
        " OR connection IS NULL OR connection IN (SELECT $connection)"
        " OR extract(epoch FROM pg_postmaster_start_time()) * 1000000 > expires_us - :life_us)"
    ),
}


def _statement(words: str) -> TextClause:
    """A statement in which ``$now`` and the like stand for what all of them mean by it."""
    for _ in range(2):  # one speaks of the others
        words = Template(words).substitute(_WORDS)
    return text(words)


_TAKE: Final = _statement(
    "INSERT INTO leases AS held (session_id, duty, node, term) VALUES (:session, :duty, :node, 1)"
    " ON CONFLICT (session_id, duty) DO UPDATE SET node = :node, term = held.term + 1"
    " WHERE held.node = :node"
    " OR NOT EXISTS (SELECT 1 FROM nodes WHERE id = held.node AND $lives)"
)
_HOLDER: Final = text(
    "SELECT node, term FROM leases WHERE session_id = :session AND duty = :duty FOR SHARE"
)
_RELEASE: Final = text(
    "UPDATE leases SET node = '' WHERE node = :node AND session_id = :session AND duty = :duty"
)
_LEAVE: Final = text("UPDATE leases SET node = '' WHERE node = :node")
_GONE: Final = text("DELETE FROM nodes WHERE id = :node")
_FORGET: Final = _statement("DELETE FROM nodes WHERE expires_us < $now - 3.6e9")
"""Nodes that have been dead for an hour."""

_RENEW: Final = _statement(
    "INSERT INTO nodes (id, key_check, expires_us, connection) VALUES"
    " (:node, :key_check, $now + :life_us, (SELECT $connection WHERE pid = pg_backend_pid()))"
    " ON CONFLICT (id) DO UPDATE"
    " SET expires_us = excluded.expires_us, connection = excluded.connection"
)
_OTHER_KEYS: Final = _statement(
    "SELECT count(*) FROM nodes WHERE key_check <> :key_check AND $lives"
)
_SURVEY: Final = _statement(
    "SELECT sessions.id, sessions.head, leases.duty, leases.node, leases.term FROM sessions"
    " LEFT JOIN leases ON leases.session_id = sessions.id"
    " AND leases.node IN (SELECT id FROM nodes WHERE $lives)"
    " WHERE sessions.id = ANY(:sessions)"
)


class SqlLeases:
    """``Leases`` of one ``node``. ``key_check`` stands for the installation's secret."""

    def __init__(
        self, database: Database, node: str, *, key_check: str, life_s: float = LIFE_S
    ) -> None:
        self._database = database
        self._node = node
        self._life = {
            "life_us": int(life_s * 1e6),
            "margin_us": int((life_s - CUT_OFF_S) * 1e6),
        }
        self._alive = {"node": node, "key_check": key_check, "life_us": self._life["life_us"]}

    async def take(self, session_id: SessionId, duty: Duty) -> Lease:
        which = {"session": session_id, "duty": duty}
        # First and apart: another node that waits for the same row judges whether this one lives by
        # what was committed before it began to wait.
        await self._database.write(lambda connection: connection.execute(_RENEW, self._alive))

        def take(connection: Connection) -> Lease:
            connection.execute(_TAKE, {**which, **self._life, "node": self._node})
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
            for row in connection.execute(_SURVEY, {"sessions": list(session_ids), **self._life}):
                heads[row.id] = row.head
                held = holders.setdefault(row.id, {})
                if row.node is not None:
                    held[row.duty] = Lease(row.node, row.term)
            return {key: Standing(head, holders[key]) for key, head in heads.items()}

        return await self._database.read(survey)

    async def shares_its_key(self) -> bool:
        """Whether every node that lives has the same secret as this one."""

        def ask(connection: Connection) -> bool:
            which = {"key_check": self._alive["key_check"], **self._life}
            others: int = connection.execute(_OTHER_KEYS, which).scalar_one()
            return others == 0

        return await self._database.read(ask)
