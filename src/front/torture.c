/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Allocations that kmem torture makes fail.  THEORY.
 *
 * 1. What it is for.  A program's code for a failed allocation is the code that
 *    never runs.  Here each allocation of a program fails once, and what the
 *    program then does is recorded.
 *
 * 2. Two ways.  Fork: at an allocation the process forks; the child's
 *    allocation fails and the child goes on, while the parent waits for its
 *    end, records it and goes on as if nothing had happened.  So one run tries
 *    every allocation, each from exactly the state that it is made in.  Nth:
 *    allocation number n of the whole run fails; kmem starts the program again
 *    for each n.
 *
 * 3. A child could damage what it shares with its parent.  So a child gets
 *    regular files with an offset of its own, a process group of its own, so
 *    that all it started ends with it, and no exit signal: it is made by
 *    clone() and not by fork(), since the parent's SIGCHLD handler or wait()
 *    must not see it.  Fork handlers do not run either: there is one thread, it
 *    holds no lock of the library here, and nothing is published (kmem says
 *    publish=0).  What a child does to the file system, to pipes and sockets
 *    stays done; for such programs there is nth.
 *
 * 4. A call site is a stack of some return addresses, each stored as module and
 *    offset, so that it is the same in the next run.  Finding it calls neither
 *    malloc() (the library of the unwinder is loaded at the start) nor takes
 *    the loader's lock, under which malloc() may have been called.
 *
 * 5. Typed calls, kmalloc() and its kin, are of another copy of the library,
 *    which finds kmem_torture_fails() here and asks it for each of them.
 *
 * 6. Cost.  None when it is off: a front whose allocations may be made to fail
 *    leaves the tables of the fast path empty (classes.c), so each takes the
 *    slow path, where the question of debug/fail.h is, which this answers.
 */
#include "front/front.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <kmem/torture.h>
#include <kmem/torture_area.h>

#include "debug/fail.h"
#include "debug/report.h"
#include "lib/options.h"
#include "lib/text.h"
#include "port/port.h"

#define PUBLIC __attribute__((visibility("default")))

/* Frames of the library itself above the one that called it. */
#define OWN_FRAMES 12
/* Files of a child below this get an offset of their own. */
#define FILES 256

static bool torture_on;

