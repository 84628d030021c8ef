# SPDX-License-Identifier: GPL-2.0
"""The page and its pictures, as files and as a browser shows them."""

from __future__ import annotations

import re
import tempfile
import unittest
from pathlib import Path

import answers
import browser
import plots
import report
from common import LO, VETH, Files
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
FLOWS = ["two_copy", "eight_sends", "one_copy", "zero_copy"]


class Answers(unittest.TestCase):
    def setUp(self) -> None:
        self.data = load([LO, VETH])

    def test_copies_by_hand(self) -> None:
        runs = answers.traced(self.data, "veth")
        found = {name: answers.copies(own) for name, own in runs.items()}
        self.assertEqual(found, {"two_copy": 3, "eight_sends": 2, "one_copy": 2, "zero_copy": 2})

    def test_zero_copy_saved_nothing(self) -> None:
        said = answers.zero_copy_saved(self.data, "veth")
        self.assertIn("pinned 1 instead of copying it, and 1 were copied after all", said)
        self.assertIn("saved 0 copies a byte", said)
        self.assertIn("local delivery", said)

    def test_who_copies(self) -> None:
        said = answers.where_and_by_whom(self.data, "veth")
        self.assertIn("user_memcpy (the program, memcpy): 1 a byte", said[0])
        self.assertIn("send_copy (the kernel, tcp_sendmsg): 1 a byte", said[2])
        self.assertIn("Not copies: send_pin 1 a byte", said[3])

    def test_questions_without_an_answer_say_so(self) -> None:
        self.assertIn("neither L1 nor LLC misses were counted", answers.question_2(self.data, "lo"))
        self.assertIn("more than one number of threads", answers.question_3(self.data, "lo"))

    def test_break_even_by_hand(self) -> None:
        said = answers.break_even(self.data, "lo", "zero_copy", "eight_sends")
        self.assertIn("at 4 KiB it is the worse one", said)


class Report(unittest.TestCase):
    """One report for all tests: it takes seconds."""

    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.directory = Path(temporary.name)
        cls.status = report.main([str(LO), str(VETH), "--to", str(cls.directory)])
        cls.page = (cls.directory / "page.html").read_text()
        cls.markdown = (cls.directory / "page.md").read_text()

    def test_it_succeeds(self) -> None:
        self.assertEqual(self.status, 0)

    def test_the_order_of_the_answers(self) -> None:
        heads = re.findall(r"^## (.+)$", self.markdown, re.M)
        self.assertEqual(heads, ORDER)

    def test_each_picture_is_there_twice(self) -> None:
        names = re.findall(r'data-name="(.+?)"', self.page)
        wanted = {f"{path}-flow-{name}" for path in ("lo", "veth") for name in FLOWS}
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
