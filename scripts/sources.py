#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Lists source files for meson.build, sorted, one a line.

  sources.py src LAYER...   the C files of these folders of src/ and below
  sources.py dir FOLDER     the C files of one folder
  sources.py tests          "kind|name|path" of every test
  sources.py checks         "name|path" of every check of the tree
  sources.py all            all of it, to see whether a file came or went

A test is a C or C++ file in tests/<kind>/, or in a folder below it, or a
test_* script in the folders of SCRIPTED; a check is a
script check-* in scripts/.  Its name is its
path without "tests/" and "test_", joined with dashes: unit-page-buddy.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPILED = (
    *("unit", "conform", "death", "model", "oom", "stress", "context"),
    *("headers", "kernel"),
)
SCRIPTED = ("cli", "preload", "install", "fuzz", "valgrind")


def c_files(folder, pattern="*.c"):
    return sorted(
        p.relative_to(ROOT).as_posix() for p in (ROOT / folder).glob(pattern)
    )


def name_of(path):
    parts = list(path.relative_to(ROOT / "tests").with_suffix("").parts)
    parts[-1] = parts[-1].removeprefix("test_")
    return "-".join(parts)


def tests():
    for kind in COMPILED:
        for path in sorted((ROOT / "tests" / kind).rglob("*")):
            if path.suffix not in (".c", ".cpp"):
                continue
            if kind != "death" and not path.name.startswith("test_"):
                continue
            yield kind, path
    for kind in SCRIPTED:
        for path in sorted((ROOT / "tests" / kind).glob("test_*")):
            if path.suffix in (".sh", ".py"):
                yield kind, path


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    mode = sys.argv[1]
    lines = []
    if mode in ("src", "all"):
        layers = sys.argv[2:] if mode == "src" else sorted(
            p.name for p in (ROOT / "src").iterdir() if p.is_dir()
        )
        for layer in layers:
            lines += c_files("src/" + layer, "**/*.c")
    if mode == "dir":
        lines += c_files(sys.argv[2])
    if mode == "all":
        for folder in ("tools/kmem", "examples", "kernel"):
            lines += c_files(folder)
    if mode in ("tests", "all"):
        for kind, path in tests():
            rel = path.relative_to(ROOT).as_posix()
            lines.append(f"{kind}|{name_of(path)}|{rel}")
        # Helpers beside the tests of a folder are linked into each.
        for kind in COMPILED:
            if kind == "death":
                continue
            for rel in sorted((ROOT / "tests" / kind).glob("*.c")):
                if not rel.name.startswith("test_"):
                    lines.append(
                        f"{kind}-common||{rel.relative_to(ROOT).as_posix()}"
                    )
    if mode in ("checks", "all"):
        for path in sorted((ROOT / "scripts").glob("check-*")):
            lines.append(f"{path.stem}|scripts/{path.name}")
    print("\n".join(lines))


main()
