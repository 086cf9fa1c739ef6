#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Runs one death test and compares all it printed with what it had to print.

  run.py EXE SOURCE [LIBRARY]

SOURCE says what: see expect.py.  LIBRARY is loaded before the program's own.
The result is TAP and the exit status is 0 or 1.
"""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.dont_write_bytecode = True
import expect  # noqa: E402


def environment(want, library):
    env = dict(os.environ)
    env.pop("KMEM_OPTIONS", None)
    env.pop("LD_PRELOAD", None)
    options = [want.options, env.get("KMEM_TEST_OPTIONS")]
    if any(options):
        env["KMEM_OPTIONS"] = ",".join(filter(None, options))
    if library:
        env["LD_PRELOAD"] = os.path.abspath(library)
    return env


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    exe, source = sys.argv[1:3]
    name = os.path.basename(source).removesuffix(".c")
    print("TAP version 13\n1..1")
    want = expect.Expected(source)
    done = subprocess.run(
        [os.path.abspath(exe)],
        env=environment(want, sys.argv[3] if sys.argv[3:] else None),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    if done.returncode == 77:
        print(f"ok 1 - {name} # SKIP {done.stdout.decode().strip()}")
        return 0
    got = done.stderr.decode(errors="replace")
    bad = want.faults(done.returncode, got)
    print(("not ok" if bad else "ok") + f" 1 - {name}")
    if bad:
        for line in bad + ["expected:"] + want.lines:
            print("# " + line)
        print("# got:")
        for line in (done.stdout.decode(errors="replace") + got).splitlines():
            print("# " + line)
    return 1 if bad else 0


sys.exit(main())
