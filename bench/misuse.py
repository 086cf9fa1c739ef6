#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Which misuse of malloc which allocator sees, and what that costs.

`make misuse` calls it.  Each kind of bench/misuse.c runs on each allocator that
is found: ours at its three levels, glibc without and with its checks, mimalloc
and scudo where Debian's packages are installed, and those that are named:

    make misuse PEERS=hardened=/path/libhardened_malloc.so,secure=/path/x.so

    --json       the result as JSON
    --write F    puts the tables into F, between their markers
    --only K,..  these kinds alone;  --ours  our levels alone
    --no-cost    without the time and the memory
"""
import argparse
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import peers as given_peers  # noqa: E402
from table import write_between  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
OURS = ("off", "cheap", "strict")
LIMIT = 60  # seconds; a kind takes a fraction of one
ROUNDS = 5
REPLACEMENTS = 200_000
# A table stands in a file between two of these.
BEGIN, END = "<!-- {}: begin -->", "<!-- {}: end -->"

# In the order of the table; of bench/misuse.c.
KINDS = {
    "free_twice": "`free()` twice in a row",
    "free_twice_between": ".. with another block's between them",
    "free_twice_late": ".. with 200 others' between them",
    "free_twice_threads": ".. by two threads",
    "free_twice_large": ".. of 256 KiB",
    "free_twice_large_late": ".. of 256 KiB, another's between them",
    "free_twice_nothing": ".. of 0 bytes",
    "free_plus_1": "`free(p + 1)`",
    "free_plus_16": "`free(p + 16)`",
    "free_plus_1_large": "`free(p + 1)` of 256 KiB",
    "free_plus_page_large": "`free(p + 4096)` of 256 KiB",
    "free_stack": "`free()` of a local variable",
    "free_static": "`free()` of a static variable",
    "free_mapped": "`free()` of a page of `mmap()`",
    "free_protected": "`free()` of a page that faults",
    "free_near": "`free()` of an address 1 MiB behind a block",
    "free_far": "`free()` of an address 1 GiB behind a block",
    "free_uninitialised": "`free()` of junk",
    "realloc_freed": "`realloc()` of what was freed",
    "realloc_plus_1": "`realloc(p + 1)`",
    "realloc_plus_16": "`realloc(p + 16)`",
    "realloc_uninitialised": "`realloc()` of junk",
    "usable_freed": "`malloc_usable_size()` of what was freed",
    "usable_plus_1": "`malloc_usable_size(p + 1)`",
    "usable_near": "`malloc_usable_size()` 1 MiB behind a block",
    "usable_uninitialised": "`malloc_usable_size()` of junk",
    "free_sized_small": "`free_sized()` of 64 bytes as 63",
    "free_sized_small_class": "`free_sized()` of 64 bytes as 256",
    "free_sized_large": "`free_sized()` of 256 KiB as a byte less",
    "delete_small": "`delete` of 1 byte as 32",
    "delete_large": "`delete` of 256 KiB as 128",
    "delete_aligned_small": "`delete` of 64 aligned bytes as 128",
    "delete_aligned_large": "`delete` of 16 KiB, aligned, as 10 bytes less",
    "overrun_1": "write to the byte behind a block",
    "overrun_8": "write 8 bytes behind a block",
    "overrun_usable": "write behind the usable size",
    "overrun_leaked": "write behind a block that is never freed",
    "underrun_1": "write to the byte before a block",
    "overrun_large_1": "write to the byte behind 256 KiB",
    "overrun_large_8": "write 8 bytes behind 256 KiB",
    "overrun_large_odd": "write to the byte behind 256 KiB less 100",
    "underrun_large_1": "write to the byte before 256 KiB",
    "overread_large": "read of the byte behind 256 KiB",
    "write_nothing": "write to a block of 0 bytes",
    "read_nothing": "read of a block of 0 bytes",
    "write_freed": "write to what was freed",
    "write_freed_later": ".. after 1000 other calls",
    "read_freed": "read of what was freed",
    "write_freed_large": "write to 256 KiB that were freed",
    "write_freed_large_later": ".. after another call",
    "read_freed_large": "read of 256 KiB that were freed",
    "nothing_wrong": "no misuse",
}


class Peer:
    def __init__(self, name, preload=None, **env):
        self.name = name
        self.preload = preload
        self.env = env

    def environment(self):
        env = {
            k: v
            for k, v in os.environ.items()
            if not re.match(r"KMEM_|MALLOC_|GLIBC_|MIMALLOC_|SCUDO_|LD_PRE", k)
        }
        if self.preload:
            env["LD_PRELOAD"] = str(self.preload)
        env.update(self.env)
        return env


def ours(build, more=""):
    lib = pathlib.Path(build).resolve() / "libkmem-malloc.so"
    options = ("check=" + level + more for level in OURS)
    return [
        Peer(level, lib, KMEM_OPTIONS=o) for level, o in zip(OURS, options)
    ]


def first(*patterns):
    for pattern in patterns:
        found = sorted(glob.glob(pattern))
        if found:
            return found[-1]
    return None


def peers(named):
    all_ = [Peer("glibc")]
    lib = first("/lib/*-linux-gnu/libc_malloc_debug.so.0")
    if lib:
        all_.append(Peer("glibc checked", lib, MALLOC_CHECK_="3",
                         MALLOC_PERTURB_="170"))
    lib = first("/usr/lib/*-linux-gnu/libmimalloc.so.2")
    if lib:
        all_.append(Peer("mimalloc", lib))
    lib = first(
        "/usr/lib/llvm-*/lib/clang/*/lib/linux/"
        f"libclang_rt.scudo_standalone-{os.uname().machine}.so"
    )
    if lib:
        all_.append(Peer("scudo", lib))
    for one in given_peers.parse(named):
        all_.append(Peer(one.name, one.path, **one.settings))
    return all_


def compile_program(folder):
    """The program, in C++ if there is a compiler for it, else in C."""
    cxx = os.environ.get("CXX") or "c++"
    words = cxx.split() + ["-x", "c++", "-std=c++17"]
    if not shutil.which(words[0]):
        words = (os.environ.get("CC") or "cc").split()
    program = pathlib.Path(folder) / "misuse"
    done = subprocess.run(
        words
        + ["-O1", "-g", "-w", "-pthread", "-rdynamic", "-o", str(program)]
        + [str(ROOT / "bench/misuse.c"), "-ldl"],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"bench/misuse.c does not compile:\n{done.stderr}")
    return program


class Outcome:
    """What one kind did on one allocator."""

    def __init__(self, returncode, text):
        self.returncode = returncode
        self.text = text
        self.harm = re.findall(r"^<harm: (.*)>$", text, re.M)
        clean = re.sub(r"^<harm: .*>\n", "", text, flags=re.M)
        _, at, rest = clean.partition("<at>\n")
        call, after, rest = rest.partition("<after>\n")
        later, end, last = rest.partition("<end>\n")
        if "<missing>" in clean or not at:
            self.seen = "none"
        elif call.strip() or not after:
            self.seen = "call"
        elif later.strip() or last.strip() or not end or returncode:
            self.seen = "later"
        else:
            self.seen = "never"

    def word(self):
        word = {"never": "-", "none": ""}.get(self.seen, self.seen)
        # who is stopped at the call does no more harm
        return word + (" !" if self.harm else "")


def on_one_cpu():
    """What a thread frees another may be given: the worst case, each time."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def run(program, kind, peer):
    try:
        done = subprocess.run(
            [str(program), kind],
            env=peer.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=LIMIT,
            preexec_fn=on_one_cpu,
        )
    except subprocess.TimeoutExpired as late:
        return Outcome(-1, (late.stderr or b"").decode(errors="replace"))
    return Outcome(done.returncode, done.stderr.decode(errors="replace"))


