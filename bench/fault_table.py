#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Which fault of a program which check or tool sees, and when.

`make faults` calls it.  Each fault of tests/valgrind/faults.c runs in each mode,
as a program that calls the library and, where malloc() has such a fault, as one
of malloc() on the front:

    --json       the result as JSON
    --write F    puts the tables into F, between their markers
    --only K,..  these faults alone
    --modes M,.. these modes alone

"call": something was said, or the process ended, before the call or the access
had returned; "later": after it; "-": never.  "call/later": as chance has it.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import misuse  # noqa: E402

ROOT = misuse.ROOT
SOURCE = ROOT / "tests/valgrind/faults.c"
LIMIT = 120  # seconds; a run takes a fraction of one
# Chance decides at which end of its page a guarded object lies.
SAMPLES = 12
TABLES = ("faults of the API", "faults of malloc")

# In the order of the tables.
KINDS = {
    "overrun_rounding": "write to the byte behind 42 bytes",
    "overrun": "write to the byte behind 64 bytes",
    "overrun_into_next": "write to another block in use",
    "underrun": "write to the byte before a block",
    "overread": "read of the byte behind a block",
    "large_overrun": "write to the byte behind 100,000 bytes",
    "krealloc_overrun": "write behind what `krealloc()` left",
    "use_after_free_read": "read of a freed block",
    "use_after_free_write": "write to a freed block",
    "large_use_after_free": "write to 100,000 bytes that were freed",
    "realloc_of_freed": "`krealloc()` of a freed block",
    "size_of_freed": "`ksize()` of a freed block",
    "double_free": "`kfree()` twice",
    "double_free_late": "`kfree()` twice, another's between them",
    "free_inside": "`kfree()` of an address inside a block",
    "free_foreign": "`kfree()` of a static variable",
    "free_stack": "`kfree()` of a local variable",
    "free_junk": "`kfree()` of junk",
    "size_mismatch": "`free_sized()` of 64 bytes as 200",
    "uninitialised": "use of memory that was never written",
    "leak": "block of `kmalloc()` lost",
    "race": "two threads write, unordered",
    "race_with_free": "one uses, another frees, unordered",
    "cache_overrun": "write to the byte behind an object",
    "cache_use_after_free": "write to a freed object",
    "bulk_use_after_free": ".. freed in bulk",
    "cache_double_free": "`kmem_cache_free()` twice",
    "wrong_cache": "`kmem_cache_free()` into another cache",
    "cache_free_of_kmalloc": "`kmem_cache_free()` of a `kmalloc()` block",
    "cache_left": "`kmem_cache_destroy()` with objects in use",
    "cache_leak": "object of a cache lost",
    "constructor_lost": "object freed not as its constructor left it",
    "rcu_overrun": "write behind a `SLAB_TYPESAFE_BY_RCU` object",
    "rcu_double_free": "`SLAB_TYPESAFE_BY_RCU` object freed twice",
    "vfree_of_kmalloc": "`vfree()` of a `kmalloc()` block",
    "kfree_of_vmalloc": "`kfree()` of a `vmalloc()` area",
    "kfree_of_pages": "`kfree()` of pages",
    "free_pages_of_kmalloc": "`free_pages()` of a `kmalloc()` block",
    "vmalloc_overrun_rounding": "write to the byte behind 5000 of `vmalloc()`",
    "vmalloc_overrun": "write to the byte behind 8192 of `vmalloc()`",
    "vmalloc_use_after_free": "write to an area after `vfree()`",
    "kvmalloc_overrun_rounding": "write to the byte behind 6 MiB and 100 bytes "
                                 "of `kvmalloc()`",
    "kvmalloc_overrun": "write to the byte behind 6 MiB of `kvmalloc()`",
    "kvmalloc_use_after_free": "write to 6 MiB after `kvfree()`",
    "page_overrun": "write behind a page",
    "page_use_after_free": "write to a freed page",
    "page_double_free": "`free_pages()` twice",
    "page_uninitialised": "use of a page that was never written",
    "area_leak": "area of `vmalloc()` or a page lost",
    "pool_use_after_free": "write to a freed element of a mempool",
    "pool_double_free": "`mempool_free()` twice",
    "percpu_overrun": "write behind a per-CPU object",
    "percpu_use_after_free": "write to a freed per-CPU object",
    "dma_pool_use_after_free": "write to a freed `dma_pool` block",
    "dma_pool_double_free": "`dma_pool_free()` twice",
    "gen_pool_overrun": "write behind a range of `gen_pool_alloc()`",
    "gen_pool_use_after_free": "write to a freed range of it",
    "none": "no fault",
}
FLAGS = ("-g", "-O1", "-std=gnu17", "-fno-builtin", "-w", "-pthread")
VALGRIND = ("valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
            "--errors-for-leak-kinds=definite")


def front_words(words):
    """For malloc() programs the same rows with malloc's names."""
    for old, new in (("kmalloc", "malloc"), ("krealloc", "realloc"),
                     ("kfree", "free"), ("ksize", "malloc_usable_size")):
        words = words.replace(old, new)
    return words


def kinds_of(table):
    if table == TABLES[0]:
        return KINDS
    return {kind: front_words(text) for kind, text in KINDS.items()}


class Mode:
    """A column: which program, in which environment, behind which words."""

    def __init__(self, name, options="", flags=(), words=(), front=False,
                 samples=1, **env):
        self.name = name
        self.options = options
        self.flags = tuple(flags)
        self.words = tuple(words)
        self.front = front
        self.samples = samples
        self.env = env

    def environment(self):
        env = {
            k: v for k, v in os.environ.items()
            if not re.match(r"KMEM_|LD_PRE|ASAN_|LSAN_|TSAN_", k)
        }
        if self.options:
            env["KMEM_OPTIONS"] = self.options
        if not self.words and not self.flags:
            env["FAULTS_WARM"] = "1"
        env.update(self.env)
        return env


