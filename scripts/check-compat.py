#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""check-compat.py BUILD: docs/compat.md names everything, and is tested.

 1. Every function, and every macro that takes arguments, of the headers in
    include/linux and include/kmem, and every symbol that libkmem.so exports,
    has a row in a table of docs/compat.md whose first column is "function".
 2. A row names functions, with * for any letters and with words that tell
    forms apart in parentheses.  Unless it says "absent", in which case it says
    why, it names tests that are there, files or folders; none is the model,
    tests/model.  Each function of the row is used in one of them.
 3. Every name of docs/contract.txt is in a header and used by a test, or has a
    row that says "absent".  Those of priority A and B are there.

Names that begin with KMEM_, or with kmem_ and end with _, are inner parts.
"""
import fnmatch
import functools
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "include"
FOLDERS = ("linux", "kmem")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
LABEL = re.compile(r"KMEM_ABI\(\w+\)")
WORD = re.compile(r"[A-Za-z_]\w*")
ITEM = re.compile(r"([A-Za-z_*][\w*]*)( \([^()]*\))?$")
MODEL = "tests/model"
SUFFIXES = (".c", ".h", ".cpp", ".hpp", ".py")
# Symbols that inlined code and the tools use, by their place.
INNER = re.compile(r"KMEM_|kmem_\w*_$|class_|__free_\w+$|__guard_"
                   r"|kmem_(rseq_1|inline_(caches|loaded)|pool_kick|called_\w+"
                   r"|size|torture_(dis)?arm|test_\w+|nr_cpu_ids"
                   r"|cpus?_online|percpu_(?!counter_[^b])\w+)$")

bad = []


def code_of(path):
    return COMMENT.sub(" ", path.read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=None)
def words_of(place):
    """The identifiers of a file, or of a folder's files."""
    path = ROOT / place
    files = [path] if path.is_file() else [
        p for p in path.rglob("*") if p.suffix in SUFFIXES]
    return frozenset(w for f in files for w in WORD.findall(code_of(f)))


def headers():
    for folder in FOLDERS:
        yield from sorted((INCLUDE / folder).rglob("*.h"))


def functions():
    """{name: header} of what can be called."""
    with tempfile.TemporaryDirectory() as tmp:
        unit = pathlib.Path(tmp, "all.c")
        unit.write_text("".join(
            f"#include <{h.relative_to(INCLUDE)}>\n" for h in headers()))
        gcc = ["gcc", "-std=gnu17", "-D_GNU_SOURCE", f"-I{INCLUDE}"]
        subprocess.run([*gcc, "-fsyntax-only", "-aux-info", f"{tmp}/info",
                        str(unit)], check=True)
        info = pathlib.Path(tmp, "info").read_text(encoding="utf-8")
        macros = subprocess.run([*gcc, "-E", "-dD", str(unit)], check=True,
                                capture_output=True, text=True).stdout
    found = {}
    for line in info.splitlines():
        match = re.match(r"/\* (\S+?):\d+:\w+ \*/ .*?(\w+) \((?!\*)", line)
        if match and match[1].startswith(str(INCLUDE)):
            found[match[2]] = match[1]
    where = ""
    for line in macros.splitlines():
        if line.startswith("# "):
            where = line.split('"')[1]
        match = re.match(r"#define (\w+)\(", line)
        if match and where.startswith(str(INCLUDE)):
            found[match[1]] = where
    found = {n: h for n, h in found.items() if not INNER.match(n)}
    if len(found) < 300:
        sys.exit(f"check-compat: found {len(found)} functions only")
    return found


def exported(build):
    out = subprocess.run(["nm", "-D", "--defined-only",
                          str(build / "libkmem.so")], check=True,
                         capture_output=True, text=True).stdout
    for line in out.splitlines():
        name = line.split()[-1].split("@")[0]
        if name.startswith("kmem_") and not INNER.match(name):
            yield name


def rows():
    """(names, what, note, tests) of each row of a table of functions."""
    inside = False
    for line in (ROOT / "docs/compat.md").read_text(
            encoding="utf-8").splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [c.strip() for c in line.strip("|").split("|")]
        if cells[0] == "function":
            inside = True
        elif inside and not cells[0].startswith("-"):
            yield cells


def names_of(cell):
    names = []
    for item in re.split(r", (?![^(]*\))", cell.replace("`", "")):
        match = ITEM.match(item)
        if match:
            names.append(match[1])
        else:
            bad.append(f"docs/compat.md: '{item}' is no name")
    return names


def contract():
    for line in (ROOT / "docs/contract.txt").read_text(
            encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            priority, *names = line.split()
            for name in names:
                yield name, priority


def uses(tests, name):
    return any(name in words_of(t) for t in tests)


def check_row(cells, known, rowed, absent):
    """Of one row; adds its names to the set they belong to."""
    if len(cells) != 4:
        bad.append(f"docs/compat.md: not four columns: {cells[0]}")
        return
    names, (what, note, tests) = names_of(cells[0]), cells[1:]
    if what == "absent":
        if not note or note.startswith("not yet"):
            bad.append(f"docs/compat.md: {cells[0]}: absent without a reason")
        absent.update(names)
        return
    tests = tests.replace("`", "").split(", ") if tests else [MODEL]
    missing = [t for t in tests if not (ROOT / t).exists()]
    bad.extend(f"docs/compat.md: {cells[0]}: no test {t}" for t in missing)
    for name in names:
        some = fnmatch.filter(known, name) if "*" in name else [name]
        if not some or (name not in known and "*" not in name
                        and name not in in_headers):
            bad.append(f"docs/compat.md: no header has {name}")
        for one in some:
            if one in rowed and "*" in name:
                continue
            rowed.add(one)
            if not missing and not uses(tests, one):
                bad.append(f"{one}: not in {' '.join(tests)}")


def check_contract(absent):
    count, here = {}, {}
    for name, priority in contract():
        count[priority] = count.get(priority, 0) + 1
        if name in in_headers:
            here[priority] = here.get(priority, 0) + 1
            if name in absent:
                bad.append(f"docs/compat.md: {name} is not absent")
            if not uses(["tests", "examples"], name):
                bad.append(f"{name} ({priority}): no test has it")
        elif priority in "AB":
            bad.append(f"{name} ({priority}): no header has it")
        elif name not in absent:
            bad.append(f"{name} ({priority}): neither in a header nor absent")
    if sum(count.values()) < 500:
        sys.exit("check-compat: docs/contract.txt is short")
    return ", ".join(f"{p} {here.get(p, 0)} of {count[p]}"
                     for p in sorted(count))


if len(sys.argv) != 2:
    sys.exit(__doc__)
in_headers = set()
for folder in ("linux", "kmem", "kernel"):
    for header in sorted((INCLUDE / folder).rglob("*.h")):
        in_headers |= set(WORD.findall(LABEL.sub("", code_of(header))))
known = functions()
rowed, absent = set(), set()
for row in sorted(rows(), key=lambda r: "*" in r[0]):
    check_row(row, known, rowed, absent)
for name, header in sorted(known.items()):
    if name not in rowed:
        bad.append(f"{name} of {pathlib.Path(header).relative_to(INCLUDE)}: "
                   "no row in docs/compat.md")
for symbol in exported(pathlib.Path(sys.argv[1])):
    if symbol not in rowed and symbol.removeprefix("kmem_") not in rowed:
        bad.append(f"{symbol}: exported, no row in docs/compat.md")
present = check_contract(absent)
for line in bad:
    print(line)
print(f"check-compat: {len(known)} functions, {len(rowed)} in rows; {present}")
sys.exit(1 if bad else 0)
