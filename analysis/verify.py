# SPDX-License-Identifier: GPL-2.0
"""harness verify: each claim of the reports judged by runs."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import signal
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from arguments import Parser
from breakeven import crossing_text, crossings, refine_all
from claims import NOT_TESTABLE, VERDICTS, Judgement, elsewhere, judge, read_claims
from load import BadInput, Dataset, load, read_text
from measure import CannotMeasure, run_plan

SCHEMA = "harness.claims/1"
CLAIMS = Path(__file__).with_name("claims.toml")
VALID, DIFFERENT, USAGE = 0, 1, 2


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="harness verify",
        description="Judges each claim of the reports: CONFIRMED, REFUTED or NOT TESTABLE HERE. "
        "Runs what it needs, or reads results of earlier runs.",
        epilog="Exit status: 0 every verdict is as --expect says, or none was given; 1 a verdict "
        "differs, or a run was invalid; 2 usage, or a file that cannot be used; 77 this kernel or "
        "user cannot give what was asked for.",
    )
    add = parser.add_argument
    add("--out", metavar="DIR", action="append", type=Path,
        help="judge the results in DIR (or in one --json document); may be repeated")  # fmt: skip
    add("--path", metavar="LIST", default="lo,veth",
        help="paths to run on; default lo,veth; with two cards A and B, lo,veth,nic:A,B")  # fmt: skip
    add("--quick", action="store_true", help="shorter and fewer runs")
    add("--break-even", action="store_true",
        help="say from which size each transport beats each other one, and (without --out) go on "
        "to run sizes around each crossing")  # fmt: skip
    add("--keep", metavar="DIR", type=Path, help="keep what was run in DIR, for harness report DIR")
    add("--claims", metavar="FILE", type=Path, default=CLAIMS, help="instead of the reports'")
    add("--json", action="store_true", help=f"a document of schema {SCHEMA} instead of the table")
    add("--junit", metavar="FILE", type=Path, help="also write the verdicts as JUnit XML")
    add("--expect", metavar="FILE", type=Path,
        help="lines 'ID VERDICT', or an earlier --json document")  # fmt: skip
    options = parser.parse_args(arguments)
    if options.out and (options.keep or options.quick):
        parser.error("--out judges what is there; --keep and --quick are for running something")
    return options


def split_paths(text: str) -> list[str]:
    """lo,veth,nic:A,B or, as a nic has a comma of its own, lo;veth;nic:A,B."""
    return re.findall(r"\w+:[^,;]*,[^,;]*|[^,;]+", text)


def read_expected(path: Path) -> dict[str, str]:
    text = read_text(path)
    if text.lstrip().startswith("{"):
        try:
            return {c["id"]: c["verdict"] for c in json.loads(text)["claims"]}
        except (ValueError, KeyError, TypeError):
            raise BadInput(path, 1, f"not a document of schema {SCHEMA}") from None
    expected = {}
    for line, row in enumerate(text.splitlines(), 1):
        row = row.split("#")[0].strip()
        if not row:
            continue
        name, _, verdict = row.partition(" ")
        if verdict.strip() not in VERDICTS:
            raise BadInput(path, line, f"{verdict.strip()!r} is not one of {', '.join(VERDICTS)}")
        expected[name] = verdict.strip()
    return expected


def differences(judgements: list[Judgement], expected: dict[str, str]) -> dict[str, str]:
    """What came out otherwise than expected, by id."""
    found = {j.claim.id: j.verdict for j in judgements}
    return {
        name: f"expected {verdict}, found {found.get(name, 'no such claim')}"
        for name, verdict in expected.items()
        if found.get(name) != verdict
    }


# Output


def as_json(judgements: list[Judgement], data: Dataset) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "environment": data.environment,
        "invalid_runs": data.invalid,
        "timing_while_traced": data.traced_only,
        "claims": [claim_json(judgement) for judgement in judgements],
        "break_even": [row.as_json() for row in crossings(data)],
    }


def claim_json(judgement: Judgement) -> dict[str, Any]:
    claim, by = judgement.claim, judgement.decided_by
    known = by.value.estimate if by else None
    return {
        "id": claim.id,
        "report": claim.report,
        "path": judgement.path,
        "verdict": judgement.verdict,
        "measured": judgement.measured,
        "evidence": judgement.evidence,
        "why": judgement.why,
        "says": claim.says,
        "measure": by.test.measure.text if by else None,
        "compare": by.test.compare if by else None,
        "value": by.test.value if by else None,
        "interval": [known.low, known.high] if known else None,
        "runs": known.count if known else 0,
        "message_bytes": by.place.size if by else None,
        "threads": by.place.threads if by else None,
        "elsewhere": [
            {"path": j.path, "verdict": j.verdict, "measured": j.measured, "why": j.why}
            for j in judgement.elsewhere
        ],
    }


def print_table(judgements: list[Judgement], data: Dataset) -> None:
    width = max(72, min(shutil.get_terminal_size((120, 24)).columns, 140))
    ids = max(len(j.claim.id) for j in judgements)
    print(f"{'claim':{ids}}  {'path':8}  {'verdict':17}  {'measured':>8}  evidence")
    print("-" * width)
    for judgement in judgements:
        value = judgement.measured
        shown = "n/a" if value is None else f"{value:,.0f}" if value >= 1e4 else f"{value:.3f}"
        print(
            f"{judgement.claim.id:{ids}}  {judgement.path:8}  {judgement.verdict:17}  "
            f"{shown:>8}  {judgement.evidence}"
        )
        for text in (f'"{judgement.claim.says}"', judgement.why, *elsewhere(judgement)):
            print(textwrap.fill(text, width, initial_indent=" " * 4, subsequent_indent=" " * 6))
    counts = {v: sum(j.verdict == v for j in judgements) for v in VERDICTS}
    print("\n" + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    if data.traced_only:
        print("every run was traced: times and throughput are those of traced runs")


def print_crossings(data: Dataset) -> None:
    print("\nBreak-even, one thread a side")
    for row in crossings(data):
        print(f"    {row.path}, in {row.measure}: {crossing_text(row)}")


def write_junit(judgements: list[Judgement], wrong: dict[str, str], path: Path) -> None:
    suite = ElementTree.Element("testsuite", name="harness verify")
    for judgement in judgements:
        claim = judgement.claim
        case = ElementTree.SubElement(suite, "testcase", classname=claim.report, name=claim.id)
        text = f"{judgement.verdict}: {judgement.why}"
        if claim.id in wrong:
            ElementTree.SubElement(case, "failure", message=wrong[claim.id]).text = text
        elif judgement.verdict == NOT_TESTABLE:
            ElementTree.SubElement(case, "skipped", message=judgement.why)
        ElementTree.SubElement(case, "system-out").text = text
    for name in wrong.keys() - {j.claim.id for j in judgements}:
        case = ElementTree.SubElement(suite, "testcase", classname="expected", name=name)
        ElementTree.SubElement(case, "failure", message=wrong[name])
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("*/failure"))))
    suite.set("skipped", str(len(suite.findall("*/skipped"))))
    ElementTree.indent(suite)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


# The command


def gather(options: argparse.Namespace, rest: dict[str, Any]) -> Dataset:
    """The runs to judge by: given ones, or new ones."""
    if options.out:
        return load(options.out)
    plan = rest.get("plan", {}).get("quick" if options.quick else "full")
    if not plan:
        raise BadInput(options.claims, None, "no [[plan.full]] or [[plan.quick]]: use --out DIR")
    with tempfile.TemporaryDirectory(prefix="harness-verify-") as temporary:
        into = options.keep or Path(temporary)
        paths = split_paths(options.path)
        documents = run_plan(plan, paths, into)
        if options.break_even:
            documents = refine_all(documents, paths, into, options.quick)
        return load(documents)


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    try:
        claims, rest = read_claims(options.claims)
        expected = read_expected(options.expect) if options.expect else {}
        data = gather(options, rest)
    except BadInput as error:
        print(f"harness verify: {error}", file=sys.stderr)
        return USAGE
    except CannotMeasure as error:
        print(f"harness verify: {error}", file=sys.stderr)
        return error.status
    for line in data.invalid:
        print(f"harness verify: {line}", file=sys.stderr)
    judgements = [judge(claim, data) for claim in claims]
    wrong = differences(judgements, expected)
    if options.json:
        json.dump(as_json(judgements, data), sys.stdout, indent=2)
        print()
    else:
        print_table(judgements, data)
        if options.break_even:
            print_crossings(data)
    if options.junit:
        try:
            write_junit(judgements, wrong, options.junit)
        except OSError as error:
            print(f"harness verify: {options.junit}: {error.strerror}", file=sys.stderr)
            return DIFFERENT
    for name, what in wrong.items():
        print(f"harness verify: {name}: {what}", file=sys.stderr)
    return DIFFERENT if wrong or data.invalid else VALID


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` is no error
    sys.exit(main(sys.argv[1:]))