def one_cost(program, peer, n):
    """CPU seconds and the most KiB resident."""
    done = subprocess.run(
        [str(program), "cost", str(n)],
        env=peer.environment(),
        capture_output=True,
        text=True,
    )
    found = re.search(r"^(\d+) us, (\d+) KiB$", done.stdout, re.M)
    if done.returncode or not found:
        return None
    return int(found[1]) / 1e6, int(found[2])


def costs(program, all_, n=REPLACEMENTS):
    """The allocators in turns; of each the least of its rounds."""
    least = {}
    for _ in range(ROUNDS):
        for peer in all_:
            got = one_cost(program, peer, n)
            if got is None:
                continue
            old = least.get(peer.name, got)
            least[peer.name] = tuple(min(a, b) for a, b in zip(old, got))
    base = least.get(OURS[0])
    return {
        name: {
            "seconds": round(s, 4),
            "kib": k,
            "time": round(s / base[0], 2) if base and base[0] else None,
            "memory": round(k / base[1], 2) if base else None,
        }
        for name, (s, k) in least.items()
    }


def row(cells):
    return "| " + " | ".join(cells) + " |"


def tables(seen, cost, names):
    lines = [row(["misuse"] + names), row(["---"] * (len(names) + 1))]
    for kind in seen:
        cells = [seen[kind].get(n, "") for n in names]
        lines.append(row([KINDS.get(kind, kind)] + cells))
    counted = [k for k in seen if k != "nothing_wrong"]
    for what, words in (("seen at the call", ("call",)),
                        ("seen at all", ("call", "later"))):
        cells = []
        for n in names:
            have = [seen[k][n].split(" ")[0] for k in counted if seen[k].get(n)]
            some = sum(word in words for word in have)
            cells.append(f"{some} of {len(have)}")
        lines.append(row([f"**{what}**"] + cells))
    if cost:
        for key, what in (("time", "CPU time"), ("memory", "memory")):
            cells = [str(cost.get(n, {}).get(key, "")) for n in names]
            lines.append(row([f"**{what}**, off is 1"] + cells))
    return "\n".join(lines) + "\n"


