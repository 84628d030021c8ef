# SPDX-License-Identifier: GPL-2.0
"""
The quantities of runs, and arithmetic on them.

An expression is arithmetic (+ - * / and parentheses) on numbers and quantities. A quantity is a word
(`send_copy`). The name of another transport may precede it (`one_copy.throughput`). The name of a pair has no
spaces, the sign of a sum has (`zero_copy+mapped.cpu + 1`). A size or a number of threads may follow in
parentheses (`throughput(threads=8)`). The words are those in WORDS, every site (its bytes per byte of payload),
and NAME_per_byte for every NAME in `counters`.
"""

from __future__ import annotations

import ast
import operator
import re
from dataclasses import dataclass
from typing import Any, Callable, Iterable

from load import EVIDENCE, Dataset, Run
from sites import SITES, copies
from stats import Estimate, counted, estimate
from words import Remark, remark

LEDGER, SCHED, TIMING, COUNTER = "ledger", "sched", "timing", "counter"
# What is missing where a quantity is unknown: a run, a request for it (--trace), a counter of the
# processor, a probe, a meaningful number; or enough processors for it to mean anything.
RUN, REQUEST, PMU, PROBE, NUMBER = ("run", "request", "counter", "probe", "number")
PROCESSORS = "processors"
LACKS = (RUN, REQUEST, PMU, PROBE, NUMBER, PROCESSORS)
ASKED_BY = {LEDGER: "copies", SCHED: "sched", COUNTER: "counters"}  # the word of --trace
Number = float | None


class BadExpression(Exception):
    """The fault of an expression, in words."""


@dataclass(frozen=True)
class Word:
    kind: str
    read: Callable[[Run], Number]
    meaning: str


def ratio(part: Number, whole: Number) -> Number:
    return None if part is None or not whole else part / whole


def total(values: Iterable[Number]) -> Number:
    """The sum; unknown when a part is unknown."""
    known = list(values)
    return None if None in known else sum(known)  # type: ignore[arg-type]


def site_share(name: str) -> Callable[[Run], Number]:
    """Bytes at a site per byte of payload."""
    return lambda run: ratio(
        run.data["sites"].get(name, {}).get("bytes"), run.data["payload_bytes"]
    )


def sum_of_sites(name: str) -> Callable[[Run], Number]:
    return lambda run: total(site_share(part)(run) for part in parts(name))


def sides(run: Run, key: str) -> list[dict[str, Any]]:
    both = run.data.get(key) or {}
    return [both.get("sender") or {}, both.get("receiver") or {}]


def cpu(*names: str) -> Callable[[Run], Number]:
    """Nanoseconds of CPU time per byte of payload."""

    def read(run: Run) -> Number:
        spent = run.data.get("cpu_seconds") or {}
        seconds = total(spent.get(name) for name in names)
        return ratio(None if seconds is None else seconds * 1e9, run.data["payload_bytes"])

    return read


def per_message(side: str) -> Callable[[Run], Number]:
    calls = lambda run: (run.data.get("system_calls") or {}).get(side)
    return lambda run: ratio(calls(run), run.data.get("messages"))


def switches(run: Run) -> Number:
    """Context switches of both sides, voluntary or not."""
    kinds = ("voluntary", "involuntary")
    return total(side.get(k) for side in sides(run, "context_switches") for k in kinds)


def completion_waits(run: Run) -> Number:
    """Times the sender slept for completions."""
    blocked = sides(run, "context_switches")[0].get("blocked_in") or {}
    return blocked.get("completions")


def per(unit: str, count: Callable[[Run], Number]) -> Callable[[Run], Number]:
    """A count for each of the `messages` or `seconds` of a run."""
    return lambda run: ratio(count(run), run.data.get(unit))


def counter(name: str) -> Callable[[Run], Number]:
    """A CPU counter of both sides per byte of payload."""
    return lambda run: ratio(
        total(side.get(name) for side in sides(run, "counters")), run.data["payload_bytes"]
    )


def field(*keys: str) -> Callable[[Run], Number]:
    def read(run: Run) -> Number:
        value: Any = run.data
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    return read


def parts(name: str) -> list[str]:
    """The sites whose sum a quantity is; empty if it is no sum."""
    if name == "dma":
        return ["dma_out", "dma_in"]
    if name == "kernel_copies":
        return [site for site in copies() if site != "user_memcpy"]
    return copies() if name == "copies" else []


