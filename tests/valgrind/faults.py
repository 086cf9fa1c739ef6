# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What the tests of this folder share: faults.c as a program."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench"))
sys.dont_write_bytecode = True
import fault_table as table  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FLAGS = ["-g", "-O1", "-std=gnu17", "-fno-builtin", "-Wno-use-after-free", "-pthread"]


def compiler():
    return os.environ.get("CC", "cc").split()


def build(t, name, *flags, front=False, source="tests/valgrind/faults.c"):
    """The program against the library of the build folder, or of malloc() alone."""
    prog = t.folder / name
    ours = ["-DFRONT=1"] if front else ["-I", ROOT / "include"]
    library = [] if front else [t.build / "libkmem.a"]
    subprocess.run([*compiler(), *FLAGS, *flags, *ours, "-o", prog, ROOT / source, *library], check=True)
    return prog


def can(t, *flags):
    """Does the compiler have what these flags need?"""
    path = t.folder / "can.c"
    path.write_text("int main(void) { return 0; }\n")
    done = subprocess.run([*compiler(), *flags, "-o", t.folder / "can", path], capture_output=True, check=False)
    return not done.returncode and not subprocess.run([t.folder / "can"], capture_output=True, check=False).returncode


def names(t, prog):
    return t.run([prog, "--list"]).stdout.split()


def cells(name=table.TABLES[0]):
    """Fault, column: what docs/debugging.md says."""
    return table.misuse.table_of(ROOT / "docs/debugging.md", name, table.kinds_of(name))
