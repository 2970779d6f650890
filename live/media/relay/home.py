"""The home's side: publishers of this process, fed to the processes that want them."""

import asyncio
import itertools
from typing import Final

from live.media.packets import Packet, Runs
from live.media.publisher import Publisher
from live.media.relay.link import Link
from live.media.relay.words import (
    TAP_WORDS,
    Anew,
    Appeared,
    ClockTold,
    Flow,
    KeyframeWanted,
    Standing,
    TapWord,
    Vanished,
    Want,
)
from live.media.source import Source
from live.ports.media import LegId
from live.ports.media_seats import Seat

CLOCK_INTERVAL_S: Final = 1.0

TapLink = Link[TapWord]


class Home:
    """Names this process's publishers to every tap, and feeds those that are wanted."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._publishers: dict[int, Publisher] = {}
        self._standing: dict[int, tuple[bool, bool]] = {}
        """Whether each is on air, and leads; as everyone was told."""
        self._links: dict[TapLink, dict[int, list[_Feed]]] = {}
        self._clocks_at = 0.0

    def link(self) -> TapLink:
        """The end of a new connection from a tap."""
        return Link(TAP_WORDS, self._heard, made=self._tapped, lost=self._gone)

    def announce(self, publisher: Publisher) -> None:
        """Tell everyone that it publishes."""
        number = next(self._numbers)
        self._publishers[number] = publisher
        self._standing[number] = (publisher.on_air, False)
        for link in self._links:
            link.send(self._appeared(number, publisher))

    def tell(self, session_id: str, lead: Seat | None) -> None:
        """Tell everyone what has changed on a session's stage."""
        for number, publisher in self._publishers.items():
            standing = (publisher.on_air, publisher.seat == lead)
            if publisher.session_id == session_id and self._standing[number] != standing:
                self._standing[number] = standing
                for link in self._links:
                    link.send(Standing(number, *standing))

    def withdraw(self, leg_id: LegId) -> None:
        """Tell everyone that it does not any more; nothing if it was never announced."""
        for number, publisher in list(self._publishers.items()):
            if publisher.leg_id == leg_id:
                del self._publishers[number], self._standing[number]
                for link, feeds in self._links.items():
                    _stop(feeds.pop(number, []))
                    link.send(Vanished(number))

    def tick(self, now: float) -> None:
        """Once a second, pass on the publishers' clocks."""
        if now - self._clocks_at < CLOCK_INTERVAL_S:
            return
        self._clocks_at = now
        for feeds in self._links.values():
            for feed in itertools.chain.from_iterable(feeds.values()):
                feed.tell_clock(now)

    def close(self) -> None:
        """End every connection."""
        for link in list(self._links):
            link.close()

    def _appeared(self, number: int, publisher: Publisher) -> Appeared:
        on_air, leads = self._standing[number]
        return Appeared(
            number,
            publisher.session_id,
            publisher.seat,
            publisher.participant_id,
            tuple((source.codec, source.rid) for source in publisher.streams),
            on_air,
            leads,
        )

    def _tapped(self, link: TapLink) -> None:
        self._links[link] = {}
        for number, publisher in self._publishers.items():
            link.send(self._appeared(number, publisher))

    def _gone(self, link: TapLink) -> None:
        for feeds in self._links.pop(link, {}).values():
            _stop(feeds)

    def _heard(self, link: TapLink, word: TapWord) -> None:
        publisher = self._publishers.get(word.publisher)
        if publisher is None:
            return  # it vanished while the word was on its way
        sources = publisher.streams
        feeds = self._links[link]
        match word:
            case Want(on=True) if word.publisher not in feeds:
                feeds[word.publisher] = [
                    _Feed(link, word.publisher, index, source)
                    for index, source in enumerate(sources)
                ]
            case Want(on=False):
                _stop(feeds.pop(word.publisher, []))
            case KeyframeWanted() if word.stream < len(sources):
                sources[word.stream].keyframe_requests.want()


class _Feed:
    """One stream on its way to one tap; a `Sink`."""

    def __init__(self, link: TapLink, publisher: int, stream: int, source: Source) -> None:
        self._link = link
        self._publisher = publisher
        self._stream = stream
        self._source = source
        self._epoch = source.epoch
        now = asyncio.get_running_loop().time()
        source.sinks[self] = None
        self.tell_clock(now)
        replay = source.latest_group.replay(now)
        if replay:
            self._send(replay, source.latest_group.age_s(now) or 0.0)

    def send(self, packets: list[Packet], _runs: Runs, _now: float) -> None:
        """See `Sink.send`."""
        if self._epoch != self._source.epoch:
            self._epoch = self._source.epoch
            self._link.send(Anew(self._publisher, self._stream))
        if not self._link.behind:
            self._send(packets, 0.0)

    def tell_clock(self, now: float) -> None:
        """Pass on which timestamp belongs to which time, if the publisher has said so."""
        clock = self._source.clock_at(now) if self._source.has_report else None
        if clock is not None:
            self._link.send(ClockTold(self._publisher, self._stream, *clock, now))

    def stop(self) -> None:
        """Send nothing more."""
        self._source.sinks.pop(self, None)

    def _send(self, packets: list[Packet], age_s: float) -> None:
        flow = [
            (each.sequence, each.timestamp, bool(each.marker), each.unpadded) for each in packets
        ]
        self._link.send(Flow(self._publisher, self._stream, age_s, flow))


def _stop(feeds: list[_Feed]) -> None:
    for feed in feeds:
        feed.stop()
