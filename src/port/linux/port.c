/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The port of a Linux process: mmap, futex, rseq's CPU number.
 *
 * Two rules stand above each function here.  Nothing may call malloc, now or
 * at some depth of libc, because malloc may be what called us; so no stdio,
 * no opendir, no locale.  And errno is the caller's: it is left as it was.
 *
 * Ranges are reserved as PROT_NONE with MAP_NORESERVE, which costs address
 * space only, in every overcommit mode; what commits is mprotect(), so a
 * strict host refuses there and the core learns of it as -ENOMEM.
 *
 * The CPU number comes from the area that glibc registers for restartable
 * sequences.  The kernel writes it whenever it moves the thread, so reading
 * it costs a load and it is never stale.  Where there is no such area the
 * number is asked for each time; it is not cached, because a thread moves
 * without telling.  A sandbox that knows neither is taken for one CPU.
 */
#define _GNU_SOURCE 1

#include "port/port.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h>

#include "lib/mem.h"
#include "lib/text.h"
#include "port/linux/cancel.h"
#include "port/linux/rcu.h"

/* Newer than some libc headers; the numbers are the kernel's ABI. */
#if !defined(PR_SET_VMA)
#define PR_SET_VMA 0x53564d41
#endif
#if !defined(PR_SET_VMA_ANON_NAME)
#define PR_SET_VMA_ANON_NAME 0
#endif
#if !defined(MADV_DONTNEED_LOCKED)
#define MADV_DONTNEED_LOCKED 24
#endif

#define KEEP_ERRNO(call)                    \
	({                                  \
		int saved_errno_ = errno;   \
		typeof(call) ret_ = (call); \
		errno = saved_errno_;       \
		ret_;                       \
	})

static size_t page_bytes = 4096;
static unsigned int nr_cpus = 1;
static unsigned int pid;
static bool names_refused;
static char options[4096];

/* From the thread pointer to rseq's cpu_id; 0 when nothing is registered. */
static ptrdiff_t cpu_id_at;

/* glibc 2.35 and later. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

/* struct rseq is cpu_id_start, cpu_id, ... of 32 bits each. */
#define RSEQ_CPU_ID 4

/* --- starting ------------------------------------------------------------ */

static ssize_t read_some(int fd, char *buf, size_t n)
{
	ssize_t got;

	do
		got = UNCANCELLED(read(fd, buf, n));
	while (got < 0 && errno == EINTR);
	return got;
}

/* The last number of a list like "0-3,6", plus one; 0 if there is none. */
static unsigned int list_end(const char *s, size_t n)
{
	unsigned int v = 0, end = 0;
	bool digit = false;

	for (; n && *s != '\n'; n--, s++) {
		if (*s < '0' || *s > '9') {
			v = 0;
			digit = false;
			continue;
		}
		v = v * 10 + (unsigned int)(*s - '0');
		digit = true;
		end = v + 1;
	}
	return digit ? end : 0;
}

/*
 * Which CPUs can ever be.  Without sysfs the size of an affinity mask, which
 * the kernel rounds up to whole words, bounds it from above.
 */
static unsigned int count_cpus(void)
{
	unsigned long mask[1024 / sizeof(long)];
	unsigned int n = 0;
	char text[1024];
	long bytes;
	ssize_t got;
	int fd;

	fd = UNCANCELLED(
		open("/sys/devices/system/cpu/possible", O_RDONLY | O_CLOEXEC));
	if (fd >= 0) {
		got = read_some(fd, text, sizeof(text));
		if (got > 0)
			n = list_end(text, (size_t)got);
		UNCANCELLED(close(fd));
	}
	if (!n) {
		bytes = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);
		if (bytes > 0)
			n = (unsigned int)bytes * CHAR_BIT;
	}
	return n ? n : 1;
}

/* What is too long loses whole options, never half of one. */
static void set_options(const char *value, size_t n)
{
	static const char cut[] = "kmem: KMEM_OPTIONS: more than 4095 bytes; "
				  "what is behind them is ignored\n";

	if (n >= sizeof(options)) {
		port_write(cut, sizeof(cut) - 1);
		n = sizeof(options) - 1;
		while (n && value[n] != ',')
			n--;
	}
	memmove(options, value, n);
	options[n] = '\0';
}

/*
 * The dynamic loader calls malloc before libc has set environ; what execve()
 * was given is then still to be had from the kernel.
 */
