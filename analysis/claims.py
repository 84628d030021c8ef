# SPDX-License-Identifier: GPL-2.0
"""Claims: read from a data file (claims.toml says how they are written), and judged."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from load import BadInput, Dataset, read_text
from quantities import BadExpression, Expression, Place, Value, answers

CONFIRMED, REFUTED, NOT_TESTABLE = "CONFIRMED", "REFUTED", "NOT TESTABLE HERE"
VERDICTS = (CONFIRMED, REFUTED, NOT_TESTABLE)
PATHS = ("lo", "veth", "nic", "netns", "any")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
CLAIM_KEYS = {"id", "report", "says", "path", "also", "transport", "tests", "because"}
TEST_KEYS = {"measure", "compare", "value", "tolerance", "size", "threads", "over", "transport"}


@dataclass(frozen=True)
class Selector:
    """Which sizes, or numbers of threads: those listed, or those that a comparison takes."""

    text: str
    listed: tuple[int, ...] = ()
    compare: str = ""
    bound: int = 0

    def choose(self, present: set[int]) -> list[int]:
        """Listed ones are wanted even where there is no such run."""
        if self.listed:
            return list(self.listed)
        return sorted(number for number in present if self.takes(number))

    def takes(self, number: int) -> bool:
        return not self.compare or compare_numbers(number, self.compare, self.bound)


@dataclass(frozen=True)
class Test:
    measure: Expression
    compare: str
    value: float
    tolerance: float
    size: Selector
    threads: Selector
    over: str  # "every" or "any" of the sizes and threads
    transport: str | None


@dataclass(frozen=True)
class Claim:
    id: str
    report: str
    says: str
    path: str
    transport: str | None
    tests: tuple[Test, ...]
    because: tuple[str | Expression, ...]  # text and expressions, in turn
    also: str = ""  # another path to judge it over, where there are runs


@dataclass(frozen=True)
class Finding:
    """A test at one place."""

    test: Test
    place: Place
    value: Value
    holds: bool | None  # None: cannot be told


@dataclass(frozen=True)
class Outcome:
    """A test over all its places: whether it holds, what decides that, and what the others say."""

    holds: bool | None
    by: Finding
    others: tuple[bool | None, ...]  # of every place, the deciding one too
    differ: bool = False  # the values at these places, by more than a tolerance

    @property
    def mixed(self) -> bool:
        return len(set(self.others)) > 1

    @property
    def tally(self) -> str:
        """At how many sizes and threads it holds; nothing when all agree."""
        if not self.mixed:
            return ""
        yes, no, unknown = (self.others.count(holds) for holds in (True, False, None))
        parts = (("holds at", yes), ("fails at", no), ("cannot be told at", unknown))
        said = ", ".join(f"{words} {count}" for words, count in parts if count)
        return f"; of {len(self.others)} sizes and threads it {said}"


@dataclass(frozen=True)
class Judgement:
    claim: Claim
    path: str
    verdict: str
    decided_by: Finding | None
    why: str
    elsewhere: tuple[Judgement, ...] = ()  # over the path that the claim names as `also`

    @property
    def measured(self) -> float | None:
        value = self.decided_by.value.estimate if self.decided_by else None
        return value.mean if value else None

    @property
    def evidence(self) -> str:
        return self.decided_by.value.evidence if self.decided_by else "unavailable"


def compare_numbers(left: float, compare: str, right: float) -> bool:
    return {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[compare]


# Reading


def read_claims(path: Path) -> tuple[list[Claim], dict[str, Any]]:
    """The claims, and the rest of the file (what to run for them)."""
    try:
        text = read_text(path)
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise BadInput(path, int(at.group(1)) if at else None, f"not TOML: {error}") from None
    numbered = enumerate(text.splitlines(), 1)
    lines = [number for number, line in numbered if re.match(r"\s*\[\[\s*claim\s*\]\]", line)]
    rows = document.pop("claim", [])
    if not rows:
        raise BadInput(path, None, "no [[claim]] in it")
    if len(lines) != len(rows):
        lines = [None] * len(rows)  # type: ignore[list-item]
    claims: list[Claim] = []
    for line, row in zip(lines, rows):
        try:
            claim = read_claim(row)
        except (BadExpression, ValueError) as error:
            name = f"claim {row['id']}: " if isinstance(row.get("id"), str) else "a claim: "
            raise BadInput(path, line, f"{name}{error}") from None
        if any(claim.id == other.id for other in claims):
            raise BadInput(path, line, f"a second claim {claim.id}")
        claims.append(claim)
    return claims, document


def read_claim(row: dict[str, Any]) -> Claim:
    check_keys(row, CLAIM_KEYS)
    for key in ("id", "report", "says", "path"):
        if not isinstance(row.get(key), str):
            raise ValueError(f"{key!r} is missing or no text")
    if row["path"] not in PATHS:
        raise ValueError(f"unknown path {row['path']!r}; known are {', '.join(PATHS)}")
    if row.get("also", "lo") not in PATHS or row.get("also") in (row["path"], "any"):
        raise ValueError(f"'also' must be another path, not {row['also']!r}")
    tests = row.get("tests")
    if not isinstance(tests, list) or not tests or not all(isinstance(t, dict) for t in tests):
        raise ValueError("'tests' must be a list of tables, at least one")
    transport = row.get("transport")
    read = tuple(read_test(test, transport) for test in tests)
    because = read_sentence(row.get("because", ""))
    references = [r for part in because if isinstance(part, Expression) for r in part.references.values()]
    if not transport and not all(test.transport for test in read):
        if any(not reference.transport for reference in references):
            raise ValueError("of which transport are the quantities in 'because'?")
    return Claim(
        id=row["id"],
        report=row["report"],
        says=row["says"],
        path=row["path"],
        transport=transport,
        tests=read,
        because=because,
        also=row.get("also", ""),
    )


def read_test(row: dict[str, Any], transport: str | None) -> Test:
    check_keys(row, TEST_KEYS)
    for key in ("measure", "compare", "value"):
        if key not in row:
            raise ValueError(f"a test without {key!r}")
    if row["compare"] not in COMPARISONS:
        raise ValueError(f"unknown comparison {row['compare']!r}; known are {COMPARISONS}")
    if row.get("over", "every") not in ("every", "any"):
        raise ValueError(f"'over' must be every or any, not {row['over']!r}")
    measure = Expression(str(row["measure"]))
    transport = row.get("transport", transport)
    if not transport and any(not ref.transport for ref in measure.references.values()):
        raise ValueError(f"of which transport is {measure.text!r}?")
    value = read_number(row["value"], "value")
    return Test(
        measure=measure,
        compare=row["compare"],
        value=value,
        tolerance=read_tolerance(row.get("tolerance", 0), value),
        size=read_selector(row.get("size", ""), "size"),
        threads=read_selector(row.get("threads", ""), "threads"),
        over=row.get("over", "every"),
        transport=transport,
    )


def check_keys(row: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(row) - known)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")


def read_number(value: Any, key: str) -> float:
    """A number, or arithmetic on numbers in a string."""
    expression = Expression(str(value))
    if expression.references or isinstance(value, bool):
        raise ValueError(f"{key!r} must be a number, not {value!r}")
    try:
        return expression.compute(expression.tree, {})
    except ZeroDivisionError:
        raise ValueError(f"{key!r} divides by 0") from None


def read_tolerance(value: Any, of: float) -> float:
    if isinstance(value, str) and value.endswith("%"):
        return abs(of) * read_number(value[:-1], "tolerance") / 100
    return read_number(value, "tolerance")


def read_selector(value: Any, key: str) -> Selector:
    text = str(value).replace(" ", "")
    try:
        at = re.fullmatch(r"(<=|>=|<|>)(\d+)", text)
        if at:
            return Selector(text, compare=at.group(1), bound=int(at.group(2)))
        return Selector(text, listed=tuple(int(part) for part in text.split(",") if part))
    except ValueError:
        raise ValueError(f"{key!r} is a list like 64,512 or a bound like >=4096") from None


def read_sentence(text: str) -> tuple[str | Expression, ...]:
    """Text with expressions in braces."""
    if not isinstance(text, str):
        raise ValueError(f"'because' must be text, not {text!r}")
    parts = re.split(r"\{([^{}]*)\}", text)
    return tuple(Expression(part) if i % 2 else part for i, part in enumerate(parts))


# Judging


def judge(claim: Claim, data: Dataset) -> Judgement:
    """On the path the claim was made about and, beside that, on the one it names as `also`."""
    paths = data.paths if claim.path == "any" else [claim.path]
    there = [claim.also] if claim.also in data.paths else []
    elsewhere = tuple(judge_on(claim, data, [path]) for path in there)
    return replace(judge_on(claim, data, paths), elsewhere=elsewhere)


HOW_TO_GET = {
    "nic": "this takes two network cards, as in --path lo,veth,nic:A,B",
    "netns": "this takes two namespaces, as in --path netns:A,B",
}


def judge_on(claim: Claim, data: Dataset, paths: list[str]) -> Judgement:
    """A claim holds when all its tests do, on every one of the paths."""
    shown = ", ".join(paths)
    absent = [path for path in paths if path not in data.paths]
    if absent:
        why = f"no run over {absent[0]}: "
        why += HOW_TO_GET.get(absent[0], f"this takes one, as in --path {absent[0]}")
        return Judgement(claim, shown, NOT_TESTABLE, None, why)
    results = [judge_test(test, data, path) for path in paths for test in claim.tests]
    refuting = [outcome for outcome in results if outcome.holds is False]
    unknown = [outcome for outcome in results if outcome.holds is None]
    if refuting:
        return decided(claim, data, shown, REFUTED, refuting[0])
    if unknown:
        return decided(claim, data, shown, NOT_TESTABLE, unknown[0])
    return decided(claim, data, shown, CONFIRMED, results[0])


def judge_test(test: Test, data: Dataset, path: str) -> Outcome:
    """Whether the test holds on this path, and the finding that decides it."""
    found = [examine(test, data, place) for place in places(test, data, path)]
    if not found:
        place = Place(path, test.transport, test.size.bound, test.threads.bound)
        what = f"no run over {path} of a size {test.size.text} and threads {test.threads.text}"
        value = Value(None, "unavailable", False, False, what)
        return Outcome(None, Finding(test, place, value, None), (None,))
    decisive = test.over == "any"  # one finding of this kind is enough
    for wanted in (decisive, None, not decisive):
        of_kind = [finding for finding in found if finding.holds is wanted]
        if of_kind:
            return Outcome(wanted, extreme(of_kind), tuple(f.holds for f in found), differ(found))
    raise AssertionError("a finding holds, does not, or cannot be told")


def differ(findings: list[Finding]) -> bool:
    values = [f.value.estimate.mean for f in findings if f.value.estimate]
    return bool(values) and max(values) - min(values) > 0.02


def extreme(findings: list[Finding]) -> Finding:
    """The one farthest from the claimed value: what a reader wants to see first."""

    def distance(finding: Finding) -> float:
        value = finding.value.estimate
        return abs(value.mean - finding.test.value) if value else -1.0

    return max(findings, key=distance)


def places(test: Test, data: Dataset, path: str) -> list[Place]:
    """
    Where to examine a test: wherever every transport that it names ran. With a size or a number of
    threads of its own in every part of the expression, the rest does not matter.
    """
    refs = list(test.measure.references.values())
    runs = data.on(path)
    fixed_size = all(ref.size for ref in refs)
    fixed_threads = all(ref.threads for ref in refs)
    sizes = [refs[0].size] if fixed_size else list(test.size.choose({run.size for run in runs}))
    threads = {run.threads for run in runs}
    chosen = [refs[0].threads] if fixed_threads else list(test.threads.choose(threads))
    explicit = bool(test.size.listed and (test.threads.listed or fixed_threads))
    found = [
        Place(path, test.transport, size, thread)
        for size in sizes
        for thread in chosen
        if size and thread
    ]
    if explicit:
        return found
    # A grid need not be full: drop what no run was made for, keep what was run and not counted.
    ran = {
        ref: {(r.transport, r.size, r.threads) for r in runs if answers(r, ref.name)}
        for ref in refs
    }

    def complete(place: Place) -> bool:
        return all(
            (
                ref.transport or place.transport,
                ref.size or place.size,
                ref.threads or place.threads,
            )
            in ran[ref]
            for ref in refs
        )

    kept = [place for place in found if complete(place)]
    missing = set(test.size.listed) - {place.size for place in kept}
    return kept + [place for place in found if place.size in missing] or found


def examine(test: Test, data: Dataset, place: Place) -> Finding:
    value = test.measure.at(data, place)
    return Finding(test, place, value, holds(test, value))


def holds(test: Test, value: Value) -> bool | None:
    """
    Whether the comparison holds; None when it cannot be told. Of counts each run must agree; of a
    measurement the whole interval must lie on one side, and without repeats there is no interval.
    """
    known = value.estimate
    if known is None or known.low is None or known.high is None:
        return None
    if test.compare == "==" and not value.timing:
        # What was sent again was copied, or read by a device, again.
        test = replace(test, tolerance=test.tolerance + value.resent)
    inside = within(test, known.low, known.high)
    if inside or not value.timing:
        return inside
    return False if outside(test, known.low, known.high) else None


def within(test: Test, low: float, high: float) -> bool:
    """All of the interval agrees with the claim."""
    value, slack = test.value, test.tolerance
    return {
        "==": value - slack <= low and high <= value + slack,
        "!=": high < value - slack or low > value + slack,
        "<": high < value + slack,
        "<=": high <= value + slack,
        ">": low > value - slack,
        ">=": low >= value - slack,
    }[test.compare]


def outside(test: Test, low: float, high: float) -> bool:
    """None of the interval does."""
    value, slack = test.value, test.tolerance
    return {
        "==": high < value - slack or low > value + slack,
        "!=": value - slack <= low and high <= value + slack,
        "<": low >= value + slack,
        "<=": low > value + slack,
        ">": high <= value - slack,
        ">=": high < value - slack,
    }[test.compare]


# Words


def decided(claim: Claim, data: Dataset, path: str, verdict: str, outcome: Outcome) -> Judgement:
    by = outcome.by
    why = reason(by)
    facts = sentence(claim, data, by.place)
    if facts and verdict != NOT_TESTABLE:
        why = f"{facts} ({why})" if by.value.timing else facts
        if (outcome.mixed or outcome.differ) and not by.value.timing:
            why = f"{where(by)}: {why}"
    if "," in path:
        why = f"over {by.place.path}: {why}"
    return Judgement(claim, path, verdict, by, why + outcome.tally)


def elsewhere(judgement: Judgement) -> list[str]:
    """What is found over another path, where such runs were made."""
    return [f"over {j.path} it is {j.verdict}: {j.why}" for j in judgement.elsewhere]


def number(value: float) -> str:
    """Three digits that mean something, and no exponent; what is next to nothing is called that."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if 0 < abs(value) < 1e-5:
        return "below 0.00001" if value > 0 else "above -0.00001"
    if 0 < abs(value) < 1e-3:
        return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}"
    return f"{value:.3g}"


