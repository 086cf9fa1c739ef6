#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Writes the linker script of the build option plain_symbols.

  plain-symbols.py OUTPUT INCLUDE_FOLDER

Every KMEM_ABI(name) in the headers has the ELF name kmem_name; the script
defines `name` at the same address and exports both.
"""
import pathlib
import re
import sys

HEAD = """/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
"""


def main():
    output, include = map(pathlib.Path, sys.argv[1:])
    names = set()
    for header in include.rglob("*.h"):
        if header.name != "abi.h":
            names.update(
                re.findall(r"\bKMEM_ABI\((\w+)\)", header.read_text())
            )
    lines = [f"{n} = kmem_{n};" for n in sorted(names)]
    text = HEAD + "\n".join(lines) + "\n"
    text += "VERSION {\n\tKMEM_0 {\n\t\tglobal:\n\t\t\tkmem_*;\n"
    text += "".join(f"\t\t\t{n};\n" for n in sorted(names))
    text += "\t};\n}\n"
    if not output.exists() or output.read_text() != text:
        output.write_text(text)


main()
