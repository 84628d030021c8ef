# SPDX-License-Identifier: GPL-2.0
"""The one statistic: against tables, against the C side, and how often it is wrong."""

from __future__ import annotations

import ctypes
import random
import subprocess
import tempfile
import unittest
from pathlib import Path

from common import ROOT
from decide import LOOKS
from stats import (
    CONFIDENCE,
    Estimate,
    estimate,
    family_confidence,
    fewest_repeats,
    median_interval,
    rank,
    repeats_needed,
)

MACHINES = 1000


class Struct(ctypes.Structure):
    """struct estimate of user/base/statistics.h."""

    _fields_ = [
        ("count", ctypes.c_size_t),
        ("median", ctypes.c_double),
        ("bounded", ctypes.c_bool),
        ("low", ctypes.c_double),
        ("high", ctypes.c_double),
        ("coverage", ctypes.c_double),
    ]


def in_c(directory: Path) -> ctypes.CDLL:
    """The C side, compiled as a library."""
    library = directory / "statistics.so"
    source = ROOT / "user" / "base" / "statistics.c"
    command = ["cc", "-shared", "-fPIC", f"-I{ROOT / 'user'}", "-o", library, source, "-lm"]
    subprocess.run(command, check=True)
    loaded = ctypes.CDLL(str(library))
    loaded.statistics__estimate.restype = Struct
    return loaded


class Interval(unittest.TestCase):
    def test_order_statistics_of_the_table_of_the_sign_test(self) -> None:
        """How many values from each end: any textbook has them for 95%."""
        for count, k in ((5, 0), (6, 1), (8, 1), (9, 2), (10, 2), (12, 3), (20, 6), (30, 10)):
            self.assertEqual(rank(count), k, count)

    def test_the_interval_by_hand(self) -> None:
        found = estimate([7, 1, 2, 3, 9, 4, 5, 6, 8])
        self.assertEqual((found.median, found.low, found.high), (5, 2, 8))
        self.assertEqual((found.below, found.above), (3, 3))

    def test_fewer_than_six_have_no_interval(self) -> None:
        found = estimate([1, 2, 3, 4, 5])
        self.assertEqual((found.median, found.low, found.high), (3, None, None))
        self.assertEqual((found.below, found.above), (0, 0))
        self.assertEqual(median_interval([3, 1, 2]), (1, 3))  # for display: their range

    def test_a_ratio_turned_round(self) -> None:
        found = Estimate(2, 1.6, 4, 6).inverse()
        self.assertEqual((found.median, found.low, found.high), (0.5, 0.25, 0.625))

    def test_the_c_side_says_the_same(self) -> None:
        generator = random.Random(1)
        with tempfile.TemporaryDirectory() as directory:
            library = in_c(Path(directory))
            for count in [*range(1, 41), 100, 333]:
                values = [generator.lognormvariate(0, 1) for _ in range(count)]
                array = (ctypes.c_double * count)(*values)
                theirs = library.statistics__estimate(array, ctypes.c_size_t(count))
                ours = estimate(values)
                low, high = (theirs.low, theirs.high) if theirs.bounded else (None, None)
                with self.subTest(count):
                    self.assertEqual(ours.median, theirs.median)
                    self.assertEqual((ours.low, ours.high), (low, high))


class Family(unittest.TestCase):
    def test_the_correction_by_hand(self) -> None:
        """Of 20 comparisons each may be wrong in 0.25%: 2 / 2^n is less from 10 repeats on."""
        self.assertAlmostEqual(family_confidence(20), 0.9975)
        self.assertEqual(fewest_repeats(family_confidence(20)), 10)
        self.assertEqual(rank(9, family_confidence(20)), 0)
        self.assertEqual(rank(10, family_confidence(20)), 1)

    def test_one_comparison_needs_no_correction(self) -> None:
        self.assertEqual(family_confidence(1), CONFIDENCE)
        self.assertEqual(fewest_repeats(), 6)

    def test_looking_again_is_wrong_no_more_often(self) -> None:
        """20 comparisons at their border, each looked at after 12, 24, 48 and 96 repeats."""

        def wrong(confidence: float, seed: int) -> int:
            generator = random.Random(seed)
            return sum(self.decides(generator, confidence) for _ in range(MACHINES))

        self.assertLessEqual(wrong(family_confidence(20 * LOOKS), 2), 0.05 * MACHINES)
        self.assertGreater(wrong(family_confidence(LOOKS), 2), 0.2 * MACHINES)  # the check can fail

    @staticmethod
    def decides(generator: random.Random, confidence: float) -> bool:
        """Whether any comparison of a machine comes out as other than its border, 0."""
        for _ in range(20):
            signs = [generator.random() < 0.5 for _ in range(96)]
            for count in (12, 24, 48, 96):
                above = sum(signs[:count])
                if min(above, count - above) < rank(count, confidence):
                    return True
        return False


class Needed(unittest.TestCase):
    above_one = staticmethod(lambda low, high: low > 1 or high < 1)

    def test_all_on_one_side_need_only_the_fewest(self) -> None:
        self.assertEqual(repeats_needed([2, 3, 4], 0.95, self.above_one), 6)

    def test_a_quarter_on_the_other_side(self) -> None:
        """The first count whose interval, at these quantiles, leaves out a quarter from each end."""
        found = repeats_needed([0.9, 1.1, 1.2, 1.3], 0.95, self.above_one)
        self.assertTrue(all((rank(n) - 0.5) / n < 0.25 for n in range(6, found)))
        self.assertGreaterEqual((rank(found) - 0.5) / found, 0.25)

    def test_noise_that_decides_nothing(self) -> None:
        self.assertIsNone(repeats_needed([0.9, 1.1], 0.95, self.above_one))
