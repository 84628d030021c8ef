# SPDX-License-Identifier: GPL-2.0
"""What a report says in sentences, each made of the runs' numbers."""

from __future__ import annotations

from breakeven import CROSSES, METRICS, NEVER, ALWAYS, SEVERAL, Crossing, Split, find, ratios
from claims import number, size_text
from dataflow import functions, ledger
from load import Dataset, Run
from quantities import Expression, Place
from sites import SITES, in_order
from stats import Estimate

COUNTERS = {
    "L1": "l1d_load_misses_per_byte",
    "LLC": "llc_load_misses_per_byte",
    "any level": "cache_misses_per_byte",
}


def traced(data: Dataset, path: str) -> dict[str, list[Run]]:
    """The runs whose copies were counted, by transport."""
    runs = [run for run in data.on(path) if "copies" in run.data.get("traced", [])]
    return {t: [r for r in runs if r.transport == t] for t in in_order({r.transport for r in runs})}


def copies(runs: list[Run]) -> float:
    return sum(share for site, (_, share) in ledger(runs).items() if SITES[site].cpu_copy)


def interval(value: Estimate, unit: str = "") -> str:
    """A mean with what the repeats allow."""
    text = number(value.mean)
    if value.low is not None and value.high is not None:
        text += f" ({number(value.low)} to {number(value.high)})"
    return f"{text} {unit}".strip()


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
        said.append(text + (f" Not copies: {'; '.join(spared)}." if spared else ""))
    return said


def zero_copy_saved(data: Dataset, path: str) -> str:
    runs = traced(data, path).get("zero_copy")
    if not runs:
        return "zero_copy was not traced here."
    found = ledger(runs)
    pinned = found.get("send_pin", (0, 0.0))[1]
    again = sum(found.get(site, (0, 0.0))[1] for site in ("deferred_copy", "transmit_copy"))
    spared = max(0.0, pinned - again)
    text = (
        f"Of each byte zero_copy pinned {number(pinned)} instead of copying it, and "
        f"{number(again)} were copied after all: it saved {number(spared)} copies a byte."
    )
    if again:
        text += f" By {functions(runs)['deferred_copy']}."
    best = sizes(data, path)
    cost = at(data, path, "zero_copy.cpu / one_copy.cpu", best[-1]) if best else None
    if cost:
        text += (
            f" In CPU time a byte costs {interval(cost)} times what it does with one_copy, at "
            f"{size_text(best[-1])}."
        )
    return text


def crossing_text(found: Crossing, a: str, b: str) -> str:
    """A crossing as a sentence's end: '... from 3.1 KiB (between 2 KiB and 4 KiB)'."""
    if found.kind == ALWAYS:
        return f"{a} beats {b} at every size measured"
    if found.kind == NEVER:
        return f"{a} beats {b} at no size measured"
    if found.kind == CROSSES and found.size and found.low and found.high:
        between = f"{size_text(found.low)} and {size_text(found.high)}"
        return f"{a} beats {b} from about {number(found.size)} bytes (between {between})"
    if found.kind == SEVERAL:
        return f"there is no one size from which {a} beats {b}: the sign changes more than that"
    text = f"no size from which {a} beats {b} that this many runs can show"
    if found.low:
        text += f"; up to {size_text(found.low)} it is the slower one"
    if found.high:
        text += f"; it is the faster one at {size_text(found.high)}"
    return text


def break_even(data: Dataset, path: str, a: str, b: str) -> str:
    texts = []
    for metric, (name, _) in METRICS.items():
        found = ratios(data, path, a, b, metric)
        if not found:
            return f"{a} and {b} were not both run over {path}."
        texts.append(f"in {name} {crossing_text(find(found), a, b)}")
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
    said = []
    for level, counter in COUNTERS.items():
        for size in sizes(data, path)[-1:]:
            value = at(data, path, f"1 - one_copy.{counter} / two_copy.{counter}", size)
            if value:
                said.append(f"{level}: {100 * value.mean:.0f}% fewer at {size_text(size)}")
    none = "Not known: cache misses were not counted in these runs."
    return "From two_copy to one_copy, " + "; ".join(said) + "." if said else none


def question_3(data: Dataset, path: str) -> str:
    """Throughput from the fewest to the most threads, at the largest size that has both."""
    counts = sorted({run.threads for run in data.on(path)})
    said = []
    for size in reversed(sizes(data, path, counts[-1])):
        for transport in in_order({run.transport for run in data.on(path)}):
            here = f"{transport}.throughput"
            value = at(
                data, path, f"{here}(threads={counts[-1]}) / {here}(threads={counts[0]})", size
            )
            if value:
                said.append(f"{transport} {interval(value)}")
        if said:
            break
    if len(counts) < 2 or not said:
        return "Not known: it takes runs with more than one number of threads."
    cores = data.environment.get("cores")
    of = f" on {cores} cores" if cores else ""
    cache = "" if "Not" not in question_2(data, path) else " Cache misses were not counted."
    return (
        f"From {counts[0]} to {counts[-1]} threads a side{of}, at {size_text(size)}, throughput "
        f"grows by the factor: {', '.join(said)}.{cache}"
    )


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
