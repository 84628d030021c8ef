# SPDX-License-Identifier: GPL-2.0
"""The words of a verdict: what was found, where, why that is or is not enough, and what is missing."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Sequence

from claims import CONFIRMED, NOT_TESTABLE, REFUTED, UNDECIDED, Claim, Test
from load import Dataset
from quantities import NUMBER, PMU, PROBE, PROCESSORS, REQUEST, RUN
from quantities import Expression, Place, Reference, parts, unparse
from stats import MOST_REPEATS, Estimate

if TYPE_CHECKING:
    from judge import Finding, Judgement, Outcome

# The remedy for each thing that is missing.
REMEDY = {
    "nic": "two network cards: --path lo,veth,nic:A,B, or a virtual machine that has two: "
    "scripts/vm.sh --nics vmxnet3 -- ./harness verify --quick --path nic:eth0,eth1",
    "netns": "two network namespaces of yours: --path netns:A,B",
    PMU: "processor counters (PMU) that the kernel may read: the same command on a physical machine, or "
    "on a virtual one that is given them",
    PROCESSORS: "more processors: the same command on a machine that has them",
    RUN: "runs that were not made: the same command without --out makes them",
    REQUEST: "runs with --trace all, which asks for all that can be counted",
    PROBE: "a probe that this kernel refuses: harness doctor names the remedy",
    NUMBER: "longer runs, with a number above 0 to divide by",
}
COMPARED = {"==": "", "!=": "other than ", "<": "below ", "<=": "at most ", ">": "above ", ">=": "at least "}


# Numbers


def number(value: float) -> str:
    """Three significant digits, and no exponent; 'below 0.00001' for a number near 0."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if 0 < abs(value) < 1e-5:
        return "below 0.00001" if value > 0 else "above -0.00001"
    if 0 < abs(value) < 1e-3:
        return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}"
    return f"{value:.3g}"


def interval(value: Estimate, unit: str = "") -> str:
    """A median with its interval, where the repeats give one."""
    text = number(value.median)
    if value.low is not None and value.high is not None:
        text += f" ({number(value.low)} to {number(value.high)})"
    return f"{text} {unit}".strip()


def size_text(size: int) -> str:
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} B"


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def where(place: Place) -> str:
    return f"at {size_text(place.size)}, {plural(place.threads, 'thread')}"


def many(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


# Quantities


def of(reference: Reference, transport: str | None) -> str:
    """'throughput of one_copy with 8 threads'."""
    text = reference.name
    if reference.transport or transport:
        text += f" of {reference.transport or transport}"
    text += f" at {size_text(reference.size)}" if reference.size else ""
    return text + (f" with {plural(reference.threads, 'thread')}" if reference.threads else "")


def quotient(test: Test) -> tuple[Reference, Reference] | None:
    """The two sides of a measure that divides a quantity by the same one of something else."""
    references, tree = test.measure.references, test.measure.tree
    if not isinstance(tree, ast.BinOp) or not isinstance(tree.op, ast.Div):
        return None
    left, right = (references.get(unparse(side)) for side in (tree.left, tree.right))
    return (left, right) if left and right and left.name == right.name else None


def found(test: Test, value: str) -> str:
    """'throughput of one_copy is 2 times that of two_copy', or the expression and its value."""
    sides = quotient(test)
    if sides:
        left, right = (of(side, test.transport) for side in sides)
        return f"{left} is {value} times that{right.removeprefix(sides[1].name)}"
    named = list(test.measure.references.values())
    text = test.measure.text
    if len(named) == 1 and isinstance(test.measure.tree, (ast.Name, ast.Attribute, ast.Call)):
        text = of(named[0], test.transport)
    elif any(not ref.transport for ref in named):
        text += f" of {test.transport}"
    return f"{text} is {value}"


def terms(expression: Expression, data: Dataset, home: Place) -> str:
    """The parts of a sum, in brackets, with those of 0 grouped; empty if it is no sum."""
    found: list[tuple[str, float | None]] = []
    if is_sum(expression.tree):
        for sign, node in summands(expression.tree):
            part = Expression(unparse(node))
            found.append((sign + part.text, value_of(part, data, home)))
    elif isinstance(expression.tree, (ast.Name, ast.Attribute)):
        (reference,) = expression.references.values()
        prefix = f"{reference.transport}." if reference.transport else ""
        for site in parts(reference.name):
            found.append((f"+ {site}", value_of(Expression(prefix + site), data, home)))
    if not found:
        return ""
    shown = [f"{name} {'n/a' if v is None else number(v)}" for name, v in found if v != 0]
    zeros = [name.lstrip("+- ") for name, v in found if v == 0]
    text = " ".join(shown).removeprefix("+ ")
    if zeros:
        text += f"{', ' if text else ''}{many(zeros)} 0"
    return f" ({text})"


def is_sum(tree: ast.expr) -> bool:
    return isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub))


