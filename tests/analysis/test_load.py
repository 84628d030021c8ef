# SPDX-License-Identifier: GPL-2.0
"""What cannot be used is refused in one line that names the file and the line."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

from common import HARNESS, LO, NIC, VETH, Files
from load import BadInput, load
from quantities import parts
from sites import SITES


class Load(Files):
    def refused(self, source: Path) -> str:
        with self.assertRaises(BadInput) as caught:
            load([source])
        text = str(caught.exception)
        self.assertNotIn("\n", text)
        return text

    def test_both_forms_are_read(self) -> None:
        data = load([LO, VETH])
        self.assertEqual(data.paths, ["lo", "veth"])
        self.assertEqual(len(data.on("lo")), 168)  # 4 transports, 3 sizes, 13 untraced and 1 traced
        self.assertEqual(len(data.on("veth")), 4)
        self.assertEqual(data.environment["cpu"], "AMD EPYC")
        self.assertFalse(data.traced_only)
        self.assertTrue(load([VETH]).traced_only)

    def test_a_directory_of_both_is_read(self) -> None:
        directory = self.copy("runs.jsonl", lambda text: text)
        (directory.parent / "veth.json").write_text(VETH.read_text())
        self.assertEqual(load([directory.parent]).paths, ["lo", "veth"])

    def test_another_machine_is_no_repeat(self) -> None:
        other = self.directory / "other.json"
        other.write_text(
            VETH.read_text().replace('"kernel": "6.18.44"', '"kernel": "6.1.0"', 1)
        )
        self.assertEqual(load([LO, other]).machines["veth"], ("AMD EPYC", "6.1.0"))
        with self.assertRaisesRegex(BadInput, r"veth\.json:\d+: a run over veth on another machine"):
            load([other, VETH])

    def test_a_line_cut_off(self) -> None:
        text = self.refused(self.copy("runs.jsonl", lambda text: text[:-40]))
        self.assertRegex(text, r"runs\.jsonl:168: cut off")

    def test_a_csv_cut_off(self) -> None:
        text = self.refused(self.copy("results.csv", lambda text: text[: len(text) // 2]))
        self.assertRegex(text, r"results\.csv:\d+: cut off")

    def test_a_csv_cut_off_between_rows(self) -> None:
        text = self.refused(self.copy("results.csv", lambda text: text[: text.rindex("zero") - 1]))
        self.assertRegex(text, r"results\.csv:168: cut off")

    def test_a_csv_without_its_last_row(self) -> None:
        text = self.refused(self.copy("results.csv", lambda text: text[: text.rindex("zero")]))
        self.assertRegex(text, r"results\.csv:168: 167 rows, but runs.jsonl has 168 runs")

    def test_an_unknown_site(self) -> None:
        change = lambda text: text.replace('"send_copy"', '"sand_copy"')
        self.assertRegex(
            self.refused(self.copy("runs.jsonl", change)), r"jsonl:157: unknown site 'sand_copy'"
        )

    def test_an_empty_run(self) -> None:
        self.assertRegex(self.refused(self.copy("runs.jsonl", lambda text: "")), r"jsonl: empty")

    def test_an_empty_document(self) -> None:
        path = self.directory / "empty.json"
        path.write_text('{"schema": "harness.ledger/1", "runs": []}')
        self.assertRegex(self.refused(path), r"empty\.json:1: empty")

    def test_a_document_cut_off(self) -> None:
        path = self.directory / "short.json"
        path.write_text(VETH.read_text()[:5000])
        self.assertRegex(self.refused(path), r"short\.json:\d+: not JSON, or cut off")

    def test_a_row_without_what_is_needed(self) -> None:
        change = lambda text: text.replace('"threads":1,', "", 1)
        self.assertRegex(
            self.refused(self.copy("runs.jsonl", change)), r"jsonl:1: a run without 'threads'"
        )

    def test_a_value_of_the_wrong_kind(self) -> None:
        """Of what is not always there, too: in one line, and not when it is used."""
        cases = {
            '"throughput_gbps":"fast"': r'"throughput_gbps":[0-9.]+',
            '"latency_us":7': r'"latency_us":\{[^}]*\}',
            '"cpu_seconds":[1]': r'"cpu_seconds":\{[^}]*\}',
            '"task_clock_ns":true': r'"task_clock_ns":null',
            '"traced":"all"': r'"traced":\[\]',
        }
        for new, old in cases.items():
            with self.subTest(new):
                directory = self.copy("runs.jsonl", lambda text: re.sub(old, new, text, count=1))
                text = self.refused(directory)
                self.assertRegex(text, rf"runs\.jsonl:1: .*{new.split(chr(34))[1]}.* must be ")
                shutil.rmtree(directory)

    def test_no_text(self) -> None:
        directory = self.copy("runs.jsonl", lambda text: text)
        with (directory / "runs.jsonl").open("ab") as file:
            file.write(b"\xff\n")
        self.assertRegex(self.refused(directory), r"runs\.jsonl:169: not text")

    def test_an_environment_that_is_none(self) -> None:
        for text in ("[]", '{"environment": 3}'):
            with self.subTest(text):
                directory = self.copy("environment.json", lambda _: text)
                self.assertRegex(self.refused(directory), r"environment\.json:1: the environment")
                shutil.rmtree(directory)

    def test_no_such_directory(self) -> None:
        self.assertRegex(self.refused(self.directory / "none"), "none: no such file or directory")

    def test_invalid_rows_are_left_out_and_named(self) -> None:
        def change(text: str) -> str:
            lines = text.splitlines()
            run = json.loads(lines[4])
            run |= {"valid": False, "why_invalid": ["send residual 12"]}
            lines[4] = json.dumps(run)
            return "\n".join(lines) + "\n"

        data = load([self.copy("runs.jsonl", change)])
        self.assertEqual(len(data.runs), 167)
        self.assertEqual(len(data.invalid), 1)
        self.assertRegex(
            data.invalid[0], r"runs\.jsonl:5: zero_copy over lo, 4096 bytes.*residual 12"
        )

    def test_only_invalid_rows(self) -> None:
        change = lambda text: text.replace('"valid":true', '"valid":false')
        self.assertRegex(self.refused(self.copy("runs.jsonl", change)), "no valid run")

    def test_an_invalid_run_of_a_document_has_its_line(self) -> None:
        for source in (VETH, NIC):  # one with a section on transports before its runs, one without
            with self.subTest(source.name):
                path = self.directory / "one.json"
                path.write_text(source.read_text().replace('"valid": true', '"valid": false', 1))
                text = load([path]).invalid[0]
                line = int(re.search(r"one\.json:(\d+):", text).group(1))  # type: ignore
                lines = path.read_text().splitlines()
                self.assertIn('"transport": "two_copy"', lines[line - 1])
                self.assertIn('"path": ', lines[line])

    def test_a_run_of_no_messages_is_left_out_and_named(self) -> None:
        def change(text: str) -> str:
            lines = text.splitlines()
            run = json.loads(lines[0]) | {"messages": 0, "payload_bytes": 0, "throughput_gbps": 0}
            return "\n".join([json.dumps(run), *lines[1:]]) + "\n"

        data = load([self.copy("runs.jsonl", change)])
        self.assertEqual(len(data.runs), 167)
        self.assertRegex(data.invalid[0], r"runs\.jsonl:1: one_copy .*: no payload arrived")

    def test_a_document_carries_the_table_of_sites(self) -> None:
        command = [HARNESS, "--trace", "none", "--transport", "one_copy", "--messages", "1", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        path = self.directory / "now.json"
        path.write_text(done.stdout)
        before = dict(SITES)
        SITES.clear()
        self.addCleanup(lambda: (SITES.clear(), SITES.update(before)))
        self.assertEqual(len(load([path]).runs), 1)
        self.assertEqual(SITES, before)

    def test_sites_that_the_program_exports_are_taken(self) -> None:
        before = dict(SITES)
        self.addCleanup(lambda: (SITES.clear(), SITES.update(before)))
        rows = [
            {"site": s.name, "cpu_copy": s.cpu_copy, "side": s.side, "meaning": s.words, "function": s.function}
            for s in before.values()
        ]
        rows.append({"site": "new_copy", "cpu_copy": True, "side": "sender", "meaning": "a new one"})
        document = json.loads(VETH.read_text())
        document["environment"]["sites"] = rows
        document["runs"][0]["sites"]["new_copy"] = {"bytes": 1, "calls": 1, "evidence": "exact"}
        path = self.directory / "new.json"
        path.write_text(json.dumps(document))
        self.assertEqual(len(load([path]).runs), 4)
        self.assertEqual(parts("kernel_copies")[-1], "new_copy")
        self.assertEqual(SITES["send_copy"].function, "tcp_sendmsg")  # what is not exported stays known
        document["environment"]["sites"] = [{"site": "x", "cpu_copy": 1}]
        path.write_text(json.dumps(document))
        self.assertRegex(self.refused(path), r"new\.json: 'cpu_copy' of site 'x' must be true or false")
