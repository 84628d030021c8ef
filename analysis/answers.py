# SPDX-License-Identifier: GPL-2.0
"""What a report says in sentences, each made of the runs' numbers."""

from __future__ import annotations

from breakeven import METRICS, Split, crossing_of, crossing_text
from dataflow import functions, ledger
from load import Dataset, Run
from quantities import Expression, Place
from sites import SITES, in_order
from stats import Estimate
from wording import interval, number, size_text

LEVELS = {"L1": "l1d_load_misses_per_byte", "LLC": "llc_load_misses_per_byte"}
A_COPY = 0.5  # a byte; less than that is no copy gone or new, but retransmissions and the like
AFTER_ALL = ("deferred_copy", "transmit_copy")  # sites that copy what was pinned


def traced(data: Dataset, path: str) -> dict[str, list[Run]]:
    """The runs whose copies were counted, by transport."""
    runs = [run for run in data.on(path) if "copies" in run.data.get("traced", [])]
    return {t: [r for r in runs if r.transport == t] for t in in_order({r.transport for r in runs})}


def copies(runs: list[Run]) -> float:
    return sum(share for site, (_, share) in ledger(runs).items() if SITES[site].cpu_copy)


def at(data: Dataset, path: str, expression: str, size: int, threads: int = 1) -> Estimate | None:
    return Expression(expression).at(data, Place(path, None, size, threads)).estimate


def sizes(data: Dataset, path: str, threads: int = 1) -> list[int]:
    return sorted({run.size for run in data.on(path) if run.threads == threads})


def where_and_by_whom(data: Dataset, path: str) -> list[str]:
    """For each transport: each copy, who makes it, and which one was spared."""
    said = []
    for transport, runs in traced(data, path).items():
        named = functions(runs)
        parts = [
            f"{site} ({'the program' if site == 'user_memcpy' else 'the kernel'}, {named[site]}): "
            f"{number(share)} a byte"
            for site, (_, share) in ledger(runs).items()
            if SITES[site].cpu_copy
        ]
        spared = [
            f"{site} {number(share)} a byte ({SITES[site].words})"
            for site, (_, share) in ledger(runs).items()
            if not SITES[site].cpu_copy
        ]
        text = f"{transport}: {'; '.join(parts) or 'no CPU copy'}."
        text += f" Not copies: {'; '.join(spared)}." if spared else ""
        said.append(f"{text} {really(data, path, transport)}")
    return said


def really(data: Dataset, path: str, transport: str) -> str:
    """How many copies that is, and which ones of two_copy are gone or new."""
    by_name = traced(data, path)
    found = ledger(by_name[transport])
    program = found.get("user_memcpy", (0, 0.0))[1]
    total = copies(by_name[transport])
    text = f"That is {number(total)} a byte, {number(total - program)} of them in the kernel"
    if transport == "two_copy" or "two_copy" not in by_name:
        return f"{text}."
    base = ledger(by_name["two_copy"])
    less = {
        site: base.get(site, (0, 0.0))[1] - found.get(site, (0, 0.0))[1]
        for site in base | found
        if SITES[site].cpu_copy
    }
    gone = [site for site, share in less.items() if share > A_COPY]
    new = [site for site, share in less.items() if share < -A_COPY]
    text += f"; against two_copy {listed(gone)} gone"
    return text + (f", but {listed(new)} new." if new else ".")


def listed(names: list[str]) -> str:
    return f"{' and '.join(names) or 'none'} {'are' if len(names) > 1 else 'is'}"


def zero_copy_saved(data: Dataset, path: str) -> str:
    runs = traced(data, path).get("zero_copy")
    if not runs:
        return "zero_copy was not traced here."
    found = ledger(runs)
    pinned = found.get("send_pin", (0, 0.0))[1]
    again = sum(found.get(site, (0, 0.0))[1] for site in AFTER_ALL)
    spared = max(0.0, pinned - again)
    named = functions(runs)
    by = [f"{site}: {named[site]}" for site in AFTER_ALL if site in found]
    text = (
        f"Of each byte zero_copy pinned {number(pinned)} instead of copying it, and "
        f"{number(again)} were copied after all{f' ({chr(59).join(by)})' if by else ''}: it saved "
        f"{number(spared)} copies a byte."
    )
    best = sizes(data, path)
    cost = at(data, path, "zero_copy.cpu / one_copy.cpu", best[-1]) if best else None
    if cost:
        text += (
            f" In CPU time a byte costs {interval(cost)} times what it does with one_copy, at "
            f"{size_text(best[-1])}."
        )
    return text


