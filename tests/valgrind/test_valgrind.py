#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""valgrind's memcheck sees through all that allocates, in the release library."""
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import faults  # noqa: E402
import tap  # noqa: E402

ERROR = 99

INVALID = r"Invalid (read|write) of size"
NO_BLOCK = r"Invalid free\(\)"

# Fault: what memcheck must say, and of which block.
FAULTS = {
    "overrun_rounding": (INVALID, "0 bytes after a block of size 42 alloc'd"),
    "overrun": (INVALID, "0 bytes after a block of size 64 alloc'd"),
    "overread": (INVALID, "0 bytes after a block of size 64 alloc'd"),
    "underrun": (INVALID, "1 bytes before a block of size 64 alloc'd"),
    "use_after_free_read": (INVALID, "30 bytes inside a block of size 100 free'd"),
    "use_after_free_write": (INVALID, "30 bytes inside a block of size 100 free'd"),
    "double_free": (NO_BLOCK, "0 bytes inside a block of size 64 free'd"),
    "double_free_late": (NO_BLOCK, "0 bytes inside a block of size 64 free'd"),
    "free_inside": (NO_BLOCK, "inside a block of size 64 alloc'd"),
    "free_foreign": (NO_BLOCK, "data symbol"),
    "free_stack": (NO_BLOCK, "on thread 1's stack"),
    "free_junk": (NO_BLOCK, ""),
    "realloc_of_freed": (NO_BLOCK, "0 bytes inside a block of size 40 free'd"),
    "size_of_freed": (NO_BLOCK, "0 bytes inside a block of size 40 free'd"),
    "uninitialised": (r"Conditional jump or move depends on uninitialised value", "Uninitialised value was created by"),
    "large_overrun": (INVALID, "0 bytes after a block of size 100,000 alloc'd"),
    "large_use_after_free": (INVALID, "3,000 bytes inside a block of size 100,000 free'd"),
    "krealloc_overrun": (INVALID, "0 bytes after a block of size 20 alloc'd"),
    "cache_overrun": (INVALID, "0 bytes after a block of size 64 alloc'd"),
    "cache_double_free": (NO_BLOCK, "0 bytes inside a block of size 64 free'd"),
    "cache_use_after_free": (INVALID, "8 bytes inside a block of size 64 free'd"),
    "bulk_use_after_free": (INVALID, "8 bytes inside a block of size 64 free'd"),
    "wrong_cache": (NO_BLOCK, "inside a block of size 64 alloc'd"),
    "cache_free_of_kmalloc": (NO_BLOCK, "inside a block of size 64 alloc'd"),
    "rcu_overrun": (INVALID, "0 bytes after a block of size 64 alloc'd"),
    "rcu_double_free": (NO_BLOCK, "inside a block of size 64 free'd"),
    "vfree_of_kmalloc": (NO_BLOCK, "inside a block of size 100 alloc'd"),
    "kfree_of_vmalloc": (NO_BLOCK, "inside a block of size 5,000 alloc'd"),
    "kfree_of_pages": (NO_BLOCK, ""),
    "free_pages_of_kmalloc": (NO_BLOCK, "inside a block of size 4,096 alloc'd"),
    "vmalloc_overrun_rounding": (INVALID, "0 bytes after a block of size 5,000 alloc'd"),
    "vmalloc_use_after_free": (INVALID, "100 bytes inside a block of size 5,000 free'd"),
    "kvmalloc_overrun_rounding": (INVALID, "0 bytes after a block of size 6,291,556 alloc'd"),
    "kvmalloc_use_after_free": (INVALID, "100 bytes inside a block of size 6,291,456 free'd"),
    "page_overrun": (INVALID, ""),
    "page_use_after_free": (INVALID, ""),
    "page_double_free": (NO_BLOCK, ""),
    "page_uninitialised": (r"Conditional jump or move depends on uninitialised value", ""),
    "pool_use_after_free": (INVALID, "8 bytes inside a block of size 64 free'd"),
    "pool_double_free": (NO_BLOCK, "0 bytes inside a block of size 64 free'd"),
    "percpu_overrun": (INVALID, ""),
    "percpu_use_after_free": (INVALID, ""),
    "dma_pool_use_after_free": (INVALID, "8 bytes inside a block of size 40 free'd"),
    "dma_pool_double_free": (NO_BLOCK, "0 bytes inside a block of size 40 free'd"),
    "gen_pool_overrun": (INVALID, ""),
    "gen_pool_use_after_free": (INVALID, "inside a block of size 4,096 alloc'd"),
}


