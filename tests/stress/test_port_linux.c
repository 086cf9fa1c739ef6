/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The contract of port.h, held against the process's own port.  Run with
 * PORT_TEST=<mode> in the environment this program is its own helper: it
 * tells on stdout what the port sees and ends.
 */
#include "port/port.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kunit/test.h"
#include "lib/sanitized.h"

#define MIB ((size_t)1 << 20)
#define GIB ((size_t)1 << 30)
#define TIB ((size_t)1 << 40)

static size_t pg;

/* --- helpers ------------------------------------------------------------- */

static int status_of(int (*fn)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		_exit(fn());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static volatile char *target;

static int read_target(void)
{
	return *target ? 2 : 0;
}

/* 0: reads as zero; 2: as something else; -SIGSEGV: not usable. */
static int touch(const void *p)
{
	target = (volatile char *)(uintptr_t)p;
	return status_of(read_target);
}

static unsigned long status_kib(const char *field)
{
	unsigned long v = 0;
	char line[200];
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, field, strlen(field)))
			sscanf(line + strlen(field), "%lu", &v);
	if (f)
		fclose(f);
	return v;
}

static size_t resident(void *p, size_t n)
{
	unsigned char vec[256];
	size_t i, r = 0;

	if (mincore(p, n, vec))
		return (size_t)-1;
	for (i = 0; i < n / pg; i++)
		r += vec[i] & 1;
	return r;
}

