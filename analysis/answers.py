# SPDX-License-Identifier: GPL-2.0
"""The reports' questions Q1 to Q6, answered with the runs' numbers."""

from __future__ import annotations

from breakeven import METRICS, Split, ratios, side, sweep
from copies import AFTER_ALL, copies, share, traced, zero_copy_saved
from load import Dataset
from quantities import Expression, Place, ratio
from sites import in_order
from stats import Estimate, family_confidence
from words import Remark, estimated, remark

LEVELS = {"L1": "l1d_load_misses_per_byte", "LLC": "llc_load_misses_per_byte"}


def at(data: Dataset, path: str, expression: str, size: int, threads: int = 1) -> Estimate | None:
    return Expression(expression).at(data, Place(path, None, size, threads)).estimate


def sizes(data: Dataset, path: str, threads: int = 1) -> list[int]:
    return sorted({run.size for run in data.on(path) if run.threads == threads})


# Size by size


def break_even(data: Dataset, path: str, a: str, b: str) -> list[Remark]:
    """Which transport is faster at each size, by throughput and by CPU time, and where that changes."""
    found = [(name, sweep(data, path, a, b, metric)) for metric, (name, _) in METRICS.items()]
    answers = [remark("in_measure", measure=name, sweep=rows) for name, rows in found if rows]
    return answers or [remark("never_both", a=a, b=b, path=path)]


def saved(row: Split) -> Remark:
    """The shares of one size."""
    parts = [remark("save_calls", found=estimated(row.calls))] if row.calls else []
    parts += [remark("save_copy", found=estimated(row.copies))] if row.copies else []
    return remark("save", size=row.size, parts=parts)


# Per message


def a_message(data: Dataset, path: str, transport: str, size: int) -> list[Remark]:
    """Calls, pins, copies and switches a message, of the traced runs of one thread; those that are not 0."""
    runs = [r for r in traced(data, path).get(transport, []) if (r.size, r.threads) == (size, 1)]
    messages = sum(run.data.get("messages") or 0 for run in runs)

    def each(count) -> float | None:
        counts = [count(run) for run in runs]
        return None if None in counts or not counts else ratio(sum(counts), messages)

    def site_calls(name: str):
        return lambda run: (run.data["sites"].get(name) or {}).get("calls")

    found = {
        "sends": each(lambda run: (run.data.get("system_calls") or {}).get("send")),
        "completions": each(lambda run: (run.data.get("completions") or {}).get("received")),
        "pins": each(site_calls("send_pin")),
        "deferred": each(site_calls("deferred_copy")),
        "at_transmit": each(site_calls("transmit_copy")),
    }
    switches = at(data, path, f"{transport}.switches", size)
    found["switches"] = switches.median if switches else None
    return [remark(code, value=value) for code, value in found.items() if value]


def messages_compared(data: Dataset, path: str, names: tuple[str, ...], size: int) -> list[Remark]:
    counts = [(name, a_message(data, path, name, size)) for name in names]
    found = [remark("of_transport", transport=name, counts=own) for name, own in counts if own]
    return [remark("per_message", size=size, transports=found)] if found else []


def cost(data: Dataset, path: str, size: int) -> list[Remark]:
    found = at(data, path, "zero_copy.cpu / one_copy.cpu", size)
    return [remark("cpu_ratio", found=estimated(found), size=size)] if found else []


# The questions


def question_1(data: Dataset, path: str) -> list[Remark]:
    """What zero-copy saves, what it costs instead, and the result."""
    found = [zero_copy_saved(data, path)]
    measured = sorted({r.size for r in traced(data, path).get("zero_copy", []) if r.threads == 1})
    for size in dict.fromkeys((measured[0], measured[-1]) if measured else ()):
        found += messages_compared(data, path, ("zero_copy", "one_copy"), size)
        found += cost(data, path, size)
    return found + break_even(data, path, "zero_copy", "one_copy")


def question_2(data: Dataset, path: str) -> list[Remark]:
    """By how much one_copy and zero_copy miss less than two_copy, and where the difference is largest."""
    found = []
    places = [(name, size) for name in ("one_copy", "zero_copy") for size in sizes(data, path)]
    for transport, size in places:
        fewer = {level: f"(1 - {transport}.{c} / two_copy.{c})" for level, c in LEVELS.items()}
        known = {level: value for level in LEVELS if (value := at(data, path, fewer[level], size))}
        if known:
            more = Expression(" - ".join(fewer.values())).at(data, Place(path, None, size, 1))
            most = most_fewer(known, more.interval(family_confidence(len(places))))
            levels = [fewer_at(level, value) for level, value in known.items()]
            found.append(remark("misses_at", transport=transport, size=size, levels=levels, most=most))
    if found:
        return [remark("misses", places=found)]
    why = Expression("one_copy.l1d_load_misses_per_byte")
    place = Place(path, None, (sizes(data, path) or [0])[-1], 1)
    return [remark("unknown", why=why.at(data, place).why)]


