# SPDX-License-Identifier: GPL-2.0
"""What tests/bench/bench.sh measured, as ratios with their budgets, compared with an earlier run."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator

from stats import median_interval

SCHEMA = "harness.bench/1"
OK, WORSE, USAGE = 0, 1, 2
# A ratio that moved less than this from one run to another has not regressed, whatever its spread.
TOLERANCE = 0.05
# the first: what a run attaches that is not told how
WAYS = ("auto", "fentry", "kprobe", "tracepoint")
TRACERS = ("bpftrace", "bcc")
# the script with what only fentry tells the harness, too
FOR_FENTRY = "bpftrace for fentry"
# the harness's own programs by a way, which return at once: what the kernel's way to them costs
IDLE = {way: "idle " + way for way in WAYS}
BESIDE = "untraced beside "  # the mode of the run without probes that stands next to one with
KEPT = {64: 0.85, 4096: 0.90, 65536: 0.95}  # of the untraced throughput, by bytes of a message
OF_BPFTRACE = 0.1
START_MS = 200
PROBE = ("mode", "program", "transport", "size")
FEW_HITS = 0.01  # a message: less is not worth a row
GROWTH = 1.02  # of memory, by a thousand times the messages
IPERF3 = ("iperf3", "iperf3 -Z")
# a transport's own way to send, with nothing around it
BARE = {
    "two_copy": "bare loop",
    "one_copy": "bare loop of eight fields",
    "zero_copy": "bare zero-copy loop",
}
# who, against whom, and the budget
PEERS = (
    *((who, peer, 1.0) for who in BARE for peer in IPERF3),
    *((who, bare, None) for who, bare in BARE.items()),
    ("one_copy", "bare loop", None),
    ("one_copy", "memcpy", None),
    *((bare, peer, None) for bare in BARE.values() for peer in IPERF3),
)
LIMITS = (*BARE.values(), "memcpy")

Sample = dict[str, Any]
Key = tuple[Any, ...]


@dataclass
class Row:
    """One number of the bench; `low` and `high` are the median's 95% interval, or its range."""

    part: str
    what: str
    where: str  # path, threads, transport, size: what it is a number of
    values: list[float]
    unit: str = "ratio"
    at_least: float | None = None
    at_most: float | None = None
    higher_is_better: bool = True
    lost: int = 0
    by_difference: bool = False  # noise alone may leave nothing of it, which is no failure
    varies: bool = False  # with luck, such as how sends share a packet: told, not held to
    # what does the least that can be done, in its place: if that misses the budget, so must this
    least: Row | None = None
    median: float | None = field(init=False)
    low: float | None = field(init=False)
    high: float | None = field(init=False)
    before: float | None = None
    regressed: bool = False

    def __post_init__(self) -> None:
        self.median = self.low = self.high = None
        if self.values:
            self.median = statistics.median(self.values)
            self.low, self.high = median_interval(self.values)

    @property
    def key(self) -> Key:
        return self.part, self.what, self.where

    def meets(self, budgeted: Row) -> str:
        """The budget of a row, met or missed where the whole interval is on one side of it."""
        good = [
            (budgeted.at_least is None or value >= budgeted.at_least)
            and (budgeted.at_most is None or value <= budgeted.at_most)
            for value in (self.low, self.high)
            if value is not None
        ]
        return "met" if all(good) else "undecided" if any(good) else "missed"

    @property
    def verdict(self) -> str | None:
        """Of its budget, with most rounds measured; out of reach where the least misses it, too."""
        if self.median is None and not self.by_difference:
            return "not measured"
        if self.at_least is None and self.at_most is None:
            return None
        if self.lost > len(self.values):
            return "undecided"
        verdict = self.meets(self)
        least = self.least
        if verdict != "missed" or least is None or least.median is None:
            return verdict
        return "out of reach" if least.meets(self) == "missed" else verdict

    def compare(self, before: dict[str, Any]) -> None:
        """Worse than the baseline by more than both spreads and the tolerance."""
        self.before = before["median"]
        if self.median is None or self.before is None:
            self.regressed = self.before is not None and not self.by_difference
        elif self.higher_is_better:
            self.regressed = self.high < before["low"] * (1 - TOLERANCE)
        else:
            self.regressed = self.low > before["high"] * (1 + TOLERANCE)

    def document(self) -> dict[str, Any]:
        document = asdict(replace(self, least=None)) | {"verdict": self.verdict}
        return document | {"least": self.least and self.least.what}


