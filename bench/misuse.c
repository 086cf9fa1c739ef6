/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Misuse of malloc, one kind a run; bench/misuse.py runs it on one allocator
 * after another.  It is compiled as C and as C++, for the operators delete.
 *
 *	misuse list		names of the kinds, one a line
 *	misuse KIND		does it
 *	misuse cost N		N replacements at random, nothing wrong
 *
 * On stderr stand, each on a line of its own, "<at>" just before the misuse,
 * "<after>" just behind it, "<end>" when the process is about to end in good
 * order.  Whatever else is written there is the allocator's.  What the
 * allocator then did wrong itself, or let happen, is "<harm: ...>".
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__cplusplus)
#include <new>
#endif

#define SMALL 64
#define LARGE (256 * 1024)
#define PAGE 4096

static void *volatile kept;
static volatile char sink;

/* The compiler knows these functions, and what may come after them. */
static char *hidden(void *p)
{
	kept = p;
	return (char *)kept;
}

static void mark(const char *text)
{
	if (write(2, text, strlen(text)) < 0)
		_exit(3);
}

/* Not to be inlined: the stacks of reports have the kind's name. */
#define KIND static __attribute__((noinline)) void
#define AT() mark("<at>\n")
#define AFTER() mark("<after>\n")
#define HARM(text) mark("<harm: " text ">\n")

static char *get(size_t n)
{
	char *p = hidden(malloc(n));

	if (!p)
		_exit(4);
	return p;
}

/* Are blocks of a size what they should be, whatever was done before? */
static void look_at_blocks(size_t size)
{
	enum { MOST = 2000 };
	static char *p[MOST];
	unsigned int i;

	for (i = 0; i < MOST; i++) {
		p[i] = get(size);
		if ((uintptr_t)p[i] % 16) {
			HARM("a block that is not aligned");
			return;
		}
		memset(p[i], 0, size);
		memcpy(p[i], &i, sizeof(i));
	}
	for (i = 0; i < MOST; i++) {
		if (memcmp(p[i], &i, sizeof(i))) {
			HARM("a block with two owners");
			return;
		}
	}
	for (i = 0; i < MOST; i++)
		free(p[i]);
}

/* Time passes: the allocator uses its free memory again. */
static void churn(size_t size)
{
	for (unsigned int i = 0; i < 20000; i++)
		free(get(size));
	look_at_blocks(size);
}

/* --- frees ---------------------------------------------------------------- */

static void free_again(char *p, size_t size)
{
	AT();
	free(hidden(p));
	AFTER();
	if (size <= PAGE)
		look_at_blocks(size);
}

KIND free_twice(void)
{
	char *p = get(SMALL);

	free(p);
	free_again(p, SMALL);
}

KIND free_twice_between(void)
{
	char *p = get(SMALL), *q = get(SMALL);

	free(p);
	free(q);
	free_again(p, SMALL);
}

KIND free_twice_late(void)
{
	char *q[200], *p = get(SMALL);

	for (unsigned int i = 0; i < 200; i++)
		q[i] = get(SMALL);
	free(p);
	for (unsigned int i = 0; i < 200; i++)
		free(q[i]);
	free_again(p, SMALL);
}

static void *other_frees(void *p)
{
	free(p);
	return NULL;
}

KIND free_twice_threads(void)
{
	char *p = get(SMALL);
	pthread_t t;

	pthread_create(&t, NULL, other_frees, p);
	pthread_join(t, NULL);
	free_again(p, SMALL);
}

KIND free_twice_large(void)
{
	char *p = get(LARGE);

	free(p);
	free_again(p, LARGE);
}

KIND free_twice_large_late(void)
{
	char *p = get(LARGE), *q = get(LARGE);

	free(p);
	free(q);
	free_again(p, LARGE);
}

KIND free_twice_nothing(void)
{
	char *p = get(0);

	free(p);
	free_again(p, 16);
}

static void free_inside(size_t size, size_t off)
{
	free_again(get(size) + off, size);
}

KIND free_plus_1(void)
{
	free_inside(SMALL, 1);
}

