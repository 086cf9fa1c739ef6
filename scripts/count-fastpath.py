#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Counts what the straight path of a function executes; x86-64, by objdump.

    scripts/count-fastpath.py build/libkmem.so kmem_kmem_cache_alloc
    scripts/count-fastpath.py --trace build/libkmem-malloc.so malloc free

Where a program can be counted while it runs, callgrind is better.  Under
valgrind a thread has no restartable sequences, so a fast path that is one
never runs there.  Its code has no loop, and compilers put the unlikely aside,
so the path is read off: from the entry, no conditional jump is taken, jumps
and tail calls are followed, calls are reported and stepped over (--into walks
into those within the file), the end is a return.

A line of memory is told by its address as far as the code shows it: the
value of the base, copies and constant offsets seen through, and the offset in
steps of 64 bytes.  Two bases may be of one line, and one object may lie
across two: a guess that is good to compare two versions of a function.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass, field

LINE = 64
LIMIT = 2000  # instructions; a straight path is far shorter
PREFIXES = ("lock", "rep", "repz", "repnz", "bnd", "notrack", "data16", "cs")

NAMES = {}
for _r in "abcd":
    for _name in (f"r{_r}x", f"e{_r}x", f"{_r}x", f"{_r}l", f"{_r}h"):
        NAMES[_name] = f"r{_r}x"
for _r in ("si", "di", "bp", "sp"):
    for _name in (f"r{_r}", f"e{_r}", _r, f"{_r}l"):
        NAMES[_name] = f"r{_r}"
for _r in range(8, 16):
    for _name in ("", "d", "w", "b"):
        NAMES[f"r{_r}{_name}"] = f"r{_r}"

READS_ONLY = re.compile(r"(cmp|test|bt|ucomis|comis|vucomis|push|call|jmp)[a-z]*$")
WRITES_ONLY = re.compile(r"(v?mov|set|pop|v?st|cvt)[a-z0-9]*$")
NO_ACCESS = re.compile(r"(lea|nop|prefetch|endbr|clflush)[a-z0-9]*$")


class Unreadable(Exception):
    pass


@dataclass
class Insn:
    address: int
    next: int
    prefixes: list
    name: str
    operands: list
    target: int | None
    label: str
    text: str


@dataclass
class Count:
    instructions: int = 0
    loads: int = 0
    stores: int = 0
    stack: int = 0  # accesses to the stack; not among loads and stores
    locked: int = 0
    branches: int = 0  # conditional, none of them taken unless asked for
    lines: set = field(default_factory=set)
    code: set = field(default_factory=set)
    calls: list = field(default_factory=list)
    end: str = ""

    def numbers(self):
        return {
            "instructions": self.instructions,
            "loads": self.loads,
            "stores": self.stores,
            "stack": self.stack,
            "locked": self.locked,
            "branches": self.branches,
            "data_lines": len(self.lines),
            "code_lines": len(self.code),
            "calls": self.calls,
            "end": self.end,
        }


# --- reading ------------------------------------------------------------------


