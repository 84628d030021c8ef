# SPDX-License-Identifier: GPL-2.0
"""
Whatever a file holds, a reader takes all of it or refuses it in one line that names the file.

By Hypothesis, which makes the inputs and reduces one that fails to its smallest form.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Callable

from claims import read_claims
from common import LO, Files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.configuration import set_hypothesis_home_dir
from load import BadInput, load

KEPT = tempfile.TemporaryDirectory()  # a cache, else in the working folder
set_hypothesis_home_dir(KEPT.name)
# the same inputs in each run
often = settings(
    max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

CLAIMS = Path(__file__).parents[2] / "analysis" / "claims.toml"
ROWS = [json.loads(line) for line in (LO / "runs.jsonl").read_text().splitlines()[:3]]
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Of each value in a document, the keys that lead to it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] * bool(at) + [place for key, one in inner for place in places(one, (*at, key))]


def replaced(row: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = json.loads(json.dumps(row))
    holder = changed
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return changed


class Readers(Files):
    def setUp(self) -> None:
        super().setUp()
        self.results = self.directory / "lo"
        self.results.mkdir()
        shutil.copy(LO / "environment.json", self.results)

    def taken(self, read: Callable[[], Any], path: Path) -> Any:
        """What was read; None: it was refused as it should be."""
        try:
            return read()
        except BadInput as error:
            self.assertNotIn("\n", str(error))
            self.assertTrue(str(error).startswith(str(path.parent)), str(error))
            return None

    def written(self, name: str, content: bytes) -> Path:
        path = self.results / name
        path.write_bytes(content)
        return path

    @often
    @given(some.binary(max_size=400))
    def test_any_bytes_as_runs(self, content: bytes) -> None:
        path = self.written("runs.jsonl", content)
        self.assertIsNone(self.taken(lambda: load([self.results]), path))

    @often
    @given(some.sampled_from(places(ROWS[1])), JSON)
    def test_a_value_of_a_row_replaced(self, place: tuple[Any, ...], value: Any) -> None:
        """No row is lost: the two beside it, and it, are read, or the file is refused at its line."""
        rows = [ROWS[0], replaced(ROWS[1], place, value), ROWS[2]]
        path = self.written("runs.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode())
        try:
            data = load([self.results])
        except BadInput as error:
            self.assertIn("runs.jsonl:2: ", str(error))
            self.assertNotIn("\n", str(error))
            return
        self.assertEqual(len(data.runs) + len(data.invalid), 3, path.read_text())

    @often
    @given(some.integers(0, 2), some.integers(1, 400))
    def test_a_row_cut_off(self, number: int, length: int) -> None:
        lines = [json.dumps(row) for row in ROWS]
        lines[number] = lines[number][:length]
        path = self.written("runs.jsonl", "".join(line + "\n" for line in lines).encode())
        data = self.taken(lambda: load([self.results]), path)
        self.assertIsNone(data)

    @often
    @given(some.binary(max_size=200))
    def test_any_bytes_as_csv(self, content: bytes) -> None:
        self.written("runs.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS).encode())
        path = self.written("results.csv", content)
        self.taken(lambda: load([self.results]), path)
        path.unlink()

    @often
    @given(some.binary(max_size=400))
    def test_any_bytes_as_claims(self, content: bytes) -> None:
        path = self.written("claims.toml", content)
        self.assertIsNone(self.taken(lambda: read_claims(path), path))

    @often
    @given(some.data())
    def test_a_line_of_the_claims_replaced(self, data: Any) -> None:
        lines = CLAIMS.read_text().splitlines()
        at = data.draw(some.integers(0, len(lines) - 1))
        key = lines[at].split("=")[0].strip() or "key"
        value = data.draw(JSON.map(json.dumps) | some.text(max_size=20))
        lines[at] = f"{key} = {value}"
        path = self.written("claims.toml", "\n".join(lines).encode(errors="replace"))
        claims = self.taken(lambda: read_claims(path), path)
        if claims:
            self.assertGreater(len(claims[0]), 10)