class Samples:
    """The measurements, found by what they are of."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self.all = list(samples)
        self.environment: Sample = {}
        self.by_key: dict[Key, dict[int, Sample]] = defaultdict(dict)
        for sample in self.all:
            if sample["part"] == "environment":
                self.environment = sample
            else:
                self.by_key[self.key(sample)][sample.get("round", 1)] = sample

    @staticmethod
    def key(sample: Sample) -> Key:
        names = ("part", "mode", "path", "threads", "transport", "size")
        return tuple(sample.get(name) for name in names)

    def rounds(self, part: str, mode: str, path: Any = None, threads: Any = None,
               transport: Any = None, size: Any = None) -> dict[int, Sample]:  # fmt: skip
        return self.by_key.get((part, mode, path, threads, transport, size), {})

    def of(self, part: str) -> list[Sample]:
        return [sample for sample in self.all if sample["part"] == part]

    def values(self, part: str, name: str) -> list[Any]:
        """Of a key of the samples, each once, in the order they were measured in."""
        return list(dict.fromkeys(s[name] for s in self.of(part) if s.get(name) is not None))

    def modes(self, part: str, among: Iterable[str]) -> list[str]:
        there = self.values(part, "mode")
        return [mode for mode in among if mode in there]


def paired(a: dict[int, Sample], b: dict[int, Sample],
           ratio: Callable[[Sample, Sample], float | None]) -> tuple[list[float], int]:  # fmt: skip
    """Of the rounds in which both were measured; and how many others there are."""
    rounds = sorted(a.keys() | b.keys())
    values = [
        value
        for r in rounds
        if r in a and r in b and "lost" not in a[r] and "lost" not in b[r]
        for value in [ratio(a[r], b[r])]
        if value is not None
    ]
    return values, len(rounds) - len(values)


def of_rate(a: Sample, b: Sample) -> float | None:
    return a["rate"] / b["rate"]


def of(name: str) -> Callable[[Sample, Sample], float | None]:
    return lambda a, b: a[name] / b[name]


Rounds = dict[int, Sample]


def additions(traced: Rounds, plain: Rounds, name: str) -> list[float]:
    """What was added to the run beside, of the rounds in which both were measured."""
    return paired(traced, plain, lambda a, b: a[name] - b[name])[0]


def added_row(part: str, what: str, where: str, ours: list[float], theirs: list[float],
              rounds: int, budget: float | None) -> Row:  # fmt: skip
    """What one adds over what the other adds. Noise may be larger than either, so it is the median addition
    over the other's, not the median of ratios, and its interval goes to the far ends of both; where it is
    not certain that the other adds anything, there is no such ratio."""
    row = Row(part, what, where, [], at_most=budget, higher_is_better=False, by_difference=True)
    if ours and theirs and median_interval(theirs)[0] > 0:
        row.values = [value / statistics.median(theirs) for value in ours]
        row.median = statistics.median(row.values)
        ends = [a / b for a in median_interval(ours) for b in median_interval(theirs)]
        row.low, row.high = min(ends), max(ends)
    row.lost = rounds - len(row.values)
    return row


def size_text(size: int) -> str:
    return f"{size // 1024}K" if size % 1024 == 0 else str(size)


def budget_beside(mode: str, tracer: str) -> float | None:
    return OF_BPFTRACE if mode in WAYS and tracer in ("bpftrace", FOR_FENTRY) else None


def tracing_rows(samples: Samples) -> Iterator[Row]:
    ways = samples.modes("tracing", WAYS)
    tracers = samples.modes("tracing", TRACERS)
    for mode in [*ways, *samples.modes("tracing", IDLE.values()), *tracers]:
        for size in samples.values("tracing", "size"):
            for transport in samples.values("tracing", "transport"):
                where = f"{transport} {size_text(size)}"
                at = ("lo", 1, transport, size)
                traced = samples.rounds("tracing", mode, *at)
                plain = samples.rounds("tracing", BESIDE + mode, *at)
                values, lost = paired(traced, plain, of_rate)
                name = f"throughput, {mode} / untraced"
                budget = KEPT.get(size) if mode in ways else None
                yield Row("tracing", name, where, values, at_least=budget, lost=lost)
                values, lost = paired(traced, plain, of("cpu_ns"))
                yield Row("tracing", f"CPU time, {mode} / untraced", where, values,
                          higher_is_better=False, lost=lost)  # fmt: skip
                for tracer in tracers if mode not in TRACERS else ():
                    theirs = samples.rounds("tracing", tracer, *at)
                    their_plain = samples.rounds("tracing", BESIDE + tracer, *at)
                    yield added_row("tracing", f"CPU time added, {mode} / {tracer}", where,
                                    additions(traced, plain, "cpu_ns"),
                                    additions(theirs, their_plain, "cpu_ns"), len(plain),
                                    budget_beside(mode, tracer))  # fmt: skip


def probe_rows(samples: Samples) -> Iterator[Row]:
    """Where the nanoseconds go: those of a hit hold what reading the clock twice takes."""
    parts = samples.of("probes")
    keys = dict.fromkeys(
        (s["mode"], s["program"], s["transport"], s["size"]) for s in parts if "program" in s
    )
    lost = [s for s in parts if "lost" in s and "transport" in s]
    for s in lost:
        if not any(key[0] == s["mode"] and key[2:] == (s["transport"], s["size"]) for key in keys):
            yield Row("probes", f"{s['mode']}: programs", f"{s['transport']} {size_text(s['size'])}",
                      [], "hits", lost=1)  # fmt: skip
    for key in keys:
        mode, program, transport, size = key
        missing = sum((s["mode"], s["transport"], s["size"]) == (mode, transport, size) for s in lost)
        rounds = [s for s in parts if key == tuple(s.get(n) for n in PROBE)]
        hits = [s["hits"] for s in rounds]
        if max(hits) < FEW_HITS:
            continue
        where = f"{transport} {size_text(size)}"
        yield Row("probes", f"{mode}: {program}, hits a message", where, hits, "hits",
                  higher_is_better=False, lost=missing, varies=True)  # fmt: skip
        yield Row("probes", f"{mode}: {program}, a hit", where,
                  [s["ns"] for s in rounds if s["ns"] is not None], "ns",
                  higher_is_better=False, lost=missing, varies=True)  # fmt: skip


def peer_rows(samples: Samples) -> Iterator[Row]:
    places = dict.fromkeys((s["path"], s["threads"]) for s in samples.of("peers") if "path" in s)
    for who, peer, budget in PEERS:
        ours_is = (who, None) if who in LIMITS else ("untraced", who)
        for path, threads in places:
            for size in samples.values("peers", "size"):
                ours = samples.rounds("peers", ours_is[0], path, threads, ours_is[1], size)
                theirs = samples.rounds("peers", peer, path, threads, None, size)
                if (who in LIMITS and not ours) or (peer in LIMITS and not theirs):
                    continue  # memcpy: measured in one place only
                values, lost = paired(ours, theirs, of_rate)
                threaded = f" x{threads}" if threads > 1 else ""
                yield Row("peers", f"throughput, {who} / {peer}",
                          f"{path.split(':')[0]}{threaded} {size_text(size)}", values,
                          at_least=budget, lost=lost)  # fmt: skip


def start_rows(samples: Samples) -> Iterator[Row]:
    for way in samples.modes("start", WAYS):
        rounds = samples.rounds("start", way).values()
        for name, what in (("armed_ms", "exec to armed"), ("attach_ms", "attaching")):
            values = [sample[name] for sample in rounds if sample[name] is not None]
            yield Row("start", what, way, values, unit="ms", at_most=START_MS,
                      higher_is_better=False, lost=len(rounds) - len(values))  # fmt: skip


def known(value: float | None, unit: int) -> list[float]:
    """In this unit; nothing when it could not be read."""
    return [] if value is None else [value / unit]


def memory_rows(samples: Samples) -> Iterator[Row]:
    peaks = {s["messages"]: s["value"] for s in samples.of("memory") if "messages" in s}
    for messages, kb in peaks.items():
        yield Row("memory", "peak of the harness", f"{messages} messages", known(kb, 1024), "MiB",
                  higher_is_better=False)  # fmt: skip
    if len(peaks) > 1:
        most, fewest = peaks[max(peaks)], peaks[min(peaks)]
        growth = [most / fewest] if most and fewest else []
        yield Row("memory", "peak, most messages / fewest", "", growth, at_most=GROWTH,
                  higher_is_better=False)  # fmt: skip
    for sample in samples.of("memory"):
        if "connections" in sample:
            yield Row("memory", "BPF maps", f"{sample['connections']} connections",
                      known(sample["value"], 1 << 20), "MiB", higher_is_better=False)  # fmt: skip


def scale_rows(samples: Samples) -> Iterator[Row]:
    for threads in samples.values("scale", "threads"):
        runs = [s for s in samples.of("scale") if s.get("threads") == threads]
        inexact = [float(sum("lost" in run for run in runs))]
        yield Row("scale", "runs that are not exact", f"{threads} threads", inexact, "runs",
                  at_most=0, higher_is_better=False)  # fmt: skip


def script_for(mode: str, modes: list[str]) -> str:
    """The bpftrace script that counts what the harness counts by this way."""
    by_fentry = "fentry" in modes and mode in ("auto", "fentry", IDLE["auto"], IDLE["fentry"])
    return FOR_FENTRY if by_fentry and FOR_FENTRY in modes else "bpftrace"


def machine_rows(samples: Samples) -> Iterator[Row]:
    scripts = ["bpftrace", FOR_FENTRY]
    modes = samples.modes("machine", [*WAYS, *IDLE.values(), *scripts])
    there = [s for s in samples.of("machine") if s.get("size")]
    places = dict.fromkeys((s["size"], s["transport"]) for s in there)
    kernels = samples.values("machine", "kernel")
    for kernel, mode, (size, transport) in product(kernels, modes, places):
        at = (None, None, transport, size)
        plain = samples.rounds("machine", "untraced", *at)
        traced = samples.rounds("machine", mode, *at)
        beside = samples.rounds("machine", BESIDE + mode, *at) or plain
        where = f"{kernel} {transport} {size_text(size)}"
        values, lost = paired(traced, beside, of("instructions"))
        yield Row("machine", f"instructions, {mode} / untraced", where, values,
                  higher_is_better=False, lost=lost)  # fmt: skip
        for tracer in (IDLE.get(mode), script_for(mode, modes)) if mode not in scripts else ():
            if tracer not in modes:
                continue
            theirs = samples.rounds("machine", tracer, *at)
            yield added_row("machine", f"instructions added, {mode} / {tracer}", where,
                            additions(traced, beside, "instructions"),
                            additions(theirs, plain, "instructions"), len(beside),
                            budget_beside(mode, tracer))  # fmt: skip


def least_of(what: str) -> str:
    """The row of whoever does the least in the place of a row's subject."""
    for subject, least in (IDLE | BARE).items():
        what = what.replace(f", {subject} / ", f", {least} / ")
    return what


