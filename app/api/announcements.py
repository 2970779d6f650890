"""Around announcements: what will be read before it is sent, how far people got with it after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct
from starlette.responses import RedirectResponse, Response

from app.api.endpoint import Call, Endpoint, Nothing, Parameter, Who, json, nothing
from app.problems import Problem
from app.receipts import Stage, TooManyWaitError
from live.domain import small_cells
from live.domain.announcement import Announcement, AnnouncementStatus
from live.domain.cue_commands import NoteStep
from live.domain.funnel import Reached
from live.domain.ids import AnnouncementId, ParticipantId
from live.domain.outcome import Limits, Refusal
from live.domain.outlook import outlook
from live.domain.small_cells import Cell
from live.domain.state import RoomState
from live.domain.text import clean_language, clean_text
from live.gateway.announcements import drafts, own_wording
from live.gateway.views import View
from live.ports.translator import TranslationFailed
from live.room.surface import AnyRoom
from live.wire import shapes
from live.wire.announcing import DraftVariant
from live.wire.base import Id

TOLD_MOST: Final = 50
DELIVERIES_MOST: Final = 30


class Foreseen(Struct, frozen=True, forbid_unknown_fields=True):
    """An announcement as it is being written; variants without words yet may be among them."""

    variants: Annotated[list[DraftVariant], Meta(max_length=1_000)]


class CellOutlook(shapes.Shape, frozen=True):
    """One cohort: ``people`` connected now on all nodes, the team left out; ``variant``: the index
    of what they would read, null for nothing."""

    segment: str
    language: str
    people: int
    variant: int | None


class AlikeOutlook(shapes.Shape, frozen=True):
    """Two variants, by index, that say the ``same`` to different segments, or nearly."""

    one: int
    other: int
    same: bool


class LeftOut(shapes.Shape, frozen=True):
    """A segment of which nobody would read anything."""

    segment: str
    people: int


class OutlookAnswer(shapes.Shape, frozen=True):
    """What each cohort would read, and what should be looked at before it is sent."""

    cells: list[CellOutlook]
    alike: list[AlikeOutlook]
    left_out: list[LeftOut]


class Proposal(Struct, frozen=True, forbid_unknown_fields=True):
    """Words to have in another language of the show."""

    text: str
    source: Annotated[str, Meta(max_length=35)]
    target: Annotated[str, Meta(max_length=35)]


class Proposed(shapes.Shape, frozen=True):
    """What a machine proposes; ``by`` which."""

    text: str
    by: str


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """How far the reader got: announcements that came, and those that stood in sight."""

    reached: Annotated[list[Id], Meta(max_length=TOLD_MOST)] = []
    seen: Annotated[list[Id], Meta(max_length=TOLD_MOST)] = []


class CellCount(shapes.Shape, frozen=True):
    """People of one cohort; null where it would point at few."""

    segment: str
    language: str
    people: int | None


class Counts(shapes.Shape, frozen=True):
    """People by cohort and in sums. Figures of 1 to 4 people are kept back (null), and so is what
    would give them away by subtraction."""

    cells: list[CellCount]
    by_segment: dict[str, int | None]
    by_language: dict[str, int | None]
    total: int | None


class Delivery(shapes.Shape, frozen=True):
    """How far people got with one announcement: it reached them, they saw it, they followed its
    link; who did the later did the earlier."""

    announcement_id: str
    reached: Counts
    seen: Counts
    acted: Counts


class Deliveries(shapes.Shape, frozen=True):
    """The latest announcements that were sent, oldest first."""

    deliveries: list[Delivery]


def people_by_cohort(room: AnyRoom) -> Counter[Cell]:
    """Who is connected now on all nodes, by (segment, language); the team is no audience."""
    return Counter(
        (person.segment, person.language)
        for person in room.state.participants.values()
        if not person.role.is_staff and room.crowd.has(person.id)
    )


async def _foresee(call: Call[Foreseen]) -> Response:
    room = await call.services.entry.room(call.session)
    limit = Limits().variants
    if len(call.body.variants) > limit:
        raise Problem("invalid", f"An announcement has {limit} variants at most.")
    made = outlook(room.state, drafts(call.body.variants), people_by_cohort(room))
    if isinstance(made, Refusal):
        raise Problem(made.code, made.message)
    return json(
        OutlookAnswer(
            cells=[CellOutlook(e.segment, e.language, e.people, e.variant) for e in made.cells],
            alike=[AlikeOutlook(each.one, each.other, each.same) for each in made.alike],
            left_out=[LeftOut(segment, people) for segment, people in made.left_out],
        )
    )


async def _propose(call: Call[Proposal]) -> Response:
    services, body = call.services, call.body
    source, target = clean_language(body.source), clean_language(body.target)
    if source is None or target is None:
        raise Problem("invalid", "This is no language tag (BCP 47), such as “fr” or “pt-BR”.")
    text = clean_text(body.text, Limits().text)
    if isinstance(text, Refusal):
        raise Problem(text.code, text.message)
    wait_s = services.hearing.asks.take(call.participant.id)
    if wait_s > 0:
        raise Problem("rate_limited", "Too many texts to translate.", retry_after_s=wait_s)
    translations = services.hearing.translations
    try:
        proposed = await translations.propose(call.session.id, text, source, target)
    except TranslationFailed as failure:
        raise Problem("untranslated", str(failure)) from None
    translator = translations.translator
    return json(Proposed(proposed, "" if translator is None else translator.name))


async def _take_receipts(call: Call[Told]) -> Response:
    state = (await call.services.entry.room(call.session)).state
    person = state.participants[call.participant.id]
    got = dict.fromkeys(_in_front_of(state, person.id, call.body.reached), Stage.REACHED)
    got |= dict.fromkeys(_in_front_of(state, person.id, call.body.seen), Stage.SEEN)
    if got and not person.role.is_staff:
        await _note(call, got)
    return nothing()


async def _follow(call: Call[Nothing]) -> Response:
    """Where the reader's own variant leads. From another site's page, or before anyone asked for
    it, it counts for nothing."""
    state = (await call.services.entry.room(call.session)).state
    announcement = state.announcements.get(AnnouncementId(call.path("announcement_id")))
    person = None if call.caller.participant is None else call.caller.participant.id
    url = None if announcement is None else _leads_to(state, person, announcement)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    if announcement is None or person is None or url is None:
        return RedirectResponse(f"/s/{call.session.slug}", 303, headers)
    asked = call.request.headers
    ours = asked.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    early = "prefetch" in asked.get("sec-purpose", "")
    if ours and not early and not state.participants[person].role.is_staff:
        await _note(call, {announcement.id: Stage.ACTED})
        room = await call.services.entry.room(call.session)
        await room.act(NoteStep(person, Reached.ACTING))
    return RedirectResponse(url, 303, headers)


async def _deliveries(call: Call[Nothing]) -> Response:
    state = (await call.services.entry.room(call.session)).state
    sent = [e for e in state.announcements.values() if e.status is not AnnouncementStatus.SAVED]
    latest = sorted(sent, key=lambda each: (each.at, each.id))[-DELIVERIES_MOST:]
    wanted = call.request.query_params.get("announcement")
    ids = [each.id for each in latest if wanted is None] or [
        each.id for each in sent if each.id == wanted
    ]
    counts = await call.services.receipts.counts(call.session.id, ids)
    told = [
        Delivery(
            announcement_id=each,
            reached=_counts(counts[each][Stage.REACHED]),
            seen=_counts(counts[each][Stage.SEEN]),
            acted=_counts(counts[each][Stage.ACTED]),
        )
        for each in ids
    ]
    return json(Deliveries(told))


async def _note(call: Call[Told] | Call[Nothing], stages: Mapping[AnnouncementId, Stage]) -> None:
    try:
        await call.services.receipts.note(call.participant, stages)
    except TooManyWaitError:
        raise Problem("overloaded", "Too much is told at once.", retry_after_s=2) from None


def _in_front_of(
    state: RoomState, reader: ParticipantId, named: Iterable[str]
) -> Iterable[AnnouncementId]:
    """Those of them that this reader has words of."""
    view = View(state, staff=False, reader=reader)
    for each in named:
        announcement = state.announcements.get(AnnouncementId(each))
        if announcement is None or announcement.status is AnnouncementStatus.SAVED:
            continue
        if own_wording(view, announcement) is not None:
            yield announcement.id


def _leads_to(
    state: RoomState, reader: ParticipantId | None, announcement: Announcement
) -> str | None:
    """The address that this reader's variant names, while it stands."""
    if reader is None or announcement.status is not AnnouncementStatus.ACTIVE:
        return None
    own = own_wording(View(state, staff=False, reader=reader), announcement)
    return None if own is None or own[1].link is None else own[1].link.url