/* Runs this program again as a helper; what it says goes to out. */
static int helper(const char *path, const char *mode, const char *const *env,
		  char *out, size_t n)
{
	char mode_env[64];
	const char *envp[8] = { mode_env };
	char *const argv[] = { (char *)(uintptr_t)path, NULL };
	int fd[2], status = -1, i;
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	snprintf(mode_env, sizeof(mode_env), "PORT_TEST=%s", mode);
	for (i = 0; env && env[i]; i++)
		envp[i + 1] = env[i];
	if (pipe(fd))
		return -1;
	pid = fork();
	if (!pid) {
		dup2(fd[1], STDOUT_FILENO);
		close(fd[0]);
		close(fd[1]);
		execve(path, argv, (char *const *)(uintptr_t)envp);
		_exit(127);
	}
	close(fd[1]);
	while (len < n - 1 && (got = read(fd[0], out + len, n - 1 - len)) > 0)
		len += (size_t)got;
	out[len] = '\0';
	close(fd[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

/* Is port_cpu() right on each CPU this thread may run on? */
static int wrong_cpus(void)
{
	cpu_set_t all, one;
	int cpu, wrong = 0;

	if (sched_getaffinity(0, sizeof(all), &all))
		return -1;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (sched_setaffinity(0, sizeof(one), &one))
			continue;
		wrong += port_cpu() != (unsigned int)cpu;
		wrong += port_cpu() >= port_nr_cpus();
	}
	sched_setaffinity(0, sizeof(all), &all);
	return wrong;
}

__attribute__((constructor)) static void be_helper(void)
{
	const char *mode = getenv("PORT_TEST");

	if (!mode)
		return;
	if (!strcmp(mode, "early"))
		environ = NULL;
	if (port_init())
		_exit(1);
	if (!strcmp(mode, "cpu"))
		_exit(wrong_cpus());
	dprintf(STDOUT_FILENO, "%lu [%s]", getauxval(AT_SECURE),
		port_options());
	_exit(0);
}

/* --- memory -------------------------------------------------------------- */

static void port_claims(struct kunit *test)
{
	size_t n = TIB, small = 0;
	unsigned long before = status_kib("VmSize:"), used;
	char *p;

	p = port_claim(&n, 64 * MIB, 4 * MIB);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, (uintptr_t)p % (4 * MIB), 0);
	KUNIT_EXPECT_EQ(test, TIB % n, 0);
	KUNIT_EXPECT_GE(test, n, 64 * MIB);
	KUNIT_EXPECT_EQ(test, touch(p), -SIGSEGV);
	KUNIT_EXPECT_EQ(test, touch(p + n - 1), -SIGSEGV);
	used = status_kib("VmSize:") - before;
	/* but where it had to be mapped */
	if (!used)
		KUNIT_EXPECT_EQ(test, n, TIB);

	KUNIT_EXPECT_EQ(test, port_commit(p + 2 * MIB, MIB), 0);
	KUNIT_EXPECT_EQ(test, touch(p + 2 * MIB), 0);
	KUNIT_EXPECT_EQ(test, touch(p + 3 * MIB - 1), 0);
	KUNIT_EXPECT_EQ(test, touch(p + 2 * MIB - 1), -SIGSEGV);
	KUNIT_EXPECT_EQ(test, touch(p + 3 * MIB), -SIGSEGV);
	memset(p + 2 * MIB, 5, MIB);
	KUNIT_EXPECT_EQ(test, port_commit(p + 3 * MIB, MIB), 0);
	KUNIT_EXPECT_EQ(test, p[2 * MIB], 5);
	KUNIT_EXPECT_EQ(test, p[3 * MIB], 0);
	KUNIT_EXPECT_FALSE(test, port_counts());
	if (!used) {
		/* a mapping of others is not replaced */
		KUNIT_EXPECT_EQ(test, port_commit(p + MIB, 2 * MIB),
				PORT_TAKEN);
		KUNIT_EXPECT_EQ(test, touch(p + MIB), -SIGSEGV);
		KUNIT_EXPECT_EQ(test, p[2 * MIB], 5);
		KUNIT_EXPECT_GE(test, status_kib("VmSize:") - before, 2048);
		KUNIT_EXPECT_TRUE(test, port_uncommit(p + 2 * MIB, MIB));
		KUNIT_EXPECT_EQ(test, touch(p + 2 * MIB), -SIGSEGV);
		KUNIT_EXPECT_EQ(test, port_commit(p + MIB, 2 * MIB), 0);
		KUNIT_EXPECT_EQ(test, p[2 * MIB], 0);
	}
	munmap(p, n);

	small = (size_t)1 << 62;
	KUNIT_EXPECT_NULL(test, port_claim(&small, small, pg));
	KUNIT_EXPECT_EQ(test, small, (size_t)1 << 62);
}

/* Exit status: which expectation failed. */
static int claim_under_limit(void)
{
	unsigned long vm = status_kib("VmSize:");
	struct rlimit lim;
	size_t n = TIB;
	char *p;

	if (vm * 1024 > GIB)
		return 77; /* a sanitizer's shadow */
	getrlimit(RLIMIT_AS, &lim);
	lim.rlim_cur = GIB;
	if (setrlimit(RLIMIT_AS, &lim))
		return 1;
	p = port_claim(&n, MIB, 2 * MIB);
	if (!p || n != TIB)
		return 2;
	if (status_kib("VmSize:") > vm + 1024)
		return 3;
	if (!port_counts() || !port_counts())
		return 4;
	if (port_commit(p, 2 * GIB) != PORT_NO_MEMORY || touch(p) != -SIGSEGV)
		return 5;
	if (port_commit(p, GIB / 2))
		return 6;
	/* nothing is left of what fails */
	for (int i = 0; i < 100; i++)
		if (port_map(GIB, pg, true) || port_map(GIB / 2, GIB / 2, true))
			return 7;
	if (status_kib("VmSize:") * 1024 > vm * 1024 + GIB / 2 + 2 * MIB)
		return 8;
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_AS, &lim);
	if (lim.rlim_max == RLIM_INFINITY && port_counts())
		return 9;
	getrlimit(RLIMIT_DATA, &lim);
	lim.rlim_cur = 2 * GIB;
	setrlimit(RLIMIT_DATA, &lim);
	if (!port_counts())
		return 10;
	return 0;
}

static void port_claim_costs_nothing(struct kunit *test)
{
	int ret = status_of(claim_under_limit);

	if (ret == 77)
		kunit_skip(test, "this process is too big for a limit");
	KUNIT_EXPECT_EQ(test, ret, 0);
}

/* A block that grows and cannot leaves nothing, and needs no second place. */
static int remap_under_limit(void)
{
	unsigned long vm = status_kib("VmSize:");
	struct rlimit lim;
	char *p, *q;

	if (vm * 1024 > GIB)
		return 77;
	getrlimit(RLIMIT_AS, &lim);
	lim.rlim_cur = GIB;
	if (setrlimit(RLIMIT_AS, &lim))
		return 1;
	p = port_map(GIB / 8 * 5, pg, true);
	if (!p)
		return 2;
	for (int i = 0; i < 20; i++)
		if (port_remap(p, GIB / 8 * 5, GIB, true))
			return 3;
	if (status_kib("VmSize:") > vm + 640 * 1024 + 1024)
		return 4;
	*p = 7;
	q = port_remap(p, GIB / 8 * 5, GIB / 8 * 7, true);
	if (!q || *q != 7 || touch(q + GIB / 8 * 7) != -SIGSEGV)
		return 5;
	q = port_remap(q, GIB / 8 * 7, 8 * pg, true);
	if (!q || *q != 7 || touch(q + 8 * pg) != -SIGSEGV)
		return 6;
	port_unmap(q, 8 * pg, true);
	return status_kib("VmSize:") > vm + 1024 ? 8 : 0;
}