def make_rows(samples: Samples) -> list[Row]:
    makers = (tracing_rows, probe_rows, peer_rows, start_rows, memory_rows, scale_rows, machine_rows)
    rows = [row for make in makers for row in make(samples)]
    by_key = {row.key: row for row in rows}
    for row in rows:
        least = by_key.get((row.part, least_of(row.what), row.where))
        row.least = None if least is row else least
    return rows


def failures(samples: Samples) -> list[str]:
    """What was not measured and belongs to no row: a tracer that did not start, and the like."""
    return [
        f"{s['part']}, {s['mode']}: {s['lost']}"
        for s in samples.all
        if "lost" in s and "transport" not in s
    ]


def same_machine(a: Sample, b: Sample) -> bool:
    return all(a.get(name) == b.get(name) for name in ("kernel", "cpu", "cores"))


def compare(rows: list[Row], here: Sample, baseline: dict[str, Any]) -> str:
    """Says what it was compared with. Instructions in a machine are the same whatever that runs on."""
    there = baseline["environment"]
    same = same_machine(here, there)
    earlier: dict[Key, Sample] = {(row["part"], row["what"], row["where"]): row for row in baseline["rows"]}
    compared = [row for row in rows if row.key in earlier and (same or row.part == "machine")]
    for row in compared:
        row.compare(earlier[row.key])
    if same:
        return f"compared with {there.get('harness')}"
    of = f"the baseline is of {there.get('kernel')} on {there.get('cpu')}"
    if compared:
        return f"only the part machine compared with {there.get('harness')}: {of}"
    return f"not compared: {of}"