def summands(tree: ast.expr, sign: str = "+ ") -> list[tuple[str, ast.expr]]:
    if not is_sum(tree):
        return [(sign, tree)]
    assert isinstance(tree, ast.BinOp)
    right = "+ " if isinstance(tree.op, ast.Add) == (sign == "+ ") else "- "
    return summands(tree.left, sign) + [(right, tree.right)]


def value_of(expression: Expression, data: Dataset, place: Place) -> float | None:
    value = expression.at(data, place).estimate
    return value.median if value else None


def with_terms(expression: Expression, data: Dataset, place: Place) -> str:
    """Empty when it is unknown."""
    value = value_of(expression, data, place)
    return "" if value is None else number(value) + terms(expression, data, place)


# Why


def why(
    claim: Claim, data: Dataset, path: str, outcome: Outcome, outcomes: Sequence[Outcome]
) -> str:
    """One sentence for the verdict of a claim."""
    by = outcome.by
    text = reason(by, data)
    facts = sentence(claim, data, by.place)
    if facts and by.verdict in (CONFIRMED, REFUTED):
        text = f"{facts} ({text})" if by.value.timing else facts
        if outcome.mixed and not by.value.timing:
            text = f"{where(by.place)}: {text}"
    if "," in path:
        text = f"over {by.place.path}: {text}"
    text += tally(outcome) + "".join(size_of_factor(f) for outcome in outcomes for f in outcome.all)
    return text + forced_copy(data, by.place)


def sentence(claim: Claim, data: Dataset, place: Place) -> str:
    """The claim's own words with the numbers of these runs; empty when one is unknown."""
    home = Place(place.path, claim.transport or place.transport, place.size, place.threads)
    parts = [p if isinstance(p, str) else with_terms(p, data, home) for p in claim.because]
    known = all(text for text, part in zip(parts, claim.because) if not isinstance(part, str))
    return "".join(parts) if known else ""


def reason(finding: Finding, data: Dataset) -> str:
    """The result, its place, and why it does or does not decide."""
    test, value = finding.test, finding.value
    if finding.verdict == NOT_TESTABLE:
        return lacking(finding, data)
    assert value.estimate
    shown = number(value.estimate.median)
    if not value.timing:
        shown += terms(test.measure, data, finding.place)
    text = found(test, shown) + spread(finding)
    text += "" if all_fixed(test) else f" {where(finding.place)}"
    text += ", measured while probes ran" if value.traced else ""
    text += f"; the claim needs {COMPARED[test.compare]}{number(test.value)}"
    text += f" (tolerance {number(test.tolerance)})" if test.tolerance else ""
    return text + (f"; {undecided(finding)} (--decide)" if finding.verdict == UNDECIDED else "")


def spread(finding: Finding) -> str:
    """The interval that decides the verdict, and its number of repeats."""
    known, shown = finding.value.estimate, finding.interval
    if not finding.value.timing or known is None:
        return ""
    repeats = plural(known.count, "repeat")
    if shown is None or shown.low is None or shown.high is None:
        return f" ({repeats}, too few for an interval)"
    return f" ({number(shown.low)} to {number(shown.high)}, {repeats})"


def undecided(finding: Finding) -> str:
    """How many repeats would decide it, at this noise."""
    if finding.needed is None:
        return f"at this noise {MOST_REPEATS} repeats would not decide it"
    return f"at this noise about {finding.needed} repeats would decide it"


