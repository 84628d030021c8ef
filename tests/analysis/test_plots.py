# SPDX-License-Identifier: GPL-2.0
"""The pictures: which are drawn, of which numbers, and how they look."""

from __future__ import annotations

import re
import tempfile
import unittest
from pathlib import Path

import matplotlib.pyplot as plt

import dataflow
import figure
import plots
from common import LO, NIC, Files, counted
from figure import NoPicture
from load import Dataset, Run, load
from quantities import Expression, Place
from stats import Estimate
from words import interval, remark

SPEEDS = {"two_copy": 8.0, "eight_sends": 4.0, "one_copy": 16.0, "zero_copy": 2.0}


def grid(repeats: int) -> Dataset:
    """Four transports at two sizes and two numbers of threads; each as fast as SPEEDS by the threads."""
    rows = [
        {
            "transport": name, "path": "lo", "message_bytes": size, "threads": threads, "repeat": repeat,
            "payload_bytes": 10**6, "sites": {}, "valid": True, "traced": [], "seconds": 0.5,
            "throughput_gbps": speed * threads * (1 + repeat / 100),
            "latency_us": {"mean": threads / speed}, "cpu_seconds": {"sender": 1e-3, "receiver": 1e-3},
        }
        for name, speed in SPEEDS.items()
        for size in (512, 65536)
        for threads in (1, 4)
        for repeat in range(repeats)
    ]  # fmt: skip
    machine = {"cpu": "a processor", "kernel": "6.12"}
    data = Dataset([Run(row, "made here", 1) for row in rows], machines={"lo": ("a processor", "6.12")})
    data.environments["lo"] = machine
    return data


