/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The memory of a Linux process.
 *
 * A range is claimed and not mapped: nothing is there, but it lies where the
 * kernel, which places mappings from the top down, puts none by itself, and
 * below the program and its heap.  What commits is mmap() with
 * MAP_FIXED_NOREPLACE, so a place that another mapping took is seen, and what
 * uncommits is munmap(): RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK and strict
 * overcommit count what the process uses and no more.
 *
 * Where no place can be claimed (ThreadSanitizer has its own map of what may
 * be where; a kernel before 4.17) the range is reserved: mapped as PROT_NONE,
 * and committed by mprotect().
 *
 * A call that failed need not have changed nothing; what is mapped afterwards
 * is known from how each call is made.  mmap() onto nothing, mremap() without a
 * place and mprotect() of one mapping change nothing when they fail.  munmap()
 * of the inside of a mapping may fail, since it makes two of one
 * (vm.max_map_count); of an end, or of a whole, it does not.
 */
#define _GNU_SOURCE 1

#include "port/port.h"

#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/mem.h"
#include "port/linux/own.h"

/* Newer than some libc headers; the numbers are the kernel's ABI. */
#if !defined(MADV_DONTNEED_LOCKED)
#define MADV_DONTNEED_LOCKED 24
#endif
#if !defined(MADV_POPULATE_READ)
#define MADV_POPULATE_READ 22
#endif
#if !defined(MADV_POPULATE_WRITE)
#define MADV_POPULATE_WRITE 23
#endif
#if !defined(MAP_FIXED_NOREPLACE)
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define USABLE (PROT_READ | PROT_WRITE)

static size_t page_bytes = 4096;
static char *claimed_start, *claimed_end;
static size_t claimed_bytes;
static bool reserved; /* the claim is mapped: no place could be had otherwise */
static bool locked;   /* mlockall(), as the last purge found it */
static bool counted;  /* as the claim found it, for the first caller */
static bool asked;

void linux_memory_start(void)
{
	long n = sysconf(_SC_PAGESIZE);

	if (n > 0)
		page_bytes = (size_t)n;
}

size_t port_page_size(void)
{
	return page_bytes;
}

/*
 * n bytes at a multiple of align: more than that is mapped, and trimmed.
 * Trimming splits a mapping where the kernel has merged the new one with a
 * neighbour; if it cannot, all is unmapped, which by then is the end of one.
 */
static char *map_aligned(size_t n, size_t align, int prot, int flags)
{
	size_t slack = align > page_bytes ? align - page_bytes : 0;
	size_t total, before;
	char *p;

	if (__builtin_add_overflow(n, slack, &total))
		return NULL;
	p = mmap(NULL, total, prot, ANONYMOUS | flags, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)p & (align - 1) & ~(page_bytes - 1);
	if (before && munmap(p, before))
		goto refused;
	p += before;
	total -= before;
	if (total > n && munmap(p + n, total - n))
		goto refused;
	return p;

refused:
	munmap(p, total);
	return NULL;
}

/* --- the claim ------------------------------------------------------------ */

/* About where the addresses of the process end: at its stack. */
static uintptr_t top(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t code = (uintptr_t)&top;

	return here > code ? here : code;
}

/*
 * Between 9/16 and 19/32 of the addresses, as random as stack and code are:
 * above what sanitizers use and what others place at random (V8, the heaps of
 * Java and Go), below the program (2/3) and far below what comes from the top.
 */
static char *place(size_t align, unsigned int try)
{
	uint64_t mix = getauxval(AT_SYSINFO_EHDR) ^ top() ^ (uintptr_t)&place;

	mix = ((mix >> 12) + try) * 0x9e3779b97f4a7c15ull;
	mix = (mix >> 32) * align % (top() / 32);
	return (char *)ALIGN_UP(top() / 16 * 9 + mix, align);
}

/* What an OS that does not count address space grants every process. */
static size_t plenty(void)
{
	return top() / 128 & ~(page_bytes - 1);
}

enum answer { FREE, COUNTED, TAKEN };

/*
 * Maps n bytes, makes them writable, and ends that: an OS that counts any of
 * this refuses, by one of the calls that every malloc makes.  Of what is
 * locked nothing may become writable, since it would be populated.  memcheck
 * keeps a record of each page that a call names, so it is asked about one.
 */