def split_operands(text):
    """At commas that are not within parentheses."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if c == "," and not depth:
            parts.append(text[start:i])
            start = i + 1
    parts.append(text[start:])
    return [p.strip() for p in parts if p.strip()]


def parse(address, text):
    text = text.split("#")[0].strip()
    label = ""
    match = re.search(r"<([^>]*)>\s*$", text)
    if match:
        label, text = match[1], text[: match.start()].strip()
    words = text.split(None, 1)
    prefixes = []
    while words and words[0] in PREFIXES and len(words) > 1:
        prefixes.append(words[0])
        words = words[1].split(None, 1)
    name = re.sub(r",p[nt]$", "", words[0]) if words else "nop"
    rest = words[1] if len(words) > 1 else ""
    target = None
    if name.startswith(("j", "call")) and re.fullmatch(r"[0-9a-f]+", rest):
        target, rest = int(rest, 16), ""
    return Insn(
        address, 0, prefixes, name, split_operands(rest), target, label, text
    )


class Code:
    def __init__(self, path):
        listing = subprocess.run(
            ["objdump", "-d", "-w", "--no-show-raw-insn", str(path)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        self.insns, self.symbols, last = {}, {}, None
        for line in listing.splitlines():
            match = re.match(r"([0-9a-f]+) <(.*)>:$", line)
            if match:
                self.symbols.setdefault(match[2], int(match[1], 16))
                continue
            match = re.match(r"\s*([0-9a-f]+):\t(.*)$", line)
            if not match:
                continue
            insn = parse(int(match[1], 16), match[2])
            if last:
                last.next = insn.address
            self.insns[insn.address] = last = insn
        # Names that share an address are in the symbol table alone.
        for flag in ("-D", "--defined-only"):
            names = subprocess.run(
                ["nm", flag, str(path)], capture_output=True, text=True
            ).stdout
            for line in names.splitlines():
                words = line.split()
                if len(words) == 3 and words[1] in "TtWwi":
                    self.symbols.setdefault(
                        words[2].split("@")[0], int(words[0], 16)
                    )

    def entry(self, symbol):
        if symbol not in self.symbols:
            raise Unreadable(f"no symbol {symbol}")
        return self.symbols[symbol]


# --- walking ------------------------------------------------------------------


class Walk:
    def __init__(self, code, into=False, taken=(), trace=None):
        self.code = code
        self.into = into
        self.taken = set(taken)
        self.trace = trace
        self.count = Count()
        self.values = {}  # register: what it holds, as (origin, offset)
        self.fresh = 0

    def value(self, register):
        register = NAMES.get(register, register)
        return self.values.setdefault(register, (register, 0))

    def set_value(self, register, value=None):
        if value is None:
            self.fresh += 1
            value = (self.fresh, 0)
        self.values[NAMES.get(register, register)] = value

    def where(self, insn, operand):
        """The line an operand in memory is of; None: on the stack."""
        segment = re.match(r"%([fg]s):", operand)
        match = re.search(r"(-?)(?:0x)?([0-9a-f]*)(?:\(([^)]*)\))?$", operand)
        offset = int(match[2] or "0", 16) * (-1 if match[1] else 1)
        parts = [p.strip().lstrip("%") for p in (match[3] or "").split(",")]
        if segment:
            offset_of = self.value(parts[0]) if parts[0] else ("", 0)
            return (segment[1], offset_of[0], (offset + offset_of[1]) // LINE)
        if parts[0] == "rip":
            return ("rip", (insn.next + offset) // LINE)
        base = self.value(parts[0]) if parts[0] else ("", 0)
        if base[0] == "rsp":
            return None
        index = self.value(parts[1]) if len(parts) > 1 else None
        return (base[0], index, (base[1] + offset) // LINE)

    def access(self, insn):
        """Loads and stores of an instruction that is no jump."""
        memory = [o for o in insn.operands if "(" in o or re.match(r"%[fg]s:", o)]
        name = insn.name
        locked = "lock" in insn.prefixes or (name.startswith("xchg") and memory)
        self.count.locked += bool(locked)
        if name.startswith(("push", "pop", "call", "ret", "leave")):
            self.count.stack += 1
        if not memory or NO_ACCESS.match(name):
            return
        where = self.where(insn, memory[0])
        last = insn.operands[-1] == memory[0]
        one = len(insn.operands) == 1
        stores = (last or name.startswith("xchg")) and not READS_ONLY.match(name)
        loads = not (last and WRITES_ONLY.match(name)) or "cmpxchg" in name
        if one and re.match(r"(mul|imul|div|idiv)", name):
            loads, stores = True, False
        if where is None:
            self.count.stack += loads + stores
            return
        self.count.loads += loads
        self.count.stores += stores
        self.count.lines.add(where)

    def effect(self, insn):
        """What registers hold afterwards."""
        ops, name = insn.operands, insn.name
        if name.startswith("call"):
            for register in ("rax", "rcx", "rdx", "rsi", "rdi"):
                self.set_value(register)
            for n in range(8, 12):
                self.set_value(f"r{n}")
            return
        if not ops or READS_ONLY.match(name) or not ops[-1].startswith("%"):
            return
        dest = ops[-1].lstrip("%")
        if dest not in NAMES:
            return
        if name in ("mov", "movq") and ops[0].startswith("%r"):
            self.set_value(dest, self.value(ops[0].lstrip("%")))
        elif name in ("add", "sub", "addq", "subq") and ops[0].startswith("$"):
            origin, offset = self.value(dest)
            by = int(ops[0][1:], 16)
            self.set_value(
                dest, (origin, offset + (by if name[0] == "a" else -by))
            )
        elif name in ("lea", "leaq") and re.fullmatch(
            r"(-?)(?:0x([0-9a-f]+))?\(%(r\w+)\)", ops[0]
        ) and "rip" not in ops[0]:
            match = re.fullmatch(r"(-?)(?:0x([0-9a-f]+))?\(%(r\w+)\)", ops[0])
            origin, offset = self.value(match[3])
            by = int(match[2] or "0", 16) * (-1 if match[1] else 1)
            self.set_value(dest, (origin, offset + by))
        elif name in ("lea", "leaq") and "(%rip)" in ops[0]:
            by = int(ops[0].split("(")[0], 16)
            self.set_value(dest, ("", insn.next + by))
        else:
            self.set_value(dest)
        if name.startswith("xchg") and ops[0].lstrip("%") in NAMES:
            self.set_value(ops[0].lstrip("%"))

    def after(self, insn, returns):
        """Where execution goes; None at the end."""
        count, name = self.count, insn.name
        if name.startswith("ret"):
            if returns:
                return returns.pop()
            count.end = "return"
            return None
        if name.startswith("call"):
            count.calls.append(insn.label or insn.text)
            if self.into and insn.target in self.code.insns:
                returns.append(insn.next)
                return insn.target
            return insn.next
        if name.startswith("jmp"):
            if insn.target is None:
                if returns:
                    # A stub to elsewhere: it comes back here.
                    return returns.pop()
                count.end = f"leaves by {insn.text}"
                return None
            return insn.target
        if name.startswith("j"):
            count.branches += 1
            return insn.target if count.branches in self.taken else insn.next
        if name in ("ud2", "hlt"):
            count.end = name
            return None
        return insn.next

    def run(self, entry):
        address, returns, count = entry, [], self.count
        while address is not None:
            insn = self.code.insns.get(address)
            if insn is None:
                count.end = f"leaves the code at {address:#x}"
                break
            if count.instructions == LIMIT:
                raise Unreadable(f"no end after {LIMIT} instructions")
            count.instructions += 1
            count.code.add(address // LINE)
            before = (count.loads, count.stores)
            self.access(insn)
            if self.trace:
                marks = "L" * (count.loads - before[0])
                marks += "S" * (count.stores - before[1])
                label = f" <{insn.label}>" if insn.label else ""
                print(
                    f"{count.instructions:4} {address:8x} {marks:3} "
                    f"{insn.text}{label}",
                    file=self.trace,
                )
            self.effect(insn)
            address = self.after(insn, returns)
        return count


def count(code, symbol, **how):
    """`code` may be a path; the numbers of one function."""
    if not isinstance(code, Code):
        code = Code(code)
    return Walk(code, **how).run(code.entry(symbol))


def main():
    p = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("file", type=pathlib.Path)
    p.add_argument("symbol", nargs="+")
    p.add_argument("--into", action="store_true", help="walk into calls")
    p.add_argument(
        "--taken",
        default="",
        metavar="N,...",
        help="conditional jumps that are taken, by their number on the path",
    )
    p.add_argument("--trace", action="store_true", help="show the path")
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    taken = [int(n) for n in args.taken.split(",") if n]
    result = {}
    try:
        code = Code(args.file)
        for symbol in args.symbol:
            result[symbol] = count(
                code,
                symbol,
                into=args.into,
                taken=taken,
                trace=sys.stderr if args.trace else None,
            ).numbers()
    except (Unreadable, OSError, subprocess.CalledProcessError) as why:
        sys.exit(f"{args.file}: {why}")
    if args.json:
        json.dump(result, sys.stdout, indent=1)
        print()
        return
    for symbol, numbers in result.items():
        print(symbol)
        for key, value in numbers.items():
            if isinstance(value, list):
                value = ", ".join(value) or "none"
            print(f"  {key.replace('_', ' '):13} {value}")


if __name__ == "__main__":
    main()