def memcheck(t, command, *options, **more):
    return t.run(["valgrind", "--error-exitcode=" + str(ERROR), "--num-callers=12", *options, *command], **more)


def seen(t, prog, name, cells):
    error, block = FAULTS[name]
    origins = ["--track-origins=yes"] if name == "uninitialised" else []
    got = memcheck(t, [prog, name], *origins)
    call = got.stderr.split("@after")[0]
    t.ok(got.returncode == ERROR and re.search(error, call), f"{name} is seen at the call", got.stderr)
    t.ok(block in call and f": {name} (faults.c:" in call, f"{name}: where, and of which block", got.stderr)
    t.same(cells.get(name, {}).get("memcheck"), "call", f"{name}: docs/debugging.md says so")


# Of these it says nothing itself, or only at the end, or the access faults.
OTHERS = ("area_leak", "cache_leak", "cache_left", "constructor_lost", "kvmalloc_overrun", "leak", "none",
          "overrun_into_next", "race", "race_with_free", "vmalloc_overrun")


def told(t, prog, name, cells):
    mode = next(m for m in faults.table.MODES[faults.table.TABLES[0]] if m.name == "memcheck")
    word, text = faults.table.run(t.build, prog, name, mode)
    t.same(word, cells.get(name, {}).get("memcheck"), f"{name}: as docs/debugging.md says")
    t.note(text if word == "call" else "")


def leaks(t, prog):
    got = memcheck(t, [prog, "leak"], "--leak-check=full")
    lost = re.findall(r"([\d,]+) bytes in (\d+) blocks are definitely lost", got.stderr)
    t.same(lost, [("1,000", "1")], "a leak is seen, with its size")
    t.ok(": lose (faults.c:" in got.stderr, "and where it was allocated", got.stderr)


def sound(t, command, name):
    got = memcheck(t, command, "--leak-check=full", "--show-leak-kinds=definite,possible",
                   "--errors-for-leak-kinds=definite,possible")
    t.ok(got.returncode == 0 and "ERROR SUMMARY: 0 errors" in got.stderr, name, got.stderr)


# A quarantine or a fence of ours would keep these from it.
FRONT_FAULTS = ("overrun_rounding", "use_after_free_read", "double_free", "double_free_late", "free_inside",
                "free_foreign", "realloc_of_freed", "size_of_freed")


def told_by_front(t, prog):
    """check=strict does not hide from memcheck what it sees without it."""
    env = dict(os.environ, KMEM_OPTIONS=t.options("check=strict"))
    for name in FRONT_FAULTS:
        error, block = FAULTS[name]
        got = memcheck(t, [*t.front(), prog, name], "--trace-children=yes", "--soname-synonyms=somalloc=none",
                       env=env)
        call = got.stderr.split("@after")[0]
        t.ok(re.search(error, call) and block in call, f"the front, strict: {name} is seen at the call", got.stderr)


def test(t):
    if t.missing("valgrind"):
        t.skip("valgrind", "not installed")
        return
    prog = faults.build(t, "faults")
    if t.run(["valgrind", "-q", prog, "overrun_rounding"]).stderr.strip() == "@after":
        t.skip("what memcheck sees", "the library was built without valgrind's headers")
    else:
        t.same(sorted(set(faults.names(t, prog)) - set(FAULTS)), sorted(OTHERS), "every fault has a row here")
        cells = faults.cells()
        for name in FAULTS:
            seen(t, prog, name, cells)
        for name in OTHERS:
            told(t, prog, name, cells)
        leaks(t, prog)
    sound(t, [prog, "none"], "a sound program is quiet")
    got = memcheck(t, t.front() + ["ls", "/"], "--trace-children=yes", "--soname-synonyms=somalloc=none")
    t.ok(got.returncode == 0 and "Invalid" not in got.stderr, "the malloc front under valgrind is quiet", got.stderr)
    front = faults.build(t, "front", front=True)
    got = memcheck(t, [*t.front(), front, "overrun_rounding"], "--trace-children=yes", "--soname-synonyms=somalloc=none")
    t.ok("0 bytes after a block of size 42 alloc'd" in got.stderr, "and told of its blocks", got.stderr)
    told_by_front(t, front)


tap.main(test)