static enum answer ask(char *at, size_t n)
{
	int flags = ANONYMOUS | MAP_NORESERVE | (at ? MAP_FIXED_NOREPLACE : 0);
	bool refused;
	char *p;

	if (linux_watched_by_memcheck())
		n = page_bytes;
	p = mmap(at, n, PROT_NONE, flags, -1, 0);
	if (p == MAP_FAILED)
		return errno == ENOMEM || errno == EAGAIN ? COUNTED : TAKEN;
	if (at && p != at) {
		munmap(p, n);
		return TAKEN;
	}
	refused = (madvise(p, page_bytes, MADV_DONTNEED) && errno == EINVAL) ||
		  mprotect(p, n, USABLE);
	munmap(p, n);
	return refused ? COUNTED : FREE;
}

#define PLACES 4

/* Defined in a program that is built with ThreadSanitizer. */
extern void __tsan_init(void) __attribute__((weak));

static char *claim(size_t *size, size_t min, size_t align)
{
	size_t n, all;
	char *p;

	if (&__tsan_init)
		return NULL;
	for (n = *size; n >= min && n >= page_bytes; n /= 2) {
		/* so that it ends well below the program */
		if (n > top() / 16)
			continue;
		all = n > plenty() ? n : plenty();
		for (unsigned int try = 0; try < PLACES; try++) {
			enum answer is;

			p = place(align, try);
			is = ask(p, all);
			if (is == TAKEN)
				continue;
			counted = is == COUNTED;
			asked = true;
			*size = n;
			claimed_end = p + n;
			return p;
		}
	}
	return NULL;
}

void *linux_claim_more(size_t n)
{
	char *p = claimed_end;

	if (!p)
		return NULL;
	p = (char *)ALIGN_UP((uintptr_t)p, page_bytes);
	/* with a page that faults in between */
	claimed_end = p + n + page_bytes;
	return p + page_bytes;
}

/* Once the OS has refused a size, at most half of what it would grant. */
static char *memory_reserve(size_t *size, size_t min, size_t align)
{
	bool refused = false;
	char *p;

	for (size_t n = *size; n >= min && n >= page_bytes; n /= 2) {
		p = map_aligned(n, align, PROT_NONE, MAP_NORESERVE);
		if (!p) {
			refused = true;
			continue;
		}
		if (refused && n / 2 >= min && n / 2 >= align &&
		    !munmap(p + n / 2, n / 2))
			n /= 2;
		*size = n;
		return p;
	}
	return NULL;
}

void *port_claim(size_t *size, size_t min, size_t align)
{
	KEEPS_ERRNO();
	char *p = claim(size, min, align);

	reserved = !p;
	if (reserved)
		p = memory_reserve(size, min, align);
	claimed_start = p;
	claimed_bytes = *size;
	return p;
}

const char *linux_claim_start(void)
{
	return claimed_start;
}

size_t linux_claim_bytes(void)
{
	return claimed_bytes;
}

int port_direct(size_t n, struct port_direct *d)
{
	(void)n;
	(void)d;
	return 0;
}

bool port_counts(void)
{
	/* a reservation cannot be given back */
	if (reserved)
		return false;
	/* asked a moment ago, at the start */
	if (__atomic_exchange_n(&asked, false, __ATOMIC_RELAXED))
		return counted;
	return __atomic_load_n(&locked, __ATOMIC_RELAXED) ||
	       KEEP_ERRNO(ask(NULL, plenty())) != FREE;
}

int port_commit(void *p, size_t n)
{
	KEEPS_ERRNO();
	char *q;

	if (reserved)
		return mprotect(p, n, USABLE) ? PORT_NO_MEMORY : 0;
	q = mmap(p, n, USABLE, ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
		 -1, 0);
	if (q == MAP_FAILED)
		return errno == EEXIST ? PORT_TAKEN : PORT_NO_MEMORY;
	/* kernels before 4.17 ignore the flag, and take p as a hint */
	if (q != p) {
		munmap(q, n);
		return PORT_TAKEN;
	}
	return 0;
}

bool port_uncommit(void *p, size_t n)
{
	/* reserved address space is counted in any case */
	return !reserved && !KEEP_ERRNO(munmap(p, n));
}

/* --- what is usable ------------------------------------------------------- */

