# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What a program must print, as the first comment of its source that has a line
"Expect:" says: the lines below it, up to an empty one, each after a tab.  All
else in a line stands for itself but

  <hex>    a number or address in hexadecimal, 0x or not
  <n>      a decimal number
  <pid>    a decimal number other than 0
  <file>   the path of a source file
  <line>   a line number
  <sym>    symbol+0xoffset/0xsize, or an address
  <any>    anything, to the end of the line or to what follows it
  <frames> alone on a line: any number of frames of a stack
  ...      alone on a line: any number of lines

"Expect: nothing" is silence.  Then may follow

  Exit: N           the exit status, 0 if not said
  Exit: SIGABRT     the signal that ends the program
  Options: TEXT     KMEM_OPTIONS for it
"""
import re
import signal

WORDS = {
    "<hex>": r"(?:0x)?[0-9a-f]+",
    "<n>": r"[0-9]+",
    "<pid>": r"[1-9][0-9]*",
    "<file>": r"[\w./-]+\.[ch]",
    "<line>": r"[0-9]+",
    "<sym>": r"\S+",
    "<any>": r".*",
}
# Of a symbol, or of an address that has none.
FRAME = r" +(?:\S+\+0x[0-9a-f]+(?:/0x[0-9a-f]+)?|0x[0-9a-f]+)\n"
LINES = {"...": r"(?:.*\n)*?", "<frames>": f"(?:{FRAME})*"}


def line_pattern(line):
    if line.strip() in LINES:
        return LINES[line.strip()]
    parts = re.split("(" + "|".join(map(re.escape, WORDS)) + ")", line)
    return "".join(WORDS.get(p, re.escape(p)) for p in parts) + r"\n"


def pattern(lines):
    """Of a whole text, for match()."""
    return re.compile("".join(map(line_pattern, lines)) + r"\Z")


class Expected:
    def __init__(self, source):
        with open(source, encoding="utf-8") as file:
            comments = re.findall(r"/\*(.*?)\*/", file.read(), re.S)
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

    def faults(self, status, text):
        """What is wrong with how a program ended and what it printed."""
        bad = []
        if status != self.exit:
            bad.append(f"exit status {status}, expected {self.exit}")
        if not pattern(self.lines).match(text):
            bad.append("the report differs")
        return bad
