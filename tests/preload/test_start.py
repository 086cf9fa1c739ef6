#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What the start of a process on the front costs, in counts.

A program that allocates nothing pays for the loading of one more library, and
one that allocates little has few caches: the others are not made.
"""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

ENV = {**os.environ, "LC_ALL": "C"}
NOTHING = "int main(void) { return 0; }\n"
LITTLE = """
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
	char *p[3] = { malloc(24), malloc(500), calloc(3, 1000) };

	for (int i = 0; i < 3; i++)
		printf("%d", !p[i]);
	fflush(stdout);
	getchar();
	free(p[1]);
	return 0;
}
"""
# The first allocation is made by a child in its parent's memory.
BORROWED = """
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	void *volatile p;
	int status = 1;
	pid_t child = vfork();

	if (!child) {
		p = malloc(24);
		free(p);
		_exit(0);
	}
	waitpid(child, &status, 0);
	printf("%3d", status);
	fflush(stdout);
	getchar();
	return 0;
}
"""
# A filter on system calls is set before anything is allocated.
CONFINED = """
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#define ALLOW(name) \\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), \\
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
int main(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		ALLOW(mmap), ALLOW(munmap), ALLOW(mprotect), ALLOW(mremap),
		ALLOW(madvise), ALLOW(futex), ALLOW(write), ALLOW(exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(*filter), filter };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		_exit(77);
	for (int i = 1; i < 3000; i++) {
		void *volatile p = malloc(i * 7);

		if (!p)
			_exit(1);
		if (i % 3)
			free(p);
	}
	_exit(0);
}
"""
CALLS_MOST, FAULTS_MOST, CACHES_MOST = 12, 20, 20


def program(t, name, text):
    (t.folder / f"{name}.c").write_text(text)
    made = t.run(["gcc", "-O2", "-o", name, f"{name}.c"])
    t.ok(made.returncode == 0, f"{name} compiles", made.stderr)
    return str(t.folder / name)


def preloaded(t):
    return {**ENV, "LD_PRELOAD": str(t.build / "libkmem-malloc.so")}


def calls(t, command, env):
    """System calls from the exec on, as strace counts them."""
    words = [w for k in ("LD_PRELOAD",) if k in env for w in ("-E", f"{k}={env[k]}")]
    t.run(["strace", "-o", "calls", *words, command], env=ENV)
    return len((t.folder / "calls").read_text().splitlines())


def faults(command, env):
    """The least of some runs: what the page cache has not yet costs more."""
    counts = []
    for _ in range(9):
        pid = os.posix_spawn(command, [command], env)
        counts.append(os.wait4(pid, 0)[2].ru_minflt)
    return min(counts)


def caches(t, command):
    """Of the running program, which waits for a line."""
    process = t.start([command], env=preloaded(t), stdin=-1, stdout=-1)
    process.stdout.read(3)
    told = t.run([t.kmem, "slabinfo", "--json", process.pid])
    process.communicate(b"\n", timeout=60)
    t.ok(process.returncode == 0, f"{pathlib.Path(command).name} ends", process.returncode)
    return told.stdout.count('"name"')


def test(t):
    if os.environ.get("KMEM_OPTIONS"):
        t.skip("the start of a process", "options make it boot")
        return
    nothing = program(t, "nothing", NOTHING)
    if t.missing("strace"):
        t.skip("system calls", "strace is not installed")
    else:
        more = calls(t, nothing, preloaded(t)) - calls(t, nothing, ENV)
        t.ok(0 < more <= CALLS_MOST,
             f"at most {CALLS_MOST} system calls more", more)
    more = faults(nothing, preloaded(t)) - faults(nothing, ENV)
    t.ok(0 < more <= FAULTS_MOST, f"at most {FAULTS_MOST} faults more", more)
    n = caches(t, program(t, "little", LITTLE))
    t.ok(0 < n <= CACHES_MOST, f"at most {CACHES_MOST} caches", n)
    got = t.run([program(t, "confined", CONFINED)], env=preloaded(t))
    if got.returncode == 77:
        t.skip("a filter before the first allocation", "no seccomp here")
    else:
        t.same((got.returncode, got.stderr), (0, ""),
               "a filter before the first allocation")
    n = caches(t, program(t, "borrowed", BORROWED))
    t.ok(n > 0, "after a child of vfork() allocated first, the parent is seen", n)


tap.main(test)
