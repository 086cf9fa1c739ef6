#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""LeakSanitizer, alone and as a part of AddressSanitizer, on the release library:
blocks of malloc() that ours point to are none that leak, and no others are."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import faults  # noqa: E402
import tap  # noqa: E402

LOST = "1234 byte(s) in 1 object(s)"
HELD = ("kmalloc", "a large block", "a page", "vmalloc", "kvmalloc")


def leak_of(t, prog, name, leaks):
    got = t.run([prog, name])
    if leaks:
        t.ok(got.returncode and LOST in got.stderr and "leaks.c:" in got.stderr, f"{name}: leaks", got.stderr)
    else:
        t.same((got.returncode, got.stderr), (0, ""), f"{name}: does not leak")


def test(t):
    os.environ["ASAN_OPTIONS"] = "detect_leaks=1"
    os.environ.pop("LSAN_OPTIONS", None)
    for kind in ("address", "leak"):
        flag = f"-fsanitize={kind}"
        if not faults.can(t, flag):
            t.skip(flag, "the compiler has none")
            continue
        prog = faults.build(t, f"leaks-{kind}", flag, source="tests/valgrind/leaks.c")
        t.note(flag)
        leak_of(t, prog, "malloc", True)
        for what in HELD:
            leak_of(t, prog, f"held by {what}", False)
        # alone it does not know what is freed of ours
        leak_of(t, prog, "held by what was freed", kind == "address")
        # docs/debugging.md says so
        leak_of(t, prog, "kmalloc", False)


tap.main(test)
