#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Programs that fork (fork.c) beside handlers of others, stdio and threads, on
the front and on both typed libraries."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
BACKENDS = ("percpu=rseq", "percpu=lock")


def compile_programs(t):
    cc = os.environ.get("CC", "cc").split() + ["-O1", "-g", "-pthread"]
    lib = ["-L.", "-lforks", "-Wl,-rpath," + str(t.folder)]
    typed = ["-DTYPED", "-std=gnu17", "-I", tap.ROOT / "include"]
    for name, words in (
        ("libforks.so", ["-shared", "-fPIC", HERE / "fork_lib.c"]),
        ("fork", [HERE / "fork.c", *lib]),
        ("typed", typed + [HERE / "fork.c", *lib, "-L", t.build, "-lkmem"]),
        ("static", typed + [HERE / "fork.c", *lib, t.build / "libkmem.a"]),
    ):
        made = t.run(cc + ["-o", name, *words])
        if not t.ok(made.returncode == 0, f"{name} compiles", made.stderr):
            return False
    return True


def run(t, words, name, options=""):
    """In both backends: it ends, well, and nothing is reported."""
    for backend in BACKENDS:
        env = dict(
            os.environ,
            KMEM_OPTIONS=t.options(",".join((backend, options))),
            LD_LIBRARY_PATH=str(t.build),
        )
        got = t.run(words, env=env, timeout=120)
        t.same((got.returncode, got.stdout), (0, "0\n"), f"{name}, {backend}")
        t.quiet(got.stderr, f"{name}, {backend}: no report")


def test(t):
    if not compile_programs(t):
        return
    for what in ("handlers", "stdio", "vfork", "rlimit", "signals"):
        run(t, t.front() + ["./fork", what], f"front: {what}")
    for what in ("handlers", "vfork", "rlimit", "signals"):
        run(t, ["./typed", what], f"libkmem.so: {what}")
        run(t, ["./static", what], f"libkmem.a: {what}")
    run(t, t.front() + ["./fork", "starts"], "front: starts", "background=1")
    script = "ulimit -v 4000000; x=$(echo 3); echo $x"
    t.both(["bash", "-c", script], "bash with little address space")


tap.main(test)
