# SPDX-License-Identifier: GPL-2.0
"""The commands of the program, from the shell."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from xml.etree import ElementTree

import measure
import reasons
from breakeven import find, ratios
from claims import VERDICTS
from common import HARNESS, LO, ROOT, VETH, Files
from load import load

GIVEN = ("--out", str(LO), "--out", str(VETH))


def run(*arguments: str, program: Path = HARNESS) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def each_run_has_the_time_left(lines: str) -> bool:
    shown = [line for line in lines.splitlines() if "left out" not in line and " look " not in line]
    pairs = list(zip(shown[::2], shown[1::2], strict=True))
    left = re.compile(r"verify: (at most )?about \d+ (s|min) left")
    return all(left.fullmatch(a) and b.startswith("verify: run ") for a, b in pairs)


class Left(unittest.TestCase):
    def test_the_time_left_is_in_the_unit_that_suits_it(self) -> None:
        for seconds, text in ((42.4, "42 s"), (89, "89 s"), (600, "10 min"), (7200, "2.0 h")):
            with contextlib.redirect_stderr(io.StringIO()) as shown:
                measure.show_left(seconds)
            self.assertEqual(shown.getvalue(), f"verify: about {text} left\n")


class Command(Files):
    def test_verify_as_json(self) -> None:
        done = run("verify", *GIVEN, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        document = json.loads(done.stdout)
        self.assertEqual(document["schema"], "harness.claims/2")
        first = document["claims"][0]
        self.assertEqual((first["id"], first["verdict"], first["measured"]), ("R1.a", "REFUTED", 2))
        for key in ("report", "path", "evidence", "why"):
            self.assertTrue(first[key])
        facts, measured, claimed = first["reasons"]
        self.assertEqual((facts["code"], facts["sums"][0]["value"]), ("facts", 3))
        self.assertEqual((measured["code"], measured["value"], measured["terms"]),
                         ("measured", 2, {"+ kernel_copies": 2, "+ dma": 0}))  # fmt: skip
        self.assertEqual((claimed["code"], claimed["value"]), ("claimed", 4))
        self.assertEqual("; ".join(reason["text"] for reason in first["reasons"]), first["why"])
        lacking = next(c for c in document["claims"] if c["id"] == "R4.a")
        self.assertEqual([r["code"] for r in lacking["reasons"]], ["no_run_over", "takes"])
        self.assertEqual(lacking["reasons"][1]["remedy"], {"code": "remedy_nic", "text": lacking["remedy"]})

    def test_verify_as_table(self) -> None:
        done = run("verify", *GIVEN)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"(?m)^R3\.c +REFUTED +1  \S")
        counts = re.findall(r"(\d+) (CONFIRMED|REFUTED|UNDECIDED|NOT TESTABLE HERE)", done.stdout.splitlines()[-1])
        self.assertEqual([word for _, word in counts], list(VERDICTS))
        for count, word in counts:
            self.assertEqual(len(re.findall(rf"(?m)^R\S+ +{word} ", done.stdout)), int(count))
        self.assertIn(str(reasons.remedy("nic")), " ".join(done.stdout.split()))

    def test_the_table_fits_the_terminal(self) -> None:
        for columns in ("80", "120"):
            environment = os.environ | {"COLUMNS": columns}
            command = [HARNESS, "verify", *GIVEN, "--break-even"]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            self.assertLessEqual(max(map(len, done.stdout.splitlines())), int(columns))
            self.assertIn("(4.8x, 2.74x, 1.63x)", " ".join(done.stdout.split()))
            self.assertRegex(done.stdout.splitlines()[-1], r"^\d+ CONFIRMED, .* NOT TESTABLE HERE$")

    def test_decide_repeats_what_is_undecided_until_it_is_decided(self) -> None:
        """With a program of known speeds: 6 repeats decide nothing among several, the next look does."""
        claims = self.directory / "claims.toml"
        claims.write_text(
            '[[plan.quick]]\ntrace = "none"\nsize = "1K,4K"\nthreads = "1"\nseconds = 0.05\nrepeat = 6\n'
            '[[claim]]\nid = "X"\nreport = "X"\nsays = "one_copy is faster at 4 KiB"\npath = "lo"\n'
            'tests = [{ measure = "one_copy.throughput / two_copy.throughput", '
            'compare = ">", value = 1, size = "4000" }]\n'
        )

        def verify(*options: str) -> tuple[str, str]:
            environment = os.environ | {"HARNESS": str(ROOT / "tests" / "analysis" / "fake_harness.py")}
            command = ["/usr/bin/python3", "-B", str(ROOT / "analysis" / "verify.py"), "--quick", "--path", "lo"]
            command += ["--claims", str(claims), *options]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            return done.stdout.splitlines()[-1], done.stderr

        self.assertIn("1 CONFIRMED", verify()[0])  # one comparison takes 6
        last, steps = verify("--decide")  # four looks at one take 8
        self.assertIn("1 CONFIRMED", last)
        self.assertIn("look 2 of 4: 1 place undecided", steps)
        self.assertNotIn("look 3 of 4", steps)
        self.assertTrue(each_run_has_the_time_left(steps), steps)

    def test_expectations_and_junit(self) -> None:
        expected = self.directory / "expected"
        junit = self.directory / "junit.xml"
        expected.write_text("R1.a REFUTED\nR2.b CONFIRMED\n")
        self.assertEqual(run("verify", *GIVEN, "--expect", str(expected)).returncode, 0)
        expected.write_text("R1.a CONFIRMED\n")
        done = run("verify", *GIVEN, "--expect", str(expected), "--junit", str(junit))
        self.assertEqual(done.returncode, 1)
        self.assertIn("R1.a: expected CONFIRMED, found REFUTED", done.stderr)
        suite = ElementTree.parse(junit).getroot()
        self.assertEqual(suite.get("failures"), "1")
        self.assertEqual(suite.find(".//failure/..").get("name"), "R1.a")  # type: ignore[union-attr]

    def test_what_came_out_is_expected_of_the_next(self) -> None:
        before = self.directory / "before.json"
        before.write_text(run("verify", *GIVEN, "--json").stdout)
        self.assertEqual(run("verify", *GIVEN, "--expect", str(before)).returncode, 0)

    def test_usage(self) -> None:
        self.assertEqual(run("verify", "--bogus").returncode, 2)
        for command, typed, meant in (("verify", "--qiuck", "--quick"), ("report", "--tp", "--to")):
            done = run(command, typed, str(LO))
            self.assertEqual(done.returncode, 2)
            self.assertEqual(
                done.stderr,
                f"harness {command}: unknown option '{typed}'; did you mean '{meant}'?\n",
            )
        self.assertEqual(run("report").returncode, 2)
        self.assertEqual(run("verify", "--out", str(self.directory / "none")).returncode, 2)

    def test_help_needs_no_packages(self) -> None:
        """-S hides them; the man page of a package build is made without them."""
        script = ["/usr/bin/python3", "-B", "-S", str(ROOT / "analysis" / "report.py")]
        done = subprocess.run([*script, "--help"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_an_invalid_run_shows_in_the_status(self) -> None:
        change = lambda text: text.replace('"valid":true', '"valid":false', 1)
        done = run("verify", "--out", str(self.copy("runs.jsonl", change)))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"runs\.jsonl:1: .* is invalid and left out")
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_without_the_scripts_one_line(self) -> None:
        alone = self.directory / "harness"
        shutil.copy(HARNESS, alone)
        done = run("verify", program=alone)
        self.assertEqual(done.returncode, 77)
        self.assertRegex(
            done.stderr, r"^harness verify: analysis/verify\.py: .*beside the program, or .*\n$"
        )

    def test_the_sweep_runs_sizes_around_the_crossing(self) -> None:
        """With a program of known speeds in the harness's place: it crosses at 3000 bytes."""
        kept = self.directory / "kept"
        environment = os.environ | {"HARNESS": str(ROOT / "tests" / "analysis" / "fake_harness.py")}
        verify = str(ROOT / "analysis" / "verify.py")
        command = ["/usr/bin/python3", "-B", verify, "--path", "lo", "--break-even", "--keep"]
        done = subprocess.run([*command, kept], env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(each_run_has_the_time_left(done.stderr), done.stderr)
        data = load([kept])
        found = find(ratios(data, "lo", "one_copy", "two_copy", "throughput"))
        self.assertEqual(found.kind, "crosses")
        self.assertTrue(2000 < found.low < 3000 < found.high < 4500, found)
        self.assertAlmostEqual(found.size, 3000, delta=60)

    def test_a_harness_that_cannot_measure(self) -> None:
        fails = self.directory / "fails"
        fails.write_text(f'#!/bin/sh\n[ "$1" != doctor ] || exec {ROOT}/harness "$@"\nexit 1\n')
        fails.chmod(0o755)
        for program, words in (
            (str(fails), "the harness gave no results: it ended with status 1"),
            ("/bin/false", "the table of sites"),
        ):
            command = ["/usr/bin/python3", "-B", str(ROOT / "analysis" / "verify.py"), "--quick"]
            done = subprocess.run(
                command, env=os.environ | {"HARNESS": program}, capture_output=True, text=True
            )
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)

    def test_interrupted_it_waits_for_the_harness_and_is_one_line(self) -> None:
        """Whether both get the signal, as from a terminal, or verify alone."""
        slow, started, ended = (self.directory / name for name in ("slow", "started", "ended"))
        slow.write_text(
            f'#!/bin/bash\n[ "$1" != doctor ] || exec {HARNESS} "$@"\n'
            f"trap 'kill $!; sleep 0.3; touch {ended}; exit 130' INT\n"
            f"trap 'kill $!; sleep 0.3; touch {ended}; exit 143' TERM\nsleep 60 > /dev/null 2>&1 &\n"
            f"touch {started}\nwait\n"
        )
        slow.chmod(0o755)
        command = ["/usr/bin/python3", "-B", str(ROOT / "analysis" / "verify.py"), "--quick", "--keep", "kept"]
        for kill, number in ((os.kill, signal.SIGINT), (os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)):
            started.unlink(missing_ok=True)
            ended.unlink(missing_ok=True)
            verify = subprocess.Popen(command, env=os.environ | {"HARNESS": str(slow)}, stderr=subprocess.PIPE,
                                      text=True, cwd=self.directory, start_new_session=True)  # fmt: skip
            while not started.exists() and verify.poll() is None:
                time.sleep(0.02)
            kill(verify.pid, number)
            last = verify.communicate()[1].splitlines()[-1]
            self.assertEqual(last, "harness verify: interrupted: verify --out kept judges what was run")
            self.assertEqual((verify.returncode, ended.exists()), (128 + number, True))

    def test_killed_it_takes_the_harness_along(self) -> None:
        slow, started, ended = (self.directory / name for name in ("slow", "started", "ended"))
        slow.write_text(
            f'#!/bin/bash\n[ "$1" != doctor ] || exec {HARNESS} "$@"\n'
            f"trap 'kill $!; touch {ended}; exit 143' TERM\nsleep 60 > /dev/null 2>&1 &\ntouch {started}\nwait\n"
        )
        slow.chmod(0o755)
        command = ["/usr/bin/python3", "-B", str(ROOT / "analysis" / "verify.py"), "--quick", "--keep", "kept"]
        verify = subprocess.Popen(command, env=os.environ | {"HARNESS": str(slow)}, stderr=subprocess.DEVNULL,
                                  cwd=self.directory)  # fmt: skip
        while not started.exists() and verify.poll() is None:
            time.sleep(0.02)
        verify.kill()
        verify.wait()
        for _ in range(250):
            if not ended.exists():
                time.sleep(0.02)
        self.assertTrue(ended.exists())

    def test_a_signal_at_any_moment_makes_no_traceback_and_leaves_no_folder(self) -> None:
        temporary, home = (self.directory / name for name in ("temporary", "home"))
        home.mkdir()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for delay in (0.05, 0.3, 0.8, 1.2):
                temporary.mkdir(exist_ok=True)
                environment = os.environ | {"TMPDIR": str(temporary), "HOME": str(home)}
                report = subprocess.Popen([HARNESS, "report", str(LO), "--to", str(self.directory / "to")],
                                          env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                          text=True)  # fmt: skip
                time.sleep(delay)
                report.send_signal(number)
                lines = report.communicate()[1]
                self.assertIn(report.returncode, (-number, 128 + number, 0))
                self.assertEqual(lines, "")
                self.assertEqual([*temporary.iterdir(), *home.iterdir()], [])

    def test_it_reads_and_leaves_nothing_in_the_home_and_the_folder_of_its_caller(self) -> None:
        here, temporary, home = (self.directory / name for name in ("here", "temporary", "home"))
        for folder in (here, temporary, home):
            folder.mkdir()
        (here / "matplotlibrc").write_bytes(b"\xff\n")
        (here / "fc-list").write_text("#!/bin/sh\ntouch ran\n")
        (here / "fc-list").chmod(0o755)
        (home / "matplotlibrc").write_bytes(b"\xff\n")
        before = sorted(self.directory.rglob("*"))
        caller = {"HOME": str(home), "TMPDIR": str(temporary), "MATPLOTLIBRC": str(home), "PATH": f"{here}:/bin"}
        caller |= {name: str(home) for name in ("MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
        with tempfile.TemporaryDirectory() as to:
            for command in (["report", str(LO), "--to", to], ["verify", "--out", str(LO), "--junit", f"{to}/junit"]):
                done = subprocess.run([HARNESS, *command], env=caller, cwd=here, capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(sorted(self.directory.rglob("*")), before)

    def test_without_a_folder_for_temporary_files_it_ends_with_a_line(self) -> None:
        command = "for i in /tmp /var/tmp; do mount -t tmpfs -o ro none $i || exit; done; cd /sys; "
        command += f"{HARNESS} report {LO} --to /dev/shm/report"
        done = subprocess.run(["unshare", "--mount", "sh", "-c", command], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (77, ""))
        self.assertRegex(done.stderr, "^harness report: No usable temporary directory found.*\n$")

    def test_report(self) -> None:
        to = self.directory / "to"
        done = run("report", str(LO), "--to", str(to))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue((to / "page.html").stat().st_size > 10000)
