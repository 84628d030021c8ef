# SPDX-License-Identifier: GPL-2.0
"""What is answered to the reports' questions, with numbers computed by hand from the recorded runs."""

from __future__ import annotations

import json
import unittest
from pathlib import Path

import answers
import copies
from common import LO, NIC, VETH, Files, counted
from load import Dataset, Run, load
from quantities import Expression, Place


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def crossing_at_2048(ours: str, theirs: str, repeats: int) -> Dataset:
    """Runs in which `ours` passes `theirs` there; in throughput, as no CPU time is known."""
    rows = [
        {
            "transport": name, "path": "lo", "message_bytes": size, "threads": 1, "repeat": repeat,
            "payload_bytes": 1, "sites": {}, "valid": True, "traced": [],
            "throughput_gbps": size / 2048 if name == ours else 1.0,
        }
        for name in (ours, theirs)
        for size in (1024, 4096)
        for repeat in range(repeats)
    ]  # fmt: skip
    return Dataset([Run(row, "made here", 1) for row in rows])


class Copies(unittest.TestCase):
    def setUp(self) -> None:
        self.data = load([LO, VETH, NIC])

    def test_copies_by_hand(self) -> None:
        runs = copies.traced(self.data, "veth")
        found = {name: copies.copies(own) for name, own in runs.items()}
        self.assertEqual(found, {"two_copy": 3, "eight_sends": 2, "one_copy": 2, "zero_copy": 2})

    def test_is_it_really_as_many_as_the_name_says(self) -> None:
        text = copies.where_and_by_whom(self.data, "veth")
        self.assertIn("Is it really two? No: three, two of them in the kernel.", text[0])
        self.assertIn("Is it really two? Yes: two, by the kernel", text[1])
        self.assertIn("Is it really one? No: two, by the kernel; against two_copy user_memcpy is gone.", text[2])
        self.assertIn("Is it really none? No: two, by the kernel", text[3])
        self.assertIn("user_memcpy and send_copy are gone, but deferred_copy is new.", text[3])

    def test_sizes_that_differ_are_not_one_number(self) -> None:
        """Over the cards zero_copy makes 2 copies at 64 B and 1 at 64 KiB."""
        text = copies.really(self.data, "nic", "zero_copy")
        self.assertIn("No: two from 64 B, one from 64 KiB", text)
        self.assertIn("2 from 64 B, 1 from 64 KiB", copies.headline(self.data, "nic"))

    def test_where_and_by_whom(self) -> None:
        text = copies.where_and_by_whom(self.data, "veth")
        self.assertIn("user_memcpy (the program, memcpy) 1 a byte", text[0])
        self.assertIn("send_copy (the kernel, tcp_sendmsg) 1 a byte", text[2])
        self.assertIn("Not copies: send_pin 1 a byte", text[3])

    def test_zero_copy_saved_nothing_and_why(self) -> None:
        text = copies.zero_copy_saved(self.data, "veth")
        self.assertIn("pinned 1 instead of copying it, and 1 were copied after all (deferred_copy 1)", text)
        self.assertIn("the receiver may not hold the sender's pages", text)
        self.assertIn("saved 0 copies a byte", text)

    def test_zero_copy_over_cards_saves_what_they_read(self) -> None:
        """Of 19200 + 19660800 bytes 19208 + 56 were copied at transmit."""
        text = copies.zero_copy_saved(self.data, "nic")
        self.assertIn("0.000979 were copied after all (transmit_copy 0.000979)", text)
        self.assertIn("saved 0.999 copies a byte", text)

    def test_the_headline(self) -> None:
        self.assertEqual(
            copies.headline(self.data, "lo"),
            "zero_copy made 2 copies of each byte here, because what it pinned was copied after all "
            "(local delivery on lo: the receiver may not hold the sender's pages)",
        )
        plain = Dataset([run for run in self.data.runs if not run.traced])
        self.assertEqual(copies.headline(plain, "lo"), "Copies were not asked for; --trace copies counts them.")


