#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What comments in the C sources say is there; part of check-docs.sh.

  name()		is a name of the code (not of comments alone), of the
			C library, of liburcu, or of docs/compat.md
  folder/file.c		exists, from the root, src/, include/, tests/, or the
			file's own folder
  file.c		is the name of some file
  80 columns		of a comment; code is clang-format's, and texts of
			tests/death/ are as long as the report is

Prints what is not so, and exits with 1 if there was any.  With --fix, which
make fmt uses, it first shortens the rules behind headings.
"""
import ctypes
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMMENTED = ("src/", "include/", "tools/", "tests/")
WIDTH = 80
# Of a library that is looked for at run time.
LIBURCU = {"call_rcu", "synchronize_rcu"}
TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)
NAME = re.compile(r"(?<![\w.>*-])([A-Za-z_]\w+)\(\)")
PATH = re.compile(r"(?<![\w<./*-])((?:[\w.-]+/)*[\w-]+\.(?:c|h|S|py|sh|md|txt|map|build))\b(?![\w/*])")


def tree(*patterns):
    got = subprocess.run([ROOT / "scripts/tree.sh", *patterns], cwd=ROOT, check=True,
                         capture_output=True, text=True)
    return got.stdout.split()


def split(text):
    """The code, and (line, text) of each comment."""
    code, comments, at = [], [], 0
    for m in TOKEN.finditer(text):
        if m.group("comment") is None:
            continue
        code.append(text[at:m.start()])
        comments.append((text.count("\n", 0, m.start()) + 1, m.group("comment")))
        at = m.end()
    code.append(text[at:])
    return "".join(code), comments


def width(line):
    return len(line.expandtabs(8))


def fix_rules(file):
    """The dashes behind a heading end where the line may."""
    path = ROOT / file
    lines = path.read_text(encoding="utf-8").split("\n")
    short = []
    for line in lines:
        over = width(line) - WIDTH
        m = re.fullmatch(r"(\s*/\* -+ .* )(-+)( \*/)", line)
        if m and 0 < over < len(m.group(2)):
            line = m.group(1) + m.group(2)[over:] + m.group(3)
        short.append(line)
    if short != lines:
        path.write_text("\n".join(short), encoding="utf-8")


class Check:
    def __init__(self):
        self.bad = 0
        self.files = tree()
        self.base = {pathlib.PurePath(f).name for f in self.files}
        self.sources = {f: (ROOT / f).read_text(encoding="utf-8")
                        for f in tree("*.c", "*.h", "*.cpp", "*.S")}
        self.parts = {f: split(text) for f, text in self.sources.items()}
        self.words = set()
        for code, _ in self.parts.values():
            self.words.update(re.findall(r"[A-Za-z_]\w+", code))
        for f in tree("*.py", "*.sh", "*.map"):
            self.words.update(re.findall(r"[A-Za-z_]\w+", (ROOT / f).read_text(encoding="utf-8")))
        self.words.update(re.findall(r"[A-Za-z_]\w+", (ROOT / "docs/compat.md").read_text(encoding="utf-8")))
        self.libc = ctypes.CDLL(None)

    def complain(self, file, line, what):
        print(f"{file}:{line}: {what}")
        self.bad = 1

    def known_name(self, name):
        return name in self.words or name in LIBURCU or hasattr(self.libc, name)

    def known_path(self, path, file):
        if "/" not in path:
            return path in self.base
        places = [ROOT, ROOT / "src", ROOT / "include", ROOT / "tests", (ROOT / file).parent]
        return any((p / path).exists() for p in places)

    def comment(self, file, first, text):
        for m in NAME.finditer(text):
            if not self.known_name(m.group(1)):
                self.complain(file, first + text.count("\n", 0, m.start()), f"no code has {m.group(1)}()")
        for m in PATH.finditer(text):
            if not self.known_path(m.group(1), file):
                self.complain(file, first + text.count("\n", 0, m.start()), f"there is no {m.group(1)}")

    def columns(self, file, first, text):
        lines = self.sources[file].split("\n")
        for n in range(first, first + text.count("\n") + 1):
            if width(lines[n - 1]) > WIDTH:
                self.complain(file, n, f"a comment of {width(lines[n - 1])} columns")

    def run(self):
        for file, (_, comments) in sorted(self.parts.items()):
            if not file.startswith(COMMENTED):
                continue
            for first, text in comments:
                self.comment(file, first, text)
                if not file.startswith("tests/death/"):
                    self.columns(file, first, text)
        return self.bad


if sys.argv[1:] == ["--fix"]:
    for name in tree("*.c", "*.h", "*.cpp"):
        if name.startswith(COMMENTED):
            fix_rules(name)
sys.exit(Check().run())
