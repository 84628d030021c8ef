# SPDX-License-Identifier: GPL-2.0
"""Claims, read from a data file; claims.toml describes its format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reading import BadInput, parse_toml, read_text
from quantities import BadExpression, Expression

CONFIRMED, REFUTED, UNDECIDED = "CONFIRMED", "REFUTED", "UNDECIDED"
NOT_TESTABLE = "NOT TESTABLE HERE"
VERDICTS = (CONFIRMED, REFUTED, UNDECIDED, NOT_TESTABLE)
PATHS = ("lo", "veth", "nic", "netns", "any")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
CLAIM_KEYS = {"id", "report", "says", "path", "also", "transport", "tests", "because"}
TEST_KEYS = {"measure", "compare", "value", "tolerance", "factor", "size", "threads", "over", "transport"}
OVER = ("every", "most", "any")


@dataclass(frozen=True)
class Selector:
    """A set of sizes or numbers of threads: a list, or those that meet a comparison."""

    text: str
    listed: tuple[int, ...] = ()
    compare: str = ""
    bound: int = 0

    def choose(self, present: set[int]) -> list[int]:
        """The wanted values. Listed ones are wanted even if they have no run."""
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
    over: str  # how many of the sizes and threads must agree: one of OVER
    transport: str | None
    factor: float | None = None  # the size of an effect on other hardware; only its direction is judged

    @property
    def borders(self) -> tuple[float, ...]:
        """The values at which the comparison changes its answer."""
        below, above = self.value - self.tolerance, self.value + self.tolerance
        if self.compare in ("<", "<="):
            return (above,)
        return (below,) if self.compare in (">", ">=") else (below, above)


@dataclass(frozen=True)
class Claim:
    id: str
    report: str
    says: str
    path: str
    transport: str | None
    tests: tuple[Test, ...]
    because: tuple[str | Expression, ...]  # text and expressions, alternating
    also: str = ""  # another path to judge it over, where there are runs


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


def are_tables(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)


def is_plan(steps: Any) -> bool:
    """Of steps whose values are options of the harness; how long a step takes is computed from three of them."""
    return are_tables(steps) and all(
        all(isinstance(value, (str, int, float)) for value in step.values())
        and isinstance(step.get("seconds"), (int, float))
        and isinstance(step.get("repeat", 1), int)
        and all(count.isdecimal() for count in str(step.get("threads", "1")).split(","))
        for step in steps
    )


def read_claims(path: Path) -> tuple[list[Claim], dict[str, Any]]:
    """The claims, and the rest of the file (what to run for them)."""
    text = read_text(path)
    document = parse_toml(text, path)
    numbered = enumerate(text.split("\n"), 1)
    lines = [number for number, line in numbered if re.match(r"\s*\[\[\s*claim\s*\]\]", line)]
    rows = document.pop("claim", [])
    if not are_tables(rows) or not rows:
        raise BadInput(path, None, "no [[claim]] in it")
    plans = document.get("plan", {})
    if not isinstance(plans, dict) or not all(is_plan(plan) for plan in plans.values()):
        raise BadInput(path, None, "'plan' must have steps, [[plan.full]] and [[plan.quick]], each with 'seconds'")
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
    if row.get("over", "every") not in OVER:
        raise ValueError(f"'over' must be every, most or any, not {row['over']!r}")
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
        factor=read_number(row["factor"], "factor") if "factor" in row else None,
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