static void options_from_proc(void)
{
	static const char key[] = "KMEM_OPTIONS=";
	const size_t key_len = sizeof(key) - 1;
	size_t at = 0, i; /* at: place in the current NAME=value */
	bool match = true;
	char buf[512];
	ssize_t got;
	int fd;

	fd = UNCANCELLED(open("/proc/self/environ", O_RDONLY | O_CLOEXEC));
	if (fd < 0)
		return;
	while ((got = read_some(fd, buf, sizeof(buf))) > 0) {
		for (i = 0; i < (size_t)got; i++, at++) {
			if (!buf[i]) {
				if (match && at >= key_len)
					goto out;
				at = (size_t)-1;
				match = true;
			} else if (at < key_len) {
				match = match && buf[i] == key[at];
			} else if (match && at - key_len < sizeof(options)) {
				options[at - key_len] = buf[i];
			}
		}
	}
out:
	UNCANCELLED(close(fd));
	if (!match || at < key_len)
		at = key_len;
	at -= key_len;
	if (at < sizeof(options))
		options[at] = '\0';
	else
		set_options(options, sizeof(options));
}

static void read_options(void)
{
	const char *value;

	if (getauxval(AT_SECURE))
		return;
	if (!environ) {
		options_from_proc();
		return;
	}
	value = getenv("KMEM_OPTIONS");
	if (value)
		set_options(value, strlen(value));
}

static void fork_handlers(void);

int port_init(void)
{
	int saved = errno;
	long n = sysconf(_SC_PAGESIZE);

	if (n > 0)
		page_bytes = (size_t)n;
	nr_cpus = count_cpus();
	if (&__rseq_offset && &__rseq_size && __rseq_size)
		cpu_id_at = __rseq_offset + RSEQ_CPU_ID;
	read_options();
	errno = saved;
	fork_handlers();
	/* after its handler is there: a child has none of its parent's */
	pid = (unsigned int)getpid();
	return 0;
}

size_t port_page_size(void)
{
	return page_bytes;
}

const char *port_options(void)
{
	return options;
}

/* --- memory -------------------------------------------------------------- */

static void name_range(void *p, size_t n)
{
	if (__atomic_load_n(&names_refused, __ATOMIC_RELAXED))
		return;
	if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, n, "kmem") &&
	    errno == EINVAL)
		__atomic_store_n(&names_refused, true, __ATOMIC_RELAXED);
}

/* n bytes at a multiple of align: more than that is mapped, and trimmed. */
static char *map_aligned(size_t n, size_t align, int prot, int flags)
{
	size_t slack = align > page_bytes ? align - page_bytes : 0;
	size_t total, before;
	char *p;

	if (__builtin_add_overflow(n, slack, &total))
		return NULL;
	p = mmap(NULL, total, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)p & (align - 1) & ~(page_bytes - 1);
	if (before)
		munmap(p, before);
	if (slack > before)
		munmap(p + before + n, slack - before);
	return p + before;
}

/*
 * The process needs address space for more than us: at most half of what
 * RLIMIT_AS allows in all is taken; and once the host has refused a size, at
 * most half of what it would have granted.
 */
static void *reserve(size_t *size, size_t min, size_t align)
{
	struct rlimit as = { .rlim_cur = RLIM_INFINITY };
	bool refused = false;
	size_t n;
	char *p;

	getrlimit(RLIMIT_AS, &as);
	for (n = *size; n >= min && n >= page_bytes; n /= 2) {
		if (as.rlim_cur != RLIM_INFINITY && n > as.rlim_cur / 2 &&
		    n / 2 >= min)
			continue;
		p = map_aligned(n, align, PROT_NONE, MAP_NORESERVE);
		if (!p) {
			refused = true;
			continue;
		}
		if (refused && n / 2 >= min && n / 2 >= align &&
		    !munmap(p + n / 2, n / 2))
			n /= 2;
		name_range(p, n);
		*size = n;
		return p;
	}
	return NULL;
}

void *port_reserve(size_t *size, size_t min, size_t align)
{
	return KEEP_ERRNO(reserve(size, min, align));
}

int port_commit(void *p, size_t n)
{
	return KEEP_ERRNO(mprotect(p, n, PROT_READ | PROT_WRITE)) ? -ENOMEM : 0;
}

#if !defined(MADV_POPULATE_WRITE)
#define MADV_POPULATE_WRITE 23
#endif

/* Kernels before 5.14: a write of nothing, to each page. */
static int populate(char *p, size_t n)
{
	size_t i;

	if (!madvise(p, n, MADV_POPULATE_WRITE))
		return 0;
	if (errno != EINVAL)
		return -ENOMEM;
	for (i = 0; i < n; i += page_bytes)
		__atomic_fetch_or(p + i, 0, __ATOMIC_RELAXED);
	return 0;
}

