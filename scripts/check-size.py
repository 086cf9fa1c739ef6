#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What kmalloc(), caches, pages and pools take of a kernel's image, and how many
lines the kernel of examples/kernel/ has.

  check-size.py BUILD      links them for each machine, below BUILD/size/, and
                           compares with the table of docs/porting.md
  check-size.py BUILD --print    prints that table

The text of a small kernel (KMEM_SMALL=1) must be below LIMIT with any compiler;
the table is of gcc 12, and may be off by TOLERANCE, so that it is printed again
when the core has grown.  The kernel has at most LINES lines of code.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/porting.md"
LIMIT = 64 << 10
TOLERANCE = 0.02
LINES = 1500
HEAD = "| | .text | .rodata | .data and .bss |\n|---|--:|--:|--:|\n"
# name in the table, ARCH, SMALL
ROWS = (
    ("x86-64", "x86_64", 1),
    ("aarch64", "aarch64", 1),
    ("riscv64", "riscv64", 1),
    ("x86-64, KMEM_SMALL=0", "x86_64", 0),
)


def compiler(arch):
    return "gcc" if arch == "x86_64" else f"{arch}-linux-gnu-gcc"


def measure(build, arch, small):
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "CC")}
    out = subprocess.run(
        ["make", "-s", "-j2", "-f", "examples/kernel/Makefile", "size"]
        + [f"ARCH={arch}", f"SMALL={small}", f"O={build}/size/{arch}-{small}"],
        cwd=ROOT, env=env, check=True, text=True, stdout=subprocess.PIPE,
    ).stdout
    size = {n: int(b) for n, b in re.findall(r"^(\.\w+) +(\d+)", out, re.M)}
    return size[".text"], size[".rodata"], size[".data"] + size[".bss"]


def row(name, sizes):
    return f"| {name} | " + " | ".join(f"{n:,}" for n in sizes) + " |\n"


def version(arch):
    return subprocess.run(
        [compiler(arch), "-dumpversion"], check=True, text=True,
        stdout=subprocess.PIPE,
    ).stdout.split(".")[0]


def compare(name, sizes, text):
    line = re.search(rf"^\| {re.escape(name)} \|(.*)\|$", text, re.M)
    stated = line and [int(n.replace(",", "")) for n in line[1].split("|")]
    if stated and all(
        abs(a - b) <= TOLERANCE * b for a, b in zip(sizes, stated)
    ):
        return 0
    print(f"docs/porting.md has other sizes of {name} than", sizes)
    print("    scripts/check-size.py BUILD --print prints the table")
    return 1


def kernel_lines():
    """Without comments and blank lines."""
    n = 0
    for path in sorted((ROOT / "examples/kernel").rglob("*")):
        if path.suffix in (".c", ".h", ".S", ".ld") or path.name == "Makefile":
            text = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.S)
            if path.name == "Makefile":
                text = re.sub(r"^#.*", "", text, flags=re.M)
            n += sum(1 for line in text.splitlines() if line.strip())
    return n


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    failed = 0
    print("examples/kernel:", kernel_lines(), "lines of code")
    if kernel_lines() > LINES:
        print(f"    and {LINES} is the limit")
        failed = 1
    if not all(shutil.which(compiler(arch)) for _, arch, _ in ROWS):
        print("check-size: not all cross compilers are there")
        return 77
    text = PAGE.read_text()
    table = HEAD
    for name, arch, small in ROWS:
        sizes = measure(build, arch, small)
        table += row(name, sizes)
        if small and sizes[0] >= LIMIT:
            print(f"{name}: {sizes[0]} bytes of text, and {LIMIT} is the limit")
            failed = 1
        if version(arch) == "12" and "--print" not in sys.argv:
            failed |= compare(name, sizes, text)
    if "--print" in sys.argv:
        print(table, end="")
    return failed


sys.exit(main())
