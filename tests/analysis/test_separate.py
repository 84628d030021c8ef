# SPDX-License-Identifier: GPL-2.0
"""What root's process runs for the analysis: the harness, with the options of a measurement."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
import unittest
from unittest import mock

import separate
from common import Files


class Serve(Files):
    def answers(self, *requests: object) -> list[list]:
        program = self.directory / "harness"
        program.write_text('#!/bin/sh\necho "$*"\nexit 3\n')
        program.chmod(stat.S_IRWXU)
        here, there = socket.socketpair()
        with here, there, there.makefile("rw") as ours, mock.patch.dict(os.environ, HARNESS=str(program)):
            with mock.patch("signal.signal"):
                server = threading.Thread(target=separate.serve, args=(here.makefile("rw"), os.getpid()))
                server.start()
                found = []
                for request in requests:
                    separate.send(ours, request)
                    found.append(json.loads(ours.readline()))
                there.shutdown(socket.SHUT_RDWR)
                server.join()
        return found

    def test_the_options_of_a_measurement_are_run(self) -> None:
        self.assertEqual(
            self.answers(["--path=lo", "--seconds=0.1", "--json"]), [[3, "run --path=lo --seconds=0.1 --json\n", ""]]
        )

    def test_what_names_a_file_or_another_command_is_not(self) -> None:
        refused = (["--out=/etc"], ["--resume=x"], ["--btf=x"], ["report"], ["-o"], [["--json"]], "--json", {}, None)
        for status, out, err in self.answers(*refused):
            self.assertEqual((status, out), (2, ""))
            self.assertIn("not an option", err)


if __name__ == "__main__":
    unittest.main()
