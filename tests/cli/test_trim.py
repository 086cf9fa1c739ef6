#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""kmem trim on programs that sleep: they give back, and notice nothing.

Each kind of sleep is interrupted many times, and ends as if it had not been:
the same result, errno, blocked signals, vector registers and handlers.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "preload"))
import redis_bench  # noqa: E402
import tap  # noqa: E402

MIB = 1 << 20
FREE = 32 * MIB
TIMES = 10

# Frees 32 MiB, says so, sleeps in its own way, and says what came of it.
PROGRAM = r"""
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sigjmp_buf out;
static volatile sig_atomic_t signals;

static void on_signal(int sig)
{
	(void)sig;
	signals++;
}

static void on_alarm(int sig)
{
	(void)sig;
	signals++;
	siglongjmp(out, 1);
}

static void *sleeper(void *arg)
{
	char c;

	(void)!read(*(int *)arg, &c, 1);
	return NULL;
}

/* A system call whose code counts on the vector registers staying as they are. */
static long read_with_vectors(char *c)
{
	long ret = -1;
#if defined(__x86_64__)
	double a = 1.5, b = 2.5;

	__asm__ volatile("movq %3, %%xmm14\n\tmovq %4, %%xmm15\n\tsyscall\n\t"
			 "movq %%xmm14, %1\n\tmovq %%xmm15, %2"
			 : "=a"(ret), "=r"(a), "=r"(b)
			 : "r"(a), "r"(b), "0"(SYS_read), "D"(0), "S"(c), "d"(1)
			 : "rcx", "r11", "xmm14", "xmm15", "memory");
	if (a != 1.5 || b != 2.5)
		return -2;
#endif
	return ret;
}

int main(int argc, char **argv)
{
	const struct timespec long_time = { .tv_sec = 1000 };
	struct sigaction sa = { .sa_handler = on_signal };
	struct timespec rest = { 0 };
	sigset_t none, usr;
	static void *held[4096];
	struct epoll_event event;
	int i, n = 0, ends[2];
	pthread_t thread;
	fd_set set;
	char c;

	(void)argc;
	for (i = 0; i < 4096; i++)
		held[i] = memset(malloc(8192), 1, 8192);
	for (i = 0; i < 4096; i++)
		free(held[i]);
	sigemptyset(&none);
	usr = none;
	sigaddset(&usr, SIGUSR2);
	sigprocmask(SIG_BLOCK, &usr, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	FD_ZERO(&set);
	FD_SET(0, &set);
	errno = 77;
	puts("ready");
	fflush(stdout);
	if (!strcmp(argv[1], "pause")) {
		n = pause();
	} else if (!strcmp(argv[1], "poll")) {
		n = poll(&(struct pollfd){ 0, POLLIN, 0 }, 1, 1000000);
	} else if (!strcmp(argv[1], "ppoll")) {
		/* SIGUSR2 is let in by the call alone */
		n = ppoll(NULL, 0, &long_time, &none);
	} else if (!strcmp(argv[1], "select")) {
		n = select(1, &set, NULL, NULL, NULL);
	} else if (!strcmp(argv[1], "epoll")) {
		int fd = epoll_create1(0);

		event.events = EPOLLIN;
		epoll_ctl(fd, EPOLL_CTL_ADD, 0, &event);
		n = epoll_wait(fd, &event, 1, -1);
	} else if (!strcmp(argv[1], "nanosleep")) {
		/* as long as asked for, however often it is stopped */
		struct timespec a, b;

		clock_gettime(CLOCK_MONOTONIC, &a);
		n = usleep(2500000);
		clock_gettime(CLOCK_MONOTONIC, &b);
		if (b.tv_sec - a.tv_sec < 2)
			n = 99;
	} else if (!strcmp(argv[1], "read")) {
		n = (int)read(0, &c, 1);
	} else if (!strcmp(argv[1], "vectors")) {
		n = (int)read_with_vectors(&c);
	} else if (!strcmp(argv[1], "suspend")) {
		n = sigsuspend(&none);
	} else if (!strcmp(argv[1], "wait")) {
		pid_t pid = fork();

		if (!pid) {
			(void)!read(0, &c, 1);
			_exit(5);
		}
		n = waitpid(pid, &i, 0) == pid ? WEXITSTATUS(i) : -1;
	} else if (!strcmp(argv[1], "thread")) {
		/* the first thread waits on a futex, the other one reads */
		ends[0] = 0;
		pthread_create(&thread, NULL, sleeper, ends);
		pthread_join(thread, NULL);
	} else if (!strcmp(argv[1], "jumps")) {
		struct itimerval often = { { 0, 7000 }, { 0, 7000 } };

		sa.sa_handler = on_alarm;
		sa.sa_flags = SA_NODEFER;
		sigaction(SIGALRM, &sa, NULL);
		fcntl(0, F_SETFL, O_NONBLOCK);
		sigsetjmp(out, 1);
		setitimer(ITIMER_REAL, &often, NULL);
		while (read(0, &c, 1) != 1) {
			/* nothing that must not be jumped out of */
			poll(NULL, 0, 1000);
		}
		setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	} else if (!strcmp(argv[1], "busy")) {
		prctl(PR_SET_NAME, "busy");
		while (!signals)
			;
	}
	i = errno;
	(void)rest;
	sigprocmask(SIG_BLOCK, NULL, &usr);
	/* memory is still in order */
	for (int k = 0; k < 4096; k++)
		held[k] = memset(malloc(8192), k, 8192);
	for (int k = 0; k < 4096; k++)
		if (((unsigned char *)held[k])[8191] != (unsigned char)k)
			return 9;
	printf("%d %d %d %d\n", n, i, sigismember(&usr, SIGUSR2) ? 1 : 0,
	       sigismember(&usr, SIGTERM) ? 1 : 0);
	return 0;
}
"""


