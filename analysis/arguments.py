# SPDX-License-Identifier: GPL-2.0
"""A parser of options: an error is one line, with the nearest valid option."""

from __future__ import annotations

import argparse
import difflib
import os
import re
import signal
import sys
from typing import Any, Callable, NoReturn

USAGE, CANNOT = 2, 77

if sys.version_info < (3, 11):  # tomllib
    print(f"harness: verify and report need Python 3.11, and this is {sys.version.split()[0]}", file=sys.stderr)
    sys.exit(CANNOT)


# signals that end a command, unless the caller ignores them
ENDINGS = [each for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) != signal.SIG_IGN]

for each in ENDINGS:
    signal.signal(each, signal.SIG_DFL)  # until run(): the imports take a second, and there is nothing to remove
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # the harness blocks it


def interrupt(number: int, _: object) -> NoReturn:
    raise KeyboardInterrupt(number)


def status_of(interruption: KeyboardInterrupt) -> int:
    return 128 + (interruption.args[0] if interruption.args else signal.SIGINT)


def run(name: str, main: Callable[[list[str]], int]) -> NoReturn:
    """Runs a command, with no traceback at Ctrl-C, a full disk or `| head`; temporary folders are removed."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    status: Any = CANNOT
    try:
        for number in ENDINGS:
            signal.signal(number, interrupt)
        try:
            status = main(sys.argv[1:])
        except SystemExit as exit:
            status = exit.code or 0
        sys.stdout.flush()
    except KeyboardInterrupt as interruption:
        status = status_of(interruption)
    except OSError as error:
        print(f"harness {name}: {error.filename or 'standard output'}: {error.strerror}", file=sys.stderr)
        status = 1
    os._exit(status)  # the exit must not try to write the rest again


class Parser(argparse.ArgumentParser):
    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        unknown = re.match(r"unrecognized arguments: (--[\w-]+)", message)
        names = re.findall(r"^ +(?:-\w, )?(--[\w-]+)", self.format_help(), re.MULTILINE)
        near = difflib.get_close_matches(unknown[1], names, 1) if unknown else []
        if unknown:
            message = f"unknown option '{unknown[1]}'"
            message += f"; did you mean '{near[0]}'?" if near else f"; {self.prog} --help lists them"
        self.exit(USAGE, f"{self.prog}: {message}\n")
