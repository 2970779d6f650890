"""The owner's account: a one-time link first, then a password, and the browsers signed in.

Passwords are hashed by argon2id away from the event loop. A one-time link is signed by the
installation's key and carries a random part, so that ``causerie owner-link`` can make one while the
server holds the database; the database learns of it when it is used, and it is used once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.database.tables import one_time_links, owner_accounts, owner_sign_ins
from app.keys import Keys, new_token, token_hash
from live.adapters.sql.database import Database
from live.adapters.sql.rows import microseconds
from live.ports.clock import Clock

OWNER_ID: Final = "owner"
LINK_PREFIX: Final = "owner-"
LINK_LIFE: Final = timedelta(days=2)
SIGN_IN_LIFE: Final = timedelta(days=30)
PASSWORD_MIN: Final = 10
PASSWORD_MAX: Final = 1_024

_SALT: Final = "one-time owner link"


class Accounts:
    """Who owns this installation. Calls raise ``StoreUnavailable`` while the database is away."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._links = _links(keys)
        self._clock = clock
        self._hasher = PasswordHasher()
        # argon2 takes 64 MiB a time: one at once, whatever comes in.
        self._hashing = asyncio.Lock()

    # --- one-time links ----------------------------------------------------------------------

    async def redeem(self, link: str) -> str | None:
        """Use a one-time link; the token of a new sign-in, or None where it opens nothing any
        more."""
        try:
            self._links.loads(
                link.removeprefix(LINK_PREFIX), max_age=int(LINK_LIFE.total_seconds())
            )
        except BadData:
            return None
        now = self._clock.now()
        use = insert(one_time_links).values(
            token_hash=token_hash(link),
            purpose="owner",
            created_us=microseconds(now),
            expires_us=microseconds(now + LINK_LIFE),
            used_us=microseconds(now),
        )
        token = new_token()

        def redeem(connection: Connection) -> None:
            try:
                connection.execute(use)
            except IntegrityError as error:
                raise _LinkUsedError from error
            _sign_in(connection, token, now)

        try:
            await self._database.write(redeem)
        except _LinkUsedError:
            return None
        return token

    # --- signing in --------------------------------------------------------------------------

    async def sign_in(self, password: str) -> str | None:
        """The token of a new sign-in, or None where the password is wrong or none was chosen."""
        row = await self._account()
        if row is None or not await self._matches(row.password_hash, password):
            return None
        now, token = self._clock.now(), new_token()
        await self._database.write(lambda connection: _sign_in(connection, token, now))
        return token

    async def is_signed_in(self, token: str) -> bool:
        """Whether a browser that shows this token is the owner's."""
        if not token:
            return False
        found = await self._first(
            select(owner_sign_ins.c.expires_us).where(
                owner_sign_ins.c.token_hash == token_hash(token)
            )
        )
        return found is not None and found.expires_us > microseconds(self._clock.now())

    async def sign_out(self, token: str) -> None:
        """End one sign-in. Idempotent."""
        end = delete(owner_sign_ins).where(owner_sign_ins.c.token_hash == token_hash(token))
        await self._database.write(_doing(end))

    # --- the password ------------------------------------------------------------------------

    async def has_password(self) -> bool:
        """Whether one was chosen."""
        return await self._account() is not None

    async def is_password(self, password: str) -> bool:
        """Whether this is the password."""
        row = await self._account()
        return row is not None and await self._matches(row.password_hash, password)

    async def set_password(self, password: str, *, keep: str | None) -> None:
        """Choose a password; every sign-in but ``keep`` ends."""
        async with self._hashing:
            hashed = await asyncio.to_thread(self._hasher.hash, password)
        now_us = microseconds(self._clock.now())
        values = {"password_hash": hashed, "password_set_us": now_us}
        kept = token_hash(keep) if keep else b""

        def write(connection: Connection) -> None:
            changed = connection.execute(
                update(owner_accounts).where(owner_accounts.c.id == OWNER_ID).values(values)
            )
            if changed.rowcount == 0:
                connection.execute(
                    insert(owner_accounts).values(id=OWNER_ID, created_us=now_us, **values)
                )
            connection.execute(delete(owner_sign_ins).where(owner_sign_ins.c.token_hash != kept))

        await self._database.write(write)

    async def _account(self) -> Row[Any] | None:
        return await self._first(
            select(owner_accounts.c.password_hash).where(
                owner_accounts.c.id == OWNER_ID, owner_accounts.c.password_hash.is_not(None)
            )
        )

    async def _matches(self, hashed: str, password: str) -> bool:
        async with self._hashing:
            try:
                return await asyncio.to_thread(self._hasher.verify, hashed, password)
            except (VerificationError, InvalidHashError):
                return False

    async def _first(self, query: Any) -> Row[Any] | None:
        return await self._database.read(lambda connection: connection.execute(query).first())


def new_owner_link(keys: Keys) -> str:
    """A fresh one-time link's last part, for ``/join/…``; it is good for two days."""
    return LINK_PREFIX + str(_links(keys).dumps(new_token()))


def is_owner_link(token: str) -> bool:
    """Whether this part of a ``/join/…`` address is meant for the owner."""
    return token.startswith(LINK_PREFIX)


class _LinkUsedError(Exception):
    """Undoes the transaction in which a link would have been used again."""


def _links(keys: Keys) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keys.derive(_SALT), salt=_SALT)


def _sign_in(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(
        delete(owner_sign_ins).where(owner_sign_ins.c.expires_us <= microseconds(now))
    )
    connection.execute(
        insert(owner_sign_ins).values(
            token_hash=token_hash(token),
            created_us=microseconds(now),
            expires_us=microseconds(now + SIGN_IN_LIFE),
        )
    )


def _doing(statement: Any) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.execute(statement)

    return work
