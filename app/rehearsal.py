"""Rehearsals: a private copy of one's own show with an audience that is played, wiped afterwards.

The copy is a session like any other, so that everything in it is the real thing. Its address says
what it is (``PREFIX``), no ordinary session may have such a one, and it lets in nobody but the team
and the played audience. Nothing that is decided in it teaches the ear.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from app import logs
from app.auth import Caller
from app.children import end_child
from app.database.wipe import wipe
from app.invites import MadeInvite, make_invite
from app.prepared import prepared
from app.problems import Problem
from live.domain.commands import PersonCommand
from live.domain.ids import SessionId
from live.domain.outcome import Refusal
from live.domain.part import ImportParts, ShowRunshow
from live.domain.people import GRANTED_SEGMENTS, Role
from live.domain.recording import Recording
from live.domain.runshow import drafts_of
from live.domain.session import SessionState
from live.domain.stage import SeatState
from live.ports.store import SessionRecord, SlugTaken
from live.room.rooms import Rooms

if TYPE_CHECKING:
    from app.services import Services

PREFIX: Final = "rehearsal--"
SLUG_MAX: Final = 64 - len(PREFIX)
AT_ONCE: Final = 2
"""Audiences that are played by one server at a time."""

LONGEST_S: Final = 3_600.0
"""An audience leaves by itself after so long."""

HOST_COMES_WITHIN: Final = timedelta(minutes=10)
CAMERA_DROPS_AFTER_S: Final = 60.0
LOOK_EVERY_S: Final = 1.0
LOOK_FOR_LEFT_S: Final = 300.0
STOP_WITHIN_S: Final = 2.0

log = logs.get("causerie.rehearsal")


def is_rehearsal(slug: str) -> bool:
    """Whether this is the address of a rehearsal."""
    return slug.startswith(PREFIX)


class Rehearsals:
    """The audiences that are played for rehearsals on this node."""

    def __init__(self) -> None:
        self._playing: dict[SessionId, asyncio.Task[None]] = {}

    async def begin(self, services: Services, original: SessionRecord, base_url: str) -> MadeInvite:
        """Make the copy, in the place of a former one, and let the audience in; gives the host's
        way in. Raises ``Problem``."""
        if is_rehearsal(original.slug):
            raise Problem("wrong_state", "This is a rehearsal already.")
        if len(original.slug) > SLUG_MAX:
            raise Problem("too_long", f"To rehearse, an address has {SLUG_MAX} characters at most.")
        await self.wipe(services, original.slug)
        self._playing = {key: task for key, task in self._playing.items() if not task.done()}
        if len(self._playing) >= AT_ONCE:
            raise Problem("overloaded", f"{AT_ONCE} rehearsals are under way; wait for one to end.")
        copy = await _copied(services, original)
        ways_in = {
            segment: (await make_invite(services, copy, Role.VIEWER, "", segment=segment)).token
            for segment in (None, *GRANTED_SEGMENTS)
        }
        playing = _play(services, copy, {key or "": token for key, token in ways_in.items()})
        self._playing[copy.id] = asyncio.create_task(playing, name=f"rehearsal {copy.slug}")
        expires_at = services.clock.now() + HOST_COMES_WITHIN
        return await make_invite(services, copy, Role.HOST, base_url, uses=1, expires_at=expires_at)

    async def wipe(self, services: Services, original_slug: str) -> bool:
        """Send the audience home and leave nothing of it; False if there was no rehearsal."""
        copy = await services.directory.find_session(PREFIX + original_slug)
        if copy is None:
            return False
        await self._stop(copy.id)
        room = await services.rooms.get(copy.id)
        if room is not None:
            for participant_id in list(room.state.participants):
                await services.leaving.show_out(copy.id, participant_id)
                services.hearing.moods.forget(copy.id, participant_id)
            await room.close()
        await services.media.end_session(copy.id)
        await services.recordings.delete(await services.recordings.files.of(copy.id))
        await services.database.write(lambda connection: wipe(connection, copy.id))
        return True

    async def run(self, services: Services, began: datetime) -> None:
        """Leave nothing of rehearsals that nobody ended: those of a server that was killed before
        this one ``began``, and those whose time is over. Until cancelled."""
        await self._wipe_left(services, began if services.nodes.bus is None else None)
        while True:
            await asyncio.sleep(LOOK_FOR_LEFT_S)
            await self._wipe_left(services, None)

    async def _wipe_left(self, services: Services, before: datetime | None) -> None:
        """Those made before a moment; None: those whose time is over, whichever node plays them."""
        oldest = before or services.clock.now() - timedelta(seconds=LONGEST_S)
        for record in await services.directory.list_sessions():
            if is_rehearsal(record.slug) and record.created_at < oldest:
                await self.wipe(services, record.slug.removeprefix(PREFIX))

    async def close(self) -> None:
        """Send all of them home. Idempotent."""
        for session_id in list(self._playing):
            await self._stop(session_id)

    async def _stop(self, session_id: SessionId) -> None:
        task = self._playing.pop(session_id, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])


async def _copied(services: Services, original: SessionRecord) -> SessionRecord:
    """The same show before it begins: languages, segments, rules, and the run of show."""
    entropy = services.entropy
    copy = replace(
        original,
        id=SessionId(entropy.new_id()),
        slug=PREFIX + original.slug,
        state=SessionState.LOBBY,
        epoch=entropy.new_id(),
        created_at=services.clock.now(),
        visibility="private",
        starts_at=None,
        live_since=None,
        ended_at=None,
        head=0,
        document=b"{}",
        recording=Recording.OFF,
    )
    try:
        await services.directory.add_session(copy)
    except SlugTaken:
        raise Problem("overloaded", "A rehearsal of this show is just being made.") from None
    planned = (await services.entry.room(original)).state
    owner = (await services.entry.owner_enters(Caller(is_owner=True), copy)).participant
    room = await services.entry.room(copy)
    commands: list[PersonCommand] = [ShowRunshow(planned.runshow.shown), *prepared(planned)]
    if drafts := drafts_of(planned):
        commands.append(ImportParts(tuple(drafts)))
    if owner is not None:
        for command in commands:
            outcome = await room.execute(owner.id, entropy.new_id(), b"", command)
            if isinstance(outcome, Refusal):
                # Planned in a language, say, that the show is no longer held in.
                log.info("Something is not in the rehearsal", code=outcome.code, session=copy.slug)
    return copy


async def _play(services: Services, copy: SessionRecord, ways_in: dict[str, str]) -> None:
    """The audience comes, and the camera drops once while the show is live."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "app.demo.rehearsal", "--url", services.addresses.local, "--slug", copy.slug),
        env={
            **{name: value for name, value in os.environ.items() if name != "CAUSERIE_OWNER_TOKEN"},
            "CAUSERIE_REHEARSAL_INVITES": msgspec.json.encode(ways_in).decode(),
        },
        # Closes when we end, also by kill -9: they do not outlive us.
        stdin=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            await drop_the_camera(services.rooms, services.media.evict, copy.id)
            await child.wait()
    except TimeoutError:
        log.info("A rehearsal's audience has left after its time", session=copy.slug)
    finally:
        await end_child(child, within_s=STOP_WITHIN_S)


async def drop_the_camera(
    rooms: Rooms, evict: Callable[[str, str], Awaitable[int]], session_id: SessionId
) -> None:
    """End the host's picture once, after it was on air for a while: the page has to mend it."""
    on_air_s = 0.0
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        room = await rooms.get(session_id)
        if room is None:
            return
        on_air = [seat for seat in room.state.seats if seat.state is SeatState.ON_AIR]
        on_air_s += LOOK_EVERY_S if on_air else 0.0
        if on_air_s >= CAMERA_DROPS_AFTER_S:
            for seat in on_air:
                await evict(session_id, seat.participant_id)
            return
