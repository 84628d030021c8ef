# SPDX-License-Identifier: GPL-2.0
"""
verify --decide: more runs for undecided claims.

Judging again and again until a result appears finds results that do not exist. So the number of looks, and
the repeats before each, are fixed beforehand, and the looks share the 5% chance of a wrong verdict.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Iterable

from claims import Claim
from judge import Finding, Judgement, judge_all
from load import load
from measure import run, seconds, show_left
from quantities import TIMING, word
from words import plural

LOOKS = 4  # with the first one; the repeats double before each further look

Key = tuple[str, int, int, str]  # path, size, threads, what is traced


def until_decided(
    claims: list[Claim],
    documents: list[Path],
    paths: list[str],
    into: Path,
    plan: list[dict[str, Any]],
) -> list[Path]:
    """The given documents, and those of the added runs."""
    known = list(documents)
    names = {path.split(":")[0]: path for path in paths}
    length = max(float(step["seconds"]) for step in plan)
    repeats = max(int(step.get("repeat", 1)) for step in plan)
    for look in range(2, LOOKS + 1):
        judgements = judge_all(claims, load(known), LOOKS)
        wanted = transports_wanted(undecided(judgements))
        if not wanted:
            break
        print(f"verify: look {look} of {LOOKS}: {plural(len(wanted), 'place')} undecided", file=sys.stderr)
        steps = [
            (path, {"trace": trace, "size": size, "threads": threads, "seconds": length,
                    "repeat": repeats, "transport": ",".join(sorted(transports))})
            for (path, size, threads, trace), transports in sorted(wanted.items())
        ]  # fmt: skip
        for number, (path, step) in enumerate(steps):
            show_left(sum(seconds(step) for _, step in steps[number:]))
            known.append(run(names[path], step, into, f"{path}-decide-{look}-{number}"))
        repeats *= 2
    return known


def undecided(judgements: Iterable[Judgement]) -> list[Finding]:
    """All findings that are undecided, also over other paths."""
    found: list[Finding] = []
    for judgement in judgements:
        found += judgement.undecided + tuple(undecided(judgement.elsewhere))
    return found


def transports_wanted(findings: Iterable[Finding]) -> dict[Key, set[str]]:
    """Which transports to run again, and where."""
    wanted: dict[Key, set[str]] = {}
    for finding in findings:
        place = finding.place
        refs = finding.test.measure.references.values()
        plain = all(word(ref.name).kind == TIMING for ref in refs)
        for ref in refs:
            size, threads = ref.size or place.size, ref.threads or place.threads
            key = (place.path, size, threads, "none" if plain else "all")
            wanted.setdefault(key, set()).add(ref.transport or place.transport or "")
    return wanted
