"""At most so many in any period, exactly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.limits import KEYS_MAX, Rate, RateLimiter


class Watch:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_one_more_than_allowed_is_told_when_to_come_back() -> None:
    watch = Watch()
    limiter = RateLimiter(Rate(3, 60), clock=watch)
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 0]
    watch.now += 20
    assert limiter.take("a") == 40
    assert limiter.take("b") == 0
    watch.now += 40
    assert limiter.take("a") == 0


@given(st.lists(st.floats(min_value=0, max_value=30), max_size=80))
def test_no_period_ever_holds_more_than_the_count(pauses: list[float]) -> None:
    watch = Watch()
    limiter = RateLimiter(Rate(5, 10), clock=watch)
    taken = []
    for pause in pauses:
        watch.now += pause
        if limiter.take("a") == 0:
            taken.append(watch.now)
    for moment in taken:
        assert sum(1 for other in taken if moment - 10 < other <= moment) <= 5


def test_memory_stays_bounded_under_many_addresses() -> None:
    limiter = RateLimiter(Rate(1, 60), clock=Watch())
    for number in range(KEYS_MAX + 10):
        limiter.take(str(number))
    assert limiter.take("0") == 0, "the oldest was forgotten"
    assert limiter.take(str(KEYS_MAX + 9)) > 0
