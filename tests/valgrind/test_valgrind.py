#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""valgrind's memcheck sees through the caches when it is told of the objects
(option valgrind), and has nothing to say of a build that does not tell it."""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ERROR = 99

# Fault: what memcheck must say, and of which function.
FAULTS = {
    "use_after_free": (r"Invalid read of size 8", "block of size 64 free'd"),
    "use_after_kfree": (r"Invalid read of size 8", "block of size 128 free'd"),
    "use_after_bulk_free": (r"Invalid read of size 8", "block of size 64 free'd"),
    "overrun": (r"Invalid write of size 8", "0 bytes after a block of size 64 alloc'd"),
    "uninitialised": (r"Conditional jump or move depends on uninitialised value", "Uninitialised value was created by"),
    "double_free": (r"Invalid free\(\)", "block of size 64 free'd"),
}


def build(t, folder, *options):
    """A program against the library of a build; the path, or None."""
    prog = t.folder / pathlib.Path(folder).name
    if options:
        done = subprocess.run(
            [ROOT / "scripts/build.sh", folder, *options, "--", "libkmem.a"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if not t.ok(not done.returncode, f"{folder} is built", done.stdout):
            return None
    cc = os.environ.get("CC", "cc").split()
    subprocess.run([*cc, "-g", "-O1", "-fno-builtin", "-Wno-use-after-free", "-I", ROOT / "include", "-o", prog,
                    ROOT / "tests/valgrind/faults.c", ROOT / folder / "libkmem.a", "-pthread"], check=True)
    return prog


def memcheck(t, command, *options):
    return t.run(["valgrind", "--error-exitcode=" + str(ERROR), "--num-callers=8", *options, *command])


def told(t, prog):
    for name, (error, block) in FAULTS.items():
        got = memcheck(t, [prog, name], "--track-origins=yes")
        if t.ok(got.returncode == ERROR and re.search(error, got.stderr), f"{name} is seen", got.stderr):
            t.ok(block in got.stderr and f": {name} (faults.c:" in got.stderr, f"{name}: where, and of which block", got.stderr)
    got = memcheck(t, [prog, "leaks"], "--leak-check=full")
    lost = sorted((int(m[1].replace(",", "")), int(m[2])) for m in
                  re.finditer(r"([\d,]+) bytes in (\d+) blocks are definitely lost", got.stderr))
    t.same(lost, [(5 * 64, 5), (3 * 1024, 3), (131072, 1)], "leaks are seen, block by block")
    got = memcheck(t, [prog, "none"], "--leak-check=full", "--show-leak-kinds=definite,possible",
                   "--errors-for-leak-kinds=definite,possible")
    t.ok(got.returncode == 0 and "ERROR SUMMARY: 0 errors" in got.stderr, "a sound program is quiet", got.stderr)


def test(t):
    if t.missing("valgrind"):
        t.skip("valgrind", "not installed")
        return
    prog = build(t, "build-valgrind", "-Dvalgrind=true", "-Dtests=false", "-Dtools=false", "-Dfront=false")
    if prog:
        told(t, prog)
        got = t.run([prog, "none"])
        t.same(got.returncode, 0, "the same build without valgrind")
    plain = build(t, t.build)
    got = memcheck(t, [plain, "none"], "--leak-check=full")
    t.ok(got.returncode == 0 and "ERROR SUMMARY: 0 errors" in got.stderr, "the normal build is quiet", got.stderr)
    got = memcheck(t, t.front() + ["ls", "/"], "--trace-children=yes", "--soname-synonyms=somalloc=none")
    t.ok(got.returncode == 0 and "Invalid" not in got.stderr, "the malloc front under valgrind is quiet", got.stderr)


tap.main(test)
