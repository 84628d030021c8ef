# SPDX-License-Identifier: GPL-2.0
"""
Reads and checks the results of runs.

A source is a directory that `harness --out DIR` wrote (runs.jsonl, environment.json, results.csv), one
JSON document that `harness --json` printed, or a directory of such documents or directories.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable

import proofs
from reading import BadInput, parse_json, read_json, read_text
from sites import SITES, adopt
from words import remark

SCHEMA = "harness.ledger/1"
EVIDENCE = ("exact", "derived", "self_reported", "kernel_flag", "upper_bound", "unavailable")
PATHS = ("lo", "veth", "nic", "netns")  # in the order in which they are shown
NEEDED = {
    "transport": str,
    "path": str,
    "message_bytes": int,
    "threads": int,
    "payload_bytes": int,
    "sites": dict,
    "valid": bool,
}
NUMBERS = ("throughput_gbps", "seconds", "messages", "copies_per_byte", "repeat")
# of numbers, or of tables of numbers
TABLES = ("latency_us", "cpu_seconds", "system_calls", "context_switches", "counters", "retransmits")
LISTS = ("traced", "notes", "reasons", "why_invalid")


@dataclass(frozen=True)
class Run:
    """One run, with the place it was read from."""

    data: dict[str, Any]
    source: str
    group: int  # runs of one invocation of the harness share their repeats

    @property
    def transport(self) -> str:
        return self.data["transport"]

    @property
    def path(self) -> str:
        """lo, veth, nic or netns, without the names of interfaces or namespaces."""
        return self.data["path"].split(":")[0]

    @property
    def size(self) -> int:
        return self.data["message_bytes"]

    @property
    def threads(self) -> int:
        return self.data["threads"]

    @property
    def repeat(self) -> tuple[int, int]:
        return self.group, self.data.get("repeat", 1)

    @property
    def traced(self) -> bool:
        return bool(self.data.get("traced"))


@dataclass
class Dataset:
    """The valid runs of all sources, and a line about each of the others."""

    runs: list[Run] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)  # a line each, with file and line
    environment: dict[str, Any] = field(default_factory=dict)  # of the last source
    machines: dict[str, tuple[str, str]] = field(default_factory=dict)  # CPU and kernel, by path
    environments: dict[str, dict[str, Any]] = field(default_factory=dict)  # the first, by path
    probes: list[dict[str, Any]] = field(default_factory=list)
    proofs: list[proofs.Proof] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)  # the files that were read
    _index: tuple[dict, dict] = field(default=({}, {}), repr=False)
    _indexed: int = 0  # the number of runs in the index
    values: dict[tuple, Any] = field(default_factory=dict, repr=False)  # values of expressions

    @property
    def paths(self) -> list[str]:
        ran = {run.path for run in self.runs}
        return [path for path in PATHS if path in ran] + sorted(ran.difference(PATHS))

    def on(self, path: str) -> list[Run]:
        return self.index()[0].get(path, [])

    def at(self, path: str, transport: str | None, size: int, threads: int) -> list[Run]:
        """All runs of one combination."""
        return self.index()[1].get((path, transport, size, threads), [])

    def index(self) -> tuple[dict[str, list[Run]], dict[tuple, list[Run]]]:
        """The runs by path and by combination; computed again when runs were added."""
        if self._indexed != len(self.runs):
            by_path, by_place = defaultdict(list), defaultdict(list)
            for run in self.runs:
                by_path[run.path].append(run)
                by_place[run.path, run.transport, run.size, run.threads].append(run)
            self._index, self._indexed = (by_path, by_place), len(self.runs)
        return self._index

    def cores(self, path: str) -> int | None:
        """Processors that the runs over a path could use; None where that is not known."""
        machine = self.environments.get(path, {})
        found = machine.get("cores_allowed") or machine.get("cores")
        return found if isinstance(found, int) else None

    @property
    def complaints(self) -> list[str]:
        """Warnings: invalid runs, and counts that differ from the proof."""
        wrong = (proof for proof in proofs.by_site(self.proofs) if proof.equal is False)
        return self.invalid + [str(remark("proof_differs", site=p.site, path=p.path)) for p in wrong]

    @property
    def traced_only(self) -> bool:
        return bool(self.runs) and all(run.traced for run in self.runs)


def check_run(run: Any, place: Path, line: int | None) -> dict[str, Any]:
    """A run has what every reader needs, and only sites we know."""
    if not isinstance(run, dict):
        raise BadInput(place, line, "a run must be an object")
    for key, kind in NEEDED.items():
        if key not in run:
            raise BadInput(place, line, f"a run without {key!r}")
        if not isinstance(run[key], kind) or (kind is int and isinstance(run[key], bool)):
            raise BadInput(place, line, f"{key!r} must be {kind.__name__}, not {run[key]!r}")
    for name, site in run["sites"].items():
        if name not in SITES:
            raise BadInput(place, line, f"unknown site {name!r}; known are {', '.join(SITES)}")
        check_site(name, site, place, line)
    for key in NUMBERS:
        check_number(key, run.get(key), place, line)
    for key in TABLES:
        check_table(key, run.get(key), place, line)
    for key in LISTS:
        if not isinstance(run.get(key), (list, type(None))):
            raise BadInput(place, line, f"{key!r} must be a list, not {run[key]!r}")
    # older archives have only sentences
    run["notes"] = [
        note if isinstance(note, dict) else {"code": "", "text": str(note)} for note in run.get("notes") or []
    ]
    for key in ("message_bytes", "threads"):
        if run[key] < 1:
            raise BadInput(place, line, f"{key!r} must be above 0, not {run[key]}")
    return run


def check_number(name: str, value: Any, place: Path, line: int | None) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise BadInput(place, line, f"{name!r} must be a number or null, not {value!r}")


def check_table(name: str, value: Any, place: Path, line: int | None) -> None:
    if not isinstance(value, (dict, type(None))):
        raise BadInput(place, line, f"{name!r} must be an object, not {value!r}")
    for key, inner in (value or {}).items():
        if key in ("why", "why_codes"):  # in words, of the numbers beside it that are null
            continue
        check = check_table if isinstance(inner, dict) else check_number
        check(f"{name}.{key}", inner, place, line)


def check_site(name: str, site: Any, place: Path, line: int | None) -> None:
    number = site.get("bytes") if isinstance(site, dict) else ""
    if not (number is None or isinstance(number, int)):
        raise BadInput(place, line, f"the bytes of {name} are no number: {number!r}")
    if number is not None and site.get("evidence") not in EVIDENCE:
        raise BadInput(place, line, f"{name} has unknown evidence {site.get('evidence')!r}")


class Loader:
    """Collects sources into one dataset."""

    def __init__(self) -> None:
        self.data = Dataset()
        self.groups = 0

    def add(self, source: Path) -> None:
        try:
            os.stat(source)
        except FileNotFoundError:
            raise BadInput(source, None, "no such file or directory") from None
        except (OSError, ValueError) as error:  # a path may hold a NUL
            raise BadInput(source, None, getattr(error, "strerror", None) or str(error)) from None
        if source.suffix in (".csv", ".jsonl"):
            raise BadInput(source, None, "only a part of the results; give the folder it stands in")
        before = len(self.data.runs) + len(self.data.invalid)
        try:
            if source.is_dir():
                self.add_directory(source)
            else:
                self.add_document(source)
        except PermissionError as error:
            raise BadInput(error.filename or source, None, error.strerror or "not permitted") from None
        if len(self.data.runs) + len(self.data.invalid) == before:
            raise BadInput(source, None, "no run in it")

    def add_directory(self, directory: Path) -> None:
        lines = directory / "runs.jsonl"
        if lines.exists():
            self.add_lines(lines)
            return
        if (directory / "results.csv").exists():
            raise BadInput(lines, None, "missing, although results.csv is there")
        inner = [p for p in sorted(directory.iterdir()) if is_source(p)]
        for source in inner:
            self.add(source)
        if not inner:
            what = "neither runs.jsonl nor a document of harness --json; harness run --out DIR writes one"
            raise BadInput(directory, None, what)

    def add_lines(self, path: Path) -> None:
        """runs.jsonl and the files beside it."""
        environment = path.with_name("environment.json")
        if environment.exists():
            self.add_environment(read_json(environment), environment)
        rows = []
        lines = read_text(path).split("\n")
        for line, text in enumerate(lines, 1):
            if text.strip():
                rows.append((line, parse_json(text, path, line, torn=line == len(lines))))
        if not rows:
            raise BadInput(path, None, "empty: no run in it")
        self.add_runs(path, rows)
        beside = ("results.csv", "summary.csv", "runs.jsonl", "environment.json", "proofs.json")
        self.data.files += [path.with_name(name) for name in beside if path.with_name(name).exists()]
        proved = path.with_name("proofs.json")
        if proved.exists():
            self.add_proofs(read_json(proved), proved, rows[0][1]["path"])
        table = path.with_name("results.csv")
        if table.exists():
            check_csv(table, len(rows))

    def add_document(self, path: Path) -> None:
        text = read_text(path)
        document = parse_json(text, path)
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise BadInput(path, 1, f"not a document of schema {SCHEMA}")
        runs = document.get("runs")
        if not isinstance(runs, list) or not runs:
            raise BadInput(path, 1, "empty: no run in it")
        self.add_environment(document.get("environment", {}), path)
        self.data.probes = document.get("probes") or self.data.probes
        self.data.files.append(path)
        starts = lines_of_runs(text)
        lines: list[int | None] = [*starts] if len(starts) == len(runs) else [None] * len(runs)
        self.add_runs(path, list(zip(lines, runs)))
        self.add_proofs(document, path, runs[0]["path"])

    def add_proofs(self, document: Any, path: Path, over: str) -> None:
        try:
            self.data.proofs += proofs.read(document, over)
        except (AttributeError, KeyError, TypeError):
            raise BadInput(path, None, "its proofs are not as docs/schema/proofs.json has them") from None

    def add_environment(self, environment: Any, path: Path) -> None:
        if not isinstance(environment, dict):
            raise BadInput(path, 1, "the environment must be an object")
        self.data.probes = environment.get("probes") or self.data.probes
        if "sites" in environment:
            self.adopt_sites(environment["sites"], path)
        inner = environment.get("environment", environment)
        if not isinstance(inner, dict):
            raise BadInput(path, 1, "the environment must be an object")
        words = inner.get("arguments") or []
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise BadInput(path, None, "'arguments' must be a list of texts")
        self.data.environment = inner
        self.data.commands.append(" ".join(words) or "not recorded")

    def adopt_sites(self, rows: Any, path: Path) -> None:
        try:
            adopt(rows)
        except ValueError as error:
            raise BadInput(path, None, str(error)) from None

    def check_machine(self, run: Run, path: Path, line: int | None) -> None:
        """Runs of another machine are no repeats; they are accepted over another path."""
        known = self.data.environment
        here = (known.get("cpu") or "unknown CPU", known.get("kernel") or "unknown")
        there = self.data.machines.setdefault(run.path, here)
        self.data.environments.setdefault(run.path, known)
        if here != there:
            names = [f"{cpu}, Linux {kernel}" for cpu, kernel in (here, there)]
            what = f"a run over {run.path} on another machine ({names[0]}) than others ({names[1]})"
            raise BadInput(path, line, what)

    def add_runs(self, path: Path, rows: Iterable[tuple[int | None, Any]]) -> None:
        self.groups += 1
        seen: dict[tuple[Any, ...], int | None] = {}
        for line, row in rows:
            run = Run(check_run(row, path, line), f"{path.name}:{line}", self.groups)
            name = (run.data["path"], run.transport, run.size, run.threads, run.repeat, run.traced)
            if name in seen:
                raise BadInput(path, line, f"the run of line {seen[name]} once more, which is no repeat")
            seen[name] = line
            self.check_machine(run, path, line)
            if run.data["valid"] and run.data["payload_bytes"] > 0:
                self.data.runs.append(run)
                continue
            why = "; ".join(run.data.get("why_invalid") or []) or "no payload arrived"
            what = f"{run.transport} over {run.path}, {run.size} bytes, is invalid and left out"
            self.data.invalid.append(str(BadInput(path, line, f"{what}: {why}")))


def lines_of_runs(text: str) -> list[int]:
    """Where each run of a document begins: its "transport" key, as the harness writes it."""
    section, starts = "", []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith('  "'):
            section = line.split('"')[1]
        elif section == "runs" and line.startswith('      "transport":'):
            starts.append(number)
    return starts


def is_source(path: Path) -> bool:
    """Whether it is a folder of --out or --keep, or a document of --json."""
    if path.is_dir():
        return (path / "runs.jsonl").exists() or any(is_source(inner) for inner in path.glob("*.json"))
    return path.suffix == ".json" and is_document(path)


def is_document(path: Path) -> bool:
    """Whether the file claims to be a ledger. A damaged one does, so that its fault is reported."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            return b'"harness.ledger/' in (file.read(4096) or b"")
    except OSError as error:
        raise BadInput(path, None, error.strerror or "cannot be read") from None


def check_csv(path: Path, runs: int) -> None:
    """results.csv is for people and other tools; this only checks that it is whole."""
    text = read_text(path)
    rows = list(csv.reader(text.splitlines()))
    if not rows:
        raise BadInput(path, 1, "empty: not even a header")
    for line, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            what = f"cut off: {len(row)} of {len(rows[0])} columns"
            raise BadInput(path, line, what)
    if not text.endswith("\n"):
        raise BadInput(path, len(rows), "cut off: the last line does not end")
    if len(rows) == 1:
        raise BadInput(path, 1, "empty: a header and no run")
    if len(rows) - 1 != runs:
        raise BadInput(path, len(rows), f"{len(rows) - 1} rows, but runs.jsonl has {runs} runs")


def load(sources: Iterable[Path]) -> Dataset:
    loader = Loader()
    for source in sources:
        loader.add(Path(source))
    if not loader.data.runs:
        first = loader.data.invalid[0] if loader.data.invalid else "no run"
        raise BadInput(first, None, "and there is no valid run")
    return loader.data