static void port_remap_leaves_nothing(struct kunit *test)
{
	int ret = status_of(remap_under_limit);

	if (ret == 77)
		kunit_skip(test, "this process is too big for a limit");
	KUNIT_EXPECT_EQ(test, ret, 0);
}

/*
 * Mappings until the kernel has no more of them, each of another kind than
 * its neighbours.
 */
static int map_count_at_its_limit(void)
{
	unsigned long vm;
	char *b[64], *p;
	size_t n;

	for (n = 0; n < 64; n++)
		b[n] = port_map((n + 1) * 4 * pg, pg, true);
	vm = status_kib("VmSize:");
	p = mmap(NULL, (size_t)1 << 31, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return 1;
	for (n = 0; n < (size_t)1 << 31; n += 2 * pg)
		if (mprotect(p + n, pg, PROT_READ))
			break;
	if (n == (size_t)1 << 31)
		return 77;
	for (n = 0; n < 64; n++) {
		char *q = port_remap(b[n], (n + 1) * 4 * pg, 2 * pg, true);

		b[n] = q ? q : b[n];
		if (!q)
			return 2;
		b[n][0] = b[n][2 * pg - 1] = 1;
		q = port_remap(b[n], 2 * pg, 8 * pg, true);
		if (q)
			b[n] = q;
		b[n][2 * pg - 1] = 2;
		port_split(b[n], q ? 8 * pg : 2 * pg, pg);
		port_unmap(b[n], q ? 8 * pg : 2 * pg, true);
		q = port_map(64 * pg, 64 * pg, true);
		if (q)
			port_unmap(q, 64 * pg, true);
	}
	munmap(p, (size_t)1 << 31);
	return status_kib("VmSize:") > vm ? 3 : 0;
}

static void port_maps_at_the_limit_of_their_number(struct kunit *test)
{
	int ret;

	if (SANITIZED)
		kunit_skip(test, "a sanitizer needs mappings of its own");
	ret = status_of(map_count_at_its_limit);
	if (ret == 77)
		kunit_skip(test, "there is room for a million mappings");
	KUNIT_EXPECT_EQ(test, ret, 0);
}

static void port_purge_gives_back(struct kunit *test)
{
	size_t n = 16 * pg;
	char *p;

	p = port_claim(&n, n, pg);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_EQ(test, port_commit(p, n), 0);
	memset(p, 7, n);
	KUNIT_EXPECT_EQ(test, resident(p, n), 16);
	port_purge(p + 4 * pg, 8 * pg);
	KUNIT_EXPECT_EQ(test, resident(p, n), 8);
	KUNIT_EXPECT_EQ(test, p[4 * pg - 1], 7);
	KUNIT_EXPECT_EQ(test, p[4 * pg], 0);
	KUNIT_EXPECT_EQ(test, p[12 * pg - 1], 0);
	KUNIT_EXPECT_EQ(test, p[12 * pg], 7);
	munmap(p, n);
}

static void port_purge_zeroes_locked_memory(struct kunit *test)
{
	size_t n = 8 * pg, i;
	char *p;

	p = port_claim(&n, n, pg);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_EQ(test, port_commit(p, n), 0);
	if (mlock(p, n)) {
		munmap(p, n);
		kunit_skip(test, "may not lock memory");
	}
	memset(p, 7, n);
	port_purge(p, n);
	for (i = 0; i < n; i += pg)
		KUNIT_EXPECT_EQ(test, p[i], 0);
	p[0] = 1;
	munmap(p, n);
}

static void port_maps_with_a_guard(struct kunit *test)
{
	unsigned long before;
	char *p;
	int i;

	p = port_map(3 * pg, pg, true);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, touch(p + 3 * pg - 1), 0);
	KUNIT_EXPECT_EQ(test, touch(p + 3 * pg), -SIGSEGV);
	memset(p, 1, 3 * pg);
	port_unmap(p, 3 * pg, true);
	KUNIT_EXPECT_EQ(test, touch(p), -SIGSEGV);

	before = status_kib("VmSize:");
	for (i = 0; i < 50; i++) {
		p = port_map(5 * pg, 2 * MIB, i & 1);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, (uintptr_t)p % (2 * MIB), 0);
		memset(p, 1, 5 * pg);
		port_unmap(p, 5 * pg, i & 1);
	}
	KUNIT_EXPECT_EQ(test, status_kib("VmSize:"), before);
	KUNIT_EXPECT_NULL(test, port_map((size_t)1 << 62, pg, true));
	KUNIT_EXPECT_NULL(test, port_map((size_t)-1 & ~(pg - 1), pg, true));
	KUNIT_EXPECT_NULL(test,
			  port_map((size_t)-1 & ~(pg - 1), 2 * MIB, false));
	KUNIT_EXPECT_EQ(test, status_kib("VmSize:"), before);
}

