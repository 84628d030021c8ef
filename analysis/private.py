# SPDX-License-Identifier: GPL-2.0
"""
matplotlib, while it is loaded, keeps a list of fonts in the home, starts a program that it finds by PATH, and takes
settings from the working folder. So it gets a home and a working folder of its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from typing import Iterator, NoReturn

from arguments import ENDINGS

HOMES = ("HOME", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")


def make() -> str:
    """A folder that exists until the process removes it or ends by a signal."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    folder = tempfile.mkdtemp(prefix="harness-")

    def leave(number: int, _: object) -> NoReturn:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(128 + number)

    for number in ENDINGS:
        signal.signal(number, leave)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    return folder


@contextlib.contextmanager
def within(folder: str) -> Iterator[None]:
    try:
        here = os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:  # nor can anything in it be opened
        yield
        return
    os.chdir(folder)
    try:
        yield
    finally:
        os.fchdir(here)
        os.close(here)


@contextlib.contextmanager
def home() -> Iterator[None]:
    folder = make()
    before = dict(os.environ)
    os.environ.update({name: folder for name in HOMES}, PATH="/usr/bin:/bin")
    os.environ.pop("MATPLOTLIBRC", None)
    try:
        with within(folder):
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.clear()
        os.environ.update(before)
        for number in ENDINGS:
            signal.signal(number, signal.SIG_DFL)
