# SPDX-License-Identifier: GPL-2.0
"""
Under sudo: the analysis in a process of the user that called sudo. Its parent stays root's, runs the harness for
it, and does nothing else.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
from typing import Any, Callable, TextIO

import measure
import owned
from arguments import ENDINGS, USAGE

PR_SET_NO_NEW_PRIVS = 38
# What a run may be asked for. None names a file.
OPTIONS = {
    "attach", "cpus", "json", "messages", "mode", "path", "port", "prove", "repeat", "seconds", "size", "threads",
    "trace", "transport", "warm-up", "without"
}  # fmt: skip


def as_caller(work: Callable[[], int]) -> int:
    """The status of the work, which is done by the user that called sudo, or by this one if there is none."""
    user = owned.caller()
    if not user:
        return work()
    here, there = socket.socketpair()
    child = os.fork()
    if child:
        there.close()
        serve(here.makefile("rw"), child)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256
    here.close()
    become(*user)
    requests = there.makefile("rw")
    measure.execute = lambda command: ask(requests, command)
    return work()


def become(user: int, group: int) -> None:
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def send(to: TextIO, message: Any) -> None:
    json.dump(message, to)
    to.write("\n")
    to.flush()


def ask(requests: TextIO, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Has the parent run it. An interruption ends the harness, whose status then ends this process, too."""
    before = {each: signal.signal(each, lambda *_: None) for each in ENDINGS}
    try:
        send(requests, command[2:])
        answer = requests.readline()
        status, out, err = json.loads(answer) if answer else (1, "", "root's process has ended")
        return subprocess.CompletedProcess(command, status, out, err)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def is_allowed(option: Any) -> bool:
    return isinstance(option, str) and option.startswith("--") and option[2:].split("=")[0] in OPTIONS


def serve(requests: TextIO, child: int) -> None:
    """Runs what the child asks for, until that ends. A terminal's signals reach the child by themselves."""
    signal.signal(signal.SIGINT, lambda *_: None)
    for each in set(ENDINGS) - {signal.SIGINT}:
        signal.signal(each, lambda number, _: os.kill(child, number))
    signal.signal(signal.SIGCHLD, lambda *_: end_with(child))
    for line in requests:
        options = json.loads(line)
        if isinstance(options, list) and all(map(is_allowed, options)):
            done = measure.run_to_end([measure.harness(), "run", *options])
            answer = done.returncode, done.stdout, done.stderr
        else:
            answer = USAGE, "", f"not an option of a measurement: {options}"
        try:
            send(requests, answer)
        except BrokenPipeError:  # it was killed meanwhile
            return


def end_with(child: int) -> None:
    """Ends the run if the child has ended, and not the harness itself."""
    if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        measure.end_running()