static void remap_guarded(struct kunit *test, bool guard)
{
	size_t pages[] = { 3, 40, 41, 7, 1, 64, 64, 2 }, i, j, old = 3;
	unsigned long before = status_kib("VmSize:");
	char *p, *q;

	p = port_map(old * pg, pg, guard);
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 1, old * pg);
	for (i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		q = port_remap(p, old * pg, pages[i] * pg, guard);
		KUNIT_ASSERT_NOT_NULL(test, q);
		/*
		 * What it moved away from is gone, the old guard too; but a
		 * sanitizer may have put a mapping of its own there.
		 */
		if (guard && q != p && !SANITIZED)
			KUNIT_EXPECT_EQ(test, touch(p), -SIGSEGV);
		p = q;
		for (j = 0; j < pages[i]; j++) {
			KUNIT_EXPECT_EQ(test, p[j * pg], j < old);
			KUNIT_EXPECT_EQ(test, p[j * pg + pg - 1], j < old);
		}
		if (guard)
			KUNIT_EXPECT_EQ(test, touch(p + pages[i] * pg),
					-SIGSEGV);
		old = pages[i];
		memset(p, 1, old * pg);
	}
	/* More than there is: nothing has changed. */
	KUNIT_EXPECT_NULL(test,
			  port_remap(p, old * pg, (size_t)1 << 62, guard));
	KUNIT_EXPECT_NULL(test, port_remap(p, old * pg, (size_t)-1 & ~(pg - 1),
					   guard));
	for (j = 0; j < old; j++)
		KUNIT_EXPECT_EQ(test, p[j * pg], 1);
	if (guard)
		KUNIT_EXPECT_EQ(test, touch(p + old * pg), -SIGSEGV);
	port_unmap(p, old * pg, guard);
	KUNIT_EXPECT_EQ(test, status_kib("VmSize:"), before);
}

static void port_remaps_with_a_guard(struct kunit *test)
{
	remap_guarded(test, true);
}

static void port_remaps_without(struct kunit *test)
{
	remap_guarded(test, false);
}

static size_t pages_there(char *p, size_t n)
{
	static unsigned char there[4096];
	size_t sum = 0;

	if (mincore(p, n * pg, there))
		return 0;
	for (size_t i = 0; i < n; i++)
		sum += there[i] & 1;
	return sum;
}

static void port_clears(struct kunit *test)
{
	enum { N = 1500 };
	char *p = port_map(N * pg, pg, true);
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, p);
	/* the first 600 whole, then few, then none */
	memset(p, 1, 600 * pg);
	for (i = 600; i < 1200; i += 50)
		p[i * pg + 7] = 1;
	port_clear(p, N * pg);
	KUNIT_EXPECT_GE(test, pages_there(p, 512), 512);
	for (i = 0; i < N * pg; i++)
		KUNIT_ASSERT_EQ(test, p[i], 0);
	port_unmap(p, N * pg, true);
}

static void port_splits_in_two(struct kunit *test)
{
	unsigned long before = status_kib("VmSize:");
	char *p = port_map(9 * pg, pg, true), *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 1, 9 * pg);
	KUNIT_ASSERT_TRUE(test, port_split(p, 9 * pg, 4 * pg));
	KUNIT_EXPECT_EQ(test, p[4 * pg - 1], 1);
	KUNIT_EXPECT_EQ(test, touch(p + 4 * pg), -SIGSEGV);
	q = p + 5 * pg;
	KUNIT_EXPECT_EQ(test, q[0], 1);
	KUNIT_EXPECT_EQ(test, touch(q + 4 * pg), -SIGSEGV);
	/* one again, that moves as one; and two again */
	KUNIT_ASSERT_TRUE(test, port_join(p, 4 * pg, 4 * pg));
	KUNIT_EXPECT_EQ(test, p[4 * pg], 0);
	p[4 * pg] = 1;
	KUNIT_EXPECT_EQ(test, touch(p + 9 * pg), -SIGSEGV);
	p = port_remap(p, 9 * pg, 12 * pg, true);
	KUNIT_ASSERT_NOT_NULL(test, p);
	for (int i = 0; i < 9; i++)
		KUNIT_EXPECT_EQ(test, p[i * pg], 1);
	p = port_remap(p, 12 * pg, 9 * pg, true);
	KUNIT_ASSERT_TRUE(test, port_split(p, 9 * pg, 4 * pg));
	q = p + 5 * pg;
	/* each goes its own way */
	q = port_remap(q, 4 * pg, 20 * pg, true);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, q[4 * pg - 1], 1);
	KUNIT_EXPECT_EQ(test, q[4 * pg], 0);
	port_unmap(p, 4 * pg, true);
	port_unmap(q, 20 * pg, true);
	KUNIT_EXPECT_EQ(test, status_kib("VmSize:"), before);
}

