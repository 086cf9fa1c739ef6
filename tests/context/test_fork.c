/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * fork() at any instant: during the first call of a process, under threads
 * that run every path, from a signal handler, without the handlers that make
 * a child whole, and without the fence that ends other threads' sequences.
 *
 * tests/stress/test_fork.c has what a child of fork() may do: everything.
 * Here a child's first calls are those that must not block, under a guard; and
 * a child of _Fork(), whose locks may be held by threads that it has not, makes
 * such calls alone and gets an answer from each.
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <kmem/kmem.h>
#include <linux/mm.h>

#include "context/guard.h"
#include "context/load.h"
#include "alloc/mempool.h"
#include "debug/publish.h"
#include "kunit/test.h"
#include "lib/atomic.h"
#include "lib/sanitized.h"
#include "model/in_use.h"
#include "slab/slab.h"
#include "stress/thread.h"

#define WORKERS 4
#define CHILD_SECONDS 30

static atomic_bool stop;
static atomic_uint names;

static void in_both(struct kunit *test, unsigned int seconds, void (*fn)(void))
{
	if (SANITIZED)
		kunit_skip(test, "a sanitizer's locks are left in a child");
	world_run(test, "", seconds, fn);
	world_run(test, "percpu=lock", seconds, fn);
}

/* The child's status; one that hangs is ended by its own alarm. */
static void reap(pid_t pid, const char *what)
{
	int status = 0;

	if (pid < 0) {
		world_wrong("%s: no child", what);
		return;
	}
	while (waitpid(pid, &status, 0) != pid)
		;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		world_wrong("%s: hangs", what);
	else if (status)
		world_wrong("%s: status %#x", what, (unsigned int)status);
}

static void *worker(void *number)
{
	unsigned long me = (unsigned long)number;
	struct kmem_cache *s;
	struct load l;
	char name[32];

	load_init(&l, 300, 50 + me, me % 2 ? 0 : GFP_KERNEL);
	while (!atomic_load(&stop)) {
		load_steps(&l, 100);
		if (me)
			continue;
		snprintf(name, sizeof(name), "fork-%u",
			 atomic_fetch_add(&names, 1));
		s = kmem_cache_create(name, 64, 0, 0, NULL);
		kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
		kmem_cache_destroy(s);
		kmem_trim();
	}
	load_empty_all(&l);
	load_free_host(&l);
	return NULL;
}

static pthread_t workers[WORKERS];

static unsigned long workers_start(void)
{
	unsigned long before;

	if (kmem_init())
		world_wrong("kmem_init()");
	before = in_use_bytes();
	load_open();
	atomic_store(&stop, false);
	for (unsigned long i = 0; i < WORKERS; i++)
		if (pthread_create(&workers[i], NULL, worker, (void *)i))
			world_wrong("no thread");
	return before;
}

static void workers_end(unsigned long before)
{
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
	load_close();
	world_balanced(before);
}

/* --- the first calls of a child ------------------------------------------- */

static void guarded_child(struct load *l)
{
	alarm(CHILD_SECONDS);
	if (!guard_on())
		_exit(5);
	load_steps(l, 3000);
	guard_exit();
}

static void at_once_world(void)
{
	uint64_t end = work_now_ms() + work_seconds(3) * 1000ull;
	unsigned long before = workers_start();
	unsigned int forks = 0;
	struct load l;
	pid_t pid;

	load_init(&l, 600, 9, 0);
	while (work_now_ms() < end && !world_is_wrong()) {
		load_steps(&l, 50);
		pid = fork();
		if (pid == 0)
			guarded_child(&l);
		reap(pid, "a child that must not block");
		forks++;
	}
	world_note("%u forks", forks);
	load_empty_all(&l);
	load_free_host(&l);
	workers_end(before);
}

static void child_allocates_at_once(struct kunit *test)
{
	in_both(test, work_seconds(3) + 60, at_once_world);
}

/* --- a child of a process that waits -------------------------------------- */

static atomic_bool dry;
static char elements[2];

static void *element_new(gfp_t gfp, void *data)
{
	(void)gfp;
	return atomic_load(&dry) ? NULL : data;
}

static void element_gone(void *elem, void *data)
{
	(void)elem;
	(void)data;
}

