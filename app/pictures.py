"""Pictures that people send us: taken for what they are, made anew, and bounded."""

from __future__ import annotations

import asyncio
import hashlib
import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, UnidentifiedImageError

LIMIT_BYTES: Final = 262_144
SIDE_MAX: Final = 512
PIXELS_MAX: Final = 16_000_000
FORMATS: Final = {"image/png": "PNG", "image/webp": "WEBP", "image/jpeg": "JPEG"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is sent; ``tag`` changes with it."""

    media_type: str
    data: bytes

    @property
    def tag(self) -> str:
        return hashlib.sha256(self.data).hexdigest()[:16]


class NotAPicture(Exception):
    """The bytes are not a picture we take; ``str()`` says why."""


async def clean_picture(data: bytes, media_type: str) -> Picture:
    """The picture alone, re-encoded so that nothing else of the file is passed on.

    Scaled down to 512 pixels; JPEG stays JPEG, others become PNG. Raises ``NotAPicture``.
    """
    return await asyncio.to_thread(_clean, data, media_type)


def _clean(data: bytes, media_type: str) -> Picture:
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[media_type]]) as picture:
            if picture.width * picture.height > PIXELS_MAX:
                raise NotAPicture("The picture has too many pixels.")
            picture.load()
            keep = "JPEG" if media_type == "image/jpeg" else "PNG"
            clean = picture.convert("RGB" if keep == "JPEG" else "RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        raise NotAPicture(f"These bytes are no {media_type} picture.") from None
    clean.thumbnail((SIDE_MAX, SIDE_MAX))
    out = io.BytesIO()
    clean.save(out, keep, optimize=True)
    return Picture(f"image/{keep.lower()}", out.getvalue())
