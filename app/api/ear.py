"""What the ear hears, for the team; its memory, for the owner; reading in one's own language."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Who, json, nothing
from app.problems import Problem
from app.translating import SUBJECTS_MOST
from live.domain.subject import Subject, SubjectKind
from live.domain.text import clean_language
from live.gateway.views import View
from live.ports.translator import TranslationFailed
from live.wire import shapes

MODEL_TYPE: Final = "application/octet-stream"


class SegmentMood(shapes.Shape, frozen=True):
    """How a segment feels, from -1 to 1, and how many people that is; never fewer than five.

    ``curve`` is the same every ten seconds, the latest last; null where too few had spoken.
    """

    value: float
    people: int
    curve: list[float | None]


class EarNow(shapes.Shape, frozen=True):
    """How the ear is, for the team.

    ``models``: ``loading`` until they are first ready, ``ready``, ``restarting`` after a crash,
    ``off``. ``trouble`` holds codes of what does not work at this moment, ``skipped`` by phase how
    many lines were judged without it. ``decisions`` is how many the filter has learned from.
    """

    models: Literal["loading", "ready", "restarting", "off"]
    trouble: list[str]
    skipped: dict[str, int]
    decisions: int
    replaying: bool
    mood: dict[str, SegmentMood]


class Translate(Struct, frozen=True, forbid_unknown_fields=True):
    """What to read in which language; what is in that language already is left out."""

    subjects: Annotated[list[shapes.Subject], Meta(min_length=1, max_length=SUBJECTS_MOST)]
    to: Annotated[str, Meta(max_length=35)]


class Translated(shapes.Shape, frozen=True):
    """A subject in another language, as of the ``revision`` whose words these are."""

    subject: shapes.Subject
    revision: int
    language: str
    text: str


class Translations(shapes.Shape, frozen=True):
    """What of it could be read, and by which service, to whom the texts were sent."""

    by: str
    items: list[Translated]


async def _ear(call: Call[Nothing]) -> Response:
    services = call.services
    status = services.hearing.ear.status
    moods = services.hearing.moods.of(call.session.id, services.clock.monotonic())
    return json(
        EarNow(
            models=status.models,
            trouble=list(status.trouble),
            skipped=dict(status.skipped),
            decisions=status.decisions,
            replaying=status.replaying,
            mood={
                segment: SegmentMood(mood.value, mood.people, list(mood.curve))
                for segment, mood in moods.items()
            },
        )
    )


async def _translate(call: Call[Translate]) -> Response:
    services, body = call.services, call.body
    target = clean_language(body.to)
    if target is None:
        raise Problem("invalid", "This is no language tag (BCP 47), such as “fr” or “pt-BR”.")
    wait_s = services.hearing.asks.take(call.participant.id)
    if wait_s > 0:
        raise Problem("rate_limited", "Too many texts to translate.", retry_after_s=wait_s)
    room = await services.entry.room(call.session)
    reader = call.participant.id
    view = View(room.state, room.state.participants[reader].role.is_staff, reader)
    subjects = [Subject(SubjectKind(each.kind), each.id) for each in body.subjects]
    try:
        told = await services.hearing.translations.read(room.state, view, subjects, target)
    except TranslationFailed as failure:
        raise Problem("untranslated", str(failure)) from None
    translator = services.hearing.translations.translator
    return json(
        Translations(
            by="" if translator is None else translator.name,
            items=[
                Translated(
                    shapes.Subject(kind=each.subject.kind.value, id=each.subject.id),
                    each.revision,
                    each.language,
                    each.text,
                )
                for each in told
            ],
        )
    )


async def _export(call: Call[Nothing]) -> Response:
    kept = await call.services.hearing.ear.export()
    if kept is None:
        raise _absent()
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="causerie-filter.bin"',
    }
    return Response(kept, media_type=MODEL_TYPE, headers=headers)


async def _reset(call: Call[Nothing]) -> Response:
    if await call.services.hearing.ear.reset() is None:
        raise _absent()
    return nothing()


def _absent() -> Problem:
    return Problem("unavailable", "The models do not answer now; try again.", retry_after_s=5)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/sessions/{slug}/ear",
        summary="How the ear is, and how each segment feels.",
        who=Who.STAFF,
        handler=_ear,
        body=Nothing,
        answer=EarNow,
    ),
    Endpoint(
        method="POST",
        path="/sessions/{slug}/translations",
        summary="Read messages and questions in another language, by the service configured.",
        who=Who.PARTICIPANT,
        handler=_translate,
        body=Translate,
        answer=Translations,
        errors=("untranslated", "rate_limited"),
        example={"subjects": [{"kind": "message", "id": "m1"}], "to": "fr"},
    ),
    Endpoint(
        method="GET",
        path="/ear/filter",
        summary="Everything that the filter has learned, to keep.",
        who=Who.OWNER,
        handler=_export,
        body=Nothing,
        audited=True,
        answer=MODEL_TYPE,
        errors=("unavailable",),
    ),
    Endpoint(
        method="DELETE",
        path="/ear/filter",
        summary="Have the filter forget everything it has learned.",
        who=Who.OWNER,
        handler=_reset,
        body=Nothing,
        status=204,
        errors=("unavailable",),
    ),
)