static void *wait_for_element(void *pool)
{
	return mempool_alloc(pool, GFP_KERNEL);
}

/* The bell that a thread of the parent's has armed is nothing to its child. */
static void rings_world(void)
{
	mempool_t *pool;
	void *elem;
	pthread_t t;
	pid_t pid;

	pool = mempool_create(1, element_new, element_gone, elements);
	if (!pool)
		world_wrong("no pool");
	atomic_store(&dry, true);
	elem = mempool_alloc(pool, GFP_NOWAIT);
	if (!elem || pthread_create(&t, NULL, wait_for_element, pool))
		world_wrong("no element, or no thread");
	while (READ_ONCE(queue_of(pool)->bell) != BELL_ARMED)
		usleep(100);
	pid = fork();
	if (pid == 0) {
		alarm(CHILD_SECONDS);
		if (!guard_on())
			_exit(5);
		mempool_free(elem, pool);
		guard_exit();
	}
	reap(pid, "a child that rings");
	mempool_free(elem, pool);
	pthread_join(t, &elem);
	mempool_free(elem, pool);
	mempool_destroy(pool);
}

static void a_child_rings_nobody(struct kunit *test)
{
	in_both(test, 60, rings_world);
}

/* --- the first call of a process ------------------------------------------ */

static pthread_barrier_t together;

static void *first_call(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&together);
	kfree(kmalloc(100, GFP_KERNEL));
	return NULL;
}

/* Forks while other threads boot the library; the child boots it, or has it. */
static int newborn(unsigned int spin)
{
	int status = 0;
	pthread_t t[2];
	pid_t pid;
	void *p;

	alarm(CHILD_SECONDS);
	pthread_barrier_init(&together, NULL, 3);
	for (unsigned int i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, first_call, NULL))
			return 2;
	pthread_barrier_wait(&together);
	for (volatile unsigned int i = 0; i < spin; i++)
		;
	pid = fork();
	if (pid == 0) {
		alarm(CHILD_SECONDS);
		p = kmalloc(300, GFP_KERNEL);
		memset(p, 1, 300);
		kfree(p);
		_exit(p && kmem_validate() ? 0 : 3);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 4;
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return status ? 5 : kmem_validate() ? 0 : 6;
}

/* This world itself never boots. */
void world_early(const char *what)
{
	struct rng r = { .state = 12 };
	pid_t pid;

	(void)what;
	for (unsigned int i = 100 * work_seconds(4); i && !world_is_wrong();
	     i--) {
		unsigned int spin = rng_below(&r, 1u << rng_below(&r, 19));

		pid = fork();
		if (pid == 0)
			_exit(newborn(spin));
		reap(pid, "a process that forks while it boots");
	}
}

static void fork_during_the_first_call(struct kunit *test)
{
	if (SANITIZED)
		kunit_skip(test, "a sanitizer's locks are left in a child");
	world_run_early(test, "", 120, "newborns");
	world_run_early(test, "percpu=lock", 120, "newborns");
}

/* --- from a handler, and without handlers --------------------------------- */

static atomic_ulong handler_forks;

/* Of the child of a handler's: some locks may be held for ever. */
static void orphan(void)
{
	void *p[40];
	unsigned int round, i;

	alarm(CHILD_SECONDS);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 40; i++) {
			size_t size = 8u << (i % 11);

			p[i] = i % 2 ? kmalloc_nolock(size, 0, NUMA_NO_NODE) :
				       kmalloc(size, GFP_ATOMIC | __GFP_NOWARN);
			if (p[i])
				memset(p[i], 7, size);
		}
		for (i = 0; i < 40; i++) {
			if (p[i] && *(char *)p[i] != 7)
				_exit(9);
			if (i % 2)
				kfree_nolock(p[i]);
			else
				kfree(p[i]);
		}
	}
	_exit(0);
}

static void fork_in_handler(int number)
{
	pid_t pid = _Fork();

	(void)number;
	if (pid == 0)
		orphan();
	atomic_fetch_add(&handler_forks, 1);
	reap(pid, "a child of _Fork() in a handler");
}

