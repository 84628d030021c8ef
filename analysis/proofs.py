# SPDX-License-Identifier: GPL-2.0
"""Results of --prove: the bytes that a site counted, and the bytes that other probes saw as its effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable

from sites import SITES
from words import Remark, remark

UPROBE = "a uprobe on the program's memcpy"


@dataclass(frozen=True)
class Proof:
    """The proof of a site on a path: of one transport, or of all together."""

    path: str
    site: str
    by: str  # where the effect is counted
    counted: int | None
    effect: int | None
    equal: bool | None  # None: it is not proved
    why: str = ""  # the reason if it is not proved

    @property
    def found(self) -> Remark:
        if self.equal is None:
            return remark("unproved", why=self.why)
        return remark("equal" if self.equal else "unequal", function=SITES[self.site].function, by=self.by)

    def as_json(self) -> dict[str, Any]:
        return vars(self) | {"function": SITES[self.site].function, "code": self.found.code}


def read(document: dict[str, Any], path: str) -> list[Proof]:
    """The proofs of a document, none without --prove; KeyError or TypeError if it is no such document."""
    found = []
    for proof in document.get("proofs") or []:
        for row in proof["sites"]:
            numbers = row["counted_bytes"], row["proved_bytes"], row["equal"], row["why"] or ""
            found.append(Proof(path, row["site"], row["by"], *numbers))
    for row in found and document.get("user_memcpy_check") or []:
        numbers = row["self_reported_bytes"], row["uprobe_bytes"], row["equal"], row["why"] or ""
        found.append(Proof(path, "user_memcpy", UPROBE, *numbers))
    for proof in found:
        if not {type(proof.counted), type(proof.effect)} <= {int, type(None)} or proof.site not in SITES:
            raise TypeError
    return found


def by_site(proofs: Iterable[Proof]) -> list[Proof]:
    """The proofs of each site, of all transports together."""
    found: dict[tuple[str, str], list[Proof]] = {}
    for proof in proofs:
        found.setdefault((proof.path, proof.site), []).append(proof)
    order = list(SITES).index
    return [together(found[key]) for key in sorted(found, key=lambda key: (key[0], order(key[1])))]


def together(rows: list[Proof]) -> Proof:
    """One proof of several transports; 0 bytes equal to 0 prove nothing."""
    known = [row for row in rows if row.equal is not None]
    counted, effect = sum(row.counted or 0 for row in known), sum(row.effect or 0 for row in known)
    first = rows[0]
    if counted or effect:
        return Proof(first.path, first.site, first.by, counted, effect, all(row.equal for row in known))
    whys = "; ".join(sorted({row.why for row in rows if row.why}))
    return Proof(first.path, first.site, first.by, None, None, None, whys or str(remark("none_passed")))
