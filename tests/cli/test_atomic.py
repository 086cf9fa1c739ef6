#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Real programs with KMEM_OPTIONS=atomic_checks=1: both stacks with the names
of their functions, which the program does not export; on libkmem.so, on
libkmem.a, in a static program, and with malloc() on the front."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

PROGRAM = r"""
#include <linux/preempt.h>
#include <linux/slab.h>
#include <stdlib.h>

#define APART static __attribute__((noinline, noclone))
#define STAY() __asm__ volatile("" : : : "memory")

APART void takes_the_lock(void) { preempt_disable(); STAY(); }
APART void drops_the_lock(void) { preempt_enable(); STAY(); }
APART void asks_the_cache(void) { kfree(kmalloc(10, GFP_KERNEL)); STAY(); }
APART void asks_for_atomic(void) { kfree(kmalloc(10, GFP_ATOMIC)); STAY(); }

APART void asks_malloc(size_t n)
{
	void *volatile p = malloc(n);

	free(p);
	STAY();
}

APART void works(void)
{
	int i;

	asks_for_atomic();
	for (i = 0; i < 100; i++)
		asks_the_cache();
	for (i = 0; i < 100; i++)
		asks_malloc(100);
	STAY();
}

int main(void)
{
	asks_malloc(100);
	takes_the_lock();
	works();
	drops_the_lock();
	works();
	return 0;
}
"""


def blocks(text):
    """Reports, each as (head, where the section began, where the request)."""
    out = []
    for part in text.split("BUG: ")[1:]:
        head, rest = part.split("Preemption disabled at:\n")
        began, asked = rest.split("Call Trace:\n")
        names = [[line.split("+")[0].strip() for line in lines.splitlines()]
                 for lines in (began, asked)]
        out.append((head, *names))
    return out


def test(t):
    source = t.folder / "prog.c"
    source.write_text(PROGRAM)
    include = tap.ROOT / "include"
    lib = next(iter(sorted(t.build.glob("libkmem.so.?"))))
    front = t.build / "libkmem-malloc.so"
    for kind, words in (("libkmem.a", [t.build / "libkmem.a"]),
                        ("static", ["-static", t.build / "libkmem.a"]),
                        ("libkmem.so", [lib, f"-Wl,-rpath,{t.build}"])):
        exe = t.folder / kind
        built = t.run(["cc", "-O2", "-fno-builtin", f"-I{include}", source,
                       *words, "-pthread", "-o", exe])
        if not t.ok(built.returncode == 0, f"{kind}: builds", built.stderr):
            continue
        quiet = t.run([exe], env={"PATH": "/bin"})
        t.same((quiet.returncode, quiet.stderr), (0, ""),
               f"{kind}: without the option nothing is said")
        for on, more in (("alone", {}),
                         ("on the front", {"LD_PRELOAD": str(front)})):
            if kind == "static" and more:
                continue
            name = f"{kind}, {on}"
            got = t.run([exe], env={"PATH": "/bin", **more,
                                    "KMEM_OPTIONS": "atomic_checks=1"})
            text = got.stderr
            t.same(got.returncode, 0, f"{name}: it goes on")
            found = blocks(text)
            want = ["asks_the_cache"] + ["asks_malloc"] * bool(more)
            t.ok([b[2][0] for b in found] == want,
                 f"{name}: one report for each place", text)
            t.ok(all(b[1][:2] == ["takes_the_lock", "main"] for b in found),
                 f"{name}: where the section began", text)
            t.ok(all(b[2][1:3] == ["works", "main"] for b in found),
                 f"{name}: where the request was made", text)
            t.ok(all(f"name: {kind}\n" in b[0] for b in found),
                 f"{name}: the name of the thread", text)


tap.main(test)
