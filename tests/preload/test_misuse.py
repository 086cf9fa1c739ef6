#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What docs/misuse.md says that is seen of misuse is seen, with these reports;
what is no misuse is left alone."""
import os
import pathlib
import re
import shutil
import signal
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "bench")]
sys.dont_write_bytecode = True
import misuse  # noqa: E402
import tap  # noqa: E402

TABLE = HERE.parent.parent / "docs/misuse.md"
RANK = {"-": 0, "later": 1, "call": 2}
# One of a sort, for the other backend.
SOME = ("free_twice", "free_plus_16", "realloc_plus_1", "usable_freed",
        "delete_small", "overrun_1", "write_freed", "nothing_wrong")

JUNK = r"^{}\(\): object pointer: 0x\w+: no block starts here$"
SIZE = r"^{}\(\): object pointer: 0x\w+: {} bytes aligned to {} were freed, " \
       r"the block has {}$"
TWICE = r"^BUG malloc-64 \(.*\): Object already free"
INSIDE = r"^BUG malloc-64 \(.*\): Invalid object pointer 0x\w+$"
LARGE_TWICE = r"^BUG malloc \(.*\): Object already free 0x\w+$"
LARGE_INSIDE = r"^BUG malloc \(.*\): Invalid object pointer 0x\w+$"
ACCESS = r"^BUG malloc \(.*\): {} at 0x\w+{}$"
BROKEN = r"^BUG malloc-{} \(.*\): {} overwritten$"
# That its free() says, and not a look at it later.
AT_FREE = BROKEN + r"(?s:.*)^FIX malloc-64: Object at 0x\w+ not freed$"
FREE, REALLOC = JUNK.format("free"), JUNK.format("realloc")
USABLE = JUNK.format("malloc_usable_size")

# Kind: what off, cheap and strict report; one for all that report it alike.
REPORTS = {
    "free_twice": (None, TWICE, TWICE),
    "free_twice_between": (None, TWICE, TWICE),
    "free_twice_late": (None, TWICE, TWICE),
    "free_twice_threads": (None, TWICE, TWICE),
    "free_twice_large": (FREE, FREE, LARGE_TWICE),
    "free_twice_large_late": (FREE, FREE, LARGE_TWICE),
    "free_twice_nothing": (None, TWICE.replace("64", "16"), FREE),
    "free_plus_1": INSIDE,
    "free_plus_16": INSIDE,
    "free_plus_1_large": (FREE, FREE, LARGE_INSIDE),
    "free_plus_page_large": (FREE, FREE, LARGE_INSIDE),
    "free_stack": FREE,
    "free_static": FREE,
    "free_mapped": FREE,
    "free_protected": FREE,
    "free_near": FREE,
    "free_far": FREE,
    "free_uninitialised": FREE,
    "realloc_freed": (None, REALLOC, TWICE),
    "realloc_plus_1": (REALLOC, REALLOC, INSIDE),
    "realloc_plus_16": (REALLOC, REALLOC, INSIDE),
    "realloc_uninitialised": REALLOC,
    "usable_freed": (None, USABLE, TWICE),
    "usable_plus_1": (USABLE, USABLE, INSIDE),
    "usable_near": USABLE,
    "usable_uninitialised": USABLE,
    "free_sized_small": SIZE.format("free_sized", 63, 1, 64),
    "free_sized_small_class": SIZE.format("free_sized", 256, 1, 64),
    "free_sized_large": SIZE.format("free_sized", 262143, 1, 262144),
    "delete_small": SIZE.format("operator delete", 32, 1, 1),
    "delete_large": SIZE.format("operator delete", 131072, 1, 262144),
    "delete_aligned_small": SIZE.format("operator delete", 128, 64, 64),
    "delete_aligned_large":
        SIZE.format("operator delete", 16374, 8192, 16384),
    "overrun_1": AT_FREE.format(64, "kmalloc Redzone"),
    "overrun_8": AT_FREE.format(64, "kmalloc Redzone"),
    "overrun_usable": BROKEN.format(64, "kmalloc Redzone"),
    "overrun_leaked": BROKEN.format(64, "kmalloc Redzone"),
    "underrun_1": AT_FREE.format(64, "Left Redzone"),
    "overrun_large_1":
        ACCESS.format("Out-of-bounds write", ", 0 bytes behind the block"),
    "overrun_large_8":
        ACCESS.format("Out-of-bounds write", ", 7 bytes behind the block"),
    "overrun_large_odd":
        r"^BUG malloc \(.*\): Redzone overwritten at 0x\w+. "
        r"First byte 0x78 instead of 0xcc$",
    "underrun_large_1":
        ACCESS.format("Out-of-bounds write", ", 1 bytes before the block"),
    "overread_large":
        ACCESS.format("Out-of-bounds read", ", 0 bytes behind the block"),
    "write_nothing":
        ACCESS.format("Out-of-bounds write", ", of a block of 0 bytes"),
    "read_nothing":
        ACCESS.format("Out-of-bounds read", ", of a block of 0 bytes"),
    "write_freed": BROKEN.format(128, "Poison"),
    "write_freed_later": BROKEN.format(128, "Poison"),
    "write_freed_large": ACCESS.format("Use-after-free write", ""),
    "write_freed_large_later": ACCESS.format("Use-after-free write", ""),
    "read_freed_large": ACCESS.format("Use-after-free read", ""),
}


def rank(word):
    return RANK[word.split()[0]]


def judge(t, program, kind, level, peer, said):
    """Is as much seen as the table says, or more, and in these words?"""
    got = misuse.run(program, kind, peer)
    want = REPORTS.get(kind)
    if isinstance(want, tuple):
        want = want[level]
    word = got.word()
    good = rank(word) >= rank(said) and got.returncode == 0
    if "!" not in said:
        good = good and not got.harm
    if rank(said):
        good = good and want and re.search(want, got.text, re.M)
    if kind == "nothing_wrong":
        good = got.seen == "never" and not got.harm
    t.ok(good, f"{kind}, {peer.env['KMEM_OPTIONS']}: {said}",
         f"{word}, ended with {got.returncode}\n{got.text}")


def all_kinds(t, program):
    table = misuse.table_of(TABLE)
    kinds = t.run([program, "list"]).stdout.split()
    for kind in kinds:
        t.ok(kind in table, f"{kind} is in the table")
    for backend, some in (("auto", kinds), ("lock", SOME)):
        all_ = misuse.ours(t.build, f",percpu={backend}")
        for kind in some:
            for level, peer in enumerate(all_):
                said = table.get(kind, {}).get(misuse.OURS[level])
                if said:
                    judge(t, program, kind, level, peer, said)


def other_options(t, program):
    for kind in ("free_twice", "overrun_1", "overrun_large_1",
                 "write_freed", "realloc_plus_1", "free_twice_large"):
        peer = misuse.ours(t.build, ",panic_on_warn")[2]
        got = misuse.run(program, kind, peer)
        t.ok(got.returncode == -signal.SIGABRT and "<end>" not in got.text,
             f"{kind}: panic_on_warn ends it", got.text)
    for more in (",quarantine=0", ",quarantine=64K", ",init_on_free"):
        peer = misuse.ours(t.build, more)[2]
        for kind in ("free_twice", "write_freed", "nothing_wrong",
                     "read_freed"):
            got = misuse.run(program, kind, peer)
            seen = {"nothing_wrong": "never", "read_freed": "never",
                    "free_twice": "call", "write_freed": "later"}[kind]
            t.ok(got.seen == seen and not got.harm, f"{kind}{more}", got.text)


def operators(t):
    cxx = (os.environ.get("CXX") or "c++").split()
    if not shutil.which(cxx[0]):
        t.skip("C++'s operators", f"{cxx[0]} is not installed")
        return
    for name, flags in (("operators", []), ("own", ["-DOWN"])):
        made = t.run(cxx + ["-std=c++17", "-O1", "-w", "-pthread", "-o", name,
                            HERE / "operators.cc"] + flags)
        if not t.ok(made.returncode == 0, f"{name} compiles", made.stderr):
            continue
        plain = t.run([f"./{name}"])
        for peer in misuse.ours(t.build):
            got = t.run([f"./{name}"], env=peer.environment())
            t.same((got.returncode, got.stdout, got.stderr),
                   (0, plain.stdout, ""), f"{name}, {peer.name}")


def command(t):
    got = t.run([tap.ROOT / "bench/misuse.py", "--build", t.build, "--ours",
                 "--no-cost", "--json", "--only", "free_twice,free_stack"])
    t.ok(got.returncode == 0 and '"strict": "call"' in got.stdout,
         "bench/misuse.py --json", got.stdout + got.stderr)
    got = t.run([tap.ROOT / "bench/misuse.py", "--build", t.build, "--ours",
                 "--only", "no_such_kind"])
    t.ok(got.returncode != 0 and "no such kind" in got.stderr,
         "a kind that does not exist is refused", got.stderr)


def body(t):
    program = misuse.compile_program(t.folder)
    all_kinds(t, program)
    other_options(t, program)
    operators(t)
    command(t)


tap.main(body)
