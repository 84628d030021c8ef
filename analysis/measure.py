# SPDX-License-Identifier: GPL-2.0
"""Runs the harness itself, with --json."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import owned
from arguments import ENDINGS
from sites import harness

CANNOT = 77


class CannotMeasure(Exception):
    """The harness gave no results; with its exit status."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(what)
        self.status = status


def run(path: str, step: dict[str, Any], into: Path, name: str) -> Path:
    """One invocation, a key of `step` an option; returns the document."""
    options = [f"--{key}={value}" for key, value in step.items()]
    command = [harness(), "run", f"--path={path}", *options, "--prove", "--json"]
    print(f"verify: {' '.join(command[1:])}", file=sys.stderr)
    done = execute(command)
    if done.returncode - 128 in ENDINGS:
        raise KeyboardInterrupt(done.returncode - 128)
    try:
        json.loads(done.stdout)
    except json.JSONDecodeError:
        lines = done.stderr.strip().splitlines()
        why = lines[-1] if lines else f"it ended with status {done.returncode}"
        status = CANNOT if done.returncode == CANNOT else 1
        raise CannotMeasure(f"the harness gave no results: {why}", status) from None
    owned.make_folder(into)
    document = into / f"{name}.json"
    owned.write(document, done.stdout)
    return document


running: list[subprocess.Popen[str]] = []  # the harness, while it runs


def end_with_parent() -> None:
    """Ends the harness when this process ends, even if it is killed (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def run_to_end(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Leaves an interruption to the harness: it removes what it set up and ends with 128 and the signal."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=end_with_parent
    ) as process:
        running.append(process)
        before = {each: signal.signal(each, lambda number, _: process.send_signal(number)) for each in ENDINGS}
        try:
            out, err = outputs(process)
            return subprocess.CompletedProcess(command, process.returncode, out, err)
        finally:
            running.clear()
            for each, handler in before.items():
                signal.signal(each, handler)


def outputs(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wakes each second: Python handles a signal that comes just before it waits only when it wakes."""
    while True:
        try:
            return process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            pass


execute: Callable[[list[str]], subprocess.CompletedProcess[str]] = run_to_end  # or as separate.py has it


def end_running() -> None:
    for process in running:
        process.terminate()


def processors() -> int:
    return len(os.sched_getaffinity(0))


def fitting(step: dict[str, Any]) -> dict[str, Any] | None:
    """The step without numbers of threads that this machine has too few processors for."""
    counts = str(step.get("threads", "1")).split(",")
    kept = [count for count in counts if int(count) <= processors()]
    if kept != counts:
        left_out = ",".join(count for count in counts if count not in kept)
        what = f"threads {left_out} left out, for want of processors: there are {processors()}"
        print(f"verify: {what}", file=sys.stderr)
    return step | {"threads": ",".join(kept)} if kept else None


def run_plan(plan: list[dict[str, Any]], paths: list[str], into: Path) -> list[Path]:
    """Runs every step on every path, and prints the time left, from the seconds of the steps."""
    steps = [step for step in map(fitting, plan) if step]
    left = sum(map(seconds, steps)) * len(paths)
    documents = []
    for path in paths:
        for number, step in enumerate(steps, 1):
            show_left(left)
            documents.append(run(path, step, into, f"{path.split(':')[0]}-{number}"))
            left -= seconds(step)
    return documents


def show_left(left: float, at_most: bool = False) -> None:
    """As user/output/progress.c has it."""
    time = f"{left:.0f} s" if left < 90 else f"{left / 60:.0f} min" if left < 5400 else f"{left / 3600:.1f} h"
    print(f"verify: {'at most ' if at_most else ''}about {time} left", file=sys.stderr)


STARTING = 0.13  # seconds that a run takes besides its traffic, on two processors


def seconds(step: dict[str, Any]) -> float:
    """About how long a step takes."""
    grid = 1
    for key, default in (("transport", 4), ("size", 1), ("threads", 1)):
        grid *= len(str(step[key]).split(",")) if key in step else default
    return grid * int(step.get("repeat", 1)) * (float(step["seconds"]) + STARTING)
