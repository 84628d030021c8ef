# SPDX-License-Identifier: GPL-2.0
"""What --prove found, as verify and the page show it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import report
import verdicts
from common import HARNESS, LO, VETH, Files
from load import BadInput, load
from proofs import Proof, by_site

PAGES = "pages of the socket's own in the packets that left"


def part(site: str, counted: int | None, effect: int | None, why: str | None = None) -> dict[str, Any]:
    equal = None if counted is None else counted == effect
    return {"site": site, "by": PAGES, "counted_bytes": counted, "proved_bytes": effect, "equal": equal, "why": why}


class Proofs(Files):
    def kept(self, one_copy: int) -> Path:
        """The recorded runs of veth with proofs of two transports."""
        document = json.loads(VETH.read_text())
        document["proofs"] = [
            {"transport": "two_copy", "sites": [part("send_copy", 4096, 4096), part("send_pin", 0, 0),
                                                part("receive_copy", None, None, "f: no kprobes")]},
            {"transport": "one_copy", "sites": [part("send_copy", 4096, one_copy), part("send_pin", 0, 0),
                                                part("receive_copy", None, None, "f: no kprobes")]},
        ]  # fmt: skip
        document["user_memcpy_check"] = [
            {"transport": "two_copy", "self_reported_bytes": 4096, "uprobe_bytes": 4096, "calls": 512,
             "equal": True, "why": None}
        ]  # fmt: skip
        path = self.directory / "veth.json"
        path.write_text(json.dumps(document))
        return path

    def test_a_row_a_site_with_the_sum_of_the_transports(self) -> None:
        found = by_site(load([self.kept(4096)]).proofs)
        self.assertEqual(
            [(p.site, p.counted, p.effect, p.found.code) for p in found],
            [
                ("user_memcpy", 4096, 4096, "equal"),
                ("send_copy", 8192, 8192, "equal"),
                ("send_pin", None, None, "unproved"),
                ("receive_copy", None, None, "unproved"),
            ],
        )
        self.assertEqual((found[1].found["function"], found[1].found["by"]), ("tcp_sendmsg", PAGES))
        self.assertEqual(found[3].found["why"], "f: no kprobes")

    def test_errors_that_cancel_are_not_equal(self) -> None:
        rows = [Proof("lo", "send_copy", PAGES, 10, 20, False), Proof("lo", "send_copy", PAGES, 20, 10, False)]
        self.assertEqual(by_site(rows)[0].equal, False)

    def test_verify_has_a_line_for_each_and_a_status_where_one_is_not_equal(self) -> None:
        for one_copy, status, line in (
            (4096, 0, "veth send_copy 8,192 8,192 "),
            (4000, 1, "veth send_copy 8,192 8,096 "),
        ):
            command = [HARNESS, "verify", "--out", self.kept(one_copy)]
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, status)
            self.assertIn(line, " ".join(done.stdout.split()))
            self.assertEqual(len(done.stderr.splitlines()), status)

    def test_the_document_of_verify_has_them(self) -> None:
        document = verdicts.as_json([], load([self.kept(4096)]))
        self.assertIn(
            {"path": "veth", "site": "send_copy", "by": PAGES, "counted": 8192, "effect": 8192, "equal": True,
             "why": "", "function": "tcp_sendmsg", "code": "equal"},
            document["proofs"],
        )  # fmt: skip
        self.assertEqual(verdicts.as_json([], load([LO]))["proofs"], [])

    def test_the_page_has_a_table_of_them(self) -> None:
        self.assertEqual(report.main([str(self.kept(4096)), "--to", str(self.directory)]), 0)
        page = (self.directory / "page.md").read_text()
        self.assertRegex(page, rf"\| veth \| send_copy \| 8,192 \| 8,192 \| .*\(tcp_sendmsg; {PAGES}\) \|")

    def test_those_of_a_folder_are_read(self) -> None:
        folder = self.copy("environment.json", lambda text: text)
        document = json.loads(self.kept(4096).read_text())
        kept = {key: document[key] for key in ("proofs", "user_memcpy_check")}
        (folder / "proofs.json").write_text(json.dumps({"schema": "harness.proofs/1"} | kept))
        data = load([folder])
        self.assertEqual([(p.path, p.site) for p in by_site(data.proofs)][:2],
                         [("lo", "user_memcpy"), ("lo", "send_copy")])  # fmt: skip
        self.assertIn(folder / "proofs.json", data.files)
        (folder / "proofs.json").write_text("[]")
        with self.assertRaisesRegex(BadInput, "proofs.json: its proofs are not as"):
            load([folder])

    def test_what_are_no_proofs_is_one_line(self) -> None:
        path = self.kept(4096)
        for old, new in (('"counted_bytes": 4096', '"counted_bytes": "many"'), ('"equal"', '"same"')):
            self.kept(4096)
            path.write_text(path.read_text().replace(old, new))
            with self.assertRaisesRegex(BadInput, "its proofs are not as docs/schema/proofs.json has them"):
                load([path])