/* --- CPUs and threads ---------------------------------------------------- */

static void port_cpu_is_where_we_run(struct kunit *test)
{
	KUNIT_EXPECT_GE(test, port_nr_cpus(), 1);
	KUNIT_EXPECT_GE(test, port_nr_cpus(),
			(unsigned int)sysconf(_SC_NPROCESSORS_CONF));
	KUNIT_EXPECT_EQ(test, wrong_cpus(), 0);
}

static void port_cpu_without_rseq(struct kunit *test)
{
	static const char *const off[] = {
		"GLIBC_TUNABLES=glibc.pthread.rseq=0", NULL
	};
	char out[64];

	KUNIT_EXPECT_EQ(test,
			helper("/proc/self/exe", "cpu", off, out, sizeof(out)),
			0);
	KUNIT_EXPECT_EQ(test,
			helper("/proc/self/exe", "cpu", NULL, out, sizeof(out)),
			0);
}

static void *task_of_thread(void *arg)
{
	struct port_task *t = port_task();
	static const struct port_task fresh;

	*(bool *)arg = !memcmp(t, &fresh, sizeof(fresh)) && t == port_task();
	t->flags = 1;
	return t;
}

static void port_task_is_of_the_thread(struct kunit *test)
{
	bool ok = false;
	pthread_t t;
	void *task;
	int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(
			test, pthread_create(&t, NULL, task_of_thread, &ok), 0);
		pthread_join(t, &task);
		KUNIT_EXPECT_TRUE(test, ok);
		KUNIT_EXPECT_PTR_NE(test, task, port_task());
	}
}

static unsigned int parents_pid;

static int pid_changed(void)
{
	return port_pid() != (unsigned int)getpid() ||
	       port_pid() == parents_pid;
}

static void port_pid_changes_in_a_child(struct kunit *test)
{
	parents_pid = port_pid();
	KUNIT_EXPECT_EQ(test, port_pid(), (unsigned int)getpid());
	KUNIT_EXPECT_EQ(test, status_of(pid_changed), 0);
}

static uint32_t gate;

static void *wait_at_gate(void *arg)
{
	while (!__atomic_load_n(&gate, __ATOMIC_ACQUIRE))
		port_wait(&gate, 0, -1);
	return arg;
}

static void port_waits_and_wakes(struct kunit *test)
{
	uint64_t start = port_clock_ns();
	uint32_t word = 3;
	pthread_t t[3];
	int i;

	port_wait(&word, 4, -1); /* is not 4: returns at once */
	port_wait(&word, 3, 50000000);
	/* The clock is coarse: what counts is that time has passed. */
	KUNIT_EXPECT_GE(test, port_clock_ns() - start, 30000000);
	gate = 0;
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t[i], NULL, wait_at_gate, NULL),
				0);
	sched_yield();
	__atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
	port_wake(&gate, INT_MAX);
	for (i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
}

/* --- reports ------------------------------------------------------------- */

static int write_end;

static int write_full_pipe(void)
{
	static char text[300000];

	dup2(write_end, STDERR_FILENO);
	fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK);
	memset(text, 'x', sizeof(text));
	/* Nobody reads: it ends all the same. */
	port_write(text, sizeof(text));
	return 0;
}

static int write_lines(void)
{
	static char text[200000];
	size_t i;

	dup2(write_end, STDERR_FILENO);
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 100 == 99 ? '\n' : 'y';
	port_write(text, sizeof(text));
	return 0;
}

