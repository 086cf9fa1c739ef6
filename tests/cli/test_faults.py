#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Programs with a fault: the report alone leads to the line.  And what lines=
does where it cannot do what it should."""
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

EXAMPLES = tap.ROOT / "examples/faults"
FLAGS = ["-g", "-O1", "-Wall", "-Wextra", "-Werror"]


def build(t, name):
    """The program as a user would build it."""
    source = EXAMPLES / name
    if name.endswith(".cpp"):
        words, more = (os.environ.get("CXX") or "c++").split(), []
    else:
        words = (os.environ.get("CC") or "cc").split()
        more = ["-I", tap.ROOT / "include", t.build / "libkmem.a", "-lpthread"]
    program = t.folder / source.stem
    made = t.run([*words, *FLAGS, "-o", program, source, *more])
    t.ok(not made.returncode, f"{name} compiles", made.stderr)
    return program


def line_with(name, text):
    """FILE:LINE of the line of a source that has a text, as a report ends one."""
    lines = (EXAMPLES / name).read_text(encoding="utf-8").splitlines()
    found = [i + 1 for i, line in enumerate(lines) if text in line]
    assert len(found) == 1, (name, text)
    return f"({EXAMPLES / name}:{found[0]})"


def stack(text, head):
    """The frames below a line that begins so."""
    below = text.partition(head)[2].partition("\n")[2].splitlines()
    frames = []
    for line in below:
        if not line.startswith(" "):
            break
        frames.append(line)
    return frames


def led(t, name, what, text, head, line, frame=0):
    frames = stack(text, head)
    good = len(frames) > frame and frames[frame].endswith(line)
    t.ok(good, f"{name}: {what}", f"{line} in frame {frame} of\n{text}")


def options(t):
    program = build(t, "options.c")
    plain = t.run([program])
    t.ok(not plain.returncode and plain.stderr == "", "options.c: nobody sees it", plain.stderr)
    got = t.run([program], env={**os.environ, "KMEM_OPTIONS": t.options("slab_debug,lines")})
    t.same(got.stdout, plain.stdout, "options.c goes on")
    t.ok("BUG kmalloc-16 (Not tainted): kmalloc Redzone overwritten" in got.stderr, "options.c: seen", got.stderr)
    led(t, "options.c", "which block is too small", got.stderr, "Allocated in ",
        line_with("options.c", "kmalloc(len, GFP_KERNEL)"))
    led(t, "options.c", "who freed it", got.stderr, "Call Trace:", line_with("options.c", "kfree(o->name)"))


def channel(t):
    program = build(t, "channel.c")
    plain = t.run([program])
    t.ok(not plain.returncode and plain.stderr == "", "channel.c: nobody sees it", plain.stderr)
    env = {**os.environ, "KMEM_OPTIONS": t.options("kfence.sample_interval=1,lines")}
    # which objects are guarded is chance
    for _ in range(5):
        got = t.run([program, "200"], env=env)
        if "BUG: KFENCE: use-after-free read" in got.stderr:
            break
    t.ok("BUG: KFENCE: use-after-free read" in got.stderr, "channel.c: seen", got.stderr)
    led(t, "channel.c", "the use", got.stderr, "Use-after-free read", line_with("channel.c", "c->sent += bytes;"))
    led(t, "channel.c", "the free", got.stderr, "freed by task", line_with("channel.c", "kfree(c);"))
    led(t, "channel.c", "why it was freed", got.stderr, "freed by task",
        line_with("channel.c", "channel_put(channels[number]);"), 1)
    led(t, "channel.c", "the allocation", got.stderr, "allocated by task",
        line_with("channel.c", "kzalloc(sizeof(*c), GFP_KERNEL)"))


def records(t):
    if not shutil.which((os.environ.get("CXX") or "c++").split()[0]):
        t.skip("records.cpp", "no compiler of C++")
        return
    program = build(t, "records.cpp")
    env = {**os.environ, "KMEM_OPTIONS": t.options("check=strict,lines")}
    got = t.run([*t.front(), program], env=env)
    t.same((got.returncode, got.stdout), (0, "200 records\n"), "records.cpp goes on")
    t.ok("BUG malloc-48 (Not tainted): Object already free" in got.stderr, "records.cpp: seen", got.stderr)
    led(t, "records.cpp", "the second free", got.stderr, "Call Trace:",
        line_with("records.cpp", "// the fault: it may be free"))
    cheap = t.run([*t.front(), program], env={**env, "KMEM_OPTIONS": t.options("check=cheap,lines")})
    led(t, "records.cpp", "the second free, check=cheap", cheap.stderr, "Call Trace:",
        line_with("records.cpp", "// the fault: it may be free"))
    led(t, "records.cpp", "the first", got.stderr, "Freed in ", line_with("records.cpp", "// the first free"))


def script(t, name, text):
    path = t.folder / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def without(t, program, lines, why):
    """A report is whole all the same, with the names alone."""
    env = {**os.environ, "KMEM_OPTIONS": t.options(f"slab_debug,lines={lines}")}
    got = t.run([program], env=env, timeout=120)
    t.ok(got.returncode == 0 and "FIX kmalloc-16: Object at" in got.stderr, f"{why}: the report is whole", got.stderr)
    t.ok(not re.search(r"^ \S+ \(", got.stderr, re.M), f"{why}: no lines", got.stderr)
    t.ok(re.search(r"^ \w+\+0x\w+/0x\w+$", got.stderr, re.M), f"{why}: but names", got.stderr)


def addr2line(t):
    program = t.folder / "options"
    without(t, program, t.folder / "nothing", "a program that does not exist")
    without(t, program, script(t, "silent", "exit 1\n"), "one that says nothing")
    without(t, program, script(t, "endless", "while :; do echo '?? is what it says'; done\n"), "one without an end")
    without(t, program, script(t, "hangs", "exec sleep 600\n"), "one that hangs")
    said = t.folder / "said"
    tells = script(t, "tells", f'env >>{said}; echo "$@" >>{said}; exec addr2line "$@"\n')
    env = {**os.environ, "KMEM_OPTIONS": t.options(f"check=strict,lines={tells}")}
    if (t.folder / "records").exists():
        t.run([*t.front(), t.folder / "records"], env=env)
        text = said.read_text(encoding="utf-8")
        t.ok("KMEM_OPTIONS" not in text and "LD_PRELOAD" not in text, "it does not run on the front", text)
        t.ok(re.search(r"^-e /.* 0x\w+ 0x\w+", text, re.M), "all addresses of a module at once", text)


WAITS = r"""
#include <errno.h>
#include <linux/slab.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

