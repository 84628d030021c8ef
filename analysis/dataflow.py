# SPDX-License-Identifier: GPL-2.0
"""
The way of a byte, drawn from the ledger: user memory to user memory, an arrow for each site, as wide as
its bytes. What was spared is dashed, what a device moves is dotted, and a copy made after all has the
colour of a warning.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Polygon

from copies import functions, ledger
from load import Dataset, Run
from plots import INK, Picture, head, save
from sites import SITES, in_order

COPY, SPARED, WARNING, DEVICE = "#0072b2", "#777777", "#d55e00", "#cc79a7"
WIDEST = 0.34  # an arrow of one byte per byte
CENTRE, TEXT = 0.82, 1.4
ROW = 1.1
AGAIN = "socket buffers, copied again"
REST = "not copied again"  # goes past that step
# A step of the way: where it leads, and the sites that may lead there.
STEPS = (
    ("one packed buffer", ("user_memcpy",)),
    ("socket buffers", ("send_copy", "send_pin", "send_splice")),
    (AGAIN, ("deferred_copy", "transmit_copy")),
    ("device", ("dma_out",)),
    ("receiver's socket buffers", ("dma_in",)),
    ("receiver's memory", ("receive_copy", "receive_map", "receive_splice")),
)


def steps(found: dict[str, tuple[int, float]]) -> list[tuple[str, list[str]]]:
    """The steps that bytes took: where each leads, and by which sites."""
    taken = [(to, [s for s in sites if s in found]) for to, sites in STEPS]
    return [(to, [REST] * (to == AGAIN and REST in found) + sites) for to, sites in taken if sites]


def rest(runs: list[Run], found: dict[str, tuple[int, float]]) -> dict[str, tuple[int, float]]:
    """What goes past the step of copying again, if some is and some is not."""
    again = sum(found[site][0] for site in dict(STEPS)[AGAIN] if site in found)
    payload = sum(run.data["payload_bytes"] for run in runs)
    left = payload - again
    return {REST: (left, left / payload)} if again and left > payload / 100 else {}


def box(axes: Axes, y: float, text: str) -> None:
    shape = FancyBboxPatch(
        (0.02, y - 0.17), 1.6, 0.34, "round,pad=0,rounding_size=0.08", fill=False, edgecolor=INK
    )
    axes.add_patch(shape)
    axes.text(CENTRE, y, text, ha="center", va="center", fontsize=7.5)


def colour(site: str) -> str:
    if site in ("deferred_copy", "transmit_copy"):
        return WARNING
    if site == REST:
        return SPARED
    if site.startswith("dma"):
        return DEVICE
    return COPY if SITES[site].cpu_copy else SPARED


def arrow(axes: Axes, x: float, top: float, bottom: float, site: str, share: float) -> None:
    half = max(WIDEST * min(share, 1.5), 0.02) / 2
    barb = half + 0.08
    neck = bottom + 0.14
    points = [
        (x - half, top), (x + half, top), (x + half, neck), (x + barb, neck),
        (x, bottom), (x - barb, neck), (x - half, neck),
    ]  # fmt: skip
    copied = site != REST and SITES[site].cpu_copy
    axes.add_patch(
        Polygon(
            points,
            facecolor=colour(site) if copied else "none",
            edgecolor=colour(site),
            linestyle="--" if colour(site) == SPARED else "-",
            hatch="..." if colour(site) == DEVICE else None,
            linewidth=1.3,
        )
    )
    if colour(site) == WARNING:  # told from a plain copy without colours, too
        axes.add_patch(
            Polygon(points, facecolor="none", edgecolor="white", hatch="//", linewidth=0)
        )


def label(axes: Axes, y: float, site: str, function: str, moved: int, share: float) -> None:
    """The site, how many times the payload it is, its function, cause and bytes."""
    lines = [*(line for line in function.split(", ") if line), f"{moved:,} bytes"]
    times = f"{share:.3g}" if share >= 0.001 else "<0.001"
    axes.text(TEXT, y + 0.2, f"{site} ×{times}", fontsize=8.5, weight="bold", va="center")
    axes.text(TEXT, y + 0.1, "\n".join(lines), fontsize=7.5, va="top", linespacing=1.25)


def diagram(data: Dataset, path: str, transport: str, runs: list[Run], rows: int) -> Figure:
    """With room for `rows` steps, so that those of a path are equally high."""
    found = ledger(runs)
    copies = sum(share for site, (_, share) in found.items() if SITES[site].cpu_copy)
    named = functions(runs) | {REST: ""}
    found |= rest(runs, found)
    height = ROW * rows + 0.45
    drawing, axes = plt.subplots(figsize=(3.5, height + 0.6), layout="constrained")
    y = 0.0
    box(axes, y, "eight fields")
    for to, sites in steps(found):
        bottom = y - ROW * max(1.0, len(sites) * 0.75)
        for i, site in enumerate(sites):
            aside = i - (len(sites) - 1) / 2
            arrow(axes, CENTRE + aside * 0.45, y - 0.2, bottom + 0.2, site, found[site][1])
            label(axes, (y + bottom) / 2 - aside * 0.65, site, named[site], *found[site])
        y = bottom
        box(axes, y, "socket buffers" if REST in sites else to)
    number = f"{copies:.3g} CPU {'copy' if f'{copies:.3g}' == '1' else 'copies'}"
    axes.set_title(f"{transport}: {number} of each byte", fontsize=9.5)
    axes.set_xlim(0, 3.4)
    axes.set_ylim(min(y, 0.22 - height) - 0.22, 0.22)
    axes.axis("off")
    head(drawing, data, path)
    return drawing


def draw(data: Dataset, path: str, directory: Path) -> list[Picture]:
    traced = [run for run in data.on(path) if "copies" in run.data.get("traced", [])]
    drawn = []
    rows = max((len(steps(ledger([run]))) for run in traced), default=0)
    for transport in in_order({run.transport for run in traced}):
        runs = [run for run in traced if run.transport == transport]
        name = f"{path}-flow-{transport}"
        svg = save(diagram(data, path, transport, runs, rows), directory, name)
        drawn.append(Picture(name, f"The way of a byte: {transport}", svg))
    return drawn
