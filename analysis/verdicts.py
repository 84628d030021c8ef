# SPDX-License-Identifier: GPL-2.0
"""Verdicts as a table, as JSON and as JUnit XML."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path
from typing import Any, Iterable
from xml.etree import ElementTree

import owned
from breakeven import METRICS, comparisons, confidence_of_each, crossings, every_sweep, sweep
from claims import NOT_TESTABLE, UNDECIDED, VERDICTS
from judge import Judgement
from load import Dataset
from proofs import by_site
from reasons import brief, elsewhere, remedy
from words import number, remark, sentence

SCHEMA = "harness.claims/2"  # 2: medians instead of means, and UNDECIDED
NARROW, WIDE = 72, 160  # columns of the table
INDENT = 6  # of the lines below a claim's line


# JSON


def as_json(judgements: list[Judgement], data: Dataset) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "environment": data.environment,
        "invalid_runs": data.invalid,
        "timing_while_traced": data.traced_only,
        "confidence_of_each": judgements[0].confidence if judgements else None,
        "counts": counts(judgements),
        "proofs": [proof.as_json() for proof in by_site(data.proofs)],
        "claims": [claim_json(judgement) for judgement in judgements],
        "break_even_confidence_of_each": confidence_of_each(data),
        "break_even": [row.as_json() for row in crossings(data)],
    }


def counts(judgements: Iterable[Judgement]) -> dict[str, int]:
    found = [judgement.verdict for judgement in judgements]
    return {verdict: found.count(verdict) for verdict in VERDICTS}


def claim_json(judgement: Judgement) -> dict[str, Any]:
    claim, by = judgement.claim, judgement.decided_by
    known = by.value.estimate if by else None
    corrected = by.interval if by else None
    return {
        "id": claim.id,
        "report": claim.report,
        "path": judgement.path,
        "verdict": judgement.verdict,
        "measured": judgement.measured,
        "evidence": judgement.evidence,
        "why": judgement.why,
        "reasons": [reason.as_json() for reason in judgement.reasons],
        "says": claim.says,
        "measure": by.test.measure.text if by else None,
        "compare": by.test.compare if by else None,
        "value": by.test.value if by else None,
        "interval": [known.low, known.high] if known else None,
        "corrected_interval": [corrected.low, corrected.high] if corrected else None,
        "runs": known.count if known else 0,
        "repeats_needed": by.needed if by else None,
        "lacks": lacks(judgement) or None,
        "remedy": str(remedy(lacks(judgement))) if lacks(judgement) else None,
        "message_bytes": by.place.size if by else None,
        "threads": by.place.threads if by else None,
        "elsewhere": [
            {"path": j.path, "verdict": j.verdict, "measured": j.measured, "why": j.why,
             "reasons": [reason.as_json() for reason in j.reasons]}
            for j in judgement.elsewhere
        ],
    }


def lacks(judgement: Judgement) -> str:
    """What is missing: a path, or one of quantities.LACKS; empty where nothing is missing."""
    if judgement.verdict != NOT_TESTABLE:
        return ""
    return judgement.decided_by.lacks if judgement.decided_by else judgement.path


# The table


def print_table(judgements: list[Judgement], data: Dataset, long: bool, break_even: bool) -> None:
    width = max(NARROW, min(shutil.get_terminal_size((120, 24)).columns, WIDE))
    head = ("claim", "verdict", "number", "why")
    rows = [(j.claim.id, j.verdict, shown(j)) for j in judgements]
    sizes = [max(len(head[i]), *(len(row[i]) for row in rows)) for i in range(3)]
    line = f"{{:{sizes[0]}}}  {{:{sizes[1]}}}  {{:>{sizes[2]}}}  "
    print(line.format(*head[:3]) + head[3])
    print("-" * width)
    for cells, judgement in zip(rows, judgements):
        why = judgement.why if long else sentence(brief(judgement, data))
        print(hanging(why, width, line.format(*cells)))
        for text in (f'{judgement.path}: "{judgement.claim.says}"', *other_paths(judgement, data, long)):
            print(hanging(text, width, " " * INDENT))
    print_proofs(data, width)
    if break_even:
        print_crossings(data, width)
    print_end(judgements, data, width)


def hanging(text: str, width: int, before: str) -> str:
    indent = " " * len(before)
    return textwrap.fill(text, width, initial_indent=before, subsequent_indent=indent)


def other_paths(judgement: Judgement, data: Dataset, long: bool) -> list[str]:
    if long:
        return [str(found) for found in elsewhere(judgement)]
    found = [(j, sentence(brief(j, data))) for j in judgement.elsewhere]
    return [str(remark("elsewhere", path=j.path, verdict=j.verdict, why=why)) for j, why in found]


def shown(judgement: Judgement) -> str:
    return "n/a" if judgement.measured is None else number(judgement.measured)


def print_proofs(data: Dataset, width: int) -> None:
    """For each site, its count and the effect that was found."""
    found = by_site(data.proofs)
    if found:
        line = f"{{:{INDENT}}} {{:13}} {{:>11}} {{:>11}}  "
        print(f"\n{line.format('path', 'proof of', 'counted', 'by effect')}found")
    for proof in found:
        counts = [f"{n:,}" if n is not None else "n/a" for n in (proof.counted, proof.effect)]
        print(hanging(str(proof.found), width, line.format(proof.path, proof.site, *counts)))


def print_end(judgements: list[Judgement], data: Dataset, width: int) -> None:
    """Prints the remedies for claims without a decision, and the number of each verdict."""
    missing: dict[str, list[str]] = {}
    for judgement in judgements:
        if lacks(judgement):
            missing.setdefault(lacks(judgement), []).append(judgement.claim.id)
    print()
    for what, names in missing.items():
        text = remark("missing", count=len(names), remedy=remedy(what), claims=names)
        print(textwrap.fill(str(text), width, subsequent_indent=" " * INDENT))
    needed = [j.decided_by.needed for j in judgements if j.verdict == UNDECIDED and j.decided_by]
    if needed:
        most = max((n for n in needed if n), default=None)
        known = bool(most) and None not in needed
        print(remark("undecided" if known else "undecided_long", count=len(needed), repeats=most))
    if data.traced_only:
        print(remark("all_traced"))
    print(", ".join(f"{count} {verdict}" for verdict, count in counts(judgements).items()))


def print_crossings(data: Dataset, width: int) -> None:
    """Size by size, as the page has it."""
    print(f"\n{remark('break_even', comparisons=comparisons(data))}")
    for path, a, b, metric in every_sweep(data):
        found = sweep(data, path, a, b, metric)
        if found:
            text = str(remark("break_even_row", path=path, measure=METRICS[metric][0], sweep=found))
            print(hanging(text, width, " " * INDENT))


# JUnit


def write_junit(judgements: list[Judgement], wrong: dict[str, str], path: Path) -> None:
    suite = ElementTree.Element("testsuite", name="harness verify")
    for judgement in judgements:
        claim = judgement.claim
        case = ElementTree.SubElement(suite, "testcase", classname=claim.report, name=claim.id)
        text = f"{judgement.verdict}: {judgement.why}"
        if claim.id in wrong:
            ElementTree.SubElement(case, "failure", message=wrong[claim.id]).text = text
        elif judgement.verdict in (NOT_TESTABLE, UNDECIDED):
            ElementTree.SubElement(case, "skipped", message=judgement.why)
        ElementTree.SubElement(case, "system-out").text = text
    for name in wrong.keys() - {j.claim.id for j in judgements}:
        case = ElementTree.SubElement(suite, "testcase", classname="expected", name=name)
        ElementTree.SubElement(case, "failure", message=wrong[name])
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("*/failure"))))
    suite.set("skipped", str(len(suite.findall("*/skipped"))))
    ElementTree.indent(suite)
    owned.write(path, ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))
