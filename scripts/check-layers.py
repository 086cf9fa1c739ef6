#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Includes go down only.

 1. A file of src/<layer> includes "<layer>/x.h" of its own or a lower layer,
    in the order of src/layers.txt.
 2. The core (all of src/ but port/linux/, port/fake/ and front/) includes
    of the rest only the freestanding headers and those of include/; and
    port/probe.h <sys/sdt.h>, if the build found it.
 3. src/port/port.h includes freestanding headers alone: port/linux/ meets
    the system's <linux/*.h> and must not meet ours.
 4. A .c file with a header of its own name includes it before any other of
    ours.
 5. include/ includes nothing of src/, and the tools nothing of src/ but the
    table of options and the records that kmem debug and kmem whatis read.
 6. No .c file of src/ or the tools has more than 700 lines, and no header of
    src/ or include/ more than 400.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FREESTANDING = {
    "limits.h",
    "stdalign.h",
    "stdarg.h",
    "stdbool.h",
    "stddef.h",
    "stdint.h",
}
FOR_TOOLS = {
    "lib/options.h",
    # docs/decisions/0037-views.md, 0043-leaks.md
    "alloc/map_cache.h",
    "alloc/percpu_chunk.h",
    "alloc/vmalloc.h",
    "front/fenced.h",
    "page/sites.h",
    "lib/tree.h",
    "slab/defer.h",
    "slab/view.h",
}
INCLUDE = re.compile(r'^\s*#\s*include(?:_next)?\s*([<"])([^>"]+)[>"]', re.M)


def layers():
    lines = (ROOT / "src/layers.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def is_core(path):
    return path.parent.name not in ("front", "linux", "fake", "bare")


def check_src(path, order, errors):
    rel = path.relative_to(ROOT)
    layer = rel.parts[1]
    if layer not in order:
        errors.append(f"{rel}: folder {layer} is not in src/layers.txt")
        return
    own = path.relative_to(ROOT / "src").with_suffix(".h").as_posix()
    ours = []
    for match in INCLUDE.finditer(path.read_text()):
        kind, name = match.groups()
        line = path.read_text()[: match.start()].count("\n") + 1
        where = f"{rel}:{line}"
        top = name.split("/")[0]
        if kind == '"':
            ours.append(name)
            if top not in order or not (ROOT / "src" / name).is_file():
                errors.append(f'{where}: "{name}" is no header of a layer')
            elif order.index(top) > order.index(layer):
                errors.append(f'{where}: {layer}/ includes "{name}" above it')
            continue
        public = (ROOT / "include" / name).is_file()
        if public:
            ours.append(name)
        if path.name == "port.h" and public:
            errors.append(f"{where}: port.h knows nothing of <{name}>")
        if str(rel) == "src/port/probe.h" and name == "sys/sdt.h":
            continue  # macros and assembly, and only where it is found
        if is_core(path) and not public and name not in FREESTANDING:
            errors.append(f"{where}: <{name}> is not freestanding")
    has_own = (ROOT / "src" / own).is_file()
    if path.suffix == ".c" and has_own and ours and ours[0] != own:
        errors.append(f'{rel}: "{own}" is not its first header of ours')


def check_outside(folder, errors):
    for path in sorted((ROOT / folder).rglob("*.[ch]")):
        rel = path.relative_to(ROOT)
        for kind, name in INCLUDE.findall(path.read_text()):
            inside = (path.parent / name).is_file()
            if folder == "tools" and name in FOR_TOOLS:
                continue
            if kind == '"' and not inside and (ROOT / "src" / name).is_file():
                errors.append(f'{rel}: includes "{name}" of src/')


def check_size(path, errors):
    most = 400 if path.suffix == ".h" else 700
    lines = path.read_text().count("\n")
    if lines > most:
        rel = path.relative_to(ROOT)
        errors.append(f"{rel}: {lines} lines, {most} at most")


def main():
    order = layers()
    errors = []
    files = sorted((ROOT / "src").rglob("*.[chS]"))
    for path in files:
        check_src(path, order, errors)
    for folder in ("src", "tools", "include"):
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            check_size(path, errors)
    check_outside("include", errors)
    check_outside("tools", errors)
    print("\n".join(errors) or f"check-layers: {len(files)} files")
    sys.exit(bool(errors))


main()
