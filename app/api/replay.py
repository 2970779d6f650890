"""Recording a show, and seeing it again: files, chapters, and what was said at which moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType
from starlette.responses import FileResponse, Response

from app.api.endpoint import API, Call, Endpoint, Nothing, Parameter, Who, json, nothing
from app.api.lists import whole_number
from app.database.recordings import UNFINISHED, FileState, RecordedFile
from app.entry import refuse
from app.problems import Problem
from live.domain import session_events
from live.domain.events import Recorded
from live.domain.people import DEFAULT_SEGMENT
from live.domain.question import QuestionStatus
from live.domain.recording import Trouble
from live.domain.session import SessionState
from live.gateway.projection import Projection
from live.gateway.views import View, rfc3339
from live.wire import events as wire
from live.wire import shapes
from live.wire.frames import WireEvent

PAGE: Final = 500
PAGE_MOST: Final = 2_000
CHAPTERS_MOST: Final = 500
TYPES: Final = {"webm": "video/webm", "mp4": "video/mp4"}
TELLING: Final = frozenset(
    {
        "message.published",
        "question.published",
        "announcement.sent",
        "pin.changed",
        "poll.opened",
        "poll.closed",
    }
)
"""What a replay shows at its moment. What came of it later is in the texts of today."""

Whether = Literal["writing", "cut", "ready", "empty", "deleted"]


class SwitchRecording(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether what is on air is recorded."""

    on: bool