def break_even(data: Dataset, path: str, a: str, b: str) -> str:
    rows = [crossing_of(data, path, a, b, metric) for metric in METRICS]
    texts = [f"in {row.measure} {crossing_text(row)}" for row in rows if row]
    if not texts:
        return f"{a} and {b} were not both run at two sizes over {path}."
    return f"I{'; '.join(texts)[1:]}."


def split_text(row: Split) -> str:
    """The shares of one size."""
    parts = []
    if row.calls:
        parts.append(f"seven system calls {interval(row.calls, 'ns a byte')}")
    if row.copies:
        parts.append(f"one packing copy {interval(row.copies, 'ns a byte')}")
    return f"{size_text(row.size)}: {', '.join(parts)}"


# The reports' questions


def question_1(data: Dataset, path: str) -> str:
    return f"{zero_copy_saved(data, path)} {break_even(data, path, 'zero_copy', 'one_copy')}"


def question_2(data: Dataset, path: str) -> str:
    """The misses that one_copy and zero_copy have less than two_copy, and where that is most."""
    said = []
    for transport in ("one_copy", "zero_copy"):
        for size in sizes(data, path):
            fewer = {
                level: at(data, path, f"1 - {transport}.{counter} / two_copy.{counter}", size)
                for level, counter in LEVELS.items()
            }
            known = {level: value.median for level, value in fewer.items() if value}
            if not known:
                continue
            most = max(known, key=known.__getitem__)
            parts = ", ".join(
                f"{level} {number(100 * abs(share))}% {'fewer' if share >= 0 else 'more'}"
                for level, share in known.items()
            )
            end = f": most in {most}" if len(known) == len(LEVELS) and known[most] > 0 else ""
            said.append(f"{transport} at {size_text(size)} {parts}{end}")
    if not said:
        return "Not known: neither L1 nor LLC misses were counted in these runs."
    return f"Misses a byte against two_copy: {'; '.join(said)}."


def growth(data: Dataset, path: str, quantity: str, counts: list[int], size: int) -> list[str]:
    """By which factor a quantity of each transport grows from the fewest to the most threads."""
    said = []
    for transport in in_order({run.transport for run in data.on(path)}):
        here = f"{transport}.{quantity}"
        grown = f"{here}(threads={counts[-1]}) / {here}(threads={counts[0]})"
        value = at(data, path, grown, size)
        said += [f"{transport} {interval(value)}"] if value else []
    return said


def question_3(data: Dataset, path: str) -> str:
    """Throughput and misses from the fewest to the most threads, at the largest size that has both."""
    counts = sorted({run.threads for run in data.on(path)})
    largest = [
        (size, factors)
        for size in reversed(sizes(data, path, counts[-1]))
        if (factors := growth(data, path, "throughput", counts, size))
    ]
    if len(counts) < 2 or not largest:
        return "Not known: it takes runs with more than one number of threads."
    size, factors = largest[0]
    cores = data.environment.get("cores")
    text = (
        f"From {counts[0]} to {counts[-1]} threads a side{f' on {cores} cores' if cores else ''}, at "
        f"{size_text(size)}, throughput changes by the factor: {', '.join(factors)}."
    )
    for level, counter in LEVELS.items():
        misses = growth(data, path, counter, counts, size)
        text += f" {level} misses a byte by: {', '.join(misses)}." if misses else ""
    return text if "misses" in text else f"{text} Cache misses were not counted."


def question_6(data: Dataset, path: str) -> str:
    """What most readers would not expect: more copies after asking for none."""
    by_name = traced(data, path)
    notes = [n for runs in by_name.values() for run in runs for n in run.data.get("notes") or []]
    surprising = next((note for note in notes if "after all" in note), notes[0] if notes else "")
    return f"{surprising[:1].upper()}{surprising[1:]}." if surprising else "None was noted."


QUESTIONS = (
    ("Q1", "Why is zero-copy not always best?", question_1),
    ("Q2", "Which cache level shows the largest reduction in misses?", question_2),
    ("Q3", "How do threads and cache contention interact?", question_3),
    (
        "Q4",
        "From which size does one-copy beat two-copy?",
        lambda data, path: break_even(data, path, "one_copy", "two_copy")
        + " Against eight send() calls: "
        + break_even(data, path, "one_copy", "eight_sends"),
    ),
    (
        "Q5",
        "From which size does zero-copy beat two-copy?",
        lambda data, path: break_even(data, path, "zero_copy", "two_copy")
        + " Against eight send() calls: "
        + break_even(data, path, "zero_copy", "eight_sends"),
    ),
    ("Q6", "One unexpected result, explained", question_6),
)
