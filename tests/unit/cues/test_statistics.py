"""The tails and intervals are the textbook's, checked by summing."""

from __future__ import annotations

import math

import pytest

from moderation.cues.statistics import (
    Base,
    at_least,
    at_most,
    beta_below,
    dispersion,
    ratio,
    share_at_least,
)


def negative_binomial(k: int, r: float, p: float) -> float:
    ways = math.lgamma(r + k) - math.lgamma(r) - math.lgamma(k + 1)
    return math.exp(ways + r * math.log(p) + k * math.log(1 - p))


def binomial(k: int, n: int, p: float) -> float:
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


@pytest.mark.parametrize("count", [1, 3, 8, 20])
@pytest.mark.parametrize("base", [Base(1.0, 1_200.0), Base(7.5, 18_000.0)])
def test_the_tails_of_a_count_are_sums_of_the_negative_binomial(count: int, base: Base) -> None:
    exposure = 600.0
    p = base.exposure / (base.exposure + exposure)
    below = [negative_binomial(k, base.events, p) for k in range(count + 1)]
    assert at_least(count, base, exposure) == pytest.approx(1 - sum(below[:count]), abs=1e-12)
    assert at_most(count, base, exposure) == pytest.approx(sum(below))


def test_the_share_of_a_part_is_binomial() -> None:
    expected = sum(binomial(k, 20, 0.3) for k in range(9, 21))
    assert share_at_least(9, 20, 0.3) == pytest.approx(expected)
    assert share_at_least(0, 20, 0.3) == 1.0


def test_little_history_makes_little_of_a_count() -> None:
    young, known = Base(1.0, 1_200.0), Base(1.0 + 30, 1_200.0 + 36_000.0)
    assert known.expected(600) < young.expected(600) * 1.1
    assert at_least(6, known, 600) < at_least(6, young, 600)


@pytest.mark.parametrize(("after", "before"), [(20, 10), (3, 40), (1, 1)])
def test_a_ratio_lies_in_its_interval_whose_ends_are_just_possible(after: int, before: int) -> None:
    found = ratio(after, 100.0, before, 50.0)
    assert found.value == pytest.approx(after / before / 2)
    assert found.high is not None
    assert found.low < (found.value or 0) < found.high
    n = after + before
    for bound, tail in ((found.low, range(after, n + 1)), (found.high, range(after + 1))):
        p = bound * 100 / (bound * 100 + 50)
        assert sum(binomial(k, n, p) for k in tail) == pytest.approx(0.025, abs=1e-6)


def test_a_ratio_to_nothing_has_no_upper_bound_and_of_nothing_no_value() -> None:
    assert ratio(5, 1.0, 0, 1.0).high is None
    assert ratio(5, 1.0, 0, 1.0).value is None
    assert ratio(0, 1.0, 5, 1.0).low == 0.0
    assert ratio(0, 1.0, 0, 1.0).value is None


def test_an_earlier_wave_does_not_hide_the_next_one() -> None:
    assert dispersion([1, 0, 2, 1, 1, 0, 1, 2, 40, 1]) < 1.5
    assert dispersion([0, 8, 0, 8, 0, 8, 0, 8, 0, 8]) > 4
    assert dispersion([3, 1]) == 1.0


def test_beta_is_whole_at_its_ends() -> None:
    assert (beta_below(0, 2, 3), beta_below(1, 2, 3)) == (0.0, 1.0)
    assert beta_below(0.5, 4, 4) == pytest.approx(0.5)