static volatile int children;

static void on_child(int number)
{
	(void)number;
	children++;
}

int main(void)
{
	char *p;
	int number, pid;

	signal(SIGCHLD, on_child);
	p = kmalloc(20, GFP_KERNEL);
	p[20] = 1;
	errno = 77;
	kfree(p);
	number = errno;
	pid = waitpid(-1, NULL, 0);
	printf("%d children, errno %d, wait %d\n", children, number, pid);
	return 0;
}
"""


def unnoticed(t):
    source = t.folder / "waits.c"
    source.write_text(WAITS)
    cc = (os.environ.get("CC") or "cc").split()
    made = t.run([*cc, "-g", "-w", "-I", tap.ROOT / "include", "-o", "waits", source, t.build / "libkmem.a", "-lpthread"])
    t.ok(not made.returncode, "waits.c compiles", made.stderr)
    got = t.run([t.folder / "waits"], env={**os.environ, "KMEM_OPTIONS": t.options("slab_debug,lines")})
    t.ok("waits.c:" in got.stderr, "a report with lines", got.stderr)
    t.same(got.stdout, "0 children, errno 77, wait -1\n", "the program does not notice how")


def body(t):
    missing = t.missing("addr2line")
    if missing:
        t.skip("lines of source", f"{missing} is not installed")
        return
    options(t)
    channel(t)
    records(t)
    addr2line(t)
    unnoticed(t)


tap.main(body)
