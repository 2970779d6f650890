"""The brand: how this installation presents itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from msgspec import UNSET, Struct, UnsetType
from starlette.responses import Response

from app.api.endpoint import Blob, Call, Endpoint, Nothing, Who, json, nothing
from app.brand import Brand
from app.colour import Accent, NotAColour, PoorContrast
from app.pictures import FORMATS, LIMIT_BYTES, NotAPicture, clean_picture
from app.problems import Problem
from live.domain.outcome import Refusal
from live.domain.text import clean_text
from live.wire import shapes

NAME_MAX: Final = 60
DESCRIPTION_MAX: Final = 300
LANGUAGES: Final = ("en", "fr")
YEAR_S: Final = 31_536_000


class EditBrand(Struct, frozen=True, forbid_unknown_fields=True):
    """What changes; what is absent stays. ``accent`` is ``#rrggbb``, null for our own."""

    name: str | UnsetType = UNSET
    accent: str | UnsetType | None = UNSET
    description: str | UnsetType = UNSET


class AccentPair(shapes.Shape, frozen=True):
    """The accent as it shows on light and on dark pages."""

    light: str
    dark: str


class BrandAnswer(shapes.Shape, frozen=True):
    """The brand; ``languages`` are those the pages speak."""

    name: str
    description: str
    accent: AccentPair | None
    logo_url: str | None
    languages: list[str]


async def _read(call: Call[Nothing]) -> Response:
    return json(_told(call.services.brands.current))


async def _edit(call: Call[EditBrand]) -> Response:
    body, brands = call.body, call.services.brands
    brand = brands.current
    if body.name is not UNSET:
        brand = replace(brand, name=_clean(body.name, NAME_MAX))
    if body.description is not UNSET:
        text = body.description.strip()
        brand = replace(brand, description=_clean(text, DESCRIPTION_MAX) if text else "")
    if body.accent is not UNSET:
        brand = replace(brand, accent=None if body.accent is None else _accent(body.accent))
    await brands.save(brand)
    return json(_told(brand))


async def _read_logo(call: Call[Nothing]) -> Response:
    logo = call.services.brands.current.logo
    if logo is None:
        raise Problem("not_found", "No logo was chosen.")
    etag = f'"{logo.tag}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if call.request.query_params.get("v") == logo.tag:
        headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    if call.request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(logo.data, media_type=logo.media_type, headers=headers)


async def _put_logo(call: Call[Blob]) -> Response:
    try:
        logo = await clean_picture(call.body.data, call.body.media_type)
    except NotAPicture as error:
        raise Problem("invalid", str(error)) from None
    brands = call.services.brands
    await brands.save(replace(brands.current, logo=logo))
    return json(_told(brands.current))


async def _delete_logo(call: Call[Nothing]) -> Response:
    brands = call.services.brands
    await brands.save(replace(brands.current, logo=None))
    return nothing()


def _told(brand: Brand) -> BrandAnswer:
    accent = brand.accent
    return BrandAnswer(
        name=brand.name,
        description=brand.description,
        accent=None if accent is None else AccentPair(light=accent.light, dark=accent.dark),
        logo_url=brand.logo_url,
        languages=list(LANGUAGES),
    )


def _accent(text: str) -> Accent:
    try:
        return Accent.of(text)
    except NotAColour:
        raise Problem("invalid", "A colour is written #rrggbb.") from None
    except PoorContrast as error:
        raise Problem("contrast", str(error), more={"nearest": error.nearest}) from None


def _clean(text: str, limit: int) -> str:
    cleaned = clean_text(text, limit)
    if isinstance(cleaned, Refusal):
        raise Problem(cleaned.code, cleaned.message)
    return cleaned


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/brand",
        summary="How this installation presents itself.",
        who=Who.ANYONE,
        handler=_read,
        body=Nothing,
        answer=BrandAnswer,
    ),
    Endpoint(
        method="PATCH",
        path="/brand",
        summary="Change name, description or accent; a colour nobody could see is refused.",
        who=Who.OWNER,
        handler=_edit,
        body=EditBrand,
        told=("name", "description", "accent"),
        answer=BrandAnswer,
        errors=("contrast", "too_long", "empty", "control_characters"),
        example={"name": "Maison Alba", "accent": "#0c6b65"},
    ),
    Endpoint(
        method="GET",
        path="/brand/logo",
        summary="The logo.",
        who=Who.ANYONE,
        handler=_read_logo,
        body=Nothing,
        answer="image/png",
        errors=("not_found",),
    ),
    Endpoint(
        method="PUT",
        path="/brand/logo",
        summary="Choose a logo; it is re-encoded, at most 512 pixels wide and high.",
        who=Who.OWNER,
        handler=_put_logo,
        body=Blob,
        media_types=tuple(FORMATS),
        limit_bytes=LIMIT_BYTES,
        answer=BrandAnswer,
        errors=("invalid",),
    ),
    Endpoint(
        method="DELETE",
        path="/brand/logo",
        summary="Have no logo.",
        who=Who.OWNER,
        handler=_delete_logo,
        body=Nothing,
        status=204,
    ),
)
