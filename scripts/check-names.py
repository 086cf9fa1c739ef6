#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""check-names.py: a backtrace names one function of the library.

No two files of src/ define a function of the same name, static ones too,
except the files of INSTEAD, of which a build has the one or the other, and a
header with the C file of its name, which has what it has in other builds.
"""
import collections
import pathlib
import re
import sys

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"
# Left out: another file defines the same functions for another build.
INSTEAD = re.compile(r"^port/(fake|bare)/|^sync/pcs_none\.c$|_aarch64\.h$")
DEFINITION = re.compile(
    r"^(?!\s|#|typedef\b)[^;{}()]*?(?:__attribute__\(\(.*?\)\)[^;{}()]*?)*"
    r"\b(\w+)\([^;{}]*\)\s*\n\{", re.M)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)

where = collections.defaultdict(set)
for path in sorted(SRC.rglob("*.[ch]")):
    file = path.relative_to(SRC).as_posix()
    if not INSTEAD.search(file):
        code = COMMENT.sub("", path.read_text(encoding="utf-8"))
        for name in DEFINITION.findall(code):
            where[name].add(file)
twice = {name: files for name, files in where.items()
         if len({file.rpartition(".")[0] for file in files}) > 1}
for name, files in sorted(twice.items()):
    print(f"{name}() is in {', '.join(sorted(files))}: name one by its topic")
if len(where) < 1000:
    sys.exit(f"check-names: found {len(where)} functions only")
if twice:
    sys.exit(1)
print(f"check-names: {len(where)} functions")