class Questions(Files):
    def test_q1_and_q6_give_the_numbers_of_the_reason(self) -> None:
        data = load([LO])
        run = next(r for r in rows(LO / "runs.jsonl") if r["traced"] and r["transport"] == "zero_copy")
        both = run["context_switches"]
        switches = sum(side[kind] for side in both.values() for kind in ("voluntary", "involuntary"))
        deferred = run["sites"]["deferred_copy"]["calls"] / run["messages"]
        text = answers.question_1(data, "lo")
        self.assertIn("Per message of 512 B, zero_copy: send calls 1, completions 1,", text)
        self.assertIn(f"deferred copies {deferred:.3g}, context switches {switches / run['messages']:.3g}", text)
        self.assertIn("In throughput: one_copy beats zero_copy at 512 B and 4 KiB (12x, 6.95x); 64 KiB undecided", text)
        text = answers.question_6(data, "lo")
        self.assertIn("zero_copy makes 2 copies of each byte, one_copy 2.", text)
        self.assertIn("Per message of 64 KiB, zero_copy: send calls 1", text)

    def test_q4_and_q5_are_answered_size_by_size(self) -> None:
        data = load([LO])
        text = dict((name, answer(data, "lo")) for name, _, answer in answers.QUESTIONS)
        self.assertIn("one_copy beats eight_sends at 512 B to 64 KiB (4.8x, 2.74x, 1.63x)", text["Q4"])
        self.assertIn("two_copy beats one_copy at 512 B (1.28x); 4 KiB and 64 KiB undecided (one_copy is "
                      "0.884 (0.525 to 1.39); 1.53 (0.688 to 3.25) times as good as two_copy)", text["Q4"])  # fmt: skip
        self.assertIn("64 KiB undecided", text["Q5"])

    def test_q4_has_the_crossing_and_turns_round(self) -> None:
        """one_copy moves half of what two_copy does at 1 KiB and twice that at 4 KiB: 1 at 2 KiB."""
        for ours, theirs in (("one_copy", "two_copy"), ("two_copy", "one_copy")):
            data = crossing_at_2048(ours, theirs, repeats=8)
            text = answers.break_even(data, "lo", "one_copy", "two_copy")
            self.assertIn(f"{theirs} beats {ours} at 1 KiB (2x); {ours} beats {theirs} at 4 KiB (2x); "
                          f"{ours} beats {theirs} from about 2,048 bytes (between 1 KiB and 4 KiB)", text)  # fmt: skip

    def test_q4_takes_as_many_repeats_as_there_are_comparisons(self) -> None:
        """Of 2 sizes, 1 pair and 1 measure each may be wrong in 2.5%: 2 / 2^6 is more, 2 / 2^7 less."""
        text = answers.break_even(crossing_at_2048("one_copy", "two_copy", repeats=6), "lo", "one_copy", "two_copy")
        self.assertIn("1 KiB and 4 KiB undecided (one_copy is 0.5; 2 times as good as two_copy; "
                      "6 repeats, an interval takes 7)", text)
        text = answers.break_even(crossing_at_2048("one_copy", "two_copy", repeats=7), "lo", "one_copy", "two_copy")
        self.assertNotIn("undecided", text)

    def test_q2_has_an_interval(self) -> None:
        """one_copy misses L1 half as often, the last level three quarters as often, in every repeat."""
        data = load([self.copy("runs.jsonl", counted)])
        text = answers.question_2(data, "lo")
        self.assertIn("one_copy at 64 KiB L1 50% fewer (50% to 50%), LLC 25% fewer (25% to 25%): most in L1", text)

    def test_q2_is_corrected_for_its_places(self) -> None:
        """
        L1 has fewer misses but for 2 repeats of 13: enough for one comparison, whose interval leaves out
        2 at each end, and too little for one of six, whose leaves out 1.
        """
        def turned(text: str) -> str:
            lines = []
            for line in counted(text).splitlines():
                run = json.loads(line)
                if run["transport"] == "one_copy" and run["repeat"] <= 2:
                    for side in run["counters"].values():
                        side["l1d_load_misses"] *= 2
                lines.append(json.dumps(run))
            return "\n".join(lines) + "\n"

        data = load([self.copy("runs.jsonl", turned)])
        place = Place("lo", None, 65536, 1)
        levels = [f"one_copy.{c} / two_copy.{c}" for c in answers.LEVELS.values()]
        difference = Expression(f"{levels[1]} - {levels[0]}").at(data, place)
        self.assertGreater(difference.estimate.low, 0)
        self.assertEqual(difference.estimate.count, 13)
        text = answers.question_2(data, "lo")
        self.assertIn("one_copy at 64 KiB L1 50% fewer (50% to 50%), LLC 25% fewer (25% to 25%): which is more "
                      "is undecided", text)  # fmt: skip

    def test_without_an_answer_it_says_why(self) -> None:
        data = load([LO, NIC])
        self.assertIn("was not asked for", answers.question_2(data, "lo"))
        self.assertIn("this machine has no such counter", answers.question_2(data, "nic"))
        self.assertIn("more than one number of threads", answers.question_3(data, "lo"))
        self.assertEqual(answers.question_6(data, "nic"), "None that these runs show beyond doubt.")