WORDS = {
    "copies": Word(LEDGER, field("copies_per_byte"), "CPU copies per byte, all of them"),
    "kernel_copies": Word(LEDGER, sum_of_sites("kernel_copies"), "those the kernel makes"),
    "dma": Word(LEDGER, sum_of_sites("dma"), "moves by a device, per byte"),
    "send_calls": Word(LEDGER, per_message("send"), "system calls that send, per message"),
    "receive_calls": Word(LEDGER, per_message("receive"), "and that receive"),
    "throughput": Word(TIMING, field("throughput_gbps"), "Gbit/s of payload"),
    "latency": Word(TIMING, field("latency_us", "mean"), "mean time of a message, microseconds"),
    "cpu": Word(TIMING, cpu("sender", "receiver"), "CPU time per byte, nanoseconds"),
    "sender_cpu": Word(TIMING, cpu("sender"), "that of the sender"),
    "receiver_cpu": Word(TIMING, cpu("receiver"), "that of the receiver"),
    "switches": Word(SCHED, per("messages", switches), "context switches a message, both sides"),
    "switch_rate": Word(SCHED, per("seconds", switches), "context switches a second"),
    "completion_waits": Word(
        SCHED, per("messages", completion_waits), "sleeps of the sender for completions, a message"
    ),
}


def word(name: str) -> Word:
    if name in WORDS:
        return WORDS[name]
    if name in SITES:
        return Word(LEDGER, site_share(name), SITES[name].words)
    if name.endswith("_per_byte"):
        return Word(COUNTER, counter(name.removesuffix("_per_byte")), "of both sides")
    raise BadExpression(f"unknown site or quantity {name!r}; known are {', '.join([*SITES, *WORDS])}")


@dataclass(frozen=True)
class Reference:
    """A quantity as an expression names it; None: the transport, size or threads of the claim."""

    name: str
    transport: str | None
    size: int | None
    threads: int | None


@dataclass(frozen=True)
class Place:
    """Where an expression is evaluated."""

    path: str
    transport: str | None
    size: int
    threads: int


@dataclass(frozen=True)
class Value:
    """The value of an expression; `estimate` is None when a part of it is unknown."""

    estimate: Estimate | None
    evidence: str = "unavailable"
    timing: bool = False  # an interval of repeats, not a count
    traced: bool = False  # measured with probes, because there are no runs without
    why: Remark | None = None  # the reason why it is unknown
    lacks: str = ""  # and what is missing: one of LACKS
    resent: float = 0.0  # bytes sent again, per byte of payload, in the run with most
    values: tuple[float, ...] = ()  # repeat by repeat

    def interval(self, confidence: float) -> Estimate | None:
        """The estimate at another confidence; that of a count does not change."""
        if self.estimate is None or not self.timing:
            return self.estimate
        return estimate(self.values, confidence)


OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


PAIR = re.compile(r"\b(\w+)\+(\w+)(?=\.)")  # zero_copy+mapped.cpu; a sum has spaces around its sign
AND = "__and__"  # replaces the + of a pair while the expression is parsed


