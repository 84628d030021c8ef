# SPDX-License-Identifier: GPL-2.0
"""What the tests share: recorded runs, and files changed for a test."""

from __future__ import annotations

import shutil
import tempfile
import unittest
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(__file__).resolve().parent / "data"
LO = DATA / "lo"  # a directory of --out; throughput from three untraced repeats
VETH = DATA / "veth.json"  # a document of --json; traced runs only


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
