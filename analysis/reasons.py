# SPDX-License-Identifier: GPL-2.0
"""The reasons of a verdict, as remarks: what was found, where, why that is or is not enough, and what is missing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Sequence

from claims import CONFIRMED, NOT_TESTABLE, REFUTED, UNDECIDED, Claim, Test
from load import Dataset
from quantities import PROCESSORS, Expression, Place, Reference, parts, unparse
from stats import MOST_REPEATS
from words import Remark, estimated, remark

if TYPE_CHECKING:
    from judge import Finding, Judgement, Outcome

TALLY = {CONFIRMED: "holds_at", REFUTED: "fails_at", UNDECIDED: "undecided_at", NOT_TESTABLE: "untestable_at"}


def remedy(lacks: str) -> Remark:
    """The remedy for a missing thing: a path, or one of quantities.LACKS."""
    known = ("nic", "netns", "counter", "processors", "run", "request", "probe", "number")
    return remark(f"remedy_{lacks}") if lacks in known else remark("remedy_path", path=lacks)


# Quantities


def quantity(reference: Reference, transport: str | None) -> dict[str, Any]:
    return {
        "name": reference.name,
        "transport": reference.transport or transport,
        "size": reference.size,
        "threads": reference.threads,
    }


def quotient(test: Test) -> tuple[Reference, Reference] | None:
    """The two sides of a measure that divides a quantity by the same one of something else."""
    references, tree = test.measure.references, test.measure.tree
    if not isinstance(tree, ast.BinOp) or not isinstance(tree.op, ast.Div):
        return None
    left, right = (references.get(unparse(side)) for side in (tree.left, tree.right))
    return (left, right) if left and right and left.name == right.name else None


def measured(finding: Finding, **values: Any) -> Remark:
    """'throughput of one_copy is 2 times that of two_copy', or the expression and its value."""
    test, known = finding.test, finding.value.estimate
    assert known
    values = {"value": known.median, "traced": finding.value.traced, "terms": None} | spread(finding) | values
    sides = quotient(test)
    if sides:
        left, right = (quantity(side, test.transport) for side in sides)
        other = remark("other_quantity", **right)
        return remark("ratio", quantity=remark("quantity", **left), other=other, **values)
    named = list(test.measure.references.values())
    if len(named) == 1 and isinstance(test.measure.tree, (ast.Name, ast.Attribute, ast.Call)):
        return remark("measured", quantity=remark("quantity", **quantity(named[0], test.transport)), **values)
    own = test.transport if any(not ref.transport for ref in named) else None
    whole = remark("quantity", name=test.measure.text, transport=own, size=None, threads=None)
    return remark("measured", quantity=whole, **values)


def spread(finding: Finding) -> dict[str, Any]:
    """The interval that decides the verdict, and its number of repeats; of a count, nothing."""
    known, shown = finding.value.estimate, finding.interval
    found: dict[str, Any] = {"low": None, "high": None, "repeats": None, "too_few": None}
    if not finding.value.timing or known is None:
        return found
    if shown is None or shown.low is None or shown.high is None:
        return found | {"too_few": known.count}
    return found | {"low": shown.low, "high": shown.high, "repeats": known.count}


def at(place: Place | None) -> dict[str, Any]:
    return {"size": place.size if place else None, "threads": place.threads if place else None}


def terms(expression: Expression, data: Dataset, home: Place) -> dict[str, float | None] | None:
    """The parts of a sum with their values; None if it is no sum."""
    found: dict[str, float | None] = {}
    if is_sum(expression.tree):
        for sign, node in summands(expression.tree):
            part = Expression(unparse(node))
            found[sign + part.text] = value_of(part, data, home)
    elif isinstance(expression.tree, (ast.Name, ast.Attribute)):
        (reference,) = expression.references.values()
        prefix = f"{reference.transport}." if reference.transport else ""
        for site in parts(reference.name):
            found[f"+ {site}"] = value_of(Expression(prefix + site), data, home)
    return found or None


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


# Why


def why(
    claim: Claim, data: Dataset, path: str, outcome: Outcome, outcomes: Sequence[Outcome]
) -> tuple[Remark, ...]:
    """All reasons for the verdict of a claim on a path."""
    by = outcome.by
    over = by.place.path if "," in path else None
    found = facts(claim, data, by, over, outcome.mixed)
    if by.verdict == NOT_TESTABLE:
        found = lacking(by, data)
    else:
        sum_of = None if by.value.timing else terms(by.test.measure, data, by.place)
        place = None if all_fixed(by.test) or found and not by.value.timing else by.place
        found += [measured(by, path=None if found else over, terms=sum_of, **at(place)), claimed(by.test)]
        found += needed(by)
    found += tally(outcome)
    found += [size for o in outcomes for f in o.all for size in size_of_factor(f)]
    return tuple(found + forced_copy(data, by.place))


def brief(judgement: Judgement, data: Dataset) -> tuple[Remark, ...]:
    """The reasons in one line of a table."""
    by = judgement.decided_by
    if by is None:
        return judgement.reasons[:1]
    if by.verdict == NOT_TESTABLE:
        return tuple(lacking(by, data)[:1])
    mixed = any(outcome.by is by and outcome.mixed for outcome in judgement.outcomes)
    place = by.place if not all_fixed(by.test) and (by.value.timing or mixed) else None
    found = [measured(by, path=None, traced=None, **at(place)), claimed(by.test, by.value.timing)]
    return tuple(found + (needed(by) or size_of_factor(by)))


def facts(claim: Claim, data: Dataset, by: Finding, over: str | None, mixed: bool) -> list[Remark]:
    """The claim's own words with the numbers of these runs; empty when one is unknown."""
    if not claim.because or by.verdict not in (CONFIRMED, REFUTED):
        return []
    home = Place(by.place.path, claim.transport or by.place.transport, by.place.size, by.place.threads)
    sums = {
        part.text: remark("sum", value=value_of(part, data, home), terms=terms(part, data, home))
        for part in claim.because
        if not isinstance(part, str)
    }
    if any(each["value"] is None for each in sums.values()):
        return []
    text = "".join(part if isinstance(part, str) else str(sums[part.text]) for part in claim.because)
    if not text:
        return []
    place = by.place if mixed and not by.value.timing else None
    return [remark("facts", path=over, sentence=text, sums=[*sums.values()], **at(place))]


