# SPDX-License-Identifier: GPL-2.0
"""The page and its pictures, as files and as a browser shows them."""

from __future__ import annotations

import re
import tempfile
import unittest
from pathlib import Path

import matplotlib.pyplot as plt

import answers
import browser
import dataflow
import plots
import report
from common import LO, NIC, VETH, Files, counted
from load import load

ORDER = [
    "How many copies does each transport make here?",
    "Where, and by whom?",
    "What did zero-copy save?",
    "What does each byte cost?",
    "The reports' questions",
    "The claims",
    "How the numbers were got, and what could not be known",
]
LONG = "12th Gen Intel(R) Core(TM) i5-12450H with a long name of 4.40 GHz"
FLOWS = ["two_copy", "eight_sends", "one_copy", "zero_copy"]


class Report(unittest.TestCase):
    """One report for all tests: it takes seconds."""

    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.directory = Path(temporary.name)
        named = cls.directory / "veth.json"  # a name as long as they come
        named.write_text(VETH.read_text().replace("AMD EPYC", LONG))
        cls.status = report.main([str(LO), str(named), str(NIC), "--to", str(cls.directory)])
        cls.page = (cls.directory / "page.html").read_text()
        cls.markdown = (cls.directory / "page.md").read_text()

    def test_it_succeeds(self) -> None:
        self.assertEqual(self.status, 0)

    def test_the_order_of_the_answers(self) -> None:
        heads = re.findall(r"^## (.+)$", self.markdown, re.M)
        self.assertEqual(heads, ORDER)

    def test_each_picture_is_there_twice(self) -> None:
        names = re.findall(r'data-name="(.+?)"', self.page)
        wanted = {f"{path}-flow-{name}" for path in ("lo", "veth", "nic") for name in FLOWS}
        wanted |= {"lo-copies", "veth-copies", "lo-throughput-size", "lo-cpu-size"}
        wanted |= {"lo-break-even", "lo-break-even-cpu", "lo-switches"}
        self.assertEqual(wanted - set(names), set())
        for name in names:
            png = (self.directory / f"{name}.png").read_bytes()
            self.assertTrue(png.startswith(b"\x89PNG"), name)
            self.assertIn("</svg>", (self.directory / f"{name}.svg").read_text())
            self.assertIn(f"({name}.png)", self.markdown)

    def test_what_is_missing_is_said(self) -> None:
        for text in (self.markdown, self.page):
            for title in ("CPU cycles", "Cache misses", "L1 data cache misses", "LLC misses"):
                self.assertRegex(text, rf"{title} per byte: left out, because \w+ was not counted")

    def test_nothing_is_fetched(self) -> None:
        loads = re.findall(r'(?:src|href)="(?!#|data:)([^"]*)"', self.page)
        self.assertEqual(loads, [])
        self.assertNotIn("<script", self.page)

    def test_a_browser_shows_it_whole(self) -> None:
        for width in (1280, 390):
            with self.subTest(width):
                found = browser.look(self.directory / "page.html", width)
                self.assertEqual(found["inner"], width)
                self.assertEqual(found["width"], width)
                for what in ("overflow", "cut", "empty", "requests", "console"):
                    self.assertEqual(found[what], [], what)
                self.assertEqual(
                    sorted(found["names"]), sorted(re.findall(r'data-name="(.+?)"', self.page))
                )

    def test_the_browser_sees_what_is_wrong(self) -> None:
        """The check of the browser can fail."""
        broken = self.directory / "broken.html"
        wrong = '<div style="width: 2000px">wide</div><img src="none.png"><script>console.error("x")</script>'
        broken.write_text(self.page.replace("</h1>", f"</h1>{wrong}", 1))
        found = browser.look(broken, 390)
        broken.unlink()
        self.assertGreater(found["width"], 390)
        self.assertTrue(found["overflow"])
        said = "\n".join(found["console"])
        self.assertIn("none.png", said)
        self.assertIn("inline script", said)


