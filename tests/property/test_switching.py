"""Who changes sides amidst announcements has at every moment those of their present side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from live.domain.announcement_commands import (
    CorrectAnnouncement,
    DraftVariant,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.domain.ids import AnnouncementId, ParticipantId
from live.domain.people import Role
from live.domain.people_commands import PlacePerson, SetProfile
from live.gateway.crush import Pace
from live.gateway.hub import Hub, HubSettings
from live.room.surface import AnyRoom
from live.wire.codes import CloseCode
from tests.support.rooms import House, open_house, person
from tests.support.socket_fake import Client, FakeSocket

SIDES = ("customer", "prospect", "general")
LANGUAGES = ("en", "fr")
PEOPLE = ("ada", "ben", "cléo", "dov")

Words = Mapping[tuple[str, str], str]
"""What an announcement says to each cohort it is for."""

sides = st.sets(st.tuples(st.sampled_from(SIDES), st.sampled_from(LANGUAGES)))
acts = st.one_of(
    st.tuples(st.just("send"), sides),
    st.tuples(st.just("correct"), sides),
    st.tuples(st.just("withdraw"), st.just(None)),
    st.tuples(st.just("place"), st.tuples(st.sampled_from(PEOPLE), st.sampled_from(SIDES))),
    st.tuples(st.just("speak"), st.tuples(st.sampled_from(PEOPLE), st.sampled_from(LANGUAGES))),
    st.tuples(st.just("drop"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("come back"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("tell a few"), st.just(None)),
    st.tuples(st.just("tell all"), st.just(None)),
)


@dataclass
class Show:
    """Some people, and by their own book of what was announced what each should read."""

    house: House
    room: AnyRoom
    hub: Hub
    sockets: dict[str, FakeSocket] = field(default_factory=dict)
    book: dict[AnnouncementId, list[tuple[int, Words]]] = field(default_factory=dict)
    cohorts: dict[str, list[tuple[int, tuple[str, str]]]] = field(default_factory=dict)

    def come(self, name: str) -> None:
        before = self.sockets.get(name)
        client = Client(watch=lambda payload: self._overhear(name, payload))
        missed, since = None, 0
        if before is not None:
            client.state, client.position = before.client.state, before.client.position
        socket = self.sockets[name] = FakeSocket(client)
        self.hub.join(socket, ParticipantId(name), missed, since)

    def _overhear(self, name: str, payload: bytes) -> None:
        """Not a word that is for another side than this person's of that very moment."""
        mine = self.room.state.participants[ParticipantId(name)]
        told = payload.decode()
        for side in SIDES:
            for language in LANGUAGES:
                if side != mine.segment or language not in (mine.language, LANGUAGES[0]):
                    assert f"{side} {language} reads" not in told

    def check(self) -> None:
        """What each has on the screen, against the book."""
        for name, socket in self.sockets.items():
            client = socket.client
            if client.failure is not None:
                raise client.failure
            if socket.disconnected:
                continue
            assert client.state is not None
            on_screen = {each["id"]: each["text"] for each in client.state["announcements"]}
            cohort = self._cohort(name, client.position)
            for told, versions in self.book.items():
                # What was changed since may be told already; nothing else.
                allowed = self._allowed(versions, cohort, client.position)
                assert on_screen.pop(told, None) in allowed
            assert not on_screen

    def _cohort(self, name: str, position: int) -> tuple[str, str]:
        return [cohort for seq, cohort in self.cohorts[name] if seq <= position][-1]

    @staticmethod
    def _allowed(
        versions: list[tuple[int, Words]], cohort: tuple[str, str], position: int
    ) -> set[str | None]:
        known = [_read(words, cohort) for seq, words in versions if seq <= position]
        later = [_read(words, cohort) for seq, words in versions if seq > position]
        if not known:
            return {None}
        return {known[-1], *later}

    async def act(self, what: str, data: object) -> None:
        match what, data:
            case "send", set() if data:
                words = _words(data, f"n{len(self.book)}")
                done = await self.house.do("mod", SendAnnouncement(_drafts(words)))
                self.book[done.result.announcement_id or AnnouncementId("")] = [
                    (self.room.head, words)
                ]
            case "correct", set() if data and (told := self._standing()):
                words = _words(data, f"{told} {len(self.book[told])}")
                revision = self.room.state.announcements[told].revision
                command = CorrectAnnouncement(told, revision, _drafts(words))
                await self.house.do("mod", command)
                self.book[told].append((self.room.head, words))
            case "withdraw", None if told := self._standing():
                await self.house.do("mod", WithdrawAnnouncement(told))
                self.book[told].append((self.room.head, {}))
            case "place", (str(name), str(side)):
                await self.house.ask("mod", PlacePerson(ParticipantId(name), side))
            case "speak", (str(name), str(language)):
                await self.house.ask(name, SetProfile(language=language))
            case "drop", str(name):
                self.sockets[name].disconnect()
            case "come back", str(name) if self.sockets[name].disconnected:
                self.come(name)
            case "tell a few", None:
                self.hub._rounds._begin()
                self.hub._rounds._slice()
            case "tell all", None:
                self.tell_all()
        for name, known in self.cohorts.items():
            now = self.room.state.participants[ParticipantId(name)]
            if known[-1][1] != (now.segment, now.language):
                known.append((self.room.head, (now.segment, now.language)))

    def tell_all(self) -> None:
        self.hub._rounds._begin()
        while self.hub._rounds.under_way:
            self.hub._rounds._slice()

    def _standing(self) -> AnnouncementId | None:
        return next((told for told, versions in self.book.items() if versions[-1][1]), None)


def _words(cohorts: set[tuple[str, str]], mark: str) -> Words:
    return {(side, lang): f"{side} {lang} reads {mark}." for side, lang in cohorts}


def _read(words: Words, cohort: tuple[str, str]) -> str | None:
    """One's own language, or the session's first."""
    side, language = cohort
    return words.get((side, language)) or words.get((side, LANGUAGES[0]))


def _drafts(words: Words) -> tuple[DraftVariant, ...]:
    return tuple(DraftVariant(text, *cohort) for cohort, text in sorted(words.items()))


async def _live_through(done: list[tuple[str, object]]) -> None:
    house = await open_house(
        *(person(name, segment="prospect") for name in PEOPLE), person("mod", Role.MODERATOR)
    )
    room, pace = await house.room(), Pace(house.clock.monotonic)
    hub = Hub(room, house.clock, HubSettings(digest_key=b"k"), pace, lambda _: None)
    show = Show(house, room, hub)
    for name in PEOPLE:
        show.cohorts[name] = [(0, ("prospect", "en"))]
        show.come(name)
    try:
        for what, data in done:
            await show.act(what, data)
            show.check()
        show.tell_all()
        show.check()
    finally:
        hub.stop(CloseCode.RESTART)
        pace.stop()
        await house.rooms.close()


@settings(max_examples=40)
@given(done=st.lists(acts, min_size=20, max_size=80))
def test_at_every_moment_each_has_what_is_for_their_present_side_and_not_a_word_else(
    done: list[tuple[str, object]],
) -> None:
    asyncio.run(_live_through(done))
