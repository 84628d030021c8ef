# SPDX-License-Identifier: GPL-2.0
"""
A drawing of the path of a byte, from the ledger, for a slide. It leads from the sender's memory (left) to the
receiver's (right), through bands of user memory, kernel and device. Each site has an arrow as thick as its
bytes. The arrow is filled where the CPU copies, dashed where pages are only referenced, and dotted where a
device moves the bytes. It is hatched, in another colour, where referenced pages are copied after all.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrow, FancyBboxPatch, Polygon, Rectangle

from copies import cause, copies, ledger, main_cause, totals, traced
from figure import INK, Picture, Tips, file_name, save
from load import Dataset, Run
from plots import machine
from sites import SITES
from words import number, remark, size_text

COPY, SPARED, WARNING, DEVICE = "#2f6fb0", "#808080", "#d1305a", "#b0569a"
USER, KERNEL, WIRE = "#d9a441", "#5b8fd0", "#8a8a8a"  # of the bands
THICK = 1.5  # an arrow of one byte per byte, in units of the drawing
FIELDS = 8
TOP, MIDDLE, LOW = 4.1, 2.55, 1.0  # where the boxes stand
BOX, GAP = 1.7, 2.5
REST = "the rest"  # the bytes that bypass a copy after all
# causes of copies that are made before the device
AT_SENDER = ("device without zero-copy", "mixed owners in one segment", "transmit timestamp", "tun or tap device")
DEVICES = {"lo": "loopback", "veth": "veth pair", "nic": "network cards", "netns": "between namespaces"}


@dataclass(frozen=True)
class Stop:
    """A place of the bytes, and the sites that moved them there from the previous stop."""

    words: str
    band: str
    sites: tuple[str, ...] = ()
    eight: bool = False  # in eight pieces


FROM_FILE = {
    "sendfile": Stop("pages of a file", "page cache"),
    "sendfile_corked": Stop("a header,\npages of\na file", "memory, file"),
}


def stops(runs: list[Run], path: str) -> list[Stop]:
    """The path of a byte of these runs, from the sites that have bytes."""
    found = ledger(runs)
    has = lambda *names: tuple(name for name in names if name in found)
    early = main_cause(runs).get("cause") in AT_SENDER
    again = has("transmit_copy", *(["deferred_copy"] if early else []))
    buffers = "pages and\nnew buffers" if REST in with_rest(runs, found) else "new buffers"
    sender = runs[0].transport.partition("+")[0]
    made = [FROM_FILE.get(sender, Stop("eight fields", "user memory", eight=True))]
    if has("user_memcpy"):
        made.append(Stop("one packed buffer", "user memory", ("user_memcpy",)))
    pinned = has("send_pin", "send_splice")
    queue = "references\nto pages" if pinned and not has("send_copy") else "socket buffers"
    made.append(Stop(queue, "kernel", has("send_copy", "send_pin", "send_splice")))
    if again:
        made.append(Stop(buffers, "kernel", again))
    made.append(Stop(DEVICES.get(path, path), "device", has("dma_out")))
    late = bool(has("deferred_copy")) and not early
    made.append(Stop("packets as\nthey arrive" if late else "receive queue", "kernel", has("dma_in")))
    if late:
        made.append(Stop(buffers, "kernel", ("deferred_copy",)))
    made.append(Stop("receiver's buffer", "user memory", has("receive_copy", "receive_map", "receive_splice")))
    return made


def with_rest(runs: list[Run], found: dict[str, tuple[int, float]]) -> dict[str, tuple[int, float]]:
    """Adds the bytes that bypass a copy after all, where only a part is copied."""
    payload = sum(run.data["payload_bytes"] for run in runs)
    again = sum(found[site][0] for site in ("deferred_copy", "transmit_copy") if site in found)
    left = payload - again
    return found | ({REST: (left, left / payload)} if again and left > payload / 50 else {})


def colour(site: str) -> str:
    if site == REST:
        return SPARED
    if site in ("deferred_copy", "transmit_copy"):
        return WARNING
    if site.startswith("dma"):
        return DEVICE
    return COPY if SITES[site].cpu_copy else SPARED


def arrow(axes: Axes, left: float, right: float, y: float, thick: float, site: str) -> Polygon:
    """The shaft is `thick`; the look shows the kind of move."""
    copied = site != REST and SITES[site].cpu_copy
    made = FancyArrow(
        left, y, right - left, 0, width=thick, head_width=thick + 0.16 * min(1, thick * 4),
        head_length=min(0.28, (right - left) / 3), length_includes_head=True,
        facecolor=colour(site) if copied else "none", edgecolor=colour(site), linewidth=1.2,
        linestyle="--" if colour(site) == SPARED else ":" if colour(site) == DEVICE else "-",
    )  # fmt: skip
    axes.add_patch(made)
    if colour(site) == WARNING:  # differs from a plain copy without colours, too
        hatched = Polygon(made.get_xy(), facecolor="none", edgecolor="white", hatch="///", linewidth=0)
        axes.add_patch(hatched)
    return made


def moved_by(site: str, found: dict[str, tuple[int, float]]) -> tuple[str, str]:
    """The texts above and below an arrow."""
    moved, share = found[site]
    if site == REST:
        return f"{REST} × {share_text(share)}", f"{moved:,} B"
    kind = "copied by the CPU" if SITES[site].cpu_copy else "by DMA" if site.startswith("dma") else "referenced"
    if colour(site) == WARNING:
        kind = "copied after all"
    return f"{site} × {share_text(share)}", f"{kind}\n{SITES[site].function.split(', ')[0]}\n{moved:,} B"


def share_text(share: float) -> str:
    return f"{share:.3g}" if share >= 0.001 else "<0.001"


def boxes(axes: Axes, stop: Stop, x: float) -> None:
    if stop.eight:
        for i in range(FIELDS):
            axes.add_patch(Rectangle((x + 0.25, field_y(i) - 0.13), BOX - 0.5, 0.26, fill=False, edgecolor=INK))
        axes.text(x + BOX / 2, TOP + 0.12, stop.words, ha="center", va="bottom", fontsize=11)
        return
    axes.add_patch(
        FancyBboxPatch((x, MIDDLE - 0.85), BOX, 1.7, "round,pad=0,rounding_size=0.12", fill=False, edgecolor=INK)
    )
    axes.text(x + BOX / 2, MIDDLE, textwrap.fill(stop.words, 12) if "\n" not in stop.words else stop.words,
              ha="center", va="center", fontsize=10)  # fmt: skip


def field_y(i: int) -> float:
    return LOW + (i + 0.5) * (TOP - LOW) / FIELDS


def bands(axes: Axes, path: list[Stop], xs: list[float]) -> None:
    """A band behind neighbours that are in the same place."""
    shades = {"user memory": USER, "kernel": KERNEL, "device": WIRE}
    start = 0
    for i in range(1, len(path) + 1):
        if i < len(path) and path[i].band == path[start].band:
            continue
        left, right = xs[start] - 0.12, xs[i - 1] + BOX + 0.12
        shade = shades.get(path[start].band, shades["kernel"])
        axes.add_patch(Rectangle((left, 0.15), right - left, 4.75, facecolor=shade, alpha=0.17, linewidth=0))
        axes.text((left + right) / 2, 4.62, path[start].band, ha="center", fontsize=11, weight="bold")
        start = i


def between(axes: Axes, tips: Tips, before: Stop, stop: Stop, x: float, found: dict) -> None:
    """The arrows from one stop to the next, or a thin line where nothing moves."""
    left, right = x - GAP + 0.08, x - 0.08
    middle = (left + right) / 2
    if not stop.sites:
        axes.annotate("", (right, MIDDLE), (left, MIDDLE), arrowprops={"arrowstyle": "->", "color": SPARED})
        axes.text(middle, MIDDLE + 0.12, "handed on", ha="center", va="bottom", fontsize=9.5)
        return
    sites = stop.sites
    if REST in found and colour(sites[0]) == WARNING:
        sites = (*sites, REST)
    for n, site in enumerate(sites):
        y = MIDDLE + ((len(sites) - 1) / 2 - n) * 1.9
        thick = max(THICK * min(found[site][1], 1.5) / (1.5 if len(sites) > 1 else 1), 0.05)
        over, below = moved_by(site, found)
        pieces = [field_y(i) for i in range(FIELDS)] if before.eight and len(sites) == 1 else [y]
        for at in pieces:
            from_field = left - 0.22 if before.eight else left
            made = arrow(axes, from_field, right, at, thick / len(pieces), site)
            tips.add(made, f"{site}: {number(found[site][1])} a byte, {found[site][0]:,} bytes")
        top = max(pieces) + thick / len(pieces) / 2 + 0.14
        axes.text(middle, top, over, ha="center", va="bottom", fontsize=10.5, weight="bold")
        bottom = min(pieces) - thick / len(pieces) / 2 - 0.12
        axes.text(middle, bottom, below, ha="center", va="top", fontsize=8.5, linespacing=1.2)


def diagram(data: Dataset, path: str, transport: str, runs: list[Run]) -> tuple[Figure, Tips]:
    found, route, tips = with_rest(runs, ledger(runs)), stops(runs, path), Tips()
    xs = [i * (BOX + GAP) for i in range(len(route))]
    width = xs[-1] + BOX + 0.3
    drawing, axes = plt.subplots(figsize=(max(width * 0.6, 9.2), 4.6), layout="constrained")
    bands(axes, route, xs)
    for i, stop in enumerate(route):
        boxes(axes, stop, xs[i])
        if i:
            between(axes, tips, route[i - 1], stop, xs[i], found)
    axes.set_xlim(-0.2, width - 0.1)
    axes.axis("off")
    title = remark("flow", transport=transport, path=path, copies=totals(runs))
    drawing.suptitle(str(title), fontsize=14, weight="bold")
    sizes = sorted({run.size for run in runs})
    span = size_text(sizes[0]) if len(sizes) == 1 else f"{size_text(sizes[0])} to {size_text(sizes[-1])}"
    axes.set_title(f"{machine(data, path)}; messages of {span}; {sum(r.data['payload_bytes'] for r in runs):,} bytes",
                   fontsize=9, weight="normal")  # fmt: skip
    by = cause(runs) if "deferred_copy" in found else None
    why = str(remark("copied_after_all", cause=by)) if by else ""
    axes.set_ylim(-0.5 if why else 0.1, 5.0)
    axes.text(width / 2, -0.05, textwrap.fill(why, 120), ha="center", va="top", fontsize=11)
    return drawing, tips


def draw(data: Dataset, path: str, directory: Path) -> list[Picture]:
    drawn = []
    for transport, runs in traced(data, path).items():
        name = file_name(f"{path}-flow-{transport}")
        drawing, tips = diagram(data, path, transport, runs)
        svg = save(drawing, directory, name, tips)
        title = f"The path of a byte: {transport} ({path}), CPU copies: {number(copies(runs))}"
        drawn.append(Picture(name, title, svg, wide=True, attributes={"path": path}))
    return drawn
