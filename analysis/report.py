# SPDX-License-Identifier: GPL-2.0
"""harness report DIR: pictures, answers and a page from the results in DIR."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

NEEDED = {"matplotlib": "python3-matplotlib", "pandas": "python3-pandas"}
VALID, INVALID, USAGE, CANNOT = 0, 1, 2, 77

missing = [package for name, package in NEEDED.items() if not importlib.util.find_spec(name)]
if missing:
    packages = " ".join(missing)
    print(f"harness report: missing {packages}: sudo apt-get install {packages}", file=sys.stderr)
    sys.exit(CANNOT)

import answers
import copies
import dataflow
import plots
from breakeven import METRICS, crossing_text, crossings, split
from claims import VERDICTS, read_claims
from judge import Judgement, judge_all
from load import BadInput, Dataset, load
from page import Heading, Items, Page, Pictures, Table, Text, html, markdown
from plots import Picture
from sites import SITES, in_order
from wording import elsewhere, interval, number, size_text

CLAIMS = Path(__file__).with_name("claims.toml")
Drawn = dict[str, dict[str, Picture]]  # by path and name


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="harness report",
        description="Pictures (PNG, SVG) and a page (page.html, page.md) from results.",
        epilog="Exit status: 0 done; 1 done, but a run was invalid and is left out; 2 usage, or a "
        "file that cannot be used; 77 a package is missing.",
        allow_abbrev=False,
    )
    parser.add_argument("dir", metavar="DIR", type=Path, nargs="+",
                        help="what harness run --out or harness verify --keep wrote")  # fmt: skip
    parser.add_argument("--to", metavar="DIR", type=Path, help="where to; default DIR/report")
    parser.add_argument("--claims", metavar="FILE", type=Path, default=CLAIMS)
    return parser.parse_args(arguments)


def words(path: str) -> str:
    known = {"lo": "loopback (lo)", "veth": "veth pair", "nic": "two network cards (nic)"}
    return (known | {"netns": "namespaces given (netns)"}).get(path, path)


def copies_section(page: Page, data: Dataset, drawn: Drawn) -> None:
    page.add(Heading(2, "How many copies does each transport make here?"))
    for path in data.paths:
        by_name = copies.traced(data, path)
        page.add(Heading(3, f"Over the {words(path)}"))
        if not by_name:
            page.add(Text("Copies were not traced."))
            continue
        said = ", ".join(f"{name} {number(copies.copies(runs))}" for name, runs in by_name.items())
        page.add(Text(f"{said}.", "CPU copies of each byte:"))
        page.add(site_table(by_name), Pictures([drawn[path][f"{path}-copies"]]))


def site_table(by_name: dict) -> Table:
    found = {name: copies.ledger(runs) for name, runs in by_name.items()}
    rows = []
    for site in SITES:
        known = [
            any(r.data["sites"].get(site, {}).get("bytes") is not None for r in runs)
            for runs in by_name.values()
        ]
        cells = [
            f"{found[name].get(site, (0, 0.0))[1]:.3f}" if counted else "n/a"
            for name, counted in zip(by_name, known)
        ]
        if any(found[name].get(site) for name in by_name) or not all(known):
            rows.append([site, *cells])
    rows.append(["CPU copies", *(f"{copies.copies(runs):.3f}" for runs in by_name.values())])
    return Table(["site", *by_name], rows, caption="Bytes at each site per byte of payload")


def flow_section(page: Page, data: Dataset, drawn: Drawn) -> None:
    page.add(Heading(2, "Where, and by whom?"))
    for path in data.paths:
        flows = [p for name, p in drawn[path].items() if "-flow-" in name]
        page.add(Heading(3, f"Over the {words(path)}"))
        page.add(Items(copies.where_and_by_whom(data, path)), Pictures(flows, narrow=True))


def cost_section(page: Page, data: Dataset, drawn: Drawn) -> None:
    page.add(Heading(2, "What does each byte cost?"))
    if data.traced_only:
        page.add(Text("Every run was traced, so times and throughput include the probes' cost."))
    for path in data.paths:
        page.add(Heading(3, f"Over the {words(path)}"), cost_table(data, path))
        shown = [p for n, p in drawn[path].items() if "-flow-" not in n and n != f"{path}-copies"]
        page.add(Pictures([p for p in shown if p.svg]))
        even = even_table(data, path)
        if even.rows:
            page.add(even)
        page.add(*left_out([p for p in shown if p.why]))


def left_out(pictures: list[Picture]) -> list[Items]:
    """The pictures that could not be drawn, those of one reason together."""
    titles: dict[str, list[str]] = {}
    for picture in pictures:
        titles.setdefault(picture.why, []).append(picture.title)
    lines = [f"{'; '.join(names)}: left out, because {why}." for why, names in titles.items()]
    return [Items(lines)] if lines else []


def even_table(data: Dataset, path: str) -> Table:
    """Of each two transports, from which size one beats the other."""
    rows: dict[tuple[str, str], list[str]] = {}
    for row in crossings(data):
        if row.path == path:
            pair = min(row.transport, row.other), max(row.transport, row.other)
            rows.setdefault(pair, []).append(crossing_text(row))
    cells = [[f"{a}, {b}", *texts] for (a, b), texts in rows.items()]
    head = ["transports", *(name for name, _ in METRICS.values())]
    return Table(head, cells, cards=True, caption="From which size one beats the other")


def cost_table(data: Dataset, path: str) -> Table:
    names = in_order({run.transport for run in data.on(path)})
    rows = []
    for size in answers.sizes(data, path):
        cells = []
        for name in names:
            value = answers.at(data, path, f"{name}.cpu", size)
            cells.append(interval(value) if value else "n/a")
        rows.append([size_text(size), *cells])
    caption = "CPU time of both sides, nanoseconds a byte, one thread a side; n/a: no such run"
    return Table(["size", *names], rows, caption=caption)


def question_section(page: Page, data: Dataset) -> None:
    page.add(Heading(2, "The reports' questions"))
    for path in data.paths:
        page.add(Heading(3, f"Part A, over the {words(path)}"))
        page.add(Text("Where the copies happen, which component makes them, and which is gone:"))
        page.add(Items(copies.where_and_by_whom(data, path)))
        rows = split(data, path)
        if rows:
            page.add(
                Text(
                    "What one_copy (A2) saves against A1, in CPU time; below 0 it costs more:",
                    "Why A2 beats A1.",
                )
            )
            page.add(Items([answers.split_text(row) for row in rows]))
        page.add(Heading(3, f"Q1 to Q6, over the {words(path)}"))
        for name, question, answer in answers.QUESTIONS:
            page.add(Text(answer(data, path), f"{name}. {question}"))


def claim_section(page: Page, judgements: list[Judgement]) -> None:
    page.add(Heading(2, "The claims"))
    counts = {v: 0 for v in VERDICTS}
    rows = []
    for judgement in judgements:
        counts[judgement.verdict] += 1
        measured = "n/a" if judgement.measured is None else number(judgement.measured)
        rows.append(
            [
                judgement.claim.id,
                judgement.claim.says,
                judgement.path,
                judgement.verdict,
                measured,
                judgement.evidence,
                ". ".join([judgement.why, *(f"O{text[1:]}" for text in elsewhere(judgement))]),
            ]
        )
    page.add(Text(", ".join(f"{n} {v}" for v, n in counts.items()) + "."))
    head = ["claim", "says", "path", "verdict", "measured", "evidence", "why"]
    page.add(Table(head, rows, cards=True))


def method_section(page: Page, data: Dataset, drawn: Drawn) -> None:
    page.add(Heading(2, "How the numbers were got, and what could not be known"))
    known = data.environment
    keys = ("cpu", "cores", "kernel", "distribution", "clocksource", "preemption", "harness")
    page.add(Table(["", "this machine"], [[k, str(known[k])] for k in keys if known.get(k)]))
    tracing = sum(run.traced for run in data.runs)
    attached = sorted({p["attach"] for p in data.probes if p.get("status") == "attached"})
    ways = f" Probes were attached as {', '.join(attached)}." if attached else ""
    items = [
        f"{len(data.runs)} runs: {tracing} traced, which give the counts of bytes, calls and context "
        f"switches, and {len(data.runs) - tracing} not, which give times and throughput.{ways}",
        "Counts are exact, to the byte, and checked: what the calls returned is what the sites "
        "add up to, or the run is invalid. Retransmitted bytes are copied again and counted again.",
        "Intervals are 95% intervals of the median of the repeats, by order statistics, for ratios "
        "repeat by repeat. Fewer than six repeats have none.",
        "Shares of a site are over all traced runs of a transport on a path, all sizes together.",
    ]
    if data.traced_only:
        items.append(
            "There were no untraced runs, so times and throughput are those of traced ones."
        )
    items += [f"Left out: {line}" for line in data.invalid]
    missing_pictures = [
        Picture(p.name, f"{p.title} ({path})", "", p.why)
        for path, by in drawn.items()
        for p in by.values()
        if p.why
    ]
    items += [line for block in left_out(missing_pictures) for line in block.items]
    unseen = sorted(
        {
            s
            for run in data.runs
            if run.traced
            for s, v in run.data["sites"].items()
            if v["bytes"] is None
        }
    )
    if unseen:
        items.append(f"No probe counted, so not known rather than 0: {', '.join(unseen)}.")
    page.add(Items(items))


def build(data: Dataset, judgements: list[Judgement], directory: Path) -> Page:
    drawn: Drawn = {}
    for path in data.paths:
        pictures = plots.draw(data, path, directory) + dataflow.draw(data, path, directory)
        drawn[path] = {picture.name: picture for picture in pictures}
    page = Page("How often is each byte copied?")
    page.add(Text("; ".join(plots.machine(data, path) for path in data.paths) + "."))
    copies_section(page, data, drawn)
    flow_section(page, data, drawn)
    page.add(Heading(2, "What did zero-copy save?"))
    page.add(Items([f"{words(p)}: {copies.zero_copy_saved(data, p)}" for p in data.paths]))
    cost_section(page, data, drawn)
    question_section(page, data)
    claim_section(page, judgements)
    method_section(page, data, drawn)
    return page


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    first = options.dir[0]
    to = options.to or (first if first.is_dir() else first.parent) / "report"
    try:
        claims, _ = read_claims(options.claims)
        data = load(options.dir)
        to.mkdir(parents=True, exist_ok=True)
        page = build(data, judge_all(claims, data), to)
        (to / "page.html").write_text(html(page))
        (to / "page.md").write_text(markdown(page))
    except BadInput as error:
        print(f"harness report: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"harness report: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return INVALID
    for line in data.invalid:
        print(f"harness report: {line}", file=sys.stderr)
    print(to / "page.html")
    return INVALID if data.invalid else VALID


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
