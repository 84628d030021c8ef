# SPDX-License-Identifier: GPL-2.0
"""The copies of a transport, from its ledger: where, by which code, and why a pinned byte was copied."""

from __future__ import annotations

from load import Dataset, Run
from sites import SITES, in_order
from wording import many, number, size_text

A_COPY = 0.5  # a smaller change in copies a byte comes from retransmits and the like
EXACT = 0.02  # copies this near to a whole number are printed as that number
DIFFERENT = 0.1  # two sizes differ from this number of copies on
AFTER_ALL = ("deferred_copy", "transmit_copy")  # sites that copy what was pinned
NAMED = {"two_copy": 2, "eight_sends": 2, "one_copy": 1, "zero_copy": 0}  # copies, by the names they go by
WORDS = ("none", "one", "two", "three", "four", "five", "six")
NOT_TO_HOLD = "the receiver may not hold the sender's pages"
REASONS = {  # by the cause, as user/tracer/causes.c has it
    "local delivery": NOT_TO_HOLD,
    "local receive": NOT_TO_HOLD,
    "packet tap": "a tap such as tcpdump may not hold the sender's pages",
    "tun or tap device": "a program takes the packets, and may not hold the sender's pages",
    "transmit timestamp": "a transmit timestamp carries the data back to the sender",
    "device without zero-copy": "the device's driver cannot hold the sender's pages",
}


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


def cause_words(runs: list[Run]) -> str:
    """'local delivery on lo: the receiver may not hold the sender's pages'."""
    cause = main_cause(runs)
    if not cause:
        return ""
    device = f" on {cause['device']}" if cause.get("device") else ""
    why = REASONS.get(cause.get("cause", ""), "")
    return f"{cause.get('cause', 'unknown cause')}{device}{f': {why}' if why else ''}"


def functions(runs: list[Run]) -> dict[str, str]:
    """The function of each site and, of a copy made after all, its main cause."""
    found = {name: site.function for name, site in SITES.items()}
    cause = main_cause(runs)
    if cause:
        device = f" on {cause['device']}" if cause.get("device") else ""
        found["deferred_copy"] = f"skb_copy_ubufs, {cause.get('cause', '')}{device}"
    return found


# Sentences


def in_words(value: float) -> str:
    """'two' for 2; a number that is not whole keeps its digits."""
    whole = round(value)
    near = abs(value - whole) <= EXACT and whole < len(WORDS)
    return WORDS[whole] if near else number(value)


def total_words(runs: list[Run]) -> str:
    """'two', or 'two from 64 B, one from 64 KiB' where sizes differ."""
    found = by_size(runs)
    if len(found) == 1:
        return in_words(copies(runs))
    return ", ".join(f"{in_words(total)} from {size_text(size)}" for size, total in found.items())


def really(data: Dataset, path: str, transport: str) -> str:
    """'Is it really two? No: three, two of them in the kernel', and which copies are gone or new."""
    by_name = traced(data, path)
    runs = by_name[transport]
    named, program = NAMED.get(transport), share(runs, "user_memcpy")
    text = f"{total_words(runs)} a byte".capitalize()
    if named is not None:
        yes = all(abs(total - named) <= EXACT for total in by_size(runs).values())
        text = f"Is it really {WORDS[named]}? {'Yes' if yes else 'No'}: {total_words(runs)}"
    kernel = in_words(copies(runs) - program)
    text += f", {kernel} of them in the kernel" if program else ", by the kernel"
    if transport == "two_copy" or "two_copy" not in by_name:
        return f"{text}."
    base = by_name["two_copy"]
    less = {s: share(base, s) - share(runs, s) for s in SITES if SITES[s].cpu_copy}
    gone = [site for site, difference in less.items() if difference > A_COPY]
    new = [site for site, difference in less.items() if difference < -A_COPY]
    text += f"; against two_copy {listed(gone)} gone"
    return text + (f", but {listed(new)} new." if new else ".")


def listed(names: list[str]) -> str:
    return f"{many(names) if names else 'none'} {'are' if len(names) > 1 else 'is'}"


def where_and_by_whom(data: Dataset, path: str) -> list[str]:
    """For each transport: how many copies, where and by which code, and which copy was avoided."""
    lines = []
    for transport, runs in traced(data, path).items():
        named, found = functions(runs), ledger(runs)
        made = [
            f"{site} ({SITES[site].by}, {named[site]}) {number(part)} a byte"
            for site, (_, part) in found.items()
            if SITES[site].cpu_copy
        ]
        spared = [
            f"{site} {number(part)} a byte ({SITES[site].words})"
            for site, (_, part) in found.items()
            if not SITES[site].cpu_copy
        ]
        text = f"{transport}: {really(data, path, transport)} Copies: {'; '.join(made) or 'none'}."
        lines.append(text + (f" Not copies: {'; '.join(spared)}." if spared else ""))
    return lines


def zero_copy_saved(data: Dataset, path: str) -> str:
    """The pinned bytes, those of them that were copied after all, and why."""
    runs = traced(data, path).get("zero_copy")
    if not runs:
        return "The copies of zero_copy were not asked for; --trace copies counts them."
    again = sum(share(runs, site) for site in AFTER_ALL)
    pinned = share(runs, "send_pin")
    text = f"Of each byte zero_copy pinned {number(pinned)} instead of copying it, "
    text += f"and {number(again)} were copied after all"
    parts = [f"{site} {number(share(runs, site))}" for site in AFTER_ALL if share(runs, site)]
    text += f" ({' + '.join(parts)})" if parts else ""
    cause = cause_words(runs)
    text += f", by {cause}" if cause else ""
    return f"{text}. It saved {number(max(0.0, pinned - again))} copies a byte."


def headline(data: Dataset, path: str) -> str:
    """The answer of a path in one sentence."""
    by_name = traced(data, path)
    if not by_name:
        return "Copies were not asked for; --trace copies counts them."
    if "zero_copy" not in by_name:
        return "; ".join(f"{name} made {in_words(copies(runs))} copies of each byte" for name, runs in by_name.items())
    runs = by_name["zero_copy"]
    found = by_size(runs)
    if len(found) > 1:
        each = ", ".join(f"{number(total)} from {size_text(size)}" for size, total in found.items())
        return f"zero_copy made copies of each byte by size: {each}"
    total = copies(runs)
    text = f"zero_copy made {number(total)} {'copy' if abs(total - 1) <= EXACT else 'copies'} of each byte here"
    if share(runs, "deferred_copy") > A_COPY and main_cause(runs):
        text += f", because what it pinned was copied after all ({cause_words(runs)})"
    elif share(runs, "transmit_copy") > A_COPY:
        text += ", because what it pinned was copied on the way to the device"
    elif total <= 1 + EXACT:
        text += ": the receiver's, and none by the sender"
    return text