KIND free_plus_16(void)
{
	free_inside(SMALL, 16);
}

KIND free_plus_1_large(void)
{
	free_inside(LARGE, 1);
}

KIND free_plus_page_large(void)
{
	free_inside(LARGE, PAGE);
}

KIND free_stack(void)
{
	char local[SMALL] __attribute__((aligned(16)));

	free_again(hidden(local), SMALL);
}

KIND free_static(void)
{
	static char fixed[SMALL] __attribute__((aligned(16)));

	free_again(hidden(fixed), SMALL);
}

static char *pages(int prot)
{
	void *p =
		mmap(NULL, 16 * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return hidden(p) + 4 * PAGE;
}

KIND free_mapped(void)
{
	free_again(pages(PROT_READ | PROT_WRITE), SMALL);
}

KIND free_protected(void)
{
	free_again(pages(PROT_NONE), SMALL);
}

KIND free_near(void)
{
	free_inside(16, 1024 * 1024);
}

KIND free_far(void)
{
	free_inside(16, 1024ul * 1024 * 1024);
}

KIND free_uninitialised(void)
{
	free_again((char *)0xaaaaaaaaaaaaaaa0ul, SMALL);
}

/* --- realloc(), malloc_usable_size() -------------------------------------- */

static void resize(char *p, size_t size)
{
	char *q;

	AT();
	q = (char *)realloc(hidden(p), 2 * size);
	AFTER();
	if ((uintptr_t)q % 16)
		HARM("a block that is not aligned");
	look_at_blocks(size);
}

KIND realloc_freed(void)
{
	char *p = get(SMALL);

	free(p);
	resize(p, SMALL);
}

KIND realloc_plus_1(void)
{
	resize(get(SMALL) + 1, SMALL);
}

KIND realloc_plus_16(void)
{
	resize(get(SMALL) + 16, SMALL);
}

KIND realloc_uninitialised(void)
{
	resize((char *)0xaaaaaaaaaaaaaaa0ul, SMALL);
}

static void measure(char *p)
{
	size_t n;

	AT();
	n = malloc_usable_size(hidden(p));
	AFTER();
	if (n)
		HARM("a size");
}

KIND usable_freed(void)
{
	char *p = get(SMALL);

	free(p);
	measure(p);
}

KIND usable_plus_1(void)
{
	measure(get(SMALL) + 1);
}

KIND usable_near(void)
{
	measure(get(16) + 1024 * 1024);
}

KIND usable_uninitialised(void)
{
	measure((char *)0xaaaaaaaaaaaaaaa0ul);
}

/* --- sizes of a free ------------------------------------------------------ */

/* C23; a C library that does not have it may run on an allocator that does. */
static void free_as(size_t size, size_t as)
{
	void (*fn)(void *, size_t) =
		(void (*)(void *, size_t))dlsym(RTLD_DEFAULT, "free_sized");
	char *p = get(size);

	if (!fn) {
		mark("<missing>\n");
		return;
	}
	AT();
	fn(p, as);
	AFTER();
}

KIND free_sized_small(void)
{
	free_as(SMALL, SMALL - 1);
}

KIND free_sized_small_class(void)
{
	free_as(SMALL, 4 * SMALL);
}

KIND free_sized_large(void)
{
	free_as(LARGE, LARGE - 1);
}

#if defined(__cplusplus)
static void delete_as(size_t size, size_t as)
{
	void *p = ::operator new(size);

	AT();
	::operator delete(hidden(p), as);
	AFTER();
}

KIND delete_small(void)
{
	delete_as(1, 32);
}

KIND delete_large(void)
{
	delete_as(LARGE, LARGE / 2);
}

KIND delete_aligned_small(void)
{
	std::align_val_t align = std::align_val_t(64);
	void *p = ::operator new(64, align);

	AT();
	::operator delete(hidden(p), 128, align);
	AFTER();
}

KIND delete_aligned_large(void)
{
	std::align_val_t align = std::align_val_t(8192);
	void *p = ::operator new(16384, align);

	AT();
	::operator delete(hidden(p), 16384 - 10, align);
	AFTER();
}
#endif

/* --- overruns ------------------------------------------------------------- */

static void write_at(char *p, size_t size, long at)
{
	AT();
	((volatile char *)p)[at] = 'x';
	AFTER();
	free(hidden(p));
	if (size && size < PAGE)
		churn(size);
}

KIND overrun_1(void)
{
	write_at(get(SMALL - 8), SMALL - 8, SMALL - 8);
}

KIND overrun_8(void)
{
	write_at(get(SMALL - 8), SMALL - 8, SMALL - 8 + 7);
}

KIND overrun_usable(void)
{
	char *p = get(SMALL - 8);

	write_at(p, SMALL - 8, (long)malloc_usable_size(p));
}

KIND underrun_1(void)
{
	write_at(get(SMALL), SMALL, -1);
}

/* Never freed: only a look at the end can find it. */
KIND overrun_leaked(void)
{
	char *p = get(SMALL - 8);

	AT();
	((volatile char *)p)[SMALL - 8] = 'x';
	AFTER();
}

KIND overrun_large_1(void)
{
	write_at(get(LARGE), LARGE, LARGE);
}

KIND overrun_large_8(void)
{
	write_at(get(LARGE), LARGE, LARGE + 7);
}

KIND overrun_large_odd(void)
{
	write_at(get(LARGE - 100), LARGE, LARGE - 100);
}

KIND underrun_large_1(void)
{
	write_at(get(LARGE), LARGE, -1);
}

KIND overread_large(void)
{
	char *p = get(LARGE);

	AT();
	sink = ((volatile char *)p)[LARGE];
	AFTER();
	free(p);
}

KIND write_nothing(void)
{
	write_at(get(0), 0, 0);
}

KIND read_nothing(void)
{
	char *p = get(0);

	AT();
	sink = ((volatile char *)p)[0];
	AFTER();
	free(p);
}

/* --- use after free ------------------------------------------------------- */

static char *freed(size_t size)
{
	char *p = get(size);

	memset(p, 'o', size);
	/* these stores count, whatever free() makes of them */
	__asm__ volatile("" ::: "memory");
	free(p);
	return hidden(p);
}

KIND write_freed(void)
{
	char *p = freed(128);

	AT();
	((volatile char *)p)[65] = 'x';
	AFTER();
	churn(128);
}

/* Freed blocks have been used again meanwhile, perhaps this one. */
KIND write_freed_later(void)
{
	char *p = freed(128);

	for (unsigned int i = 0; i < 1000; i++)
		free(get(128));
	AT();
	((volatile char *)p)[65] = 'x';
	AFTER();
	churn(128);
}

KIND read_freed(void)
{
	char *p = freed(128);

	AT();
	if (((volatile char *)p)[65] == 'o')
		HARM("what was in the block");
	AFTER();
}

KIND write_freed_large(void)
{
	char *p = freed(LARGE);

	AT();
	((volatile char *)p)[65] = 'x';
	AFTER();
}

KIND write_freed_large_later(void)
{
	char *p = freed(LARGE), *q = get(LARGE);

	q[0] = 'q';
	AT();
	((volatile char *)p)[PAGE] = 'x';
	AFTER();
	if (q[PAGE] == 'x')
		HARM("a block with two owners");
	free(q);
}

KIND read_freed_large(void)
{
	char *p = freed(LARGE);

	AT();
	if (((volatile char *)p)[65] == 'o')
		HARM("what was in the block");
	AFTER();
}

/* Nothing of this is misuse. */
KIND nothing_wrong(void)
{
	char *p = get(SMALL), *q;

	AT();
	q = (char *)realloc(hidden(p), 1000);
	memset(q, 1, 1000);
	free(q);
	free(NULL);
	free(get(0));
	q = (char *)calloc(10, 1000);
	free(realloc(q, 2 * LARGE));
	q = (char *)memalign(PAGE, LARGE);
	if (malloc_usable_size(q) < LARGE)
		HARM("too small");
	free(q);
	free(memalign(256, 100));
	AFTER();
	churn(SMALL);
}

/* --- what it costs -------------------------------------------------------- */

/*
 * CPU time of the process, and the most memory that it had; getrusage() would
 * count that of the process that started it, too.
 */
static void print_used(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long kib = 0;
	struct rusage used;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "VmHWM: %lu", &kib);
	getrusage(RUSAGE_SELF, &used);
	printf("%lld us, %lu KiB\n",
	       (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000ll +
		       used.ru_utime.tv_usec + used.ru_stime.tv_usec,
	       kib);
}

/* Blocks that live as long as they do in programs: most of them not. */
static void cost(unsigned long n)
{
	enum { BLOCKS = 10000 };
	static char *p[BLOCKS];
	uint64_t x = 88172645463325252ull;
	size_t size;
	unsigned int i;

	for (; n; n--) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		i = (unsigned int)(x >> 33) % BLOCKS;
		/* one of eight is up to 2 KiB, the others up to 256 bytes */
		size = 1 + (x >> 8) % (x % 8 ? 256 : 2048);
		free(p[i]);
		p[i] = get(size);
		p[i][0] = p[i][size - 1] = 1;
	}
	print_used();
}

