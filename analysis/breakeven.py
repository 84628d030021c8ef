# SPDX-License-Identifier: GPL-2.0
"""
From which size one transport beats another, and what its system calls and copies cost.

The comparisons of each two transports, at each size on each path, are one family, like those of the claims
(judge.py): their intervals are so wide that all of them together are right with 95%.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping

from load import Dataset, load
from measure import run, seconds, show_left
from quantities import Expression, Place, Value
from sites import in_order
from stats import Estimate, family_confidence, fewest_repeats
from words import Remark, estimated, remark

ALWAYS, NEVER, CROSSES, SEVERAL, UNDECIDED = "always", "never", "crosses", "several", "undecided"
FINE_ENOUGH = 1.3  # stops halving a bracket when the ratio of its ends is below this


@dataclass(frozen=True)
class Crossing:
    """
    The result of a sweep. `size` is where the median ratio passes 1 (on a straight line between
    sizes, on logarithmic scales). The other transport is clearly faster at `low` and below, this
    one at `high` and above; None where the sweep has no such size.
    """

    kind: str
    size: float | None = None
    low: int | None = None
    high: int | None = None


def side(ratio: Estimate) -> int:
    """1: the whole interval is above 1, -1: below 1, 0: the repeats do not decide."""
    if ratio.low is not None and ratio.low > 1:
        return 1
    if ratio.high is not None and ratio.high < 1:
        return -1
    return 0


def find(ratios: Mapping[int, Estimate]) -> Crossing:
    """
    The size from which a ratio (this transport over the other one; more is better) stays above 1,
    from its estimates at some sizes.
    """
    sizes = sorted(ratios)
    sides = [side(ratios[size]) for size in sizes]
    clear = [s for s in sides if s]
    if not clear:
        return Crossing(UNDECIDED)
    turns = sum(a != b for a, b in zip(clear, clear[1:]))
    if turns == 0 and all(sides):
        return Crossing(ALWAYS if clear[0] > 0 else NEVER)
    low, high = edges(sizes, sides)
    if turns == 0:
        return Crossing(UNDECIDED, None, low, high)
    if turns > 1 or clear[0] > 0:
        return Crossing(SEVERAL)
    return Crossing(CROSSES, interpolate(ratios, low, high), low, high)


def edges(sizes: list[int], sides: list[int]) -> tuple[int | None, int | None]:
    """The largest size with a ratio clearly below 1, and the smallest with one clearly above."""
    lost = [size for size, s in zip(sizes, sides) if s < 0]
    won = [size for size, s in zip(sizes, sides) if s > 0]
    return max(lost, default=None), min(won, default=None)


def interpolate(ratios: Mapping[int, Estimate], low: int | None, high: int | None) -> float:
    """Where the medians last pass 1 upwards between two sizes, linear in logarithms."""
    assert low is not None and high is not None
    inside = [size for size in sorted(ratios) if low <= size <= high]
    crossing = float(high)
    for a, b in zip(inside, inside[1:]):
        at_a, at_b = math.log(ratios[a].median), math.log(ratios[b].median)
        if at_a <= 0 < at_b:
            share = -at_a / (at_b - at_a)
            crossing = math.exp(math.log(a) + share * (math.log(b) - math.log(a)))
    return crossing


def next_size(ratios: Mapping[int, Estimate]) -> int | None:
    """The size to measure next: halfway into the interval of the crossing. None: there is none, or it is known."""
    crossing = find(ratios)
    if crossing.kind == SEVERAL:
        ratios = inverse(ratios)
        crossing = find(ratios)
    if crossing.kind != CROSSES or crossing.low is None or crossing.high is None:
        return None
    between = [size for size in sorted(ratios) if crossing.low <= size <= crossing.high]
    widest = max(zip(between, between[1:]), key=lambda pair: pair[1] / pair[0])
    if widest[1] / widest[0] <= FINE_ENOUGH:
        return None
    return round(math.sqrt(widest[0] * widest[1]))


def inverse(ratios: Mapping[int, Estimate]) -> dict[int, Estimate]:
    """The inverse ratios: how many times better the other transport is."""
    return {size: ratio.inverse() for size, ratio in ratios.items()}


# On runs

METRICS = {
    "throughput": ("throughput", "{a}.throughput / {b}.throughput"),
    "cpu": ("CPU time per byte", "{b}.cpu / {a}.cpu"),
}


Found = dict[int, Value]  # by size


def values(data: Dataset, path: str, a: str, b: str, metric: str) -> Found:
    """How many times better `a` is than `b`, by size, with one thread."""
    expression = Expression(METRICS[metric][1].format(a=a, b=b))
    found = {}
    for size in sorted({run.size for run in data.on(path) if run.threads == 1}):
        value = expression.at(data, Place(path, None, size, 1))
        if value.estimate and value.estimate.median > 0:
            found[size] = value
    return found


def comparisons(data: Dataset) -> int:
    """The number of comparisons in the family; computed once for the same runs."""
    key = ("comparisons by size", len(data.runs))
    if key not in data.values:
        data.values[key] = sum(len(values(data, *each)) for each in every_sweep(data))
    return data.values[key]


def confidence_of_each(data: Dataset) -> float:
    return family_confidence(comparisons(data))


def ratios(
    data: Dataset, path: str, a: str, b: str, metric: str, confidence: float | None = None
) -> dict[int, Estimate]:
    """The ratios with intervals of the family's confidence, or of another one."""
    wanted = confidence or confidence_of_each(data)
    found = values(data, path, a, b, metric)
    return {size: value.interval(wanted) for size, value in found.items()}  # type: ignore[misc]