static void handler_world(void)
{
	uint64_t end = work_now_ms() + work_seconds(3) * 1000ull;
	struct sigaction act = { .sa_handler = fork_in_handler };
	unsigned long before = workers_start();
	struct rng r = { .state = 31 };

	act.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &act, NULL);
	while (work_now_ms() < end && !world_is_wrong()) {
		usleep(rng_below(&r, 2000));
		pthread_kill(workers[rng_below(&r, WORKERS)], SIGUSR1);
	}
	workers_end(before);
	world_note("%lu forks", atomic_load(&handler_forks));
	if (!atomic_load(&handler_forks))
		world_wrong("no handler has forked");
}

static void fork_in_a_signal_handler(struct kunit *test)
{
	in_both(test, work_seconds(3) + 60, handler_world);
}

/* --- vfork and exec ------------------------------------------------------- */

static void vfork_world(void)
{
	uint64_t end = work_now_ms() + work_seconds(2) * 1000ull;
	static char name[] = "true";
	static char *argv[] = { name, NULL };
	static char *envp[] = { NULL };
	unsigned long before = workers_start();
	unsigned int forks = 0;
	pid_t pid;

	while (work_now_ms() < end && !world_is_wrong()) {
		pid = vfork();
		if (pid == 0) {
			execve("/bin/true", argv, envp);
			_exit(127);
		}
		reap(pid, "vfork() and execve()");
		forks++;
	}
	world_note("%u times", forks);
	workers_end(before);
}

static void vfork_and_exec(struct kunit *test)
{
	in_both(test, work_seconds(2) + 60, vfork_world);
}

/* --- the fence before a fork ---------------------------------------------- */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

