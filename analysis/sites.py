# SPDX-License-Identifier: GPL-2.0
"""
The table of sites, and the names of transports.

The table comes from the program, which exports it with the environment of the runs ("sites"). The fall-back
below is for runs of programs that export none.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# In the order in which they are shown; another one in a run is shown after these.
TRANSPORTS = (
    "two_copy",
    "eight_sends",
    "one_copy",
    "zero_copy",
    "writev",
    "sendfile",
    "sendfile_corked",
    "splice",
    "uring_send",
    "uring_zc",
    "zero_copy+mapped",
    "splice+splice",
    "uring_send+uring",
)


@dataclass(frozen=True)
class Site:
    name: str
    cpu_copy: bool  # counted in copies per byte
    side: str  # whose bytes: sender or receiver
    words: str
    function: str = ""  # of the kernel, which moves the bytes

    @property
    def by(self) -> str:
        return "the program" if self.name == "user_memcpy" else "the kernel"


SITES: dict[str, Site] = {}


def adopt(rows: Any) -> None:
    """Takes the exported table, an array of objects; ValueError if it is not one."""
    if not isinstance(rows, list) or not rows:
        raise ValueError("'sites' must be a list of objects")
    found = {}
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("site"), str):
            raise ValueError("a row of 'sites' without 'site'")
        name = row["site"]
        if not isinstance(row.get("cpu_copy"), bool):
            raise ValueError(f"'cpu_copy' of site {name!r} must be true or false")
        words, function = row.get("meaning", name), row.get("function", "")
        found[name] = Site(name, row["cpu_copy"], row.get("side", ""), words, function)
    SITES.clear()
    SITES.update(found)


def copies() -> list[str]:
    """The sites that are in copies per byte."""
    return [name for name, site in SITES.items() if site.cpu_copy]


def in_order(names: set[str]) -> list[str]:
    """Transports as they are shown: the known ones first."""
    known = [name for name in TRANSPORTS if name in names]
    return known + sorted(names.difference(TRANSPORTS))


def harness() -> str:
    """The program that started us, or the one built beside the analysis."""
    return os.environ.get("HARNESS") or str(Path(__file__).resolve().parent.parent / "harness")


def ask() -> None:
    """Fills the table; SystemExit with one line when the program cannot say."""
    command = [harness(), "doctor", "--sites", "--json"]
    try:
        adopt(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise SystemExit(f"harness: the table of sites: {' '.join(command)}: {error}") from None


ask()