def shown(value: float | None) -> str:
    if value is None:
        return "n/a"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def budget_text(row: Row) -> str:
    if row.at_least is not None:
        return f">= {row.at_least:g}"
    return "" if row.at_most is None else f"<= {row.at_most:g}"


def table(rows: list[Row]) -> list[str]:
    cells = [("part", "what", "of", "median", "unit", "95% interval", "budget", "", "before")]
    for row in rows:
        verdict = " ".join(filter(None, (row.verdict, "REGRESSED" if row.regressed else None)))
        if row.lost:
            verdict += f" ({row.lost} lost)"
        interval = f"{shown(row.low)}..{shown(row.high)}" if len(row.values) > 1 else ""
        before = "" if row.before is None else shown(row.before)
        cells.append((row.part, row.what, row.where, shown(row.median), row.unit, interval,
                      budget_text(row), verdict, before))  # fmt: skip
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    return ["  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip() for line in cells]


def baseline_text(environment: Sample, rows: list[Row]) -> str:
    """What a later run is compared with, a row a line."""
    keys = ("part", "what", "where", "median", "low", "high")
    lines = [json.dumps({key: getattr(row, key) for key in keys})
             for row in rows if row.median is not None and not row.by_difference and not row.varies]  # fmt: skip
    return (f'{{"schema": "{SCHEMA}",\n"environment": {json.dumps(environment)},\n"rows": [\n'
            + ",\n".join(lines) + "\n]}\n")  # fmt: skip


def read_samples(path: Path) -> Samples:
    with path.open() as lines:
        return Samples(json.loads(line) for line in lines)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__)
    parser.add_argument("samples", type=Path)
    parser.add_argument("--json", type=Path, help="also write the rows there")
    parser.add_argument("--baseline", type=Path, help="such a file of an earlier run")
    parser.add_argument("--accept", action="store_true", help="make this run the baseline")
    options = parser.parse_args(arguments)
    try:
        samples = read_samples(options.samples)
        there = options.baseline and options.baseline.exists() and not options.accept
        baseline = json.loads(options.baseline.read_text()) if there else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"bench.py: {error}", file=sys.stderr)
        return USAGE
    rows = make_rows(samples)
    against = compare(rows, samples.environment, baseline) if baseline else "not compared"
    lost = failures(samples)
    document = {
        "schema": SCHEMA,
        "environment": samples.environment,
        "rows": [row.document() for row in rows],
        "lost": lost,
    }
    text = json.dumps(document, indent=1) + "\n"
    if options.json:
        options.json.write_text(text)
    if options.accept:
        options.baseline.write_text(baseline_text(samples.environment, rows))
    print(*table(rows), sep="\n")
    print()
    for line in lost:
        print(f"not measured: {line}")
    verdicts = [row.verdict for row in rows]
    regressed = [row for row in rows if row.regressed]
    print(
        f"budgets: {verdicts.count('met')} met, {verdicts.count('missed')} missed, "
        f"{verdicts.count('out of reach')} out of reach, {verdicts.count('undecided')} undecided; "
        f"{len(regressed)} regressed ({against}); "
        f"{verdicts.count('not measured') + len(lost)} not measured"
    )
    return WORSE if regressed or lost or "not measured" in verdicts else OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