KFENCE = {"options": "kfence.sample_interval=1", "samples": SAMPLES,
          "FAULTS_DUE": "1"}
QUIET = "symbolize=0:detect_stack_use_after_return=0"
# Of the two programs: one that calls the library, one of malloc() on the front.
MODES = {
    TABLES[0]: (
        Mode("off"),
        Mode("slab_debug", "slab_debug,page_poison"),
        Mode("kfence", **KFENCE),
        Mode("memcheck", words=VALGRIND),
        Mode("ASan", flags=("-fsanitize=address",), ASAN_OPTIONS=QUIET),
        Mode("TSan", flags=("-fsanitize=thread",), TSAN_OPTIONS="symbolize=0"),
    ),
    TABLES[1]: (
        Mode("off", front=True),
        Mode("cheap", "check=cheap", front=True),
        Mode("strict", "check=strict", front=True),
        Mode("slab_debug", "slab_debug,page_poison", front=True),
        Mode("kfence", front=True, **KFENCE),
        Mode("memcheck", front=True, words=VALGRIND + (
            "--soname-synonyms=somalloc=none", "--trace-children=yes")),
    ),
}


def can(mode, folder):
    """Is there what the mode needs?"""
    if mode.words:
        return subprocess.run([*mode.words[:1], "--version"],
                              capture_output=True, check=False
                              ).returncode == 0
    if not mode.flags:
        return True
    path = pathlib.Path(folder) / "can.c"
    path.write_text("int main(void) { return 0; }\n")
    words = (os.environ.get("CC") or "cc").split()
    made = subprocess.run([*words, *mode.flags, "-o", f"{folder}/can", path],
                          capture_output=True, check=False)
    return not made.returncode and not subprocess.run(
        [f"{folder}/can"], capture_output=True, check=False).returncode


def compile_program(build, folder, mode):
    name = "-".join(["faults", "front" if mode.front else "api",
                     *(f.rpartition("=")[2] for f in mode.flags)])
    program = pathlib.Path(folder) / name
    if program.exists():
        return program
    ours = ["-DFRONT=1"] if mode.front else ["-I", str(ROOT / "include")]
    library = [] if mode.front else [str(pathlib.Path(build) / "libkmem.a")]
    words = (os.environ.get("CC") or "cc").split()
    done = subprocess.run([*words, *FLAGS, *mode.flags, *ours, "-o", program,
                           SOURCE, *library],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{SOURCE} does not compile:\n{done.stderr}")
    return program


def word_of(returncode, text):
    call, after, later = text.partition("@after\n")
    if call.strip() or not after:
        return "call"
    return "later" if later.strip() or returncode else "-"


def run(build, program, kind, mode):
    """What is seen, and what was said."""
    command = [*mode.words, str(program), kind]
    env = mode.environment()
    if mode.front:
        lib = pathlib.Path(build).resolve() / "libkmem-malloc.so"
        env["LD_PRELOAD"] = str(lib)
    try:
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=LIMIT,
                              check=False)
    except subprocess.TimeoutExpired as late:
        return "time", (late.stderr or b"").decode(errors="replace")
    text = done.stderr.decode(errors="replace")
    return word_of(done.returncode, text), text


def cell(build, program, kind, mode):
    """Of a mode that depends on chance all that was seen."""
    words = set()
    for _ in range(mode.samples):
        words.add(run(build, program, kind, mode)[0])
        if mode.samples > 1 and kind == "none":
            break
    order = ("call", "later", "-", "time")
    return "/".join(w for w in order if w in words)


def listed(program):
    return subprocess.run([str(program), "--list"], capture_output=True,
                          text=True, check=False).stdout.split()


def seen_in(build, folder, table, only=(), modes=()):
    """Kind, mode: the cell; and the modes that could be run."""
    seen, names = {}, []
    for mode in MODES[table]:
        if (modes and mode.name not in modes) or not can(mode, folder):
            continue
        names.append(mode.name)
        program = compile_program(build, folder, mode)
        have = listed(program)
        for kind in KINDS:
            if kind in have and (not only or kind in only):
                row = seen.setdefault(kind, {})
                row[mode.name] = cell(build, program, kind, mode)
    return seen, names


def text_of(table, seen, names):
    kinds = kinds_of(table)
    lines = [misuse.row(["fault"] + names),
             misuse.row(["---"] * (len(names) + 1))]
    for kind in seen:
        cells = [seen[kind].get(n, "") for n in names]
        lines.append(misuse.row([kinds[kind]] + cells))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", default="")
    parser.add_argument("--modes", default="")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", metavar="FILE")
    args = parser.parse_args()

    build = pathlib.Path(args.build)
    if not (build / "libkmem.a").exists():
        sys.exit(f"there is no {build}/libkmem.a; make builds it")
    only = list(filter(None, args.only.split(",")))
    modes = list(filter(None, args.modes.split(",")))
    have = {m.name for t in TABLES for m in MODES[t]}
    if set(only) - set(KINDS) or set(modes) - have:
        bad = set(only) - set(KINDS) | set(modes) - have
        sys.exit(f"no such fault or mode: {', '.join(sorted(bad))}")
    result = {}
    with tempfile.TemporaryDirectory(prefix="kmem-faults-") as folder:
        for table in TABLES:
            seen, names = seen_in(build, folder, table, only, modes)
            result[table] = seen
            text = text_of(table, seen, names)
            if args.write:
                misuse.put_into(args.write, text, table)
            elif not args.json:
                print(f"{table}\n\n{text}")
    if args.json:
        print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