def put_into(path, text, table="misuse"):
    write_between(path, text.rstrip("\n"), BEGIN.format(table), END.format(table))


def table_of(path, table="misuse", kinds=None):
    """Kind, column: the word that the table in a file says."""
    names = {text: kind for kind, text in (kinds or KINDS).items()}
    text = pathlib.Path(path).read_text(encoding="utf-8")
    text = text.partition(BEGIN.format(table))[2]
    text = text.partition(END.format(table))[0]
    lines = [
        [c.strip() for c in line.strip().strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    if not lines:
        return {}
    head = lines[0]
    return {
        names[cells[0]]: dict(zip(head[1:], cells[1:]))
        for cells in lines[2:]
        if cells[0] in names
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", default="build")
    parser.add_argument("--peers", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--no-cost", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", metavar="FILE")
    args = parser.parse_args()

    all_ = ours(args.build) + ([] if args.ours else peers(args.peers))
    if not all_[0].preload.exists():
        sys.exit(f"there is no {all_[0].preload}; make builds it")
    with tempfile.TemporaryDirectory(prefix="kmem-misuse-") as folder:
        program = compile_program(folder)
        have = subprocess.run(
            [str(program), "list"], capture_output=True, text=True
        ).stdout.split()
        wanted = list(filter(None, args.only.split(","))) or have
        if set(wanted) - set(have):
            sys.exit(f"no such kind: {', '.join(set(wanted) - set(have))}")
        seen = {
            kind: {p.name: run(program, kind, p).word() for p in all_}
            for kind in wanted
        }
        cost = {} if args.no_cost else costs(program, all_)
    names = [p.name for p in all_]
    text = tables(seen, cost, names)
    if args.write:
        put_into(args.write, text)
    if args.json:
        print(json.dumps({"allocators": names, "seen": seen, "cost": cost},
                         indent=1))
    elif not args.write:
        print(text, end="")


if __name__ == "__main__":
    main()
