# SPDX-License-Identifier: GPL-2.0
"""Claims are read with care, and their verdicts are those that a person computes by hand."""

from __future__ import annotations

import re
import statistics

from claims import CONFIRMED, NOT_TESTABLE, REFUTED, UNDECIDED, VERDICTS, read_claims
from common import LO, NIC, ROOT, VETH, Files, codes, counted, every, one
from judge import Judgement, family, judge, judge_all
from load import BadInput, load
from quantities import PMU, PROCESSORS, REQUEST
from reasons import brief
from verify import CLAIMS, differences, read_expected

# By hand, from tests/analysis/data: bytes at the sites of traced runs, and the throughput of repeats.
BY_HAND = {
    "R1.a": (
        REFUTED,
        2,
    ),  # veth, two_copy: send_copy and receive_copy are 58912768 of 58912768 each
    "R1.b": (REFUTED, 0),  # eight_sends: user_memcpy 0
    "R1.c": (CONFIRMED, 0),  # both 2 copies; 19736 / 2467 = 8 calls against 11637 / 11637 = 1
    "R1.d": (REFUTED, 0),
    "R1.e": (REFUTED, 1),  # deferred_copy 22712320 of 22712320
    "R1.Q2": (NOT_TESTABLE, None),  # no counters
    "R2.a": (CONFIRMED, 2),
    "R2.b": (CONFIRMED, 1),
    "R2.c": (REFUTED, 1),
    "R3.a": (REFUTED, 0),
    "R3.b": (CONFIRMED, 1),
    "R3.c": (REFUTED, 1),  # send_copy equals the payload
    "R3.d": (REFUTED, 195148076 / 194838528),  # the largest excess: retransmitted at 64 KiB
    "R3.e": (NOT_TESTABLE, None),  # 8 threads, and 2 processors
    "R4.a": (NOT_TESTABLE, None),  # no nic
    "R4.b": (CONFIRMED, 1),
    "R4.c": (NOT_TESTABLE, None),
    "R5.a": (REFUTED, 0),
    "R5.b": (CONFIRMED, 1),
    "R5.c": (REFUTED, 1),
    "R2.Q4": (UNDECIDED, 0.8073),  # veth, one run, which has no interval
    "R2.Q5": (NOT_TESTABLE, None),  # no run below 1024 bytes
}
# The same over two cards, at 64 B and 64 KiB; where a size fails, that is the one shown.
OVER_CARDS = {
    "R1.a": (CONFIRMED, 4 + 1448 / 19660800),  # 2 by the CPU, 2 by DMA, 1448 of 19660800 sent again
    "R1.b": (REFUTED, 0),  # user space copies none
    "R1.e": (REFUTED, 19208 / 19200),  # at 64 B the card has the kernel copy all but
    "R2.c": (REFUTED, 19208 / 19200),
    "R3.a": (CONFIRMED, 1 + 1448 / 19660800),
    "R3.c": (REFUTED, 1),  # send_copy
    "R3.d": (REFUTED, 1 + 19208 / 19200),  # copies at 64 B: the receiver's and those
    "R4.a": (CONFIRMED, 1),  # send_copy
    "R4.a.more": (REFUTED, 0),
    "R4.c": (REFUTED, 19208 / 19200),
    "R5.a": (CONFIRMED, 1 + 1448 / 19660800),
    "R5.c": (REFUTED, 19208 / 19200),
}
NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

CLAIM = """# a comment

[[claim]]
id = "X.1"
report = "X"
says = "something"
path = "lo"
transport = "two_copy"
tests = [{ measure = "copies", compare = "==", value = 3 }]
"""