class Charts(Files):
    def drawn(self, data: Dataset, path: str) -> dict[str, figure.Picture]:
        return {picture.name: picture for picture in plots.draw(data, path, self.directory)}

    def test_a_missing_counter_is_named_with_the_reason_the_harness_gave(self) -> None:
        found = self.drawn(load([NIC]), "nic")["nic-l1-size"]
        self.assertEqual(found.why.code, "counter_missing")
        self.assertEqual((found.why["counter"], len(found.why["reasons"])), ("l1d_load_misses", 1))
        self.assertEqual(found.svg, "")

    def test_a_pair_of_sender_and_receiver(self) -> None:
        """Its name has a sign in it, which is none of an expression's."""
        recorded = load([LO])
        data = load([self.copy("runs.jsonl", lambda text: text.replace('"zero_copy"', '"zero_copy+mapped"'))])
        place = Place("lo", None, 65536, 1)
        before = Expression("zero_copy.cpu + one_copy.cpu").at(recorded, place).estimate
        after = Expression("zero_copy+mapped.cpu + one_copy.cpu").at(data, place).estimate
        self.assertIsNotNone(before)
        self.assertEqual(after, before)
        self.assertIn(">zero_copy+mapped<", self.drawn(data, "lo")["lo-throughput-size-1"].svg)

    def test_with_counters_their_charts_are_drawn(self) -> None:
        """two_copy misses L1 twice in 16 bytes, one_copy half as often."""
        drawn = self.drawn(load([self.copy("runs.jsonl", counted)]), "lo")
        for name in ("lo-cycles-size-1", "lo-misses-size-1", "lo-l1-size-1", "lo-llc-size-1"):
            self.assertIn("</svg>", drawn[name].svg)
            self.assertTrue((self.directory / f"{name}.png").exists())
        self.assertRegex(drawn["lo-l1-size-1"].svg, r"<title>two_copy, 64 KiB, 1 thread: 0\.125 ")
        self.assertRegex(drawn["lo-l1-size-1"].svg, r"<title>one_copy, 64 KiB, 1 thread: 0\.0625 ")

    def test_a_grid_has_a_chart_of_the_fewest_and_of_the_most_threads(self) -> None:
        drawn = self.drawn(grid(6), "lo")
        for name, key, value in (
            ("lo-throughput-size-1", "threads", "1"),
            ("lo-throughput-size-4", "threads", "4"),
            ("lo-latency-threads-512", "size", "512"),
            ("lo-throughput-threads-65536", "size", "65536"),
        ):
            self.assertEqual(drawn[name].attributes, {"path": "lo", key: value})
        svg = drawn["lo-throughput-size-4"].svg
        shown = interval(Estimate(65.6, 64, 67.2, 6))
        self.assertIn(f"<title>one_copy, 64 KiB, 4 threads: {shown} Gbit/s, 6 repeats</title>", svg)
        self.assertIn(">Throughput against message size, 4 threads a side<", svg)
        self.assertIn(">a processor, Linux 6.12, lo, n = 6, 0.5 s a run<", svg)
        svg = drawn["lo-latency-threads-512"].svg
        shown = interval(Estimate(2, 2, 2, 6))
        self.assertIn(f"<title>zero_copy, 512 B, 4 threads: {shown} µs, 6 repeats</title>", svg)

    def test_error_bars_and_no_watermark_only_with_repeats(self) -> None:
        for repeats, bars, watermark in ((1, 0, True), (6, 8, False)):
            made = plots.CHARTS["throughput-size"].draw(grid(repeats), "lo", 1)
            plots.head(made, plots.CHARTS["throughput-size"], "", grid(repeats), "lo")
            texts = [text.get_text() for text in made.axes.texts]
            self.assertEqual(len(made.axes.containers), bars)
            self.assertEqual("single run" in texts, watermark)
            bars_and_lines = max(artist.get_zorder() for artist in made.axes.patches + made.axes.lines)
            self.assertTrue(all(text.get_zorder() > bars_and_lines for text in made.axes.texts))
            plt.close(made.drawing)

    def test_a_long_head_breaks_before_the_runs(self) -> None:
        data = grid(6)
        data.machines["lo"] = ("a processor with a long name, and a longer one", "6.12")
        made = plots.CHARTS["throughput-size"].draw(data, "lo", 1)
        plots.head(made, plots.CHARTS["throughput-size"], "1 thread a side", data, "lo")
        lines = made.axes.get_title().splitlines()
        self.assertEqual(lines[-1], "n = 6, 0.5 s a run")
        self.assertEqual(" ".join(lines[:-1]), "a processor with a long name, and a longer one, Linux 6.12, lo")
        plt.close(made.drawing)

    def test_the_legend_is_outside_the_axes_and_ticks_are_plain(self) -> None:
        made = plots.CHARTS["throughput-size"].draw(grid(6), "lo", 1)
        made.drawing.canvas.draw()
        legend, axes = made.axes.get_legend().get_window_extent(), made.axes.get_window_extent()
        self.assertLess(legend.y1, axes.y0)
        ticks = [text.get_text() for text in made.axes.get_yticklabels() + made.axes.get_xticklabels()]
        self.assertIn("64 KiB", ticks)
        self.assertTrue(all(re.fullmatch(r"[\d,.]+|\d+ (B|KiB|MiB)", tick) for tick in ticks), ticks)
        plt.close(made.drawing)

    def test_a_short_axis_has_plain_ticks_too(self) -> None:
        _, axes = plt.subplots()
        axes.plot([0.0616, 0.127])
        plots.log_axis(axes)
        axes.figure.canvas.draw()
        self.assertEqual([text.get_text() for text in axes.get_yticklabels()], ["0.05", "0.1", "0.2"])
        plt.close()

    def test_break_even_has_no_share_of_times_on_its_axis(self) -> None:
        made = plots.CHARTS["break-even"].draw(grid(6), "lo", 0)
        made.drawing.canvas.draw()
        ticks = [text.get_text() for text in made.axes.get_yticklabels()]
        self.assertEqual(ticks, ["1/4", "1/2", "equal", "2x"])
        plt.close(made.drawing)

    def test_switches_are_those_of_a_message(self) -> None:
        """Of the traced run of zero_copy at 64 KiB: 8 + 18 + 2837 + 4 of 2973 messages."""
        data = load([LO])
        run = next(r for r in data.at("lo", "zero_copy", 65536, 1) if r.traced)
        value = (8 + 18 + 2837 + 4) / run.data["messages"]
        made = plots.CHARTS["switches"].draw(data, "lo", 1)
        self.assertAlmostEqual(made.axes.patches[-1].get_height(), value)
        self.assertEqual(made.axes.get_ylabel(), "context switches a message")
        plt.close(made.drawing)

    def test_without_a_second_size_there_is_no_chart_against_size(self) -> None:
        data = Dataset([run for run in grid(1).runs if run.size == 512])
        with self.assertRaises(NoPicture) as caught:
            plots.CHARTS["throughput-size"].draw(data, "lo", 1)
        self.assertEqual(caught.exception.reason.code, "two_sizes")

    def test_transports_and_sites_have_colours_of_their_own(self) -> None:
        transports = {style["color"] for style in figure.STYLE.values()}
        sites = {color for color, _ in figure.SITE_STYLE.values()}
        self.assertEqual(len(transports), len(figure.STYLE))
        self.assertEqual(len(sites), len(figure.SITE_STYLE))
        self.assertEqual(transports & sites, set())

    def test_lines_and_bars_differ_without_colour(self) -> None:
        looks = {(style["marker"], style["linestyle"]) for style in figure.STYLE.values()}
        self.assertEqual(len(looks), len(figure.STYLE))
        self.assertEqual(len({hatch for _, hatch in figure.SITE_STYLE.values()}), len(figure.SITE_STYLE))


