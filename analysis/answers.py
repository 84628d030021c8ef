# SPDX-License-Identifier: GPL-2.0
"""The reports' questions Q1 to Q6, answered with the runs' numbers."""

from __future__ import annotations

from breakeven import METRICS, Split, ratios, side, sweep_text
from copies import AFTER_ALL, copies, share, traced, zero_copy_saved
from load import Dataset
from quantities import Expression, Place, ratio
from sites import in_order
from stats import Estimate, family_confidence
from wording import interval, number, plural, size_text

LEVELS = {"L1": "l1d_load_misses_per_byte", "LLC": "llc_load_misses_per_byte"}


def at(data: Dataset, path: str, expression: str, size: int, threads: int = 1) -> Estimate | None:
    return Expression(expression).at(data, Place(path, None, size, threads)).estimate


def sizes(data: Dataset, path: str, threads: int = 1) -> list[int]:
    return sorted({run.size for run in data.on(path) if run.threads == threads})


# Size by size


def break_even(data: Dataset, path: str, a: str, b: str) -> str:
    """Which transport is faster at each size, by throughput and by CPU time, and where that changes."""
    texts = []
    for metric, (name, _) in METRICS.items():
        text = sweep_text(data, path, a, b, metric)
        texts += [f"In {name}: {text}."] if text else []
    return " ".join(texts) or f"{a} and {b} were not both run at one size with one thread over {path}."


def split_text(row: Split) -> str:
    """The shares of one size."""
    parts = []
    if row.calls:
        parts.append(f"seven system calls {interval(row.calls, 'ns a byte')}")
    if row.copies:
        parts.append(f"one packing copy {interval(row.copies, 'ns a byte')}")
    return f"{size_text(row.size)}: {', '.join(parts)}"


# Per message


def a_message(data: Dataset, path: str, transport: str, size: int) -> str:
    """'send calls 1, deferred copies 1.9, context switches 0.4', of the traced runs of one thread."""
    runs = [r for r in traced(data, path).get(transport, []) if (r.size, r.threads) == (size, 1)]
    messages = sum(run.data.get("messages") or 0 for run in runs)

    def each(count) -> float | None:
        counts = [count(run) for run in runs]
        return None if None in counts or not counts else ratio(sum(counts), messages)

    def site_calls(name: str):
        return lambda run: (run.data["sites"].get(name) or {}).get("calls")

    found = {
        "send calls": each(lambda run: (run.data.get("system_calls") or {}).get("send")),
        "completions": each(lambda run: (run.data.get("completions") or {}).get("received")),
        "pins": each(site_calls("send_pin")),
        "deferred copies": each(site_calls("deferred_copy")),
        "copies at transmit": each(site_calls("transmit_copy")),
    }
    switches = at(data, path, f"{transport}.switches", size)
    found["context switches"] = switches.median if switches else None
    shown = [f"{name} {number(value)}" for name, value in found.items() if value]
    return ", ".join(shown)


def messages_compared(data: Dataset, path: str, names: tuple[str, ...], size: int) -> str:
    texts = [(name, a_message(data, path, name, size)) for name in names]
    shown = "; ".join(f"{name}: {text}" for name, text in texts if text)
    return f"Per message of {size_text(size)}, {shown}." if shown else ""


def cost(data: Dataset, path: str, size: int) -> str:
    found = at(data, path, "zero_copy.cpu / one_copy.cpu", size)
    if not found:
        return ""
    return f"A byte costs zero_copy {interval(found)} times the CPU time of one_copy at {size_text(size)}."


# The questions


def question_1(data: Dataset, path: str) -> str:
    """What zero-copy saves, what it costs instead, and the result."""
    parts = [zero_copy_saved(data, path)]
    measured = sorted({r.size for r in traced(data, path).get("zero_copy", []) if r.threads == 1})
    for size in dict.fromkeys((measured[0], measured[-1]) if measured else ()):
        parts.append(messages_compared(data, path, ("zero_copy", "one_copy"), size))
        parts.append(cost(data, path, size))
    parts.append(break_even(data, path, "zero_copy", "one_copy"))
    return " ".join(part for part in parts if part)


