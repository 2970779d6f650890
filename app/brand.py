"""How the installation presents itself: name, description, accent colour, logo."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from app.colour import Accent
from app.database.tables import brand as table
from app.nodes import BrandChanged, Nodes
from app.pictures import Picture
from live.adapters.sql.database import Database
from live.adapters.sql.rows import microseconds
from live.ports.clock import Clock

BRAND_ID: Final = "brand"
NAME: Final = "Causerie"


@dataclass(frozen=True, slots=True)
class Brand:
    """What the owner chose, with our own name where nothing was."""

    name: str = NAME
    description: str = ""
    accent: Accent | None = None
    logo: Picture | None = None

    @property
    def logo_url(self) -> str | None:
        return None if self.logo is None else f"/api/v1/brand/logo?v={self.logo.tag}"


class Brands:
    """Keeps the one brand of this installation, in memory and in the database."""

    def __init__(self, database: Database, clock: Clock, nodes: Nodes) -> None:
        self._nodes = nodes
        self._database = database
        self._clock = clock
        self._writing = asyncio.Lock()
        self.current = Brand()

    async def load(self) -> None:
        """Read it: at the start, and when another node changed it."""
        row = await self._database.read(
            lambda connection: connection.execute(select(table)).first()
        )
        if row is None:
            return
        logo = None if row.logo is None else Picture(row.logo_type, bytes(row.logo))
        accent = None if row.accent is None else Accent.of(row.accent)
        self.current = Brand(row.name, row.description, accent, logo)

    async def save(self, brand: Brand) -> None:
        """Make it the brand; on disk when this returns."""
        logo = brand.logo
        values: dict[str, Any] = {
            "name": brand.name,
            "description": brand.description,
            "accent": None if brand.accent is None else brand.accent.chosen,
            "logo": None if logo is None else logo.data,
            "logo_type": None if logo is None else logo.media_type,
            "logo_changed_us": microseconds(self._clock.now()),
        }

        def write(connection: Connection) -> None:
            changed = connection.execute(update(table).where(table.c.id == BRAND_ID).values(values))
            if changed.rowcount == 0:
                connection.execute(insert(table).values(id=BRAND_ID, **values))

        async with self._writing:
            await self._database.write(write)
            self.current = brand
        self._nodes.order(BrandChanged())
