"""Which sessions are cut into pieces: those on air, while the operator wants HLS."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

from live.media.codecs import Kind
from live.media.hls.cutting import Header, Piece
from live.media.hls.news import (
    PART_BYTES_MOST,
    HlsBegun,
    HlsEnded,
    HlsHeader,
    HlsNews,
    HlsPart,
    Lack,
    Rendition,
)
from live.media.hls.packager import Packager
from live.media.source import Source
from live.media.stage import Stage
from live.ports.media_seats import SEATS

END_LIMIT_S: Final = 1.0


class _Running:
    """One run: its packager, and why it has no picture."""

    def __init__(self, lack: Lack | None) -> None:
        self.name = secrets.token_urlsafe(6)
        self.lack = lack
        self.packager: Packager | None = None


class Packagers:
    """Packagers by session. Lives in the engine's loop; `notify` hears of pieces there."""

    def __init__(self, notify: Callable[[HlsNews], None], *, wanted: bool) -> None:
        self._notify = notify
        self._wanted = wanted
        self._running: dict[str, _Running] = {}
        self._loop = asyncio.get_event_loop()

    def settle(self, stage: Stage) -> None:
        """Begin, change and end packagers so that they fit what is on the stage now."""
        if not self._wanted:
            return
        sources, lack = _followed(stage)
        running = self._running.get(stage.session_id)
        if running is not None and (not sources or running.lack != lack):
            self._end(stage.session_id, running)
            running = None
        if not sources:
            return
        if running is None:
            running = self._begin(stage.session_id, lack)
        if running.packager is not None:
            running.packager.follow(sources)

    async def close(self) -> None:
        """End all of them."""
        ending = [each.packager for each in self._running.values() if each.packager is not None]
        for session_id, running in list(self._running.items()):
            self._end(session_id, running)
        if ending:
            joins = (asyncio.to_thread(packager.join, END_LIMIT_S) for packager in ending)
            await asyncio.gather(*joins)

    def _begin(self, session_id: str, lack: Lack | None) -> _Running:
        running = self._running[session_id] = _Running(lack)
        loop = asyncio.get_running_loop()

        def tell(rendition: Rendition, piece: Piece) -> None:
            if rendition == "sound" or lack is None:
                loop.call_soon_threadsafe(self._made, session_id, running, rendition, piece)

        def over() -> None:
            loop.call_soon_threadsafe(self._end, session_id, running)

        self._notify(HlsBegun(session_id, running.name, lack))
        running.packager = Packager(session_id[:8], tell, over)
        return running

    def _end(self, session_id: str, running: _Running) -> None:
        if self._running.get(session_id) is not running:
            return
        del self._running[session_id]
        if running.packager is not None:
            running.packager.stop()
        self._notify(HlsEnded(session_id, running.name))

    def _made(self, session_id: str, running: _Running, rendition: Rendition, piece: Piece) -> None:
        if self._running.get(session_id) is not running:
            return  # made in the moment of its end: nobody may get it
        if isinstance(piece, Header):
            self._notify(
                HlsHeader(
                    session_id,
                    running.name,
                    rendition,
                    piece.data,
                    piece.codecs,
                    piece.width,
                    piece.height,
                )
            )
        elif len(piece.data) <= PART_BYTES_MOST:
            self._notify(
                HlsPart(
                    session_id,
                    running.name,
                    rendition,
                    piece.data,
                    piece.start_s,
                    piece.duration_s,
                    independent=piece.independent,
                    ends=piece.ends,
                )
            )


def _followed(stage: Stage) -> tuple[dict[Source, Kind], Lack | None]:
    """The streams that viewers get: everyone's sound, and the picture of the first seat that sends
    one; and why there is none.
    """
    sources: dict[Source, Kind] = {}
    lack: Lack | None = "no_picture"
    if not stage.on_air or stage.slate:
        return {}, lack
    for seat in SEATS:
        publisher = stage.publishers.get(seat)
        if publisher is None or not publisher.shown:
            continue
        streams = publisher.sources
        if "audio" in streams:
            sources[streams["audio"]] = "audio"
        if "video" in streams and lack == "no_picture":
            lack = "no_h264"
            if streams["video"].codec.name == "H264":
                lack = None
                sources[streams["video"]] = "video"
    return sources, lack
