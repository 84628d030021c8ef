# SPDX-License-Identifier: GPL-2.0
"""The page, as files and as a browser shows it."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import browser
import copies
import plots
import report
import sections
from common import LO, NIC, VETH, Files, codes
from load import load
from page import Cell, Table, html_table
from stats import Estimate
from words import interval, remark, sentence

ORDER = ["copies", "where", "saved", "cost", "questions", "claims", "method"]
LONG = "12th Gen Intel(R) Core(TM) i5-12450H with a long name of 4.40 GHz"
FLOWS = ["two_copy", "eight_sends", "one_copy", "zero_copy"]
WIDTHS = (390, 1280, 1920)
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(20, 23, 27)"
MEGABYTE = 1_000_000


class Report(unittest.TestCase):
    """One report for all tests: it takes seconds."""

    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.directory = Path(temporary.name)
        named = cls.directory / "veth.json"  # a name as long as they come
        document = json.loads(VETH.read_text().replace("AMD EPYC", LONG))
        document["runs"] += [run | {"threads": 2} for run in document["runs"]]
        named.write_text(json.dumps(document))
        cls.status = report.main([str(LO), str(named), str(NIC), "--to", str(cls.directory)])
        cls.page = (cls.directory / "page.html").read_text()
        cls.markdown = (cls.directory / "page.md").read_text()

    def test_it_succeeds_under_a_megabyte(self) -> None:
        self.assertEqual(self.status, 0)
        self.assertLess(len(self.page.encode()), MEGABYTE)

    def test_the_order_of_the_answers_and_the_contents(self) -> None:
        heads = re.findall(r"^## (.+)$", self.markdown, re.M)
        self.assertEqual(heads, [sections.head(code) for code in ORDER])
        links = re.findall(r'<li><a href="#(.+?)">', self.page)
        self.assertEqual(len(links), len(ORDER))
        for link in links:
            self.assertIn(f'<h2 id="{link}"', self.page)

    def test_the_card_has_the_answer_and_what_it_was_got_from(self) -> None:
        card = re.search(r'<section class="answer">.*?</section>', self.page, re.S).group(0)  # type: ignore
        answer = copies.headline(load([LO]), "lo")
        self.assertEqual(codes(answer)[0], "copies_deferred")
        self.assertIn(f"{sentence(answer)}.", html.unescape(card))
        for name in ("machine", "path", "date", "command", "run", "repeats", "grid"):
            self.assertIn(f"<dt>{name}</dt>", card)
        self.assertIn("AMD EPYC, 2 processors, Linux 6.18.44 (lo)", card)
        self.assertIn("13 without probes, for times; 1 traced, for bytes", card)
        self.assertIn("messages of 64 B, 512 B, 4 KiB and 64 KiB; 1 and 2 threads a side", card)

    def test_throughput_latency_and_cpu_time_stand_in_tables(self) -> None:
        """By hand: the 7th, 3rd and 11th of 13 sorted repeats of one_copy at 64 KiB."""
        rows = [json.loads(line) for line in (LO / "runs.jsonl").read_text().splitlines()]
        mine = [r for r in rows if not r["traced"] and (r["transport"], r["message_bytes"]) == ("one_copy", 65536)]
        for values in (
            sorted(r["throughput_gbps"] for r in mine),
            sorted(r["latency_us"]["mean"] for r in mine),
            sorted(1e9 * sum(r["cpu_seconds"].values()) / r["payload_bytes"] for r in mine),
        ):
            middle, low, high = (f"{values[i]:.3g}" for i in (6, 2, 10))
            self.assertIn(f"{middle} {low} to {high}", self.markdown)
            self.assertIn(f"{middle} <small>{low} to {high}</small>", self.page)
        for quantity in sections.COSTS:
            self.assertIn(f"<caption>{remark(f'cost_{quantity}')}", self.page)
        self.assertIn('data-value="65536">64&nbsp;KiB<', self.page)

    def test_the_data_stands_beside_it_and_is_linked(self) -> None:
        links = [link for link in re.findall(r'href="(?!#|data:)([^"]*)"', self.page) if link]
        for link in links:
            self.assertNotRegex(link, r"^\w+:")
            if not link.startswith("#") and "xlink" not in link:
                self.assertTrue((self.directory / link).exists(), link)
        for name in ("results.csv", "runs.jsonl", "nic.json"):
            self.assertTrue(any(link.endswith(name) for link in links), name)

    def test_each_picture_is_there_as_svg_with_text_and_as_png_at_2x(self) -> None:
        names = re.findall(r'data-name="(.+?)"', self.page)
        wanted = {f"{path}-flow-{name}" for path in ("lo", "veth", "nic") for name in FLOWS}
        wanted |= {"lo-copies", "veth-copies", "lo-throughput-size-1", "lo-cpu-size-1"}
        wanted |= {"lo-break-even", "lo-break-even-cpu", "lo-switches-1"}
        self.assertEqual(wanted - set(names), set())
        for name in names:
            png = (self.directory / f"{name}.png").read_bytes()
            svg = (self.directory / f"{name}.svg").read_text()
            self.assertTrue(png.startswith(b"\x89PNG"), name)
            self.assertIn("<text", svg)
            points = float(re.search(r'width="([\d.]+)pt"', svg).group(1))  # type: ignore[union-attr]
            self.assertAlmostEqual(int.from_bytes(png[16:20], "big"), 2 * points * 96 / 72, delta=3)
            self.assertIn(f"({name}.png)", self.markdown)

    def test_words_in_pictures_are_not_shortened(self) -> None:
        svg = (self.directory / "lo-throughput-size-1.svg").read_text()
        for text in ("Linux 6.18.44", "0.15 s a run", "n = 13"):
            self.assertIn(text, svg)
        shown = interval(Estimate(19.1, 15.7, 26.6, 13))
        self.assertIn(f"<title>one_copy, 64 KiB, 1 thread: {shown} Gbit/s, 13 repeats</title>", svg)

    def test_what_is_missing_is_named_with_what_stands_in(self) -> None:
        data = load([LO])
        missing = [picture for picture in plots.draw(data, "lo", self.directory) if picture.why]
        self.assertIn("cycles", [p.why["counter"] for p in missing if p.why.code == "counter_missing"])
        (items,) = sections.left_out("lo", missing)
        counters = [remark("left_out", titles=[p.title for p in missing if str(p.why) == why], why=why, stand_in=True)
                    for why in {str(p.why) for p in missing if p.why.code == "counter_missing"}]  # fmt: skip
        for line in map(str, counters):
            self.assertIn(line, items.items)
            for page in (self.markdown, html.unescape(self.page)):
                self.assertIn(line, page)
        unused = sections.unknown_sites(data)
        self.assertEqual([(u.code, u["sites"]) for u in unused], [("site_unused", ["receive_map", "receive_splice"])])
        self.assertIn(str(unused[0]), self.markdown)

    def test_a_browser_shows_it_whole_light_and_dark_with_and_without_scripts(self) -> None:
        plain = sorted(re.findall(r'data-name="(.+?)"', self.page))
        for dark, scripts in ((False, True), (True, True), (True, False), (False, False)):
            found = browser.look(self.directory / "page.html", WIDTHS, dark, scripts)
            for width, one in found.items():
                with self.subTest(f"{width} dark={dark} scripts={scripts}"):
                    self.assertEqual((one["inner"], one["width"]), (width, width))
                    for what in ("overflow", "squeezed", "cut", "empty", "requests", "console"):
                        self.assertEqual(one[what], [], what)
                    self.assertEqual(sorted(one["names"]), plain)
                    self.assertEqual(one["background"], DARK if dark else LIGHT)
                    self.assertEqual(one["tools"], 2 if scripts else 0)
                    if scripts:
                        self.check_controls(one["controls"], dark)

    def check_controls(self, done: dict, dark: bool) -> None:
        """Each does what it is there for."""
        auto = DARK if dark else LIGHT
        self.assertEqual(
            done["themes"], [["colours: light", LIGHT], ["colours: dark", DARK], ["colours: auto", auto]]
        )
        for key in ("path", "size", "threads"):
            self.assertEqual(done[key]["values"], [done[key]["value"]])
            self.assertLess(done[key]["after"], done[key]["before"])
            self.assertEqual(done[key]["again"], done[key]["before"])
        for key in ("verdict", "report"):
            self.assertEqual(done[key]["values"], [done[key]["value"]])
            self.assertTrue(0 < done[key]["after"] < done[key]["rows"])
            self.assertEqual(done[key]["text"], f"{done[key]['after']} shown")
        self.assertGreater(len(set(done["up"])), 1)
        self.assertEqual(done["up"], sorted(done["up"]))
        self.assertEqual(done["down"], sorted(done["up"], reverse=True))
        hidden, shown, title = done["tip"]
        self.assertEqual((hidden, shown, done["tipGone"]), (False, title, True))

    def test_it_can_be_printed(self) -> None:
        """The rules of print, at the width of A4, cut nothing off; and a PDF of it has its pages."""
        paper = self.directory / "print.html"
        paper.write_text(self.page.replace("@media print", "@media all").replace(", print {", ", all {"))
        (one,) = browser.look(paper, [794], scripts=False).values()
        paper.unlink()
        for what in ("overflow", "squeezed", "cut", "empty"):
            self.assertEqual(one[what], [], what)
        self.assertEqual((one["width"], one["tools"]), (794, 0))
        pdf = browser.printed(self.directory / "page.html")
        self.assertTrue(pdf.startswith(b"%PDF"))
        self.assertGreater(len(re.findall(rb"/Type\s*/Page\b", pdf)), 5)

    def test_the_browser_sees_what_is_wrong(self) -> None:
        """The check of the browser can fail."""
        broken = self.directory / "broken.html"
        wrong = '<div style="width: 2000px">wide</div><img src="none.png"><script>console.error("x")</script>'
        broken.write_text(self.page.replace("</h1>", f"</h1>{wrong}", 1))
        found = browser.look(broken, [390])[390]
        broken.unlink()
        self.assertGreater(found["width"], 390)
        self.assertTrue(found["overflow"])
        logged = "\n".join(found["console"])
        self.assertIn("none.png", logged)
        self.assertIn("inline script", logged)

    def test_the_title_names_machine_kernel_and_path(self) -> None:
        self.assertEqual(plots.machine(load([LO]), "lo"), "AMD EPYC, Linux 6.18.44, lo")


class Tables(unittest.TestCase):
    def test_a_column_of_numbers_is_aligned_right_and_not_one_of_sentences(self) -> None:
        def is_right(*cells: str | Cell) -> bool:
            return '<td class="n"' in html_table(Table(["head"], [[cell] for cell in cells]))

        self.assertTrue(is_right("64 KiB", "n/a"))
        self.assertTrue(is_right(Cell("5.98", small="1.09 to 11.3")))
        self.assertTrue(is_right("1,000", "-0.5"))
        self.assertFalse(is_right("4 KiB and 64 KiB undecided (6 repeats)"))
        self.assertFalse(is_right("64 KiB", "two_copy"))


class Usage(Files):
    def refused(self, *sources: Path) -> str:
        program = Path(report.__file__)
        command = ["/usr/bin/python3", "-B", program, *sources, "--to", self.directory / "to"]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (report.USAGE, ""))
        self.assertEqual(len(done.stderr.splitlines()), 1)
        return done.stderr

    def without(self, script: str, *options: str, module: str = "", body: str = "") -> subprocess.CompletedProcess:
        """As `make run` leaves a machine: -S hides the packages of the site, or one of them is not whole."""
        fake = self.directory / "packages"
        fake.mkdir(exist_ok=True)
        if module:
            (fake / f"{module}.py").write_text(body)
        command = ["/usr/bin/python3", *([] if module else ["-S"]), "-B", Path(report.__file__).with_name(script)]
        environment = os.environ | {"PYTHONPATH": str(fake)}
        return subprocess.run([*command, *options], env=environment, capture_output=True, text=True)

    def test_a_missing_package_is_named_with_what_installs_it(self) -> None:
        remedy = "sudo apt-get install python3-matplotlib\n"
        done = self.without("report.py", str(LO))
        what = f"harness report: matplotlib: No module named 'matplotlib'; {remedy}"
        self.assertEqual((done.returncode, done.stderr), (report.CANNOT, what))
        done = self.without("report.py", str(LO), module="numpy", body="raise ImportError('half of it\\nis gone')")
        what = f"harness report: matplotlib: half of it; {remedy}"
        self.assertEqual((done.returncode, done.stderr), (report.CANNOT, what))

    def test_verify_needs_no_package(self) -> None:
        done = self.without("verify.py", "--out", str(LO))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(" CONFIRMED, ", done.stdout.splitlines()[-1])

    def test_an_old_python_is_named(self) -> None:
        body = "import sys\nsys.version_info = (3, 9, 2)\nsys.version = '3.9.2 (default)'\n"
        for script in ("report.py", "verify.py"):
            done = self.without(script, str(LO), module="sitecustomize", body=body)
            self.assertEqual(done.returncode, report.CANNOT)
            self.assertEqual(done.stderr, "harness: verify and report need Python 3.11, and this is 3.9.2\n")

    def test_bad_input_is_one_line_that_says_what_is_right(self) -> None:
        self.assertIn("no such file or directory", self.refused(self.directory / "none"))
        empty = self.directory / "empty"
        empty.mkdir()
        self.assertIn("neither runs.jsonl nor a document of harness --json", self.refused(empty))
        for name in ("results.csv", "runs.jsonl"):
            self.assertIn("give the folder it stands in", self.refused(LO / name))
        hidden = self.directory / "hidden"
        (hidden / "far" / "lo").mkdir(parents=True)
        self.assertIn("neither runs.jsonl nor", self.refused(hidden))

    def test_a_folder_of_several_results_is_all_of_them(self) -> None:
        """What --out wrote, what --keep wrote, and a document; each with its links and its command."""
        several = self.directory / "several"
        shutil.copytree(LO, several / "grid")
        (several / "kept").mkdir()
        shutil.copy(VETH, several / "kept" / "veth-1.json")
        shutil.copy(NIC, several)
        data = load([several])
        self.assertEqual(data.paths, ["lo", "veth", "nic"])
        self.assertEqual(len(data.runs), sum(len(load([one]).runs) for one in (LO, VETH, NIC)))
        links = dict(sections.data_links(data, several / "report"))
        self.assertEqual(links["grid/results.csv"], "../grid/results.csv")
        self.assertEqual(links["kept/veth-1.json"], "../kept/veth-1.json")
        data.commands[:] = ["run a", "run b", "run a", "run c", "run d", "run e"]
        self.assertEqual(dict(sections.facts(data))["command"], "run a; run b; run c; and 2 others")