static void port_writes_all(struct kunit *test)
{
	int fd[2], status = -1, flags;
	size_t total = 0, i;
	char buf[1000];
	ssize_t got;
	pid_t pid;

	KUNIT_ASSERT_EQ(test, pipe(fd), 0);
	write_end = fd[1];
	pid = fork();
	if (!pid)
		_exit(write_lines());
	close(fd[1]);
	while ((got = read(fd[0], buf, sizeof(buf))) > 0)
		for (i = 0; i < (size_t)got; i++, total++)
			if (buf[i] != (total % 100 == 99 ? '\n' : 'y'))
				KUNIT_FAIL(test, "byte %zu", total);
	KUNIT_EXPECT_EQ(test, total, 200000);
	KUNIT_EXPECT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	close(fd[0]);

	KUNIT_ASSERT_EQ(test, pipe(fd), 0);
	write_end = fd[1];
	KUNIT_EXPECT_EQ(test, status_of(write_full_pipe), 0);
	flags = fcntl(fd[0], F_GETFL);
	fcntl(fd[0], F_SETFL, flags | O_NONBLOCK);
	KUNIT_EXPECT_EQ(test, read(fd[0], buf, sizeof(buf)), sizeof(buf));
	close(fd[0]);
	close(fd[1]);
}

static int die(void)
{
	port_die();
}

static void port_dies_by_abort(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, status_of(die), -SIGABRT);
}

static void port_options_come_from_outside(struct kunit *test)
{
	static const char *const set[] = { "A=1", "KMEM_OPTIONS=mem=64M,x",
					   "Z=2", NULL };
	static const char *const last[] = { "XKMEM_OPTIONS=no", "KMEM_OPTION=n",
					    "KMEM_OPTIONS=d=-1", NULL };
	static const char *const empty[] = { "KMEM_OPTIONS=", NULL };
	static const char *const none[] = { "KMEM_OPTIONSX=no", NULL };
	static const char *const *const env[] = { set, last, empty, none };
	static const char *const want[] = { "0 [mem=64M,x]", "0 [d=-1]", "0 []",
					    "0 []" };
	char out[200];
	size_t i;

	for (i = 0; i < sizeof(env) / sizeof(*env); i++) {
		KUNIT_EXPECT_EQ(test,
				helper("/proc/self/exe", "options", env[i], out,
				       sizeof(out)),
				0);
		KUNIT_EXPECT_STREQ(test, out, want[i]);
		/* As the dynamic loader's first malloc finds it. */
		KUNIT_EXPECT_EQ(test,
				helper("/proc/self/exe", "early", env[i], out,
				       sizeof(out)),
				0);
		KUNIT_EXPECT_STREQ(test, out, want[i]);
	}
}

static void port_options_long_lose_whole_ones(struct kunit *test)
{
	static const char *const mode[] = { "options", "early" };
	const char *env[] = { NULL, NULL };
	static char value[6000], want[6000], out[6000];
	size_t i, n;

	/* A comma at 4090 is the last one that fits. */
	n = (size_t)sprintf(value, "KMEM_OPTIONS=");
	memset(value + n, 'a', 5000);
	value[n + 4090] = ',';
	value[n + 4093] = '=';
	sprintf(want, "0 [%.4090s]", value + n);
	env[0] = value;
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test,
				helper("/proc/self/exe", mode[i], env, out,
				       sizeof(out)),
				0);
		KUNIT_EXPECT_TRUE(test, !strcmp(out, want));
	}
}

static bool copy_file(const char *from, const char *to)
{
	char buf[65536];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0700);
	ssize_t n;
	bool ok = in >= 0 && out >= 0;

	while (ok && (n = read(in, buf, sizeof(buf))) > 0)
		ok = write(out, buf, (size_t)n) == n;
	close(in);
	close(out);
	return ok;
}

static void port_options_of_set_uid_programs_are_ignored(struct kunit *test)
{
	static const char *const set[] = { "KMEM_OPTIONS=mem=64M", NULL };
	char path[] = "/tmp/kmem-port-XXXXXX", out[200] = "";
	int fd = mkstemp(path), ret;

	KUNIT_ASSERT_GE(test, fd, 0);
	close(fd);
	if (geteuid() || !copy_file("/proc/self/exe", path) ||
	    chown(path, 65534, 65534) || chmod(path, 04755)) {
		unlink(path);
		kunit_skip(test, "needs root");
	}
	ret = helper(path, "options", set, out, sizeof(out));
	unlink(path);
	if (ret || out[0] == '0')
		kunit_skip(test, "/tmp ignores set-uid");
	KUNIT_EXPECT_STREQ(test, out, "1 []");
}

