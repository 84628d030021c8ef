# SPDX-License-Identifier: GPL-2.0
"""
The pictures of a report, each as PNG and SVG.

A picture is a function from the runs over one path to a figure, or the reason why there is none.
Lines differ by marker and dash and bars by hatch, beside colours that colour-blind people tell apart.
In the SVG the ink is `currentColor`, so that a page can turn it light on dark.
"""

from __future__ import annotations

import io
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from breakeven import pairs, ratios
from load import Dataset, Run
from quantities import Expression, Place
from sites import SITES, in_order
from wording import size_text

INK = "#010203"  # stands for the ink in an SVG; nothing else is drawn in it
STYLE = {
    "two_copy": {"color": "#0072b2", "marker": "o", "linestyle": "-"},
    "eight_sends": {"color": "#cc79a7", "marker": "s", "linestyle": "--"},
    "one_copy": {"color": "#009e73", "marker": "^", "linestyle": "-."},
    "zero_copy": {"color": "#d55e00", "marker": "D", "linestyle": ":"},
}
OTHER = {"color": "#777777", "marker": "x", "linestyle": "-"}
SITE_STYLE = {
    "user_memcpy": ("#56b4e9", "//"),
    "send_copy": ("#0072b2", ""),
    "deferred_copy": ("#d55e00", "xx"),
    "transmit_copy": ("#cc79a7", "oo"),
    "receive_copy": ("#009e73", ".."),
}

plt.rcParams.update(
    {
        "figure.figsize": (5.6, 3.9),
        "font.size": 10,
        "text.color": INK,
        "axes.titlecolor": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "grid.color": "#808080",
        "axes.titlesize": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
        "svg.hashsalt": "harness",
        "savefig.transparent": False,
        "hatch.linewidth": 0.6,
    }
)


class NoPicture(Exception):
    """Why a picture cannot be drawn from these runs."""


@dataclass(frozen=True)
class Picture:
    name: str  # of its files, without the ending
    title: str
    svg: str  # to stand in a page; empty when there is none
    why: str = ""  # then


def frame(data: Dataset, path: str, quantity: str) -> pd.DataFrame:
    """A quantity of every transport at every size and number of threads, with its interval."""
    runs = data.on(path)
    rows = []
    for transport, size, threads in sorted({(r.transport, r.size, r.threads) for r in runs}):
        value = Expression(quantity).at(data, Place(path, transport, size, threads)).estimate
        if value:
            rows.append((transport, size, threads, value.median, value.below, value.above))
    table = pd.DataFrame(rows, columns=["transport", "size", "threads", "median", "below", "above"])
    if table.empty:
        raise NoPicture(why_not(runs, quantity.removesuffix("_per_byte")))
    return table


def why_not(runs: list[Run], counter: str) -> str:
    """That a counter is missing and, where the harness said it, why."""
    reasons = {
        side["why"][counter]
        for run in runs
        for side in (run.data.get("counters") or {}).values()
        if isinstance(side, dict) and counter in (side.get("why") or {})
    }
    return "; ".join([f"{counter} was not counted in these runs", *sorted(reasons)])


def figure(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    drawing, axes = plt.subplots(layout="constrained")
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return drawing, axes


def size_axis(axes: Axes, sizes: list[int]) -> None:
    """Bytes on a logarithmic axis, with ticks at what was measured; not so many that they touch."""
    axes.set_xscale("log", base=2)
    shown: list[int] = []
    for size in sorted(sizes):
        if not shown or size >= 2 * shown[-1]:
            shown.append(size)
    axes.set_xticks(shown)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: size_text(round(value))))
    axes.xaxis.set_minor_locator(NullLocator())


