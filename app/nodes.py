"""The other nodes of this installation: how they are found, and what all of them have to do."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from app import logs
from app.keys import KEY_FILE, Keys
from app.limits import Rate, RateLimiter
from app.setting import SettingError, shown_url
from app.settings import Settings
from live.adapters.sql.database import Database
from live.adapters.sql.leases import SqlLeases
from live.domain.ids import ParticipantId, SessionId
from live.domain.session import SessionState
from live.ports.bus import Bus, BusUnavailable, Unanswered
from live.ports.lease import Leases
from live.ports.media_seats import Seat

EVERYONE: Final = "everyone"

log = logs.get("causerie.nodes")


class ShowOut(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """Close what a participant has open, on every node."""

    session_id: SessionId
    participant_id: ParticipantId


class BrandChanged(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """Read the brand again."""


class BansChanged(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """Read again whom the brand has banned, and show them out."""


class StageMoved(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """Bring the media engine to where this session is now."""

    session_id: SessionId
    state: SessionState


class SlateSet(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """Cut this session's picture and sound, or give them back."""

    session_id: SessionId
    on: bool


class Speaking(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """These seats of a session speak now; None: that is told no more."""

    session_id: SessionId
    seats: tuple[Seat, ...] | None


Order = ShowOut | BrandChanged | BansChanged | StageMoved | SlateSet | Speaking
Obey = Callable[[Order], None]

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final[msgspec.msgpack.Decoder[tuple[str, Order]]] = msgspec.msgpack.Decoder(
    tuple[str, Order]
)


@dataclass(frozen=True, slots=True)
class Nodes:
    """The place of this node among the others; ``bus`` and ``leases`` are None where it is the
    only one."""

    bus: Bus | None = None
    leases: Leases | None = None

    @property
    def health(self) -> Literal["none", "ok", "lost"]:
        """How the bus is."""
        if self.bus is None:
            return "none"
        return "ok" if self.bus.is_up else "lost"

    def order(self, order: Order) -> None:
        """Have all other nodes do something; this one does it by itself."""
        if self.bus is not None:
            self.bus.publish(EVERYONE, _ENCODER.encode((self.bus.node, order)))

    async def obey(self, obey: Obey) -> None:
        """Have ``obey`` do what other nodes order; it must not block."""
        if self.bus is None:
            return
        node = self.bus.node

        def hear(payload: bytes) -> None:
            sender, order = _DECODER.decode(payload)
            if sender != node:
                obey(order)

        await self.bus.subscribe(EVERYONE, hear)


@contextlib.asynccontextmanager
async def joined_nodes(settings: Settings, keys: Keys, database: Database) -> AsyncIterator[Nodes]:
    """Be one of several nodes, if a bus is set. Raises ``SettingError``."""
    if settings.bus_url is None:
        yield Nodes()
        return
    from live.adapters.bus.redis import RedisBus  # noqa: PLC0415 -- a node that is alone starts without

    bus = RedisBus(settings.bus_url, room=keys.derive("bus").hex()[:16])
    leases = SqlLeases(database, bus.node, key_check=keys.derive("node check").hex()[:16])
    if not await leases.shares_its_key():
        raise SettingError(
            "CAUSERIE_DATA_DIR",
            str(settings.data_dir),
            f"its {KEY_FILE} is not that of the nodes which serve this database;"
            f" copy {KEY_FILE} from the data folder of one of them",
        )
    try:
        await bus.start()
    except BusUnavailable as error:
        raise SettingError(
            "CAUSERIE_BUS_URL",
            shown_url(settings.bus_url),
            f"no Redis or Valkey server answers there ({error}); see that it runs, or mend the URL",
        ) from None
    try:
        yield Nodes(bus, leases)
    finally:
        await bus.close()


class SharedLimiter:
    """A ``RateLimiter`` that all nodes share; each counts alone while the bus is lost."""

    def __init__(self, name: str, rate: Rate, nodes: Nodes) -> None:
        self._name = name
        self._rate = rate
        self._bus = nodes.bus
        self._alone = RateLimiter(rate)

    async def take(self, key: str) -> float:
        """See ``RateLimiter.take``."""
        if self._bus is None:
            return self._alone.take(key)
        try:
            return await self._bus.spend(
                f"{self._name}:{key}", count=self._rate.count, period_s=self._rate.period_s
            )
        except Unanswered:
            return self._alone.take(key)
