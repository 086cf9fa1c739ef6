#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""docs/walk-*.md are true of the tree.

 1. Each step, an item of a numbered list, names a file of src/ or include/.
 2. Of each file that it names, it names a function that is in the file; and
    the function of "`file`, `name()`" and "`name()` in `file`" is that one.
 3. No step goes back up: the layer of its first file is that of the step
    before or a lower one, in the order of src/layers.txt; include/ is above
    them all.  A list that begins again at 1 is a call of its own.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEP = re.compile(r"^(\d+)\. (.*(?:\n(?: .*)?)*)", re.M)
FILE = re.compile(r"`((?:src|include)/[\w./-]+\.[ch])`")
CALL = re.compile(r"`(\w+)\(\)`")
PAIRS = (re.compile(FILE.pattern + r",\s+" + CALL.pattern),
         re.compile(CALL.pattern + r"\s+in\s+" + FILE.pattern))


def layers():
    lines = (ROOT / "src/layers.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def defines(text, name):
    """Calls are indented: what is not declares, defines or is a macro."""
    return re.search(rf"^(?![\s/]).*\b{name}\)?\(", text, re.M)


def height(path, order):
    parts = path.split("/")
    return order.index(parts[1]) if parts[0] == "src" else len(order)


def faults(text, order):
    last = 0
    for number, step in STEP.findall(text):
        files, calls = FILE.findall(step), CALL.findall(step)
        if not files:
            yield f"step {number} names no file"
            continue
        for path in files:
            if not (ROOT / path).exists():
                yield f"step {number}: there is no {path}"
                continue
            code = (ROOT / path).read_text()
            if not any(defines(code, name) for name in calls):
                yield f"step {number} names no function of {path}"
        pairs = PAIRS[0].findall(step)
        pairs += [(path, name) for name, path in PAIRS[1].findall(step)]
        for path, name in pairs:
            file = ROOT / path
            if file.exists() and not defines(file.read_text(), name):
                yield f"step {number}: {path} has no {name}()"
        here = height(files[0], order)
        if number != "1" and here > last:
            yield f"step {number} goes back up, to {files[0]}"
        last = here


def main():
    order = layers()
    walks = sorted((ROOT / "docs").glob("walk-*.md"))
    bad = [f"{walk.name}: {fault}" for walk in walks
           for fault in faults(walk.read_text(), order)]
    for fault in bad:
        print(fault)
    if not bad:
        print(f"check-walks: {len(walks)} walks")
    return bool(bad) or len(walks) < 5


sys.exit(main())