def question_2(data: Dataset, path: str) -> str:
    """By how much one_copy and zero_copy miss less than two_copy, and where the difference is largest."""
    lines = []
    places = [(name, size) for name in ("one_copy", "zero_copy") for size in sizes(data, path)]
    for transport, size in places:
        fewer = {level: f"(1 - {transport}.{c} / two_copy.{c})" for level, c in LEVELS.items()}
        known = {level: value for level in LEVELS if (value := at(data, path, fewer[level], size))}
        if known:
            more = Expression(" - ".join(fewer.values())).at(data, Place(path, None, size, 1))
            text = fewer_text(known, more.interval(family_confidence(len(places))))
            lines.append(f"{transport} at {size_text(size)} {text}")
    if not lines:
        why = Expression("one_copy.l1d_load_misses_per_byte")
        place = Place(path, None, (sizes(data, path) or [0])[-1], 1)
        return f"Not known: {why.at(data, place).why}."
    return f"Misses a byte against two_copy: {'; '.join(lines)}."


def fewer_text(known: dict[str, Estimate], more: Estimate | None) -> str:
    """The share at each level, with its interval, and which is larger; `more`: the excess of L1."""
    parts = []
    for level, value in known.items():
        text = f"{level} {number(100 * abs(value.median))}% {'fewer' if value.median >= 0 else 'more'}"
        if value.low is not None and value.high is not None:
            text += f" ({number(100 * value.low)}% to {number(100 * value.high)}%)"
        parts.append(text)
    text = ", ".join(parts)
    if more is None or max(value.median for value in known.values()) <= 0:
        return text
    if more.low is None or more.high is None:
        return f"{text}: most in {'L1' if more.median > 0 else 'LLC'}, from too few repeats to be sure"
    if more.low <= 0 <= more.high:
        return f"{text}: which is more is undecided"
    return f"{text}: most in {'L1' if more.low > 0 else 'LLC'}"


def growth(data: Dataset, path: str, quantity: str, counts: list[int], size: int) -> list[str]:
    """The factor by which a quantity of each transport grows from the fewest to the most threads."""
    found = []
    for transport in in_order({run.transport for run in data.on(path)}):
        here = f"{transport}.{quantity}"
        grown = f"{here}(threads={counts[-1]}) / {here}(threads={counts[0]})"
        value = at(data, path, grown, size)
        found += [f"{transport} {interval(value)}"] if value else []
    return found


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
    cores = data.cores(path)
    text = f"From {counts[0]} to {counts[-1]} threads a side"
    text += f" on {plural(cores, 'processor')}" if cores else ""
    text += f", at {size_text(size)}, throughput changes by the factor: {', '.join(factors)}."
    if cores and cores < counts[-1]:
        text += " More threads than processors show the scheduler, not the caches."
    known = [(level, growth(data, path, counter, counts, size)) for level, counter in LEVELS.items()]
    for level, misses in known:
        text += f" {level} misses a byte by: {', '.join(misses)}." if misses else ""
    return text if any(misses for _, misses in known) else f"{text} Cache misses were not counted."


def question_6(data: Dataset, path: str) -> str:
    """A result that surprises most readers, with its numbers: more copies when none were requested."""
    by_name = traced(data, path)
    runs = by_name.get("zero_copy")
    again = sum(share(runs, site) for site in AFTER_ALL) if runs else 0.0
    if runs and again > 0.5 and "one_copy" in by_name:
        size = max(run.size for run in runs)
        return " ".join(
            part
            for part in (
                f"zero_copy makes {number(copies(runs))} copies of each byte, one_copy "
                f"{number(copies(by_name['one_copy']))}.",
                zero_copy_saved(data, path),
                messages_compared(data, path, ("zero_copy", "one_copy"), size),
                cost(data, path, size),
            )
            if part
        )
    found = ratios(data, path, "two_copy", "eight_sends", "throughput")
    if any(side(ratio) > 0 for ratio in found.values()) and "eight_sends" in by_name:
        return (
            f"The transport with more copies is the faster one: two_copy makes "
            f"{number(copies(by_name['two_copy']))} a byte and eight_sends "
            f"{number(copies(by_name['eight_sends']))}. {break_even(data, path, 'two_copy', 'eight_sends')}"
        )
    return "None that these runs show beyond doubt."


def from_which_size(a: str):
    """Q4 or Q5: compared with both forms of A1."""
    return lambda data, path: " ".join(
        f"Against {other}: {break_even(data, path, a, other)}" for other in ("two_copy", "eight_sends")
    )


QUESTIONS = (
    ("Q1", "Why is zero-copy not always best?", question_1),
    ("Q2", "Which cache level shows the largest reduction in misses?", question_2),
    ("Q3", "How do threads and cache contention interact?", question_3),
    ("Q4", "From which size does one-copy beat two-copy?", from_which_size("one_copy")),
    ("Q5", "From which size does zero-copy beat two-copy?", from_which_size("zero_copy")),
    ("Q6", "One unexpected result, explained", question_6),
)
