#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Validate JSON documents of the harness against their schemas in docs/schema.

validate.py FILE...   every document of each file; 1 if one is wrong, with a line for each fault

A document names its schema in "schema". Without the key, the file's name decides (after an @, if it has one):
environment.json, and lines of runs.jsonl.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Iterator

from jsonschema import Draft202012Validator, RefResolver  # type: ignore[import]

SCHEMAS = Path(__file__).resolve().parent.parent / "docs" / "schema"
BY_NAME = {
    "harness.ledger/1": "ledger",
    "harness.watch_start/1": "watch_start",
    "harness.watch_interval/1": "watch_interval",
    "harness.doctor/1": "doctor",
    "harness.claims/2": "verify",
    "harness.summary/1": "summary",
    "harness.proofs/1": "proofs",
}
BY_FILE = {"environment.json": "environment", "runs.jsonl": "runs_line"}
SHOWN = 160  # characters of a wrong value


class Wrong(Exception):
    """A file that holds no document, or one of no known schema."""


def documents(text: str) -> Iterator[Any]:
    """One after the other, be they lines or not."""
    decoder, at = json.JSONDecoder(), 0
    while text[at:].strip():
        at = len(text) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        yield document


def schema_name(document: Any, file: Path) -> str:
    named = document.get("schema") if isinstance(document, dict) else None
    name = BY_NAME.get(named) if named else BY_FILE.get(file.name.split("@")[-1])
    if not name:
        known = ", ".join([*BY_NAME, *BY_FILE])
        raise Wrong(f'"schema" is {named!r}; known are {known}')
    return name


class Validators:
    """A validator for each schema, made once."""

    def __init__(self) -> None:
        self.made: dict[str, Draft202012Validator] = {}
        self.store: dict[str, Any] = {}
        for path in SCHEMAS.glob("*.json"):
            schema = json.loads(path.read_text(encoding="utf-8"))
            Draft202012Validator.check_schema(schema)
            self.store[path.as_uri()] = schema

    def of(self, name: str) -> Draft202012Validator:
        if name not in self.made:
            uri = (SCHEMAS / f"{name}.json").as_uri()
            resolver = RefResolver(uri, self.store[uri], self.store)
            self.made[name] = Draft202012Validator(self.store[uri], resolver=resolver)
        return self.made[name]


def faults(file: Path, validators: Validators) -> Iterator[str]:
    found = 0
    for document in documents(file.read_text(encoding="utf-8")):
        found += 1
        for error in validators.of(schema_name(document, file)).iter_errors(document):
            message = error.message
            if len(message) > SHOWN:
                message = f"{message[: SHOWN // 2]} ... {message[-SHOWN // 2 :]}"
            yield f"document {found}, {error.json_path}: {message}"
    if not found:
        raise Wrong("no document")


def main(names: list[str]) -> int:
    if not names:
        print("usage: validate.py FILE...", file=sys.stderr)
        return 2
    validators, status = Validators(), 0
    for name in names:
        try:
            lines = list(faults(Path(name), validators))
        except (Wrong, OSError, ValueError) as error:
            lines = [str(error)]
        for line in lines:
            print(f"{name}: {line}", file=sys.stderr)
        status = 1 if lines else status
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
