# SPDX-License-Identifier: GPL-2.0
"""A page as a list of blocks, and the same as HTML (one file, no network) and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Union

from plots import Picture


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True)
class Text:
    text: str
    strong: str = ""  # said first, in bold


@dataclass(frozen=True)
class Items:
    items: list[str]


@dataclass(frozen=True)
class Table:
    head: list[str]
    rows: list[list[str]]
    cards: bool = False  # on a narrow screen each row is a card
    caption: str = ""


@dataclass(frozen=True)
class Pictures:
    pictures: list[Picture]
    narrow: bool = False


Block = Union[Heading, Text, Items, Table, Pictures]


@dataclass
class Page:
    title: str
    blocks: list[Block] = field(default_factory=list)

    def add(self, *blocks: Block) -> None:
        self.blocks.extend(blocks)


STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de;
  --card: #f6f8fa; --yes: #0a6b4d; --no: #a83c00; --link: #0b57a4 }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e4e8ec; --soft: #9aa4af;
  --line: #353c44; --card: #1d2228; --yes: #56c9a0; --no: #ff9a5c; --link: #7db8f5 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.2rem clamp(.9rem, 3vw, 2rem) 4rem; max-width: 76rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.7rem; line-height: 1.2; margin: .6rem 0 }
h2 { font-size: 1.3rem; margin: 2.6rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line) }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem }
p, ul { max-width: 68ch; margin: .5rem 0 } li { margin: .25rem 0 }
.gallery { display: grid; gap: 1rem; align-items: start; grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)) }
.gallery.narrow { grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)) }
figure { margin: 0; padding: .6rem; border: 1px solid var(--line); border-radius: .4rem; break-inside: avoid }
figure svg { display: block; width: 100%; height: auto; color: var(--ink) }
table { border-collapse: collapse; margin: .8rem 0; font-size: .88rem; width: 100% }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem }
th, td { text-align: left; vertical-align: top; overflow-wrap: break-word; padding: .35rem .5rem; border-bottom: 1px solid var(--line) }
th { font-weight: 600 } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.v { font-weight: 600; white-space: nowrap } .yes { color: var(--yes) } .no { color: var(--no) }
@media (max-width: 700px) { table { font-size: .78rem } th, td { padding: .3rem .25rem } }
@media (max-width: 1000px), print {
  table.cards, .cards tbody, .cards tr, .cards td { display: block }
  .cards thead { display: none }
  .cards tr { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .4rem .6rem }
  .cards td { border: 0; padding: .1rem 0 } .cards td.n { text-align: left }
  .cards td::before { content: attr(data-head) ": "; color: var(--soft) }
}
@media print { :root { color-scheme: light; --paper: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de;
  --yes: #0a6b4d; --no: #a83c00 } body { max-width: none; font-size: 11pt } h2, h3 { break-after: avoid }
  tr, table:not(.cards) { break-inside: avoid } .cards tbody { columns: 2 } .gallery { grid-template-columns: 1fr 1fr } }
"""
MARKS = {"CONFIRMED": ("✓", "yes"), "REFUTED": ("✗", "no"), "NOT TESTABLE HERE": ("?", "")}


# HTML


def html(page: Page) -> str:
    """
    The whole document. The empty icon keeps a browser from asking for one, and the policy has it
    refuse, aloud, whatever else would leave the page.
    """
    body = "\n".join(html_block(block) for block in page.blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; img-src data:\">\n"
        '<link rel="icon" href="data:,">\n'
        f"<title>{escape(page.title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{escape(page.title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def html_block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Text):
        strong = f"<strong>{escape(block.strong)}</strong> " if block.strong else ""
        return f"<p>{strong}{escape(block.text)}</p>"
    if isinstance(block, Items):
        return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
    if isinstance(block, Table):
        return html_table(block)
    kind = "gallery narrow" if block.narrow else "gallery"
    return f'<div class="{kind}">' + "\n".join(map(html_picture, block.pictures)) + "</div>"


def html_picture(picture: Picture) -> str:
    svg = picture.svg.replace(
        "<svg ",
        f'<svg role="img" aria-label="{escape(picture.title)}" data-name="{picture.name}" ',
        1,
    )
    return f"<figure>{svg}</figure>"


def is_number(text: str) -> bool:
    return text == "n/a" or text[:1].isdigit() or text[:2].lstrip("-")[:1].isdigit()


def html_table(table: Table) -> str:
    numeric = [
        bool(table.rows) and all(is_number(row[i]) for row in table.rows)
        for i in range(len(table.head))
    ]

    def cell(tag: str, i: int, text: str) -> str:
        head = f' data-head="{escape(table.head[i])}"' if tag == "td" else ""
        side = ' class="n"' if numeric[i] else ""
        shown = escape(text).replace("_", "_<wbr>")
        if text in MARKS:
            mark, kind = MARKS[text]
            shown = f'<span class="v {kind}">{mark} {text}</span>'
        return f"<{tag}{side}{head}>{shown}</{tag}>"

    head = "".join(cell("th", i, text) for i, text in enumerate(table.head))
    rows = "".join(
        "<tr>" + "".join(cell("td", i, text) for i, text in enumerate(row)) + "</tr>\n"
        for row in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    kind = ' class="cards"' if table.cards else ""
    return f"<table{kind}>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


# Markdown


def markdown(page: Page) -> str:
    parts = [f"# {page.title}"] + [markdown_block(block) for block in page.blocks]
    return "\n\n".join(parts) + "\n"


def markdown_block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {block.text}"
    if isinstance(block, Text):
        return f"**{block.strong}** {block.text}" if block.strong else block.text
    if isinstance(block, Items):
        return "\n".join(f"* {item}" for item in block.items)
    if isinstance(block, Table):
        rows = [block.head, ["---"] * len(block.head)] + block.rows
        text = "\n".join(
            "| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in rows
        )
        return f"{block.caption}\n\n{text}" if block.caption else text
    return "\n\n".join(
        f"![{picture.title}]({picture.name}.png)" for picture in block.pictures
    )
