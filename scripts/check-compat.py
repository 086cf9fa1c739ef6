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

 4. Every function and every macro of include/kernel has a row in the table
    "header, name" of docs/kernel-names.md, with the header that defines it, and
    each of the row's tests that are named is there; one of them calls it:
    parentheses behind the name, or the name as what a member is set to.

Of include/kernel these are no names of the kernel's: what PLUMBING says, and
macros that are empty (__init), which cannot be wrong.
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

# Of include/kernel: include guards and parts of macros (KMEM_), what DEFINE_GUARD
# makes (tests use guard()), what a name of the kernel's stands for (kmem_jiffies
# for jiffies), what module_init() and module_param() call, and the words that
# locks wait on (kmem/wait.h).  A program calls kmem_module*() and kmem_file_*().
PLUMBING = re.compile(r"KMEM_|class_\w+_(con|de)structor$|kmem_(module|param)_add$"
                      r"|kmem_(?!modules?_|file_)")
KINDS = ("same", "narrower", "different", "wider", "ours")
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
CALL = re.compile(r"([A-Za-z_]\w*)\s*\(|=\s*([A-Za-z_]\w*)\s*[,;}]")

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


@functools.lru_cache(maxsize=None)
def called_in(place):
    """What a file, or a folder's files, call or set a member to."""
    path = ROOT / place
    files = [path] if path.is_file() else [
        p for p in path.rglob("*") if p.suffix in SUFFIXES]
    return frozenset(a or b for f in files
                     for a, b in CALL.findall(STRING.sub('""', code_of(f))))


def headers(root, folders):
    for folder in folders:
        yield from sorted((root / folder).rglob("*.h"))


def defined(root, folders):
    """{name: header} of what can be called, and {name: header} of macros
    without arguments that are not empty, of the headers of these folders."""
    with tempfile.TemporaryDirectory() as tmp:
        unit = pathlib.Path(tmp, "all.c")
        unit.write_text("".join(f"#include <{h.relative_to(root)}>\n"
                                for h in headers(root, folders)))
        gcc = ["gcc", "-std=gnu17", "-D_GNU_SOURCE", f"-I{root}",
               f"-I{INCLUDE}"]
        subprocess.run([*gcc, "-fsyntax-only", "-aux-info", f"{tmp}/info",
                        str(unit)], check=True)
        info = pathlib.Path(tmp, "info").read_text(encoding="utf-8")
        macros = subprocess.run([*gcc, "-E", "-dD", str(unit)], check=True,
                                capture_output=True, text=True).stdout
    own = tuple(f"{root / f}/" for f in folders)
    found, values = {}, {}
    for line in info.splitlines():
        match = re.match(r"/\* (\S+?):\d+:\w+ \*/ .*?(\w+) \((?!\*)", line)
        if match and match[1].startswith(own):
            found[match[2]] = match[1]
    where = ""
    for line in macros.splitlines():
        if line.startswith("# "):
            where = line.split('"')[1]
        match = re.match(r"#define (\w+)(\([^)]*\))? *(.*)", line)
        if match and where.startswith(own):
            if match[2] and (match[3] or root == INCLUDE):
                found[match[1]] = where
            elif match[3]:
                values[match[1]] = where
    return found, values


def functions():
    """{name: header} of include/linux and include/kmem."""
    found, _ = defined(INCLUDE, FOLDERS)
    found = {n: h for n, h in found.items() if not INNER.match(n)}
    if len(found) < 300:
        sys.exit(f"check-compat: found {len(found)} functions only")
    return found


def kernel_names():
    """({name: header}, those of them that are called) of include/kernel."""
    root = INCLUDE / "kernel"
    found, values = defined(root, sorted(
        p.name for p in root.iterdir() if p.is_dir()))
    for header in headers(root, ["linux", "kmem"]):
        for name in re.findall(r"^extern [^;(]*?(\w+) KMEM_KERNEL",
                               code_of(header), re.M):
            values[name] = str(header)
    names = {n: str(pathlib.Path(h).relative_to(root))
             for n, h in (values | found).items() if not PLUMBING.match(n)}
    if len(names) < 750:
        sys.exit(f"check-compat: found {len(names)} names of include/kernel")
    return names, {n for n in names if n in found}


