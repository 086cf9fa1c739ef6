#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""check=cheap and check=strict: misuse of malloc is seen at the call, and what
was not given is never handed out; a program without fault is left alone."""
import os
import pathlib
import re
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

TWICE = r"BUG malloc-64 \(.*\): Object already free"
INSIDE = r"BUG malloc-64 \(.*\): Invalid object pointer 0x\w+1\n"
# Kind: what is reported by cheap, by strict; what is printed.
KINDS = {
    "d": (TWICE, TWICE, "sound\n"),
    "e": (TWICE, TWICE, "sound\n"),
    "t": (TWICE, TWICE, "sound\n"),
    # its slab may be gone by then
    "f": (TWICE + r"|free\(\): object pointer",
          TWICE + r"|free\(\): object pointer", "sound\n"),
    "i": (INSIDE, INSIDE, "sound\n"),
    "r": (r"realloc\(\): object pointer", TWICE, "refused\nsound\n"),
    "u": (r"malloc_usable_size\(\): object pointer", INSIDE, "0\nsound\n"),
    "o": (None, r"BUG malloc-64 \(.*\): kmalloc Redzone overwritten"
                r"|BUG malloc-64 \(.*\): Right Redzone overwritten",
          "sound\n"),
    "w": (None, r"BUG malloc-64 \(.*\): Poison overwritten", "sound\n"),
    "p": (r"malloc_usable_size\(\): object pointer",
          r"malloc_usable_size\(\): object pointer", "sound\n"),
    "n": (None, None, "sound\n"),
}


def body(t):
    here = pathlib.Path(__file__).resolve().parent
    cc = os.environ.get("CC", "cc").split()
    made = t.run(cc + ["-O1", "-g", "-w", "-pthread", "-o", "misuse",
                       here / "misuse.c"])
    if not t.ok(made.returncode == 0, "misuse.c compiles", made.stderr):
        return

    def run(kind, options):
        return t.run(["./misuse", kind], env={
            **os.environ, "KMEM_OPTIONS": options,
            "LD_PRELOAD": str(t.build / "libkmem-malloc.so")})

    for backend in ("rseq", "lock"):
        for level, mode in enumerate(("cheap", "strict")):
            for kind, what in KINDS.items():
                got = run(kind, f"check={mode},percpu={backend}")
                want = what[level]
                seen = re.search(want, got.stderr) if want else \
                    not any(r in got.stderr for r in tap.REPORTS)
                t.ok(got.stdout == what[2] and got.returncode == 0 and seen,
                     f"{mode}, {backend}: {kind}", got.stdout + got.stderr)
    for mode in ("off", "cheap", "strict"):
        got = run("a", f"check={mode}")
        t.ok(got.stdout == "sound\n" and
             "64 bytes aligned to 4096 were freed" in got.stderr,
             f"{mode}: a, an alignment that a block has not", got.stderr)
    for mode in ("off", "cheap"):
        got = run("P", f"check={mode}")
        t.same((got.returncode, got.stdout), (0, "sound\n"),
               f"{mode}: P, what is the library's is no block")
    got = run("d", "check=cheap,panic_on_warn")
    t.same(got.returncode, -signal.SIGABRT, "panic_on_warn ends it")
    got = run("L", "check=strict")
    t.ok(got.returncode == 0 and "Out-of-bounds write" in got.stderr,
         "a page behind a large block", got.stderr)
    got = run("R", "check=strict")
    t.ok(got.returncode == 0 and "Poison overwritten" in got.stderr,
         "what realloc() took is freed", got.stderr)
    got = run("M", "check=strict")
    t.ok(got.returncode == 0 and "BUG malloc " in got.stderr and
         "Redzone overwritten" in got.stderr,
         "bytes behind a large block, when the process ends", got.stderr)


tap.main(body)
