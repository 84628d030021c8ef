# SPDX-License-Identifier: GPL-2.0
"""What the tests share: recorded runs, and files changed for a test."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import unittest
from pathlib import Path
from typing import Callable, Iterable

from words import Remark

ROOT = Path(__file__).resolve().parent.parent.parent
HARNESS = Path(os.environ.get("HARNESS", ROOT / "harness"))
DATA = Path(__file__).resolve().parent / "data"
LO = DATA / "lo"  # a directory of --out; throughput from 13 untraced repeats, bytes from a traced one
VETH = DATA / "veth.json"  # a document of --json; traced runs only
NIC = DATA / "nic.json"  # the same of two cards in a virtual machine, at 64 B and 64 KiB


def counted(text: str) -> str:
    """
    Runs as they would be with CPU counters: of each byte one_copy misses L1 half as often as two_copy,
    and the last level a quarter less often; the others as often as two_copy. Half is each side's.
    """
    lines = []
    for line in text.splitlines():
        run = json.loads(line)
        payload, one = run["payload_bytes"], run["transport"] == "one_copy"
        side = {
            "cycles": payload,
            "cache_misses": payload // 16,
            "l1d_load_misses": payload // (32 if one else 16),
            "llc_load_misses": payload * (3 if one else 4) // 256,
        }
        run["counters"] = {"sender": side, "receiver": side}
        lines.append(json.dumps(run))
    return "\n".join(lines) + "\n"


def codes(remarks: Iterable[Remark]) -> list[str]:
    """The codes of remarks, and of those in them."""
    return [inner.code for remark in remarks for inner in remark.every()]


def every(remarks: Iterable[Remark], code: str) -> list[Remark]:
    return [inner for remark in remarks for inner in remark.every() if inner.code == code]


def one(remarks: Iterable[Remark], code: str) -> Remark:
    """The only remark with a code."""
    found = every(remarks, code)
    assert len(found) == 1, f"{len(found)} remarks {code} in {codes(remarks)}"
    return found[0]


class Files(unittest.TestCase):
    """With a temporary directory, and copies of the recorded runs in it."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)

    def copy(self, name: str, change: Callable[[str], str]) -> Path:
        """The recorded loopback runs with one file changed."""
        directory = self.directory / "lo"
        shutil.copytree(LO, directory)
        path = directory / name
        path.write_text(change(path.read_text()))
        return directory