def lacking(finding: Finding, data: Dataset) -> str:
    """The missing thing, and the remedy."""
    text = finding.value.why
    if finding.lacks == PROCESSORS:
        text = f"{processors(finding)}; {here(data, finding.place.path)}"
    return f"{text}; this takes {REMEDY[finding.lacks]}"


def processors(finding: Finding) -> str:
    refs = finding.test.measure.references.values()
    threads = max([finding.place.threads, *(ref.threads or 0 for ref in refs)])
    quantities = many(sorted({ref.name for ref in refs}))
    return f"{quantities} of {threads} threads a side takes {threads} processors"


def here(data: Dataset, path: str) -> str:
    cores = data.cores(path)
    return f"there are {cores} here" if cores else "how many there are here is not known"


def brief(judgement: Judgement, data: Dataset) -> str:
    """The reason in one line of a table."""
    by = judgement.decided_by
    if by is None:
        return f"no run over {judgement.path}"
    if by.verdict == NOT_TESTABLE:
        if by.lacks != PROCESSORS:
            return by.value.why
        return f"{processors(by)}; {here(data, by.place.path)}"
    test, value = by.test, by.value.estimate
    assert value
    text = found(test, number(value.median)) + spread(by)
    mixed = any(outcome.by is by and outcome.mixed for outcome in judgement.outcomes)
    if not all_fixed(test) and (by.value.timing or mixed):
        text += f" {where(by.place)}"
    text += f"; claimed {COMPARED[test.compare]}{number(test.value)}"
    text += f" (within {number(test.tolerance)})" if test.tolerance and by.value.timing else ""
    return text + (f"; {undecided(by)}" if by.verdict == UNDECIDED else size_of_factor(by))


def no_path(path: str) -> str:
    return f"no run over {path}: this takes {REMEDY.get(path, f'one: --path {path}')}"


def tally(outcome: Outcome) -> str:
    """At how many sizes and threads it holds; empty when all agree."""
    verdicts = [finding.verdict for finding in outcome.all]
    if len(set(verdicts)) == 1:
        return ""
    words = {
        CONFIRMED: "holds at",
        REFUTED: "fails at",
        UNDECIDED: "is undecided at",
        NOT_TESTABLE: "cannot be tested at",
    }
    found = [f"{text} {verdicts.count(v)}" for v, text in words.items() if v in verdicts]
    return f"; of {len(verdicts)} sizes and threads it {', '.join(found)}"


def size_of_factor(finding: Finding) -> str:
    """For a factor claimed on other hardware: the verdict is about its direction; its size is only printed."""
    factor, known = finding.test.factor, finding.interval or finding.value.estimate
    if factor is None or known is None or known.low is None or known.high is None:
        return ""
    same = "" if known.low <= factor <= known.high else "not "
    return f"; the size, {number(factor)} {where(finding.place)}, is {same}reproduced here: {interval(known)}"


def forced_copy(data: Dataset, place: Place) -> str:
    """For copies on the way to a network card: the offloads that are off."""
    if place.path != "nic" or not value_of(Expression("transmit_copy"), data, place):
        return ""
    card = (data.environments.get("nic", {}).get("path_details") or {}).get("sender") or {}
    wanted = ("scatter-gather", "tx-checksumming")
    states = {name: (card.get("offloads") or {}).get(name) for name in wanted}
    if not card or None in states.values():
        return "; the offloads of the card were not recorded"
    off = [name for name, on in states.items() if not on]
    if off:
        forced = f"{many(off)} {'is' if len(off) == 1 else 'are'} off, which forces the copy"
        return f"; at {card.get('device')} {forced}"
    return f"; at {card.get('device')} {many(wanted)} are on, so no offload that is off forces it"


def elsewhere(judgement: Judgement) -> list[str]:
    """The result over another path, if it has runs."""
    return [f"over {j.path} it is {j.verdict}: {j.why}" for j in judgement.elsewhere]


def all_fixed(test: Test) -> bool:
    return all(ref.size and ref.threads for ref in test.measure.references.values())
