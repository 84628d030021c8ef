# SPDX-License-Identifier: GPL-2.0
"""
Every sentence of verify and of the page, by its code. The other files make remarks, a code with values, and tests
match these; only tests/analysis/test_words.py reads the sentences.

In a sentence {name} is a value, and {name:SPEC} one in the form of a SPEC (see `shown`). A part in brackets is left
out where one of its values is None.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Sequence

from stats import Estimate

PLACE = "{transport} over {path}, {size} bytes, {threads:thread}"
SPREAD = "[ ({low} to {high}, {repeats:repeat})][ ({too_few:repeat}, too few for an interval)]"
WHERE = "[ at {size:size}, {threads:thread}]"
NOT_TO_HOLD = "the receiver may not hold the sender's pages"
KERNEL = ", [{kernel:digit} of them in the kernel][{no_program:if}by the kernel]"
AGAINST = "[; against two_copy {gone:and} {gone:are} gone][, but {new:and} {new:are} new]."

SENTENCES = {
    # what was found of a claim
    "quantity": "{name}[ of {transport}][ at {size:size}][ with {threads:thread}]",
    "other_quantity": "[ of {transport}][ at {size:size}][ with {threads:thread}]",
    "measured": "[over {path}: ]{quantity} is {value}[ ({terms:terms})]"
    + f"{SPREAD}{WHERE}[{{traced:if}}, measured while probes ran]",
    "ratio": "[over {path}: ]{quantity} is {value} times that{other}"
    + f"{SPREAD}{WHERE}[{{traced:if}}, measured while probes ran]",
    "facts": "[over {path}: ][at {size:size}, {threads:thread}: ]{sentence}",
    "sum": "{value}[ ({terms:terms})]",
    "claimed": "claimed {compare:compare}{value}[ (within {tolerance})]",
    "repeats_decide": "at this noise about {repeats} repeats would decide it",
    "no_repeats_decide": "at this noise {most} repeats would not decide it",
    "tally": "of {places} sizes and threads it {found:,}",
    "holds_at": "holds at {places}",
    "fails_at": "fails at {places}",
    "undecided_at": "is undecided at {places}",
    "untestable_at": "cannot be tested at {places}",
    "factor_same": "the size, {factor}" + WHERE + ", is reproduced here: {found}",
    "factor_differs": "the size, {factor}" + WHERE + ", is not reproduced here: {found}",
    "offloads_unknown": "the offloads of the card were not recorded",
    "offloads_off": "at {device} {offloads:and} {offloads:are} off, which forces the copy",
    "offloads_on": "at {device} {offloads:and} {offloads:are} on, so no offload that is off forces it",
    "elsewhere": "over {path} it is {verdict}: {why}",
    "interval": "{median}[ ({low} to {high})]",
    # what is missing
    "no_run": f"no run of {PLACE}",
    "no_run_over": "no run over {path}[ of a size {sizes}][ with threads {counts}]",
    "not_asked": "{quantity} was not asked for in the runs of " + PLACE + "; --trace {trace} counts it",
    "not_counted": "{quantity} was not counted for " + PLACE + "[: {reasons:;}]",
    "divides_by_0": "{expression} divides by 0",
    "too_few_processors": "{quantities:and} of {threads} threads a side: this takes {threads} processors; there are "
    "{here} here",
    "processors_unknown": "{quantities:and} of {threads} threads a side: this takes {threads} processors; how many "
    "there are here is not known",
    "takes": "this takes {remedy}",
    "remedy_nic": "two network cards: --path lo,veth,nic:A,B, or a virtual machine that has two: scripts/vm.sh "
    "--nics vmxnet3 -- ./harness verify --quick --path nic:eth0,eth1",
    "remedy_netns": "two network namespaces of yours: --path netns:A,B",
    "remedy_path": "runs over {path}: --path {path}",
    "remedy_counter": "processor counters (PMU) that the kernel may read: the same command on a physical machine, or "
    "on a virtual one that is given them",
    "remedy_processors": "more processors: the same command on a machine that has them",
    "remedy_run": "runs that were not made: the same command without --out makes them",
    "remedy_request": "runs with --trace all, which asks for all that can be counted",
    "remedy_probe": "a probe that this kernel refuses: harness doctor names the remedy",
    "remedy_number": "longer runs, with a number above 0 to divide by",
    # below the table of verify
    "missing": "{count} not testable here: {remedy} ({claims:,})",
    "undecided": "{count} undecided: up to {repeats} repeats; verify --decide makes 8 times as many as before",
    "undecided_long": "{count} undecided: more repeats; verify --decide makes 8 times as many as before",
    "all_traced": "every run was traced: times and throughput are those of traced runs",
    "break_even": "Break-even, one thread a side; {comparisons:comparison} share the 5% of being wrong",
    "break_even_row": "{path}, in {measure}: {sweep:;}",
    # proofs
    "equal": "equal ({function}; {by})",
    "unequal": "NOT EQUAL ({function}; {by})",
    "unproved": "not proved: {why}",
    "none_passed": "no byte of these transports passes here",
    "proof_differs": "the proof of {site} over {path} is not equal",
    # which transport beats which
    "beats": "{winner} beats {loser} at {sizes:span} ({factors:x})",
    "sizes_undecided": "{sizes:span} undecided ({transport} is {ratios:;} times as good as {other}[; "
    "{repeats:repeat}, an interval takes {needed}])",
    "crosses": "{winner} beats {loser} from about {size} bytes (between {low:size} and {high:size})",
    "in_measure": "In {measure}: {sweep:;}.",
    "never_both": "{a} and {b} were not both run at one size with one thread over {path}.",
    # copies
    "copies": "{count:digit}[ from {size:size}]",
    "as_named": "Is it really {named:digit}? Yes: {copies:,}" + KERNEL + AGAINST,
    "not_as_named": "Is it really {named:digit}? No: {copies:,}" + KERNEL + AGAINST,
    "unnamed": "Copies a byte: {copies:,}" + KERNEL + AGAINST,
    "where": "{transport}: {really} Copies: {made:;}.[ Not copies: {spared:;}.]",
    "made": "{site} ({by}, {function}) {share} a byte",
    "spared": "{site} {share} a byte ({meaning})",
    "cause": "{cause}[ on {device}][: {reason}]",
    "cause local delivery": NOT_TO_HOLD,
    "cause local receive": NOT_TO_HOLD,
    "cause packet tap": "a tap such as tcpdump may not hold the sender's pages",
    "cause tun or tap device": "a program takes the packets, and may not hold the sender's pages",
    "cause transmit timestamp": "a transmit timestamp carries the data back to the sender",
    "cause device without zero-copy": "the device's driver cannot hold the sender's pages",
    "copied_after_all": "copied after all: {cause}",
    "saved": "Of each byte zero_copy pinned {pinned} instead of copying it, and {again} of it was copied after all[ "
    "({terms:terms})][, by {cause}]. It saved {saved} {saved:copies} a byte.",
    "saved_unknown": "The copies of zero_copy were not asked for; --trace copies counts them.",
    "copies_unknown": "Copies were not asked for; --trace copies counts them.",
    "copies_of_each": "{transport} made {count} {count:copies} of each byte",
    "copies_by_size": "zero_copy made copies of each byte by size: {copies:,}",
    "copies_deferred": "zero_copy made {count} {count:copies} of each byte here, because what it pinned was copied "
    "after all ({cause})",
    "copies_at_transmit": "zero_copy made {count} {count:copies} of each byte here, because what it pinned was "
    "copied on the way to the device",
    "copies_of_receiver": "zero_copy made {count} {count:copies} of each byte here: the receiver's, and none by the "
    "sender",
    "copies_here": "zero_copy made {count} {count:copies} of each byte here",
    # the reports' questions
    "save": "{size:size}: {parts:,}",
    "save_calls": "seven system calls {found} ns a byte",
    "save_copy": "one packing copy {found} ns a byte",
    "per_message": "Per message of {size:size}, {transports:;}.",
    "of_transport": "{transport}: {counts:,}",
    "sends": "send calls {value}",
    "completions": "completions {value}",
    "pins": "pins {value}",
    "deferred": "deferred copies {value}",
    "at_transmit": "copies at transmit {value}",
    "switches": "context switches {value}",
    "cpu_ratio": "A byte costs zero_copy {found} times the CPU time of one_copy at {size:size}.",
    "unknown": "Not known: {why}.",
    "misses": "Misses a byte against two_copy: {places:;}.",
    "misses_at": "{transport} at {size:size} {levels:,}[: {most}]",
    "fewer_misses": "{level} {percent}% fewer[ ({low}% to {high}%)]",
    "more_misses": "{level} {percent}% more[ ({low}% to {high}%)]",
    "most_in": "most in {level}",
    "most_unsure": "most in {level}, from too few repeats to be sure",
    "most_undecided": "which is more is undecided",
    "threads_missing": "Not known: it takes runs with more than one number of threads.",
    "threads_grow": "From {fewest} to {most} threads a side[ on {processors:processor}], at {size:size}, throughput "
    "changes by the factor: {factors:,}.",
    "grows": "{transport} {found}",
    "scheduler": "More threads than processors show the scheduler, not the caches.",
    "misses_grow": "{level} misses a byte by: {factors:,}.",
    "misses_unknown": "Cache misses were not counted.",
    "more_copies": "zero_copy makes {zero_copy} copies of each byte, one_copy {one_copy}.",
    "more_but_faster": "The transport with more copies is the faster one: two_copy makes {two_copy} a byte and "
    "eight_sends {eight_sends}.",
    "compared": "Against {other}: {found: }",
    "no_surprise": "None that these runs show beyond doubt.",
    # pictures that are not drawn
    "left_out": "{titles:;}: left out, because {why}.[{stand_in:if} CPU time a byte stands in for them: it is what "
    "misses and cycles come to in the end.]",
    "no_such_run": "there is no such run",
    "not_measured": "{quantity} was not measured in these runs",
    "counter_missing": "{counter} was not counted in these runs[; {reasons:;}]",
    "two_sizes": "it takes runs of two sizes",
    "two_threads": "it takes runs with two numbers of threads",
    "copies_not_asked": "copies were not asked for",
    "two_transports": "it takes two_copy and another transport at two sizes",
    "site_unknown": "Not known rather than 0: {sites:and} ({why}).",
    "site_unused": "Not known rather than 0: {sites:and} (no transport of these runs uses it, so its probe was not "
    "asked for).",
    # the page
    "head_copies": "How many copies does each transport make here?",
    "head_where": "Where, and by whom?",
    "head_saved": "What did zero-copy save?",
    "head_cost": "What does each byte cost?",
    "head_questions": "The reports' questions",
    "head_claims": "The claims",
    "head_method": "How the numbers were got, and what could not be known",
    "head_over": "Over the {path}",
    "head_part_a": "Part A, over the {path}",
    "head_questions_over": "Q1 to Q6, over the {path}",
    "copies_lead": "CPU copies of each byte:",
    "copies_of": "{transport}: {copies:,}",
    "flow": "{transport} over {path}: CPU copies of each byte: {copies:,}",
    "split_lead": "Why A2 beats A1.",
    "split": "What one_copy (A2) saves against A1, in CPU time; below 0 it costs more:",
    "table_sites": "Bytes at each site per byte of payload, all sizes together; n/a: not known",
    "table_cost": "{quantity}: median and 95% interval of the repeats; n/a: no such run",
    "cost_throughput": "Throughput, Gbit/s",
    "cost_latency": "Latency, mean time of a message, µs",
    "cost_cpu": "CPU time of both sides, nanoseconds a byte",
    "cost_traced": "Every run was traced, so times and throughput include the probes' cost.",
    "table_even": "Which beats the other, size by size, with one thread a side; {comparisons:comparison} share the "
    "5% of being wrong",
    "table_proofs": "Proofs, by short runs of their own: bytes that a site counted, and bytes of the copy's effect",
    "runs": "{runs} runs: {traced} traced, which give the counts of bytes, calls and context switches, and {plain} "
    "not, which give times and throughput.[ Probes were attached by {by:,}.]",
    "runs_traced": "There were no untraced runs, so times and throughput are those of traced ones.",
    "run_left_out": "Left out: {run}",
    "counts": "Counts are exact, to the byte, and checked: what the calls returned is what the sites add up to, or "
    "the run is invalid. Retransmitted bytes are copied again and counted again.",
    "measurements": "A measurement is the median of its repeats with a 95% interval by order statistics, of a ratio "
    "repeat by repeat. Fewer than six repeats have no interval.",
    "family": "The comparisons of the claims are a family and share the 5% of being wrong: each interval there is of "
    "{claims}. So are the comparisons of transports by size, with {sizes}; those in pictures and tables of costs are "
    "of 95% each.",
    "shares": "Shares of a site are over all traced runs of a transport on a path, all sizes together.",
}

COMPARED = {"==": "", "!=": "other than ", "<": "below ", "<=": "at most ", ">": "above ", ">=": "at least "}
DIGITS = ("none", "one", "two", "three", "four", "five", "six")
WHOLE = 0.02  # copies this near to a whole number are printed as that number
FIELD = re.compile(r"\{(\w+)(?::([^{}]+))?\}")
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True)
class Remark:
    """A sentence: its code, and the values in it, which may be remarks and lists of them."""

    code: str
    values: dict[str, Any]

    def __str__(self) -> str:
        def kept(part: re.Match[str]) -> str:
            names = [name for name, _ in FIELD.findall(part.group(1))]
            values = [self.values.get(name) for name in names]
            return "" if any(value is None or value is False for value in values) else part.group(1)

        whole = OPTIONAL.sub(kept, SENTENCES[self.code])
        return FIELD.sub(lambda field: shown(self.values[field.group(1)], field.group(2) or ""), whole)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def every(self) -> Iterator[Remark]:
        """This remark and those in it."""
        yield self
        for value in self.values.values():
            for inner in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(inner, Remark):
                    yield from inner.every()

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "text": str(self)} | {key: plain(value) for key, value in self.values.items()}


def remark(code: str, **values: Any) -> Remark:
    return Remark(code, values)


def plain(value: Any) -> Any:
    if isinstance(value, Remark):
        return value.as_json()
    return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def sentence(remarks: Sequence[Remark], between: str = "; ") -> str:
    return between.join(map(str, remarks))


# Values


def shown(value: Any, form: str) -> str:
    """
    A value in a form: 'size' and 'span' (of sizes), 'compare', 'digit' (a small number as a word), 'terms', 'x'
    (factors), 'if' (nothing), 'are' and 'copies' (as the number takes); a separator for a list, or a word to count.
    """
    if form in FORMS:
        return FORMS[form](value)
    if isinstance(value, (list, tuple)):
        return (form if form == " " else f"{form} ").join(map(text, value)) or DIGITS[0]
    return plural(value, form) if form else text(value)


def text(value: Any) -> str:
    return number(value) if isinstance(value, (int, float)) else str(value)


def number(value: float) -> str:
    """Three significant digits, and no exponent; 'below 0.00001' for a number near 0."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if 0 < abs(value) < 1e-5:
        return "below 0.00001" if value > 0 else "above -0.00001"
    if 0 < abs(value) < 1e-3:
        return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}"
    return f"{value:.3g}"


