"""The tap's side: publishers of another process, as sources that viewers of this one follow."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from live.media.codecs import Kind
from live.media.picture import Picture
from live.media.relay.link import Link
from live.media.relay.words import (
    HOME_WORDS,
    Anew,
    Appeared,
    ClockTold,
    Flow,
    HomeWord,
    KeyframeWanted,
    Standing,
    Vanished,
    Want,
)
from live.media.source import PublisherClock, Source

AGAIN_S: Final = 0.1
"""Between two tries to reach a process that is being started."""

HomeLink = Link[HomeWord]


class Relayed:
    """Who publishes in another process; its sources flow while they are wanted."""

    def __init__(self, link: HomeLink, said: Appeared) -> None:
        self.session_id = said.session_id
        self.seat = said.seat
        self.participant_id = said.participant_id
        self.shown = said.on_air
        """Whether there is something for viewers."""
        self.leads = said.leads
        """Whether a player with one picture gets it."""
        self._link = link
        self._number = said.publisher
        self._wanted = False
        clock = _OurClock()
        self._streams = [Source(codec, clock, rid) for codec, rid in said.streams]
        layers = [source for source in self._streams if source.kind == "video"]
        if layers:
            Picture(layers)

    @property
    def sources(self) -> dict[Kind, Source]:
        """Its streams by kind; of a picture with layers, the first."""
        return {source.kind: source for source in reversed(self._streams)}

    def want(self, *, on: bool) -> None:
        """Have its streams sent here, or no more. Idempotent."""
        if on == self._wanted:
            return
        self._wanted = on
        if on:
            for source in self._streams:
                source.begin_anew()  # what was kept ends where it was last unwanted
        self._link.send(Want(self._number, on))

    def tick(self, now: float) -> None:
        """Pass on the wishes for keyframes."""
        for index, source in enumerate(self._streams):
            if source.keyframe_requests.due(now):
                self._link.send(KeyframeWanted(self._number, index))

    def take(self, word: Flow | Anew | ClockTold, now: float) -> None:
        """Take what flows."""
        if word.stream >= len(self._streams):
            return
        source = self._streams[word.stream]
        match word:
            case Flow():
                for sequence, timestamp, marker, payload in word.packets:
                    source.take(sequence, timestamp, payload, marker=marker, now=now - word.age_s)
            case Anew():
                source.begin_anew()
            case ClockTold():
                source.note_sender_report(word.ntp, word.timestamp, word.at)

    def cut(self, *, on: bool) -> None:
        """Let nothing of it through to anyone, or let it through again."""
        for source in self._streams:
            source.cut(on=on)

    def close(self) -> None:
        """Whoever follows it gets nothing more."""
        for source in self._streams:
            source.close()


class _OurClock(PublisherClock):
    """The home has placed the publisher's reports on the machine's clock already."""

    def ours(self, ntp_timestamp: int) -> int:
        """See `PublisherClock.ours`."""
        return ntp_timestamp


class Tap:
    """The connection to one other process, made again whenever it breaks."""

    def __init__(
        self,
        path: Path,
        changed: Callable[[Relayed], None],
        vanished: Callable[[Relayed], None],
    ) -> None:
        self._path = path
        self._changed = changed
        self._vanished = vanished
        self._link: HomeLink | None = None
        self._publishers: dict[int, Relayed] = {}
        self._now = asyncio.get_running_loop().time
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._over.clear()
                with contextlib.suppress(OSError):  # it is not there, or not yet
                    await loop.create_unix_connection(self._link_to, str(self._path))
                    await self._over.wait()
                await asyncio.sleep(AGAIN_S)
        finally:
            if self._link is not None:
                self._link.close()

    def tick(self, now: float) -> None:
        """See `Relayed.tick`."""
        for publisher in self._publishers.values():
            publisher.tick(now)

    def _link_to(self) -> HomeLink:
        return Link(HOME_WORDS, self._heard, made=self._made, lost=self._lost)

    def _made(self, link: HomeLink) -> None:
        self._link = link

    def _lost(self, _link: HomeLink) -> None:
        self._link = None
        for number in list(self._publishers):
            self._forget(number)
        self._over.set()

    def _heard(self, link: HomeLink, word: HomeWord) -> None:
        if isinstance(word, Appeared):
            self._forget(word.publisher)
            relayed = self._publishers[word.publisher] = Relayed(link, word)
            self._changed(relayed)
        elif isinstance(word, Vanished):
            self._forget(word.publisher)
        else:
            publisher = self._publishers.get(word.publisher)
            if publisher is None:
                return
            if isinstance(word, Standing):
                publisher.shown, publisher.leads = word.on_air, word.leads
                self._changed(publisher)
            else:
                publisher.take(word, self._now())

    def _forget(self, number: int) -> None:
        publisher = self._publishers.pop(number, None)
        if publisher is not None:
            publisher.close()
            self._vanished(publisher)
