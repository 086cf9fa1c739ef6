#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""check-loops.py [--print]: every loop of the core ends, and says why.

A plain loop needs no words, since its head says how often it runs: it counts
(a step and a comparison, or "left--" and "tries++ < N"), or its condition
calls nothing, nor takes what a call in its body said, and its body neither
waits nor tries for a lock or an exchange.
Every other loop, and every jump backwards, has a comment in front of it, or
first in its body, that says what ends it:

	/* Bound: the CPUs seen. */
	/* Sleeps: until the lock is free. */
	/* Progress: another thread's push came between. */

Bound: the number of rounds is limited, whatever other threads do.  Sleeps:
the thread sleeps in each round, so that threads of any priority run.
Progress: each round but the last is a step that another thread completed;
threads that do not run cannot cause one.

docs/loops.md has them all; --print writes its rows as they should be.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOC = ROOT / "docs/loops.md"
CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
# No calls, or of an accessor, whose loop is over a list or a text.
PURE = {
    *("sizeof", "ARRAY_LEN", "unlikely", "likely", "if", "while", "for"),
    *("hook_of", "page_of", "note_of", "list_entry_of", "pcs_is_full"),
    *("memcmp", "text_len", "text_equal"),
}
# What a round that gets nowhere without others looks like.
WAITS = re.compile(
    r"port_wait|port_yield|port_relax|_try\w*\s*\(|lock_get\s*\("
    r"|__atomic_(compare_)?exchange|__atomic_fetch"
)
SAYS = re.compile(r"\b(Bound|Sleeps|Progress): (.*?)\.(?=\s|$)", re.S)
# A conjunct that counts, whatever the others do.
COUNTS = re.compile(r"^\s*\w+(--|\+\+ <=? \w+)\s*$")
COMPARES = re.compile(r"^\s*\(?[\w.>-]+ (<|>|!=|<=|>=) [^()]+$")


def core_files():
    layers = [
        line
        for line in (ROOT / "src/layers.txt").read_text().split()
        if (ROOT / "src" / line).is_dir() and line != "front"
    ]
    for layer in layers:
        for path in sorted((ROOT / "src" / layer).rglob("*.[ch]")):
            if re.search(r"port_(linux|fake|bare)|/port/(linux|fake|bare)/", str(path)):
                continue
            yield path


def blank(match):
    return re.sub(r"[^\n]", " ", match[0])


def closing(code, start, pair="()"):
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] == pair[0]) - (code[i] == pair[1])
        if not depth and code[i] == pair[1]:
            return i
    raise SystemExit(f"check-loops: unbalanced {pair}")


def statement_end(code, at):
    """The end of the statement that begins at or after at."""
    at += len(code[at:]) - len(code[at:].lstrip())
    if code[at] == "{":
        return closing(code, at, "{}") + 1
    word = re.match(r"(for|while|if|do|else)\b", code[at:])
    if not word:
        return code.index(";", at) + 1
    if word[1] in ("do", "else"):
        return statement_end(code, at + len(word[1]))
    return statement_end(code, closing(code, code.index("(", at)) + 1)


def calls(text):
    return [name for name in CALL.findall(text) if name not in PURE]


class Loop:
    def __init__(self, path, text, code, at, kind, head, body, goto=False):
        self.path, self.at, self.kind = path, at, kind
        self.head, self.body, self.goto = head, body, goto
        self.line = text.count("\n", 0, at) + 1
        self.function = function_of(code, at)
        self.words = words_at(text, at, body)

    def plain(self):
        if self.goto:
            return False
        condition, steps = self.head, False
        if self.kind == "for":
            _, condition, step = split_head(self.head)
            steps = bool(step.strip()) and not calls(step)
        if condition.strip() in ("", "1", "true"):
            return False
        if "||" not in condition:
            parts = condition.split("&&")
            if any(COUNTS.match(p) for p in parts):
                return True
            if steps and any(COMPARES.match(p) for p in parts):
                return True
        if calls(condition) or self.kind == "do":
            return False
        for name in re.findall(r"\b[a-z_]\w*\b", condition):
            for value in re.findall(
                rf"\b{name}(?:\[[^]]*\])? [|&]?= ([^;]*)", self.code_of_body
            ):
                if not steps and calls(value):
                    return False
        return steps or not WAITS.search(self.code_of_body)

    def row(self):
        how, why = self.words
        return f"| `{self.path}` | `{self.function}()` | {how} | {why} |"


