# SPDX-License-Identifier: GPL-2.0
"""
How pictures look and how they are saved. matplotlib draws each once, for the PNG, the SVG and the page,
without a browser or JavaScript.

Text in an SVG stays text. Its ink is `currentColor`, so that a page can turn it light on dark. Each point
has a title, which a browser shows under the pointer.
"""

from __future__ import annotations

import io
import re
import textwrap
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import matplotlib

import owned
from words import Remark

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.figure import Figure

INK = "#010203"  # replaced by the ink in an SVG; nothing else has this colour
PNG_SCALE = 2  # dots of the PNG over those of the page
STYLE = {
    "two_copy": {"color": "#0072b2", "marker": "o", "linestyle": "-"},
    "eight_sends": {"color": "#cc79a7", "marker": "s", "linestyle": "--"},
    "one_copy": {"color": "#009e73", "marker": "^", "linestyle": "-."},
    "zero_copy": {"color": "#d55e00", "marker": "D", "linestyle": ":"},
    "writev": {"color": "#4d4d4d", "marker": "v", "linestyle": "--"},
    "sendfile": {"color": "#17a2b8", "marker": "<", "linestyle": "-"},
    "sendfile_corked": {"color": "#6b8e23", "marker": ">", "linestyle": "-."},
    "splice": {"color": "#6a3d9a", "marker": "P", "linestyle": "--"},
    "uring_send": {"color": "#3b5998", "marker": "1", "linestyle": "-."},
    "uring_zc": {"color": "#e69f00", "marker": "2", "linestyle": "--"},
    "zero_copy+mapped": {"color": "#b8336a", "marker": "X", "linestyle": "-."},
    "splice+splice": {"color": "#a0522d", "marker": "*", "linestyle": "-"},
    "uring_send+uring": {"color": "#2f4f4f", "marker": "3", "linestyle": ":"},
}
OTHER = {"color": "#777777", "marker": "x", "linestyle": "-"}
# No transport has the colour of a site.
SITE_STYLE = {
    "user_memcpy": ("#d4a017", "//"),
    "send_copy": ("#7b68c8", ""),
    "deferred_copy": ("#d1305a", "xx"),
    "transmit_copy": ("#8c6d46", "--"),
    "receive_copy": ("#56b4e9", "||"),
}

plt.rcdefaults()  # so that a matplotlibrc in the current folder changes no picture
plt.rcParams.update(
    {
        "figure.figsize": (6.2, 4.2),
        "figure.dpi": 96,
        "font.size": 10.5,
        "font.family": ["DejaVu Sans"],
        "text.color": INK,
        "axes.titlecolor": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "grid.color": "#808080",
        "axes.titlesize": 10.5,
        "axes.titleweight": "bold",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
        "svg.hashsalt": "harness",
        "svg.fonttype": "none",
        "savefig.transparent": False,
        "hatch.linewidth": 0.6,
    }
)


class NoPicture(Exception):
    """A picture that cannot be drawn from these runs."""

    def __init__(self, reason: Remark) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Picture:
    name: str  # of its files, without the ending
    title: str
    svg: str  # for a page; empty when there is none
    why: Remark | None = None  # then
    wide: bool = False
    attributes: dict[str, str] = field(default_factory=dict)  # path, size, threads: what a page filters by


class Tips:
    """The titles that a browser shows, by the name of an artist in the SVG."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def add(self, artist: Artist, text: str) -> None:
        name = f"tip-{len(self.texts)}"
        artist.set_gid(name)
        self.texts[name] = text


def file_name(text: str) -> str:
    """A file name made from any text of a run: it is no folder, no URL and no attribute."""
    plain = re.sub(r"[^A-Za-z0-9,.=_-]", lambda c: f"_{ord(c[0]):x}_", text.replace(":", "-"))
    return f"_{plain}"[:200] if plain.startswith(".") else plain[:200]


def wrapped(drawing: Figure, text: str, size: float) -> str:
    """The text, wrapped to the width of the drawing."""
    return textwrap.fill(text, round(drawing.get_figwidth() * 72 / (0.6 * size)))


def save(drawing: Figure, directory: Path, name: str, tips: Tips | None = None) -> str:
    """Writes both files; returns the SVG for a page, with names of its own inside."""
    dots = io.BytesIO()
    drawing.savefig(dots, format="png", dpi=96 * PNG_SCALE, facecolor="white")
    owned.write(directory / f"{name}.png", dots.getvalue())
    text = io.StringIO()
    drawing.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(drawing)
    body = text.getvalue()
    svg = smaller(body[body.index("<svg") :])
    for gid, tip in (tips.texts if tips else {}).items():
        svg = svg.replace(f'<g id="{gid}">', f'<g class="tip"><title>{escape(tip)}</title>')
    paper = '<rect width="100%" height="100%" fill="white"/>'
    standalone = svg.replace(INK, "#222222").replace("<defs>", paper + "<defs>", 1)
    owned.write(directory / f"{name}.svg", standalone)
    kept = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in kept else "", svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\1{name}-", svg)
    return svg.replace(INK, "currentColor")


def smaller(svg: str) -> str:
    """The same picture in fewer bytes: rounds the numbers in tags, not those in words."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d+\.\d)\d+", r"\1", tag[0]), svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    svg = svg.replace("'DejaVu Sans'", "'DejaVu Sans', sans-serif")
    return svg.replace("; stroke-linejoin: miter", "").replace("; stroke-linecap: butt", "")
