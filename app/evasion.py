"""Hints that a newcomer is someone who was banned an hour ago: same device and same address.

Off until the operator switches it on. Nothing that could tell who somebody is is kept: of the
address its prefix (/24, /56) and of the device what any request tells of it are hashed, under a key
made of this installation's secret and a salt that is drawn anew each day. The day before's is kept
as well, so that a hint lives for 24 to 48 hours; with a salt goes everything hashed under it.
Another network, or another device, is never recognised.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select, text, update

from app.keys import Keys
from live.adapters.sql.database import Database
from live.adapters.sql.rows import microseconds
from live.adapters.sql.tables import evasion_hints, evasion_salts
from live.domain.ids import ParticipantId
from live.ports.clock import Clock, Entropy

REVIEW: Final = timedelta(hours=24)
"""For so long after a ban a newcomer may be taken for the banned person."""

MOST_HELD: Final = 2
"""So many newcomers one ban may hold. An address and a device are shared by honest people: of fifty
of them at one address, with the very same device, two wait for the team's look and 48 do not."""

_SIGNALS: Final = (
    "user-agent",
    "accept-language",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
)
_HASH_BYTES: Final = 16

# Both databases take these; SQLAlchemy has a construct of its own for each.
_DRAW_SALT: Final = text(
    "INSERT INTO evasion_salts (day, salt) VALUES (:day, :salt) ON CONFLICT DO NOTHING"
)
_KEEP_HINT: Final = text(
    "INSERT INTO evasion_hints (participant_id, day, address, device, held)"
    " VALUES (:participant, :day, :address, :device, 0) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Traces:
    """What a request tells of where it comes from; held for the length of the request alone."""

    prefix: str
    device: str


def traces_of(address: str, headers: Mapping[str, str]) -> Traces:
    """Of an address its /24 or /56, of the headers what is the same on each visit of a browser."""
    device = "\n".join(headers.get(name, "")[:512] for name in _SIGNALS)
    return Traces(_prefix(address), device)


class Evasion:
    """Keeps hints of who comes in, and tells whether a newcomer resembles someone banned lately."""

    def __init__(
        self, database: Database, keys: Keys, clock: Clock, entropy: Entropy, *, on: bool
    ) -> None:
        self.on = on
        self._database = database
        self._secret = keys.derive("evasion hints")
        self._clock = clock
        self._entropy = entropy

    async def note(self, participant_id: ParticipantId, traces: Traces, *, newcomer: bool) -> bool:
        """Keep a hint of who came; True for a newcomer who is to be looked at first. Does nothing
        while switched off."""
        if not self.on:
            return False
        now = self._clock.now()

        def keep(connection: Connection) -> bool:
            salts = self._salts(connection, now)
            hashed = {day: self._hashed(salt, traces) for day, salt in salts.items()}
            resembles = newcomer and _resembles(connection, hashed, participant_id, now)
            today = max(hashed)
            address, device = hashed[today]
            connection.execute(
                delete(evasion_hints).where(
                    evasion_hints.c.participant_id == participant_id,
                    evasion_hints.c.banned_us.is_(None),
                )
            )
            connection.execute(
                _KEEP_HINT,
                {
                    "participant": participant_id,
                    "day": today,
                    "address": address,
                    "device": device,
                },
            )
            return resembles

        return await self._database.write(keep)

    async def mark(self, people: Sequence[ParticipantId], *, banned: bool) -> None:
        """These were banned now, or are no longer."""
        if not self.on:
            return
        moment = microseconds(self._clock.now()) if banned else None
        marked = (
            update(evasion_hints)
            .where(evasion_hints.c.participant_id.in_(people))
            .values(banned_us=moment, held=0)
        )
        await self._database.write(lambda connection: connection.execute(marked))

    async def forget(self, participant_id: ParticipantId) -> None:
        """Keep nothing of someone."""
        gone = delete(evasion_hints).where(evasion_hints.c.participant_id == participant_id)
        await self._database.write(lambda connection: connection.execute(gone))

    def _salts(self, connection: Connection, now: datetime) -> dict[int, bytes]:
        """The salts of today and yesterday, by day; older ones go, and what they hashed."""
        today = now.toordinal()
        for table in (evasion_hints, evasion_salts):
            connection.execute(delete(table).where(table.c.day < today - 1))
        connection.execute(_DRAW_SALT, {"day": today, "salt": self._entropy.salt()})
        found = connection.execute(select(evasion_salts).where(evasion_salts.c.day <= today))
        return {row.day: row.salt for row in found}

    def _hashed(self, salt: bytes, traces: Traces) -> tuple[bytes, bytes]:
        key = hashlib.blake2b(salt, key=self._secret, digest_size=32).digest()
        address = hashlib.blake2b(
            traces.prefix.encode(), key=key, digest_size=_HASH_BYTES, person=b"address"
        )
        device = hashlib.blake2b(
            traces.device.encode(), key=key, digest_size=_HASH_BYTES, person=b"device"
        )
        return address.digest(), device.digest()


def _resembles(
    connection: Connection,
    hashed: Mapping[int, tuple[bytes, bytes]],
    participant_id: ParticipantId,
    now: datetime,
) -> bool:
    """Whether both hashes are those of someone banned lately; counted against that ban."""
    hint = evasion_hints.c
    since_us = microseconds(now - REVIEW)
    for day, (address, device) in hashed.items():
        counted = connection.execute(
            update(evasion_hints)
            .where(
                hint.day == day,
                hint.address == address,
                hint.device == device,
                hint.banned_us > since_us,
                hint.held < MOST_HELD,
                hint.participant_id != participant_id,
            )
            .values(held=hint.held + 1)
        )
        if counted.rowcount:
            return True
    return False


def _prefix(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    length = 24 if isinstance(found, ipaddress.IPv4Address) else 56
    return str(ipaddress.ip_network((found, length), strict=False))
