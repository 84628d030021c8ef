# SPDX-License-Identifier: GPL-2.0
"""What tests/bench/bench.sh measured: medians with their budgets, compared with an earlier run."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Iterator

from stats import median_interval

SCHEMA = "harness.bench/2"
OK, WORSE, USAGE = 0, 1, 2
# A number that changed by less than this is no regression, whatever its spread.
TOLERANCE = 0.05
KEPT = {64: 0.80, 4096: 0.88, 65536: 0.95}  # of the untraced throughput, by bytes of a message
OF_BPFTRACE = 1 / 3
START_MS = 200
GROWTH = 1.02  # of memory, by a thousand times the messages
ADDED = "added by "
MARKS = {"missed": "-", "undecided": "?", "not measured": "n/a"}

Sample = dict[str, Any]
Where = tuple[str, str, int]  # place, transport, bytes of a message; empty or 0 where there is none


@dataclass
class Row:
    """One number of the bench; `low` and `high` are the median's 95% interval, or its range."""

    part: str
    what: str
    where: Where
    unit: str = "ratio"
    values: list[float] = field(default_factory=list)
    over: list[float] | None = None  # the divisor of `values`, where noise may be as large as the divisor
    lost: list[str] = field(default_factory=list)
    median: float | None = field(default=None, init=False)
    low: float | None = field(default=None, init=False)
    high: float | None = field(default=None, init=False)
    before: float | None = field(default=None, init=False)
    regressed: bool = field(default=False, init=False)

    def finish(self) -> Row:
        if not self.values:
            return self
        self.median = statistics.median(self.values)
        self.low, self.high = median_interval(self.values)
        if self.over is not None:
            self.divide(self.over)
        return self

    def divide(self, by: list[float]) -> None:
        """The ratio of the medians; its interval reaches to the far ends of both intervals. There is no
        ratio where the divisor may be 0."""
        low, high = median_interval(by) if by else (0, 0)
        if low <= 0 or self.median is None or self.low is None or self.high is None:
            self.median = self.low = self.high = None
            return
        ends = [a / b for a in (self.low, self.high) for b in (low, high)]
        self.median /= statistics.median(by)
        self.low, self.high = min(ends), max(ends)

    @property
    def key(self) -> tuple[Any, ...]:
        return self.part, self.what, *self.where

    @property
    def higher_is_better(self) -> bool:
        return self.part in ("throughput", "peers")

    @property
    def budget(self) -> float | None:
        """A lower limit where higher is better, else an upper limit."""
        budgets = {"throughput": KEPT.get(self.where[2]), "peers": 1, "start": START_MS, "memory": GROWTH}
        if self.part == "turns":
            return OF_BPFTRACE if self.over is not None else None
        return budgets[self.part]

    @property
    def verdict(self) -> str | None:
        """Met or missed where the whole interval is on one side of the budget."""
        budget = self.budget
        if self.low is None or self.high is None:
            return "undecided" if self.values else "not measured"
        if budget is None:
            return None
        if len(self.lost) > len(self.values):
            return "undecided"
        sign = 1 if self.higher_is_better else -1
        good = [sign * end >= sign * budget for end in (self.low, self.high)]
        return "met" if all(good) else "undecided" if any(good) else "missed"

    def compare(self, before: Sample) -> None:
        """Marks the figure as regressed if it is worse than the baseline by more than both intervals and 5%."""
        median: float = before["median"]
        self.before = median
        if self.median is None or self.low is None or self.high is None:
            return
        if self.higher_is_better:
            self.regressed = self.high < before["low"] and self.median < median * (1 - TOLERANCE)
        else:
            self.regressed = self.low > before["high"] and self.median > median * (1 + TOLERANCE)

    def document(self) -> Sample:
        return asdict(self) | {"budget": self.budget, "verdict": self.verdict}

    def kept(self) -> Sample:
        """The baseline for later runs, to four digits."""
        key = {"part": self.part, "what": self.what, "where": self.where}
        return key | {name: float(f"{getattr(self, name):.4g}") for name in ("median", "low", "high")}


def measured_rows(samples: list[Sample]) -> list[Row]:
    """A row for each thing measured, with the values of all rounds."""
    rows: dict[tuple[Any, ...], Row] = {}
    for sample in samples:
        where = sample.get("place", ""), sample.get("transport", ""), sample.get("size", 0)
        row = Row(sample["part"], sample["what"], where, sample.get("unit", "ratio"))
        row = rows.setdefault(row.key, row)
        if "value" in sample:
            row.values.append(sample["value"])
        else:
            row.lost.append(sample["lost"])
    return list(rows.values())


def script_rows(rows: list[Row]) -> Iterator[Row]:
    """The cost of each attach method over that of the bpftrace script with the same hooks."""
    added = {row.key: row for row in rows if row.part == "turns"}
    for row in added.values():
        method = row.what.removeprefix(ADDED)
        if method.startswith("bpftrace"):
            continue
        names = ["bpftrace kprobes", "bpftrace tracepoints"]
        for script in reversed(names) if method == "tracepoint" else names:
            theirs = added.get(("turns", ADDED + script, *row.where))
            if theirs:
                yield Row("turns", f"{method} / {script}", row.where, values=list(row.values),
                          over=theirs.values, lost=row.lost + theirs.lost)  # fmt: skip
                break


