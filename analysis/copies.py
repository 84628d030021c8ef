# SPDX-License-Identifier: GPL-2.0
"""The copies of a transport, from its ledger: where, by which code, and why a pinned byte was copied."""

from __future__ import annotations

from load import Dataset, Run
from sites import SITES, in_order
from words import SENTENCES, WHOLE, Remark, remark

A_COPY = 0.5  # a smaller change in copies a byte comes from retransmits and the like
DIFFERENT = 0.1  # two sizes differ from this number of copies on
AFTER_ALL = ("deferred_copy", "transmit_copy")  # sites that copy what was pinned
NAMED = {"two_copy": 2, "eight_sends": 2, "one_copy": 1, "zero_copy": 0}  # copies, by the names they go by


def traced(data: Dataset, path: str) -> dict[str, list[Run]]:
    """The runs whose copies were counted, by transport."""
    runs = [run for run in data.on(path) if "copies" in run.data.get("traced", [])]
    return {t: [r for r in runs if r.transport == t] for t in in_order({r.transport for r in runs})}


def ledger(runs: list[Run]) -> dict[str, tuple[int, float]]:
    """Bytes at each site, and bytes per byte of payload, over runs; only sites with bytes."""
    payload = sum(run.data["payload_bytes"] for run in runs)
    found = {}
    for site in SITES:
        moved = sum(run.data["sites"].get(site, {}).get("bytes") or 0 for run in runs)
        if moved:
            found[site] = (moved, moved / payload)
    return found


def copies(runs: list[Run]) -> float:
    return sum(share for site, (_, share) in ledger(runs).items() if SITES[site].cpu_copy)


def by_size(runs: list[Run]) -> dict[int, float]:
    """CPU copies of each byte, by size; neighbouring sizes that agree have one entry, the smallest."""
    found: dict[int, float] = {}
    for size in sorted({run.size for run in runs}):
        total = copies([run for run in runs if run.size == size])
        if not found or abs(total - list(found.values())[-1]) > DIFFERENT:
            found[size] = total
    return found


def share(runs: list[Run], site: str) -> float:
    return ledger(runs).get(site, (0, 0.0))[1]


def main_cause(runs: list[Run]) -> dict:
    """The cause with the most copied pinned bytes; empty without any."""
    causes = [
        cause for run in runs for cause in run.data["sites"].get("deferred_copy", {}).get("causes") or []
    ]
    return max(causes, key=lambda cause: cause.get("bytes") or 0, default={})


def cause(runs: list[Run]) -> Remark | None:
    """'local delivery on lo: the receiver may not hold the sender's pages'."""
    found = main_cause(runs)
    if not found:
        return None
    name = found.get("cause", "unknown cause")
    reason = f"cause {name}"  # by the cause, as user/tracer/causes.c has it
    known = remark(reason) if reason in SENTENCES else None
    return remark("cause", cause=name, device=found.get("device") or None, reason=known)


def functions(runs: list[Run]) -> dict[str, str]:
    """The function of each site and, of a copy made after all, its main cause."""
    found = {name: site.function for name, site in SITES.items()}
    by = main_cause(runs)
    if by:
        device = f" on {by['device']}" if by.get("device") else ""
        found["deferred_copy"] = f"skb_copy_ubufs, {by.get('cause', '')}{device}"
    return found


# Remarks


def totals(runs: list[Run]) -> list[Remark]:
    """The copies of each byte: one number, or one from each size on."""
    found = by_size(runs)
    if len(found) == 1:
        return [remark("copies", count=copies(runs), size=None)]
    return [remark("copies", count=total, size=size) for size, total in found.items()]


def really(data: Dataset, path: str, transport: str) -> Remark:
    """Whether a transport makes as many copies as its name states, and which copies are gone or new."""
    by_name = traced(data, path)
    runs = by_name[transport]
    named, program = NAMED.get(transport), share(runs, "user_memcpy")
    as_named = named is not None and all(abs(total - named) <= WHOLE for total in by_size(runs).values())
    gone = new = None
    if transport != "two_copy" and "two_copy" in by_name:
        base = by_name["two_copy"]
        less = {s: share(base, s) - share(runs, s) for s in SITES if SITES[s].cpu_copy}
        gone = [site for site, difference in less.items() if difference > A_COPY]
        new = [site for site, difference in less.items() if difference < -A_COPY] or None
    return remark(
        "unnamed" if named is None else "as_named" if as_named else "not_as_named",
        named=named,
        copies=totals(runs),
        kernel=copies(runs) - program if program else None,
        no_program=not program,
        gone=gone,
        new=new,
    )


def where_and_by_whom(data: Dataset, path: str) -> list[Remark]:
    """For each transport: how many copies, where and by which code, and which copy was avoided."""
    lines = []
    for transport, runs in traced(data, path).items():
        named, found = functions(runs), ledger(runs)
        made = [
            remark("made", site=site, by=SITES[site].by, function=named[site], share=part)
            for site, (_, part) in found.items()
            if SITES[site].cpu_copy
        ]
        spared = [
            remark("spared", site=site, share=part, meaning=SITES[site].words)
            for site, (_, part) in found.items()
            if not SITES[site].cpu_copy
        ]
        answer = really(data, path, transport)
        lines.append(remark("where", transport=transport, really=answer, made=made, spared=spared or None))
    return lines


def zero_copy_saved(data: Dataset, path: str) -> Remark:
    """The pinned bytes, those of them that were copied after all, and why."""
    runs = traced(data, path).get("zero_copy")
    if not runs:
        return remark("saved_unknown")
    again = sum(share(runs, site) for site in AFTER_ALL)
    pinned = share(runs, "send_pin")
    parts = {f"+ {site}": share(runs, site) for site in AFTER_ALL if share(runs, site)}
    numbers = {"pinned": pinned, "again": again, "saved": max(0.0, pinned - again)}
    return remark("saved", **numbers, terms=parts or None, cause=cause(runs))


def headline(data: Dataset, path: str) -> list[Remark]:
    """The answer of a path."""
    by_name = traced(data, path)
    if not by_name:
        return [remark("copies_unknown")]
    if "zero_copy" not in by_name:
        return [remark("copies_of_each", transport=name, count=copies(runs)) for name, runs in by_name.items()]
    runs = by_name["zero_copy"]
    if len(by_size(runs)) > 1:
        return [remark("copies_by_size", copies=totals(runs))]
    total, by = copies(runs), cause(runs)
    if share(runs, "deferred_copy") > A_COPY and by:
        return [remark("copies_deferred", count=total, cause=by)]
    if share(runs, "transmit_copy") > A_COPY:
        return [remark("copies_at_transmit", count=total)]
    return [remark("copies_of_receiver" if total <= 1 + WHOLE else "copies_here", count=total)]