def split_head(head):
    parts, depth, part = [], 0, ""
    for c in head:
        depth += (c in "([{") - (c in ")]}")
        if c == ";" and not depth:
            parts.append(part)
            part = ""
        else:
            part += c
    return parts + [part]


def function_of(code, at):
    names = re.findall(
        r"^(?!\s|#|\}|\{).*?(\w+)\((?!\()", code[:at], re.M
    )
    return names[-1] if names else "?"


def words_at(text, at, body):
    """What the comment in front, or the first of the body, says."""
    before = text[:at].rstrip()
    found = None
    if before.endswith("*/"):
        found = SAYS.search(before[before.rindex("/*"):])
    if not found:
        inside = text[body:].lstrip().removeprefix("{").lstrip()
        if inside.startswith("/*"):
            found = SAYS.search(inside[: inside.index("*/")])
    if not found:
        return None
    why = re.sub(r"\s*\n\s*\*?\s*", " ", found[2]).strip()
    return found[1], why


def loops_of(path):
    text = path.read_text()
    code = re.sub(r'"(\\.|[^"\\\n])*"', blank, text)
    code = re.sub(r"/\*.*?\*/|//[^\n]*", blank, code, flags=re.S)
    code = re.sub(r"^[ \t]*#([^\n]*\\\n)*[^\n]*", blank, code, flags=re.M)
    rel = path.relative_to(ROOT).as_posix()
    ends = set()
    for match in re.finditer(r"\b(for|while|do)\b", code):
        at, kind = match.start(), match[1]
        if at in ends:
            continue
        if kind == "do":
            end = statement_end(code, match.end())
            tail = re.match(r"\s*while\b", code[end:])
            ends.add(end + tail.end() - len("while"))
            left = code.index("(", end)
            body = match.end()
        else:
            left = code.index("(", at)
            body = closing(code, left) + 1
            end = statement_end(code, body)
        head = code[left + 1 : closing(code, left)]
        loop = Loop(rel, text, code, at, kind, head, body)
        loop.code_of_body = code[body:end]
        yield loop
    for match in re.finditer(r"^\s*goto (\w+);", code, re.M):
        label = [
            m.start()
            for m in re.finditer(rf"^{match[1]}:", code[: match.start()], re.M)
        ]
        start = code.rfind("\n}\n", 0, match.start())
        if label and label[-1] > start:
            at = label[-1]
            yield Loop(rel, text, code, at, "goto", "", at + len(match[1]) + 1,
                       goto=True)


def main():
    loops = [loop for path in core_files() for loop in loops_of(path)]
    telling = [loop for loop in loops if not loop.plain()]
    silent = [loop for loop in telling if not loop.words]
    rows = sorted({loop.row() for loop in telling if loop.words})
    if sys.argv[1:] == ["--print"]:
        print("\n".join(rows))
        return 0
    for loop in silent:
        print(f"{loop.path}:{loop.line}: {loop.function}(): what ends this "
              "loop?  Say it: Bound: .., Sleeps: .. or Progress: ..")
    have = [
        line for line in DOC.read_text().splitlines() if line.startswith("| `")
    ] if DOC.exists() else []
    for row in sorted(set(rows) ^ set(have)):
        print(f"docs/loops.md: {'is to have' if row in rows else 'has'} {row}")
    if silent or have != rows:
        print("check-loops: see the head of scripts/check-loops.py; "
              "its --print writes the rows of docs/loops.md")
        return 1
    print(f"check-loops: {len(loops)} loops, {len(rows)} rows")
    return 0


sys.exit(main())
