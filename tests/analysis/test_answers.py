# SPDX-License-Identifier: GPL-2.0
"""What is answered to the reports' questions, with numbers computed by hand from the recorded runs."""

from __future__ import annotations

import json
import unittest
from pathlib import Path

import answers
import copies
from common import LO, NIC, VETH, Files, codes, counted, every, one
from load import Dataset, Run, load
from quantities import Expression, Place
from words import Remark

TRANSPORTS = ("two_copy", "eight_sends", "one_copy", "zero_copy")


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
        two, eight, one_copy, zero = (copies.really(self.data, "veth", name) for name in TRANSPORTS)
        self.assertEqual(
            [(r.code, r["named"], r["copies"][0]["count"]) for r in (two, eight, one_copy, zero)],
            [("not_as_named", 2, 3), ("as_named", 2, 2), ("not_as_named", 1, 2), ("not_as_named", 0, 2)],
        )
        self.assertEqual((two["kernel"], two["gone"]), (2, None))
        self.assertTrue(eight["no_program"])
        self.assertEqual((one_copy["gone"], one_copy["new"]), (["user_memcpy"], None))
        self.assertEqual((zero["gone"], zero["new"]), (["user_memcpy", "send_copy"], ["deferred_copy"]))

    def test_sizes_that_differ_are_not_one_number(self) -> None:
        """Over the cards zero_copy makes 2 copies at 64 B and 1 at 64 KiB."""
        really = copies.really(self.data, "nic", "zero_copy")
        self.assertEqual(really.code, "not_as_named")
        by_size = one(copies.headline(self.data, "nic"), "copies_by_size")
        for found in (really, by_size):
            self.assertEqual([(round(c["count"], 2), c["size"]) for c in found["copies"]], [(2, 64), (1, 65536)])

    def test_where_and_by_whom(self) -> None:
        found = copies.where_and_by_whom(self.data, "veth")
        self.assertEqual([line["transport"] for line in found], list(TRANSPORTS))
        for line, site, function in ((found[0], "user_memcpy", "memcpy"), (found[2], "send_copy", "tcp_sendmsg")):
            made = next(m for m in line["made"] if m["site"] == site)
            self.assertEqual((made["function"], made["share"]), (function, 1))
        self.assertEqual([(s["site"], s["share"]) for s in found[3]["spared"]], [("send_pin", 1)])
        self.assertIsNone(found[0]["spared"])

    def test_zero_copy_saved_nothing_and_why(self) -> None:
        saved = copies.zero_copy_saved(self.data, "veth")
        self.assertEqual((saved["pinned"], saved["again"], saved["saved"]), (1, 1, 0))
        self.assertEqual(saved["terms"], {"+ deferred_copy": 1})
        self.assertEqual(saved["cause"]["reason"].code, "cause local delivery")

    def test_zero_copy_over_cards_saves_what_they_read(self) -> None:
        """Of 19200 + 19660800 bytes 19208 + 56 were copied at transmit."""
        saved = copies.zero_copy_saved(self.data, "nic")
        again = (19208 + 56) / (19200 + 19660800)
        self.assertAlmostEqual(saved["again"], again, places=7)
        self.assertEqual(list(saved["terms"]), ["+ transmit_copy"])
        self.assertAlmostEqual(saved["saved"], saved["pinned"] - again, places=7)

    def test_the_headline(self) -> None:
        (found,) = copies.headline(self.data, "lo")
        self.assertEqual((found.code, round(found["count"], 2)), ("copies_deferred", 2))
        cause = found["cause"]
        self.assertEqual((cause["cause"], cause["device"]), ("local delivery", "lo"))
        plain = Dataset([run for run in self.data.runs if not run.traced])
        self.assertEqual(codes(copies.headline(plain, "lo")), ["copies_unknown"])