def claimed(test: Test, with_tolerance: bool = True) -> Remark:
    tolerance = test.tolerance if test.tolerance and with_tolerance else None
    return remark("claimed", compare=test.compare, value=test.value, tolerance=tolerance)


def needed(finding: Finding) -> list[Remark]:
    """How many repeats would decide it, at this noise."""
    if finding.verdict != UNDECIDED:
        return []
    if finding.needed is None:
        return [remark("no_repeats_decide", most=MOST_REPEATS)]
    return [remark("repeats_decide", repeats=finding.needed)]


def lacking(finding: Finding, data: Dataset) -> list[Remark]:
    """The missing thing, and the remedy."""
    assert finding.value.why or finding.lacks == PROCESSORS
    what = processors(finding, data) if finding.lacks == PROCESSORS else finding.value.why
    return [what, remark("takes", remedy=remedy(finding.lacks))] if what else []


def processors(finding: Finding, data: Dataset) -> Remark:
    refs = finding.test.measure.references.values()
    threads = finding.test.measure.most_threads(finding.place)
    values = {"quantities": sorted({ref.name for ref in refs}), "threads": threads}
    cores = data.cores(finding.place.path)
    return remark("too_few_processors", here=cores, **values) if cores else remark("processors_unknown", **values)


def no_path(path: str) -> tuple[Remark, ...]:
    none = remark("no_run_over", path=path, sizes=None, counts=None)
    return none, remark("takes", remedy=remedy(path))


def tally(outcome: Outcome) -> list[Remark]:
    """At how many sizes and threads it holds; empty when all agree."""
    verdicts = [finding.verdict for finding in outcome.all]
    if len(set(verdicts)) == 1:
        return []
    found = [remark(code, places=verdicts.count(v)) for v, code in TALLY.items() if v in verdicts]
    return [remark("tally", places=len(verdicts), found=found)]


def size_of_factor(finding: Finding) -> list[Remark]:
    """For a factor claimed on other hardware: the verdict is about its direction; its size is only printed."""
    factor, known = finding.test.factor, finding.interval or finding.value.estimate
    if factor is None or known is None or known.low is None or known.high is None:
        return []
    code = "factor_same" if known.low <= factor <= known.high else "factor_differs"
    return [remark(code, factor=factor, found=estimated(known), **at(finding.place))]


def forced_copy(data: Dataset, place: Place) -> list[Remark]:
    """For copies on the way to a network card: the offloads that are off."""
    if place.path != "nic" or not value_of(Expression("transmit_copy"), data, place):
        return []
    card = (data.environments.get("nic", {}).get("path_details") or {}).get("sender") or {}
    wanted = ("scatter-gather", "tx-checksumming")
    states = {name: (card.get("offloads") or {}).get(name) for name in wanted}
    if not card or None in states.values():
        return [remark("offloads_unknown")]
    off = [name for name, on in states.items() if not on]
    return [remark("offloads_off" if off else "offloads_on", device=card.get("device"), offloads=off or [*wanted])]


def elsewhere(judgement: Judgement) -> list[Remark]:
    """The result over another path, if it has runs."""
    return [remark("elsewhere", path=j.path, verdict=j.verdict, why=j.why) for j in judgement.elsewhere]


def all_fixed(test: Test) -> bool:
    return all(ref.size and ref.threads for ref in test.measure.references.values())
