# SPDX-License-Identifier: GPL-2.0
"""The sections of a report, each from the runs to blocks of a page."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import answers
import copies
import plots
from breakeven import METRICS, comparisons, confidence_of_each, pairs, split, sweep
from claims import VERDICTS
from figure import Picture
from judge import Judgement
from load import Dataset, Run
from page import Card, Cell, Filters, Heading, Items, Links, Page, Pictures, Row, Table, Text
from proofs import by_site
from quantities import Expression, Place
from reasons import elsewhere
from sites import SITES, in_order
from stats import CONFIDENCE, Estimate
from words import Remark, many, number, plural, remark, sentence, size_text

Drawn = dict[str, list[Picture]]  # by path
SHOWN = 3  # commands; verify makes a dozen


def path_name(path: str) -> str:
    known = {"lo": "loopback (lo)", "veth": "veth pair", "nic": "two network cards (nic)"}
    return (known | {"netns": "namespaces given (netns)"}).get(path, path)


def head(code: str, **values: str) -> str:
    return str(remark(f"head_{code}", **values))


# The top


def top(page: Page, data: Dataset, to: Path) -> None:
    """The answer, its source, the files beside it, and the filters of the page."""
    heads = [f"{path_name(path).capitalize()}: {sentence(copies.headline(data, path))}." for path in data.paths]
    page.add(Card(heads, facts(data)), Links(data_links(data, to)))
    sizes = sorted({run.size for run in data.runs})
    threads = sorted({run.threads for run in data.runs})
    page.add(
        Filters(
            {
                "path": [(path, path_name(path)) for path in data.paths],
                "size": [(str(size), size_text(size)) for size in sizes],
                "threads": [(str(n), plural(n, "thread")) for n in threads],
            }
        )
    )


def facts(data: Dataset) -> list[tuple[str, str]]:
    sizes = [size_text(size) for size in sorted({run.size for run in data.runs})]
    threads = [str(n) for n in sorted({run.threads for run in data.runs})]
    commands = list(dict.fromkeys(data.commands)) or ["not recorded"]
    rest = [f"and {plural(len(commands) - SHOWN, 'other')}"] if len(commands) > SHOWN else []
    machines: dict[str, list[str]] = {}
    for path in data.paths:
        cpu, kernel = data.machines[path]
        cores = data.cores(path)
        had = plural(cores, "processor") if cores else "processors not recorded"
        machines.setdefault(f"{cpu}, {had}, Linux {kernel}", []).append(path)
    found = [("machine" if i == 0 else "and", f"{text} ({', '.join(paths)})")
             for i, (text, paths) in enumerate(machines.items())]  # fmt: skip
    return found + [
        ("path", ", ".join(path_name(path) for path in data.paths)),
        ("date", dates(data.runs)),
        ("command", "; ".join(commands[:SHOWN] + rest)),
        ("run", ", ".join(dict.fromkeys(plots.length(data, path) for path in data.paths)) or "not recorded"),
        ("repeats", repeats(data)),
        ("grid", f"messages of {many(sizes)}; {many(threads)} thread{'s'[: threads != ['1']]} a side"),
        ("harness", str(data.environment.get("harness") or "not recorded")),
    ]


def dates(runs: list[Run]) -> str:
    started = sorted(r.data["started_unix_us"] for r in runs if r.data.get("started_unix_us"))
    if not started:
        return "not recorded"
    ends = [datetime.fromtimestamp(us / 1e6, timezone.utc) for us in (started[0], started[-1])]
    texts = [f"{end:%Y-%m-%d %H:%M}" for end in ends]
    return f"{texts[0]} UTC" if texts[0] == texts[1] else f"{texts[0]} to {texts[1]} UTC"


def repeats(data: Dataset) -> str:
    """How often a combination was run, for its bytes and for its times."""
    texts = []
    for traced, what in ((False, "without probes, for times"), (True, "traced, for bytes")):
        found: dict[tuple, int] = {}
        for run in data.runs:
            if run.traced == traced:
                key = run.path, run.transport, run.size, run.threads
                found[key] = found.get(key, 0) + 1
        counts = sorted(set(found.values()))
        if counts:
            span = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
            texts.append(f"{span} {what}")
    return "; ".join(texts)


def data_links(data: Dataset, to: Path) -> list[tuple[str, str]]:
    """The files of the runs, relative to the page; with their folders if there are several."""
    several = len({path.parent for path in data.files}) > 1
    found = [
        (f"{path.parent.name}/{path.name}" if several else path.name, os.path.relpath(path.resolve(), to.resolve()))
        for path in data.files
    ]
    return found + [("this page as Markdown", "page.md")]


# Copies


def copies_section(page: Page, data: Dataset, drawn: Drawn) -> None:
    page.add(Heading(2, head("copies")))
    for path in data.paths:
        by_name = copies.traced(data, path)
        page.add(Heading(3, head("over", path=path_name(path)), path))
        if not by_name:
            page.add(Text(sentence(copies.headline(data, path)), path=path))
            continue
        shown = [remark("copies_of", transport=name, copies=copies.totals(runs)) for name, runs in by_name.items()]
        page.add(Text(f"{sentence(shown)}.", str(remark("copies_lead")), path), site_table(path, by_name))
        page.add(Pictures([p for p in drawn[path] if p.name == f"{path}-copies" and p.svg]))


def site_table(path: str, by_name: dict[str, list[Run]]) -> Table:
    found = {name: copies.ledger(runs) for name, runs in by_name.items()}
    rows: list[Row] = []
    for site in SITES:
        cells: Row = []
        for name, runs in by_name.items():
            moved, share = found[name].get(site, (0, 0.0))
            known = any(r.data["sites"].get(site, {}).get("bytes") is not None for r in runs)
            cells.append(Cell(f"{share:.3f}", f"{moved:,} B", share) if known else "n/a")
        if any(found[name].get(site) for name in by_name) or "n/a" in cells:
            rows.append([site, *cells])
    rows.append(["CPU copies", *(f"{copies.copies(runs):.3f}" for runs in by_name.values())])
    return Table(["site", *by_name], rows, caption=str(remark("table_sites")), path=path)


def flow_section(page: Page, data: Dataset, drawn: Drawn) -> None:
    page.add(Heading(2, head("where")))
    for path in data.paths:
        page.add(Heading(3, head("over", path=path_name(path)), path))
        page.add(Items([str(found) for found in copies.where_and_by_whom(data, path)], path))
        page.add(Pictures([p for p in drawn[path] if "-flow-" in p.name]))


def saved_section(page: Page, data: Dataset) -> None:
    page.add(Heading(2, head("saved")))
    for path in data.paths:
        page.add(Text(str(copies.zero_copy_saved(data, path)), f"{path_name(path).capitalize()}:", path))


# Cost

COSTS = ("throughput", "latency", "cpu")


def cost_section(page: Page, data: Dataset, drawn: Drawn) -> None:
    page.add(Heading(2, head("cost")))
    if data.traced_only:
        page.add(Text(str(remark("cost_traced"))))
    for path in data.paths:
        page.add(Heading(3, head("over", path=path_name(path)), path))
        charts = [p for p in drawn[path] if "-flow-" not in p.name and p.name != f"{path}-copies"]
        page.add(Pictures([p for p in charts if p.svg]))
        for quantity in COSTS:
            page.add(cost_table(data, path, quantity))
        even = even_table(data, path)
        if even.rows:
            page.add(even)
        page.add(*left_out(path, [p for p in charts if p.why]))


def cost_table(data: Dataset, path: str, quantity: str) -> Table:
    names = in_order({run.transport for run in data.on(path)})
    expression = Expression(quantity)
    rows: list[Row] = []
    given = []
    for size, threads in sorted({(run.size, run.threads) for run in data.on(path)}):
        values = [expression.at(data, Place(path, name, size, threads)).estimate for name in names]
        first = [Cell(size_text(size), value=size), Cell(str(threads), value=threads)]
        rows.append([*first, *(cell(value) for value in values)])
        given.append({"path": path, "size": str(size), "threads": str(threads)})
    caption = str(remark("table_cost", quantity=remark(f"cost_{quantity}")))
    return Table(["size", "threads", *names], rows, caption=caption, attributes=given, path=path)


def cell(value: Estimate | None) -> Cell:
    if value is None:
        return Cell("n/a")
    small = f"n = {value.count}"
    if value.low is not None and value.high is not None:
        small = f"{number(value.low)} to {number(value.high)}"
    return Cell(number(value.median), small, value.median)


def even_table(data: Dataset, path: str) -> Table:
    """For each two transports, which one is faster at which size."""
    rows: list[Row] = []
    for a, b in pairs(data, path):
        texts = [sentence(sweep(data, path, a, b, metric)) for metric in METRICS]
        if any(texts):
            rows.append([f"{a}, {b}", *(text or "n/a" for text in texts)])
    columns = ["transports", *(name for name, _ in METRICS.values())]
    caption = str(remark("table_even", comparisons=comparisons(data)))
    return Table(columns, rows, cards=True, caption=caption, path=path)


def left_out(path: str, pictures: list[Picture]) -> list[Items]:
    """The pictures that could not be drawn, grouped by reason, and what replaces them."""
    reasons: dict[str, list[Picture]] = {}
    for picture in pictures:
        reasons.setdefault(str(picture.why), []).append(picture)
    lines = [
        remark("left_out", titles=[p.title for p in alike], why=alike[0].why, stand_in=is_counter(alike[0].why))
        for alike in reasons.values()
    ]
    return [Items([str(line) for line in lines], path)] if lines else []


def is_counter(why: Remark | None) -> bool:
    return why is not None and why.code == "counter_missing"


# Questions and claims


def question_section(page: Page, data: Dataset) -> None:
    page.add(Heading(2, head("questions")))
    for path in data.paths:
        page.add(Heading(3, head("part_a", path=path_name(path)), path))
        names = copies.traced(data, path)
        page.add(Items([f"{name}: {copies.really(data, path, name)}" for name in names], path))
        rows = split(data, path)
        if rows:
            page.add(Text(str(remark("split")), str(remark("split_lead")), path))
            page.add(Items([str(answers.saved(row)) for row in rows], path))
        page.add(Heading(3, head("questions_over", path=path_name(path)), path))
        for name, question, answer in answers.QUESTIONS:
            page.add(Text(sentence(answer(data, path), " "), f"{name}. {question}", path))


def claim_section(page: Page, judgements: list[Judgement]) -> None:
    page.add(Heading(2, head("claims")))
    rows: list[Row] = []
    given = []
    for j in judgements:
        others = [str(found) for found in elsewhere(j)]
        why = ". ".join([j.why, *(text[0].upper() + text[1:] for text in others)])
        measured = Cell("n/a") if j.measured is None else Cell(number(j.measured), value=j.measured)
        rows.append([j.claim.id, j.claim.says, j.path, j.verdict, measured, j.evidence, why])
        given.append({"verdict": j.verdict, "report": j.claim.report})
    counts = [f"{sum(j.verdict == v for j in judgements)} {v}" for v in VERDICTS]
    page.add(Text(f"{', '.join(counts)}."))
    columns = ["claim", "says", "path", "verdict", "measured", "evidence", "why"]
    page.add(Table(columns, rows, cards=True, attributes=given, claims=True))


# Method


def method_section(page: Page, data: Dataset, judgements: list[Judgement]) -> None:
    page.add(Heading(2, head("method")))
    known = data.environment
    keys = ("cpu", "cores", "kernel", "distribution", "clocksource", "preemption", "governor", "harness")
    page.add(Table(["", "this machine"], [[k, str(known[k])] for k in keys if known.get(k)]))
    tracing = sum(run.traced for run in data.runs)
    attached = sorted({p["attach"] for p in data.probes if p.get("status") == "attached"})
    confidences = judgements[0].confidence if judgements else CONFIDENCE, confidence_of_each(data)
    claims, sizes = (f"{100 * confidence:.3f}%" for confidence in confidences)
    items = [
        remark("runs", runs=len(data.runs), traced=tracing, plain=len(data.runs) - tracing, by=attached or None),
        remark("counts"),
        remark("measurements"),
        remark("family", claims=claims, sizes=sizes),
        remark("shares"),
    ]
    items += [remark("runs_traced")] if data.traced_only else []
    items += [remark("run_left_out", run=line) for line in data.invalid]
    page.add(Items([str(item) for item in items + unknown_sites(data)]))
    if data.proofs:
        page.add(proof_table(data))


def proof_table(data: Dataset) -> Table:
    rows: list[Row] = []
    for proof in by_site(data.proofs):
        counts = [Cell("n/a") if n is None else Cell(f"{n:,}", value=n) for n in (proof.counted, proof.effect)]
        rows.append([proof.path, proof.site, *counts, str(proof.found)])
    caption = str(remark("table_proofs"))
    return Table(["path", "site", "counted", "by effect", "found"], rows, cards=True, caption=caption)


def unknown_sites(data: Dataset) -> list[Remark]:
    """For each site without a number in a traced run, the reason."""
    runs = [run for run in data.runs if "copies" in run.data.get("traced", [])]
    sites = {s for run in runs for s, v in run.data["sites"].items() if v.get("bytes") is None}
    reasons: dict[str, list[str]] = {}
    for site in sorted(sites, key=list(SITES).index):
        probes = [p for p in data.probes if p.get("site") == site]
        whys = sorted({p["why"] for p in probes if p.get("why")})
        reasons.setdefault("; ".join(whys), []).append(site)
    return [
        remark("site_unknown", sites=names, why=why) if why else remark("site_unused", sites=names)
        for why, names in reasons.items()
    ]
