# SPDX-License-Identifier: GPL-2.0
"""
Estimates from repeats: the median, and an interval by order statistics (the sign test, inverted).

Order statistics and not a bootstrap: they are exact for any distribution, need no random numbers, and
user/base/statistics.c computes the same in a few lines. A test compares the two on the same numbers.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from functools import lru_cache
from typing import Callable, Sequence

CONFIDENCE = 0.95
MOST_REPEATS = 400  # the largest number of repeats that is named as "would decide it"


@dataclass(frozen=True)
class Estimate:
    """
    A median and two of the values, between which the true median lies with the confidence asked for.
    Too few values give no interval (None): fewer than six for 95%.
    """

    median: float
    low: float | None
    high: float | None
    count: int

    @property
    def below(self) -> float:
        """From the median down to the end of the interval, for an error bar; 0 without one."""
        return 0.0 if self.low is None else self.median - self.low

    @property
    def above(self) -> float:
        return 0.0 if self.high is None else self.high - self.median

    def inverse(self) -> Estimate:
        """The estimate of 1 / value, for a ratio with all values above 0."""
        low, high = (1 / end if end else None for end in (self.high, self.low))
        return Estimate(1 / self.median, low, high, self.count)


@lru_cache(maxsize=4096)
def rank(count: int, confidence: float = CONFIDENCE) -> int:
    """
    The largest k for which the k-th smallest and the k-th largest of `count` values enclose the median
    with `confidence`; 0 when no k does. The interval misses the median when fewer than k values fall
    on one side of it, and how many do is binomial with one half.
    """
    missed, found = 0.0, 0
    for k in range(1, count // 2 + 1):
        missed += 2 * math.comb(count, k - 1) / 2**count
        if missed > 1 - confidence:
            break
        found = k
    return found


def estimate(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """The median of repeats of a measurement, and its interval."""
    ordered = sorted(values)
    k = rank(len(ordered), confidence)
    low, high = (ordered[k - 1], ordered[-k]) if k else (None, None)
    return Estimate(statistics.median(ordered), low, high, len(ordered))


def counted(values: Sequence[float]) -> Estimate:
    """The estimate of counts. They are exact: their range is not an error of measurement."""
    return Estimate(statistics.median(values), min(values), max(values), len(values))


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval for display; too few values have none, so their range is returned."""
    known = estimate(values)
    if known.low is None or known.high is None:
        return min(values), max(values)
    return known.low, known.high


def family_confidence(comparisons: int) -> float:
    """
    The confidence that each interval needs for all of them together to be right with 95% (Bonferroni:
    this holds for comparisons that depend on each other, and these share their runs).
    """
    return 1 - (1 - CONFIDENCE) / max(comparisons, 1)


def fewest_repeats(confidence: float = CONFIDENCE) -> int:
    """The smallest number of repeats that has an interval."""
    return next(count for count in range(2, 10**6) if rank(count, confidence))


def repeats_needed(
    values: Sequence[float], confidence: float, decides: Callable[[float, float], bool]
) -> int | None:
    """
    The number of repeats that would decide if further repeats spread like these: the first count whose
    interval, estimated from these values, `decides`. None when no count up to MOST_REPEATS does.
    """
    ordered = sorted(values)
    for left_out in range((len(ordered) + 1) // 2):
        if decides(ordered[left_out], ordered[-1 - left_out]):
            return first_count(len(ordered), left_out, confidence)
    return None


@lru_cache(maxsize=4096)
def first_count(had: int, left_out: int, confidence: float) -> int | None:
    """
    The first count of repeats above `had` whose interval leaves out at each end the share that `left_out`
    is of `had`.
    """
    for count in range(had + 1, MOST_REPEATS + 1):
        k = rank(count, confidence)
        if k and (k - 0.5) / count * had >= left_out:
            return count
    return None
