#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Every public call that takes a gfp_t is one that tests/context/test_flags.c
knows: it makes it when memory is out, or says that it allocates nothing.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEST = ROOT / "tests/context/test_flags.c"
# What stands between a macro and its function: <kmem/inline.h>,
# <kmem/test.h>, <kmem/mixed.h>.
INSIDE = re.compile(r"(kmem_(called|test)|__(real|wrap))_\w+")
CALL = re.compile(r"(\w+)\s*\)?\s*\(([^(){};]*\bgfp_t\b[^(){};]*)\)")


def public():
    names = {}
    # include/kernel is written with these calls and has none of its own
    for path in sorted([*(ROOT / "include/kmem").rglob("*.h"),
                        *(ROOT / "include/linux").rglob("*.h")]):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        text = text.replace("\\\n", " ")
        lines = text.split("\n")
        code = "\n".join(x for x in lines if not x.lstrip().startswith("#"))
        for m in CALL.finditer(code):
            name = m.group(1).removesuffix("_noprof")
            if not INSIDE.fullmatch(name):
                names[name] = path.relative_to(ROOT)
    return names


def known():
    text = TEST.read_text()
    lists = re.findall(r"#define (?:CALLS|ASKS)\(X\)((?:.*\\\n)*.*)", text)
    return {n for body in lists for n in re.findall(r"\bX\((\w+)", body)}


def main():
    have, want = known(), public()
    for name in sorted(want.keys() - have):
        print(f"{want[name]}: {name}() has a gfp_t: {TEST.name} must call it")
    for name in sorted(have - want.keys()):
        print(f"{TEST.relative_to(ROOT)}: no header has {name}()")
    print(f"check-gfp-calls: {len(want)} calls")
    return 1 if have != want.keys() else 0


sys.exit(main())