class Expression:
    """Parsed once, evaluated at many places."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.references: dict[str, Reference] = {}  # by their text in the expression
        self.keys: dict[ast.expr, str] = {}
        try:
            self.tree = ast.parse(PAIR.sub(rf"\1{AND}\2", text.strip()), mode="eval").body
        except SyntaxError:
            raise BadExpression(f"cannot read the expression {text!r}") from None
        self.check(self.tree)

    def check(self, node: ast.expr) -> None:
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            self.check(node.left)
            self.check(node.right)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            self.check(node.operand)
        elif not is_number(node):
            reference = self.reference(node)
            word(reference.name)
            self.keys[node] = unparse(node)
            self.references[self.keys[node]] = reference

    def reference(self, node: ast.expr) -> Reference:
        where: dict[str, int] = {}
        if isinstance(node, ast.Call) and not node.args:
            for keyword in node.keywords:
                if keyword.arg not in ("size", "threads") or not is_number(keyword.value):
                    raise BadExpression(f"in {self.text!r}: only size= and threads= a number")
                where[keyword.arg] = keyword.value.value  # type: ignore[attr-defined]
            node = node.func
        if isinstance(node, ast.Name):
            return Reference(node.id, None, where.get("size"), where.get("threads"))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            transport = node.value.id.replace(AND, "+")
            return Reference(node.attr, transport, where.get("size"), where.get("threads"))
        raise BadExpression(f"cannot read {unparse(node)!r} in {self.text!r}")

    def most_threads(self, place: Place) -> int:
        return max([place.threads, *(ref.threads or 0 for ref in self.references.values())])

    def compute(self, node: ast.expr, values: dict[str, float]) -> float:
        if isinstance(node, ast.BinOp):
            function = OPERATORS[type(node.op)]
            return function(self.compute(node.left, values), self.compute(node.right, values))
        if isinstance(node, ast.UnaryOp):
            return -self.compute(node.operand, values)
        if isinstance(node, ast.Constant):
            return float(node.value)
        return values[self.keys[node]]

    def at(self, data: Dataset, place: Place) -> Value:
        """Computes a value once for the same runs: verdicts, pictures and tables need the same values."""
        key = (self.text, place, len(data.runs))
        if key not in data.values:
            data.values[key] = self.evaluate(data, place)
        return data.values[key]

    def evaluate(self, data: Dataset, place: Place) -> Value:
        """Repeat by repeat, so that a drift of the machine cancels in a ratio."""
        samples = {key: sample(data, ref, place) for key, ref in self.references.items()}
        missing = next((s for s in samples.values() if not s.values), None)
        if missing:
            return Value(None, why=missing.why, lacks=missing.lacks)
        evidence = max((s.evidence for s in samples.values()), key=EVIDENCE.index, default="exact")
        timing = any(s.timing for s in samples.values())
        traced = any(s.traced for s in samples.values())
        try:
            values = tuple(self.compute(self.tree, row) for row in pair(samples))
        except ZeroDivisionError:
            why = remark("divides_by_0", expression=self.text)
            return Value(None, timing=timing, traced=traced, why=why, lacks=NUMBER)
        found = estimate(values) if timing else counted(values)
        resent = 0.0 if timing else max((s.resent for s in samples.values()), default=0.0)
        return Value(found, evidence, timing, traced, resent=resent, values=values)


def unparse(node: ast.expr) -> str:
    return ast.unparse(node).replace(AND, "+")


def answers(run: Run, name: str) -> bool:
    """Whether a run can have a quantity; an untraced run has few."""
    kind = word(name).kind
    wanted = None if kind == COUNTER else ASKED_BY.get(kind)
    return wanted is None or wanted in run.data.get("traced", [])


def is_number(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, (int, float))
        and not isinstance(node.value, bool)
    )


@dataclass(frozen=True)
class Sample:
    """The values of one quantity, by repeat; empty with a reason."""

    values: dict[tuple[int, int], float]
    evidence: str = "exact"
    timing: bool = False
    traced: bool = False
    why: Remark | None = None
    lacks: str = ""
    resent: float = 0.0


def pair(samples: dict[str, Sample]) -> list[dict[str, float]]:
    """Rows of values of the same repeat; in order if the quantities have no repeat in common."""
    if not samples:
        return [{}]
    common = set.intersection(*(set(s.values) for s in samples.values()))
    if common:
        return [{k: s.values[repeat] for k, s in samples.items()} for repeat in sorted(common)]
    ordered = [[v for _, v in sorted(s.values.items())] for s in samples.values()]
    return [dict(zip(samples, row)) for row in zip(*ordered)]


def sample(data: Dataset, reference: Reference, place: Place) -> Sample:
    asked = word(reference.name)
    transport = reference.transport or place.transport
    size = reference.size or place.size
    threads = reference.threads or place.threads
    where = {"transport": transport, "path": place.path, "size": size, "threads": threads}
    runs = data.at(place.path, transport, size, threads)
    if not runs:
        return Sample({}, why=remark("no_run", **where), lacks=RUN)
    plain = [run for run in runs if not run.traced]
    timing = asked.kind != LEDGER
    if asked.kind == TIMING:
        runs = plain or runs
    read = [(run, asked.read(run)) for run in runs]
    values = {run.repeat: value for run, value in read if value is not None}
    if not values:
        return not_counted(reference.name, asked, runs, where)
    known = [run for run, value in read if value is not None]
    traced = asked.kind == TIMING and not plain
    resent = max(ratio(field("retransmits", "bytes")(r), r.data["payload_bytes"]) or 0 for r in known)
    return Sample(values, evidence_of(reference.name, asked, known), timing, traced, resent=resent)


def not_counted(name: str, asked: Word, runs: list[Run], where: dict[str, Any]) -> Sample:
    """Why a quantity is unknown although there are runs, and what is missing."""
    wanted = ASKED_BY.get(asked.kind)
    tracing = [run for run in runs if wanted in run.data.get("traced", [])]
    if wanted and not tracing:
        return Sample({}, why=remark("not_asked", quantity=name, trace=wanted, **where), lacks=REQUEST)
    given = counter_reasons(tracing, name.removesuffix("_per_byte")) if asked.kind == COUNTER else []
    why = remark("not_counted", quantity=name, reasons=given or None, **where)
    lacks = PMU if asked.kind == COUNTER else PROBE if wanted else NUMBER
    return Sample({}, why=why, lacks=lacks)


def counter_reasons(runs: list[Run], name: str) -> list[str]:
    """The reasons in the words of the harness, if it gave any."""
    return sorted({side["why"][name] for run in runs for side in sides(run, "counters")
                   if name in (side.get("why") or {})})  # fmt: skip


def evidence_of(name: str, asked: Word, runs: list[Run]) -> str:
    """The weakest evidence of the parts of a quantity."""
    if asked.kind == TIMING or name.endswith("_calls"):
        return "self_reported"
    if asked.kind == SCHED:
        return "exact"
    if asked.kind == COUNTER:
        scaling = f"{name.removesuffix('_per_byte')}_scaling"  # above 1: it took turns with others
        scaled = any((s.get(scaling) or 1) != 1 for run in runs for s in sides(run, "counters"))
        return "derived" if scaled else "exact"
    if name == "copies":
        found = {run.data.get("copies_per_byte_evidence", "derived") for run in runs}
    else:
        found = {run.data["sites"][part]["evidence"] for run in runs for part in parts(name) or [name]}
    return max(found, key=EVIDENCE.index)
