# SPDX-License-Identifier: GPL-2.0
"""harness verify: each claim of the reports judged by runs."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from arguments import Parser, run, status_of  # first, because it checks the version of Python
import decide
from breakeven import refine_all
from claims import VERDICTS, Claim, read_claims
from judge import Judgement, judge_all
from load import Dataset, load
from measure import CannotMeasure, run_plan
from reading import BadInput, parse_json, read_text
from separate import as_caller
from verdicts import SCHEMA, as_json, print_table, write_junit

CLAIMS = Path(__file__).with_name("claims.toml")
VALID, DIFFERENT, USAGE = 0, 1, 2


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="harness verify",
        description="Judges each claim of the reports: CONFIRMED, REFUTED, UNDECIDED (measured, but "
        "the interval reaches over the value) or NOT TESTABLE HERE. Runs what it needs, or reads "
        "results of earlier runs.",
        epilog="Exit status: 0 every verdict is as --expect says, or none was given; 1 a verdict "
        "differs, or a run was invalid; 2 usage, or a file that cannot be used; 77 this kernel or "
        "user cannot give what was asked for; 130 interrupted.",
    )
    add = parser.add_argument
    add("--out", metavar="DIR", action="append", type=Path,
        help="judge the results in DIR (or in one --json document); may be repeated")  # fmt: skip
    add("--path", metavar="LIST", default="lo,veth",
        help="paths to run on; default lo,veth; with two cards A and B, lo,veth,nic:A,B")  # fmt: skip
    add("--quick", action="store_true", help="shorter and fewer runs")
    add("--decide", action="store_true",
        help="repeat the runs of undecided claims, twice as often each time, until they are decided "
        f"or were judged {decide.LOOKS} times")  # fmt: skip
    add("--break-even", action="store_true",
        help="say from which size each transport beats each other one, and (without --out) go on "
        "to run sizes around each crossing")  # fmt: skip
    add("--keep", metavar="DIR", type=Path, help="keep what was run in DIR, for harness report DIR")
    add("--claims", metavar="FILE", type=Path, default=CLAIMS,
        help="claims to judge; default those of the five reports")  # fmt: skip
    add("--long", action="store_true", help="print every term and remedy of each reason in the table")
    add("--json", action="store_true", help=f"print a document of schema {SCHEMA} instead of the table")
    add("--junit", metavar="FILE", type=Path, help="also write the verdicts as JUnit XML")
    add("--expect", metavar="FILE", type=Path,
        help="expected verdicts: lines 'ID VERDICT', or an earlier --json document")  # fmt: skip
    options = parser.parse_args(arguments)
    if options.out and (options.keep or options.quick or options.decide):
        parser.error("--out judges what is there; --keep, --quick and --decide are for running")
    return options


def split_paths(text: str) -> list[str]:
    """Paths: lo,veth,nic:A,B or, because a nic has a comma of its own, lo;veth;nic:A,B."""
    return re.findall(r"\w+:[^,;]*,[^,;]*|[^,;]+", text)


def read_expected(path: Path) -> dict[str, str]:
    text = read_text(path)
    if text.lstrip().startswith("{"):
        document = parse_json(text, path)
        try:
            return {str(c["id"]): c["verdict"] for c in document["claims"]}
        except (KeyError, TypeError):
            raise BadInput(path, 1, f"not a document of schema {SCHEMA}") from None
    expected = {}
    for line, row in enumerate(text.split("\n"), 1):
        row = row.split("#")[0].strip()
        if not row:
            continue
        name, _, verdict = row.partition(" ")
        if verdict.strip() not in VERDICTS:
            raise BadInput(path, line, f"{verdict.strip()!r} is not one of {', '.join(VERDICTS)}")
        if name in expected:
            raise BadInput(path, line, f"a second verdict for {name}")
        expected[name] = verdict.strip()
    return expected


def differences(judgements: list[Judgement], expected: dict[str, str]) -> dict[str, str]:
    """The verdicts that differ from the expected ones, by id."""
    found = {j.claim.id: j.verdict for j in judgements}
    return {
        name: f"expected {verdict}, found {found.get(name, 'no such claim')}"
        for name, verdict in expected.items()
        if found.get(name) != verdict
    }


# The command


def gather(
    options: argparse.Namespace, claims: list[Claim], rest: dict[str, Any]
) -> tuple[Dataset, list[Judgement]]:
    """The runs to judge by, given ones or new ones, and the verdicts."""
    if options.out:
        data = load(options.out)
        return data, judge_all(claims, data)
    plan = rest.get("plan", {}).get("quick" if options.quick else "full")
    if not plan:
        raise BadInput(options.claims, None, "no [[plan.full]] or [[plan.quick]]: use --out DIR")
    with tempfile.TemporaryDirectory(prefix="harness-verify-") as temporary:
        into = options.keep or Path(temporary)
        paths = split_paths(options.path)
        documents = run_plan(plan, paths, into)
        if options.decide:
            documents = decide.until_decided(claims, documents, paths, into, plan)
        if options.break_even:
            documents = refine_all(documents, paths, into, options.quick)
        data = load(documents)
        return data, judge_all(claims, data, decide.LOOKS if options.decide else 1)


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    return as_caller(lambda: verify(options))


def verify(options: argparse.Namespace) -> int:
    try:
        claims, rest = read_claims(options.claims)
        expected = read_expected(options.expect) if options.expect else {}
        data, judgements = gather(options, claims, rest)
    except BadInput as error:
        print(f"harness verify: {error}", file=sys.stderr)
        return USAGE
    except CannotMeasure as error:
        print(f"harness verify: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt as interruption:
        kept = f": verify --out {options.keep} judges what was run" if options.keep else ""
        print(f"harness verify: interrupted{kept}", file=sys.stderr)
        return status_of(interruption)
    for line in data.complaints:
        print(f"harness verify: {line}", file=sys.stderr)
    wrong = differences(judgements, expected)
    if options.json:
        json.dump(as_json(judgements, data), sys.stdout, indent=2)
        print()
    else:
        print_table(judgements, data, options.long, options.break_even)
    if options.junit:
        try:
            write_junit(judgements, wrong, options.junit)
        except OSError as error:
            print(f"harness verify: {options.junit}: {error.strerror}", file=sys.stderr)
            return DIFFERENT
    for name, what in wrong.items():
        print(f"harness verify: {name}: {what}", file=sys.stderr)
    return DIFFERENT if wrong or data.complaints else VALID


if __name__ == "__main__":
    run("verify", main)