static const struct kind {
	const char *name;
	void (*fn)(void);
} kinds[] = {
#define ROW(name)           \
	{                   \
#name, name \
	}
	ROW(free_twice),
	ROW(free_twice_between),
	ROW(free_twice_late),
	ROW(free_twice_threads),
	ROW(free_twice_large),
	ROW(free_twice_large_late),
	ROW(free_twice_nothing),
	ROW(free_plus_1),
	ROW(free_plus_16),
	ROW(free_plus_1_large),
	ROW(free_plus_page_large),
	ROW(free_stack),
	ROW(free_static),
	ROW(free_mapped),
	ROW(free_protected),
	ROW(free_near),
	ROW(free_far),
	ROW(free_uninitialised),
	ROW(realloc_freed),
	ROW(realloc_plus_1),
	ROW(realloc_plus_16),
	ROW(realloc_uninitialised),
	ROW(usable_freed),
	ROW(usable_plus_1),
	ROW(usable_near),
	ROW(usable_uninitialised),
	ROW(free_sized_small),
	ROW(free_sized_small_class),
	ROW(free_sized_large),
#if defined(__cplusplus)
	ROW(delete_small),
	ROW(delete_large),
	ROW(delete_aligned_small),
	ROW(delete_aligned_large),
#endif
	ROW(overrun_1),
	ROW(overrun_8),
	ROW(overrun_usable),
	ROW(overrun_leaked),
	ROW(underrun_1),
	ROW(overrun_large_1),
	ROW(overrun_large_8),
	ROW(overrun_large_odd),
	ROW(underrun_large_1),
	ROW(overread_large),
	ROW(write_nothing),
	ROW(read_nothing),
	ROW(write_freed),
	ROW(write_freed_later),
	ROW(read_freed),
	ROW(write_freed_large),
	ROW(write_freed_large_later),
	ROW(read_freed_large),
	ROW(nothing_wrong),
};

/*
 * Blocks as a program has them that has run for a while: an allocator may look
 * closer at the first of a size.
 */
static void have_others(void)
{
	enum { EACH = 40 };
	static void *p[EACH * (SMALL * 4 / 16)];

	for (unsigned int i = 0; i < sizeof(p) / sizeof(*p); i++)
		p[i] = malloc(1 + i / EACH * 16);
	hidden(p);
}

int main(int argc, char **argv)
{
	const struct kind *k;
	const size_t nr = sizeof(kinds) / sizeof(*kinds);

	if (argc > 2 && !strcmp(argv[1], "cost")) {
		cost(strtoul(argv[2], NULL, 0));
		return 0;
	}
	for (k = kinds; argc > 1 && k < kinds + nr; k++) {
		if (!strcmp(argv[1], "list")) {
			puts(k->name);
		} else if (!strcmp(argv[1], k->name)) {
			have_others();
			k->fn();
			mark("<end>\n");
			return 0;
		}
	}
	return argc > 1 && !strcmp(argv[1], "list") ? 0 : 2;
}