int port_populate(void *p, size_t n)
{
	return KEEP_ERRNO(populate(p, n));
}

#if !defined(MADV_POPULATE_READ)
#define MADV_POPULATE_READ 22
#endif

static int populate_object(struct dl_phdr_info *info, size_t size, void *data)
{
	uintptr_t here = (uintptr_t)&port_populate_image, from, to;
	bool mine = false;
	unsigned int i;

	(void)size;
	(void)data;
	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD &&
		    here - info->dlpi_addr - info->dlpi_phdr[i].p_vaddr <
			    info->dlpi_phdr[i].p_memsz)
			mine = true;
	for (i = 0; mine && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type != PT_LOAD)
			continue;
		from = (info->dlpi_addr + part->p_vaddr) & ~(page_bytes - 1);
		to = info->dlpi_addr + part->p_vaddr + part->p_memsz;
		/* page by page: some may be protected since relocation */
		for (; from < to; from += page_bytes)
			madvise((void *)from, page_bytes,
				part->p_flags & PF_W ? MADV_POPULATE_WRITE :
						       MADV_POPULATE_READ);
	}
	return mine;
}

int port_populate_image(void)
{
	KEEP_ERRNO(dl_iterate_phdr(populate_object, NULL));
	return 0;
}

int port_lock_memory(void *p, size_t n)
{
	return KEEP_ERRNO(mlock(p, n));
}

void port_large(void *p, size_t n)
{
	KEEP_ERRNO(madvise(p, n, MADV_HUGEPAGE));
}

/*
 * Locked memory (mlockall) refuses the plain request; kernels before 5.18
 * refuse the second form too, and then fresh pages are mapped in place.
 */
static int purge(void *p, size_t n)
{
	if (!madvise(p, n, MADV_DONTNEED) ||
	    !madvise(p, n, MADV_DONTNEED_LOCKED))
		return 0;
	if (mmap(p, n, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
		 0) == p) {
		name_range(p, n);
		return 0;
	}
	memset(p, 0, n);
	return 0;
}

void port_purge(void *p, size_t n)
{
	KEEP_ERRNO(purge(p, n));
}

/* Pages that are looked at, and cleared in one way, together. */
#define CLEAR_PAGES 512u

/*
 * Overwriting a page that is not there faults it in, for nothing if nobody
 * reads it; giving back one that is there costs more than overwriting it.
 * A page may be away and yet not zero, in swap: so the other way is to purge,
 * not to do nothing.
 */
static void clear(char *p, size_t n)
{
	unsigned char there[CLEAR_PAGES];
	size_t part, i, count;

	for (; n; p += part, n -= part) {
		part = CLEAR_PAGES * page_bytes;
		part = n < part ? n : part;
		count = 0;
		if (mincore(p, part, there)) {
			memset(p, 0, part);
			continue;
		}
		for (i = 0; i < part / page_bytes; i++)
			count += there[i] & 1;
		if (count >= part / page_bytes / 2)
			memset(p, 0, part);
		else
			purge(p, part);
	}
}

void port_clear(void *p, size_t n)
{
	int saved = errno;

	clear(p, n);
	errno = saved;
}

static void *map(size_t n, size_t align, bool guard)
{
	size_t total = n;
	char *p;

	if (guard && __builtin_add_overflow(n, page_bytes, &total))
		return NULL;
	p = map_aligned(total, align,
			guard ? PROT_NONE : PROT_READ | PROT_WRITE, 0);
	if (!p)
		return NULL;
	if (guard && mprotect(p, n, PROT_READ | PROT_WRITE)) {
		munmap(p, total);
		return NULL;
	}
	name_range(p, total);
	return p;
}

void *port_map(size_t n, size_t align, bool guard)
{
	return KEEP_ERRNO(map(n, align, guard));
}

void port_unmap(void *p, size_t n, bool guard)
{
	KEEP_ERRNO(munmap(p, n + (guard ? page_bytes : 0)));
}

/* The page at p becomes a guard, and its memory goes back. */
static bool make_guard(char *p)
{
	return mmap(p, page_bytes, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) != MAP_FAILED;
}

/* The first page that is cut off becomes the guard. */
static void *shrink_guarded(char *p, size_t old, size_t n)
{
	if (!make_guard(p + n))
		return NULL;
	munmap(p + n + page_bytes, old - n);
	return p;
}

/*
 * The guard stands where the range would grow to, and taking it away first
 * would let another thread's mapping in.  So the new place is made first,
 * guard and all, and the page tables are moved there.
 *
 * When the move fails the kernel has already dropped what it was to move
 * onto, and that hole may be another thread's by now: only the guard is ours
 * to unmap.
 */
