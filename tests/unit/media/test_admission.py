"""Who is let in beside those who watch, and how many that makes."""

import pytest

from live.media.admission import PICTURE_BPS, Admission, Traffic, wants_picture
from live.media.egress import EgressMeter
from live.media.settings import MediaSettings
from live.ports.media import LegOwner
from live.ports.media_figures import WatchRate
from live.ports.media_refusals import MediaRefusal

QUIET = Traffic(0, {})


def viewer(number: int = 0, session: str = "show", *, picture: bool = True) -> LegOwner:
    return LegOwner(session, f"viewer-{number}", "viewer", None, picture=picture)


def crowd(size: int, session: str = "show", *, picture: bool = True) -> list[LegOwner]:
    return [viewer(number, session, picture=picture) for number in range(size)]


def admission(*, max_viewers: int | None = None, egress_mbit: int | None = None) -> Admission:
    settings = MediaSettings(workers=2, max_viewers=max_viewers, egress_mbit=egress_mbit)
    return Admission(settings, cores=2)


def traffic(sent_bps: int, **rates: int) -> Traffic:
    each = {session: (WatchRate("h/", 720, rate),) for session, rate in rates.items()}
    return Traffic(sent_bps, each)


def refused(outcome: LegOwner | MediaRefusal) -> MediaRefusal | None:
    return outcome if isinstance(outcome, MediaRefusal) else None


def test_without_bounds_everyone_is_let_in() -> None:
    assert admission().admit(viewer(), crowd(5_000), Traffic(10**12, {})) == viewer()


def test_viewers_of_all_sessions_count_towards_the_number_also_those_who_only_listen() -> None:
    bounded = admission(max_viewers=3)
    here = [*crowd(1), *crowd(1, "other", picture=False)]
    assert not refused(bounded.admit(viewer(), here, QUIET))
    told = refused(bounded.admit(viewer(), [*here, *crowd(1)], QUIET))
    assert told is not None
    assert (told.code, told.retry_after_s is not None) == ("full", True)
    assert not told.sound_fits


def test_a_link_is_filled_and_not_overfilled_by_those_who_come_at_once() -> None:
    bounded, now = admission(egress_mbit=10), traffic(0, show=2_000_000)
    assert not refused(bounded.admit(viewer(), crowd(4), now))
    # The fifth is nowhere in what was measured, but was let in.
    told = refused(bounded.admit(viewer(), crowd(5), now))
    assert told is not None
    assert not told.sound_fits


def test_where_a_picture_does_not_fit_the_sound_alone_may() -> None:
    bounded, now = admission(egress_mbit=10), traffic(0, show=3_000_000)
    told = refused(bounded.admit(viewer(), crowd(3), now))
    assert told is not None
    assert told.sound_fits
    assert not refused(bounded.admit(viewer(picture=False), crowd(3), now))


def test_what_is_really_sent_counts_where_it_is_more_than_expected() -> None:
    now = traffic(9_950_000, show=100_000)
    told = refused(admission(egress_mbit=10).admit(viewer(), crowd(1), now))
    assert told is not None


def test_a_picture_that_was_not_measured_yet_counts_as_a_usual_one() -> None:
    bounded = admission(egress_mbit=10)
    fit = 10_000_000 // PICTURE_BPS
    assert not refused(bounded.admit(viewer(), crowd(fit - 1), QUIET))
    told = refused(bounded.admit(viewer(), crowd(fit), QUIET))
    assert told is not None
    assert (told.retry_after_s or 60) < 10  # by then it is known better


@pytest.mark.parametrize(
    ("bounds", "bound", "viewers"),
    [
        ({}, "processor", 296),
        ({"egress_mbit": 100}, "link", 50),
        ({"egress_mbit": 100, "max_viewers": 40}, "setting", 40),
        ({"egress_mbit": 10_000, "max_viewers": 4_000}, "processor", 296),
    ],
)
def test_the_tightest_bound_says_how_many_are_carried(
    bounds: dict[str, int], bound: str, viewers: int
) -> None:
    capacity = admission(**bounds).capacity("show", crowd(3), traffic(0, show=2_000_000))
    assert (capacity.bound, capacity.layers[0].viewers) == (bound, viewers)
    assert (capacity.watching, capacity.measured) == (3, True)
    assert capacity.listeners >= viewers


def test_what_other_sessions_take_is_left_to_them() -> None:
    bounded, now = admission(egress_mbit=100), traffic(0, other=4_000_000)
    capacity = bounded.capacity("show", crowd(10, "other"), now)
    assert capacity.layers[0].viewers == 60_000_000 // PICTURE_BPS
    assert (capacity.watching, capacity.measured) == (0, False)
    assert bounded.capacity("show", crowd(26, "other"), now).layers[0].viewers == 0


def test_an_offer_for_sound_alone_is_told_from_one_for_the_picture() -> None:
    assert wants_picture("v=0\r\nm=audio 9 X 0\r\nm=video 9 X 0\r\n")
    assert not wants_picture("v=0\r\nm=audio 9 X 0\r\na=note m=video \r\n")


def test_what_is_sent_is_measured_from_one_look_to_the_next() -> None:
    meter = EgressMeter()
    meter.note(1_000, 10.0)
    assert meter.bps == 0
    meter.note(11_000, 11.0)
    assert meter.bps == 80_000
    meter.note(11_000, 12.0)
    assert meter.bps == 0


LAYERS = (
    WatchRate("l/0", 180, 150_000),
    WatchRate("l/", 180, 250_000),
    WatchRate("h/", 720, 2_000_000),
)


def test_where_the_best_picture_does_not_fit_a_smaller_one_is_given() -> None:
    bounded, now = admission(egress_mbit=5), Traffic(0, {"show": LAYERS})
    let_in: list[LegOwner] = []
    while isinstance(one := bounded.admit(viewer(), let_in, now), LegOwner):
        let_in.append(one)
    assert [each.most for each in let_in] == [None, None, *["l/"] * 4]
    assert sum(map(now.of, let_in)) == 5_000_000
    assert not one.sound_fits
    capacity = bounded.capacity("show", let_in, now)
    assert [(each.height, each.viewers) for each in capacity.layers] == [
        (720, 2),
        (180, 20),
        (180, 33),
    ]


def test_a_viewer_counts_with_the_smallest_picture_while_its_own_is_not_sent() -> None:
    now = Traffic(0, {"show": LAYERS})
    assert now.of(LegOwner("show", "one", "viewer", None, most="m/")) == 150_000