class Diagram(unittest.TestCase):
    def test_the_stops_of_each_transport(self) -> None:
        traced = [run for run in load([LO]).runs if run.traced]

        def stops(transport: str) -> list[tuple[str, str, tuple[str, ...]]]:
            made = dataflow.stops([r for r in traced if r.transport == transport], "lo")
            return [(stop.words.replace("\n", " "), stop.band, stop.sites) for stop in made]

        self.assertEqual(
            stops("two_copy"),
            [
                ("eight fields", "user memory", ()),
                ("one packed buffer", "user memory", ("user_memcpy",)),
                ("socket buffers", "kernel", ("send_copy",)),
                ("loopback", "device", ()),
                ("receive queue", "kernel", ()),
                ("receiver's buffer", "user memory", ("receive_copy",)),
            ],
        )
        self.assertEqual(
            stops("zero_copy")[1:5],
            [
                ("references to pages", "kernel", ("send_pin",)),
                ("loopback", "device", ()),
                ("packets as they arrive", "kernel", ()),
                ("new buffers", "kernel", ("deferred_copy",)),
            ],
        )

    def test_what_is_partly_copied_again_shows_both_parts(self) -> None:
        """Over the cards 19264 of 19680000 bytes of zero_copy were copied at transmit."""
        runs = [run for run in load([NIC]).runs if run.transport == "zero_copy"]
        found = dataflow.with_rest(runs, dataflow.ledger(runs))
        self.assertEqual(found["transmit_copy"][0], 19264)
        self.assertEqual(found[dataflow.REST][0], 19680000 - 19264)
        sites = [stop.sites for stop in dataflow.stops(runs, "nic")]
        self.assertIn(("transmit_copy",), sites)
        self.assertIn("pages and\nnew buffers", [stop.words for stop in dataflow.stops(runs, "nic")])
        self.assertIn(("dma_out",), sites)

    def test_the_words_and_the_arrows_of_a_slide(self) -> None:
        """Eight arrows leave eight fields, and the reason for the copy after all stands in words."""
        with tempfile.TemporaryDirectory() as directory:
            for picture in dataflow.draw(load([LO]), "lo", Path(directory)):
                arrows = re.findall(r"<title>(\w+): 1 a byte", picture.svg)
                first = "user_memcpy" if "two_copy" in picture.name else "send_"
                self.assertEqual(len([a for a in arrows if a.startswith(first)]), 8)
                why = remark("cause", cause="local delivery", device="lo", reason=remark("cause local delivery"))
                after = str(remark("copied_after_all", cause=why))
                self.assertEqual(after in picture.svg, "zero_copy" in picture.name)
                for band in ("user memory", "kernel", "device", "loopback"):
                    self.assertIn(f">{band}<", picture.svg)

    def test_arrows_are_as_thick_as_the_bytes(self) -> None:
        _, axes = plt.subplots()
        full, half = (dataflow.arrow(axes, 0, 2, 0, thick, "send_copy") for thick in (1.0, 0.5))
        plt.close()
        widths = [2 * max(y for x, y in made.get_xy() if x == 0) for made in (full, half)]
        self.assertEqual(widths, [1.0, 0.5])

    def test_a_copy_after_all_is_told_from_others_without_colour(self) -> None:
        _, axes = plt.subplots()
        for site in ("send_pin", "send_copy", "deferred_copy"):
            dataflow.arrow(axes, 0, 1, 0, 1.0, site)
        plt.close()
        spared, copy, again, hatch = axes.patches
        self.assertEqual((spared.get_linestyle(), copy.get_linestyle()), ("--", "-"))
        self.assertNotEqual(again.get_facecolor(), copy.get_facecolor())
        self.assertEqual((copy.get_hatch(), hatch.get_hatch()), (None, "///"))

    def test_a_smaller_svg_keeps_its_words(self) -> None:
        self.assertEqual(figure.smaller('<p d="1.2345">6.18.44</p>'), '<p d="1.2">6.18.44</p>')