static void *grow_guarded(char *p, size_t old, size_t n)
{
	size_t total;
	char *q;

	if (__builtin_add_overflow(n, page_bytes, &total))
		return NULL;
	q = mmap(NULL, total, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (q == MAP_FAILED)
		return NULL;
	if (mremap(p, old, n, MREMAP_MAYMOVE | MREMAP_FIXED, q) == MAP_FAILED) {
		munmap(q + n, page_bytes);
		return NULL;
	}
	munmap(p + old, page_bytes);
	name_range(q, total);
	return q;
}

static void *remap(char *p, size_t old, size_t n, bool guard)
{
	char *q;

	if (n == old)
		return p;
	if (guard)
		return n < old ? shrink_guarded(p, old, n) :
				 grow_guarded(p, old, n);
	q = mremap(p, old, n, MREMAP_MAYMOVE);
	return q == MAP_FAILED ? NULL : q;
}

void *port_remap(void *p, size_t old, size_t n, bool guard)
{
	return KEEP_ERRNO(remap(p, old, n, guard));
}

bool port_split(void *p, size_t n, size_t at)
{
	(void)n;
	return KEEP_ERRNO(make_guard((char *)p + at));
}

/* --- CPUs and threads ---------------------------------------------------- */

static inline char *thread_pointer(void)
{
	char *tp;

#if defined(__x86_64__)
	__asm__("mov %%fs:0, %0" : "=r"(tp));
#elif defined(__aarch64__)
	__asm__("mrs %0, tpidr_el0" : "=r"(tp));
#else
	tp = __builtin_thread_pointer();
#endif
	return tp;
}

/*
 * The ways past the common one: no rseq, or a CPU that sysfs did not show, as
 * a sandbox may do.
 */
static unsigned int __attribute__((noinline)) cpu_slow(int cpu)
{
	unsigned int n = __atomic_load_n(&nr_cpus, __ATOMIC_RELAXED);

	if (cpu < 0)
		cpu = KEEP_ERRNO(sched_getcpu());
	if (cpu < 0)
		return 0;
	while (n <= (unsigned int)cpu &&
	       !__atomic_compare_exchange_n(&nr_cpus, &n, (unsigned int)cpu + 1,
					    false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED))
		;
	return (unsigned int)cpu;
}

unsigned int port_cpu(void)
{
	int cpu = -1;

	if (cpu_id_at)
		cpu = __atomic_load_n(
			(int *)(void *)(thread_pointer() + cpu_id_at),
			__ATOMIC_RELAXED);
	/* As unsigned, "not registered" (below 0) is beyond every CPU. */
	if (unlikely((unsigned int)cpu >=
		     __atomic_load_n(&nr_cpus, __ATOMIC_RELAXED)))
		return cpu_slow(cpu);
	return (unsigned int)cpu;
}

unsigned int port_nr_cpus(void)
{
	return __atomic_load_n(&nr_cpus, __ATOMIC_RELAXED);
}

struct port_task *port_task(void)
{
	static __thread struct port_task task
		__attribute__((tls_model("initial-exec")));

	return &task;
}

/* A report may come before the first allocation has set all up. */
unsigned int port_pid(void)
{
	return pid ? pid : (unsigned int)getpid();
}

void port_comm(char *buf, size_t n)
{
	char name[16] = "";
	int saved = errno;

	prctl(PR_GET_NAME, name, 0, 0, 0);
	text_format(buf, n, "%.*s", (int)sizeof(name), name);
	errno = saved;
}

void port_wait(uint32_t *word, uint32_t val, int64_t timeout_ns)
{
	struct timespec ts = { .tv_sec = timeout_ns / 1000000000,
			       .tv_nsec = timeout_ns % 1000000000 };

	KEEP_ERRNO(syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, val,
			   timeout_ns < 0 ? NULL : &ts, NULL, 0));
}

void port_wake(uint32_t *word, int n)
{
	KEEP_ERRNO(
		syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0));
}

void port_yield(void)
{
	KEEP_ERRNO(sched_yield());
}

union thread_fn {
	void (*fn)(void);
	void *arg;
};

static void *thread_main(void *arg)
{
	union thread_fn run = { .arg = arg };

	prctl(PR_SET_NAME, "kmem", 0, 0, 0);
	run.fn();
	return NULL;
}

/* Callbacks of users run there; what is not touched costs no memory. */
#define THREAD_STACK ((size_t)256 << 10)

/*
 * Signals are the program's: none is delivered to a thread it does not know
 * of.  Before libc has set environ it cannot start a thread.
 */