def lines(table: pd.DataFrame, axes: Axes, by: str) -> None:
    names = in_order(set(table["transport"]))
    for i, transport in enumerate(names):
        rows = table[table["transport"] == transport].sort_values(by)
        style = STYLE.get(transport, OTHER)
        # A little to the side, so that one bar does not hide another.
        aside = i - (len(names) - 1) / 2
        at = rows[by] * 2 ** (0.07 * aside) if by == "size" else rows[by] + 0.07 * aside
        axes.errorbar(
            at, rows["median"], yerr=[rows["below"], rows["above"]], label=transport, capsize=3, ms=5, **style
        )
    axes.legend()


def against_size(data: Dataset, path: str, title: str, quantity: str, label: str) -> Figure:
    table = frame(data, path, quantity)
    few = table["threads"].min()
    table = table[table["threads"] == few]
    if table["size"].nunique() < 2:
        raise NoPicture("it takes runs of two sizes")
    drawing, axes = figure(title, "message size", label)
    lines(table, axes, "size")
    size_axis(axes, sorted(set(table["size"])))
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    return drawing


def against_threads(data: Dataset, path: str, title: str, quantity: str, label: str) -> Figure:
    table = frame(data, path, quantity)
    counts = table.groupby("size")["threads"].nunique()
    if counts.max() < 2:
        raise NoPicture("it takes runs with two numbers of threads")
    size = counts[counts == counts.max()].index.max()
    table = table[table["size"] == size]
    drawing, axes = figure(f"{title}, {size_text(size)}", "threads a side", label)
    lines(table, axes, "threads")
    axes.set_xticks(sorted(set(table["threads"])))
    axes.set_ylim(bottom=0)
    return drawing


def stacked_copies(data: Dataset, path: str, title: str) -> Figure:
    runs = [run for run in data.on(path) if "copies" in run.data.get("traced", [])]
    if not runs:
        raise NoPicture("copies were not traced")
    names = in_order({run.transport for run in runs})
    drawing, axes = figure(title, "", "CPU copies of each byte of payload")
    bottom = [0.0] * len(names)
    for site, (color, hatch) in SITE_STYLE.items():
        heights = [share(runs, name, site) for name in names]
        if max(heights) < 0.005:  # not to be seen; the table beside it has it
            continue
        axes.bar(
            names, heights, 0.6, bottom, color=color, hatch=hatch, edgecolor="white", label=site
        )
        for i, height in enumerate(heights):
            if height >= 0.15:
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.9}
                place = (i, bottom[i] + height / 2)
                axes.annotate(
                    f"{height:.2f}", place, ha="center", va="center", bbox=box, color="black"
                )
        bottom = [a + b for a, b in zip(bottom, heights)]
    axes.grid(axis="x", visible=False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3)
    return drawing


def share(runs: list, transport: str, site: str) -> float:
    """Bytes at a site per byte of payload, over all runs of a transport."""
    own = [run for run in runs if run.transport == transport]
    moved = sum(run.data["sites"].get(site, {}).get("bytes") or 0 for run in own)
    return moved / sum(run.data["payload_bytes"] for run in own)


def break_even(data: Dataset, path: str, title: str, metric: str) -> Figure:
    drawing, axes = figure(title, "message size", "times better than two_copy")
    every: set[int] = set()
    for a, b in pairs(data, path):
        if b != "two_copy":
            continue
        found = ratios(data, path, a, b, metric)
        if len(found) < 2:
            continue
        sizes = sorted(found)
        every |= set(sizes)
        style = STYLE.get(a, OTHER)
        means = [found[s].median for s in sizes]
        axes.plot(sizes, means, label=a, ms=5, **style)
        band = [s for s in sizes if found[s].low is not None]
        low, high = [found[s].low for s in band], [found[s].high for s in band]
        axes.fill_between(band, low, high, color=style["color"], alpha=0.15, linewidth=0)
    if not every:
        plt.close(drawing)
        raise NoPicture("it takes two_copy and another transport at two sizes")
    axes.axhline(1, color=INK, linewidth=1)
    size_axis(axes, sorted(every))
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
    axes.legend()
    return drawing


