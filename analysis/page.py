# SPDX-License-Identifier: GPL-2.0
"""
A page as a list of blocks, and the same as HTML: one file, no network, complete without JavaScript.

The charts are matplotlib's SVG and the script is page.js: a charting library would draw nothing without
JavaScript, and the smallest ones cannot make the PNG for a slide.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Union

from figure import Picture


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    path: str = ""  # that it is about, where it is about one

    @property
    def name(self) -> str:
        return re.sub(r"\W+", "-", self.text.lower()).strip("-")


@dataclass(frozen=True)
class Text:
    text: str
    strong: str = ""  # first, in bold
    path: str = ""


@dataclass(frozen=True)
class Items:
    items: list[str]
    path: str = ""


@dataclass(frozen=True)
class Card:
    """The answer, and its source."""

    answers: list[str]
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class Links:
    """Files beside the page: their names and places."""

    links: list[tuple[str, str]]


@dataclass(frozen=True)
class Filters:
    """The filters of the page: an attribute, and the value and text of each choice."""

    choices: dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Cell:
    """A cell with a second line in small print, and a number to sort by."""

    text: str
    small: str = ""
    value: float | None = None

    def __str__(self) -> str:
        return f"{self.text} {self.small}".strip()


Row = list[Union[str, Cell]]


@dataclass(frozen=True)
class Table:
    head: list[str]
    rows: list[Row]
    cards: bool = False  # on a narrow screen each row is a card
    caption: str = ""
    attributes: list[dict[str, str]] = field(default_factory=list)  # of each row: what it is filtered by
    path: str = ""
    claims: bool = False  # filtered by verdict and report


@dataclass(frozen=True)
class Pictures:
    pictures: list[Picture]


Block = Union[Heading, Text, Items, Card, Links, Filters, Table, Pictures]


@dataclass
class Page:
    title: str
    blocks: list[Block] = field(default_factory=list)

    def add(self, *blocks: Block) -> None:
        self.blocks.extend(blocks)

    @property
    def contents(self) -> list[Heading]:
        return [b for b in self.blocks if isinstance(b, Heading) and b.level == 2]


STYLE = Path(__file__).with_name("page.css").read_text()
SCRIPT = Path(__file__).with_name("page.js").read_text()
MARKS = {
    "CONFIRMED": ("✓", "yes"),
    "REFUTED": ("✗", "no"),
    "UNDECIDED": ("≈", "open"),
    "NOT TESTABLE HERE": ("?", ""),
}


def html(page: Page) -> str:
    """
    The whole document. The empty icon keeps a browser from requesting one. The policy refuses all other
    requests, and any script but the page's own.
    """
    own = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    body = "\n".join(html_block(block, page) for block in page.blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"style-src 'unsafe-inline'; script-src 'sha256-{own}'; img-src data:\">\n"
        '<link rel="icon" href="data:,">\n'
        f"<title>{escape(page.title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{escape(page.title)}</h1>\n{body}\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def html_block(block: Block, page: Page) -> str:
    makers = {
        Heading: html_heading, Text: html_text, Items: html_items, Card: html_card, Links: html_links,
        Table: html_table, Pictures: html_pictures,
    }  # fmt: skip
    if isinstance(block, Filters):
        return html_filters(block, page)
    return makers[type(block)](block)  # type: ignore[operator]


def attribute(name: str, value: str) -> str:
    return f' data-{name}="{escape(value)}"' if value else ""


def html_heading(block: Heading) -> str:
    named = f' id="{block.name}"' if block.level == 2 else ""
    return f"<h{block.level}{named}{attribute('path', block.path)}>{escape(block.text)}</h{block.level}>"


def html_text(block: Text) -> str:
    strong = f"<strong>{escape(block.strong)}</strong> " if block.strong else ""
    return f"<p{attribute('path', block.path)}>{strong}{escape(block.text)}</p>"


def html_items(block: Items) -> str:
    items = "".join(f"<li>{escape(item)}</li>" for item in block.items)
    return f"<ul{attribute('path', block.path)}>{items}</ul>"


def html_card(block: Card) -> str:
    answers = "".join(f"<p>{escape(text)}</p>" for text in block.answers)
    facts = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in block.facts)
    return f'<section class="answer">{answers}<dl>{facts}</dl></section>'


def html_links(block: Links) -> str:
    links = " · ".join(f'<a href="{escape(where)}">{escape(text)}</a>' for text, where in block.links)
    return f"<p>Beside this page: {links}</p>"


def html_filters(block: Filters, page: Page) -> str:
    """The tools of the page and its contents."""
    selects = "".join(
        f'<label>{name} <select data-filter="{name}">{options(choices)}</select></label>'
        for name, choices in block.choices.items()
        if len(choices) > 1
    )
    theme = '<button id="theme" type="button">colours: auto</button>'
    contents = "".join(f'<li><a href="#{h.name}">{escape(h.text)}</a></li>' for h in page.contents)
    return f'<div class="tools" hidden>{selects}{theme}</div>\n<nav aria-label="Contents"><ul>{contents}</ul></nav>'


def options(choices: list[tuple[str, str]]) -> str:
    each = "".join(f'<option value="{escape(v)}">{escape(text)}</option>' for v, text in choices)
    return f'<option value="">all</option>{each}'


def html_pictures(block: Pictures) -> str:
    kind = "gallery wide" if any(picture.wide for picture in block.pictures) else "gallery"
    return f'<div class="{kind}">{chr(10).join(map(html_picture, block.pictures))}</div>'


def html_picture(picture: Picture) -> str:
    label = f'<svg role="img" aria-label="{escape(picture.title)}" data-name="{picture.name}" '
    given = "".join(attribute(name, value) for name, value in picture.attributes.items())
    files = " · ".join(f'<a href="{picture.name}.{kind}">{kind.upper()}</a>' for kind in ("svg", "png"))
    caption = f"<figcaption>{escape(picture.title)}: {files}</figcaption>"
    return f"<figure{given}>{picture.svg.replace('<svg ', label, 1)}{caption}</figure>"


def is_number(text: str) -> bool:
    """Also with a unit: 64 KiB."""
    return text == "n/a" or re.fullmatch(r"-?[\d.,]+( \w+)?", text) is not None


def html_table(table: Table) -> str:
    def cell_of(given: str | Cell) -> Cell:
        return given if isinstance(given, Cell) else Cell(given)

    numeric = [
        bool(table.rows) and all(is_number(cell_of(row[i]).text) for row in table.rows)
        for i in range(len(table.head))
    ]

    def cell(tag: str, i: int, given: str | Cell) -> str:
        made = cell_of(given)
        more = attribute("head", table.head[i]) if tag == "td" else ""
        more += f' data-value="{made.value:g}"' if made.value is not None else ""
        shown = escape(made.text).replace("_", "_<wbr>")
        if numeric[i]:
            shown = shown.replace(" ", "&nbsp;")  # 64 KiB
        if made.text in MARKS:
            mark, kind = MARKS[made.text]
            shown = f'<span class="v {kind}">{mark} {made.text}</span>'
        shown += f" <small>{escape(made.small)}</small>" if made.small else ""
        side = ' class="n"' if numeric[i] else ""
        return f"<{tag}{side}{more}>{shown}</{tag}>"

    def row(i: int, cells: Row) -> str:
        given = table.attributes[i] if table.attributes else {}
        named = "".join(attribute(name, value) for name, value in given.items())
        return f"<tr{named}>{''.join(cell('td', n, c) for n, c in enumerate(cells))}</tr>"

    head = "".join(cell("th", i, text) for i, text in enumerate(table.head))
    rows = "\n".join(row(i, cells) for i, cells in enumerate(table.rows))
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    kinds = "cards sorts" if table.cards else "sorts"
    before = claim_filters(table) if table.claims else ""
    return (
        f'{before}<table class="{kinds}"{attribute("path", table.path)}>{caption}<thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def claim_filters(table: Table) -> str:
    """The filters by verdict and report, for the values that occur."""
    selects = []
    for key in ("verdict", "report"):
        values = list(dict.fromkeys(row[key] for row in table.attributes))
        selects.append(f'<label>{key} <select id="{key}">{options([(v, v) for v in values])}</select></label>')
    return f'<div class="filters" hidden>{"".join(selects)}<span id="shown" role="status"></span></div>'
