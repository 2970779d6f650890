"""What nodes tell each other of a session; its writer one page per tick.

A page holds everything that a state needs to get from ``after`` to ``upto``, so that nobody has to
ask the store: events, the rows they changed or speak of, and totals as they are now. It is made and
taken in one loop step each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

import msgspec

from live.domain.content import Content
from live.domain.events import Recorded
from live.domain.fold import fold
from live.domain.funnel import Reached
from live.domain.ids import ContentId, MessageId, ParticipantId, QuestionId
from live.domain.message import Message
from live.domain.people import Participant
from live.domain.pulse import Tick
from live.domain.question import Question
from live.domain.state import RoomState
from live.domain.subject import Subject
from live.ports.store import Batch, SessionRecord, StoredEvent
from live.room.codec import recorded
from live.room.records import put_session
from live.room.references import contents_in_events, messages_in_events


class ToldTick(msgspec.Struct, array_like=True, frozen=True):
    """A ``Tick`` in lists, since keys of several parts are none in the bus's format."""

    at: int
    counts: Sequence[tuple[str, str, str, int]]
    here: Sequence[tuple[str, str, int]] | None = None
    moods: Sequence[tuple[str, int, int]] | None = None
    attentive: Sequence[tuple[str, str, int]] | None = None


class Page(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """What the writer ``node`` committed in its ``term``; ``number`` counts the term's pages."""

    node: str
    term: int
    number: int
    after: int
    upto: int
    tallies: bool
    events: Sequence[StoredEvent]
    contents: Sequence[Content]
    messages: Sequence[Message]
    questions: Sequence[Question]
    participants: Sequence[Participant]
    session: SessionRecord | None
    reactions: Sequence[tuple[str, str, int]]
    ticks: Sequence[ToldTick] = ()
    reached: Sequence[tuple[ParticipantId, int]] = ()


class Arrivals(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """``node``, which does not write, let these people in."""

    node: str
    participants: Sequence[Participant]


class Present(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """Who is connected to ``node``, as ``Crowd.told`` has it. ``asks``: the others shall say theirs
    too. ``term`` and ``page``: the last page that it told as the writer, or zeros. ``looks``: what
    those of the team have before their eyes, ``attentive`` the marks of those who watch."""

    node: str
    marks: bytes
    typing: int
    asks: bool = False
    term: int = 0
    page: int = 0
    looks: dict[ParticipantId, Subject] = {}
    attentive: bytes = b""


class Vacant(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """``node`` writes no longer and has let go of its lease."""

    node: str


News = Page | Arrivals | Present | Vacant
"""All that is told on a session's topic."""

_ENCODER: Final = msgspec.msgpack.Encoder()
_NEWS: Final[msgspec.msgpack.Decoder[News]] = msgspec.msgpack.Decoder(News)


def encode_news(news: News) -> bytes:
    """As it goes over the bus."""
    return _ENCODER.encode(news)


def decode_news(data: bytes) -> News:
    """What ``encode_news`` wrote; ``msgspec.MsgspecError`` for anything else."""
    return _NEWS.decode(data)


class Draft:
    """Gathers what batches and arrivals bring, until it is made a page."""

    def __init__(self, state: RoomState) -> None:
        self._state = state
        self.after = state.head
        self._clear()

    def _clear(self) -> None:
        self._events: list[StoredEvent] = []
        self._contents: set[ContentId] = set()
        self._messages: dict[MessageId, Message] = {}
        self._questions: dict[QuestionId, Question] = {}
        self._people: set[ParticipantId] = set()
        self._session: SessionRecord | None = None
        self._tallies = False
        self._ticks: set[int] = set()
        self._reached: set[ParticipantId] = set()

    @property
    def is_empty(self) -> bool:
        told = (self._events, self._people, self._tallies, self._session)
        return not (any(told) or self._ticks or self._reached)

    def add(self, batch: Batch) -> None:
        """What was just committed and is true in ``state``."""
        self._events += batch.events
        self._contents.update(each.id for each in batch.contents)
        self._contents.update(batch.erase)
        self._messages |= {each.id: each for each in batch.messages}
        self._questions |= {each.id: each for each in batch.questions}
        self._people.update(each.id for each in batch.participants)
        self._session = batch.session or self._session
        self._tallies = self._tallies or bool(batch.reactions)
        self._ticks.update(each.at for each in batch.ticks)
        self._reached.update(batch.reached)

    def arrive(self, participant_id: ParticipantId) -> None:
        """Someone whom other nodes may not know yet."""
        self._people.add(participant_id)

    def page(self, node: str, term: int, number: int) -> Page:
        """All of it, in the rows' present values."""
        state = self._state
        events = [recorded(each) for each in self._events]
        spoken_of = (state.messages.get(each) for each in messages_in_events(events))
        messages = {each.id: each for each in spoken_of if each is not None} | self._messages
        items: Iterable[Message | Question] = chain(messages.values(), self._questions.values())
        wanted = self._contents | {each.content_id for each in items}
        wanted.update(contents_in_events(events))
        contents = (state.contents.get(each) for each in wanted)
        people = (state.participants.get(each) for each in self._people)
        page = Page(
            node=node,
            term=term,
            number=number,
            after=self.after,
            upto=state.head,
            tallies=self._tallies,
            events=self._events,
            contents=[each for each in contents if each is not None],
            messages=list(messages.values()),
            questions=list(self._questions.values()),
            participants=[each for each in people if each is not None],
            session=self._session,
            reactions=[(kind, segment, n) for (kind, segment), n in state.reactions.items()],
            ticks=[_told(tick) for at in sorted(self._ticks) if (tick := state.ticks.get(at))],
            reached=[(each, int(state.reached[each])) for each in self._reached],
        )
        self.after = state.head
        self._clear()
        return page


def turn(state: RoomState, page: Page) -> list[Recorded]:
    """Take a page on a state that stands right before it; the events it brought."""
    events = [recorded(each) for each in page.events]
    for participant in page.participants:
        state.put_participant(participant)
    for content in page.contents:
        state.contents[content.id] = content
    # What left this node's window is brought back, so that events find it; what is new, they make.
    new = {
        getattr(each.event, "message_id", None)
        for each in events
        if getattr(each.event, "posted", None) is not None
    }
    for message in page.messages:
        if message.id not in new and message.id not in state.messages:
            state.messages[message.id] = message
    for each in events:
        fold(state, each)
    for content in page.contents:
        state.contents[content.id] = content
    for message in page.messages:
        state.messages[message.id] = message
    for question in page.questions:
        state.questions[question.id] = question
    if page.session is not None:
        put_session(state, page.session)
    put_tallies(state, page)
    return events


def put_tallies(state: RoomState, page: Page) -> None:
    """What a page counts, as it is now: the latest value wins."""
    for kind, segment, total in page.reactions:
        state.reactions[kind, segment] = total
    for told in page.ticks:
        state.ticks[told.at] = _tick(told)
    for participant_id, steps in page.reached:
        state.reached[participant_id] = Reached(steps)


def _told(tick: Tick) -> ToldTick:
    return ToldTick(
        tick.at,
        [(*key, count) for key, count in tick.counts.items()],
        None if tick.here is None else [(*cell, people) for cell, people in tick.here.items()],
        None if tick.moods is None else [(each, *mood) for each, mood in tick.moods.items()],
        None if tick.attentive is None else [(*cell, n) for cell, n in tick.attentive.items()],
    )


def _tick(told: ToldTick) -> Tick:
    here, moods, attentive = told.here, told.moods, told.attentive
    return Tick(
        told.at,
        {(segment, language, signal): n for segment, language, signal, n in told.counts},
        None if here is None else {(segment, language): n for segment, language, n in here},
        None if moods is None else {segment: (mean, people) for segment, mean, people in moods},
        None if attentive is None else {(segment, lang): n for segment, lang, n in attentive},
    )
