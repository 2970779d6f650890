"""The newest pieces of every session, in memory, and who waits for the next ones.

It lives in the server's process, so it outlives the one that cuts. What belongs to a former run is
listed until the new one has taken its place; what the team cuts is gone at once.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from typing import Final

from live.media.hls.news import (
    RENDITIONS,
    HlsBegun,
    HlsEnded,
    HlsHeader,
    HlsNews,
    HlsPart,
    Lack,
    Rendition,
)
from live.media.hls.playlist import (
    LISTED,
    TARGET_S,
    ListedPart,
    Segment,
    index_playlist,
    media_playlist,
)
from live.ports.hls import HlsLack, HlsRequest
from live.ports.media_refusals import MediaRefusal

KEPT: Final = 12
"""Segments in memory: who read a playlist some seconds ago still gets what it named."""

WAIT_S: Final = 3 * TARGET_S - 1.0
"""So long a request waits for what comes next; the answer is due within 6 s."""

WAITING_MOST: Final = 5_000
STALE_S: Final = 30.0
"""After the end of a run players drain what they have; then there is nothing any more."""

BYTES_MOST: Final = 48_000_000
"""Of one session in memory: 12 segments of 16 Mbit/s, parts and whole."""


class _Line:
    """One rendition's pieces, the oldest first."""

    def __init__(self) -> None:
        self.pieces: dict[str, bytes] = {}
        self.segments: deque[Segment] = deque()
        self.header: HlsHeader | None = None
        self.hint = _name()
        self.discontinuities = 0
        self._number = 0
        self._header_name = ""
        self._fresh = True
        self._texts: dict[tuple[str, bool], str] = {}
        self._changed = asyncio.Event()

    @property
    def ready(self) -> bool:
        """Whether there is something to begin with."""
        return any(segment.whole for segment in self.segments)

    @property
    def bitrate_bps(self) -> float:
        """Of the segment that has the most."""
        return max(segment.bitrate_bps for segment in self.segments)

    def begin(self, header: HlsHeader) -> None:
        """What follows has nothing to do with what was before."""
        self.finish()
        self.header, self._fresh = header, True
        self._header_name = _name()
        self.pieces[self._header_name] = header.data

    def add(self, part: HlsPart) -> None:
        """Take the next part."""
        if not self.segments or self.segments[-1].whole:
            discontinuous = self._fresh and self._number > 0
            segment = Segment(self._number, self._header_name, part.start_s, discontinuous)
            self.segments.append(segment)
            self._number, self._fresh = self._number + 1, False
        segment = self.segments[-1]
        name, self.hint = self.hint, _name()
        segment.parts.append(ListedPart(name, part.duration_s, part.independent, len(part.data)))
        self.pieces[name] = part.data
        if part.ends:
            self.finish()
        self._drop_old()
        self._tell()

    def finish(self) -> None:
        """The segment that was begun ends here."""
        if self.segments and not self.segments[-1].whole:
            segment = self.segments[-1]
            segment.name, segment.whole = _name(), True
            self.pieces[segment.name] = b"".join(self.pieces[part.name] for part in segment.parts)

    def clear(self) -> None:
        """Have nothing any more; numbers go on."""
        while self.segments:
            self._drop()
        self.pieces.clear()
        self.header, self._fresh, self.hint = None, True, _name()
        self._tell()

    def has(self, number: int, part: int | None) -> bool:
        """Whether that segment is whole, or has that part."""
        if not self.segments or number > self.segments[-1].number:
            return False
        if number < self.segments[-1].number:
            return True
        last = self.segments[-1]
        return last.whole or (part is not None and part < len(last.parts))

    def is_far(self, number: int) -> bool:
        """Whether it is further ahead than a player that follows can be."""
        return number > self._number + 1

    async def until_ready(self) -> bool:
        """Wait for something to begin with; whether it came."""
        return await self.until(lambda: self.ready)

    async def until(self, there: Callable[[], bool]) -> bool:
        """Wait for something, as long as a request may; whether it came."""
        try:
            async with asyncio.timeout(WAIT_S):
                while not there():
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def text(self, prefix: str, *, parts: bool) -> str:
        """Its playlist; ``prefix`` before the names of pieces."""
        known = self._texts.get((prefix, parts))
        if known is None:
            whole = [segment for segment in self.segments if segment.whole or parts]
            listed = whole[-LISTED:]
            before = sum(segment.discontinuous for segment in self.segments) - sum(
                segment.discontinuous for segment in listed[1:]
            )
            known = self._texts[prefix, parts] = media_playlist(
                listed,
                prefix=prefix,
                discontinuities=self.discontinuities + before,
                hint=self.hint,
                parts=parts,
            )
        return known

    def _drop_old(self) -> None:
        kept_bytes = sum(map(len, self.pieces.values()))
        while len(self.segments) > KEPT or (kept_bytes > BYTES_MOST and len(self.segments) > 2):
            self._drop()
            kept_bytes = sum(map(len, self.pieces.values()))

    def _drop(self) -> None:
        gone = self.segments.popleft()
        self.discontinuities += gone.discontinuous
        for name in (gone.name, *(part.name for part in gone.parts)):
            self.pieces.pop(name, None)
        if gone.header != self._header_name and not any(
            segment.header == gone.header for segment in self.segments
        ):
            self.pieces.pop(gone.header, None)

    def _tell(self) -> None:
        self._texts.clear()
        self._changed.set()
        self._changed = asyncio.Event()