class SwitchReplay(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether who may enter may see the replay."""

    published: bool


class RecordingFile(shapes.Shape, frozen=True):
    """One file. ``lost`` counts packets that never came."""

    id: str
    seat: str
    state: Whether
    started_at: str
    duration_s: float
    bytes: int
    lost: int


class RecordingPage(shapes.Shape, frozen=True):
    """What the team knows of a session's recording. ``trouble``: why nothing could be recorded
    now."""

    on: bool
    trouble: Trouble | None
    published: bool
    bytes: int
    items: list[RecordingFile]


class Track(shapes.Shape, frozen=True):
    """One piece of picture and sound. Its first moment is ``started_at``."""

    id: str
    seat: str
    started_at: str
    duration_s: float
    type: str
    url: str


class Chapter(shapes.Shape, frozen=True):
    """A question that was answered. The answer begins ``offset_s`` after the start of ``track``;
    both are absent where nothing was recorded then."""

    question: shapes.Question
    at: str
    track: str | UnsetType = UNSET
    offset_s: float | UnsetType = UNSET


class ReplayPage(shapes.Shape, frozen=True):
    """A show to be seen again. ``unfinished``: so many pieces are still being made ready."""

    session: shapes.Session
    published: bool
    tracks: list[Track]
    chapters: list[Chapter]
    unfinished: int


class Moments(shapes.Shape, frozen=True):
    """What was said, in order, as everyone of the reader's cohort may see it today. ``upto`` is
    where the next page begins; at the end it is ``head``."""

    after: int
    upto: int
    head: int
    events: list[WireEvent]


async def _switch(call: Call[SwitchRecording]) -> Response:
    room = await call.services.entry.room(call.session)
    recordings = call.services.recordings
    refuse(await recordings.choose(room, call.participant.id, on=call.body.on))
    return json(View(room.state, staff=True).session())


async def _list(call: Call[Nothing]) -> Response:
    room = await call.services.entry.room(call.session)
    recordings = call.services.recordings
    files = await recordings.files.of(call.session.id)
    page = RecordingPage(
        on=View(room.state, staff=True).session().recorded,
        trouble=await recordings.trouble(),
        published=await recordings.files.is_published(call.session.id),
        bytes=sum(file.size for file in files),
        items=[
            RecordingFile(
                id=file.id,
                seat=file.seat,
                state=file.state.value,
                started_at=rfc3339(file.started_at),
                duration_s=file.duration_ms / 1000,
                bytes=file.size,
                lost=file.lost,
            )
            for file in files
        ],
    )
    return json(page)


async def _delete(call: Call[Nothing]) -> Response:
    files = await call.services.recordings.files.of(call.session.id)
    wanted = call.request.path_params.get("file_id")
    if wanted is not None:
        files = [file for file in files if file.id == wanted]
        if not files:
            raise _no_recording()
    room = await call.services.entry.room(call.session)
    if room.state.session.state is SessionState.LIVE and any(
        file.state is FileState.WRITING for file in files
    ):
        raise Problem("wrong_state", "It is being recorded: switch that off first.")
    await call.services.recordings.delete(files)
    return nothing()


async def _publish(call: Call[SwitchReplay]) -> Response:
    published = call.body.published
    await call.services.recordings.files.publish(call.session.id, published=published)
    return nothing()


async def _replay(call: Call[Nothing]) -> Response:
    files = await _files_for(call)
    room = await call.services.entry.room(call.session)
    published = await call.services.recordings.files.is_published(call.session.id)
    # The store knows questions that left the room's memory.
    questions, contents = await call.services.store.page_questions(
        call.session.id, statuses=[QuestionStatus.ANSWERED], before=None, limit=CHAPTERS_MOST
    )
    ready = [file for file in files if file.state is FileState.READY]
    draft = room.state.fork()
    for content in contents:
        draft.contents[content.id] = content
    view = View(draft, staff=False)
    chapters = []
    for question in questions:
        seen, at = view.question(question), question.answering_at or question.answered_at
        if isinstance(seen, shapes.Question) and at is not None:
            chapters.append(_chapter(seen, at, ready))
    page = ReplayPage(
        session=view.session(),
        published=published,
        tracks=[_track(call.session.slug, file) for file in ready],
        chapters=sorted(chapters, key=lambda chapter: chapter.at),
        unfinished=sum(file.state in UNFINISHED for file in files),
    )
    return json(page)


async def _moments(call: Call[Nothing]) -> Response:
    await _files_for(call)
    room = await call.services.entry.room(call.session)
    after = whole_number(call.request, "after", 0, least=0)
    limit = whole_number(call.request, "limit", PAGE, most=PAGE_MOST)
    past = await room.past(after, limit)
    me = call.caller.participant
    cohort = (DEFAULT_SEGMENT, room.state.session.languages[0])
    if me is not None:
        now = room.state.participants.get(me.id) or me
        cohort = (now.segment, now.language)
    # Everyone sees what the audience saw, the team too: this is the show, not the desk.
    projection = Projection(room.state, staff=False, cohort=cohort)
    view = View(room.state, staff=False, cohort=cohort)
    seen = [event for each in past if (event := _moment(projection, view, each)) is not None]
    upto = past[-1].seq if past else after
    return json(Moments(after=after, upto=upto, head=room.head, events=seen))


def _moment(projection: Projection, view: View, recorded: Recorded) -> WireEvent | None:
    if recorded.event.type not in TELLING:
        return None
    if isinstance(recorded.event, session_events.PinChanged):
        # Composed from the pins of that moment: those of today are another show's end.
        pins = [pin for each in recorded.event.pins if (pin := view.pin(each)) is not None]
        at = rfc3339(recorded.at)
        return WireEvent(recorded.seq, "pin.changed", at, wire.PinChanged(pins=pins))
    event = projection.event(recorded)
    if event is None or not _is_told_here(event.data):
        return None
    return event


def _is_told_here(data: shapes.Shape) -> bool:
    """Not what was withdrawn since, nor what is only back at a place it had before."""
    if isinstance(data, wire.MessageChanged):
        return isinstance(data.message, shapes.Message) and data.place is UNSET
    if isinstance(data, wire.QuestionChanged):
        return isinstance(data.question, shapes.Question) and data.place is UNSET
    return True


async def _media(call: Call[Nothing]) -> Response:
    file = await call.services.recordings.files.find(call.session.id, call.path("file_id"))
    if file is None:
        raise _no_recording()
    if file.state is FileState.DELETED:
        raise _gone()
    await _check_published(call)
    if file.state is not FileState.READY:
        raise _no_recording()
    path = call.services.recordings.path(file)
    if not path.is_file():
        raise _gone()
    return FileResponse(
        path,
        media_type=TYPES[file.form],
        # The same bytes for good; kept by the reader's own browser alone.
        headers={"Cache-Control": "private, max-age=3600"},
    )


async def _files_for(call: Call[Nothing]) -> Sequence[RecordedFile]:
    """The session's files that are there, for someone who may see its replay."""
    files = await call.services.recordings.files.of(call.session.id)
    if not files:
        raise _no_recording()
    await _check_published(call)
    there = [file for file in files if file.state is not FileState.DELETED]
    if not there:
        raise _gone()
    return there


async def _check_published(call: Call[Nothing]) -> None:
    """Before the end, and after the owner took it back, a replay is the team's alone."""
    role = call.caller.role
    if role is not None and role.is_staff:
        return
    room = await call.services.entry.room(call.session)
    me = call.caller.participant
    if me is not None and call.services.entry.is_banned(room, me.id):
        raise _no_recording()
    ended = room.state.session.state is SessionState.ENDED
    if not ended or not await call.services.recordings.files.is_published(call.session.id):
        raise _no_recording()


def _no_recording() -> Problem:
    return Problem("not_found", "There is no recording of this session.")


def _gone() -> Problem:
    return Problem("gone", "The recording was kept for a while, and was deleted.")


def _track(slug: str, file: RecordedFile) -> Track:
    return Track(
        id=file.id,
        seat=file.seat,
        started_at=rfc3339(file.started_at),
        duration_s=file.duration_ms / 1000,
        type=TYPES[file.form],
        url=f"{API}/sessions/{slug}/recordings/{file.id}/media",
    )


def _chapter(question: shapes.Question, at: datetime, files: Sequence[RecordedFile]) -> Chapter:
    for file in files:
        end = file.started_at + timedelta(milliseconds=file.duration_ms)
        if file.started_at <= at <= end:
            offset_s = round((at - file.started_at).total_seconds(), 3)
            return Chapter(question=question, at=rfc3339(at), track=file.id, offset_s=offset_s)
    return Chapter(question=question, at=rfc3339(at))


_WHOLE: Final = {"type": "integer"}

ENDPOINTS: Final = (
    Endpoint(
        method="PUT",
        path="/sessions/{slug}/recording",
        summary="Record what is on air, or do not. Everyone is told.",
        who=Who.HOST,
        handler=_switch,
        body=SwitchRecording,
        answer=shapes.Session,
        errors=("disk_full", "quota_full", "wrong_state", "handed_off"),
        example={"on": True},
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/recordings",
        summary="What was recorded, what is, and whether more could be.",
        who=Who.STAFF,
        handler=_list,
        body=Nothing,
        answer=RecordingPage,
    ),
    Endpoint(
        method="DELETE",
        path="/sessions/{slug}/recordings",
        summary="Delete every recording of the session, for good.",
        who=Who.OWNER,
        handler=_delete,
        body=Nothing,
        status=204,
        errors=("wrong_state",),
    ),
    Endpoint(
        method="DELETE",
        path="/sessions/{slug}/recordings/{file_id}",
        summary="Delete one file of the recording, for good.",
        who=Who.OWNER,
        handler=_delete,
        body=Nothing,
        status=204,
        errors=("wrong_state",),
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/recordings/{file_id}/media",
        summary="The file itself; takes Range.",
        who=Who.ENTRANT,
        handler=_media,
        body=Nothing,
        answer="video/webm",
        errors=("gone",),
    ),
    Endpoint(
        method="PUT",
        path="/sessions/{slug}/replay",
        summary="Give the replay to who may enter, or take it back.",
        who=Who.OWNER,
        handler=_publish,
        body=SwitchReplay,
        status=204,
        example={"published": False},
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/replay",
        summary="The show to be seen again: its files, and where which question is answered.",
        who=Who.ENTRANT,
        handler=_replay,
        body=Nothing,
        answer=ReplayPage,
        errors=("gone",),
    ),
    Endpoint(
        method="GET",
        path="/sessions/{slug}/replay/moments",
        summary="What was said at which moment, as everyone may see it today.",
        who=Who.ENTRANT,
        handler=_moments,
        body=Nothing,
        answer=Moments,
        errors=("gone",),
        parameters=(
            Parameter("after", "Only what comes after this place.", _WHOLE),
            Parameter("limit", f"At most so many events are read, {PAGE_MOST} at most.", _WHOLE),
        ),
    ),
)
