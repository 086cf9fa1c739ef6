#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Limits of the process: what the front has of them beside libc's malloc."""
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

STRICT = pathlib.Path("/proc/sys/vm/overcommit_memory")


def figures(t, words, limit=(), front=True, timeout=120):
    """The program's figures by name; None when it says that it cannot."""
    got = t.run([*limit, *(t.front() if front else []), "./limits", *words],
                timeout=timeout)
    if got.returncode == 77:
        return None
    if got.returncode:
        t.ok(False, " ".join(words) + ": ends well", got.stdout + got.stderr)
        return None
    return {k: int(v) for k, v in map(str.split, got.stdout.splitlines())}


def both(t, title, words, limit=()):
    """The figures of the front and of libc."""
    ours, libc = (figures(t, words, limit, front) for front in (True, False))
    if ours is None or libc is None:
        t.skip(title, "this system does not let it be tried")
        return None
    return ours, libc


def share(t, title, limit, mib):
    got = both(t, title, ["share"], limit)
    if not got:
        return
    ours, libc = got
    for name in "largest", "small", "realloc", "again":
        t.ok(ours[name] >= 0.9 * min(mib, libc[name]),
             f"{title}, {name}: nine tenths of what libc has", str(got))
    t.same(ours["errno"], 12, title + ": ENOMEM says so")
    t.same(ours["thread"], 0, title + ": a thread starts after all")


def again(t):
    got = both(t, "RLIMIT_DATA", ["again"], ["prlimit", "--data=%d" % (512 << 20)])
    if not got:
        return
    ours, libc = got
    t.ok(ours["small"] >= 0.9 * min(512, libc["small"]),
         "RLIMIT_DATA, small blocks: nine tenths", str(got))
    t.ok(ours["data"] < 64, "what was freed is not committed", str(ours))
    t.same(ours["large"], 1, "and can be had as a large block")


def realloc(t):
    got = both(t, "realloc", ["realloc"], ["prlimit", "--as=%d" % (1 << 30)])
    if not got:
        return
    t.ok(got[0]["leaked"] <= 1, "a realloc that fails leaks nothing", str(got))
    t.same(got[0]["grown"], 1, "one that fits beside nothing else succeeds")
    t.ok(got[0]["left"] < 100, "all of it goes back", str(got))


def later(t):
    got = both(t, "a limit set later", ["later"])
    if not got:
        return
    ours = got[0]
    t.ok(ours["left"] < 128, "what was freed goes back when a limit was set since",
         str(ours))
    t.same(ours["thread"], 0, "a thread starts under a limit that was set later")
    t.same((ours["large"], ours["theirs"]), (1, 1),
           "a large block, and one of somebody else's")
    t.ok(ours["small"] >= 720, "small blocks", str(ours))
    script = (
        "import resource, threading, subprocess, ctypes\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, -1))\n"
        "b = bytearray(100 << 20); c = bytearray(3 << 20)\n"
        "t = threading.Thread(target=lambda: None); t.start(); t.join()\n"
        "import sqlite3, decimal\n"
        "print(subprocess.check_output(['echo', 'fine']))\n"
    )
    got = t.run(t.front() + [sys.executable, "-c", script])
    t.same((got.stdout, got.stderr), ("b'fine\\n'\n", ""),
           "python3 lowers its limit")


def lock(t):
    got = both(t, "mlockall() as root", ["lock"])
    if got:
        ours, libc = got
        t.same(ours["refused"], libc["refused"], "mlockall() as libc's")
        if not ours["refused"]:
            t.ok(ours["resident"] < libc["resident"] + 4096
                 and ours["locked"] < libc["locked"] + 4096,
                 "what is used is locked, and no more", str(got))
            t.same((ours["good"], ours["thread"]), (2000, 0), "and work goes on")
    got = both(t, "mlockall() as a user", ["lock", "user"])
    if got:
        ours, libc = got
        t.same(ours["refused"], libc["refused"], "mlockall() of a user as libc's")
        if not ours["refused"]:
            t.same((ours["good"], ours["thread"]), (libc["good"], libc["thread"]),
                   "and a user's work goes on as with libc")


def strict(t):
    """vm.overcommit_memory=2, where it may be set; as it was afterwards."""
    title = "vm.overcommit_memory=2"
    try:
        old = STRICT.read_text()
        STRICT.write_text("2")
    except OSError:
        t.skip(title, "may not be set")
        return
    try:
        # of the two the smaller: what is committed by others counts as well
        share(t, title, ["prlimit", "--data=%d" % (1 << 30)], 1024)
        got = t.run(t.front() + [sys.executable, "-c", "print(len('x' * 10**8))"])
        t.same((got.stdout, got.stderr), ("100000000\n", ""), title + ": python3")
    finally:
        STRICT.write_text(old)
    t.same(STRICT.read_text(), old, title + ": is as it was")


def others(t):
    got = both(t, "as many mappings as there may be", ["maps"])
    if got:
        t.ok(got[0]["small"] >= 0.9 * min(got[1]["small"], 200),
             "small blocks where no mapping can be made", str(got))
        t.ok(got[0]["grown"] <= 8, "and what fails leaves nothing", str(got))
    got = figures(t, ["met"])
    if t.ok(bool(got), "others in the way of the heap"):
        t.ok(got["placed"] > 0 and got["small"] >= 399 and not got["bad"],
             "are gone around, and not written to", str(got))
    got = figures(t, ["met"], ["prlimit", "--as=%d" % (1 << 30)])
    if t.ok(bool(got), "others in the way, under a limit"):
        t.ok(got["placed"] > 0 and got["small"] >= 399 and not got["bad"],
             "are gone around there, too", str(got))


def files(t):
    """The published area is a file, and may be one too large."""
    for title, words in (
        ("before the start", ["prlimit", "--fsize=0", *t.front(), "true"]),
        ("later", [*t.front(), "bash", "-c", "ulimit -f 0; (exit 3); exit 0"]),
    ):
        got = t.run(words)
        t.same((got.returncode, got.stderr), (0, ""), f"RLIMIT_FSIZE, {title}")


def body(t):
    here = pathlib.Path(__file__).resolve().parent
    cc = os.environ.get("CC", "cc").split()
    made = t.run(cc + ["-O1", "-g", "-pthread", "-o", "limits", here / "limits.c"])
    if not t.ok(made.returncode == 0, "limits.c compiles", made.stderr):
        return
    if not shutil.which("prlimit"):
        t.skip("limits", "no prlimit")
        return
    files(t)
    share(t, "RLIMIT_AS of 1 GiB", ["prlimit", "--as=%d" % (1 << 30)], 1024)
    again(t)
    realloc(t)
    later(t)
    lock(t)
    strict(t)
    others(t)


tap.main(body)