/* From here on the calling thread's membarrier() fails. */
static bool no_membarrier(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

#define PARKED 20

/* How many of the objects the next n allocations give. */
static unsigned int met(struct kmem_cache *s, void **obj, unsigned int n)
{
	unsigned int found = 0;
	void *p[PARKED];

	for (unsigned int i = 0; i < n; i++) {
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
		for (unsigned int k = 0; k < n; k++)
			found += p[i] == obj[k];
	}
	kmem_cache_free_bulk(s, n, p);
	return found;
}

static int met_in_child(struct kmem_cache *s, void **obj)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		unsigned int n;

		alarm(CHILD_SECONDS);
		n = met(s, obj, PARKED);
		_exit(kmem_validate() ? (int)n : 100);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

struct unfenced {
	struct kmem_cache *s;
	void **obj;
	int met, left;
	bool column, own;
};

/* More caches come and go than there are columns. */
#define COLUMNS_AND_MORE 4500

/* A thread of its own: the filter goes with it. */
static void *fork_unfenced(void *arg)
{
	struct unfenced *u = arg;
	struct kmem_cache *s;
	void *obj[PARKED];

	thread_pin(thread_cpu(0));
	u->met = no_membarrier() ? met_in_child(u->s, u->obj) : -2;
	if (u->met == -2)
		return NULL;
	/* who ends a cache needs no fence: nothing is reported, nothing left */
	s = kmem_cache_create("unfenced", 64, 0, 0, NULL);
	for (unsigned int i = 0; i < PARKED; i++)
		obj[i] = kmem_cache_alloc(s, GFP_KERNEL);
	for (unsigned int i = 0; i < PARKED; i++)
		kmem_cache_free(s, obj[i]);
	u->left = kmem_cache_destroy(s);
	for (unsigned int i = 0; i < COLUMNS_AND_MORE; i++) {
		s = kmem_cache_create("unfenced", 64, 0, 0, NULL);
		kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
		kmem_cache_destroy(s);
	}
	s = kmem_cache_create("unfenced", 64, 0, 0, NULL);
	kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
	u->column = pcs_column(&s->pcs);
	/* the only CPU that has used it gives back what it has */
	u->own = kmem_cache_shrink(s) == 0;
	kmem_cache_destroy(s);
	return NULL;
}

/*
 * What the child may believe of the columns hangs on the fence: after one that
 * was made it finds this CPU's free objects, after one that failed it gives
 * them up.  So a fork() that makes none is found out here, where a cut
 * sequence would have to be met at one instruction in a million.
 */
static void fence_world(void)
{
	void *obj[PARKED];
	struct unfenced u;
	struct kmem_cache *s;
	pthread_t t;
	int n;

	if (kmem_init())
		world_wrong("kmem_init()");
	if (strcmp(kmem_backend(), "rseq") != 0)
		world_skip("no sequences here");
	thread_pin(thread_cpu(0));
	s = kmem_cache_create("fenced", 64, 0, 0, NULL);
	for (unsigned int i = 0; i < PARKED; i++)
		obj[i] = kmem_cache_alloc(s, GFP_KERNEL);
	for (unsigned int i = 0; i < PARKED; i++)
		kmem_cache_free(s, obj[i]);
	n = met_in_child(s, obj);
	if (n != PARKED)
		world_wrong("fenced: the child has met %d objects of %d", n,
			    PARKED);
	u = (struct unfenced){ .s = s, .obj = obj };
	if (pthread_create(&t, NULL, fork_unfenced, &u))
		world_wrong("no thread");
	pthread_join(t, NULL);
	if (u.met == -2)
		world_skip("no seccomp filter");
	if (u.met != 0)
		world_wrong("not fenced: the child has met %d objects", u.met);
	if (u.left)
		world_wrong("an ended cache has left objects");
	if (!u.column)
		world_wrong("ended caches have kept their columns");
	if (!u.own)
		world_wrong("this CPU's objects were not given back");
	/* the parent goes on with them */
	if (met(s, obj, PARKED) != PARKED)
		world_wrong("the parent has lost its objects");
	if (kmem_cache_destroy(s))
		world_wrong("kmem_cache_destroy()");
	if (!kmem_validate())
		world_wrong("kmem_validate()");
}

static void columns_are_fenced(struct kunit *test)
{
	if (SANITIZED)
		kunit_skip(test, "a sanitizer's locks are left in a child");
	world_run(test, "", 60, fence_world);
}

/* --- without handlers ----------------------------------------------------- */

/* A child by clone(): whatever it does, its parent's books stay. */
static void raw_world(void)
{
	struct kmem_pub_header *h;
	unsigned int got = 0;
	int status = 0;
	char *was;
	pid_t pid;

	if (kmem_init())
		world_wrong("kmem_init()");
	h = publish_header();
	if (!h)
		world_skip("nothing is published here");
	was = malloc(h->used);
	memcpy(was, h, h->used);
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		for (unsigned int i = 0; i < 64; i++) {
			got += !!kmalloc(1 << 20, GFP_ATOMIC);
			got += !!kmalloc(100 << (i & 3), GFP_ATOMIC);
			got += !!alloc_pages(GFP_ATOMIC, 1);
		}
		_exit(got ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		world_wrong("the child has ended with %x",
			    (unsigned int)status);
	if (memcmp(was, h, h->used))
		world_wrong("the child has written its parent's books");
	/* and they go on from there */
	kfree(kmalloc(1 << 20, GFP_KERNEL));
	if (!memcmp(was, h, h->used))
		world_wrong("the parent writes none either");
}

static void a_raw_child_writes_nothing(struct kunit *test)
{
	in_both(test, 60, raw_world);
}

/* --- vfork ---------------------------------------------------------------- */

extern const ptrdiff_t __rseq_offset __attribute__((weak));

static struct kmem_cache *shared;
static atomic_uint twice, rounds;

/* Each object bears the tag of the one that took it. */
static void churn(long tag, unsigned int n)
{
	long *p[32] = { NULL };

	for (unsigned int i = 0; i < n + 32; i++) {
		long **slot = &p[i % 32];

		if (*slot) {
			atomic_fetch_add(&twice, **slot != tag);
			kmem_cache_free(shared, *slot);
		}
		*slot = i < n ? kmem_cache_alloc(shared, GFP_KERNEL) : NULL;
		if (*slot)
			**slot = tag;
	}
}

static void *churns(void *tag)
{
	while (!stop) {
		churn((long)tag, 1000);
		atomic_fetch_add(&rounds, 1);
	}
	return NULL;
}

/* The kernel's number of the CPU, as a sequence of this thread reads it. */
static int known_cpu(void)
{
	const char *tp = __builtin_thread_pointer();

	return ((const volatile int *)(const void *)(tp + __rseq_offset))[1];
}

/* The child may run on another CPU than its parent, beside a thread there. */
static void vfork_churn_world(void)
{
	bool rseq = !strcmp(kmem_backend(), "rseq");
	pthread_t t[2];
	time_t end;
	int status;
	pid_t pid;

	shared = kmem_cache_create("shared", 64, 0, 0, NULL);
	for (long i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, churns, (void *)(i + 1)))
			world_wrong("no thread");
	end = time(NULL) + 4;
	for (unsigned int i = 0; i < 300 && time(NULL) < end && !twice; i++) {
		pid = vfork();
		if (pid == 0) {
			churn(99, 20000);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			world_wrong("vfork(): %d", (int)pid);
		if (rseq && known_cpu() < 0)
			world_wrong("the parent has no CPU number any more");
	}
	stop = true;
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	if (twice)
		world_wrong("%u objects had two owners", twice);
	if (kmem_cache_destroy(shared))
		world_wrong("objects are left");
	if (!kmem_validate())
		world_wrong("kmem_validate()");
}

static void a_vfork_child_may_allocate(struct kunit *test)
{
	in_both(test, 60, vfork_churn_world);
}

/* Of a child of vfork() that has a child so, and of a refusal, errno says. */
static void vfork_errors(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
#if defined(SYS_vfork)
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_vfork, 0, 1),
#else
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 1),
#endif
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 77),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};
	volatile int inner = 0;
	int status;
	pid_t pid;

	if (kmem_init())
		world_wrong("kmem_init()");
	pid = vfork();
	if (pid == 0) {
		pid = vfork();
		if (pid == 0)
			_exit(7);
		if (waitpid(pid, &status, 0) == pid)
			inner = WEXITSTATUS(status);
		_exit(5);
	}
	if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 5)
		world_wrong("a child of vfork() that makes one");
	if (inner != 7)
		world_wrong("its memory is not its parent's: %d", inner);
	if (!strcmp(kmem_backend(), "rseq") && known_cpu() < 0)
		world_wrong("the parent has no CPU number any more");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
		world_skip("no seccomp filter");
	errno = 0;
	pid = vfork();
	if (pid == 0)
		_exit(1);
	if (pid != -1 || errno != 77)
		world_wrong("refused: %d, errno %d", (int)pid, errno);
	if (!strcmp(kmem_backend(), "rseq") && known_cpu() < 0)
		world_wrong("refused, and no CPU number any more");
}

