# SPDX-License-Identifier: GPL-2.0
"""The bench's medians and verdicts, from samples made up here."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import bench

HERE = {"kernel": "k", "cpu": "c", "cores": 2, "harness": "h"}
Samples = list[dict[str, Any]]


def kept(*values: float, size: int = 64, what: str = "run / untraced") -> Samples:
    return [{"part": "throughput", "what": what, "transport": "one_copy", "size": size, "value": value}
            for value in values]  # fmt: skip


def added(name: str, *values: float, place: str = "6.12", unit: str = "instructions") -> Samples:
    return [{"part": "turns", "what": "added by " + name, "place": place, "transport": "one_copy",
             "size": 64, "unit": unit, "value": value} for value in values]  # fmt: skip


def rows_of(samples: Samples) -> dict[str, bench.Row]:
    return {row.what: row for row in bench.make_rows(samples)}


class Verdicts(unittest.TestCase):
    def verdict(self, samples: Samples) -> str | None:
        (row,) = bench.make_rows(samples)
        return row.verdict

    def test_the_whole_interval_decides(self) -> None:
        self.assertEqual(self.verdict(kept(0.90, 0.92, 0.86)), "met")
        self.assertEqual(self.verdict(kept(0.90, 0.92, 0.70)), "undecided")
        self.assertEqual(self.verdict(kept(0.70, 0.79, 0.78)), "missed")

    def test_each_size_has_its_budget(self) -> None:
        for size, budget in ((64, 0.80), (4096, 0.88), (65536, 0.95)):
            self.assertEqual(self.verdict(kept(budget, size=size)), "met")
            self.assertEqual(self.verdict(kept(budget - 0.01, size=size)), "missed")

    def test_time_and_memory_may_be_at_most_the_budget(self) -> None:
        for part, what, good, bad in (("start", "run, attaching", 199, 201), ("memory", "peak", 1.0, 1.03)):
            self.assertEqual(self.verdict([{"part": part, "what": what, "value": good}]), "met")
            self.assertEqual(self.verdict([{"part": part, "what": what, "value": bad}]), "missed")

    def test_peers_are_to_be_reached(self) -> None:
        peer = {"part": "peers", "what": "untraced / iperf3", "transport": "one_copy", "size": 64}
        self.assertEqual(self.verdict([peer | {"value": 1.01}]), "met")
        self.assertEqual(self.verdict([peer | {"value": 0.99}]), "missed")

    def test_what_is_lost_is_no_number(self) -> None:
        lost = {"part": "throughput", "what": "run / untraced", "transport": "one_copy", "size": 64,
                "lost": "a reason"}  # fmt: skip
        (row,) = bench.make_rows([*kept(0.9), lost])
        self.assertEqual((row.median, row.lost, row.verdict), (0.9, ["a reason"], "met"))
        self.assertEqual(self.verdict([*kept(0.9), lost, lost]), "undecided")
        self.assertEqual(self.verdict([lost]), "not measured")


class BesideBpftrace(unittest.TestCase):
    def test_added_is_over_what_the_script_adds_in_the_median(self) -> None:
        # of nine the outermost is left out: 300..340 of 900..1000
        ours = added("fentry", -500, 300, 310, 320, 320, 320, 330, 340, 9000)
        theirs = added("bpftrace kprobes", -1, 900, 950, 960, 960, 960, 970, 1000, 4000)
        row = rows_of(ours + theirs)["fentry / bpftrace kprobes"]
        self.assertEqual((row.median, row.low, row.high), (320 / 960, 300 / 1000, 340 / 900))
        self.assertEqual(row.verdict, "undecided")

    def test_the_budget_is_a_third(self) -> None:
        theirs = added("bpftrace kprobes", 900)
        self.assertEqual(rows_of(added("auto", 300) + theirs)["auto / bpftrace kprobes"].verdict, "met")
        self.assertEqual(rows_of(added("auto", 301) + theirs)["auto / bpftrace kprobes"].verdict, "missed")

    def test_over_what_may_be_nothing_there_is_no_ratio(self) -> None:
        row = rows_of(added("auto", 1, 2) + added("bpftrace kprobes", 100, -5))["auto / bpftrace kprobes"]
        self.assertEqual((row.median, row.verdict), (None, "undecided"))

    def test_each_method_is_compared_with_the_script_by_the_same_hooks(self) -> None:
        samples = [s for name in ("auto", "kprobe", "tracepoint") for s in added(name, 100)]
        both = samples + added("bpftrace kprobes", 900) + added("bpftrace tracepoints", 500)
        self.assertEqual({what for what in rows_of(both) if "/" in what}, {
            "auto / bpftrace kprobes", "kprobe / bpftrace kprobes", "tracepoint / bpftrace tracepoints",
        })  # fmt: skip
        self.assertIn("tracepoint / bpftrace kprobes", rows_of(samples + added("bpftrace kprobes", 900)))
        self.assertIn("auto / bpftrace tracepoints", rows_of(samples + added("bpftrace tracepoints", 500)))

    def test_places_are_not_mixed(self) -> None:
        samples = added("auto", 100) + added("bpftrace kprobes", 900, place="newest")
        self.assertEqual([what for what in rows_of(samples) if "/" in what], [])


class Command(unittest.TestCase):
    def setUp(self) -> None:
        self.dir = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def bench(self, samples: Samples, *options: str, kernel: str = "k") -> tuple[int, str]:
        path = self.dir / "samples.jsonl"
        path.write_text("".join(json.dumps(s) + "\n" for s in [HERE | {"kernel": kernel}, *samples]))
        printed = io.StringIO()
        baseline = str(self.dir / "baseline.json")
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            status = bench.main([str(path), "--baseline", baseline, *options])
        return status, printed.getvalue()

    def test_worse_than_the_accepted_run_fails(self) -> None:
        self.assertEqual(self.bench(kept(0.90, 0.91, 0.92), "--accept")[0], bench.OK)
        status, printed = self.bench(kept(0.80, 0.81, 0.82))
        self.assertEqual(status, bench.WORSE)
        self.assertIn("1 regressed", printed)
        self.assertIn("0.81 (0.8..0.82) !", printed)

    def test_within_the_noise_of_either_it_passes(self) -> None:
        self.bench(kept(0.90, 0.91, 0.92), "--accept")
        self.assertEqual(self.bench(kept(0.80, 0.81, 0.91))[0], bench.OK)
        self.assertEqual(self.bench(kept(0.87, 0.88, 0.89))[0], bench.OK)  # within 5%

    def test_more_instructions_are_worse(self) -> None:
        self.bench(added("fentry", 1000, 1001), "--accept")
        self.assertEqual(self.bench(added("fentry", 1100, 1101))[0], bench.WORSE)
        self.assertEqual(self.bench(added("fentry", 900, 901))[0], bench.OK)

    def test_a_missed_budget_alone_does_not_fail(self) -> None:
        status, printed = self.bench(kept(0.5, 0.51, 0.52))
        self.assertEqual(status, bench.OK)
        self.assertIn("1 missed", printed)

    def test_on_another_machine_only_instructions_are_compared(self) -> None:
        self.bench(kept(0.90) + added("fentry", 1000), "--accept")
        status, printed = self.bench(kept(0.50) + added("fentry", 1010), kernel="other")
        self.assertEqual(status, bench.OK)
        self.assertIn("only instructions compared", printed)
        self.assertEqual(self.bench(kept(0.50) + added("fentry", 1300), kernel="other")[0], bench.WORSE)

    def test_what_could_not_be_measured_fails(self) -> None:
        status, printed = self.bench([*kept(0.9), {"part": "start", "what": "run", "lost": "no probe"}])
        self.assertEqual(status, bench.WORSE)
        self.assertIn("lost: start, run: no probe", printed)

    def test_the_document_holds_what_the_table_shows(self) -> None:
        _, printed = self.bench(kept(0.90, 0.91, 0.92), "--json", str(self.dir / "bench.json"))
        document = json.loads((self.dir / "bench.json").read_text())
        (row,) = document["rows"]
        self.assertEqual(document["schema"], "harness.bench/2")
        self.assertEqual((row["median"], row["low"], row["high"]), (0.91, 0.9, 0.92))
        self.assertEqual((row["budget"], row["verdict"]), (0.8, "met"))
        self.assertIn("0.91 (0.9..0.92)", printed)

    def test_what_has_no_size_is_shown_with_and_without_others_that_have(self) -> None:
        start = [{"part": "start", "what": "run, attaching", "unit": "ms", "value": 123}]
        self.assertRegex(self.bench(start)[1], r"run, attaching +<= 200 +123")
        self.assertRegex(self.bench(start + kept(0.90))[1], r"run, attaching +<= 200 +123")

    def test_an_accepted_run_of_another_schema_is_refused(self) -> None:
        (self.dir / "baseline.json").write_text('{"schema": "harness.bench/1", "rows": []}')
        status, printed = self.bench(kept(0.90))
        self.assertEqual(status, bench.USAGE)
        self.assertIn("the baseline is harness.bench/1, not harness.bench/2", printed)

    def test_what_is_no_samples_file_is_refused(self) -> None:
        (self.dir / "samples.jsonl").write_text("no JSON\n")
        with contextlib.redirect_stderr(io.StringIO()) as printed:
            self.assertEqual(bench.main([str(self.dir / "samples.jsonl")]), bench.USAGE)
        self.assertIn("bench.py:", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
