"""Sessions: announce one, change it, take it through its life."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint, Nothing, Who, json
from app.api.moments import Moment, utc
from app.entry import refuse
from app.invites import MadeInvite, make_invite
from app.nodes import StageMoved
from app.problems import Problem
from app.rehearsal import is_rehearsal
from live.domain.ids import SessionId
from live.domain.label import Colour
from live.domain.mode import Review
from live.domain.outcome import Refusal
from live.domain.people import Role
from live.domain.segment import Segment
from live.domain.segmenting import MOST as SEGMENTS_MOST
from live.domain.segmenting import clean_segments
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState, SessionDetails
from live.domain.text import clean_language, clean_text
from live.gateway.views import View, rfc3339
from live.ports.store import SessionRecord, SlugTaken
from live.wire import shapes

TITLE_MAX: Final = 120
DESCRIPTION_MAX: Final = 2_000
LANGUAGES_MAX: Final = 20
SLUG_TRIES: Final = 8

_SLUG: Final = r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$"

Slug = Annotated[str, Meta(pattern=_SLUG, max_length=64)]
Languages = Annotated[list[str], Meta(min_length=1, max_length=LANGUAGES_MAX)]
Visibility = Literal["public", "private"]
ReviewMode = Literal["before", "after"]


class OwnSegment(Struct, frozen=True, forbid_unknown_fields=True):
    """A segment besides the built-in ones: ``names`` by language; ``customer/vip`` is part of
    ``customer``; anyone may choose an open one."""

    id: Annotated[str, Meta(min_length=1, max_length=49)]
    names: dict[str, str]
    colour: shapes.LabelColour | None = None
    description: str = ""
    open: bool = False


class CreateSession(Struct, frozen=True, forbid_unknown_fields=True):
    """A new show. Without ``slug`` one is made of the title; ``starts_at`` carries its zone."""

    title: str
    slug: Slug | None = None
    languages: Languages | None = None
    starts_at: Moment | None = None
    visibility: Visibility = "public"
    review: ReviewMode = "after"
    description: str = ""
    segments: Annotated[list[OwnSegment], Meta(max_length=SEGMENTS_MOST)] = []


class EditSession(Struct, frozen=True, forbid_unknown_fields=True):
    """What changes; what is absent stays. ``starts_at`` null takes the date away."""

    title: str | UnsetType = UNSET
    languages: Languages | UnsetType = UNSET
    segments: Annotated[list[OwnSegment], Meta(max_length=SEGMENTS_MOST)] | UnsetType = UNSET
    starts_at: Moment | UnsetType | None = UNSET
    visibility: Visibility | UnsetType = UNSET
    review: ReviewMode | UnsetType = UNSET
    description: str | UnsetType = UNSET


class StepTo(Struct, frozen=True, forbid_unknown_fields=True):
    """The state that a session goes to."""

    state: Literal["draft", "lobby", "live", "ended"]


class FirstInvites(shapes.Shape, frozen=True):
    """The invites that a session is made with."""

    host: MadeInvite
    moderator: MadeInvite
    viewer: MadeInvite


class CreatedSession(shapes.Shape, frozen=True):
    """A session that was just made. Its invites are shown this once."""

    slug: str
    state: shapes.SessionState
    epoch: str
    invites: FirstInvites


class SessionSummary(shapes.Shape, frozen=True):
    """One line of the owner's list; ``present`` counts connections of now."""

    slug: str
    title: str
    state: shapes.SessionState
    starts_at: str | None
    created_at: str
    languages: list[str]
    visibility: Visibility
    review: ReviewMode
    description: str
    segments: list[OwnSegment]
    present: int


class SessionList(shapes.Shape, frozen=True):
    """Every session, the newest first."""

    sessions: list[SessionSummary]


async def _create(call: Call[CreateSession]) -> Response:
    body, services = call.body, call.services
    if body.slug is not None and is_rehearsal(body.slug):
        raise Problem("invalid", "Such an address is a rehearsal’s.")
    now = services.clock.now()
    record = SessionRecord(
        id=SessionId(services.entropy.new_id()),
        slug=body.slug or _slug_of(body.title),
        title=_line(body.title, TITLE_MAX),
        state=SessionState.DRAFT,
        epoch=services.entropy.new_id(),
        created_at=now,
        starts_at=None if body.starts_at is None else utc(body.starts_at),
        languages=_languages(body.languages or ["en", "fr"]),
        visibility=body.visibility,
        review=body.review,
        description=_paragraphs(body.description),
        segments=_segments(body.segments),
    )
    record = await _add(call, record, may_rename=body.slug is None)
    base = services.addresses.base(call.visitor)
    host, moderator, viewer = [
        await make_invite(services, record, role, base)
        for role in (Role.HOST, Role.MODERATOR, Role.VIEWER)
    ]
    made = CreatedSession(
        slug=record.slug,
        state="draft",
        epoch=record.epoch,
        invites=FirstInvites(host=host, moderator=moderator, viewer=viewer),
    )
    return json(made, status=201, headers={"Location": f"/api/v1/sessions/{record.slug}"})


async def _add(
    call: Call[CreateSession], record: SessionRecord, *, may_rename: bool
) -> SessionRecord:
    """Add it, under another slug if ours was taken and nobody asked for it."""
    base = record.slug
    for _ in range(SLUG_TRIES):
        try:
            await call.services.directory.add_session(record)
        except SlugTaken:
            if not may_rename:
                raise Problem("slug_taken", f"There is a session “{base}” already.") from None
            record = replace(record, slug=f"{base[:58]}-{secrets.token_hex(2)}")
        else:
            return record
    raise Problem("slug_taken", f"No free address was found near “{base}”.")


