#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Runs one death test and compares all it printed with what it had to print.

  run.py EXE SOURCE

SOURCE's first comment that has a line "Expect:" says what: the lines below
it, up to an empty one, are standard error, each after a tab.  In them

  <hex>   a number or address in hexadecimal, 0x or not
  <n>     a decimal number
  <pid>   a decimal number other than 0
  <file>  the path of a source file
  <line>  a line number
  <sym>   symbol+0xoffset/0xsize, or an address
  <any>   anything, to the end of the line or to what follows it
  ...     alone on a line: any number of lines

"Expect: nothing" is silence.  Then may follow

  Exit: N           the exit status, 0 if not said
  Exit: SIGABRT     the signal that ends the program
  Options: TEXT     KMEM_OPTIONS for it

The result is TAP and the exit status is 0 or 1.
"""
import os
import re
import signal
import subprocess
import sys

WORDS = {
    "<hex>": r"(?:0x)?[0-9a-f]+",
    "<n>": r"[0-9]+",
    "<pid>": r"[1-9][0-9]*",
    "<file>": r"[\w./-]+\.[ch]",
    "<line>": r"[0-9]+",
    "<sym>": r"\S+",
    "<any>": r".*",
}


class Expected:
    def __init__(self, source):
        text = open(source, encoding="utf-8").read()
        comments = re.findall(r"/\*(.*?)\*/", text, re.S)
        found = [c for c in comments if re.search(r"^ \* Expect:", c, re.M)]
        if not found:
            raise ValueError(f"{source}: no comment with 'Expect:'")
        self.lines = []
        self.exit = 0
        self.options = None
        inside = False
        for line in found[0].split("\n"):
            line = line[3:] if line.startswith(" * ") else line
            line = line[2:] if line.startswith(" *") else line
            if line.startswith("Expect:"):
                inside = "nothing" not in line
            elif line.startswith("Exit:"):
                self.exit = self.status(line.split(":", 1)[1].strip())
                inside = False
            elif line.startswith("Options:"):
                self.options = line.split(":", 1)[1].strip()
                inside = False
            elif inside and line.startswith("\t"):
                self.lines.append(line[1:])
            elif inside and self.lines and not line.strip():
                inside = False

    @staticmethod
    def status(text):
        if text.isdigit():
            return int(text)
        return -getattr(signal, text)

    def pattern(self):
        out = []
        for line in self.lines:
            if line == "...":
                out.append(r"(?:.*\n)*?")
                continue
            parts = re.split("(" + "|".join(map(re.escape, WORDS)) + ")", line)
            out.append(
                "".join(WORDS.get(p, re.escape(p)) for p in parts) + r"\n"
            )
        return re.compile("".join(out) + r"\Z")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    exe, source = sys.argv[1:]
    name = os.path.basename(source).removesuffix(".c")
    print("TAP version 13\n1..1")
    want = Expected(source)
    env = dict(os.environ)
    env.pop("KMEM_OPTIONS", None)
    options = [want.options, env.get("KMEM_TEST_OPTIONS")]
    if any(options):
        env["KMEM_OPTIONS"] = ",".join(filter(None, options))
    done = subprocess.run(
        [os.path.abspath(exe)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    if done.returncode == 77:
        print(f"ok 1 - {name} # SKIP {done.stdout.decode().strip()}")
        return 0
    got = done.stderr.decode(errors="replace")
    bad = []
    if done.returncode != want.exit:
        bad.append(f"exit status {done.returncode}, expected {want.exit}")
    if not want.pattern().match(got):
        bad.append("the report differs")
    print(("not ok" if bad else "ok") + f" 1 - {name}")
    if bad:
        for line in bad + ["expected:"] + want.lines:
            print("# " + line)
        print("# got:")
        for line in (done.stdout.decode(errors="replace") + got).splitlines():
            print("# " + line)
    return 1 if bad else 0


sys.exit(main())