static void port_symbol_names_code(struct kunit *test)
{
	unsigned long off = 1, size = 0;
	char buf[200], small[8];

	port_symbol((const char *)(uintptr_t)&lfind + 2, buf, sizeof(buf));
	KUNIT_EXPECT_EQ(test, sscanf(buf, "lfind+0x%lx/0x%lx", &off, &size), 2);
	KUNIT_EXPECT_EQ(test, off, 2);
	KUNIT_EXPECT_GT(test, size, 2);
	port_symbol((const void *)0x1234, buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, buf, "0x1234");
	port_symbol(NULL, buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, buf, "0x0");
	port_symbol((const void *)0x123456789abcul, small, sizeof(small));
	KUNIT_EXPECT_STREQ(test, small, "0x12345");
}

/* What no module exports is in the file of the program. */
static void port_symbol_names_what_is_not_exported(struct kunit *test)
{
	void (*code)(struct kunit *) = port_symbol_names_code;
	unsigned long off = 0, size = 0;
	char buf[200];

	port_symbol((const char *)(uintptr_t)code + 3, buf, sizeof(buf));
	KUNIT_EXPECT_EQ_MSG(test,
			    sscanf(buf, "port_symbol_names_code+0x%lx/0x%lx",
				   &off, &size),
			    2, "%s", buf);
	KUNIT_EXPECT_EQ(test, off, 3);
	KUNIT_EXPECT_GT(test, size, 3);
}

static void *frames[64];
static unsigned int nr_frames;

static __attribute__((noinline)) unsigned int deep(unsigned int n,
						   unsigned int max)
{
	unsigned int got = n ? deep(n - 1, max) : port_stack(frames, max);

	__asm__ volatile("" : "+r"(got));
	return got;
}

/* A handler's stack goes on in what it interrupted. */
static void stack_of_handler(int sig)
{
	(void)sig;
	nr_frames = port_stack(frames, 64);
}

static void port_stack_knows_the_callers(struct kunit *test)
{
	char here[200], deepest[200];
	unsigned int n, i, in_deep = 0;

	n = deep(5, 64);
	KUNIT_ASSERT_GT(test, n, 7);
	for (i = 0; i < n; i++) {
		port_symbol(frames[i], here, sizeof(here));
		if (!i)
			memcpy(deepest, here, sizeof(here));
		in_deep += !strncmp(here, "deep", 4);
		if (!strncmp(here, "port_stack_knows_the_callers+", 29))
			break;
	}
	KUNIT_EXPECT_EQ_MSG(test, i, in_deep, "%s", here);
	KUNIT_EXPECT_EQ_MSG(test, strncmp(deepest, "deep", 4), 0, "%s",
			    deepest);
	KUNIT_EXPECT_EQ(test, deep(5, 3), 3);
	signal(SIGUSR2, stack_of_handler);
	raise(SIGUSR2);
	for (i = 0; i < nr_frames; i++) {
		port_symbol(frames[i], here, sizeof(here));
		if (!strncmp(here, "port_stack_knows_the_callers+", 29))
			break;
	}
	KUNIT_EXPECT_LT(test, i, nr_frames);
	KUNIT_EXPECT_NULL(test, (void *)(uintptr_t)port_other_copy());
}

/* --- all of it ----------------------------------------------------------- */

static void port_leaves_errno_alone(struct kunit *test)
{
	size_t n = (size_t)1 << 62;
	uint32_t word = 1;
	char buf[64];
	char *p;

#define KEEPS(call)                                            \
	do {                                                   \
		errno = 4242;                                  \
		(void)(call);                                  \
		KUNIT_EXPECT_EQ_MSG(test, errno, 4242, #call); \
	} while (0)
	KEEPS(port_claim(&n, n, pg));
	KEEPS(port_map(n, pg, false));
	KEEPS(p = port_map(4 * pg, 2 * MIB, true));
	KEEPS(port_split(p, 4 * pg, pg));
	port_unmap(p + 2 * pg, 2 * pg, true);
	KEEPS(port_remap(p, pg, n, true));
	KEEPS(port_commit((void *)pg, pg));
	KEEPS((port_purge(p, pg), 0));
	KEEPS((port_clear(p, pg), 0));
	KEEPS((port_unmap(p, pg, true), 0));
	KEEPS(port_cpu());
	KEEPS(port_nr_cpus());
	KEEPS(port_task());
	KEEPS(port_pid());
	KEEPS((port_wait(&word, 2, -1), 0));
	KEEPS((port_wait(&word, 1, 1000), 0));
	KEEPS((port_wake(&word, 1), 0));
	KEEPS(port_clock_ns());
	KEEPS((port_symbol((void *)1, buf, sizeof(buf)), 0));
	KEEPS((port_symbol((void *)(uintptr_t)deep, buf, sizeof(buf)), 0));
	KEEPS(port_stack(frames, 64));
	KEEPS(port_other_copy());
	KEEPS((port_write("", 0), 0));
	KEEPS(port_init());
}

/* Every call of libc's allocator in this program is seen here. */
static unsigned long mallocs;

#if !SANITIZED && defined(__GLIBC__)
#define COUNTS_MALLOC 1
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t m);
extern void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n)
{
	mallocs++;
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t m)
{
	mallocs++;
	return __libc_calloc(n, m);
}

