# SPDX-License-Identifier: GPL-2.0
"""harness report DIR: pictures, answers and a page from the results in DIR."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import private
from arguments import Parser, run

VALID, INVALID, USAGE, CANNOT = 0, 1, 2, 77

CLAIMS = Path(__file__).with_name("claims.toml")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="harness report",
        description="Pictures (PNG, SVG) and a page (page.html, page.md) from results.",
        epilog="Exit status: 0 done; 1 done, but a run was invalid and is left out; 2 usage, or a "
        "file that cannot be used; 77 a package is missing.",
    )
    parser.add_argument("dir", metavar="DIR", type=Path, nargs="+",
                        help="what harness run --out or harness verify --keep wrote")  # fmt: skip
    parser.add_argument("--to", metavar="DIR", type=Path,
                        help="folder for the page and the pictures; default DIR/report")  # fmt: skip
    parser.add_argument("--claims", metavar="FILE", type=Path, default=CLAIMS,
                        help="claims to judge; default those of the five reports")  # fmt: skip
    return parser.parse_args(arguments)


logging.getLogger("matplotlib").setLevel(logging.ERROR)  # that a list of fonts takes a moment

try:
    with private.home():
        import matplotlib.pyplot  # noqa: F401
except ImportError as error:
    parse(sys.argv[1:])  # --help and a wrong option are answered without it
    remedy = "sudo apt-get install python3-matplotlib"
    print(f"harness report: matplotlib: {str(error).splitlines()[0]}; {remedy}", file=sys.stderr)
    sys.exit(CANNOT)
except OSError as error:  # no folder for temporary files
    print(f"harness report: {error.strerror}", file=sys.stderr)
    sys.exit(CANNOT)

import dataflow
import owned
import plots
import sections
from claims import read_claims
from judge import Judgement, judge_all
from load import Dataset, load
from markdown import markdown
from page import Page, html
from reading import BadInput


def build(data: Dataset, judgements: list[Judgement], to: Path) -> Page:
    drawn: sections.Drawn = {
        path: plots.draw(data, path, to) + dataflow.draw(data, path, to) for path in data.paths
    }
    page = Page("How often is each byte copied?")
    sections.top(page, data, to)
    sections.copies_section(page, data, drawn)
    sections.flow_section(page, data, drawn)
    sections.saved_section(page, data)
    sections.cost_section(page, data, drawn)
    sections.question_section(page, data)
    sections.claim_section(page, judgements)
    sections.method_section(page, data, judgements)
    return page


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    first = options.dir[0]
    to = options.to or (first if first.is_dir() else first.parent) / "report"
    try:
        claims, _ = read_claims(options.claims)
        data = load(options.dir)
        owned.make_folder(to)
        page = build(data, judge_all(claims, data), to)
        owned.write(to / "page.html", html(page))
        owned.write(to / "page.md", markdown(page))
    except BadInput as error:
        print(f"harness report: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"harness report: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return INVALID
    for line in data.complaints:
        print(f"harness report: {line}", file=sys.stderr)
    print(to / "page.html")
    return INVALID if data.complaints else VALID


if __name__ == "__main__":
    run("report", main)