/* Kernels before 5.14: a write of nothing, to each page. */
int port_populate(void *p, size_t n)
{
	KEEPS_ERRNO();
	size_t i;

	if (!madvise(p, n, MADV_POPULATE_WRITE))
		return 0;
	if (errno != EINVAL)
		return -ENOMEM;
	for (i = 0; i < n; i += page_bytes)
		__atomic_fetch_or((char *)p + i, 0, __ATOMIC_RELAXED);
	return 0;
}

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
 * refuse the second form too, and then it stays.
 */
void port_purge(void *p, size_t n)
{
	KEEPS_ERRNO();
	bool refused = madvise(p, n, MADV_DONTNEED);

	if (refused != __atomic_load_n(&locked, __ATOMIC_RELAXED))
		__atomic_store_n(&locked, refused, __ATOMIC_RELAXED);
	if (refused && madvise(p, n, MADV_DONTNEED_LOCKED))
		memset(p, 0, n);
}

void port_clear(void *p, size_t n)
{
	memset(p, 0, n);
}

/* It makes mappings of one, or one of several: the kernel may refuse. */
bool port_guard(void *p, size_t n, bool on)
{
	return !KEEP_ERRNO(mprotect(p, n, on ? PROT_NONE : USABLE));
}

/* --- ranges of their own -------------------------------------------------- */

/*
 * The page behind a range faults.  That makes two mappings of one, which the
 * kernel may refuse (vm.max_map_count); the page is ours all the same.
 */
static void make_guard(char *p)
{
	mprotect(p, page_bytes, PROT_NONE);
}

void *port_map(size_t n, size_t align, bool guard)
{
	KEEPS_ERRNO();
	size_t total = n;
	char *p;

	if (guard && __builtin_add_overflow(n, page_bytes, &total))
		return NULL;
	p = map_aligned(total, align, USABLE, 0);
	if (!p)
		return NULL;
	if (guard)
		make_guard(p + n);
	return p;
}

/*
 * If it cannot be unmapped, because neighbours have no guards, its memory is
 * freed.
 */
void port_unmap(void *p, size_t n, bool guard)
{
	KEEPS_ERRNO();

	if (munmap(p, n + (guard ? page_bytes : 0)))
		port_purge(p, n);
}

/* The end goes first: what fails then has changed nothing. */
static void *shrink_guarded(char *p, size_t old, size_t n)
{
	if (munmap(p + n + page_bytes, old - n))
		return NULL;
	port_purge(p + n, page_bytes);
	make_guard(p + n);
	return p;
}

/*
 * The guard is where the range would grow to, and unmapping it first would let
 * another thread's mapping in.  So the pages are moved to where there is room
 * for a new guard as well, and the old one is unmapped last.
 */
static void *grow_guarded(char *p, size_t old, size_t n)
{
	size_t total;
	char *q;

	if (__builtin_add_overflow(n, page_bytes, &total))
		return NULL;
	q = mremap(p, old, total, MREMAP_MAYMOVE);
	if (q == MAP_FAILED)
		return NULL;
	make_guard(q + n);
	munmap(p + old, page_bytes);
	return q;
}

void *port_remap(void *p, size_t old, size_t n, bool guard)
{
	KEEPS_ERRNO();
	char *q;

	if (n == old)
		return p;
	if (guard)
		return n < old ? shrink_guarded(p, old, n) :
				 grow_guarded(p, old, n);
	q = mremap(p, old, n, MREMAP_MAYMOVE);
	return q == MAP_FAILED ? NULL : q;
}

bool port_split(void *p, size_t n, size_t at)
{
	KEEPS_ERRNO();

	(void)n;
	port_purge((char *)p + at, page_bytes);
	make_guard((char *)p + at);
	return true;
}

/*
 * The kernel merges them if they were one; a request to grow tells whether it
 * has, and never succeeds, since the second's guard is behind.
 */
bool port_join(void *p, size_t n, size_t more)
{
	KEEPS_ERRNO();
	size_t whole = n + page_bytes + more;
	char *guard = (char *)p + n;

	if (mprotect(guard, page_bytes, USABLE))
		return false;
	if (mremap(p, whole, whole + page_bytes, 0) != MAP_FAILED)
		/* the guard was missing, and is here again */
		make_guard((char *)p + whole);
	else if (errno == EFAULT) {
		make_guard(guard);
		return false;
	}
	return true;
}
