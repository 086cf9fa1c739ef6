#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""A program that is built with ThreadSanitizer, on the release library: a race in
one of our blocks is reported, and a block that changes hands by way of the
allocator is none."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import faults  # noqa: E402
import tap  # noqa: E402

RACE = "WARNING: ThreadSanitizer: data race"


def test(t):
    os.environ.pop("TSAN_OPTIONS", None)
    if not faults.can(t, "-fsanitize=thread"):
        t.skip("ThreadSanitizer", "the compiler has none")
        return
    prog = faults.build(t, "faults", "-fsanitize=thread")
    for name in ("race", "race_with_free"):
        got = t.run([prog, name])
        call = got.stderr.split("@after")[0]
        t.ok(RACE in call and " write_shared " in call and f" {name} " in call, f"{name}: where", got.stderr)
    got = t.run([prog, "none"])
    t.same((got.returncode, got.stderr), (0, "@after\n"), "a sound program is quiet")
    got = t.run([prog, "wrong_cache"])
    t.ok("object belongs to different cache" in got.stderr, "our own reports are made", got.stderr)
    prog = faults.build(t, "threads", "-fsanitize=thread", source="tests/valgrind/threads.c")
    got = t.run([prog])
    t.same((got.returncode, got.stdout, got.stderr), (0, "done\n", ""), "threads that share the allocator alone")


tap.main(test)