def pairs(data: Dataset, path: str) -> list[tuple[str, str]]:
    """Each two transports once: the one that spares more first."""
    names = in_order({run.transport for run in data.on(path)})
    return [(b, a) for i, a in enumerate(names) for b in names[i + 1 :]]


STEPS = {False: 6, True: 1}  # most added sizes of a sweep, by whether it is a quick one


def refine_all(given: list[Path], paths: list[str], into: Path, quick: bool) -> list[Path]:
    """
    Runs more sizes where two transports cross; returns the documents. No size is run twice, because
    repeating until a difference shows finds differences that do not exist. From the first step the
    family has its largest possible number of comparisons.
    """
    known = list(given)
    data = load(known)
    names = {path.split(":")[0]: path for path in paths}
    sweeps = [(name, a, b) for name in names for a, b in pairs(data, name)]
    family = family_confidence(comparisons(data) + len(sweeps) * STEPS[quick] * len(METRICS))
    step = {"trace": "none", "threads": 1, "seconds": 0.05 if quick else 0.2}
    step["repeat"] = fewest_repeats(family) + 1
    for left, (name, a, b) in zip(range(len(sweeps), 0, -1), sweeps):
        for nth in range(1, STEPS[quick] + 1):
            size = next_of_any(data, name, a, b, family)
            if size is None:
                break
            label = f"{name}-{a}-{b}-{nth}"
            more = step | {"size": size, "transport": f"{a},{b}"}
            show_left(left * STEPS[quick] * seconds(more), at_most=True)
            known.append(run(names[name], more, into, label))
            data = load(known)
    return known


def next_of_any(data: Dataset, path: str, a: str, b: str, confidence: float) -> int | None:
    """The size to measure next, in throughput or, where that is known, in CPU time."""
    wanted = (next_size(ratios(data, path, a, b, metric, confidence)) for metric in METRICS)
    return next((size for size in wanted if size is not None), None)


@dataclass(frozen=True)
class Row:
    """From which size `transport` beats `other`, in a measure."""

    path: str
    transport: str
    other: str
    measure: str
    crossing: Crossing

    def as_json(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if k != "crossing"} | vars(self.crossing)


def every_sweep(data: Dataset) -> Iterator[tuple[str, str, str, str]]:
    """Path, two transports and metric of each."""
    for path in data.paths:
        for a, b in pairs(data, path):
            yield from ((path, a, b, metric) for metric in METRICS)


def crossings(data: Dataset) -> list[Row]:
    """The crossings of each two transports with runs at two sizes, on every path."""
    rows = (crossing_of(data, *each) for each in every_sweep(data))
    return [row for row in rows if row]


def crossing_of(data: Dataset, path: str, a: str, b: str, metric: str) -> Row | None:
    """None without runs at two sizes. Where `a` is better only below a size, the row is that of `b`."""
    found = ratios(data, path, a, b, metric)
    if len(found) < 2:
        return None
    turned = find(inverse(found))
    if turned.kind == CROSSES:
        a, b = b, a
    return Row(path, a, b, METRICS[metric][0], turned if turned.kind == CROSSES else find(found))


def by_size(ratios: Mapping[int, Estimate], a: str, b: str, needed: int) -> list[Remark]:
    """
    Which transport is better, a remark for neighbouring sizes with the same winner, or with none.
    `needed`: repeats that an interval takes.
    """
    groups: list[tuple[int, list[int]]] = []
    for size in sorted(ratios):
        if not groups or groups[-1][0] != side(ratios[size]):
            groups.append((side(ratios[size]), []))
        groups[-1][1].append(size)
    return [group(ratios, a, b, towards, sizes, needed) for towards, sizes in groups]


def sweep(data: Dataset, path: str, a: str, b: str, metric: str) -> list[Remark]:
    """Size by size, and where the winner changes; empty when no size has runs of both."""
    found = by_size(ratios(data, path, a, b, metric), a, b, fewest_repeats(confidence_of_each(data)))
    row = crossing_of(data, path, a, b, metric)
    at = row.crossing if row else Crossing(UNDECIDED)
    if row and at.size and at.low and at.high:
        ends = {"size": at.size, "low": at.low, "high": at.high}
        found.append(remark("crosses", winner=row.transport, loser=row.other, **ends))
    return found


def group(
    ratios: Mapping[int, Estimate], a: str, b: str, towards: int, sizes: list[int], needed: int
) -> Remark:
    if not towards:
        found = [estimated(ratios[size]) for size in sizes]
        few = [ratios[size].count for size in sizes if ratios[size].low is None]
        too_few = {"repeats": min(few, default=None), "needed": needed}
        return remark("sizes_undecided", sizes=sizes, transport=a, other=b, ratios=found, **too_few)
    if towards < 0:
        a, b, ratios = b, a, inverse(ratios)
    return remark("beats", winner=a, loser=b, sizes=sizes, factors=[ratios[size].median for size in sizes])


@dataclass(frozen=True)
class Split:
    """CPU time per byte that a change of transport saves (nanoseconds), with its interval."""

    size: int
    calls: Estimate | None  # eight_sends against one_copy: seven system calls, no copy
    copies: Estimate | None  # two_copy against one_copy: one copy, no system call


def split(data: Dataset, path: str) -> list[Split]:
    """What one_copy saves against the two transports that reports call two-copy."""
    sizes = sorted({run.size for run in data.on(path) if run.threads == 1})
    calls = Expression("eight_sends.cpu - one_copy.cpu")
    copies = Expression("two_copy.cpu - one_copy.cpu")
    rows = []
    for size in sizes:
        place = Place(path, None, size, 1)
        row = Split(size, calls.at(data, place).estimate, copies.at(data, place).estimate)
        if row.calls or row.copies:
            rows.append(row)
    return rows
