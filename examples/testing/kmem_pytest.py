# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""A pytest plugin in one file: programs that are run with limits.

    pytest -p kmem_pytest        (with this folder in PYTHONPATH)

    def test_parser(kmem_run):
        got = kmem_run("./parser", "big.txt", peak="16M", allocations=20000)
        assert "done" in got.stdout

kmem_run() fails the test when the program breaks a limit or ends with another
status than 0, and shows the report; what it returns has stdout, stderr, and of
each allocator in the program its numbers in .cases.  The kmem command is $KMEM,
or the one in PATH."""
import os
import re
import subprocess

import pytest

BROKEN = 99
LINE = re.compile(r"kmem: test process (\d+)( \(malloc\))?: (\d+) allocations, (\d+) failed, "
                  r"(\d+) bytes at the peak, (\d+) blocks of (\d+) bytes left$", re.M)
KEYS = ("pid", "malloc", "allocations", "failed", "peak", "leaks", "leaked_bytes")


class Result:
    def __init__(self, done):
        self.stdout = done.stdout
        self.stderr = done.stderr
        self.returncode = done.returncode
        self.cases = [dict(zip(KEYS, (int(m[1]), bool(m[2]), *map(int, m.groups()[2:]))))
                      for m in LINE.finditer(done.stderr)]


@pytest.fixture
def kmem_run():
    def run(*command, leaks=None, peak=None, allocations=None, status=0, **more):
        words = [os.environ.get("KMEM", "kmem"), "test"]
        for name, limit in (("leaks", leaks), ("peak", peak), ("allocations", allocations)):
            if limit is not None:
                words += [f"--{name}", str(limit)]
        done = subprocess.run([*words, "--", *map(str, command)], capture_output=True, text=True,
                              check=False, **more)
        if done.returncode == BROKEN:
            pytest.fail(done.stderr, pytrace=False)
        if done.returncode != status:
            pytest.fail(f"status {done.returncode}, not {status}\n{done.stderr}", pytrace=False)
        got = Result(done)
        if not got.cases:
            pytest.fail("the program ended by _exit() or closed its stderr: nothing was measured", pytrace=False)
        return got
    return run