def rss(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def build_program(t):
    source = t.folder / "idle.c"
    source.write_text(PROGRAM)
    got = t.run(os.environ.get("CC", "cc").split() +
                ["-O2", "-D_GNU_SOURCE", "-fno-builtin-malloc", "-o", t.folder / "idle", source, "-lpthread"])
    return t.ok(got.returncode == 0, "the program is built", got.stderr)


class Idle:
    def __init__(self, t, how, options="decay_ms=-1"):
        env = dict(os.environ, KMEM_OPTIONS=t.options(options))
        self.process = t.start(t.front() + [t.folder / "idle", how], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True, env=env)
        self.pid = self.process.pid
        self.process.stdout.readline()

    def end(self, with_signal=None):
        if with_signal:
            os.kill(self.pid, with_signal)
        said, _ = self.process.communicate("xx", timeout=60)
        return self.process.returncode, said.strip()


def trim(t, pid, *words):
    got = t.run([t.kmem, "trim", "--json", *words, pid])
    return got.returncode, json.loads(got.stdout) if got.stdout else None, got.stderr


# How it sleeps, what ends it, and what it then says: result, errno, whether
# SIGUSR2 and SIGTERM are blocked.
SLEEPS = (
    ("pause", signal.SIGUSR1, "-1 4 1 0"),
    ("poll", None, "1 77 1 0"),
    ("ppoll", signal.SIGUSR2, "-1 4 1 0"),
    ("select", None, "1 77 1 0"),
    ("epoll", None, "1 77 1 0"),
    ("nanosleep", None, "0 77 1 0"),
    ("read", None, "1 77 1 0"),
    ("vectors", None, "1 77 1 0"),
    ("suspend", signal.SIGUSR2, "-1 4 1 0"),
    ("wait", None, "5 77 1 0"),
    ("thread", None, "0 77 1 0"),
)


def sleeps(t):
    for how, with_signal, want in SLEEPS:
        program = Idle(t, how)
        time.sleep(0.1)
        before = rss(program.pid)
        status, said, err = trim(t, program.pid)
        after = rss(program.pid)
        t.ok(status == 0 and said["answered"] and said["thread_stopped"] and said["bytes"] >= FREE * 3 // 4,
             f"{how}: a program that sleeps gives back", (status, said, err))
        t.ok(after < before - FREE * 3 // 4 and
             said["resident_before"] >= before - MIB and said["resident_after"] < before - FREE * 3 // 4,
             f"{how}: and what is said of it is so", (before, after, said))
        statuses = [trim(t, program.pid)[0] for _ in range(TIMES)]
        t.same(statuses, [0] * TIMES, f"{how}: as often as it is asked")
        t.same(program.end(with_signal), (0, want), f"{how}: it goes on as if nothing had been")


def not_now(t):
    program = Idle(t, "busy")
    status, said, err = trim(t, program.pid, "--wait", "0.3")
    t.ok(status == 1 and not said["answered"] and "sleeps" in err and "background=1" in err,
         "busy: one that computes does not answer, and that is said", (status, said, err))
    program.end(signal.SIGUSR1)
    program = Idle(t, "pause")
    before = rss(program.pid)
    status, said, err = trim(t, program.pid, "--passive", "--wait", "0.3")
    t.ok(status == 1 and not said["thread_stopped"] and "--passive" in err,
         "--passive: no thread is stopped", (status, said, err))
    t.ok(rss(program.pid) > before - MIB, "--passive: and nothing goes")
    program.end(signal.SIGUSR1)


def jumps(t):
    """A handler that jumps out of whatever it interrupts, all the time."""
    program = Idle(t, "jumps")
    got = [trim(t, program.pid) for _ in range(TIMES)]
    t.ok(not any(status for status, _, _ in got), "jumps: a handler that jumps does not get in", got)
    t.same(program.end()[0], 0, "jumps: and nothing is lost")


def denied(t):
    """One whose threads a debugger has already."""
    if t.missing("gdb"):
        t.skip("a process with a debugger in it", "no gdb")
        return
    program = Idle(t, "pause")
    gdb = t.start(["gdb", "-q", "-p", program.pid, "-batch", "-ex", "shell echo there", "-ex", "shell sleep 600"],
                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in gdb.stdout:
        if line.strip() == "there":
            break
    status, said, err = trim(t, program.pid, "--wait", "0.3")
    t.ok(status == 1 and "may not be stopped" in err, "a process with a debugger in it: says why", (status, said, err))
    subprocess.run(["pkill", "-P", str(gdb.pid)], check=False)
    gdb.kill()
    gdb.wait()
    program.end(signal.SIGUSR1)


def redis(t):
    missing = t.missing("redis-cli", "redis-benchmark")
    program = redis_bench.server_program(t.folder)
    if missing or not program:
        t.skip("redis", f"{missing or 'redis-server'} is not installed")
        return
    server = redis_bench.Server(program, t.front(), t.folder)
    server.cli("debug", "populate", "100000", "key", "200")
    server.cli("flushall")
    before = rss(server.process.pid)
    status, said, err = trim(t, server.process.pid)
    t.ok(status == 0 and said["answered"], "redis: it answers", (status, said, err))
    t.ok(rss(server.process.pid) <= before, "redis: and is no larger", (before, rss(server.process.pid)))
    statuses = [trim(t, server.process.pid)[0] for _ in range(TIMES)]
    t.same(statuses, [0] * TIMES, "redis: as often as it is asked")
    t.same(server.cli("set", "a", "b").strip() + server.cli("get", "a").strip(), "OKb", "redis: it goes on")
    status, said = server.stop()
    t.same(status, 0, "redis: ends as it should")
    t.quiet(said, "redis: says nothing odd")


def test(t):
    if os.uname().machine != "x86_64":
        t.skip("trim", "threads are lent a call on x86-64 only")
        return
    if build_program(t):
        sleeps(t)
        not_now(t)
        jumps(t)
        denied(t)
    redis(t)


tap.main(test)
