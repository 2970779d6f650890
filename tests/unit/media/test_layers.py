"""The ladder of a picture, and which rung of it a viewer gets."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.media.choosing import HOLD_LIMIT_S, START_BPS, LayerChooser
from live.media.downlink import Downlink
from live.media.layers import Ladder, LayerFacts, Meter, Rung, bounded, ladder, smallest

LOW = LayerFacts("low", 180, (60_000, 90_000, 150_000))
MIDDLE = LayerFacts("middle", 360, (200_000, 300_000, 500_000))
HIGH = LayerFacts("high", 720, (600_000, 900_000, 1_500_000))
LADDER = ladder([HIGH, LOW, MIDDLE])


def test_rungs_go_from_the_cheapest_to_the_best() -> None:
    assert [(rung.rid, rung.top, rung.bitrate_bps) for rung in LADDER] == [
        ("low", 0, 60_000),
        ("low", 1, 90_000),
        ("low", None, 150_000),
        ("middle", 1, 300_000),
        ("middle", None, 500_000),
        ("high", 1, 900_000),
        ("high", None, 1_500_000),
    ]


facts = st.builds(
    LayerFacts,
    st.sampled_from(["a", "b", "c", "d"]),
    st.one_of(st.none(), st.integers(1, 4_000)),
    st.one_of(
        st.just((0,)),  # not yet known
        st.lists(st.integers(1, 5_000_000), min_size=1, max_size=4).map(lambda r: tuple(sorted(r))),
    ),
)


@given(st.lists(facts, min_size=1, max_size=4, unique_by=lambda layer: layer.rid))
def test_no_rung_costs_as_much_as_a_better_one_and_the_best_is_always_there(
    layers: list[LayerFacts],
) -> None:
    rungs = ladder(layers)
    known = [rung.bitrate_bps for rung in rungs if rung.bitrate_bps]
    assert known == sorted(set(known))
    best = max((layer.height or 0, layer.rates_bps[-1]) for layer in layers)
    assert (rungs[-1].height or 0, rungs[-1].bitrate_bps) == best
    assert rungs[-1].top is None


def test_a_player_gets_no_more_than_it_shows_and_the_saver_the_smallest() -> None:
    assert bounded(LADDER, shown_height=None) == LADDER
    assert {rung.rid for rung in bounded(LADDER, shown_height=300)} == {"low", "middle"}
    assert {rung.rid for rung in bounded(LADDER, shown_height=390)} == {"low", "middle"}
    assert bounded(LADDER, shown_height=2_000) == LADDER
    assert {rung.rid for rung in smallest(LADDER)} == {"low"}


def test_a_meter_knows_what_each_temporal_layer_costs_and_when_a_stream_fell_silent() -> None:
    meter = Meter()
    assert meter.rates_bps() == (0,)
    for index in range(120):  # 4 s at 30 frames a second, every other one in the upper layer
        meter.note(500 if index % 2 else 1_000, index % 2, index / 30)
    base, whole = meter.rates_bps()
    assert base == pytest.approx(15 * 1_000 * 8, rel=0.1)
    assert whole == pytest.approx(15 * 1_500 * 8, rel=0.1)
    assert meter.is_live(5.0)
    assert not meter.is_live(6.0)


def losses(link: Downlink) -> Callable[[float], None]:
    """Has a hundred packets sent, of which this share is lost, and two seconds pass."""
    seen = [0, 0]
    link.note_report(1, 0, 0, 0.0)

    def lose(share: float) -> None:
        seen[0] += 100
        seen[1] += round(100 * share)
        link.note_report(1, seen[0], seen[1], seen[0] / 50)

    return lose


def test_loss_is_told_of_many_packets_and_not_of_four() -> None:
    link = Downlink()
    for number in range(200):  # one of four is missing in every fifth report, as at 5 % loss
        link.note_report(1, 4 * number, number // 5, number / 10)
    assert link.take_shortage() is None
    for number in range(200, 240):  # one of four in every one
        link.note_report(1, 4 * number, 40 + number - 200, number / 10)
    assert link.take_shortage() == pytest.approx(0.75, abs=0.05)


def test_only_an_estimate_that_falls_or_loss_that_lasts_is_a_shortage() -> None:
    link = Downlink()
    link.note_sent(0, 0.0)
    link.note_sent(125_000, 1.0)
    assert link.sent_bps == 1_000_000
    link.note_estimate(300_000, 1.0)  # the first one, and it grows: it says nothing
    link.note_estimate(400_000, 2.0)
    lose = losses(link)
    lose(0.05)
    lose(0.2)
    lose(0.05)
    assert link.take_shortage() is None
    link.note_estimate(350_000, 3.0)
    assert link.take_shortage() == pytest.approx(0.35)
    assert link.take_shortage() is None
    link.note_estimate(980_000, 9.0)
    for number, dip in enumerate((940_000, 900_000)):  # a little below what is sent: jitter
        link.note_estimate(dip, 10.0 + number)
        assert link.take_shortage() is None
    link.note_estimate(850_000, 11.5)
    assert link.take_shortage() == pytest.approx(0.85)
    lose(0.2)
    lose(0.2)
    assert link.take_shortage() == pytest.approx(0.8)
    lose(0.5)
    assert link.take_shortage() == pytest.approx(0.5)


class Watched:
    """A viewer behind a link that carries `capacity(now)` bits/s, for as long as it is run."""

    def __init__(self, capacity: Callable[[float], float], rungs: Ladder = LADDER) -> None:
        self.chooser: LayerChooser[str] = LayerChooser()
        self.rungs = rungs
        self.got: list[Rung | None] = []
        self._capacity = capacity
        self._now = 0.0

    def run(self, seconds: float) -> list[Rung | None]:
        """What was got every quarter second of these."""
        begun = len(self.got)
        for _ in range(int(seconds * 4)):
            last = self.got[-1] if self.got else None
            capacity = self._capacity(self._now)
            sent = 0 if last is None else last.bitrate_bps
            short = capacity / sent if sent > capacity else None
            self.got.append(self.chooser.choose({"it": self.rungs}, short, self._now)["it"])
            self._now += 0.25
        return self.got[begun:]


def _changes(got: list[Rung | None]) -> int:
    return sum(a != b for a, b in pairwise(got))


def test_a_good_link_gets_the_best_within_seconds_and_keeps_it() -> None:
    viewer = Watched(lambda _now: 1e9)
    first = viewer.run(0.25)[0]
    assert first is not None
    assert 0 < first.bitrate_bps <= START_BPS
    assert viewer.run(4)[-1] == LADDER[-1]
    assert _changes(viewer.run(300)) == 0


@settings(max_examples=30)
@given(st.integers(160_000, 1_400_000))
def test_a_slow_link_gets_what_it_carries_and_is_seldom_tried(capacity: int) -> None:
    viewer = Watched(lambda _now: capacity)
    viewer.run(60)
    got = viewer.run(600)
    fits = [rung for rung in got if rung is not None and rung.bitrate_bps <= capacity]
    assert len(fits) > 0.9 * len(got)
    # A trial and its end are two changes; with the longest pause there are ten trials in this time.
    assert _changes(got) <= 3 * 600 / HOLD_LIMIT_S + 20
    assert None not in got


def test_a_collapsed_link_gets_sound_alone_and_the_picture_back_when_it_heals() -> None:
    viewer = Watched(lambda now: 30_000 if 20 <= now < 80 else 1e9)
    assert viewer.run(20)[-1] == LADDER[-1]
    during = viewer.run(60)
    assert during[32:].count(None) > 0.7 * len(during[32:])
    assert viewer.chooser.paused
    assert viewer.run(60)[-1] == LADDER[-1]


def test_a_shortage_before_a_change_had_an_effect_is_not_counted_twice() -> None:
    chooser: LayerChooser[str] = LayerChooser()
    chooser.choose({"it": LADDER}, None, 0.0)
    lowered = chooser.choose({"it": LADDER}, 0.45, 2.0)["it"]
    assert lowered == LADDER[3]
    assert chooser.choose({"it": LADDER}, 0.3, 2.5)["it"] == lowered
    assert chooser.choose({"it": LADDER}, 0.3, 4.0)["it"] == LADDER[0]


def test_a_link_that_trembles_does_not_cost_the_only_picture() -> None:
    only = ladder([LayerFacts("", 720, (1_500_000,))])
    chooser: LayerChooser[str] = LayerChooser()
    for second in range(120):
        carried = 0.8 if second % 3 else 0.6 if second % 9 == 0 else None
        assert chooser.choose({"it": only}, carried, float(second))["it"] == only[0]


def test_a_rung_that_is_gone_gives_way_to_the_best_that_costs_no_more() -> None:
    chooser: LayerChooser[str] = LayerChooser()
    for second in range(6):
        chooser.choose({"it": LADDER}, None, float(second))
    without = ladder([LOW, MIDDLE])
    assert chooser.choose({"it": without}, None, 6.1)["it"] == without[-1]
    assert chooser.choose({"it": ()}, None, 6.2) == {"it": None}


def test_pictures_share_a_link_so_that_none_starves_for_another() -> None:
    chooser: LayerChooser[str] = LayerChooser()
    both = {"host": LADDER, "guest": LADDER}
    for second in range(20):
        chooser.choose(both, None, float(second))
    assert chooser.choose(both, None, 20.0) == {"host": LADDER[-1], "guest": LADDER[-1]}
    rungs = chooser.choose(both, 1 / 3, 30.0).values()
    costs = [rung.bitrate_bps for rung in rungs if rung is not None]
    assert sum(costs) <= 850_000
    assert max(costs) <= 2 * min(costs)