def exported(build):
    out = subprocess.run(["nm", "-D", "--defined-only",
                          str(build / "libkmem.so")], check=True,
                         capture_output=True, text=True).stdout
    for line in out.splitlines():
        name = line.split()[-1].split("@")[0]
        if name.startswith("kmem_") and not INNER.match(name):
            yield name


def rows(doc, first):
    """The cells of each row of the tables whose columns begin with these."""
    inside = False
    for line in (ROOT / doc).read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [c.strip() for c in line.strip("|").split("|")]
        if cells[:len(first)] == first:
            inside = True
        elif inside and not cells[0].startswith("-"):
            yield cells


def names_of(cell, doc="docs/compat.md"):
    names = []
    for item in re.split(r", (?![^(]*\))", cell.replace("`", "")):
        match = ITEM.match(item)
        if match:
            names.append(match[1])
        else:
            bad.append(f"{doc}: '{item}' is no name")
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


def check_kernel_row(cells, names, called, taken):
    """Of one row of docs/kernel-names.md; adds its names to taken."""
    doc = "docs/kernel-names.md"
    if len(cells) != 5:
        bad.append(f"{doc}: not five columns: {cells[:2]}")
        return
    header, what = cells[0].strip("`<>"), cells[2]
    tests = cells[4].replace("`", "").split(", ")
    if what not in KINDS:
        bad.append(f"{doc}: {header}: '{what}' is none of {', '.join(KINDS)}")
    missing = [t for t in tests if not t or not (ROOT / t).exists()]
    bad.extend(f"{doc}: {header}: no test '{t}'" for t in missing)
    here = [n for n, h in names.items() if h == header and n not in taken]
    for name in names_of(cells[1], doc):
        some = fnmatch.filter(here, name) if "*" in name else [
            n for n in here if n == name]
        if not some:
            bad.append(f"{doc}: {header} has no {name}, or it has a row")
        for one in some:
            taken.add(one)
            look = called_in if one in called else words_of
            if not missing and not any(one in look(t) for t in tests):
                bad.append(f"{one} of {header}: {' '.join(tests)} "
                           "does not call it")


def check_kernel(rowed):
    """Rows of docs/compat.md count for what a header of both declares."""
    names, called = kernel_names()
    table, taken = list(rows("docs/kernel-names.md", ["header", "name"])), set()
    if len(table) < 60:
        sys.exit("check-compat: docs/kernel-names.md is short")
    for row in sorted(table, key=lambda r: "*" in r[1]):
        check_kernel_row(row, names, called, taken)
    for name, header in sorted(names.items()):
        if name not in taken and name not in rowed:
            bad.append(f"{name} of kernel/{header}: "
                       "no row in docs/kernel-names.md")
    return f"include/kernel {len(names)} names, {len(table)} rows"


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
for row in sorted(rows("docs/compat.md", ["function"]), key=lambda r: "*" in r[0]):
    check_row(row, known, rowed, absent)
for name, header in sorted(known.items()):
    if name not in rowed:
        bad.append(f"{name} of {pathlib.Path(header).relative_to(INCLUDE)}: "
                   "no row in docs/compat.md")
for symbol in exported(pathlib.Path(sys.argv[1])):
    if symbol not in rowed and symbol.removeprefix("kmem_") not in rowed:
        bad.append(f"{symbol}: exported, no row in docs/compat.md")
present = check_contract(absent)
kernel = check_kernel(rowed)
for line in bad:
    print(line)
print(f"check-compat: {len(known)} functions, {len(rowed)} in rows; {present}; "
      f"{kernel}")
sys.exit(1 if bad else 0)