class _Show:
    """One session."""

    def __init__(self) -> None:
        self.run: str | None = None
        self.lack: Lack | None = None
        self.ended_at: float | None = None
        self.former: set[str] = set()
        """Runs that were cut: what is still on its way of them is not taken."""
        self.lines: dict[Rendition, _Line] = {each: _Line() for each in RENDITIONS}


class Shelf:
    """See the module. Lives in one loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._shows: dict[str, _Show] = {}
        self._cut: set[str] = set()
        self._waiting = 0

    def take(self, news: HlsNews) -> None:
        """Take what a packager tells; nothing of a session that is cut."""
        if news.session_id in self._cut:
            return
        if isinstance(news, HlsBegun):
            self._begin(news)
            return
        show = self._shows.get(news.session_id)
        if show is None or show.run != news.run:
            return
        match news:
            case HlsHeader():
                show.lines[news.rendition].begin(news)
            case HlsPart():
                show.lines[news.rendition].add(news)
            case HlsEnded():
                show.ended_at = self._clock()

    def cut(self, session_id: str, *, on: bool) -> None:
        """Have nothing of a session any more, and take nothing; or again, of another run."""
        if not on:
            self._cut.discard(session_id)
            return
        self._cut.add(session_id)
        show = self._shows.get(session_id)
        if show is not None:
            if show.run is not None:
                show.former = {show.run}
            show.run = None
            for line in show.lines.values():
                line.clear()

    def forget(self, session_id: str) -> None:
        """Let go of a session."""
        self._cut.discard(session_id)
        show = self._shows.pop(session_id, None)
        if show is not None:
            for line in show.lines.values():
                line.clear()

    def lack(self, session_id: str) -> HlsLack | None:
        """Why a session has nothing, or no picture; None where it has both."""
        if session_id in self._cut:
            return "cut"
        show = self._shows.get(session_id)
        if show is None or show.run is None or self._is_stale(show):
            return "not_publishing"
        return show.lack

    async def playlist(self, request: HlsRequest) -> str | MediaRefusal:
        """A playlist; one that asks for what comes next waits for it, where someone publishes.

        Refused: `not_publishing`, `hls_unavailable` (no such picture), `overloaded`, `hls_ahead`.
        """
        lack = self.lack(request.session_id)
        if lack in {"cut", "not_publishing"}:
            return _NOT_PUBLISHING
        if lack is not None and request.which == "video":
            return _NO_PICTURE
        show = self._shows[request.session_id]
        if self._waiting >= WAITING_MOST:
            return MediaRefusal("overloaded", "Too many wait for the next piece.", 2)
        self._waiting += 1
        try:
            return await self._text(show, lack, request)
        finally:
            self._waiting -= 1

    async def piece(self, name: str) -> bytes | None:
        """A piece; the one that comes next is waited for. None where there is none of that name."""
        for show in self._shows.values():
            for line in show.lines.values():
                if name == line.hint:
                    return await self._next(line)
                if name in line.pieces:
                    return line.pieces[name]
        return None

    async def _next(self, line: _Line) -> bytes | None:
        name = line.hint
        if self._waiting >= WAITING_MOST:
            return None
        self._waiting += 1
        try:
            await line.until(lambda: line.hint != name)
        finally:
            self._waiting -= 1
        return line.pieces.get(name)

    async def _text(
        self, show: _Show, lack: HlsLack | None, request: HlsRequest
    ) -> str | MediaRefusal:
        if request.which == "index":
            return await self._index(show, lack)
        line = show.lines[request.which]
        wanted, part = request.segment, request.part
        if wanted is not None and line.is_far(wanted):
            return MediaRefusal("hls_ahead", "That segment is too far ahead to wait for.")
        came = await line.until(lambda: line.ready and (wanted is None or line.has(wanted, part)))
        if not came and not line.ready:
            return _NOT_PUBLISHING
        # What was waited for and did not come: the list as it is says so.
        return line.text(request.prefix, parts=request.parts)

    async def _index(self, show: _Show, lack: HlsLack | None) -> str | MediaRefusal:
        ways = []
        for rendition in RENDITIONS if lack is None else RENDITIONS[1:]:
            line = show.lines[rendition]
            await line.until_ready()
            if line.header is None or not line.ready:
                return _NOT_PUBLISHING
            ways.append((f"{rendition}.m3u8", line.header, line.bitrate_bps))
        return index_playlist(ways)

    def _begin(self, begun: HlsBegun) -> None:
        show = self._shows.setdefault(begun.session_id, _Show())
        if begun.run in show.former:
            return
        show.run, show.lack, show.ended_at = begun.run, begun.lack, None
        if begun.lack is not None:
            show.lines["video"].clear()

    def _is_stale(self, show: _Show) -> bool:
        return show.ended_at is not None and self._clock() - show.ended_at > STALE_S


_NOT_PUBLISHING: Final = MediaRefusal("not_publishing", "Nobody publishes yet.", 2)
_NO_PICTURE: Final = MediaRefusal(
    "hls_unavailable", "Who publishes sends no H264 picture: there is the sound alone.", 10
)


def _name() -> str:
    return f"{secrets.token_urlsafe(15)}.m4s"