def _counts(people: Mapping[Cell, int]) -> Counts:
    told = small_cells.shown(people)
    return Counts(
        cells=[CellCount(*cell, count) for cell, count in sorted(told.cells.items())],
        by_segment=dict(told.by_segment),
        by_language=dict(told.by_language),
        total=told.total,
    )


_EXAMPLE: Final = {"variants": [{"text": "Doors open at eight."}]}

ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/sessions/{slug}/announcements/outlook",
        summary="Who is there now, what they would read, what reads the same to different people.",
        who=Who.STAFF,
        handler=_foresee,
        body=Foreseen,
        audited=False,  # it changes nothing, and is asked with every key
        answer=OutlookAnswer,
        example=_EXAMPLE,
    ),
    Endpoint(
        method="POST",
        path="/sessions/{slug}/announcements/translation",
        summary="What the configured service makes of a variant in another language.",
        who=Who.STAFF,
        handler=_propose,
        body=Proposal,
        audited=False,  # what is sent is written down when it is
        answer=Proposed,
        errors=("untranslated", "rate_limited", "too_long", "empty", "control_characters"),
        example={"text": "Doors open at eight.", "source": "en", "target": "fr"},
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/announcements/deliveries",
        summary="How many people announcements reached, who saw them, who followed their link.",
        who=Who.STAFF,
        handler=_deliveries,
        body=Nothing,
        answer=Deliveries,
        parameters=(Parameter("announcement", "One alone, by its id."),),
    ),
    Endpoint(
        method="POST",
        path="/sessions/{slug}/receipts",
        summary="Say which announcements came, and which stood in sight; each counts once.",
        who=Who.PARTICIPANT,
        handler=_take_receipts,
        body=Told,
        status=204,
        crowded=True,
        errors=("overloaded",),
        example={"seen": ["a1"]},
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/go/{announcement_id}",
        summary="Follow an announcement's link as the reader has it; without one, to the show.",
        who=Who.ENTRANT,
        handler=_follow,
        body=Nothing,
        status=303,
        errors=("overloaded",),
        answer_headers={"Location": "Where the reader's variant leads, or the show."},
    ),
)
