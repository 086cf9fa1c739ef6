#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Programs that are killed for a system call that a malloc has no use for.

The filter comes from main() or from a constructor, by prctl() or by
syscall(), and every slow path is reached behind it.  The typed library is told
by kmem_confined(), and needs that for a few calls only.
"""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SETTINGS = ("", "percpu=lock", "decay_ms=0", "mem=96M")
FLAGS = ["-O2", "-std=gnu17", "-pthread", f"-I{tap.ROOT}/include"]


def compiled(t, name, *more):
    made = t.run(["cc", *FLAGS, HERE / "confined.c", "-o", name, *more])
    return t.ok(made.returncode == 0, f"{name} compiles", made.stderr)


def lives(t, name, command, options, **env):
    got = t.run(command, timeout=300,
                env={**os.environ, "KMEM_OPTIONS": t.options(options), **env})
    if got.returncode == 77:
        return t.skip(name, "no filters here")
    return t.ok(got.returncode == 0 and got.stdout.endswith("done\n") and not got.stderr,
                name, f"status {got.returncode} after {got.stdout!r}\n{got.stderr}")


def test(t):
    if compiled(t, "confined"):
        front = {"LD_PRELOAD": str(t.build / "libkmem-malloc.so")}
        for options in SETTINGS:
            for how in (["prctl"], ["syscall"], ["prctl", "early"]):
                if options and how == ["syscall"]:
                    continue
                lives(t, f"the front, {' '.join(how)}, {options or 'as it is'}",
                      ["./confined", *how], options, **front)
    typed = {"LD_LIBRARY_PATH": str(t.build)}
    if compiled(t, "typed", "-DKMEM_TYPED", f"-L{t.build}", "-lkmem"):
        for options in SETTINGS[:3]:
            lives(t, f"the library, told, {options or 'as it is'}",
                  ["./typed", "kmem"], options, **typed)
    if compiled(t, "untold", "-DKMEM_TYPED", "-DUNTOLD", f"-L{t.build}", "-lkmem"):
        # sequences need a fence for what decays
        lives(t, "the library, allocating and freeing, percpu=lock",
              ["./untold", "prctl"], "percpu=lock", **typed)


if __name__ == "__main__":
    tap.main(test)
