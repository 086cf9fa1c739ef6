#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""exec, chroot, and other allocators in the same process (places.c).

A process that replaces itself starts over with the same options; one that
went where there is no /proc, no /sys and no library goes on, and one that
boots there does; and the typed library lives beside whatever malloc there is.
"""
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ("libjemalloc.so.2", "libtcmalloc_minimal.so.4", "libmimalloc.so.2")
FLAGS = ["-O1", "-g", "-std=gnu17", "-pthread"]


def compiled(t, name, *more):
    cc = os.environ.get("CC", "cc").split()
    made = t.run(cc + FLAGS + [HERE / "places.c", "-o", name, *more])
    return t.ok(made.returncode == 0, f"{name} compiles", made.stderr)


def done(t, words, name, **env):
    got = t.run(words, timeout=120, env={
        **os.environ, "LD_LIBRARY_PATH": str(t.build),
        "KMEM_OPTIONS": t.options(), **env})
    if got.returncode == 77:
        t.skip(name, "chroot() is not allowed")
        return
    t.ok((got.returncode, got.stdout) == (0, "done\n"), name,
         f"status {got.returncode}: {got.stdout}{got.stderr}")
    t.quiet(got.stderr, f"{name}: no report")


def test(t):
    typed = ["-DTYPED", "-I", tap.ROOT / "include"]
    if not (compiled(t, "plain")
            and compiled(t, "typed", *typed, "-L", t.build, "-lkmem")
            and compiled(t, "static", "-static", *typed,
                         t.build / "libkmem.a")):
        return
    empty = t.folder / "empty"
    empty.mkdir()
    ways = {"front": t.front() + ["./plain"], "libkmem.so": ["./typed"],
            "libkmem.a, static": ["./static"]}
    for name, words in ways.items():
        done(t, words + ["exec", "3"], f"{name}: exec")
        done(t, words + ["chroot", empty], f"{name}: chroot, then everything")
    if os.getuid():
        t.skip("a boot where there is no file", "chroot() is not allowed")
    else:
        shutil.copy(t.folder / "static", empty)
        done(t, ["chroot", empty, "/static", "here"],
             "a boot where there is no file")
    done(t, ["./typed", "mixed"], "libkmem.so beside libc's malloc")
    done(t, t.front() + ["./typed", "mixed"], "libkmem.so beside the front")
    for peer in PEERS:
        path = next(pathlib.Path("/usr/lib").glob(f"*/{peer}"), None)
        if not path:
            t.skip(f"libkmem.so beside {peer}", "not installed")
            continue
        done(t, ["./typed", "mixed"], f"libkmem.so beside {peer}",
             LD_PRELOAD=str(path))


tap.main(test)