def context_switches(data: Dataset, path: str, title: str) -> Figure:
    table = frame(data, path, "switches")
    threads, size = table["threads"].max(), table["size"].max()
    table = table[(table["threads"] == threads) & (table["size"] == size)]
    names = in_order(set(table["transport"]))
    table = table.set_index("transport").loc[names]
    place = f"{title}, {size_text(size)}, {threads} thread{'s'[: threads > 1]} a side"
    drawing, axes = figure(place, "", "context switches a second")
    colors = [STYLE.get(name, OTHER)["color"] for name in names]
    axes.bar(names, table["median"], 0.6, yerr=[table["below"], table["above"]], color=colors, ecolor=INK, capsize=4)
    axes.set_ylim(bottom=0)
    axes.grid(axis="x", visible=False)
    return drawing


Draw = Callable[[Dataset, str, str], Figure]


def sized(quantity: str, label: str) -> Draw:
    return lambda data, path, title: against_size(data, path, title, quantity, label)


def threaded(quantity: str, label: str) -> Draw:
    return lambda data, path, title: against_threads(data, path, title, quantity, label)


def even(metric: str) -> Draw:
    return lambda data, path, title: break_even(data, path, title, metric)


# Name of the file, title, drawing; in the order of the page.
PICTURES: dict[str, tuple[str, Draw]] = {
    "copies": ("Copies per byte by site", stacked_copies),
    "throughput-size": ("Throughput against message size", sized("throughput", "Gbit/s")),
    "throughput-threads": ("Throughput against threads", threaded("throughput", "Gbit/s")),
    "latency-threads": ("Latency against threads", threaded("latency", "mean of a message, µs")),
    "cpu-size": ("CPU time per byte against message size", sized("cpu", "ns a byte, both sides")),
    "cycles-size": ("CPU cycles per byte", sized("cycles_per_byte", "cycles a byte")),
    "misses-size": ("Cache misses per byte", sized("cache_misses_per_byte", "misses a byte")),
    "l1-size": ("L1 data cache misses per byte", sized("l1d_load_misses_per_byte", "misses a byte")),
    "llc-size": ("LLC misses per byte", sized("llc_load_misses_per_byte", "misses a byte")),
    "switches": ("Context switches", context_switches),
    "break-even": ("Break-even in throughput", even("throughput")),
    "break-even-cpu": ("Break-even in CPU time", even("cpu")),
}


def machine(data: Dataset, path: str) -> str:
    cpu, kernel = data.machines[path]
    return f"{cpu}, Linux {kernel}, {path}"


def head(drawing: Figure, data: Dataset, path: str) -> None:
    """The machine over a picture, on as many lines as its name takes."""
    width, size = drawing.get_figwidth(), 8
    characters = round(width * 72 / (0.62 * size))
    drawing.suptitle(textwrap.fill(machine(data, path), characters), fontsize=size)


def save(drawing: Figure, directory: Path, name: str) -> str:
    """Writes both files; returns the SVG for a page, with names of its own inside."""
    drawing.savefig(directory / f"{name}.png", dpi=160)
    text = io.StringIO()
    drawing.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(drawing)
    body = text.getvalue()
    svg = body[body.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    paper = '<rect width="100%" height="100%" fill="white"/>'
    standalone = svg.replace(INK, "#222222").replace("<defs>", paper + "<defs>", 1)
    (directory / f"{name}.svg").write_text(standalone)
    svg = re.sub(r'(id="|href="#|url\(#)', rf"\1{name}-", svg)
    return svg.replace(INK, "currentColor")


def draw(data: Dataset, path: str, directory: Path) -> list[Picture]:
    drawn = []
    for name, (title, function) in PICTURES.items():
        file = f"{path}-{name}"
        try:
            drawing = function(data, path, title)
        except NoPicture as why:
            drawn.append(Picture(file, title, "", str(why)))
            continue
        head(drawing, data, path)
        drawn.append(Picture(file, title, save(drawing, directory, file)))
    return drawn