static void vfork_is_as_before(struct kunit *test)
{
	in_both(test, 30, vfork_errors);
}

static unsigned int threads_here(void)
{
	DIR *dir = opendir("/proc/self/task");
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n < 2 ? 0 : n - 2;
}

static void passes(void)
{
	for (unsigned int i = 0; i < 64; i++)
		free_pages(__get_free_pages(GFP_KERNEL, 9), 9);
}

/*
 * The library's thread is gone after fork(), and the first that wants it is a
 * child of vfork(), whose threads end when it does.
 */
static int thread_after_vfork(void)
{
	pid_t pid = vfork();

	alarm(CHILD_SECONDS);
	if (pid == 0) {
		passes();
		_exit(0);
	}
	if (waitpid(pid, NULL, 0) != pid)
		return 2;
	for (unsigned int i = 0; i < 1000; i++) {
		passes();
		if (threads_here() > 1)
			return 0;
		usleep(2000);
	}
	return 1;
}

static void vfork_thread_world(void)
{
	pid_t pid;

	passes();
	pid = fork();
	if (pid == 0)
		_exit(thread_after_vfork());
	reap(pid, "the library's thread after vfork()");
}

static void a_vfork_child_starts_no_thread(struct kunit *test)
{
	if (SANITIZED)
		kunit_skip(test, "a sanitizer has a vfork() of its own");
	world_run(test, "kswapd=1", 60, vfork_thread_world);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(child_allocates_at_once),
	KUNIT_CASE(a_child_rings_nobody),
	KUNIT_CASE_SLOW(fork_during_the_first_call),
	KUNIT_CASE_SLOW(fork_in_a_signal_handler),
	KUNIT_CASE_SLOW(vfork_and_exec),
	KUNIT_CASE(columns_are_fenced),
	KUNIT_CASE(a_raw_child_writes_nothing),
	KUNIT_CASE_SLOW(a_vfork_child_may_allocate),
	KUNIT_CASE(vfork_is_as_before),
	KUNIT_CASE(a_vfork_child_starts_no_thread),
	{},
};

static struct kunit_suite suite = {
	.name = "context_fork",
	.test_cases = cases,
};
kunit_test_suite(suite);
