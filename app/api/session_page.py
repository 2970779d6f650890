"""A session as its pages begin."""

from __future__ import annotations

from typing import Final

from msgspec import structs
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Who, json
from live.gateway.views import View
from live.wire import shapes
from live.wire.attention import Basis


class BrandLine(shapes.Shape, frozen=True):
    """Whose show it is."""

    name: str
    logo_url: str | None


class TranslatedBy(shapes.Shape, frozen=True):
    """The service that texts are sent to when somebody asks to read them in another language."""

    name: str
    host: str


class SessionPage(shapes.Session, frozen=True, kw_only=True):
    """A session as its pages begin: what everyone may know, and who is asking."""

    epoch: str
    description: str
    you: shapes.You | None
    brand: BrandLine
    translation: TranslatedBy | None
    evasion_hints: bool
    attention: Basis | None


async def _read(call: Call[Nothing]) -> Response:
    room = await call.services.entry.room(call.session)
    brand = call.services.brands.current
    sends_to = call.services.hearing.translations.translator
    you = call.caller.participant
    if you is not None:
        you = room.state.participants.get(you.id) or you
    view = View(room.state, staff=False)
    page = SessionPage(
        **structs.asdict(view.session()),
        epoch=room.epoch,
        description=room.state.session.description,
        you=None
        if you is None
        else shapes.You(
            id=you.id,
            role=you.role.value,
            display_name=you.display_name,
            segment=you.segment,
            language=you.language,
        ),
        brand=BrandLine(name=brand.name, logo_url=brand.logo_url),
        translation=None if sends_to is None else TranslatedBy(sends_to.name, sends_to.host),
        evasion_hints=call.services.evasion.on,
        attention=call.services.settings.attention,
    )
    return json(page)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}",
        summary="What everyone who may enter may know, and who is asking.",
        who=Who.ENTRANT,
        handler=_read,
        body=Nothing,
        answer=SessionPage,
    ),
)
