"""How surprising a count is, and how large a change: small, exact, in the standard library.

Rates are compared by their posterior. After ``k`` events in an exposure ``e`` (people times
seconds) a rate with the prior Gamma(a, b) is Gamma(a + k, b + e); the count in a further exposure
``f`` is then negative binomial with r = a + k and p = (b + e) / (b + e + f). Its tail is what
``likelier`` and ``fewer`` give: with little history it is wide, so that few people and a young show
are no news by themselves. Counts that vary more than Poisson's are divided by their dispersion.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_STEPS = 80
"""Halvings of an interval: more than a float has digits."""


@dataclass(frozen=True, slots=True)
class Base:
    """What was before: events and the exposure they came in, the prior included."""

    events: float
    exposure: float

    def expected(self, exposure: float) -> float:
        """How many are to be expected."""
        return exposure * self.events / self.exposure


def at_least(count: float, base: Base, exposure: float) -> float:
    """How likely ``count`` events or more are in ``exposure`` after ``base``."""
    if count <= 0:
        return 1.0
    # P(X >= k) of the negative binomial is the incomplete beta function I_{1-p}(k, r).
    return beta_below(exposure / (base.exposure + exposure), count, base.events)


def at_most(count: float, base: Base, exposure: float) -> float:
    """How likely ``count`` events or fewer are."""
    return beta_below(base.exposure / (base.exposure + exposure), base.events, count + 1)


def share_at_least(count: float, of: float, share: float) -> float:
    """How likely ``count`` or more of ``of`` fall into a part that holds this share of all."""
    if count <= 0:
        return 1.0
    return beta_below(share, count, of - count + 1)


def dispersion(counts: Sequence[float]) -> float:
    """Variance over mean of counts of equal exposure, at least 1. The largest tenth is left out, so
    that an earlier wave does not hide the next one."""
    kept = sorted(counts)[: math.ceil(len(counts) * 0.9)]
    mean = sum(kept) / len(kept) if kept else 0.0
    if len(kept) < 5 or mean == 0:
        return 1.0
    variance = sum((each - mean) ** 2 for each in kept) / (len(kept) - 1)
    return max(1.0, variance / mean)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A rate over another one, with its 95 % interval; ``high`` None: there is no upper bound."""

    value: float | None
    low: float
    high: float | None


def ratio(after: int, after_exposure: float, before: int, before_exposure: float) -> Ratio:
    """How many times the rate before the rate after is.

    Given their sum n, ``after`` is binomial in n with p = ρf / (ρf + e) for a ratio ρ; Clopper and
    Pearson's interval for p gives the exact one for ρ.
    """
    scale = before_exposure / after_exposure
    total = after + before
    if total == 0:
        return Ratio(None, 0.0, None)
    low = _odds(_solve(lambda p: beta_below(p, after, before + 1), 0.025)) if after else 0.0
    high = _odds(_solve(lambda p: beta_below(p, after + 1, before), 0.975)) if before else math.inf
    return Ratio(
        None if before == 0 else after / before * scale,
        low * scale,
        None if math.isinf(high) else high * scale,
    )


def beta_below(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22),
    on the side of the mean on which that converges fast."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_below(1 - x, b, a)
    front = math.exp(
        a * math.log(x)
        + b * math.log1p(-x)
        + math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        - math.log(a)
    )
    return front / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """1 + d1/(1 + d2/(1 + …)) by Lentz's method."""
    tiny = 1e-300
    value, c, d = 1.0, 1.0, 0.0
    for n in range(1, 1000):
        m = n // 2
        if n % 2:
            step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + step * d or tiny)
        c = 1 + step / c or tiny
        value *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return value


def _solve(rising: Callable[[float], float], wanted: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if rising(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _odds(p: float) -> float:
    return math.inf if p >= 1 else p / (1 - p)
