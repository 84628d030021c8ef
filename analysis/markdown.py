# SPDX-License-Identifier: GPL-2.0
"""The blocks of a page as Markdown."""

from __future__ import annotations

from page import Block, Card, Filters, Heading, Items, Links, Page, Row, Table, Text


def markdown(page: Page) -> str:
    parts = [f"# {page.title}", *(markdown_block(block, page) for block in page.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def markdown_block(block: Block, page: Page) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {block.text}"
    if isinstance(block, Text):
        return f"**{block.strong}** {block.text}" if block.strong else block.text
    if isinstance(block, Items):
        return "\n".join(f"* {item}" for item in block.items)
    if isinstance(block, Card):
        facts = "\n".join(f"* {name}: {text}" for name, text in block.facts)
        return "\n\n".join([*(f"**{answer}**" for answer in block.answers), facts])
    if isinstance(block, Links):
        return "Beside this page: " + ", ".join(f"[{text}]({where})" for text, where in block.links)
    if isinstance(block, Filters):
        return "\n".join(f"* [{heading.text}](#{heading.name})" for heading in page.contents)
    if isinstance(block, Table):
        return markdown_table(block)
    return "\n\n".join(f"![{picture.title}]({picture.name}.png)" for picture in block.pictures)


def markdown_table(table: Table) -> str:
    rows: list[Row] = [[*table.head], ["---"] * len(table.head), *table.rows]
    lines = ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    text = "\n".join(lines)
    return f"{table.caption}\n\n{text}" if table.caption else text
