# SPDX-License-Identifier: GPL-2.0
"""The bench's ratios and verdicts, from samples made up here."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import bench
from stats import median_interval

ENVIRONMENT = {"part": "environment", "kernel": "k", "cpu": "c", "cores": 2, "harness": "h"}


def run(mode: str, round: int, rate: float, cpu_ns: float = 1000, size: int = 64,
        part: str = "tracing", **more: Any) -> dict[str, Any]:  # fmt: skip
    return {"part": part, "mode": mode, "round": round, "path": "lo", "threads": 1, "tries": 1,
            "transport": "one_copy", "size": size, "rate": rate, "cpu_ns": cpu_ns} | more  # fmt: skip


def counted(mode: str, instructions: int) -> dict[str, Any]:
    return {"part": "machine", "kernel": "6.12", "mode": mode, "round": 1, "size": 64,
            "transport": "one_copy", "instructions": instructions}  # fmt: skip


def rows_of(samples: list[dict[str, Any]]) -> dict[tuple[str, str], bench.Row]:
    rows = bench.make_rows(bench.Samples([ENVIRONMENT, *samples]))
    return {(row.what, row.where): row for row in rows}


class Interval(unittest.TestCase):
    def test_the_median_of_few_values_lies_in_their_range(self) -> None:
        self.assertEqual(median_interval([3, 1, 2]), (1, 3))
        self.assertEqual(median_interval([6, 5, 4, 3, 2, 1]), (1, 6))

    def test_of_more_values_the_outermost_are_left_out(self) -> None:
        # n = 9: 1 - 2 * (1 + 9) / 512 = 96.1%; n = 12: 1 - 2 * (1 + 12 + 66) / 4096 = 96.1%
        self.assertEqual(median_interval(range(1, 10)), (2, 8))
        self.assertEqual(median_interval(range(1, 13)), (3, 10))


class Probes(unittest.TestCase):
    def probe(self, round: int, hits: float, ns: float | None, program: str = "sendmsg") -> dict[str, Any]:
        return {"part": "probes", "mode": "fentry", "round": round, "program": program,
                "transport": "one_copy", "size": 64, "hits": hits, "ns": ns}  # fmt: skip

    def test_hits_and_their_time_are_told_and_not_held_against_a_later_run(self) -> None:
        rows = rows_of([self.probe(1, 1.0, 50), self.probe(2, 1.2, 70), self.probe(3, 1.1, 60)])
        hits = rows["fentry: sendmsg, hits a message", "one_copy 64"]
        time = rows["fentry: sendmsg, a hit", "one_copy 64"]
        self.assertEqual((hits.median, hits.low, hits.high, hits.verdict), (1.1, 1.0, 1.2, None))
        self.assertEqual((time.median, time.unit), (60, "ns"))
        self.assertNotIn("sendmsg", bench.baseline_text({}, [hits, time]))

    def test_a_lost_round_is_said_and_only_lost_ones_are_not_measured(self) -> None:
        lost = {"part": "probes", "mode": "fentry", "round": 2, "transport": "one_copy", "size": 64,
                "lost": "a reason"}  # fmt: skip
        row = rows_of([self.probe(1, 1.0, 50), lost])["fentry: sendmsg, hits a message", "one_copy 64"]
        self.assertEqual((row.median, row.lost), (1.0, 1))
        row = rows_of([lost])["fentry: programs", "one_copy 64"]
        self.assertEqual((row.verdict, row.lost), ("not measured", 1))

    def test_a_program_that_hardly_runs_has_no_row_and_no_run_is_no_0(self) -> None:
        self.assertEqual(rows_of([self.probe(1, 0.001, 50)]), {})
        rows = rows_of([self.probe(1, 0.5, None)])
        self.assertIsNone(rows["fentry: sendmsg, a hit", "one_copy 64"].median)


class Verdicts(unittest.TestCase):
    def kept(self, *rates: float) -> bench.Row:
        samples = []
        for round, rate in enumerate(rates, 1):
            samples += [run("untraced beside tracepoint", round, 100), run("tracepoint", round, rate)]
        return rows_of(samples)["throughput, tracepoint / untraced", "one_copy 64"]

    def test_the_whole_interval_decides(self) -> None:
        self.assertEqual(self.kept(90, 92, 86).verdict, "met")
        self.assertEqual(self.kept(90, 92, 80).verdict, "undecided")
        self.assertEqual(self.kept(70, 84, 80).verdict, "missed")

    def test_each_pair_is_of_one_round(self) -> None:
        plain = "untraced beside tracepoint"
        samples = [run(plain, 1, 100), run("tracepoint", 1, 90)]
        samples += [run(plain, 2, 50), run("tracepoint", 2, 45), run(plain, 3, 70)]
        samples += [run("untraced beside bpftrace", 1, 1000)]
        row = rows_of(samples)["throughput, tracepoint / untraced", "one_copy 64"]
        self.assertEqual(row.values, [0.9, 0.9])
        self.assertEqual(row.lost, 1)

    def test_an_invalid_run_is_lost_and_no_number(self) -> None:
        invalid = run("tracepoint", 1, 0) | {"lost": "a reason"}
        del invalid["rate"], invalid["cpu_ns"]
        row = rows_of([run("untraced beside tracepoint", 1, 100), invalid])[
            "throughput, tracepoint / untraced", "one_copy 64"
        ]
        self.assertEqual((row.median, row.lost, row.verdict), (None, 1, "not measured"))

    def test_a_size_without_a_budget_has_no_verdict(self) -> None:
        samples = [run("untraced beside kprobe", 1, 100, size=512), run("kprobe", 1, 10, size=512)]
        row = rows_of(samples)["throughput, kprobe / untraced", "one_copy 512"]
        self.assertEqual((row.median, row.verdict), (0.1, None))

    def added(self, ours: list[float], theirs: list[float]) -> bench.Row:
        samples = []
        for round, (a, b) in enumerate(zip(ours, theirs), 1):
            samples += [run("untraced beside tracepoint", round, 1, 1000), run("tracepoint", round, 1, 1000 + a),
                        run("untraced beside bpftrace", round, 1, 3000), run("bpftrace", round, 1, 3000 + b)]  # fmt: skip
        return rows_of(samples)["CPU time added, tracepoint / bpftrace", "one_copy 64"]

    def test_added_is_over_what_the_other_tracer_adds_in_the_median(self) -> None:
        # of nine the outermost is left out: 40..60 of 1000, where bpftrace adds 800..1000 at the ends
        row = self.added([-500, 40, 45, 50, 50, 50, 55, 60, 900], [-1, 800, 900, 900, 1000, 1000, 1000, 1000, 4000])
        self.assertEqual((row.median, row.low, row.high), (0.05, 0.04, 0.075))
        self.assertEqual((row.verdict, row.lost), ("met", 0))
        self.assertEqual(self.added([150] * 3, [1000] * 3).verdict, "missed")

    def test_over_what_may_be_nothing_there_is_no_ratio(self) -> None:
        row = self.added([1, 1, 1], [100, 100, -5])
        self.assertEqual((row.median, row.verdict, row.lost), (None, "undecided", 3))

    def test_idle_programs_have_no_budget(self) -> None:
        samples = [run("untraced beside idle fentry", 1, 100), run("idle fentry", 1, 50, 1100),
                   run("untraced beside bpftrace", 1, 100), run("bpftrace", 1, 50, 2000)]  # fmt: skip
        rows = rows_of(samples)
        kept = rows["throughput, idle fentry / untraced", "one_copy 64"]
        self.assertEqual((kept.median, kept.verdict), (0.5, None))
        added = rows["CPU time added, idle fentry / bpftrace", "one_copy 64"]
        self.assertEqual((added.median, added.verdict), (0.1, None))

    def test_peers_are_of_the_same_path_threads_and_size(self) -> None:
        ours = run("untraced", 1, 300, part="peers", threads=4)
        theirs = run("iperf3", 1, 200, part="peers", threads=4)
        other = run("iperf3", 1, 900, part="peers", threads=1)
        for peer in (theirs, other):
            del peer["transport"]
        row = rows_of([ours, theirs, other])["throughput, one_copy / iperf3", "lo x4 64"]
        self.assertEqual((row.values, row.verdict), ([1.5], "met"))

    def test_what_any_zero_copy_sender_reaches_is_beside_what_ours_does(self) -> None:
        samples = [run("untraced", 1, 100, part="peers") | {"transport": "zero_copy"},
                   run("bare zero-copy loop", 1, 200, part="peers"),
                   run("iperf3", 1, 1000, part="peers")]  # fmt: skip
        for peer in samples[1:]:
            del peer["transport"]
        rows = rows_of(samples)
        limit = rows["throughput, bare zero-copy loop / iperf3", "lo 64"]
        self.assertEqual((limit.median, limit.verdict), (0.2, None))
        self.assertEqual(rows["throughput, zero_copy / bare zero-copy loop", "lo 64"].median, 0.5)
        self.assertEqual(rows["throughput, zero_copy / iperf3", "lo 64"].verdict, "out of reach")
        self.assertNotIn(("throughput, bare zero-copy loop / iperf3", "lo 64"), rows_of(samples[::2]))

    def test_what_the_least_misses_too_is_out_of_reach(self) -> None:
        def verdicts(ours: list[float], idle: list[float]) -> tuple[str | None, str | None]:
            samples = []
            for round, (a, b) in enumerate(zip(ours, idle), 1):
                samples += [run("untraced beside tracepoint", round, 100, 1000), run("tracepoint", round, a, 1000 + a),
                            run("untraced beside idle tracepoint", round, 100, 1000),
                            run("idle tracepoint", round, b, 1000 + b),
                            run("untraced beside bpftrace", round, 100, 1000), run("bpftrace", round, 40, 1500)]  # fmt: skip
            rows = rows_of(samples)
            return (rows["throughput, tracepoint / untraced", "one_copy 64"].verdict,
                    rows["CPU time added, tracepoint / bpftrace", "one_copy 64"].verdict)  # fmt: skip

        self.assertEqual(verdicts([80] * 3, [84, 83, 82]), ("out of reach", "out of reach"))
        self.assertEqual(verdicts([80] * 3, [84, 83, 90]), ("missed", "out of reach"))
        self.assertEqual(verdicts([86] * 3, [82] * 3), ("met", "out of reach"))
        self.assertEqual(verdicts([80] * 3, [90, 40, 45])[1], "missed")
        self.assertEqual(verdicts([84, 86, 80], [82] * 3)[0], "undecided")

    def test_memory_must_not_grow_with_messages(self) -> None:
        def growth(kb: int) -> str | None:
            samples = [{"part": "memory", "mode": "peak kB", "messages": messages, "value": value}
                       for messages, value in ((10, 10000), (1000, kb))]  # fmt: skip
            return rows_of(samples)["peak, most messages / fewest", ""].verdict

        self.assertEqual(growth(10100), "met")
        self.assertEqual(growth(10300), "missed")

    def test_memory_that_could_not_be_read_is_unknown(self) -> None:
        samples = [{"part": "memory", "mode": "peak kB", "messages": messages, "value": None}
                   for messages in (10, 1000)]  # fmt: skip
        samples.append({"part": "memory", "mode": "map bytes", "connections": 10, "value": None})
        rows = rows_of(samples)
        self.assertEqual(len(rows), 4)
        self.assertTrue(all(row.median is None for row in rows.values()))
        self.assertEqual(rows["BPF maps", "10 connections"].verdict, "not measured")

    def test_one_run_that_is_not_exact_misses(self) -> None:
        samples = [run("traced", 1, 1, part="scale", threads=4)]
        self.assertEqual(rows_of(samples)["runs that are not exact", "4 threads"].verdict, "met")
        samples.append(run("traced", 1, 1, part="scale", threads=4) | {"lost": "residual"})
        self.assertEqual(rows_of(samples)["runs that are not exact", "4 threads"].verdict, "missed")

    def test_instructions_are_compared_on_the_same_kernel(self) -> None:
        rows = rows_of([counted("untraced", 1000), counted("fentry", 1100), counted("bpftrace", 3000),
                        counted("idle fentry", 1080)])  # fmt: skip
        where = "6.12 one_copy 64"
        self.assertEqual(rows["instructions, fentry / untraced", where].median, 1.1)
        self.assertEqual(rows["instructions added, fentry / bpftrace", where].median, 0.05)
        self.assertEqual(rows["instructions added, fentry / bpftrace", where].verdict, "met")
        self.assertEqual(rows["instructions added, fentry / idle fentry", where].median, 1.25)
        self.assertEqual(rows["instructions added, idle fentry / bpftrace", where].median, 0.04)
        self.assertIsNone(rows["instructions added, idle fentry / bpftrace", where].verdict)

    def test_instructions_are_those_over_the_twin_where_there_is_one(self) -> None:
        rows = rows_of([counted("untraced", 1000), counted("untraced beside kprobe", 1050),
                        counted("kprobe", 1100), counted("bpftrace", 2000)])  # fmt: skip
        where = "6.12 one_copy 64"
        self.assertEqual(rows["instructions added, kprobe / bpftrace", where].median, 0.05)
        self.assertEqual(rows["instructions, bpftrace / untraced", where].median, 2)

    def test_fentry_is_compared_with_the_script_that_counts_pin_attempts_too(self) -> None:
        rows = rows_of([counted("untraced", 1000), counted("fentry", 1200), counted("kprobe", 1200),
                        counted("idle fentry", 1100), counted("bpftrace", 2000),
                        counted("bpftrace for fentry", 3000)])  # fmt: skip
        added = {what: row.median for (what, _), row in rows.items() if "instructions added" in what}
        self.assertEqual(added, {
            "instructions added, fentry / idle fentry": 2,
            "instructions added, fentry / bpftrace for fentry": 0.1,
            "instructions added, kprobe / bpftrace": 0.2,
            "instructions added, idle fentry / bpftrace for fentry": 0.05,
        })  # fmt: skip
        budgeted = [what for (what, _), row in rows.items() if row.verdict]
        self.assertEqual(len(budgeted), 2)

    def test_auto_is_compared_with_the_script_for_fentry_where_that_is_a_way(self) -> None:
        samples = [counted("untraced", 1000), counted("auto", 1100), counted("bpftrace", 2000),
                   counted("bpftrace for fentry", 3000)]  # fmt: skip
        there = {what for what, _ in rows_of([*samples, counted("fentry", 1100)])}
        self.assertIn("instructions added, auto / bpftrace for fentry", there)
        self.assertNotIn("instructions added, auto / bpftrace", there)
        self.assertIn("instructions added, auto / bpftrace", {what for what, _ in rows_of(samples)})

    def test_only_what_was_measured_somewhere_has_rows_there(self) -> None:
        rr = {"transport": "one_copy rr", "size": 16384}
        rows = rows_of([counted("untraced", 1000), counted("fentry", 1100),
                        counted("untraced", 9000) | rr, counted("fentry", 9300) | rr])  # fmt: skip
        self.assertEqual({where for _, where in rows}, {"6.12 one_copy 64", "6.12 one_copy rr 16K"})


class Command(unittest.TestCase):
    def setUp(self) -> None:
        self.dir = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def bench(self, rates: list[float], *options: str, kernel: str = "k",
              more: list[dict[str, Any]] = []) -> tuple[int, str]:  # fmt: skip
        samples = [ENVIRONMENT | {"kernel": kernel}, *more]
        for round, rate in enumerate(rates, 1):
            samples += [run("untraced beside tracepoint", round, 100), run("tracepoint", round, rate)]
        path = self.dir / "samples.jsonl"
        path.write_text("".join(json.dumps(sample) + "\n" for sample in samples))
        said = io.StringIO()
        baseline = str(self.dir / "baseline.json")
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = bench.main([str(path), "--baseline", baseline, *options])
        return status, said.getvalue()

    def test_worse_than_the_baseline_fails(self) -> None:
        self.assertEqual(self.bench([90, 91, 92], "--accept")[0], bench.OK)
        status, said = self.bench([80, 81, 82])
        self.assertEqual(status, bench.WORSE)
        self.assertIn("REGRESSED", said)

    def test_within_the_noise_of_the_baseline_passes(self) -> None:
        self.bench([90, 91, 92], "--accept")
        self.assertEqual(self.bench([80, 81, 91])[0], bench.OK)
        self.assertEqual(self.bench([86, 87, 88])[0], bench.OK)  # the tolerance

    def test_more_cpu_time_is_worse_too(self) -> None:
        row = bench.Row("p", "w", "", [1.3, 1.4], higher_is_better=False)
        row.compare({"median": 1.1, "low": 1.0, "high": 1.2})
        self.assertTrue(row.regressed)
        row.compare({"median": 1.5, "low": 1.4, "high": 1.6})
        self.assertFalse(row.regressed)

    def test_a_missed_budget_alone_does_not_fail(self) -> None:
        status, said = self.bench([50, 51, 52])
        self.assertEqual(status, bench.OK)
        self.assertIn("1 missed", said)

    def test_another_machine_is_not_compared(self) -> None:
        self.bench([90, 91, 92], "--accept")
        status, said = self.bench([50, 51, 52], kernel="other")
        self.assertEqual(status, bench.OK)
        self.assertIn("not compared", said)

    def test_instructions_are_compared_on_any_machine(self) -> None:
        def counts(more: int) -> list[dict[str, Any]]:
            return [counted("untraced", 1000), counted("fentry", 1000 + more)]

        self.bench([90, 91, 92], "--accept", more=counts(100))
        status, said = self.bench([50, 51, 52], kernel="other", more=counts(300))
        self.assertEqual(status, bench.WORSE)
        self.assertIn("1 regressed (only the part machine compared", said)
        status, said = self.bench([50, 51, 52], kernel="other", more=counts(110))
        self.assertEqual(status, bench.OK)

    def test_what_could_not_be_measured_fails(self) -> None:
        lost = {"part": "tracing", "mode": "bpftrace", "lost": "no such tracepoint"}
        status, said = self.bench([90], more=[lost])
        self.assertEqual(status, bench.WORSE)
        self.assertIn("not measured: tracing, bpftrace: no such tracepoint", said)

    def test_the_document_says_what_the_table_says(self) -> None:
        self.bench([90, 91, 92], "--json", str(self.dir / "bench.json"))
        document = json.loads((self.dir / "bench.json").read_text())
        row = document["rows"][0]
        self.assertEqual(document["schema"], "harness.bench/1")
        self.assertEqual((row["median"], row["low"], row["high"]), (0.91, 0.9, 0.92))
        self.assertEqual((row["at_least"], row["verdict"]), (0.85, "met"))

    def test_what_is_no_samples_file_is_refused(self) -> None:
        self.assertEqual(self.bench([], more=[])[0], bench.OK)
        (self.dir / "samples.jsonl").write_text("no JSON\n")
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(bench.main([str(self.dir / "samples.jsonl")]), bench.USAGE)
        self.assertIn("bench.py:", said.getvalue())
