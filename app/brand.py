"""How the installation presents itself: name, description, accent colour, logo."""

from __future__ import annotations

import asyncio
import hashlib
import io
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image, UnidentifiedImageError
from sqlalchemy import Connection, insert, select, update

from app.colour import Accent
from app.database.tables import brand as table
from app.nodes import BrandChanged, Nodes
from live.adapters.sql.database import Database
from live.adapters.sql.rows import microseconds
from live.ports.clock import Clock

BRAND_ID: Final = "brand"
NAME: Final = "Causerie"
LOGO_LIMIT_BYTES: Final = 262_144
LOGO_SIDE_MAX: Final = 512
LOGO_PIXELS_MAX: Final = 16_000_000
LOGO_FORMATS: Final = {"image/png": "PNG", "image/webp": "WEBP", "image/jpeg": "JPEG"}


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as it is sent; ``tag`` changes with it."""

    media_type: str
    data: bytes

    @property
    def tag(self) -> str:
        return hashlib.sha256(self.data).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Brand:
    """What the owner chose, with our own name where nothing was."""

    name: str = NAME
    description: str = ""
    accent: Accent | None = None
    logo: Logo | None = None

    @property
    def logo_url(self) -> str | None:
        return None if self.logo is None else f"/api/v1/brand/logo?v={self.logo.tag}"


class NotAPicture(Exception):
    """The bytes are not a picture we take; ``str()`` says why."""


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
        logo = None if row.logo is None else Logo(row.logo_type, bytes(row.logo))
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


async def clean_logo(data: bytes, media_type: str) -> Logo:
    """The picture alone, re-encoded so that nothing else of the file is passed on.

    Scaled down to 512 pixels; JPEG stays JPEG, others become PNG. Raises ``NotAPicture``.
    """
    return await asyncio.to_thread(_clean, data, media_type)


def _clean(data: bytes, media_type: str) -> Logo:
    try:
        with Image.open(io.BytesIO(data), formats=[LOGO_FORMATS[media_type]]) as picture:
            if picture.width * picture.height > LOGO_PIXELS_MAX:
                raise NotAPicture("The picture has too many pixels.")
            picture.load()
            keep = "JPEG" if media_type == "image/jpeg" else "PNG"
            clean = picture.convert("RGB" if keep == "JPEG" else "RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        raise NotAPicture(f"These bytes are no {media_type} picture.") from None
    clean.thumbnail((LOGO_SIDE_MAX, LOGO_SIDE_MAX))
    out = io.BytesIO()
    clean.save(out, keep, optimize=True)
    return Logo(f"image/{keep.lower()}", out.getvalue())