def make_rows(samples: list[Sample]) -> list[Row]:
    rows = measured_rows(samples)
    return [row.finish() for row in [*rows, *script_rows(rows)]]


def compare(rows: list[Row], here: Sample, baseline: Sample) -> str:
    """Returns a line about the baseline. Instructions in a machine compare across hosts."""
    if baseline["schema"] != SCHEMA:
        raise ValueError(f"the baseline is {baseline['schema']}, not {SCHEMA}: accept a new one (--accept)")
    there = baseline["environment"]
    same = all(here.get(name) == there.get(name) for name in ("kernel", "cpu", "cores"))
    earlier = {(row["part"], row["what"], *row["where"]): row for row in baseline["rows"]}
    for row in rows:
        if row.key in earlier and (same or row.unit == "instructions"):
            row.compare(earlier[row.key])
    text = f"{there.get('harness')}, Linux {there.get('kernel')}, {there.get('cpu')}"
    return f"compared with {text}" if same else f"only instructions compared with {text}"


def size_text(size: int) -> str:
    return f"{size // 1024}K" if size and size % 1024 == 0 else str(size or "")


def shown(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:.2g}"


def cell(row: Row | None) -> str:
    if row is None:
        return ""
    text = shown(row.median)
    if row.median is not None and len(row.values) > 1:
        text += f" ({shown(row.low)}..{shown(row.high)})"
    if row.lost:
        text += f" {len(row.lost)} lost"
    return text + " " + (MARKS.get(row.verdict, "") if row.verdict else "") + "!" * row.regressed


def table(rows: list[Row]) -> list[str]:
    """A line for each figure and transport, a column for each size. Only the JSON has the added
    instructions."""
    rows = [row for row in rows if row.unit != "instructions"]
    sizes = sorted({row.where[2] for row in rows if row.where[2]})
    by_key = {row.key: row for row in rows}
    lines = [["part", "what", "where", "budget", *(map(size_text, sizes) if sizes else ["median"])]]
    for part, what, place, transport in dict.fromkeys(row.key[:4] for row in rows):
        cells = [by_key.get((part, what, place, transport, size)) for size in sizes]
        if not any(cells):
            cells = [by_key[part, what, place, transport, 0]]
        budgets = dict.fromkeys(row.budget for row in cells if row and row.budget is not None)
        sign = ">= " if part in ("throughput", "peers") else "<= "
        budget = sign + " ".join(f"{budget:.3g}" for budget in budgets) if budgets else ""
        where = " ".join(filter(None, (place, transport)))
        lines.append([part, what, where, budget, *map(cell, cells)])
    width = [max(len(line[i]) for line in lines if i < len(line)) for i in range(len(lines[0]))]
    return ["  ".join(text.ljust(w) for text, w in zip(line, width)).rstrip() for line in lines]


def summary(rows: list[Row], compared: str) -> list[str]:
    verdicts = Counter(row.verdict for row in rows)
    reasons = dict.fromkeys(f"{row.part}, {row.what}: {why}" for row in rows for why in row.lost)
    return [
        "",
        *(f"lost: {reason}" for reason in reasons),
        "- missed, ? undecided, ! worse than the baseline",
        f"budgets: {verdicts['met']} met, {verdicts['missed']} missed, {verdicts['undecided']} undecided; "
        f"{sum(row.regressed for row in rows)} regressed ({compared}); "
        f"{verdicts['not measured']} not measured",
    ]


def baseline_text(environment: Sample, rows: list[Row]) -> str:
    """A row a line. A ratio to bpftrace follows from two others and is left out."""
    lines = [json.dumps(row.kept()) for row in rows if row.median is not None and row.over is None]
    return (f'{{"schema": "{SCHEMA}",\n"environment": {json.dumps(environment)},\n"rows": [\n'
            + ",\n".join(lines) + "\n]}\n")  # fmt: skip


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__)
    parser.add_argument("samples", type=Path)
    parser.add_argument("--json", type=Path, help="also write the rows there")
    parser.add_argument("--baseline", type=Path, help="the accepted run")
    parser.add_argument("--accept", action="store_true", help="make this run the baseline")
    options = parser.parse_args(arguments)
    compared = "no baseline"
    try:
        environment, *samples = map(json.loads, options.samples.read_text().splitlines())
        rows = make_rows(samples)
        if options.baseline and options.baseline.exists() and not options.accept:
            compared = compare(rows, environment, json.loads(options.baseline.read_text()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"bench.py: {error}", file=sys.stderr)
        return USAGE
    if options.json:
        document = {"schema": SCHEMA, "environment": environment, "rows": [row.document() for row in rows]}
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    if options.accept:
        options.baseline.write_text(baseline_text(environment, rows))
    print(*table(rows), *summary(rows, compared), sep="\n")
    return WORSE if any(row.regressed or row.verdict == "not measured" for row in rows) else OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