void *realloc(void *p, size_t n)
{
	mallocs++;
	return __libc_realloc(p, n);
}
#else
#define COUNTS_MALLOC 0
#endif

static void nothing(void)
{
}

static void port_never_calls_malloc(struct kunit *test)
{
	void *volatile block = malloc(1);
	unsigned long before = mallocs;
	size_t n = 64 * MIB;
	uint32_t word = 1;
	char buf[64];
	char *p;

	free(block);
	if (!COUNTS_MALLOC)
		kunit_skip(test, "malloc is the sanitizer's");
	KUNIT_EXPECT_GT(test, before, 0);
	port_init();
	p = port_claim(&n, pg, 2 * MIB);
	port_commit(p, pg);
	port_purge(p, pg);
	munmap(p, n);
	p = port_map(pg, 2 * MIB, true);
	p = port_remap(p, pg, 2 * pg, true);
	port_unmap(p, 2 * pg, true);
	port_cpu();
	port_task();
	port_wait(&word, 1, 1000);
	port_wake(&word, 1);
	port_clock_ns();
	port_options();
	port_symbol((const void *)(uintptr_t)&lfind, buf, sizeof(buf));
	port_symbol((const void *)(uintptr_t)&nothing, buf, sizeof(buf));
	port_stack(frames, 64);
	KUNIT_EXPECT_EQ(test, mallocs, before);
}

static char order[32];

#define HANDLER(name, letter)                                              \
	static void name(void)                                             \
	{                                                                  \
		strncat(order, letter, sizeof(order) - 1 - strlen(order)); \
	}
HANDLER(prepare, "1")
HANDLER(parent, "a")
HANDLER(child, "x")

static int check_child_order(void)
{
	return strcmp(order, "1x");
}

static void port_runs_fork_handlers(struct kunit *test)
{
	port_on_fork(prepare, parent, child);
	order[0] = '\0';
	KUNIT_EXPECT_EQ(test, status_of(check_child_order), 0);
	KUNIT_EXPECT_STREQ(test, order, "1a");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(port_claims),
	KUNIT_CASE(port_claim_costs_nothing),
	KUNIT_CASE(port_remap_leaves_nothing),
	KUNIT_CASE(port_maps_at_the_limit_of_their_number),
	KUNIT_CASE(port_purge_gives_back),
	KUNIT_CASE(port_purge_zeroes_locked_memory),
	KUNIT_CASE(port_maps_with_a_guard),
	KUNIT_CASE(port_remaps_with_a_guard),
	KUNIT_CASE(port_remaps_without),
	KUNIT_CASE(port_clears),
	KUNIT_CASE(port_splits_in_two),
	KUNIT_CASE(port_cpu_is_where_we_run),
	KUNIT_CASE(port_cpu_without_rseq),
	KUNIT_CASE(port_task_is_of_the_thread),
	KUNIT_CASE(port_pid_changes_in_a_child),
	KUNIT_CASE(port_waits_and_wakes),
	KUNIT_CASE(port_writes_all),
	KUNIT_CASE(port_dies_by_abort),
	KUNIT_CASE(port_options_come_from_outside),
	KUNIT_CASE(port_options_long_lose_whole_ones),
	KUNIT_CASE(port_options_of_set_uid_programs_are_ignored),
	KUNIT_CASE(port_symbol_names_code),
	KUNIT_CASE(port_symbol_names_what_is_not_exported),
	KUNIT_CASE(port_stack_knows_the_callers),
	/* before others call port_init() again, which doubles them */
	KUNIT_CASE(port_runs_fork_handlers),
	KUNIT_CASE(port_leaves_errno_alone),
	KUNIT_CASE(port_never_calls_malloc),
	{}
};

static int start(struct kunit_suite *suite)
{
	(void)suite;
	if (port_init())
		return -1;
	pg = port_page_size();
	return 0;
}

static struct kunit_suite suite = { .name = "port_linux",
				    .suite_init = start,
				    .test_cases = cases };
kunit_test_suite(suite);
