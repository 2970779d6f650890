"""Who gives way when pictures grow beyond the operator's link, and who gets better again."""

from live.media.admission import SOUND_BPS, Traffic
from live.media.balance import balanced
from live.media.layers import SOUND_ALONE
from live.ports.media import LegId, LegOwner
from live.ports.media_figures import WatchRate

LINK_BPS = 10_000_000


def traffic(low: int, high: int) -> Traffic:
    """A show in two sizes."""
    return Traffic(0, {"show": (WatchRate("q/", 180, low), WatchRate("f/", 720, high))})


def viewers(count: int, most: str | None = None) -> dict[LegId, LegOwner]:
    return {
        LegId(str(number)): LegOwner("show", str(number), "viewer", None, most=most)
        for number in range(count)
    }


def after(here: dict[LegId, LegOwner], now: Traffic) -> list[str | None]:
    """What each may get at the most, in the order of their coming."""
    return [owner.most for owner in (here | balanced(here, now, LINK_BPS)).values()]


def test_while_all_fit_nothing_changes() -> None:
    assert balanced(viewers(5), traffic(200_000, 2_000_000), LINK_BPS) == {}


def test_who_came_last_gives_way_first_and_only_as_many_as_must() -> None:
    assert after(viewers(5), traffic(200_000, 2_500_000)) == [None, None, None, "q/", "q/"]
    assert after(viewers(5), traffic(200_000, 2_000_001)) == [None, None, None, None, "q/"]


def test_where_the_smallest_pictures_do_not_fit_the_last_ones_keep_the_sound() -> None:
    now = traffic(2_500_000, 9_000_000)
    assert after(viewers(5), now) == ["q/", "q/", "q/", SOUND_ALONE, SOUND_ALONE]
    assert now.of(viewers(1, SOUND_ALONE)[LegId("0")]) == SOUND_BPS


def test_room_goes_to_those_with_the_least_first_and_never_up_to_the_brim() -> None:
    here = viewers(2, "q/") | {LegId("9"): LegOwner("show", "9", "viewer", None, most=SOUND_ALONE)}
    assert after(here, traffic(1_000_000, 5_000_000)) == [None, "q/", "q/"]
    # 9.2 of 10 Mb/s: they would fit, but a rate that trembles would lower them again at once.
    assert after(viewers(2, "q/"), traffic(4_000_000, 4_600_000)) == ["q/", "q/"]


def test_nobody_is_judged_by_a_rate_that_was_not_measured_nor_a_listener_at_all() -> None:
    assert balanced(viewers(100), Traffic(0, {}), LINK_BPS) == {}
    listener = LegOwner("show", "ear", "viewer", None, picture=False)
    here = viewers(4) | {LegId("ear"): listener}
    assert after(here, traffic(200_000, 9_000_000)) == [None, "q/", "q/", "q/", None]
