#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""python3's own test suite: every case ends as it does without the front.

PYTHONMALLOC=malloc sends each object through malloc(), not only what is too
large for Python's own pools.  Both runs go side by side; a module in which
they differ is run once more on each, alone, since some cases watch the clock.
"""
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

PYTHON = "/usr/bin/python3"
MODULES = """
test_abc test_asyncgen test_augassign test_bigaddrspace test_bisect test_bool
test_bytes test_call test_class test_collections test_compare test_compile
test_copy test_ctypes test_defaultdict test_deque test_descr test_dict
test_dictviews test_enum test_exceptions test_fileio test_fork1 test_format
test_fstring test_functools test_gc test_generators test_genexps test_grammar
test_hash test_heapq test_int test_io test_iter test_itertools test_json
test_list test_listcomps test_long test_marshal test_memoryio test_memoryview
test_minidom test_mmap test_operator test_ordered_dict test_pickle test_pprint
test_queue test_range test_re test_set test_sort test_struct test_subprocess
test_super test_sys test_thread test_threading test_threading_local
test_traceback test_tuple test_types test_unicode test_userdict test_weakref
test_weakset test_zlib
""".split()


class Run:
    """One run of the suite in a folder of its own."""

    def __init__(self, t, name, words, modules):
        self.folder = t.folder / name
        self.folder.mkdir()
        self.log = open(self.folder / "log", "w+", encoding="utf-8")
        self.process = t.start(
            [*words, PYTHON, "-m", "test", "-u", "none",
             "--junit-xml", self.folder / "cases.xml", *modules],
            cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT,
            env=dict(os.environ, PYTHONMALLOC="malloc", TMPDIR=str(self.folder),
                     PYTHONHASHSEED="0", KMEM_OPTIONS="publish=0"),
        )

    def finish(self, timeout):
        self.process.wait(timeout)
        self.log.seek(0)
        self.text = self.log.read()
        return self

    def cases(self):
        """{case: what became of it}; numbers in a name may be addresses."""
        path = self.folder / "cases.xml"
        found = {}
        if not path.exists():
            return found
        for case in ElementTree.parse(path).iter("testcase"):
            name = re.sub(r"0x[0-9a-f]+", "0x", case.get("name"))
            marks = {e.tag for e in case} - {"system-out", "system-err"}
            end = "+".join(sorted(marks)) or case.get("result", "ran")
            found[name] = end
        return found


def differences(plain, front):
    a, b = plain.cases(), front.cases()
    return {
        name: (a.get(name, "absent"), b.get(name, "absent"))
        for name in a.keys() | b.keys()
        if a.get(name) != b.get(name)
    }


def module_of(case):
    found = re.search(r"\b(test_\w+)\.", case)
    return next((m for m in MODULES if f"{m}." in case), found and found[1])


def both_runs(t, suffix, modules, timeout):
    plain = Run(t, "plain" + suffix, [], modules)
    front = Run(t, "front" + suffix, t.front(), modules)
    return plain.finish(timeout), front.finish(timeout)


def test(t):
    listed = t.run([PYTHON, "-m", "test", "--list-tests"])
    if listed.returncode:
        t.skip("python3", "its test suite (libpython3.11-testsuite) is not installed")
        return
    wanted = os.environ.get("PYTHON_TESTS", "").split() or MODULES
    present = [m for m in wanted if m in listed.stdout.split()]
    absent = sorted(set(wanted) - set(present))
    if absent:
        t.note("not installed: " + " ".join(absent))
    plain, front = both_runs(t, "", present, 850)
    count = len(plain.cases())
    good = t.ok(
        count > 10 * len(present) > 0,
        f"{len(present)} modules, {count} cases run without the front",
        plain.text,
    )
    if not t.ok(front.cases(), "the run with it came to its end", front.text) or not good:
        return
    bad = differences(plain, front)
    if bad:
        again = sorted({m for m in map(module_of, bad) if m in present})
        t.note(f"different, once more: {' '.join(again)}")
        for name, (was, became) in sorted(bad.items())[:20]:
            t.note(f"  {name}: {was} without, {became} with")
        plain, front = both_runs(t, "-again", again, 400)
        bad = differences(plain, front) if again else bad
    for name, (was, became) in sorted(bad.items()):
        t.ok(False, name, f"{was} without the front, {became} with it")
    t.ok(not bad, "every case ended the same way", front.text if bad else "")
    t.quiet(front.text, "no report")


tap.main(test)