def where(finding: Finding) -> str:
    threads = finding.place.threads
    return f"at {size_text(finding.place.size)}, {threads} thread{'s'[: threads > 1]}"


def sentence(claim: Claim, data: Dataset, place: Place) -> str:
    """The claim's own words with this run's numbers; nothing when one of them is unknown."""
    said = []
    for part in claim.because:
        if isinstance(part, str):
            said.append(part)
            continue
        home = Place(place.path, claim.transport or place.transport, place.size, place.threads)
        value = part.at(data, home).estimate
        if value is None:
            return ""
        said.append(number(value.mean))
    return "".join(said)


def reason(finding: Finding) -> str:
    """What was found, where, and why that is or is not enough."""
    test, value = finding.test, finding.value
    known = value.estimate
    if known is None:
        return value.why
    place = "as the expression says" if all_fixed(test) else where(finding)
    text = f"{readable(test)} is {number(known.mean)}"
    needs = f"the claim needs {test.compare} {number(test.value)}"
    needs += f" (tolerance {number(test.tolerance)})" if test.tolerance else ""
    if not value.timing:
        return f"{text} {place}; {needs}"
    traced = ", measured while probes ran" if value.traced else ""
    if known.low is None or known.high is None:
        return (
            f"{text} {place}, from a single run{traced}: without repeats no difference can be shown"
        )
    runs = f"{number(known.low)} to {number(known.high)}, {known.count} runs"
    spread = f"{text} ({runs}) {place}{traced}"
    if finding.holds is None:
        return f"no difference that {known.count} runs can show: {spread}; {needs}"
    return f"{spread}; {needs}"


def all_fixed(test: Test) -> bool:
    return all(ref.size and ref.threads for ref in test.measure.references.values())


def readable(test: Test) -> str:
    if test.transport and any(not r.transport for r in test.measure.references.values()):
        return f"{test.measure.text} of {test.transport}"
    return test.measure.text


def size_text(size: int) -> str:
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} B"