class Pictures(Files):
    def test_a_missing_counter_is_named_with_the_reason_the_harness_gave(self) -> None:
        drawn = {p.name: p for p in plots.draw(load([NIC]), "nic", self.directory)}
        self.assertEqual(
            drawn["nic-l1-size"].why,
            "l1d_load_misses was not counted in these runs; this machine has no such counter",
        )
        self.assertEqual(drawn["nic-l1-size"].svg, "")

    def test_counters_have_their_pictures_and_answers(self) -> None:
        """One half fewer L1 misses, one quarter fewer of the last level, at every size."""
        data = load([self.copy("runs.jsonl", counted)])
        drawn = {p.name: p for p in plots.draw(data, "lo", self.directory)}
        for name in ("lo-cycles-size", "lo-misses-size", "lo-l1-size", "lo-llc-size"):
            self.assertIn("</svg>", drawn[name].svg)
            self.assertTrue((self.directory / f"{name}.png").exists())
        table = plots.frame(data, "lo", "l1d_load_misses_per_byte")
        means = table[table["size"] == 65536].set_index("transport")["median"]
        self.assertAlmostEqual(means["two_copy"], 2 / 16, places=6)
        self.assertAlmostEqual(means["one_copy"], 2 / 32, places=6)
        said = answers.question_2(data, "lo")
        self.assertIn("one_copy at 64 KiB L1 50% fewer, LLC 25% fewer: most in L1", said)

    def test_a_way_partly_copied_again_shows_both_parts(self) -> None:
        """Over the cards 19264 of 19680000 bytes of zero_copy were copied at transmit."""
        runs = [run for run in load([NIC]).runs if run.transport == "zero_copy"]
        found = dataflow.ledger(runs)
        found |= dataflow.rest(runs, found)
        self.assertEqual(found["transmit_copy"][0], 19264)
        self.assertEqual(found[dataflow.REST][0], 19680000 - 19264)
        ways = dict(dataflow.steps(found))
        self.assertEqual(ways[dataflow.AGAIN], [dataflow.REST, "transmit_copy"])
        self.assertEqual(ways["device"], ["dma_out"])

    def test_arrows_are_as_wide_as_the_bytes(self) -> None:
        """A full share and a half, in the coordinates of the drawing."""
        _, axes = plt.subplots()
        for share in (1.0, 0.5):
            dataflow.arrow(axes, 0, 1, 0, "send_copy", share)
        plt.close()
        (full, half) = ([x for x, y in patch.get_xy() if y == 1] for patch in axes.patches)
        self.assertAlmostEqual(max(full) - min(full), 2 * (max(half) - min(half)))

    def test_spared_is_dashed_and_a_copy_after_all_has_a_colour_and_a_hatch_of_its_own(self) -> None:
        _, axes = plt.subplots()
        for site in ("send_pin", "send_copy", "deferred_copy"):
            dataflow.arrow(axes, 0, 1, 0, site, 1.0)
        plt.close()
        spared, copy, again, hatch = axes.patches
        self.assertEqual((spared.get_linestyle(), copy.get_linestyle()), ("--", "-"))
        self.assertNotEqual(again.get_facecolor(), copy.get_facecolor())
        self.assertEqual((copy.get_hatch(), hatch.get_hatch()), (None, "//"))

    def test_the_title_names_machine_kernel_and_path(self) -> None:
        data = load([LO])
        self.assertEqual(plots.machine(data, "lo"), "AMD EPYC, Linux 6.18.44, lo")

    def test_lines_differ_without_colour(self) -> None:
        looks = {(style["marker"], style["linestyle"]) for style in plots.STYLE.values()}
        self.assertEqual(len(looks), len(plots.STYLE))
        self.assertEqual(
            len({hatch for _, hatch in plots.SITE_STYLE.values()}), len(plots.SITE_STYLE)
        )

    def test_bad_input_is_one_line(self) -> None:
        status = report.main([str(self.directory / "none"), "--to", str(self.directory / "to")])
        self.assertEqual(status, report.USAGE)
