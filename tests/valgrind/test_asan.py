#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""A program that is built with AddressSanitizer, on the release library: it is
told of every block, and says at the call what was done to it; which faults those are
says docs/debugging.md."""
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import faults  # noqa: E402
import tap  # noqa: E402

# Of blocks of caches we say more than the sanitizer knows.
TOLD = {
    "overrun_rounding": "pointer offset 42 size 64 allocated at overrun_rounding+",
    "use_after_free_write": "pointer offset 30 size 128 allocated at use_after_free_write+",
    "double_free": "pointer offset 0 size 64 allocated at double_free+",
    "krealloc_overrun": "pointer offset 20 size 128 allocated at krealloc_overrun+",
    "wrong_cache": "slab things start",
}


def seen(t, prog, name):
    got = t.run([prog, name])
    call = got.stderr.split("@after")[0]
    t.ok(got.returncode and "ERROR: AddressSanitizer" in call, f"{name} is seen at the call", got.stderr)
    t.ok(re.search(rf"in {name} .*faults\.c:\d+", call), f"{name}: where", got.stderr)
    if name in TOLD:
        t.ok(TOLD[name] in call, f"{name}: of which object", got.stderr)


# No fault of an address, or one that no sanitizer of addresses sees.
def unseen(t, prog, name):
    got = t.run([prog, name])
    t.ok(not got.returncode and got.stderr == "@after\n", f"{name} is not seen", got.stderr)


def said_by_us(t, prog, name):
    got = t.run([prog, name])
    t.ok("BUG things" in got.stderr.split("@after")[0], f"{name} has our report", got.stderr)


def test(t):
    if not faults.can(t, "-fsanitize=address"):
        t.skip("AddressSanitizer", "the compiler has none")
        return
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0:detect_stack_use_after_return=0"
    prog = faults.build(t, "faults", "-fsanitize=address")
    cells = faults.cells()
    for name in faults.names(t, prog):
        if name == "cache_left":
            said_by_us(t, prog, name)
        elif cells.get(name, {}).get("ASan") == "call":
            seen(t, prog, name)
        else:
            unseen(t, prog, name)
    got = t.run([prog, "use_after_free_write"], env={**os.environ, "ASAN_OPTIONS": "allow_user_poisoning=0"})
    t.same(got.returncode, 0, "who wants no poisoning has none")


tap.main(test)
