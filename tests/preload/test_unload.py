#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The library, opened and closed, and twice in a process.

After dlclose() nothing may point at what is gone: neither a thread's last
sequence nor libc's handlers.  And two copies of the library never take each
other's symbols.
"""
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = ["-O2", "-std=gnu17", "-pthread", f"-I{tap.ROOT}/include"]


def compilers():
    return [c for c in ("gcc", "clang") if shutil.which(c)]


def compiled(t, command, name):
    made = t.run(command)
    return t.ok(made.returncode == 0, f"{name} compiles", made.stderr)


def never_unloaded(t, library):
    told = t.run(["readelf", "-dW", library]).stdout
    t.ok("NODELETE" in told, f"{library.name} is never unloaded", told)


def plain_library(t):
    """libkmem.so of a build with plain_symbols."""
    folder = t.folder / "plain"
    made = t.run([tap.ROOT / "scripts/build.sh", folder, "-Dplain_symbols=true",
                  "-Dfront=false", "-Dtools=false", "-Dtests=false",
                  "--", "libkmem.so.0"], timeout=1200, cwd=tap.ROOT)
    if not t.ok(made.returncode == 0, "plain_symbols builds", made.stdout):
        return None
    return folder / "libkmem.so.0"


def open_and_close(t, name, path, alloc, free, rounds=1, ends="stays"):
    got = t.run([t.folder / "unload", path, alloc, free, rounds],
                timeout=120,
                env={**os.environ, "LD_LIBRARY_PATH": str(t.build)})
    t.same((got.returncode, got.stdout.strip(), got.stderr),
           (0, f"{ends}, child 0", ""), f"{name}, opened and closed")


def plugins(t):
    """Name, what follows the source, what becomes of it at dlclose()."""
    static = [t.build / "libkmem.a"]
    shared = [f"-L{t.build}", "-lkmem"]
    yield "a plugin that calls the library", shared, "gone"
    yield "with the fast paths in it", ["-DKMEM_INLINE=1", *shared], "stays"
    yield "with all of them", ["-DKMEM_INLINE=2", *shared], "stays"
    yield "with libkmem.a in it", static, "stays"
    yield "with both", ["-DKMEM_INLINE=1", *static], "stays"


def copies(t, cc):
    """A program with one copy in it or linked to it, and another opened."""
    other = t.folder / "other" / "libkmem.so.0"
    other.parent.mkdir(exist_ok=True)
    shutil.copy(t.build / "libkmem.so.0", other)
    env = {**os.environ, "LD_LIBRARY_PATH": str(t.build)}
    ways = {
        "libkmem.a in it": [t.build / "libkmem.a"],
        "libkmem.so linked": [f"-L{t.build}", "-lkmem"],
    }
    for way, libraries in ways.items():
        for more in (["-fPIE", "-pie"], ["-fno-pie", "-no-pie"], ["-fPIC"]):
            name = f"{cc} {more[-1]}, {way}"
            if not compiled(t, [cc, *FLAGS, *more, "-rdynamic",
                                HERE / "copies.c", "-o", "copies", *libraries],
                            name):
                continue
            for preload in ("", str(t.build / "libkmem-malloc.so")):
                got = t.run(["./copies", other], timeout=120,
                            env={**env, "LD_PRELOAD": preload})
                t.same((got.returncode, got.stdout, got.stderr),
                       (0, "each its own\n", ""),
                       f"{name}, another by dlopen()"
                       + (", and the front" if preload else ""))
        if way.startswith("libkmem.a"):
            shown = t.run(["nm", "-D", "--defined-only", "copies"]).stdout
            t.ok(" kmem_" not in shown, f"{cc}, {way}: shows none of it", shown)


def test(t):
    for name in ("libkmem.so.0", "libkmem-malloc.so"):
        never_unloaded(t, t.build / name)
    if not compiled(t, ["cc", *FLAGS, HERE / "unload.c", "-o", "unload"], "unload.c"):
        return
    open_and_close(t, "libkmem.so", t.build / "libkmem.so.0", "kmem_kmalloc", "kmem_kfree", 3)
    open_and_close(t, "libkmem-malloc.so", t.build / "libkmem-malloc.so", "malloc", "free", 3)
    for cc in compilers():
        for name, more, ends in plugins(t):
            if compiled(t, [cc, *FLAGS, "-shared", "-fPIC", HERE / "unloaded.c",
                            "-o", "unloaded.so", *more], f"{cc}, {name}"):
                open_and_close(t, f"{cc}, {name}", "./unloaded.so", "plugin_alloc",
                               "plugin_free", 3, ends)
        copies(t, cc)
    plain = plain_library(t)
    if plain:
        never_unloaded(t, plain)
        open_and_close(t, "of plain_symbols", plain, "kmalloc", "kfree", 3)


if __name__ == "__main__":
    tap.main(test)