class Questions(Files):
    def test_q1_and_q6_give_the_numbers_of_the_reason(self) -> None:
        data = load([LO])
        run = next(r for r in rows(LO / "runs.jsonl") if r["traced"] and r["transport"] == "zero_copy")
        both = run["context_switches"]
        switches = sum(side[kind] for side in both.values() for kind in ("voluntary", "involuntary"))
        deferred = run["sites"]["deferred_copy"]["calls"] / run["messages"]
        found = answers.question_1(data, "lo")
        own = every(found, "per_message")[0]["transports"][0]
        self.assertEqual((own["transport"], one([own], "sends")["value"], one([own], "completions")["value"]),
                         ("zero_copy", 1, 1))  # fmt: skip
        self.assertAlmostEqual(one([own], "deferred")["value"], deferred)
        self.assertAlmostEqual(one([own], "switches")["value"], switches / run["messages"])
        throughput = every(found, "in_measure")[0]["sweep"]
        self.assertEqual([r.code for r in throughput], ["beats", "sizes_undecided"])
        self.check_beats(throughput[0], "one_copy", "zero_copy", {512: 12, 4096: 6.95})
        found = answers.question_6(data, "lo")
        more = one(found, "more_copies")
        self.assertEqual((round(more["zero_copy"], 2), round(more["one_copy"], 2)), (2, 2))
        self.assertEqual(one(found, "per_message")["size"], 65536)

    def check_beats(self, found: Remark, winner: str, loser: str, factors: dict[int, float]) -> None:
        self.assertEqual((found.code, found["winner"], found["loser"]), ("beats", winner, loser))
        self.assertEqual(found["sizes"], list(factors))
        for measured, factor in zip(found["factors"], factors.values()):
            self.assertAlmostEqual(measured, factor, delta=factor / 100)

    def test_q4_and_q5_are_answered_size_by_size(self) -> None:
        data = load([LO])
        q4, q5 = ({found["other"]: found["found"][0] for found in answer(data, "lo")}
                  for name, _, answer in answers.QUESTIONS if name in ("Q4", "Q5"))  # fmt: skip
        self.assertEqual(q4["two_copy"]["measure"], "throughput")
        (beats,) = q4["eight_sends"]["sweep"]
        self.check_beats(beats, "one_copy", "eight_sends", {512: 4.8, 4096: 2.74, 65536: 1.63})
        beats, undecided = q4["two_copy"]["sweep"]
        self.check_beats(beats, "two_copy", "one_copy", {512: 1.28})
        self.assertEqual((undecided.code, undecided["sizes"]), ("sizes_undecided", [4096, 65536]))
        numbers = [round(r[end], 3) for r in undecided["ratios"] for end in ("median", "low", "high")]
        self.assertEqual(numbers, [0.884, 0.525, 1.387, 1.535, 0.688, 3.249])
        self.assertEqual(q5["two_copy"]["sweep"][-1]["sizes"], [65536])

    def test_q4_has_the_crossing_and_turns_round(self) -> None:
        """one_copy moves half of what two_copy does at 1 KiB and twice that at 4 KiB: 1 at 2 KiB."""
        for ours, theirs in (("one_copy", "two_copy"), ("two_copy", "one_copy")):
            data = crossing_at_2048(ours, theirs, repeats=8)
            (found,) = answers.break_even(data, "lo", "one_copy", "two_copy")
            small, large, crosses = found["sweep"]
            self.check_beats(small, theirs, ours, {1024: 2})
            self.check_beats(large, ours, theirs, {4096: 2})
            self.assertEqual((crosses.code, crosses["winner"], crosses["loser"]), ("crosses", ours, theirs))
            self.assertEqual((round(crosses["size"]), crosses["low"], crosses["high"]), (2048, 1024, 4096))

    def test_q4_takes_as_many_repeats_as_there_are_comparisons(self) -> None:
        """Of 2 sizes, 1 pair and 1 measure each may be wrong in 2.5%: 2 / 2^6 is more, 2 / 2^7 less."""
        found = answers.break_even(crossing_at_2048("one_copy", "two_copy", repeats=6), "lo", "one_copy", "two_copy")
        few = one(found, "sizes_undecided")
        self.assertEqual((few["sizes"], few["repeats"], few["needed"]), ([1024, 4096], 6, 7))
        self.assertEqual([(r["median"], r["low"]) for r in few["ratios"]], [(0.5, None), (2, None)])
        found = answers.break_even(crossing_at_2048("one_copy", "two_copy", repeats=7), "lo", "one_copy", "two_copy")
        self.assertNotIn("sizes_undecided", codes(found))

    def check_misses(self, found: list[Remark], most: str) -> None:
        """Of one_copy at 64 KiB: L1 misses half as often, the last level three quarters as often."""
        at = next(m for m in every(found, "misses_at") if (m["transport"], m["size"]) == ("one_copy", 65536))
        self.assertEqual([level.code for level in at["levels"]], ["fewer_misses"] * 2)
        for level, (name, percent) in zip(at["levels"], (("L1", 50), ("LLC", 25))):
            self.assertEqual(level["level"], name)
            for end in ("percent", "low", "high"):
                self.assertAlmostEqual(level[end], percent, delta=0.5)
        self.assertEqual(at["most"].code, most)

    def test_q2_has_an_interval(self) -> None:
        data = load([self.copy("runs.jsonl", counted)])
        found = answers.question_2(data, "lo")
        self.check_misses(found, "most_in")
        self.assertTrue(all(most["level"] == "L1" for most in every(found, "most_in")))

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
        self.check_misses(answers.question_2(data, "lo"), "most_undecided")

    def test_without_an_answer_it_says_why(self) -> None:
        data = load([LO, NIC])
        self.assertIn("not_asked", codes(answers.question_2(data, "lo")))
        self.assertTrue(one(answers.question_2(data, "nic"), "not_counted")["reasons"])
        self.assertEqual(codes(answers.question_3(data, "lo")), ["threads_missing"])
        self.assertEqual(codes(answers.question_6(data, "nic")), ["no_surprise"])
