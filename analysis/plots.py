# SPDX-License-Identifier: GPL-2.0
"""
The charts of a report. A chart is a function of the runs over one path; it returns a figure, or the reason
why there is none. Lines differ by marker and dash, bars by hatch, and all by colours that colour-blind people
can distinguish.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from breakeven import METRICS, pairs, ratios
from copies import ledger, traced
from figure import INK, OTHER, SITE_STYLE, STYLE, NoPicture, Picture, Tips, file_name, save, wrapped
from load import Dataset, Run
from quantities import Expression, Place
from sites import in_order
from stats import CONFIDENCE, Estimate
from words import Remark, interval, number, plural, remark, size_text

Points = dict[str, list[tuple[int, Estimate]]]  # by transport: the places on the axis, and the values


@dataclass
class Chart:
    """A figure while it is drawn, with its heading."""

    drawing: Figure
    axes: Axes
    tips: Tips
    estimates: list[Estimate]

    @property
    def single(self) -> bool:
        return bool(self.estimates) and all(e.count == 1 for e in self.estimates)

    def add(self, at: float, value: Estimate, name: str, place: str, unit: str, **style: str) -> None:
        """A point, with an error bar where the repeats give an interval."""
        self.estimates.append(value)
        if value.low is not None:
            ends = [[value.below], [value.above]]
            self.axes.errorbar(at, value.median, yerr=ends, fmt="none", ecolor=style["color"], capsize=3)
        (point,) = self.axes.plot([at], [value.median], style["marker"], color=style["color"], ms=6)
        tip = f"{name}, {place}: {interval(value, unit)}, {plural(value.count, 'repeat')}"
        self.tips.add(point, tip)


def chart(x: str, y: str) -> Chart:
    drawing, axes = plt.subplots(layout="constrained")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return Chart(drawing, axes, Tips(), [])


def collect(data: Dataset, path: str, quantity: str, wanted: Callable[[Run], bool], by: str) -> Points:
    """A quantity of every transport at the runs that are `wanted`, along their size or threads."""
    expression, found = Expression(quantity), {}
    runs = [run for run in data.on(path) if wanted(run)]
    for transport in in_order({run.transport for run in runs}):
        places = sorted({(r.size, r.threads) for r in runs if r.transport == transport})
        values = [(place, expression.at(data, Place(path, transport, *place))) for place in places]
        points = [(size if by == "size" else n, v.estimate) for (size, n), v in values if v.estimate]
        if points:
            found[transport] = points
    if not found:
        raise NoPicture(why_not(data, path, quantity) if runs else remark("no_such_run"))
    return found


def why_not(data: Dataset, path: str, quantity: str) -> Remark:
    """That a quantity is missing, with the reason of the harness if it gave one."""
    counter = quantity.removesuffix("_per_byte")
    if counter == quantity:
        return remark("not_measured", quantity=quantity)
    sides = [
        side
        for run in data.on(path)
        for side in (run.data.get("counters") or {}).values()
        if isinstance(side, dict) and counter in (side.get("why") or {})
    ]
    asked = [side for side in sides if (side.get("why_codes") or {}).get(counter) != "not_asked"]
    given = sorted({side["why"][counter] for side in asked or sides})
    return remark("counter_missing", counter=counter, reasons=given or None)


# Axes


def size_axis(axes: Axes, sizes: Sequence[int]) -> None:
    """Bytes on a logarithmic axis, with ticks at the measured sizes, without ticks that touch."""
    axes.set_xscale("log", base=2)
    shown: list[int] = []
    for size in sorted(sizes):
        if not shown or size >= 2 * shown[-1]:
            shown.append(size)
    axes.set_xticks(shown)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: size_text(round(value))))
    axes.xaxis.set_minor_locator(NullLocator())


def log_axis(axes: Axes, steps: Sequence[int] = (1, 2, 5), text: Callable = number) -> None:
    """Plain numbers on a logarithmic axis, at most nine of them."""
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    plain = [s * 10.0**e for e in range(-12, 13) for s in steps]
    ticks = [tick for tick in plain if low <= tick <= high]
    if len(ticks) > 9:
        ticks = [tick for tick in ticks if f"{tick:e}".startswith("1.")]
    if len(ticks) < 2:
        ticks = [max(tick for tick in plain if tick <= low), *ticks, min(tick for tick in plain if tick >= high)]
        axes.set_ylim(ticks[0], ticks[-1])
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))


def times(value: float) -> str:
    """A ratio in words: 2x, equal, or 1/2."""
    if abs(value - 1) < 1e-9:
        return "equal"
    return f"{number(value)}x" if value > 1 else f"1/{number(1 / value)}"


def legend(axes: Axes, aside: bool = False) -> None:
    """Outside the axes, so that it hides nothing: below, or beside them."""
    handles, names = axes.get_legend_handles_labels()
    if aside:
        axes.legend(handles[::-1], names[::-1], loc="upper left", bbox_to_anchor=(1.01, 1))
        return
    columns = 4 if sum(len(name) for name in names) <= 4 * 12 else 3
    axes.legend(handles, names, loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=columns, columnspacing=1.2)


# Charts

Draw = Callable[[Dataset, str, int], Chart]


def lines(made: Chart, points: Points, by: str, unit: str, where: Callable[[int], str]) -> None:
    """A little to the side of each other, so that one bar does not hide another."""
    names = in_order(set(points))
    for i, name in enumerate(names):
        style = STYLE.get(name, OTHER)
        aside = i - (len(names) - 1) / 2
        xs = [x * 2 ** (0.07 * aside) if by == "size" else x + 0.05 * aside for x, _ in points[name]]
        made.axes.plot(xs, [v.median for _, v in points[name]], style["linestyle"], color=style["color"],
                       marker=style["marker"], ms=6, label=name)  # fmt: skip
        for x, (at, value) in zip(xs, points[name]):
            made.add(x, value, name, where(at), unit, **style)
    legend(made.axes)


def against_size(quantity: str, label: str, unit: str) -> Draw:
    def draw(data: Dataset, path: str, threads: int) -> Chart:
        points = collect(data, path, quantity, lambda run: run.threads == threads, "size")
        sizes = {at for values in points.values() for at, _ in values}
        if len(sizes) < 2:
            raise NoPicture(remark("two_sizes"))
        made = chart("message size", label)
        lines(made, points, "size", unit, lambda at: f"{size_text(at)}, {plural(threads, 'thread')}")
        size_axis(made.axes, sorted(sizes))
        log_axis(made.axes)
        return made

    return draw


def against_threads(quantity: str, label: str, unit: str) -> Draw:
    def draw(data: Dataset, path: str, size: int) -> Chart:
        points = collect(data, path, quantity, lambda run: run.size == size, "threads")
        counts = {at for values in points.values() for at, _ in values}
        if len(counts) < 2:
            raise NoPicture(remark("two_threads"))
        made = chart("threads a side", label)
        lines(made, points, "threads", unit, lambda at: f"{size_text(size)}, {plural(at, 'thread')}")
        made.axes.set_xticks(sorted(counts))
        made.axes.xaxis.set_minor_locator(NullLocator())
        made.axes.set_ylim(bottom=0)
        return made

    return draw


def stacked_copies(data: Dataset, path: str, _: int) -> Chart:
    by_name = traced(data, path)
    if not by_name:
        raise NoPicture(remark("copies_not_asked"))
    made, bottom = chart("", "CPU copies of each byte"), dict.fromkeys(by_name, 0.0)
    found = {name: ledger(runs) for name, runs in by_name.items()}
    for site, (color, hatch) in SITE_STYLE.items():
        heights = {name: found[name].get(site, (0, 0.0)) for name in by_name}
        if max(share for _, share in heights.values()) < 0.005:  # too small to see; the table has it
            continue
        for i, (name, (moved, share)) in enumerate(heights.items()):
            (bar,) = made.axes.bar([i], [share], 0.6, [bottom[name]], color=color, hatch=hatch,
                                   edgecolor="white", label=site if i == 0 else None)  # fmt: skip
            made.tips.add(bar, f"{name}, {site}: {number(share)} a byte, {moved:,} bytes")
            if share >= 0.15:
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.9}
                made.axes.annotate(f"{share:.2f}", (i, bottom[name] + share / 2), ha="center", va="center",
                                   bbox=box, color="#111111")  # fmt: skip
            bottom[name] += share
    made.axes.set_xticks(range(len(by_name)), list(by_name))
    many_names = len(by_name) > 5  # that would touch
    if many_names:
        made.axes.tick_params(axis="x", rotation=35)
        plt.setp(made.axes.get_xticklabels(), ha="right", rotation_mode="anchor")
    made.axes.grid(axis="x", visible=False)
    made.axes.set_ylim(0, max(*bottom.values(), 1) * 1.05)
    legend(made.axes, aside=many_names)
    return made


def break_even(metric: str) -> Draw:
    def draw(data: Dataset, path: str, _: int) -> Chart:
        made = chart("message size", f"{METRICS[metric][0]} against two_copy's\n(better upwards)")
        every: set[int] = set()
        for a, b in pairs(data, path):
            found = ratios(data, path, a, b, metric, CONFIDENCE) if b == "two_copy" else {}
            if len(found) < 2:
                continue
            every |= set(found)
            style = STYLE.get(a, OTHER)
            made.axes.plot(list(found), [v.median for v in found.values()], style["linestyle"],
                           color=style["color"], marker=style["marker"], ms=6, label=a)  # fmt: skip
            for size, value in found.items():
                made.add(size, value, f"{a} by two_copy", size_text(size), "times", **style)
        if not every:
            plt.close(made.drawing)
            raise NoPicture(remark("two_transports"))
        made.axes.axhline(1, color=INK, linewidth=1)
        size_axis(made.axes, sorted(every))
        made.axes.set_yscale("log")
        low, high = made.axes.get_ylim()
        made.axes.set_ylim(min(low, 0.8), max(high, 1.25))
        steps = [sign * k for k in range(0, 9) for sign in (1, -1)]
        low, high = made.axes.get_ylim()
        ticks = sorted({2.0**k for k in steps if low <= 2.0**k <= high})
        made.axes.yaxis.set_major_locator(FixedLocator(ticks))
        made.axes.yaxis.set_minor_locator(NullLocator())
        made.axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: times(value)))
        legend(made.axes)
        return made

    return draw


def context_switches(data: Dataset, path: str, threads: int) -> Chart:
    size = max(run.size for run in data.on(path) if run.threads == threads)
    wanted = lambda run: (run.size, run.threads) == (size, threads)
    points = collect(data, path, "switches", wanted, "size")
    made = chart(f"messages of {size_text(size)}", "context switches a message")
    for i, (name, ((_, value),)) in enumerate(points.items()):
        style = STYLE.get(name, OTHER)
        (bar,) = made.axes.bar([i], [value.median], 0.6, color=style["color"])
        made.tips.add(bar, f"{name}, {size_text(size)}: {interval(value, 'switches a message')}")
        made.estimates.append(value)
        if value.low is not None:
            ends = [[value.below], [value.above]]
            made.axes.errorbar(i, value.median, yerr=ends, fmt="none", ecolor=INK, capsize=4)
    made.axes.set_xticks(range(len(points)), list(points))
    made.axes.set_ylim(bottom=0)
    made.axes.grid(axis="x", visible=False)
    return made


@dataclass(frozen=True)
class Kind:
    """A chart of the page; `along`: what is fixed in it; one chart at its least value and one at its most."""

    title: str
    draw: Draw
    along: str = ""  # "threads" or "size", and "" for one chart of all
    most_only: bool = False


# Name of the file and what it shows, in the order of the page.
CHARTS: dict[str, Kind] = {
    "copies": Kind("Copies of each byte by site", stacked_copies),
    "throughput-size": Kind(
        "Throughput against message size",
        against_size("throughput", "Gbit/s", "Gbit/s"),
        "threads",
    ),
    "throughput-threads": Kind(
        "Throughput against threads",
        against_threads("throughput", "Gbit/s", "Gbit/s"),
        "size",
    ),
    "latency-threads": Kind(
        "Latency against threads",
        against_threads("latency", "mean time of a message, µs", "µs"),
        "size",
    ),
    "cpu-size": Kind(
        "CPU time a byte against message size",
        against_size("cpu", "ns a byte, both sides", "ns a byte"),
        "threads",
    ),
    "cycles-size": Kind(
        "CPU cycles a byte against message size",
        against_size("cycles_per_byte", "cycles a byte", "cycles a byte"),
        "threads",
    ),
    "misses-size": Kind(
        "Cache misses against message size",
        against_size("cache_misses_per_byte", "misses a byte", "misses a byte"),
        "threads",
    ),
    "l1-size": Kind(
        "L1 data cache misses against message size",
        against_size("l1d_load_misses_per_byte", "misses a byte", "misses a byte"),
        "threads",
    ),
    "llc-size": Kind(
        "LLC misses against message size",
        against_size("llc_load_misses_per_byte", "misses a byte", "misses a byte"),
        "threads",
    ),
    "switches": Kind("Context switches a message", context_switches, "threads", most_only=True),
    "break-even": Kind("Break-even in throughput, 1 thread a side", break_even("throughput")),
    "break-even-cpu": Kind("Break-even in CPU time, 1 thread a side", break_even("cpu")),
}


# Heads


def machine(data: Dataset, path: str) -> str:
    cpu, kernel = data.machines[path]
    return f"{cpu}, Linux {kernel}, {path}"


def length(data: Dataset, path: str) -> str:
    """'0.15 s a run', of the runs over a path."""
    seconds = sorted(r.data["seconds"] for r in data.on(path) if r.data.get("seconds"))
    if not seconds:
        return ""
    tenth = len(seconds) // 10
    first, last = (number(round(s, 2)) for s in (seconds[tenth], seconds[-1 - tenth]))
    return f"{first} s a run" if first == last else f"{first} to {last} s a run"


def head(made: Chart, kind: Kind, fixed: str, data: Dataset, path: str) -> None:
    """Adds the title, with threads, n and seconds; the machine in small; a watermark on single runs."""
    title = ", ".join(part for part in (kind.title, fixed) if part)
    made.drawing.suptitle(wrapped(made.drawing, title, 12), fontsize=11.5, weight="bold")
    parts = []
    if made.estimates:
        counts = sorted({e.count for e in made.estimates})
        parts.append(f"n = {counts[0]}" + (f" to {counts[-1]}" if len(counts) > 1 else ""))
    parts.append(length(data, path))
    parts = [machine(data, path), ", ".join(part for part in parts if part)]
    small = ", ".join(part for part in parts if part)
    if wrapped(made.drawing, small, 11.5) != small:
        small = "\n".join(wrapped(made.drawing, part, 11.5) for part in parts if part)
    made.axes.set_title(small, fontsize=9, weight="normal")
    if made.single:
        made.axes.text(0.5, 0.5, "single run", transform=made.axes.transAxes, ha="center", va="center",
                       fontsize=34, alpha=0.16, rotation=20, zorder=3)  # fmt: skip


def variants(kind: Kind, data: Dataset, path: str) -> list[int]:
    """The numbers of threads, or the sizes, that a kind is drawn for: the least and the most."""
    runs = data.on(path)
    found = sorted({run.threads if kind.along == "threads" else run.size for run in runs})
    if not kind.along:
        return [0]
    most = found[-1:]
    return most if kind.most_only or kind.along == "size" and len(found) == 1 else sorted({found[0], *most})


def draw(data: Dataset, path: str, directory: Path) -> list[Picture]:
    drawn: list[Picture] = []
    for name, kind in CHARTS.items():
        reasons, before = [], len(drawn)
        for value in variants(kind, data, path):
            fixed = plural(value, "thread") + " a side" if kind.along == "threads" else size_text(value)
            attributes = {"path": path} | ({kind.along: str(value)} if kind.along else {})
            file = file_name(f"{path}-{name}" + (f"-{value}" if kind.along else ""))
            try:
                made = kind.draw(data, path, value)
            except NoPicture as why:
                reasons.append(why.reason)
                continue
            head(made, kind, fixed if kind.along else "", data, path)
            title = kind.title + (f", {fixed}" if kind.along else "")
            svg = save(made.drawing, directory, file, made.tips)
            drawn.append(Picture(file, f"{title} ({path})", svg, attributes=attributes))
        if len(drawn) == before:
            drawn.append(Picture(file_name(f"{path}-{name}"), kind.title, "", reasons[0]))
    return drawn