static struct kmem_torture_area *area;
static char program[KMEM_TORTURE_PATH];
/* In a child, and after allocation nth: the failure that was. */
static struct kmem_torture_try *had;
/* Calls of malloc() made by the code below are not the program's. */
static __thread bool inside;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* A lock in the area: it is held for some table look-ups only. */
static void area_lock(void)
{
	while (__atomic_exchange_n(&area->lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void area_unlock(void)
{
	__atomic_store_n(&area->lock, 0, __ATOMIC_RELEASE);
}

/* --- call sites ----------------------------------------------------------- */

/* Which module has the code at pc: *base is added to its addresses. */
static const char *module_at(uintptr_t pc, uintptr_t *base)
{
	const struct link_map *map;

#if __GLIBC_PREREQ(2, 35)
	struct dl_find_object found;

	if (_dl_find_object((void *)pc, &found))
		return NULL;
	map = found.dlfo_link_map;
#else
	void *extra = NULL;
	Dl_info info;

	if (!dladdr1((void *)pc, &info, &extra, RTLD_DL_LINKMAP))
		return NULL;
	map = extra;
#endif
	*base = map->l_addr;
	return map->l_name && *map->l_name ? map->l_name : program;
}

/* The number of the module in the area; the lock is held. */
static uint32_t module_number(const char *path)
{
	uint32_t i;

	for (i = 0; i < area->nr_modules; i++)
		if (!strncmp(area->module[i], path, KMEM_TORTURE_PATH - 1))
			return i;
	if (i == KMEM_TORTURE_MODULES) {
		area->lost = 1;
		return i - 1;
	}
	text_format(area->module[i], KMEM_TORTURE_PATH, "%s", path);
	__atomic_store_n(&area->nr_modules, i + 1, __ATOMIC_RELEASE);
	return i;
}

/* A frame before its module has a number. */
struct place {
	const char *path;
	uintptr_t offset;
};

/*
 * The frames above the front, innermost first; from the caller on, if that is
 * known and among them.
 */
static uint32_t places_find(struct place *place, const void *caller)
{
	void *ret[KMEM_TORTURE_FRAMES + OWN_FRAMES];
	uintptr_t base, own = 0;
	uint32_t n = 0;
	int i = 0, depth;

	module_at((uintptr_t)(void *)places_find, &own);
	depth = backtrace(ret, (int)area->depth + OWN_FRAMES);
	while (caller && i < depth && ret[i] != caller)
		i++;
	if (i == depth)
		i = 0;
	for (; i < depth && n < area->depth; i++) {
		uintptr_t pc = (uintptr_t)ret[i] - 1;
		const char *path = module_at(pc, &base);

		if (!path || (!n && base == own))
			continue;
		place[n].path = path;
		place[n++].offset = pc - base;
	}
	return n;
}

static uint64_t frames_hash(const struct kmem_torture_frame *f, uint32_t n)
{
	uint64_t h = 0x9e3779b97f4a7c15ull;

	while (n--) {
		h = (h ^ f[n].offset) * 0xbf58476d1ce4e5b9ull;
		h = (h ^ h >> 29 ^ f[n].module) * 0x94d049bb133111ebull;
	}
	return h ^ h >> 32;
}

static uint32_t site_number(const struct kmem_torture_frame *f, uint32_t n)
{
	const uint32_t slots = 2 * KMEM_TORTURE_SITES;
	uint64_t hash = frames_hash(f, n);
	uint32_t at, i;

	for (at = (uint32_t)hash % slots; area->hash[at]; at = (at + 1) % slots)
		if (area->site[area->hash[at] - 1].hash == hash)
			return area->hash[at] - 1;
	i = area->nr_sites;
	if (i == KMEM_TORTURE_SITES) {
		area->lost = 1;
		return KMEM_TORTURE_NO_SITE;
	}
	area->site[i].hash = hash;
	area->site[i].nr_frames = n;
	memcpy(area->site[i].frame, f, n * sizeof(*f));
	area->hash[at] = i + 1;
	__atomic_store_n(&area->nr_sites, i + 1, __ATOMIC_RELEASE);
	return i;
}

/* The call site of the allocation that is being made. */
static uint32_t site_here(const void *caller)
{
	struct kmem_torture_frame frame[KMEM_TORTURE_FRAMES] = { 0 };
	struct place place[KMEM_TORTURE_FRAMES];
	uint32_t n = places_find(place, caller), i;

	area_lock();
	for (i = 0; i < n; i++) {
		frame[i].module = module_number(place[i].path);
		frame[i].offset = place[i].offset;
	}
	i = site_number(frame, n);
	if (i != KMEM_TORTURE_NO_SITE)
		area->site[i].hits++;
	area_unlock();
	return i;
}

/* --- a try ---------------------------------------------------------------- */

/* NULL when there is no room for more. */
static struct kmem_torture_try *try_begin(uint64_t point, uint32_t site,
					  size_t bytes)
{
	struct kmem_torture_try *t = NULL;

	area_lock();
	if (area->nr_tries < KMEM_TORTURE_TRIES) {
		t = &area->tries[area->nr_tries];
		*t = (struct kmem_torture_try){
			.point = point,
			.bytes = bytes,
			.site = site,
			.after_site = KMEM_TORTURE_NO_SITE,
		};
		if (site != KMEM_TORTURE_NO_SITE)
			area->site[site].tried++;
		__atomic_store_n(&area->nr_tries, area->nr_tries + 1,
				 __ATOMIC_RELEASE);
	} else {
		area->lost = 1;
	}
	area_unlock();
	return t;
}

/* An allocation after the one that failed. */
static bool point_after(const void *caller)
{
	if (!__atomic_fetch_add(&had->after, 1, __ATOMIC_RELAXED) &&
	    area->strict)
		had->after_site = site_here(caller);
	return area->from_then_on;
}

/* --- forks ---------------------------------------------------------------- */

/* Gives a child file offsets of its own. */
static void file_detach(int fd)
{
	int flags = fcntl(fd, F_GETFL), own;
	char path[32];
	struct stat st;
	off_t at;

	if (flags < 0 || flags & O_PATH || fstat(fd, &st) ||
	    !S_ISREG(st.st_mode))
		return;
	at = lseek(fd, 0, SEEK_CUR);
	text_format(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path,
		   (flags & (O_ACCMODE | O_APPEND | O_NONBLOCK)) | O_CLOEXEC);
	if (own < 0)
		return;
	lseek(own, at, SEEK_SET);
	dup3(own, fd, fcntl(fd, F_GETFD) & FD_CLOEXEC ? O_CLOEXEC : 0);
	close(own);
}

/* The standard output and error to the child's file. */
static void output_keep(uint64_t point)
{
	char path[KMEM_TORTURE_PATH + 32];
	int fd;

	text_format(path, sizeof(path), "%s/%lu.out", area->keep,
		    (unsigned long)point);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
		  0600);
	if (fd < 0)
		return;
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
}

static void child_begin(uint64_t point)
{
	static const struct rlimit none = { 0, 0 };
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &none);
	for (fd = 0; fd < FILES; fd++)
		file_detach(fd);
	if (area->keep[0])
		output_keep(point);
}

/* Waits for at most ns; false: it has not ended. Signals are blocked. */
static bool child_ended(pid_t pid, uint64_t ns, int *status)
{
	struct pollfd end = { .events = POLLIN };
	struct timespec nap = { .tv_nsec = 1000000 };
	uint64_t until = now_ns() + ns, now;
	bool ended;

	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	for (;;) {
		ended = wait4(pid, status, __WALL | WNOHANG, NULL) == pid;
		now = now_ns();
		if (ended || now >= until)
			break;
		if (end.fd >= 0)
			poll(&end, 1, (int)((until - now) / 1000000) + 1);
		else
			nanosleep(&nap, NULL);
	}
	if (end.fd >= 0)
		close(end.fd);
	return ended;
}

static void child_wait(pid_t pid, struct kmem_torture_try *t)
{
	int status = 0;
	bool ended;

	setpgid(pid, pid);
	ended = child_ended(pid, area->limit_ns, &status);
	kill(-pid, SIGKILL);
	if (!ended) {
		kill(pid, SIGKILL);
		wait4(pid, &status, __WALL, NULL);
	}
	/* a child that was killed may have held the lock */
	area_unlock();
	t->status = status;
	__atomic_store_n(&t->outcome,
			 ended ? KMEM_TORTURE_ENDED : KMEM_TORTURE_HANG,
			 __ATOMIC_RELEASE);
}

/* True in the child. */
static bool try_fork(uint64_t point, uint32_t site, size_t bytes)
{
	struct kmem_torture_try *t = try_begin(point, site, bytes);
	uint64_t begin = now_ns();
	sigset_t all, before;
	pid_t pid;

	if (!t)
		return false;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	/* no flags, and 0 for the signal at its end */
	pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
	if (pid == 0) {
		had = t;
		child_begin(point);
	} else if (pid > 0) {
		child_wait(pid, t);
		t->elapsed_ns = now_ns() - begin;
	} else {
		t->outcome = KMEM_TORTURE_NO_FORK;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid == 0;
}

static bool point_fork(uint64_t point, size_t bytes, const void *caller)
{
	uint32_t site;

	if (!__libc_single_threaded) {
		area->threads = 1;
		return false;
	}
	if ((area->every && point % area->every) ||
	    (area->max && area->nr_tries >= area->max) ||
	    (area->deadline_ns && now_ns() >= area->deadline_ns))
		return false;
	site = site_here(caller);
	if (area->per_site && site != KMEM_TORTURE_NO_SITE &&
	    area->site[site].tried >= area->per_site)
		return false;
	return try_fork(point, site, bytes);
}

/* --- the question --------------------------------------------------------- */

static void point_count(uint64_t point, const void *caller)
{
	if (!__libc_single_threaded)
		area->threads = 1;
	if (point <= KMEM_TORTURE_POINTS)
		area->point_site[point - 1] = site_here(caller);
	else
		area->lost = 1;
}

static bool point_nth(uint64_t point, size_t bytes, const void *caller)
{
	if (point == area->nth)
		had = try_begin(point, site_here(caller), bytes);
	else if (point > area->nth && area->nr_tries)
		/* the process has called exec since */
		had = &area->tries[area->nr_tries - 1];
	else
		return false;
	return point == area->nth || point_after(caller);
}

static bool point_fails(size_t bytes, const void *caller)
{
	uint64_t point;

	if (had)
		return point_after(caller);
	if (!__atomic_load_n(&area->armed, __ATOMIC_RELAXED) || area->stop ||
	    getpid() != area->pid)
		return false;
	point = __atomic_add_fetch(&area->points, 1, __ATOMIC_RELAXED);
	switch (area->mode) {
	case KMEM_TORTURE_FORK:
		return point_fork(point, bytes, caller);
	case KMEM_TORTURE_COUNT:
		point_count(point, caller);
		return false;
	default:
		return point_nth(point, bytes, caller);
	}
}

/* caller: the call site, if the front itself is not what was called. */
static bool torture_ask(size_t bytes, const void *caller)
{
	int saved = errno;
	bool fails;

	if (inside)
		return false;
	inside = true;
	fails = point_fails(bytes, caller);
	inside = false;
	errno = saved;
	return fails;
}

/* For malloc() and its kin, whose frames are known. */
static bool malloc_fails(size_t bytes, const void *caller)
{
	(void)caller;
	return torture_ask(bytes, NULL);
}

/*
 * For the typed calls: called by debug/fail.c of another copy of the library.
 */
PUBLIC bool kmem_torture_fails(size_t bytes, const void *caller);

PUBLIC bool kmem_torture_fails(size_t bytes, const void *caller)
{
	return torture_on && torture_ask(bytes, caller);
}

/* --- the start ------------------------------------------------------------ */

bool torture_wanted(void)
{
	size_t n;

	return option_text(OPT_TORTURE, &n) != NULL;
}

/*
 * NULL, and *other is set, if the area belongs to another process: this is a
 * child.
 */
static struct kmem_torture_area *torture_area_map(const char *path, bool *other)
{
	struct kmem_torture_area *a = MAP_FAILED;
	struct stat st;
	int fd;

	fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    (size_t)st.st_size >= sizeof(*a))
		a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE, MAP_SHARED,
			 fd, 0);
	close(fd);
	if (a == MAP_FAILED)
		return NULL;
	if (a->magic == KMEM_TORTURE_MAGIC && a->size == sizeof(*a) &&
	    a->depth && a->depth <= KMEM_TORTURE_FRAMES) {
		if (a->pid == getpid())
			return a;
		*other = true;
	}
	munmap(a, sizeof(*a));
	return NULL;
}

void torture_start(void)
{
	bool other = false;
	char path[PATH_MAX];
	const char *text;
	ssize_t got;
	void *ret;
	size_t n;

	text = option_text(OPT_TORTURE, &n);
	if (!text || n >= sizeof(path))
		return;
	memcpy(path, text, n);
	path[n] = 0;
	area = torture_area_map(path, &other);
	if (!area) {
		if (!other)
			report("kmem: torture=%s: not the file of a running "
			       "kmem torture; it is ignored",
			       path);
		return;
	}
	got = readlink("/proc/self/exe", program, sizeof(program) - 1);
	program[got > 0 ? got : 0] = 0;
	/* loads the unwinder's library, which allocates */
	backtrace(&ret, 1);
	if (!area->armed_by_call)
		area->armed = 1;
	area->started = 1;
	torture_on = true;
	fail_boot(malloc_fails);
}

PUBLIC void kmem_torture_arm(void)
{
	if (torture_on)
		__atomic_store_n(&area->armed, 1, __ATOMIC_RELAXED);
}

PUBLIC void kmem_torture_disarm(void)
{
	if (torture_on)
		__atomic_store_n(&area->armed, 0, __ATOMIC_RELAXED);
}
