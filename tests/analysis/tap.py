# SPDX-License-Identifier: GPL-2.0
"""Runs the tests of the analysis and says TAP."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent.parent / "analysis"), str(HERE)]


class Tap(unittest.TestResult):
    """A line a test; a test with failed subtests is one that failed."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.subtests: list[str] = []

    def say(self, test: unittest.TestCase, ok: bool, detail: str = "", suffix: str = "") -> None:
        self.count += 1
        name = test.id().replace("#", "")
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}{suffix}", flush=True)
        for line in detail.splitlines():
            print(f"# {line}")

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self.subtests = []

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.say(test, True)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self.say(test, True, suffix=f" # SKIP {reason}")

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self.say(test, False, self.failures[-1][1])

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self.say(test, False, self.errors[-1][1])

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.subtests.append(subtest.id())

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        if self.subtests:
            self.say(test, False, "\n".join(self.subtests))


def main() -> int:
    suite = unittest.defaultTestLoader.discover(str(HERE), "test_*.py")
    print(f"1..{suite.countTestCases()}")
    result = Tap()
    suite.run(result)
    return 0 if result.wasSuccessful() and result.count else 1


if __name__ == "__main__":
    sys.exit(main())