class Claims(Files):
    def setUp(self) -> None:
        super().setUp()
        self.data = load([LO, VETH])

    def judged(self, text: str) -> Judgement:
        path = self.directory / "claims.toml"
        path.write_text(text)
        claims, _ = read_claims(path)
        return judge(claims[-1], self.data)

    def refused(self, text: str) -> str:
        with self.assertRaises(BadInput) as caught:
            self.judged(text)
        self.assertNotIn("\n", str(caught.exception))
        return str(caught.exception)

    def test_verdicts_as_by_hand(self) -> None:
        claims, _ = read_claims(CLAIMS)
        by_id = {claim.id: judge(claim, self.data) for claim in claims}
        for name, (verdict, measured) in BY_HAND.items():
            with self.subTest(name):
                self.assertEqual(by_id[name].verdict, verdict)
                if measured is None:
                    self.assertIsNone(by_id[name].measured)
                else:
                    self.assertAlmostEqual(by_id[name].measured, measured, places=3)
                self.assertTrue(by_id[name].reasons)

    def test_what_is_said_of_a_nic_is_judged_over_one(self) -> None:
        self.data = load([LO, VETH, NIC])
        claims, _ = read_claims(CLAIMS)
        found = {}
        for claim in claims:
            judged = judge(claim, self.data)
            over = judged if judged.path == "nic" else next(iter(judged.elsewhere), None)
            found |= {claim.id: over} if over else {}
        self.assertEqual(set(found), set(OVER_CARDS))
        for name, (verdict, measured) in OVER_CARDS.items():
            with self.subTest(name):
                self.assertEqual(found[name].verdict, verdict)
                self.assertAlmostEqual(found[name].measured, measured, places=4)
        reasons = found["R4.c"].reasons
        self.assertEqual(one(reasons, "facts")["size"], 64)
        self.assertEqual(one(reasons, "tally")["places"], 2)
        self.assertEqual((one(reasons, "holds_at")["places"], one(reasons, "fails_at")["places"]), (1, 1))
        self.assertEqual(one(found["R3.d"].reasons, "facts")["size"], 64)  # fails at both, by different numbers
        self.assertEqual(judge(claims[0], self.data).verdict, REFUTED)  # R1.a, over veth

    def test_what_was_sent_again_is_allowed_for_and_no_more(self) -> None:
        """Over the cards 136 of 19200 bytes of zero_copy were, 0.7%, and left twice."""
        self.data = load([NIC])
        claim = CLAIM.replace('path = "lo"', 'path = "nic"').replace("two_copy", "zero_copy")
        test = 'measure = "dma_out", compare = "==", value = {}, size = "64"'
        claim = claim.replace('measure = "copies", compare = "==", value = 3', test)
        self.assertEqual(self.judged(claim.replace("{}", "1")).verdict, CONFIRMED)
        self.assertEqual(self.judged(claim.replace("{}", "0.99")).verdict, REFUTED)

    def test_cache_misses_by_hand(self) -> None:
        """one_copy misses L1 half as often, the last level three quarters as often."""
        self.data = load([self.copy("runs.jsonl", counted)])
        claims, _ = read_claims(CLAIMS)
        found = judge(next(c for c in claims if c.id == "R3.Q2"), self.data)
        self.assertEqual(found.verdict, REFUTED)  # it says LLC; L1 has the larger reduction
        self.assertAlmostEqual(found.measured, 1 / 2 - 3 / 4, places=4)  # L1 share less LLC share
        share = 'measure = "1 - one_copy.l1d_load_misses_per_byte / two_copy.l1d_load_misses_per_byte"'
        claim = CLAIM.replace('measure = "copies"', share)
        claim = claim.replace("value = 3", 'value = 0.5, tolerance = 0.001, size = "512"')
        self.assertEqual(self.judged(claim).verdict, CONFIRMED)
        self.assertEqual(self.judged(claim.replace("0.5", "0.4")).verdict, REFUTED)

    def test_without_a_nic_it_says_what_one_takes(self) -> None:
        claims, _ = read_claims(CLAIMS)
        found = judge(next(c for c in claims if c.id == "R4.c"), self.data)
        self.assertEqual((found.verdict, found.path), (NOT_TESTABLE, "nic"))
        self.assertEqual(codes(found.reasons), ["no_run_over", "takes", "remedy_nic"])

    def test_every_claim_of_the_reports_is_there(self) -> None:
        claims, _ = read_claims(CLAIMS)
        wanted = "R1.a R1.b R1.c R1.d R1.e R2.a R2.b R2.c R3.a R3.b R3.c R3.d R3.e R4.a R4.b R4.c R5.a R5.b R5.c"
        wanted += " R1.Q2 R2.Q2 R3.Q2 R4.Q2"
        wanted += "".join(f" R{r}.Q{q}" for r in range(1, 6) for q in (4, 5, 6))
        self.assertEqual(set(wanted.split()) - {claim.id for claim in claims}, set())

    def test_a_claim_turned_round_turns_its_verdict_round(self) -> None:
        """Of each claim with one test: that not every size agrees is that any agrees otherwise."""
        text = CLAIMS.read_text()
        claims, _ = read_claims(CLAIMS)
        turned = 0
        for block in text.split("[[claim]]")[1:]:
            if block.count("measure =") != 1 or "over =" in block:
                continue
            compare = re.search(r'compare = "(.+?)"', block).group(1)  # type: ignore[union-attr]
            name = re.search(r'id = "(.+?)"', block).group(1)  # type: ignore[union-attr]
            before = self.judged("[[claim]]" + block).verdict
            other = block.replace(
                f'compare = "{compare}"', f'compare = "{NEGATED[compare]}", over = "any"'
            )
            after = self.judged("[[claim]]" + other).verdict
            if before == NOT_TESTABLE:
                continue
            if before == UNDECIDED:
                self.assertNotEqual(after, NOT_TESTABLE)
                continue
            turned += 1
            with self.subTest(name):
                self.assertEqual({before, after}, {CONFIRMED, REFUTED})
        self.assertGreaterEqual(turned, 5)

    def test_the_claimed_number_turned_round(self) -> None:
        self.assertEqual(self.judged(CLAIM).verdict, CONFIRMED)
        self.assertEqual(self.judged(CLAIM.replace("value = 3", "value = 2")).verdict, REFUTED)

    def ratios(self, a: str, b: str, size: int) -> list[float]:
        """Throughput of `a` over that of `b`, repeat by repeat, sorted."""
        found = {
            name: {r.repeat: r.data["throughput_gbps"] for r in self.data.at("lo", name, size, 1) if not r.traced}
            for name in (a, b)
        }  # fmt: skip
        return sorted(found[a][repeat] / found[b][repeat] for repeat in found[a])

    def throughput(self, a: str, b: str, size: int, compare: str = ">", more: str = "") -> Judgement:
        test = f'"{a}.throughput / {b}.throughput", compare = "{compare}", value = 1, size = "{size}"'
        return self.judged(CLAIM.replace('"copies", compare = "==", value = 3', test + more))

    def test_a_measurement_by_hand(self) -> None:
        """Of 13 repeats the median is the 7th, and from the 3rd to the 11th are 97.8% sure to hold it."""
        for a, b, size, verdict in (
            ("one_copy", "eight_sends", 512, CONFIRMED),
            ("zero_copy", "eight_sends", 4096, REFUTED),
            ("zero_copy", "eight_sends", 65536, UNDECIDED),
        ):
            with self.subTest(f"{a} {size}"):
                values = self.ratios(a, b, size)
                found = self.throughput(a, b, size)
                self.assertEqual(found.verdict, verdict)
                self.assertAlmostEqual(found.measured, values[6])
                interval = found.decided_by.interval
                self.assertEqual((interval.low, interval.high), (values[2], values[10]))
                self.assertEqual(verdict, CONFIRMED if values[2] > 1 else
                                 REFUTED if values[10] <= 1 else UNDECIDED)  # fmt: skip

    def test_a_measurement_turned_round_turns_round(self) -> None:
        for compare, verdicts in ((">", (CONFIRMED, REFUTED)), ("<=", (REFUTED, CONFIRMED))):
            self.assertEqual(self.throughput("one_copy", "eight_sends", 512, compare).verdict, verdicts[0])
            self.assertEqual(self.throughput("zero_copy", "eight_sends", 512, compare).verdict, verdicts[1])

    def test_undecided_says_how_many_repeats_would_decide(self) -> None:
        found = self.throughput("zero_copy", "eight_sends", 65536)
        self.assertEqual(found.verdict, UNDECIDED)
        needed = found.decided_by.needed
        self.assertGreater(needed, 13)
        self.assertEqual(one(found.reasons, "repeats_decide")["repeats"], needed)

    def test_the_interval_is_corrected_for_the_number_of_comparisons(self) -> None:
        """19 comparisons: each may be wrong in 0.26%. From the 2nd to the 12th of 13 is wrong in 2 * 14 / 8192,
        which is 0.34%; from the 1st to the 13th in 2 / 8192."""
        claims, _ = read_claims(CLAIMS)
        self.assertEqual(len(family(claims, self.data)), 19)
        judged = {j.claim.id: j for j in judge_all(claims, self.data)}
        self.assertAlmostEqual(judged["R3.Q4"].confidence, 1 - 0.05 / 19)
        values = self.ratios("one_copy", "eight_sends", 512)
        interval = judged["R3.Q4"].decided_by.interval
        self.assertEqual((interval.low, interval.high), (values[0], values[12]))
        self.assertEqual(judged["R3.Q4"].decided_by.value.estimate.low, values[2])

    def test_most_is_more_than_half(self) -> None:
        """one_copy against two_copy: slower at 512 B, undecided at 4 KiB, faster at 64 KiB."""
        verdicts = [self.throughput("one_copy", "two_copy", size).verdict for size in (512, 4096, 65536)]
        self.assertEqual(verdicts, [REFUTED, UNDECIDED, CONFIRMED])
        more = ', over = "most"'
        self.assertEqual(self.throughput("one_copy", "eight_sends", "512,4096,65536", more=more).verdict, CONFIRMED)
        self.assertEqual(self.throughput("one_copy", "two_copy", "512,4096,65536", more=more).verdict, UNDECIDED)
        self.assertEqual(self.throughput("zero_copy", "two_copy", "512,4096,65536", more=more).verdict, REFUTED)

    def test_a_factor_of_other_hardware_is_judged_for_its_direction(self) -> None:
        median = statistics.median(self.ratios("one_copy", "eight_sends", 512))
        found = self.throughput("one_copy", "eight_sends", 512, more=", factor = 30")
        self.assertEqual(found.verdict, CONFIRMED)
        for reasons in (found.reasons, brief(found, self.data)):
            size = one(reasons, "factor_differs")
            self.assertEqual((size["factor"], size["size"], size["threads"]), (30, 512, 1))
            self.assertEqual(size["found"]["median"], median)
        found = self.throughput("one_copy", "eight_sends", 512, more=f", factor = {median}")
        self.assertIn("factor_same", codes(found.reasons))

    def test_claims_about_threads_need_processors(self) -> None:
        claims, _ = read_claims(CLAIMS)
        claim = next(c for c in claims if c.id == "R3.Q6")
        found = judge(claim, self.data)
        self.assertEqual((found.verdict, found.decided_by.lacks), (NOT_TESTABLE, PROCESSORS))
        few = one(found.reasons, "too_few_processors")
        self.assertEqual((few["quantities"], few["threads"], few["here"]), (["throughput"], 8, 2))
        self.data.environments["lo"] = {"cores": 8}
        self.assertNotEqual(judge(claim, self.data).decided_by.lacks, PROCESSORS)  # but there are no runs
        self.data.environments["lo"] = {}
        self.assertIn("processors_unknown", codes(judge(claim, self.data).reasons))

    def test_not_asked_for_is_not_called_missing(self) -> None:
        test = '"cycles_per_byte", compare = ">", value = 1, size = "512"'
        claim = CLAIM.replace('"copies", compare = "==", value = 3', test)
        found = self.judged(claim)
        self.assertEqual(found.decided_by.lacks, REQUEST)
        self.assertEqual(one(found.reasons, "not_asked")["trace"], "counters")
        self.assertIn("remedy_request", codes(found.reasons))
        self.data = load([NIC])  # asked for, and the machine has none
        found = self.judged(claim.replace('"lo"', '"nic"').replace('"512"', '"64"'))
        self.assertEqual(found.decided_by.lacks, PMU)
        self.assertTrue(one(found.reasons, "not_counted")["reasons"])
        self.assertIn("remedy_counter", codes(found.reasons))

    def test_each_of_the_four_words_occurs(self) -> None:
        claims, _ = read_claims(CLAIMS)
        self.assertEqual({j.verdict for j in judge_all(claims, self.data)}, set(VERDICTS))

    def test_a_sum_prints_each_of_its_terms(self) -> None:
        """Each quantity that a sum names is a term, with its value; what was measured is named, too."""
        self.data = load([LO, VETH, NIC])
        claims, _ = read_claims(CLAIMS)
        summed = 0
        for claim in claims:
            found = [terms for terms in (r["terms"] for r in every(judge(claim, self.data).reasons, "sum")) if terms]
            named = [name for p in claim.because if not isinstance(p, str) for name in p.text.split(" + ")[1:]]
            summed += bool(named)
            judged = judge(claim, self.data)
            if judged.measured is not None:
                with self.subTest(f"{claim.id} measured"):
                    shown = [r for r in judged.reasons if r.code in ("measured", "ratio")]
                    self.assertEqual([r["value"] for r in shown], [judged.measured])
            for name in named:
                with self.subTest(f"{claim.id} {name}"):
                    self.assertTrue(any(f"+ {name}" in terms for terms in found))
        self.assertGreaterEqual(summed, 8)
        copies, dma = every(judge(claims[0], self.data).reasons, "sum")
        self.assertEqual(copies["value"], 3)
        self.assertEqual(copies["terms"], {"+ user_memcpy": 1, "+ send_copy": 1, "+ deferred_copy": 0,
                                           "+ transmit_copy": 0, "+ receive_copy": 1})  # fmt: skip
        self.assertEqual(dma["terms"], {"+ dma_out": 0, "+ dma_in": 0})

    def test_the_offload_that_forced_a_copy_is_named(self) -> None:
        self.data = load([NIC])
        claims, _ = read_claims(CLAIMS)
        claim = next(c for c in claims if c.id == "R4.c")
        self.assertIn("offloads_unknown", codes(judge(claim, self.data).reasons))
        card = {"device": "eth0", "offloads": {"scatter-gather": True, "tx-checksumming": False}}
        self.data.environments["nic"] = {"path_details": {"sender": card}}
        off = one(judge(claim, self.data).reasons, "offloads_off")
        self.assertEqual((off["device"], off["offloads"]), ("eth0", ["tx-checksumming"]))
        card["offloads"]["tx-checksumming"] = True
        self.assertIn("offloads_on", codes(judge(claim, self.data).reasons))

    def test_without_untraced_runs_it_says_so(self) -> None:
        claims, _ = read_claims(CLAIMS)
        found = judge(next(c for c in claims if c.id == "R1.Q4"), self.data)
        self.assertTrue(one(found.reasons, "ratio")["traced"])

    def test_malformed_claims_name_the_line(self) -> None:
        cases = {
            'compare = "=="': ('compare = "~"', "unknown comparison"),
            '"copies"': ('"send_cpy"', "unknown site or quantity 'send_cpy'"),
            '"copies" ': ('"copies +"', "cannot read the expression"),
            "value = 3": ('value = "many"', "unknown site or quantity"),
            'path = "lo"': ('path = "moon"', "unknown path 'moon'"),
            'says = "something"': ("", "'says' is missing"),
            'path = "lo" ': ('path = "lo"\nalso = "any"', "'also' must be another path"),
            'report = "X"': ('report = "X"\nauthor = "Y"', "unknown key 'author'"),
            "tests = ": ("test = ", "unknown key 'test'"),
            'transport = "two_copy"': ("", "of which transport"),
            "value = 3 ": ('value = "1 / 0" ', "'value' divides by 0"),
            "says =": ("because = 3\nsays =", "'because' must be text"),
            "value = 3 }": ('value = 3, size = "big" }', "'size' is a list"),
        }
        for old, (new, what) in cases.items():
            with self.subTest(new):
                text = self.refused(CLAIM.replace(old.strip(), new, 1))
                self.assertRegex(text, r"claims\.toml:3: ")
                self.assertIn(what, text)

    def test_broken_toml_names_the_line(self) -> None:
        self.assertRegex(self.refused(CLAIM.replace('"lo"', '"lo')), r"claims\.toml:7: not TOML")

    def test_the_second_of_two_names_is_refused(self) -> None:
        text = self.refused(CLAIM + CLAIM.partition("\n\n")[2])
        self.assertRegex(text, r"claims\.toml:10: a second claim X\.1")

    def test_expressions_run_no_code(self) -> None:
        for text in ("__import__('os').getcwd()", "copies ** 9", "[copies]", "copies if 1 else 2"):
            with self.subTest(text):
                self.refused(CLAIM.replace('"copies"', f'"{text}"'))

    def test_expectations(self) -> None:
        path = self.directory / "expected"
        path.write_text("X.1 CONFIRMED # by hand\n")
        found = [self.judged(CLAIM)]
        self.assertEqual(differences(found, read_expected(path)), {})
        path.write_text("X.1 REFUTED\nX.2 NOT TESTABLE HERE\n")
        self.assertEqual(set(differences(found, read_expected(path))), {"X.1", "X.2"})
        path.write_text("X.1 CONFIRMED\nX.2 PERHAPS\n")
        with self.assertRaisesRegex(BadInput, r"expected:2: 'PERHAPS'"):
            read_expected(path)

    def test_no_author_and_no_path_of_a_machine(self) -> None:
        for file in (ROOT / "analysis").glob("*.toml"):
            self.assertNotRegex(file.read_text(), r"/home/|/root/|/work/")
