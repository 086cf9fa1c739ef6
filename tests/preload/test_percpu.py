#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Per-CPU variables of programs, of libraries and of plugins.

In each kind of executable and of linking, C and C++: they begin as their
templates are, in every object and at every dlopen(), one object reaches those
that another exports, and dlclose() leaves nothing behind.  With sequences,
without, and where libc registers none.
"""
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = ["-O2", "-Wall", "-Wextra", "-Werror", "-pthread",
         f"-I{tap.ROOT}/include", f"-I{HERE}"]
KINDS = {
    "PIE": ["-fPIE", "-pie"],
    "no PIE": ["-fno-pie", "-no-pie"],
    "PIC": ["-fPIC"],
}
SURROUNDINGS = {
    "as it is": {},
    "percpu=lock": {"KMEM_OPTIONS": "percpu=lock"},
    "no rseq in libc": {"GLIBC_TUNABLES": "glibc.pthread.rseq=0"},
}


def compilers():
    ways = (("gcc", ["-std=gnu17"]), ("clang", ["-std=gnu11"]),
            ("g++", ["-std=c++17", "-x", "c++"]),
            ("clang++", ["-std=gnu++17", "-x", "c++"]))
    return [[c, *more] for c, more in ways if shutil.which(c)]


def compiled(t, name, *command):
    made = t.run(command)
    return t.ok(made.returncode == 0, f"{name} compiles", made.stderr)


def runs(t, name, *command):
    for where, env in SURROUNDINGS.items():
        got = t.run(command, timeout=300,
                    env={**os.environ, "LD_LIBRARY_PATH": f"{t.build}:{t.folder}",
                         **env})
        t.ok((got.returncode, got.stdout) == (0, "all so\n"), f"{name}, {where}",
             got.stdout + got.stderr)


def test(t):
    shared = [f"-L{t.build}", "-lkmem"]
    for cc in compilers():
        for name, more, libraries in (
                ("libpercpu.so", [], shared),
                ("plugin.so", ["-DPLUGIN=1"], shared),
                ("inside.so", ["-DPLUGIN=1", "-DKMEM_INLINE=1"], shared)):
            if not compiled(t, f"{cc[0]}, {name}", *cc, *FLAGS, *more, "-shared",
                            "-fPIC", "-o", name, HERE / "percpu_lib.c",
                            "-x", "none", *libraries):
                return
        for kind, flags in KINDS.items():
            name = f"{cc[0]}, {kind}, libkmem.so"
            if compiled(t, name, *cc, *FLAGS, *flags, "-DLINKED=1", "-o", "prog",
                        HERE / "percpu_prog.c", "-x", "none", "-L.", "-lpercpu",
                        *shared):
                runs(t, name, "./prog", "./plugin.so", "gone", "faults")
            name = f"{cc[0]}, {kind}, libkmem.a"
            if compiled(t, name, *cc, *FLAGS, *flags, "-DLINKED=0", "-o", "alone",
                        HERE / "percpu_prog.c", "-x", "none",
                        t.build / "libkmem.a"):
                runs(t, name, "./alone")
        runs(t, f"{cc[0]}, sequences in the plugin", "./prog", "./inside.so", "stays")


if __name__ == "__main__":
    tap.main(test)
