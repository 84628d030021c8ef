# SPDX-License-Identifier: GPL-2.0
"""Crossings of made-up ratios whose answer is known, and of recorded runs."""

from __future__ import annotations

import statistics
import unittest

import breakeven
from breakeven import ALWAYS, CROSSES, NEVER, SEVERAL, UNDECIDED, find, next_size
from common import LO
from load import load
from stats import CONFIDENCE, Estimate
from words import remark


def around(mean: float, factor: float = 1.05) -> Estimate:
    return Estimate(mean, mean / factor, mean * factor, 5)


class Crossings(unittest.TestCase):
    def test_a_crossing_between_two_sizes(self) -> None:
        # log2 of the ratio is -1 at 1024 and +1 at 4096: 0 at 2048
        found = find({256: around(0.3), 1024: around(0.5), 4096: around(2), 65536: around(4)})
        self.assertEqual((found.kind, found.low, found.high), (CROSSES, 1024, 4096))
        self.assertAlmostEqual(found.size, 2048)

    def test_what_the_repeats_cannot_tell_widens_the_interval(self) -> None:
        found = find({1024: around(0.5), 2048: around(1.01, 1.5), 4096: around(2)})
        self.assertEqual((found.kind, found.low, found.high), (CROSSES, 1024, 4096))

    def test_no_crossing(self) -> None:
        self.assertEqual(find({64: around(2), 4096: around(3)}).kind, ALWAYS)
        self.assertEqual(find({64: around(0.2), 4096: around(0.3)}).kind, NEVER)

    def test_not_known(self) -> None:
        self.assertEqual(find({64: around(1), 4096: around(1.02)}).kind, UNDECIDED)
        self.assertEqual(find({}).kind, UNDECIDED)
        found = find({64: around(0.5), 4096: around(1.01)})
        self.assertEqual((found.kind, found.low, found.high), (UNDECIDED, 64, None))
        single = Estimate(3, None, None, 1)
        self.assertEqual(find({64: single, 4096: single}).kind, UNDECIDED)

    def test_more_than_one_change(self) -> None:
        self.assertEqual(find({64: around(0.5), 512: around(2), 4096: around(0.5)}).kind, SEVERAL)
        self.assertEqual(find({64: around(2), 4096: around(0.5)}).kind, SEVERAL)

    def test_turned_round(self) -> None:
        """If A beats B always, B beats A never."""
        self.assertEqual(find({64: around(1 / 2), 4096: around(1 / 3)}).kind, NEVER)

    def test_better_below_a_size_is_the_other_one_s_to_beat_it_from(self) -> None:
        """4, 2 and a half times as fast: the other way round it crosses halfway from 1024 to 4096."""
        ratios = {512: around(4), 1024: around(2), 4096: around(0.5)}
        found = find(breakeven.inverse(ratios))
        self.assertEqual((found.kind, found.low, found.high), (CROSSES, 1024, 4096))
        self.assertAlmostEqual(found.size, 2048)
        self.assertEqual(next_size(ratios), 2048)

    def test_a_sweep_closes_in(self) -> None:
        """A machine whose ratio passes 1 at 3000 bytes is found out to within a third."""
        measure = lambda size: around((size / 3000) ** 0.5, 1.02)
        ratios = {size: measure(size) for size in (64, 65536)}
        steps = 0
        while (size := next_size(ratios)) is not None:
            ratios[size] = measure(size)
            steps += 1
        found = find(ratios)
        self.assertLess(steps, 8)
        self.assertTrue(found.low < 3000 < found.high)
        self.assertLess(found.high / found.low, breakeven.FINE_ENOUGH**2)
        self.assertAlmostEqual(found.size, 3000, delta=30)

    def test_a_sweep_stops_where_nothing_crosses(self) -> None:
        self.assertIsNone(next_size({64: around(2), 65536: around(3)}))
        self.assertIsNone(next_size({64: around(2), 512: around(1.01), 4096: around(1.04)}))

    def test_recorded_runs(self) -> None:
        """
        one_copy against two_copy on lo, repeat by repeat. Of 13 the 3rd to the 11th are an interval of
        95%; of 36 comparisons (3 sizes, 6 pairs, 2 measures) each takes all, as 28 / 2^13 is too often.
        """
        data = load([LO])

        def rates(transport: str, size: int) -> dict[tuple[int, int], float]:
            plain = [r for r in data.at("lo", transport, size, 1) if not r.traced]
            return {run.repeat: run.data["throughput_gbps"] for run in plain}

        self.assertEqual(breakeven.comparisons(data), 36)
        pair = (data, "lo", "one_copy", "two_copy", "throughput")
        for size in (512, 4096, 65536):
            ours, theirs = rates("one_copy", size), rates("two_copy", size)
            by_hand = sorted(ours[repeat] / theirs[repeat] for repeat in ours)
            for confidence, low, high in ((CONFIDENCE, 2, 10), (None, 0, 12)):
                found = breakeven.ratios(*pair, confidence)[size]
                self.assertEqual((found.median, found.low, found.high), (by_hand[6], by_hand[low], by_hand[high]))
        self.assertEqual(find(breakeven.ratios(*pair)).kind, UNDECIDED)
        found = find(breakeven.ratios(*pair, CONFIDENCE))
        self.assertEqual((found.kind, found.low, found.high), (CROSSES, 512, 65536))
        self.assertTrue(4096 < found.size < 65536)  # the median is below 1 at 4 KiB

    def test_size_by_size(self) -> None:
        ratios = {64: around(8.4), 512: around(5.9), 1024: around(3.8), 4096: around(0.5), 65536: around(1)}
        small, medium, large = breakeven.by_size(ratios, "a", "b", 12)
        self.assertEqual(
            small, remark("beats", winner="a", loser="b", sizes=[64, 512, 1024], factors=[8.4, 5.9, 3.8])
        )
        self.assertEqual(medium, remark("beats", winner="b", loser="a", sizes=[4096], factors=[2]))
        self.assertEqual((large.code, large["sizes"], large["ratios"][0]["median"]), ("sizes_undecided", [65536], 1))
        self.assertIsNone(large["repeats"])
        turned = breakeven.by_size(breakeven.inverse(ratios), "b", "a", 12)[0]
        self.assertEqual((turned["winner"], turned["sizes"]), ("a", [64, 512, 1024]))
        (alone,) = breakeven.by_size({64: Estimate(2, None, None, 1)}, "a", "b", 12)
        self.assertEqual((alone.code, alone["repeats"], alone["needed"]), ("sizes_undecided", 1, 12))

    def test_the_split_of_recorded_runs(self) -> None:
        """CPU seconds of both sides over payload, run by run, computed apart from the code."""
        data = load([LO])
        row = next(row for row in breakeven.split(data, "lo") if row.size == 4096)

        def cost(transport: str) -> list[float]:
            runs = [
                r for r in data.runs if (r.transport, r.size, r.traced) == (transport, 4096, False)
            ]
            return [
                1e9 * sum(r.data["cpu_seconds"].values()) / r.data["payload_bytes"] for r in runs
            ]

        calls = [a - b for a, b in zip(cost("eight_sends"), cost("one_copy"))]
        copies = [a - b for a, b in zip(cost("two_copy"), cost("one_copy"))]
        self.assertAlmostEqual(row.calls.median, statistics.median(calls))
        self.assertAlmostEqual(row.copies.median, statistics.median(copies))
        self.assertAlmostEqual(row.calls.low, sorted(calls)[2])
        self.assertGreater(row.calls.low, 0)
