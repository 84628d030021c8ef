# SPDX-License-Identifier: GPL-2.0
"""Means with intervals, from few repeats: Student's t, in the standard library only."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from functools import lru_cache
from typing import Sequence

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean and the interval it is known to lie in; a single value has no interval (None)."""

    mean: float
    low: float | None
    high: float | None
    count: int

    @property
    def half(self) -> float:
        """Half the interval, for an error bar; 0 without one."""
        return 0.0 if self.high is None else self.high - self.mean


def t_cumulative(t: float, degrees: int) -> float:
    """P(T <= t) for t >= 0, by Simpson's rule on the density."""
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2))
    scale /= math.sqrt(degrees * math.pi)
    # with x = sqrt(degrees) * tan(u) the density is scale * sqrt(degrees) * cos(u)^(degrees - 1)
    end = math.atan(t / math.sqrt(degrees))
    steps = 400
    width = end / steps
    total = 0.0
    for i in range(steps + 1):
        weight = 1 if i in (0, steps) else 4 if i % 2 else 2
        total += weight * math.cos(i * width) ** (degrees - 1)
    return 0.5 + scale * math.sqrt(degrees) * total * width / 3


@lru_cache
def t_quantile(probability: float, degrees: int) -> float:
    """The t for which P(T <= t) is `probability` (above one half), by bisection."""
    low, high = 0.0, 1.0
    while t_cumulative(high, degrees) < probability:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if t_cumulative(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of repeats of a measurement and its confidence interval."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return Estimate(mean, None, None, len(values))
    error = statistics.stdev(values) / math.sqrt(len(values))
    half = t_quantile(0.5 + CONFIDENCE / 2, len(values) - 1) * error
    return Estimate(mean, mean - half, mean + half, len(values))


def estimate_ratio(values: Sequence[float]) -> Estimate:
    """The same on a scale of logarithms, where twice as much and half as much are equally far."""
    on_scale = estimate([math.log(value) for value in values])
    low = None if on_scale.low is None else math.exp(on_scale.low)
    high = None if on_scale.high is None else math.exp(on_scale.high)
    return Estimate(math.exp(on_scale.mean), low, high, on_scale.count)


def counted(values: Sequence[float]) -> Estimate:
    """Counts are exact: what they range over is not an error of measurement."""
    return Estimate(statistics.fmean(values), min(values), max(values), len(values))


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """The order statistics between which the median lies with at least 95%; below six values, which
    cannot say so much, their range."""
    ordered = sorted(values)
    count = len(ordered)
    outside, skip = 0.0, 0
    # values below the median are binomial with one half
    while skip < count // 2:
        outside += 2 * math.comb(count, skip) / 2**count
        if outside > 1 - CONFIDENCE:
            break
        skip += 1
    first = max(skip - 1, 0)
    return ordered[first], ordered[count - 1 - first]