def fewer_at(level: str, value: Estimate) -> Remark:
    """The share at a level, with its interval."""
    percent = [None if part is None else 100 * part for part in (value.median, value.low, value.high)]
    if value.median >= 0:
        return remark("fewer_misses", level=level, percent=percent[0], low=percent[1], high=percent[2])
    percent = [None if part is None else -part for part in percent]
    return remark("more_misses", level=level, percent=percent[0], low=percent[2], high=percent[1])


def most_fewer(known: dict[str, Estimate], more: Estimate | None) -> Remark | None:
    """The level at which the reduction is largest; `more`: the excess of L1."""
    if more is None or max(value.median for value in known.values()) <= 0:
        return None
    if more.low is None or more.high is None:
        return remark("most_unsure", level="L1" if more.median > 0 else "LLC")
    if more.low <= 0 <= more.high:
        return remark("most_undecided")
    return remark("most_in", level="L1" if more.low > 0 else "LLC")


def growth(data: Dataset, path: str, quantity: str, counts: list[int], size: int) -> list[Remark]:
    """The factor by which a quantity of each transport grows from the fewest to the most threads."""
    found = []
    for transport in in_order({run.transport for run in data.on(path)}):
        here = f"{transport}.{quantity}"
        grown = f"{here}(threads={counts[-1]}) / {here}(threads={counts[0]})"
        value = at(data, path, grown, size)
        found += [remark("grows", transport=transport, found=estimated(value))] if value else []
    return found


def question_3(data: Dataset, path: str) -> list[Remark]:
    """Throughput and misses from the fewest to the most threads, at the largest size that has both."""
    counts = sorted({run.threads for run in data.on(path)})
    largest = [
        (size, factors)
        for size in reversed(sizes(data, path, counts[-1]))
        if (factors := growth(data, path, "throughput", counts, size))
    ]
    if len(counts) < 2 or not largest:
        return [remark("threads_missing")]
    size, factors = largest[0]
    cores = data.cores(path)
    threads = {"fewest": counts[0], "most": counts[-1]}
    found = [remark("threads_grow", **threads, processors=cores, size=size, factors=factors)]
    if cores and cores < counts[-1]:
        found.append(remark("scheduler"))
    known = [(level, growth(data, path, counter, counts, size)) for level, counter in LEVELS.items()]
    misses = [remark("misses_grow", level=level, factors=factors) for level, factors in known if factors]
    return found + (misses or [remark("misses_unknown")])


def question_6(data: Dataset, path: str) -> list[Remark]:
    """A result that surprises most readers, with its numbers: more copies when none were requested."""
    by_name = traced(data, path)
    runs = by_name.get("zero_copy")
    again = sum(share(runs, site) for site in AFTER_ALL) if runs else 0.0
    if runs and again > 0.5 and "one_copy" in by_name:
        size = max(run.size for run in runs)
        found = [remark("more_copies", zero_copy=copies(runs), one_copy=copies(by_name["one_copy"]))]
        found.append(zero_copy_saved(data, path))
        return found + messages_compared(data, path, ("zero_copy", "one_copy"), size) + cost(data, path, size)
    rates = ratios(data, path, "two_copy", "eight_sends", "throughput")
    if any(side(ratio) > 0 for ratio in rates.values()) and "eight_sends" in by_name:
        both = {name: copies(by_name[name]) for name in ("two_copy", "eight_sends")}
        return [remark("more_but_faster", **both), *break_even(data, path, "two_copy", "eight_sends")]
    return [remark("no_surprise")]


def from_which_size(a: str):
    """Q4 or Q5: compared with each transport that a report calls two-copy."""
    return lambda data, path: [
        remark("compared", other=other, found=break_even(data, path, a, other)) for other in ("two_copy", "eight_sends")
    ]


QUESTIONS = (
    ("Q1", "Why is zero-copy not always best?", question_1),
    ("Q2", "Which cache level shows the largest reduction in misses?", question_2),
    ("Q3", "How do threads and cache contention interact?", question_3),
    ("Q4", "From which size does one-copy beat two-copy?", from_which_size("one_copy")),
    ("Q5", "From which size does zero-copy beat two-copy?", from_which_size("zero_copy")),
    ("Q6", "One unexpected result, explained", question_6),
)
