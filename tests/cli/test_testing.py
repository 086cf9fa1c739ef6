#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The adaptors of examples/testing: each finds the leak in its example, and
passes what does not leak; kmem test on whole programs."""
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FOLDER = SOURCE / "examples/testing"
FRAMEWORK = {"cmocka": ["-lcmocka"], "check": [], "kunit": [], "names": []}
LEAK = re.compile(r"^  1 of 8 bytes, kmalloc-8, (\S+)$", re.M)

# malloc() alone; "case" has a case of its own inside.
PLAIN = r"""
#include <kmem/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *kept;

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	struct kmem_test_limits limits = { 0, 5000, 2 };
	struct kmem_test_result got = { 0 };

	if (!strcmp(what, "case")) {
		if (!kmem_malloc_test_begin || !kmem_malloc_test_end)
			return kmem_test_malloc_end(&got) == -1 ? 3 : 5;
		if (kmem_test_malloc_begin("mine", &limits))
			return 3;
		free(malloc(4000));
		kept = malloc(100);
		if (kmem_test_malloc_end(&got) != KMEM_TEST_LEAKS || got.allocations != 2 || got.leaks != 1)
			return 4;
		return 0;
	}
	for (int i = 0; i < 10; i++)
		free(malloc(3000));
	if (!strcmp(what, "keep"))
		kept = malloc(200000);
	fputs("written late", stdout);
	return !strcmp(what, "status") ? 7 : 0;
}
"""


def build(t):
    flags = ["-g", "-O1", "-Wall", "-Werror", "-I" + str(SOURCE / "include"), "-L" + str(t.build), "-lkmem",
             "-Wl,-rpath," + str(t.build)]
    check = t.run(["pkg-config", "--cflags", "--libs", "check"])
    FRAMEWORK["check"] = check.stdout.split()
    for name, words in FRAMEWORK.items():
        built = t.run(["cc", "-o", t.folder / name, FOLDER / f"{name}.c", *flags, *words])
        if not t.ok(not built.returncode, f"{name}: compiles", built.stderr):
            return False
    (t.folder / "plain.c").write_text(PLAIN)
    built = t.run(["cc", "-O0", "-o", t.folder / "plain", "plain.c", "-I" + str(SOURCE / "include")])
    return t.ok(not built.returncode, "a program of malloc(): compiles", built.stderr)


def frameworks(t):
    for name, passed, failed in (
            ("kunit", "ok 1 - adds", "not ok 2 - drops"),
            ("cmocka", "[       OK ] adds", "drops"),
            ("check", "50%: Checks: 2, Failures: 1", "1 blocks left")):
        got = t.run([t.folder / name])
        text = got.stdout + got.stderr
        t.ok(got.returncode == 1 and passed in text and failed in text, f"{name}: one passes, one leaks", text)
        t.same(text.count("breaks its limits"), 1, f"{name}: one report")
        site = LEAK.search(text)
        t.ok(site and site[1].startswith("name_add+"), f"{name}: the leak, its cache and call site", text)


def numbers(text):
    return {m[2] or "": int(m[1]) for m in re.finditer(r"kmem: test process \d+ ?(\(malloc\))?: (\d+) alloc", text)}


def whole(t):
    good = t.run([t.kmem, "test", "--leaks", "0", "--", t.folder / "names", "free"])
    t.ok(good.returncode == 0 and good.stdout == "2 names\n", "a program within its limits", good)
    t.ok("4 allocations, 0 failed" in good.stderr and "(malloc)" in good.stderr, "both allocators say what they did",
         good.stderr)
    bad = t.run([t.kmem, "test", "--leaks", "0", "--", t.folder / "names", "drop"])
    t.ok(bad.returncode == 99 and bad.stdout == "2 names\n" and LEAK.search(bad.stderr), "one that leaks: status 99", bad)
    plain = t.folder / "plain"
    got = t.run([t.kmem, "test", "--peak", "100K", "--", plain, "free"])
    t.ok(got.returncode == 0 and got.stdout == "written late", "malloc(): within its peak", got)
    got = t.run([t.kmem, "test", "--peak", "100K", "--", plain, "keep"])
    t.ok(got.returncode == 99 and "at the peak, 102400 may be" in got.stderr, "malloc(): over its peak", got)
    t.same(got.stdout, "written late", "what the program wrote is not lost")
    got = t.run([t.kmem, "test", "--allocations", "5", "--", plain, "free"])
    t.ok(got.returncode == 99 and "allocations, 5 may be" in got.stderr, "malloc(): too many allocations", got)
    got = t.run([t.kmem, "test", "--", plain, "status"])
    t.same(got.returncode, 7, "without a limit the status is the program's")
    got = t.run([t.kmem, "test", "--leaks", "0", "--", plain, "case"])
    t.ok(got.returncode == 0 and "test case mine breaks" in got.stderr and "test process" not in got.stderr,
         "a case in the program takes the place of the whole", got)
    got = t.run([plain, "case"])
    t.same(got.returncode, 3, "a case of malloc() without the front: -1")
    for words in (["--peak", "x", "--", "true"], ["--leaks", "-1", "--", "true"], [], ["--fly"]):
        t.same(t.run([t.kmem, "test", *words]).returncode, 125, f"kmem test {' '.join(words)}: a mistake")


def pytest(t):
    env = dict(os.environ, KMEM=t.kmem, PROGRAM=str(t.folder / "names"), PYTHONPATH=str(FOLDER),
               PYTHONDONTWRITEBYTECODE="1")
    got = t.run(["/usr/bin/python3", "-m", "pytest", "-p", "kmem_pytest", "-p", "no:cacheprovider", "-q",
                 FOLDER / "test_names.py"], env=env)
    t.ok(got.returncode == 1 and "1 passed" in got.stdout and "2 failed" in got.stdout, "pytest: one passes", got.stdout)
    t.ok(LEAK.search(got.stdout) and "allocations, 2 may be" in got.stdout, "pytest: the reports", got.stdout)


def test(t):
    if build(t):
        frameworks(t)
        whole(t)
        pytest(t)


tap.main(test)
