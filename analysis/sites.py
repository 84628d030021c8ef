# SPDX-License-Identifier: GPL-2.0
"""The table of sites (sites.toml) and the names of transports."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

# In the order in which they are shown; another one in a run is shown after these.
TRANSPORTS = ("two_copy", "eight_sends", "one_copy", "zero_copy")


@dataclass(frozen=True)
class Site:
    name: str
    cpu_copy: bool
    function: str
    words: str


def read_table(path: Path) -> dict[str, Site]:
    with path.open("rb") as file:
        table = tomllib.load(file)
    return {name: Site(name, **row) for name, row in table.items()}


SITES = read_table(Path(__file__).with_name("sites.toml"))


def in_order(names: set[str]) -> list[str]:
    """Transports as they are shown: the known ones first."""
    known = [name for name in TRANSPORTS if name in names]
    return known + sorted(names.difference(TRANSPORTS))
