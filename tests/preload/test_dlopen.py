#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Libraries that a program opens itself, in each way that dlopen() has.

With RTLD_DEEPBIND they find libc's malloc() before the front's, unless the
front sees to it.  And who calls dlopen() decides where it looks: the front in
between must not be taken for the caller.
"""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

# Gives and takes blocks; opens the library `inner`, which only its own
# RUNPATH leads to.
OUTER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
void *give(size_t n) { return malloc(n); }
void *grow(void *p, size_t n) { return realloc(p, n); }
void take(void *p) { free(p); }
void *inner(int mode) { return dlopen("libinner.so", mode); }
void *inner_of(long space, int mode) { return dlmopen(space, "libinner.so", mode); }
"""
INNER = r"""
#include <stdlib.h>
void *give(size_t n) { return malloc(n); }
void take(void *p) { free(p); }
"""
PROGRAM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *give_fn(size_t n), *grow_fn(void *p, size_t n);
typedef void take_fn(void *p);

static int exchange(void *lib, const char *name)
{
	give_fn *give = (give_fn *)dlsym(lib, "give");
	take_fn *take = (take_fn *)dlsym(lib, "take");
	grow_fn *grow = (grow_fn *)dlsym(lib, "grow");

	for (size_t n = 1; n < 9 << 20; n *= 3) {
		char *theirs = give(n), *ours = malloc(n);

		memset(theirs, 1, n);
		memset(ours, 2, n);
		theirs = realloc(theirs, 2 * n);
		if (grow)
			ours = grow(ours, 2 * n);
		free(theirs);
		take(ours);
	}
	printf("%s: exchanged\n", name);
	return 0;
}

int main(int argc, char **argv)
{
	void *lib, *inner, *other;
	void *(*open_inner)(int mode), *(*inner_of)(long space, int mode);

	(void)argc;
	lib = dlopen(argv[1], RTLD_NOW | RTLD_DEEPBIND);
	if (!lib)
		return puts(dlerror()), 1;
	exchange(lib, "bound to itself");
	if (dlopen("libinner.so", RTLD_NOW))
		return puts("the program has no way to it"), 1;
	*(void **)&open_inner = dlsym(lib, "inner");
	*(void **)&inner_of = dlsym(lib, "inner_of");
	if (open_inner(RTLD_NOW | RTLD_NOLOAD | RTLD_DEEPBIND))
		return puts("loaded already"), 1;
	inner = open_inner(RTLD_NOW | RTLD_DEEPBIND);
	if (!inner)
		return puts(dlerror()), 1;
	exchange(inner, "by its own path");
	if (open_inner(RTLD_NOW | RTLD_NOLOAD) != inner)
		return puts("not the same"), 1;
	if (inner_of(LM_ID_BASE, RTLD_NOW | RTLD_DEEPBIND) != inner)
		return puts("not the same by dlmopen"), 1;
	/* a world of its own, with a libc of its own */
	other = inner_of(LM_ID_NEWLM, RTLD_NOW);
	if (!other)
		return puts(dlerror()), 1;
	((take_fn *)dlsym(other, "take"))(((give_fn *)dlsym(other, "give"))(100));
	puts(dlopen("/nowhere/at/all.so", RTLD_NOW) ? "found" : "not found");
	puts(strstr(dlerror(), "/nowhere/at/all.so") ? "said" : "not said");
	return 0;
}
"""


def compiled(t, cc, name, text, *more):
    (t.folder / f"{name}.c").write_text(text)
    # who is called last has no caller but its caller's
    made = t.run([cc, "-O2", "-fno-optimize-sibling-calls", f"{name}.c", *more])
    return t.ok(made.returncode == 0, f"{cc}: {name} compiles", made.stderr)


def test(t):
    (t.folder / "a" / "b").mkdir(parents=True)
    cc = os.environ.get("CC", "cc")
    shared = ["-shared", "-fPIC"]
    if not (compiled(t, cc, "inner", INNER, *shared, "-o", "a/b/libinner.so")
            and compiled(t, cc, "outer", OUTER, *shared, "-o", "a/libouter.so",
                         "-Wl,-rpath,$ORIGIN/b", "-Wl,--enable-new-dtags")
            and compiled(t, cc, "program", PROGRAM, "-o", "program")):
        return
    want = ("bound to itself: exchanged\nby its own path: exchanged\n"
            "not found\nsaid\n")
    alone = t.run(["./program", "a/libouter.so"])
    t.same((alone.returncode, alone.stdout), (0, want), "without the front")
    for path in ("a/libouter.so", t.folder / "a/libouter.so"):
        for options in ("", "percpu=lock"):
            got = t.run(t.front() + ["./program", path],
                        env={**os.environ, "KMEM_OPTIONS": t.options(options)})
            t.same((got.returncode, got.stdout, got.stderr), (0, want, ""),
                   f"{path} {options}")


if __name__ == "__main__":
    tap.main(test)