async def _listing(call: Call[Nothing]) -> Response:
    services = call.services
    known = await services.directory.list_sessions()
    records = [record for record in known if not is_rehearsal(record.slug)]
    sessions = [_summary(record, services.gateway.present(record.id)) for record in records]
    return json(SessionList(sessions=sessions))


async def _edit(call: Call[EditSession]) -> Response:
    body = call.body
    room = await call.services.entry.room(call.session)
    starts_at = None
    if isinstance(body.starts_at, datetime):
        starts_at = utc(body.starts_at)
    change = SessionDetails(
        title=None if body.title is UNSET else _line(body.title, TITLE_MAX),
        starts_at=starts_at,
        clear_starts_at=body.starts_at is None,
        languages=None if body.languages is UNSET else _languages(body.languages),
        segments=None if body.segments is UNSET else tuple(map(_segment, body.segments)),
        visibility=None if body.visibility is UNSET else body.visibility,
        review=None if body.review is UNSET else Review(body.review),
        description=None if body.description is UNSET else _paragraphs(body.description),
    )
    refuse(await room.act(change, by=call.participant.id))
    return json(View(room.state, staff=True).session())


async def _step(call: Call[StepTo]) -> Response:
    room = await call.services.entry.room(call.session)
    state = SessionState(call.body.state)
    refuse(await room.act(ChangeState(state), by=call.participant.id))
    await call.services.stage.follow(call.session.id, state)
    call.services.nodes.order(StageMoved(call.session.id, state))
    return json(View(room.state, staff=True).session())


def _summary(record: SessionRecord, present: int) -> SessionSummary:
    return SessionSummary(
        slug=record.slug,
        title=record.title,
        state=SessionState(record.state).value,
        starts_at=None if record.starts_at is None else rfc3339(record.starts_at),
        created_at=rfc3339(record.created_at),
        languages=list(record.languages),
        visibility="private" if record.visibility == "private" else "public",
        review="before" if record.review == "before" else "after",
        description=record.description,
        segments=[
            OwnSegment(
                id=each.id,
                names=dict(each.names),
                colour=None if each.colour is None else each.colour.value,
                description=each.description,
                open=each.open,
            )
            for each in record.segments
        ],
        present=present,
    )


def _line(text: str, limit: int) -> str:
    cleaned = clean_text(text, limit)
    if isinstance(cleaned, Refusal):
        raise Problem(cleaned.code, cleaned.message)
    return cleaned


def _paragraphs(text: str) -> str:
    """A text of several lines, each clean."""
    if len(text) > DESCRIPTION_MAX:
        raise Problem("too_long", f"A description holds {DESCRIPTION_MAX} characters.")
    lines = text.replace("\r\n", "\n").strip().split("\n")
    return "\n".join(_line(line, DESCRIPTION_MAX) if line.strip() else "" for line in lines)


def _languages(tags: Sequence[str]) -> tuple[str, ...]:
    cleaned = [clean_language(tag) for tag in tags]
    known = [tag for tag in cleaned if tag is not None]
    if len(known) != len(cleaned):
        raise Problem("invalid", "Languages are BCP 47 tags, such as “fr” or “pt-BR”.")
    return tuple(dict.fromkeys(known))


def _segments(told: list[OwnSegment]) -> tuple[Segment, ...]:
    cleaned = clean_segments([_segment(each) for each in told])
    if isinstance(cleaned, Refusal):
        refuse(cleaned)
        return ()
    return cleaned


def _segment(told: OwnSegment) -> Segment:
    colour = None if told.colour is None else Colour(told.colour)
    return Segment(told.id, told.names, colour, told.description, told.open)


def _slug_of(title: str) -> str:
    """The title in small ASCII letters with hyphens; a random name where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56].strip("-")
    return slug or f"session-{secrets.token_hex(3)}"


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/sessions",
        summary="Announce a session; its invites are shown this once.",
        who=Who.OWNER,
        handler=_create,
        body=CreateSession,
        told=("title", "slug"),
        status=201,
        answer=CreatedSession,
        errors=("slug_taken", "too_long", "empty", "control_characters"),
        example={"title": "Autumn collection, live", "review": "before"},
        answer_headers={"Location": "The session's own address in this API."},
    ),
    Endpoint(
        method="GET",
        path="/sessions",
        summary="Every session, the newest first.",
        who=Who.OWNER,
        handler=_listing,
        body=Nothing,
        answer=SessionList,
    ),
    Endpoint(
        method="PATCH",
        path="/sessions/{slug}",
        summary="Change the announcement of a session.",
        who=Who.OWNER,
        handler=_edit,
        body=EditSession,
        audited=False,  # the room does it, and tells
        answer=shapes.Session,
        errors=("too_long", "empty", "control_characters"),
        example={"title": "Autumn collection, again"},
    ),
    Endpoint(
        method="POST",
        path="/sessions/{slug}/state",
        summary="Take the session a step further; to stay where it is, is fine too.",
        who=Who.HOST,
        handler=_step,
        body=StepTo,
        audited=False,  # the room does it, and tells
        answer=shapes.Session,
        errors=("impossible_step",),
        example={"state": "live"},
    ),
)