def estimated(value: Estimate) -> Remark:
    """A median with its interval, where the repeats give one."""
    return remark("interval", median=value.median, low=value.low, high=value.high)


def interval(value: Estimate, unit: str = "") -> str:
    return f"{estimated(value)} {unit}".strip()


def size_text(size: int) -> str:
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} B"


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def many(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def span(sizes: Sequence[int]) -> str:
    names = [size_text(size) for size in sizes]
    return f"{names[0]} to {names[-1]}" if len(names) > 2 else many(names)


def digit(value: float) -> str:
    """'two' for 2; a number that is not whole keeps its digits."""
    whole = round(value)
    near = abs(value - whole) <= WHOLE and whole < len(DIGITS)
    return DIGITS[whole] if near else number(value)


def terms_text(terms: dict[str, float | None]) -> str:
    """The terms of a sum; those of 0 are grouped."""
    named = [f"{name} {'n/a' if value is None else number(value)}" for name, value in terms.items() if value != 0]
    zeros = [name.lstrip("+- ") for name, value in terms.items() if value == 0]
    found = " ".join(named).removeprefix("+ ")
    return found + f"{', ' if found else ''}{many(zeros)} 0" if zeros else found


FORMS: dict[str, Callable[[Any], str]] = {
    "if": lambda _: "",
    "size": size_text,
    "span": span,
    "compare": COMPARED.__getitem__,
    "digit": digit,
    "terms": terms_text,
    "and": lambda names: many(names) or DIGITS[0],
    "are": lambda names: "are" if len(names) > 1 else "is",
    "copies": lambda count: "copy" if number(count) == "1" else "copies",
    "x": lambda factors: ", ".join(f"{number(factor)}x" for factor in factors),
}