static int start_thread(void (*fn)(void))
{
	union thread_fn run = { .fn = fn };
	size_t stack = (size_t)sysconf(_SC_THREAD_STACK_MIN) + THREAD_STACK;
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	if (!environ || pthread_attr_init(&attr))
		return -EAGAIN;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, stack);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&thread, &attr, thread_main, run.arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}

int port_thread(void (*fn)(void))
{
	return KEEP_ERRNO(start_thread(fn));
}

uint64_t port_clock_ns(void)
{
	struct timespec ts;

	if (KEEP_ERRNO(clock_gettime(CLOCK_MONOTONIC_COARSE, &ts)))
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* --- reports ------------------------------------------------------------- */

/* A pipe that nobody empties holds a non-blocking writer up for 1 s at most. */
void port_write(const char *text, size_t n)
{
	struct pollfd full = { .fd = STDERR_FILENO, .events = POLLOUT };
	int saved = errno, patience = 10;
	ssize_t done;

	while (n) {
		done = UNCANCELLED(write(STDERR_FILENO, text, n));
		if (done >= 0) {
			text += done;
			n -= (size_t)done;
		} else if (errno == EAGAIN && patience--) {
			UNCANCELLED(poll(&full, 1, 100));
		} else if (errno != EINTR) {
			break;
		}
	}
	errno = saved;
}

void port_die(void)
{
	abort();
}

/*
 * libc may know the handlers twice: a child that was forked in the middle of
 * port_init() runs that again.  What the port keeps of a process is renewed
 * before anybody above it is told.
 */
static struct {
	void (*prepare)(void), (*parent)(void), (*child)(void);
} on_fork;

static void linux_fork_prepare(void)
{
	/* callbacks take the locks of those above */
	linux_rcu_prepare();
	if (on_fork.prepare)
		on_fork.prepare();
}

static void linux_fork_parent(void)
{
	if (on_fork.parent)
		on_fork.parent();
	linux_rcu_parent();
}

static void linux_fork_child(void)
{
	pid = (unsigned int)getpid();
	if (on_fork.child)
		on_fork.child();
	linux_rcu_child();
}

static void fork_handlers(void)
{
	static const char none[] =
		"kmem: no room for fork handlers; fork may deadlock\n";

	if (KEEP_ERRNO(pthread_atfork(linux_fork_prepare, linux_fork_parent,
				      linux_fork_child)))
		port_write(none, sizeof(none) - 1);
}

void port_on_fork(void (*prepare)(void), void (*parent)(void),
		  void (*child)(void))
{
	on_fork.prepare = prepare;
	on_fork.parent = parent;
	on_fork.child = child;
}

/*
 * libgcc's unwinder, which the shared libraries have inside: it reads the
 * tables that every compiler writes, frame pointers or not, and finds them
 * without malloc and, on glibc 2.35 and later, without the loader's lock.  Of
 * a static program it sorts them first, in memory of malloc().
 */
struct fde_bases {
	void *text, *data, *func;
};

extern const void *_Unwind_Find_FDE(void *pc, struct fde_bases *bases);

struct walk {
	void **pc;
	unsigned int n, max;
	bool inside; /* the first frame is port_stack() itself */
};

static _Unwind_Reason_Code walk_frame(struct _Unwind_Context *ctx, void *arg)
{
	struct walk *w = arg;
	uintptr_t pc = _Unwind_GetIP(ctx);

	if (!w->inside) {
		w->inside = true;
		return _URC_NO_REASON;
	}
	if (!pc || w->n == w->max)
		return _URC_END_OF_STACK;
	w->pc[w->n++] = (void *)pc;
	return _URC_NO_REASON;
}

unsigned int port_stack(void **pc, unsigned int n)
{
	struct walk w = { .pc = pc, .max = n };
	struct fde_bases bases;
	int saved = errno;

	/*
	 * A static program registers its tables in a constructor; before, and
	 * without any, the unwinder would end the process.
	 */
	if (_Unwind_Find_FDE((void *)(uintptr_t)port_stack, &bases))
		_Unwind_Backtrace(walk_frame, &w);
	errno = saved;
	return w.n;
}

section_fn *port_other_copy(void)
{
	return (section_fn *)KEEP_ERRNO(
		dlsym(RTLD_DEFAULT, "kmem_malloc_section"));
}

/* --- the life of the process --------------------------------------------- */

static __attribute__((constructor(101))) void begin(void)
{
	port_stay((void *)(uintptr_t)begin);
	if (core_start)
		core_start();
}

static __attribute__((destructor(101))) void end(void)
{
	if (core_end)
		core_end();
}
