"""Who speaks, by the levels beside the packets."""

from live.media.speaking import BACK_AFTER_S, HOLD_S, TELL_S, Loudness, Speakers
from live.ports.media_seats import Seat

QUIET, VOICE = 90, 25
PACKET_S = 0.02


class Talk:
    """Publishers whose packets all tell of their level."""

    def __init__(self, *seats: Seat) -> None:
        self.heard: dict[Seat, Loudness] = {seat: Loudness() for seat in seats}
        self.speakers = Speakers()
        self.now = 100.0

    def lead(self) -> Seat | None:
        return self.speakers.lead

    def goes_on(self, seconds: float, *speaking: Seat) -> list[tuple[Seat, ...]]:
        """Time passes while these speak; what was told."""
        told = []
        for packet in range(round(seconds / PACKET_S)):
            self.now += PACKET_S
            for seat, loudness in self.heard.items():
                loudness.note(VOICE if seat in speaking else QUIET, self.now)
            if packet % 12 == 0:
                self.speakers.listen(self.heard, self.now)
                news = self.speakers.news(self.now)
                told += [] if news is None else [news]
        return told


def test_who_speaks_is_told_once_and_that_they_stopped_too() -> None:
    talk = Talk("host", "guest-1")
    assert talk.goes_on(1, "guest-1") == [("guest-1",)]
    assert talk.goes_on(5, "guest-1") == []
    assert talk.goes_on(HOLD_S / 2) == []
    assert talk.goes_on(3) == [()]


def test_a_click_is_no_voice() -> None:
    talk = Talk("host", "guest-1")
    talk.heard["guest-1"].note(0, talk.now)
    assert talk.goes_on(1) == []


def test_however_fast_they_interrupt_each_other_it_is_told_at_a_bounded_rate() -> None:
    talk = Talk("host", "guest-1", "guest-2")
    turns: tuple[Seat, ...] = ("guest-1", "guest-2", "host")
    told = [each for turn in range(40) for each in talk.goes_on(0.25, turns[turn * turn % 3])]
    assert told
    assert len(told) <= 40 * 0.25 / TELL_S + 1


def test_one_picture_follows_who_speaks_alone_and_comes_back_to_the_host() -> None:
    talk = Talk("host", "guest-1", "guest-2")
    talk.goes_on(0.5)
    assert talk.lead() == "host"
    talk.goes_on(0.5, "guest-1")
    assert talk.lead() == "host"
    talk.goes_on(2, "guest-1")
    assert talk.lead() == "guest-1"
    talk.goes_on(BACK_AFTER_S - 2)
    assert talk.lead() == "guest-1"
    talk.goes_on(HOLD_S + 3)
    assert talk.lead() == "host"
    talk.goes_on(3, "guest-2")
    assert talk.lead() == "guest-2"
    talk.goes_on(0.5, "guest-2", "host")
    assert talk.lead() == "host"


def test_who_leaves_while_shown_gives_way() -> None:
    talk = Talk("host", "guest-1")
    talk.goes_on(3, "guest-1")
    del talk.heard["guest-1"]
    talk.goes_on(0.5)
    assert talk.lead() == "host"
    talk.heard.clear()
    talk.speakers.listen(talk.heard, talk.now)
    assert talk.lead() is None
