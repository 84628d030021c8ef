# SPDX-License-Identifier: GPL-2.0
"""
From claims and runs to verdicts.

Counts of bytes and calls are exact: every run must agree. A measurement (time, processor counters, context
switches) is judged by the interval of its median. All comparisons of measurements in one call are a family:
their intervals are so wide that all of them together are right with 95%.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Iterable, Sequence

import reasons
from claims import CONFIRMED, NOT_TESTABLE, REFUTED, UNDECIDED, Claim, Test
from load import Dataset
from quantities import LEDGER, PROCESSORS, RUN, Place, Value, answers, word
from stats import CONFIDENCE, Estimate, family_confidence, repeats_needed
from words import Remark, remark, sentence


@dataclass(frozen=True)
class Finding:
    """A test at one place."""

    test: Test
    place: Place
    value: Value
    interval: Estimate | None  # at the confidence of the family; for a count, its range
    verdict: str
    lacks: str = ""  # what is missing where it is not testable
    needed: int | None = None  # repeats that would decide it, where it is undecided

    @property
    def leans_to_failing(self) -> bool:
        known = self.value.estimate
        return known is not None and not within(self.test, known.median, known.median)


@dataclass(frozen=True)
class Outcome:
    """A test over all its places, and the finding that decides it."""

    verdict: str
    by: Finding
    all: tuple[Finding, ...]

    @property
    def mixed(self) -> bool:
        """The places do not agree, or their values differ by more than a tolerance."""
        values = [f.value.estimate.median for f in self.all if f.value.estimate]
        apart = bool(values) and max(values) - min(values) > 0.02
        return apart or len({f.verdict for f in self.all}) > 1


@dataclass(frozen=True)
class Judgement:
    claim: Claim
    path: str
    verdict: str
    decided_by: Finding | None
    reasons: tuple[Remark, ...]
    confidence: float = CONFIDENCE  # of each of its intervals
    outcomes: tuple[Outcome, ...] = ()
    elsewhere: tuple[Judgement, ...] = ()  # over the path that the claim names as `also`

    @property
    def why(self) -> str:
        return sentence(self.reasons)

    @property
    def measured(self) -> float | None:
        value = self.decided_by.value.estimate if self.decided_by else None
        return value.median if value else None

    @property
    def evidence(self) -> str:
        return self.decided_by.value.evidence if self.decided_by else "unavailable"

    @property
    def undecided(self) -> tuple[Finding, ...]:
        found = (f for outcome in self.outcomes for f in outcome.all)
        return tuple(f for f in found if f.verdict == UNDECIDED)


# A family


def judge_all(claims: Sequence[Claim], data: Dataset, looks: int = 1) -> list[Judgement]:
    """Judges every claim; `looks`: how often in all the claims are judged, with more runs each time."""
    confidence = family_confidence(len(family(claims, data)) * looks)
    return [judge(claim, data, confidence) for claim in claims]


def family(claims: Iterable[Claim], data: Dataset) -> set[tuple]:
    """The distinct comparisons of measurements, which share the 5% chance of being wrong."""
    found: set[tuple] = set()
    for claim in claims:
        for path in paths_of(claim, data) + also_of(claim, data):
            for test in claim.tests:
                for place in places(test, data, path):
                    value = test.measure.at(data, place)
                    if value.timing and value.estimate:
                        found |= {(test.measure.text, place, border) for border in test.borders}
    return found


def paths_of(claim: Claim, data: Dataset) -> list[str]:
    return data.paths if claim.path == "any" else [claim.path]


def also_of(claim: Claim, data: Dataset) -> list[str]:
    return [claim.also] if claim.also in data.paths else []


# A claim


def judge(claim: Claim, data: Dataset, confidence: float = CONFIDENCE) -> Judgement:
    """Judges a claim on the path that it is about, and on the path that it names as `also`."""
    elsewhere = tuple(judge_on(claim, data, [p], confidence) for p in also_of(claim, data))
    here = judge_on(claim, data, paths_of(claim, data), confidence)
    return replace(here, elsewhere=elsewhere)


def judge_on(claim: Claim, data: Dataset, paths: list[str], confidence: float) -> Judgement:
    """A claim holds when all its tests hold on every path."""
    shown = ", ".join(paths)
    absent = [path for path in paths if path not in data.paths]
    if absent:
        return Judgement(claim, shown, NOT_TESTABLE, None, reasons.no_path(absent[0]), confidence)
    outcomes = [judge_test(t, data, path, confidence) for path in paths for t in claim.tests]
    verdict = combined([outcome.verdict for outcome in outcomes])
    by = next(outcome for outcome in outcomes if outcome.verdict == verdict)
    why = reasons.why(claim, data, shown, by, outcomes)
    return Judgement(claim, shown, verdict, by.by, why, confidence, tuple(outcomes))


def combined(verdicts: list[str]) -> str:
    """The verdict of parts that must all hold: one that fails refutes."""
    order = (REFUTED, NOT_TESTABLE, UNDECIDED)
    return next((verdict for verdict in order if verdict in verdicts), CONFIRMED)


def enough(test: Test, verdicts: list[str]) -> str:
    """The verdict of a test over its places, by how many of them must agree."""
    yes, no, all_of_them = verdicts.count(CONFIRMED), verdicts.count(REFUTED), len(verdicts)
    if test.over == "every":
        return combined(verdicts)
    confirmed, refuted = (yes > 0, no == all_of_them)
    if test.over == "most":
        confirmed, refuted = 2 * yes > all_of_them, 2 * no >= all_of_them
    if confirmed or refuted:
        return CONFIRMED if confirmed else REFUTED
    return NOT_TESTABLE if NOT_TESTABLE in verdicts else UNDECIDED


def judge_test(test: Test, data: Dataset, path: str, confidence: float) -> Outcome:
    """Whether the test holds on this path, and the finding that decides it."""
    found = [examine(test, data, place, confidence) for place in places(test, data, path)]
    if not found:
        place = Place(path, test.transport, test.size.bound, test.threads.bound)
        why = remark("no_run_over", path=path, sizes=test.size.text or None, counts=test.threads.text or None)
        value = Value(None, why=why, lacks=RUN)
        found = [Finding(test, place, value, None, NOT_TESTABLE, RUN)]
    verdict = enough(test, [finding.verdict for finding in found])
    alike = [finding for finding in found if finding.verdict == verdict]
    return Outcome(verdict, pick(verdict, alike or found), tuple(found))


def pick(verdict: str, findings: list[Finding]) -> Finding:
    """
    The finding to show first: of the decided ones, the farthest from the claimed value; of the undecided
    ones, the one that decides first if it fails, else the one that takes the most repeats.
    """
    if verdict == UNDECIDED:

        def cost(finding: Finding) -> float:
            return finding.needed or float("inf")

        failing = [finding for finding in findings if finding.leans_to_failing]
        return min(failing, key=cost) if failing else max(findings, key=cost)

    def distance(finding: Finding) -> float:
        value = finding.value.estimate
        return abs(value.median - finding.test.value) if value else -1.0

    return max(findings, key=distance)


# Places


def places(test: Test, data: Dataset, path: str) -> list[Place]:
    """
    The places to examine a test at: all where every transport that it names ran. If each part of the
    expression has a size or a number of threads of its own, those of the place do not matter.
    """
    refs = list(test.measure.references.values())
    runs = data.on(path)
    fixed_size = all(ref.size for ref in refs)
    fixed_threads = all(ref.threads for ref in refs)
    sizes: list[int | None] = [refs[0].size] if fixed_size else [*test.size.choose({run.size for run in runs})]
    threads = {run.threads for run in runs}
    chosen: list[int | None] = [refs[0].threads] if fixed_threads else [*test.threads.choose(threads)]
    found = [Place(path, test.transport, s, t) for s in sizes for t in chosen if s and t]
    if test.size.listed and (test.threads.listed or fixed_threads):
        return found
    # A grid may have gaps: drop places without runs, keep places with runs that have no count.

    def complete(place: Place) -> bool:
        return all(
            any(
                answers(run, ref.name)
                for run in data.at(
                    path,
                    ref.transport or place.transport,
                    ref.size or place.size,
                    ref.threads or place.threads,
                )
            )
            for ref in refs
        )

    kept = [place for place in found if complete(place)]
    missing = set(test.size.listed) - {place.size for place in kept}
    return kept + [place for place in found if place.size in missing] or found


# A comparison


def examine(test: Test, data: Dataset, place: Place, confidence: float) -> Finding:
    value = test.measure.at(data, place)
    lacks = too_few_processors(test, data, place) or value.lacks
    if lacks:
        return Finding(test, place, value, None, NOT_TESTABLE, lacks)
    interval = value.interval(confidence)
    verdict = compare(test, value, interval)
    needed = None
    if verdict == UNDECIDED:
        decides = lambda low, high: within(test, low, high) or outside(test, low, high)
        needed = repeats_needed(value.values, confidence, decides)
    return Finding(test, place, value, interval, verdict, needed=needed)


def too_few_processors(test: Test, data: Dataset, place: Place) -> str:
    """With N threads on fewer processors, a measurement shows the scheduler and not the transport."""
    refs = test.measure.references.values()
    threads = test.measure.most_threads(place)
    measured = any(word(ref.name).kind != LEDGER for ref in refs)
    cores = data.cores(place.path)
    enough_of_them = threads == 1 or (cores is not None and cores >= threads)
    return PROCESSORS if measured and not enough_of_them else ""


def compare(test: Test, value: Value, interval: Estimate | None) -> str:
    """
    Whether the comparison holds. Every count must agree. For a measurement the whole interval must be on
    one side; too few repeats have no interval.
    """
    if interval is None or interval.low is None or interval.high is None:
        return UNDECIDED
    if test.compare == "==" and not value.timing:
        # Bytes that were sent again were copied, or read by a device, again.
        test = replace(test, tolerance=test.tolerance + value.resent)
    if within(test, interval.low, interval.high):
        return CONFIRMED
    if not value.timing or outside(test, interval.low, interval.high):
        return REFUTED
    return UNDECIDED


def within(test: Test, low: float, high: float) -> bool:
    """Whether the whole interval agrees with the claim."""
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
    """Whether no part of the interval agrees with the claim."""
    value, slack = test.value, test.tolerance
    return {
        "==": high < value - slack or low > value + slack,
        "!=": value - slack <= low and high <= value + slack,
        "<": low >= value + slack,
        "<=": low > value + slack,
        ">": high <= value - slack,
        ">=": high < value - slack,
    }[test.compare]
