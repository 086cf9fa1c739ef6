/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Every rule of the malloc family that C, POSIX and the GNU manual state,
 * as a program that knows nothing of the library: test_api.py compiles it
 * and runs it with libkmem-malloc.so preloaded.
 *
 *	api		all cases, as TAP
 *	api limit	under KMEM_OPTIONS=mem=32M
 *	api misuse N	one misuse; its report goes to stderr
 *	api leave	allocates, then _exit(3)
 *	api save FILE	waits until FILE is there, then forks a child
 */
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int cases, failed, case_bad;
/* volatile: the compiler knows malloc and would do some of this by itself */
static void *(*volatile Malloc)(size_t) = malloc;
static void *(*volatile Calloc)(size_t, size_t) = calloc;
static void *(*volatile Realloc)(void *, size_t) = realloc;
static void *(*volatile Reallocarray)(void *, size_t, size_t) = reallocarray;
static void *(*volatile Aligned)(size_t, size_t) = aligned_alloc;
static void *(*volatile Memalign)(size_t, size_t) = memalign;
static int (*volatile Posix_memalign)(void **, size_t, size_t) = posix_memalign;
static void (*volatile Free)(void *) = free;

#define CHECK(cond)                                                         \
	do {                                                                \
		if (!(cond) && case_bad++ < 5)                              \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond); \
	} while (0)

static size_t usable(void *p)
{
	return malloc_usable_size(p);
}

static bool all_bytes(const unsigned char *p, size_t n, unsigned char c)
{
	while (n--)
		if (*p++ != c)
			return false;
	return true;
}

static bool has_align(const void *p, size_t align)
{
	return !((uintptr_t)p & (align - 1));
}

/* Allocated before main(), and before libc's own later constructors. */
static char *early;

static __attribute__((constructor(101))) void before_main(void)
{
	early = Malloc(100);
	if (early)
		memset(early, 'e', 100);
}

/* Sizes around every border between classes, spans and regions. */
static const size_t sizes[] = {
	0,       1,       8,        15,      16,      17,      48,      64,
	65,      80,      81,       127,     128,     129,     255,     257,
	1000,    1024,    1025,     1280,    1281,    4095,    4096,    4097,
	8192,    8193,    20000,    28672,   28673,   32767,   32768,   32769,
	36864,   36865,   100000,   1048576, 1048577, 4194303, 4194304, 4194305,
	4200000, 8388608, 20000000,
};
#define SIZES (sizeof(sizes) / sizeof(*sizes))

/* --- cases ---------------------------------------------------------------- */

static void zero_sizes(void)
{
	void *a = Malloc(0), *b = Malloc(0), *c = Calloc(0, 7),
	     *d = Calloc(7, 0);

	CHECK(a && b && c && d);
	CHECK(a != b && a != c && c != d);
	Free(a);
	Free(b);
	Free(c);
	Free(d);
	Free(NULL);
	CHECK(usable(NULL) == 0);
}

static void alignment_and_waste(void)
{
	for (size_t n = 1; n <= 70000; n += n < 2200 ? 1 : 97) {
		void *p = Malloc(n);

		CHECK(p && has_align(p, 16));
		CHECK(usable(p) >= n);
		if (n > 64)
			CHECK((usable(p) - n) * 5 < usable(p));
		else
			CHECK(usable(p) < n + 16);
		memset(p, 0xa5, usable(p));
		Free(p);
	}
}

static void distinct_blocks(void)
{
	enum { N = 4000 };
	static unsigned char *p[N];
	static size_t n[N];

	for (int i = 0; i < N; i++) {
		n[i] = (size_t)(i * 37 % 3000 + 1);
		p[i] = Malloc(n[i]);
		CHECK(p[i]);
		memset(p[i], i & 255, n[i]);
	}
	for (int i = 0; i < N; i++)
		CHECK(all_bytes(p[i], n[i], (unsigned char)(i & 255)));
	for (int i = 0; i < N; i++)
		Free(p[i * 1009 % N]);
}

static void too_large(void)
{
	static const size_t huge[] = { (size_t)PTRDIFF_MAX + 1, SIZE_MAX,
				       SIZE_MAX - 4096, SIZE_MAX / 2 + 4096 };
	char *keep = Malloc(50);

	strcpy(keep, "kept");
	for (int i = 0; i < 4; i++) {
		errno = 0;
		CHECK(!Malloc(huge[i]) && errno == ENOMEM);
		errno = 0;
		CHECK(!Calloc(1, huge[i]) && errno == ENOMEM);
		errno = 0;
		CHECK(!Realloc(NULL, huge[i]) && errno == ENOMEM);
		errno = 0;
		CHECK(!Realloc(keep, huge[i]) && errno == ENOMEM);
		CHECK(!strcmp(keep, "kept"));
		errno = 0;
		CHECK(!Aligned(64, huge[i]) && errno == ENOMEM);
		errno = 0;
		CHECK(!Memalign(8192, huge[i]) && errno == ENOMEM);
		errno = 0;
		CHECK(!valloc(huge[i]) && errno == ENOMEM);
		errno = 0;
		CHECK(!pvalloc(huge[i]) && errno == ENOMEM);
	}
	errno = 0;
	CHECK(!Malloc(PTRDIFF_MAX) && errno == ENOMEM);
	errno = 0;
	CHECK(!Calloc(SIZE_MAX / 8, 16) && errno == ENOMEM);
	errno = 0;
	CHECK(!Reallocarray(keep, SIZE_MAX / 8, 16) && errno == ENOMEM);
	CHECK(!strcmp(keep, "kept"));
	Free(keep);
}

static void calloc_is_zero(void)
{
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < SIZES; i++) {
			unsigned char *p = Calloc(1, sizes[i]);

			CHECK(p && all_bytes(p, sizes[i], 0));
			if (p)
				memset(p, 0xff, sizes[i]);
			Free(p);
			p = Malloc(sizes[i]);
			memset(p, 0xff, sizes[i]);
			Free(p);
		}
	}
}

static void realloc_keeps(void)
{
	for (size_t i = 0; i < SIZES; i++) {
		for (size_t j = 0; j < SIZES; j++) {
			size_t a = sizes[i], b = sizes[j], min = a < b ? a : b;
			unsigned char *p = Malloc(a);

			/* only the edges: the sizes go up to 20 MB */
			if (a) {
				p[0] = 1;
				p[a - 1] = 2;
				p[min ? min - 1 : 0] = 3;
				p[0] = min == 1 ? 3 : 1;
			}
			if (!b) {
				CHECK(!Realloc(p, 0));
				continue;
			}
			p = Realloc(p, b);
			CHECK(p && usable(p) >= b && has_align(p, 16));
			if (min > 1)
				CHECK(p[0] == 1 && p[min - 1] == 3);
			Free(p);
		}
	}
}

static void realloc_grows_and_shrinks(void)
{
	unsigned char *p = NULL;
	size_t n = 0;

	for (size_t want = 1; want < 9000000; want += want / 3 + 1) {
		p = Realloc(p, want);
		CHECK(p && (!n || p[n - 1] == (unsigned char)(n * 7)));
		n = want;
		p[n - 1] = (unsigned char)(n * 7);
	}
	CHECK(usable(p) >= n);
	while (n > 1) {
		size_t less = n - n / 3 - 1;

		p[less - (less > 0)] = 0x5a;
		p = Realloc(p, less ? less : 1);
		CHECK(p && p[less ? less - 1 : 0] == 0x5a);
		n = less ? less : 1;
		/* a block less than half used gives the rest back */
		if (n > 1024)
			CHECK(usable(p) <= 2 * n + 8192);
	}
	Free(p);
}

/* Byte by byte: must not copy everything each time; it would take minutes. */
static void realloc_by_small_steps(void)
{
	unsigned char *p = NULL;
	int moves = 0;

	for (size_t n = 1000; n < 4000000; n += 1000) {
		unsigned char *q = Realloc(p, n);

		CHECK(q);
		moves += q != p;
		p = q;
		p[n - 1] = 1;
	}
	CHECK(moves < 200);
	Free(p);
}

static long faults(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_minflt;
}

/* From 64 KiB to 64 MiB: what was copied would fault in once more. */
static void realloc_moves_pages(void)
{
	static const size_t k64 = 65536, top = (size_t)64 << 20;
	unsigned char *p = Malloc(k64), *q;
	int moves = 0;
	long before;

	memset(p, 1, k64);
	before = faults();
	for (size_t n = 2 * k64; n <= top; n += k64) {
		q = Realloc(p, n);
		CHECK(q && q[0] == 1 && q[n - k64 - 1] == 1);
		moves += q != p;
		p = q;
		memset(p + n - k64, 1, k64);
	}
	CHECK(moves < 80);
	/* each page once, and those of the few MiB that were copied */
	CHECK(faults() - before < (long)(top >> 12) + 4096);
	before = faults();
	p = Realloc(p, 2 * top);
	CHECK(p && faults() - before < 1000);
	CHECK(all_bytes(p, top, 1));
	Free(p);
	p = Malloc(k64);
	memset(p, 1, k64);
	before = faults();
	for (size_t n = 2 * k64; n <= top; n *= 2) {
		p = Realloc(p, n);
		CHECK(p && all_bytes(p, n / 2, 1));
		memset(p, 1, n);
	}
	CHECK(faults() - before < (long)(top >> 12) + 4096);
	/* and down again */
	for (size_t n = top; n >= k64; n /= 2) {
		p = Realloc(p, n);
		CHECK(p && all_bytes(p, n, 1) && usable(p) <= 2 * n + 8192);
	}
	Free(p);
}

/* Fresh memory is zero: clearing it would fault it in. */
static void calloc_knows_fresh_pages(void)
{
	size_t n = (size_t)200 << 20;
	long before = faults();
	unsigned char *p = Calloc(1, n);

	CHECK(p && faults() - before < 1000);
	CHECK(!p[0] && !p[n / 2] && !p[n - 1]);
	Free(p);
	/* and what comes again is cleared */
	for (int i = 0; i < 20; i++) {
		n = (size_t)(4 + i * 7 % 5) << 20;
		p = Calloc(1, n);
		CHECK(p && all_bytes(p, n, 0));
		memset(p, 0xff, usable(p));
		Free(p);
	}
}

static void large_blocks_come_again(void)
{
	size_t n = (size_t)8 << 20;
	long before;

	Free(memset(Malloc(n), 1, n));
	before = faults();
	for (int i = 0; i < 100; i++)
		Free(memset(Malloc(n + (size_t)i % 7 * 4096), 1, n));
	/* one or two that had gone before they came again do not matter */
	CHECK(faults() - before < 10 * (long)(n >> 12));
	CHECK(mallinfo2().keepcost >= n);
	CHECK(malloc_trim(0) == 1);
	/* what is left is less than a 2 MiB block here and there */
	CHECK(mallinfo2().keepcost < n);
}

static void aligned(void)
{
	for (size_t align = 1; align <= (16u << 20); align *= 2) {
		for (size_t i = 0; i<SIZES; i += align> 65536 ? 3 : 1) {
			void *p = Aligned(align, sizes[i]), *q = NULL;

			CHECK(p && has_align(p, align) && has_align(p, 16));
			CHECK(usable(p) >= sizes[i]);
			if (p && sizes[i])
				((char *)p)[sizes[i] - 1] = 1;
			Free(p);
			p = Memalign(align, sizes[i]);
			CHECK(p && has_align(p, align));
			if (align < sizeof(void *)) {
				Free(p);
				continue;
			}
			CHECK(!posix_memalign(&q, align, sizes[i]));
			CHECK(q && q != p && has_align(q, align));
			q = Realloc(q, sizes[i] + 100);
			CHECK(q);
			Free(q);
			Free(p);
		}
	}
}

static void aligned_errors(void)
{
	static const size_t bad[] = { 0, 3, 24, 4095, SIZE_MAX };
	void *p = &cases;

	for (int i = 0; i < 5; i++) {
		errno = 0;
		CHECK(!Aligned(bad[i], 10) && errno == EINVAL);
		errno = 77;
		CHECK(posix_memalign(&p, bad[i], 10) == EINVAL);
		CHECK(p == &cases && errno == 77);
	}
	CHECK(posix_memalign(&p, 4, 10) == EINVAL && p == &cases);
	errno = 77;
	/* by a pointer: the compiler believes that errno stays */
	CHECK(Posix_memalign(&p, 16, SIZE_MAX) == ENOMEM);
	CHECK(p == &cases && errno == ENOMEM);
	errno = 0;
	CHECK(!Memalign(SIZE_MAX, 10) && errno == EINVAL);
	p = Memalign(24, 10); /* rounded up, as in the GNU library */
	CHECK(p && has_align(p, 32));
	Free(p);
}

static void page_calls(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p = valloc(10), *q = pvalloc(10), *r = pvalloc(0);

	CHECK(p && has_align(p, page));
	CHECK(q && has_align(q, page) && usable(q) >= page);
	CHECK(r && has_align(r, page));
	memset(q, 1, page);
	Free(p);
	Free(q);
	Free(r);
}

static void errno_is_kept(void)
{
	for (size_t i = 0; i < SIZES; i++) {
		void *p = Malloc(sizes[i]);

		errno = 4711;
		Free(p);
		CHECK(errno == 4711);
	}
}

static void sized_frees(void)
{
	void (*sized)(void *, size_t) =
		(void (*)(void *, size_t))dlsym(RTLD_DEFAULT, "free_sized");
	void (*aligned_sized)(void *, size_t, size_t) =
		(void (*)(void *, size_t, size_t))dlsym(RTLD_DEFAULT,
							"free_aligned_sized");

	CHECK(sized && aligned_sized);
	if (!sized || !aligned_sized)
		return;
	for (size_t i = 0; i < SIZES; i++) {
		sized(Malloc(sizes[i]), sizes[i]);
		aligned_sized(Aligned(256, sizes[i]), 256, sizes[i]);
	}
	sized(NULL, 10);
	aligned_sized(NULL, 16, 10);
}

static void freed_memory_comes_again(void)
{
	struct mallinfo2 before = { 0 }, after;

	for (int i = 0; i < 2000; i++) {
		void *a = Malloc(300), *b = Malloc(50000), *c = Malloc(5000000);

		CHECK(a && b && c);
		if (i == 100)
			before = mallinfo2();
		Free(a);
		Free(b);
		Free(c);
	}
	after = mallinfo2();
	CHECK(after.arena <= before.arena + (8u << 20));
	CHECK(before.hblks >= 1 && after.hblks == before.hblks - 1);
	CHECK(after.hblkhd < before.hblkhd);
}

static void malloc_info_says(void)
{
	char text[4096] = "";
	FILE *to = fmemopen(text, sizeof(text), "w");

	errno = 0;
	CHECK(malloc_info(1, to) == -1 && errno == EINVAL);
	CHECK(malloc_info(0, to) == 0);
	fclose(to);
	CHECK(!strncmp(text, "<malloc version=\"1\">\n", 21));
	CHECK(strstr(text, "<total type=\"mmap\" count="));
	CHECK(!strcmp(text + strlen(text) - 10, "</malloc>\n"));
}

static void heap_calls(void)
{
	struct mallinfo2 a = mallinfo2(), b, c;
	struct mallinfo old;
	enum { N = 500 };
	void *p[N];

	for (int i = 0; i < N; i++)
		p[i] = memset(Malloc(40000), 1, 40000);
	b = mallinfo2();
	CHECK(b.uordblks >= a.uordblks + (size_t)N * 40000);
	CHECK(b.uordblks + b.fordblks == b.arena);
	for (int i = 0; i < N; i++)
		Free(p[i]);
	c = mallinfo2();
	CHECK(c.uordblks <= a.uordblks + 100000);
	malloc_trim(0);
	c = mallinfo2();
	CHECK(c.keepcost < 16u << 20);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	old = mallinfo();
#pragma GCC diagnostic pop
	CHECK(old.uordblks > 0 && old.arena >= old.uordblks);
	CHECK(mallopt(M_MMAP_THRESHOLD, 1 << 20) == 0);
	CHECK(mallopt(M_ARENA_MAX, 2) == 1);
	malloc_info_says();
	CHECK(malloc_trim((size_t)1 << 40) == 0);
}

/* --- threads and processes ------------------------------------------------ */

struct worker {
	unsigned int seed;
	int rounds, bad;
};

static unsigned int next(unsigned int *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 8;
}

/* Blocks wait here for whichever thread draws their number. */
static void *exchange[512];

static size_t random_size(unsigned int *seed)
{
	unsigned int r = next(seed);

	if (r % 97 == 0)
		return r % 300000;
	return r % 13 ? r % 400 : r % 20000;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < w->rounds; i++) {
		size_t n = random_size(&w->seed) + sizeof(n);
		unsigned char *p = Malloc(n), *q;
		size_t m;

		if (!p) {
			w->bad++;
			break;
		}
		memcpy(p, &n, sizeof(n));
		p[n - 1] = (unsigned char)n;
		if (n == sizeof(n))
			memcpy(p, &n, sizeof(n));
		q = __atomic_exchange_n(&exchange[next(&w->seed) % 512], p,
					__ATOMIC_ACQ_REL);
		if (!q)
			continue;
		memcpy(&m, q, sizeof(m));
		if (m > 400000 ||
		    (m > sizeof(m) && q[m - 1] != (unsigned char)m)) {
			w->bad++;
			break;
		}
		Free(q);
	}
	return NULL;
}

static void exchange_empty(void)
{
	for (int i = 0; i < 512; i++) {
		Free(exchange[i]);
		exchange[i] = NULL;
	}
}

static void threads_exchange(void)
{
	struct worker w[8];
	pthread_t t[8];

	for (int i = 0; i < 8; i++) {
		w[i] = (struct worker){ .seed = (unsigned int)i,
					.rounds = 40000 };
		CHECK(!pthread_create(&t[i], NULL, work, &w[i]));
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(t[i], NULL);
		CHECK(!w[i].bad);
	}
	exchange_empty();
}

static void threads_come_and_go(void)
{
	for (int i = 0; i < 400; i++) {
		struct worker w[3];
		pthread_t t[3];

		for (int k = 0; k < 3; k++) {
			w[k] = (struct worker){ .seed = (unsigned int)(i + k),
						.rounds = 100 };
			CHECK(!pthread_create(&t[k], NULL, work, &w[k]));
		}
		for (int k = 0; k < 3; k++) {
			pthread_join(t[k], NULL);
			CHECK(!w[k].bad);
		}
	}
	exchange_empty();
}

static int exit_status(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* In the child of a fork; everything must work at once. */
static int child_works(void)
{
	struct worker w = { .seed = 99, .rounds = 3000 };
	pthread_t t;
	void *p;

	alarm(60);
	work(&w);
	if (w.bad || pthread_create(&t, NULL, work, &w))
		return 1;
	pthread_join(t, NULL);
	p = Calloc(1, 6000000);
	p = Realloc(p, 9000000);
	if (!p || w.bad)
		return 2;
	Free(p);
	malloc_trim(0);
	return 0;
}

static void *fork_often(void *arg)
{
	int *bad = arg;

	for (int i = 0; i < 40; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(child_works());
		if (pid < 0 || exit_status(pid))
			++*bad;
	}
	return NULL;
}

static void fork_among_threads(void)
{
	struct worker w[3];
	pthread_t t[5];
	int bad[2] = { 0 };

	for (int i = 0; i < 3; i++) {
		w[i] = (struct worker){ .seed = (unsigned int)i,
					.rounds = 150000 };
		CHECK(!pthread_create(&t[i], NULL, work, &w[i]));
	}
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_create(&t[3 + i], NULL, fork_often, &bad[i]));
	for (int i = 0; i < 5; i++)
		pthread_join(t[i], NULL);
	CHECK(!bad[0] && !bad[1]);
	for (int i = 0; i < 3; i++)
		CHECK(!w[i].bad);
	exchange_empty();
}

static void forks_of_forks(void)
{
	pid_t pid = fork();

	if (!pid) {
		pid_t inner = fork();

		if (!inner)
			_exit(child_works());
		_exit(exit_status(inner) || child_works());
	}
	CHECK(pid > 0 && exit_status(pid) == 0);
}

static void spawned(void)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" },
			 (char[]){ "exit 7" }, NULL };
	pid_t pid = -1;

	CHECK(!posix_spawnp(&pid, "sh", NULL, NULL, argv, environ));
	CHECK(exit_status(pid) == 7);
	CHECK(WEXITSTATUS(system("exit 5")) == 5);
	pid = vfork();
	if (!pid) {
		execvp("true", (char *[]){ (char[]){ "true" }, NULL });
		_exit(1);
	}
	CHECK(exit_status(pid) == 0);
}

/* The library's constructor allocates, its destructor frees. */
static void libraries_come_and_go(void)
{
	const char *path = getenv("API_PLUGIN");

	CHECK(path);
	for (int i = 0; path && i < 50; i++) {
		void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		char *(*get)(void);

		CHECK(lib);
		if (!lib) {
			printf("# %s\n", dlerror());
			return;
		}
		get = (char *(*)(void))dlsym(lib, "plugin_block");
		CHECK(get && !strcmp(get(), "from the constructor"));
		Free(get());
		CHECK(!dlclose(lib));
		CHECK(!dlopen("/does/not/exist.so", RTLD_NOW));
		CHECK(dlerror());
	}
}

static void before_main_worked(void)
{
	CHECK(early && all_bytes((unsigned char *)early, 100, 'e'));
	early = Realloc(early, 5000);
	CHECK(early && all_bytes((unsigned char *)early, 100, 'e'));
	Free(early);
}

/* What the C library allocates for itself is ours too, and goes back. */
static void libc_uses_it(void)
{
	char *line = NULL, *text;
	size_t n = 0;
	FILE *f;

	CHECK(asprintf(&text, "%d %s", 5, "six") == 5);
	CHECK(usable(text) >= 6);
	Free(text);
	text = strdup("seven");
	CHECK(text && usable(text) >= 6);
	Free(text);
	f = fopen("/proc/self/maps", "r");
	CHECK(f && getline(&line, &n, f) > 0 && usable(line) >= n);
	Free(line);
	fclose(f);
	text = realpath("/proc/self/../self/maps", NULL);
	CHECK(text);
	Free(text);
}

/* --- other modes ---------------------------------------------------------- */

static int limit(void)
{
	void *list = NULL, **p;
	size_t got = 0;

	errno = 0;
	CHECK(!Malloc(64u << 20) && errno == ENOMEM);
	errno = 0;
	CHECK(!Calloc(1, 3u << 30) && errno == ENOMEM);
	for (int size = 64; size <= 6 << 20; size *= 5) {
		got = 0;
		while ((p = Malloc((size_t)size))) {
			*p = list;
			list = p;
			got += (size_t)size;
			if (got > 40u << 20)
				break;
		}
		CHECK(errno == ENOMEM);
		CHECK(got > 8u << 20 && got <= 32u << 20);
		/* a block in hand survives a failed realloc */
		p = list;
		errno = 0;
		CHECK(!Realloc(p, 40u << 20) && errno == ENOMEM);
		while ((p = list)) {
			list = *p;
			Free(p);
		}
		malloc_trim(0);
	}
	printf("%s\n", case_bad ? "not ok" : "ok");
	return !!case_bad;
}

static int misuse(int which)
{
	static char in_data[64] = "data";
	char on_stack[64] = "stack";
	void (*volatile sized)(void *, size_t) =
		(void (*)(void *, size_t))dlsym(RTLD_DEFAULT, "free_sized");
	char *volatile p = NULL, *volatile q;

	switch (which) {
	case 0:
		Free(on_stack);
		break;
	case 1:
		Free(in_data + 16);
		break;
	case 2: /* inside a span */
		p = Malloc(100000);
		Free(p + 4096);
		Free(p + 16);
		Free(p);
		break;
	case 3: /* a span twice */
		p = Malloc(100000);
		Free(p);
		Free(p);
		break;
	case 4: /* a region twice */
		p = Malloc(10000000);
		Free(p);
		Free(p);
		break;
	case 5: /* inside a region */
		p = Malloc(10000000);
		Free(p + 4096);
		p[5000000] = 1;
		Free(p);
		break;
	case 6:
		CHECK(!Realloc(in_data, 100));
		CHECK(!strcmp(in_data, "data"));
		break;
	case 7:
		p = Malloc(50);
		sized(p, 500);
		Free(p);
		break;
	case 8: /* an address of the window that was never used */
		p = Malloc(10);
		Free((void *)(((uintptr_t)p | 0xfffffffff) - 0xfff));
		Free(p);
		break;
	case 9:
		CHECK(usable(in_data) == 0);
		break;
	}
	/* whatever it was, the heap works */
	for (int i = 0; i < 1000; i++) {
		q = Malloc((size_t)i * 150);
		memset(q, 1, (size_t)i * 150);
		Free(q);
	}
	CHECK(!strcmp(on_stack, "stack"));
	puts(case_bad ? "not ok" : "still here");
	return 0;
}

static int leave(void)
{
	void *p = Malloc(1000);

	_exit(p ? 3 : 4);
}

/* The thread that writes the table must not disturb a fork. */
static int save(const char *file)
{
	void *keep[1000];
	int bad = 0;

	for (int i = 0; i < 1000; i++)
		keep[i] = Malloc(777);
	for (int i = 0; access(file, R_OK) && i < 600; i++)
		usleep(50000);
	if (access(file, R_OK))
		return 1;
	fork_often(&bad);
	for (int i = 0; i < 1000; i++)
		Free(keep[i]);
	return bad;
}

static const struct {
	const char *name;
	void (*run)(void);
} list[] = {
#define CASE(f)       \
	{             \
#f, f \
	}
	CASE(before_main_worked),
	CASE(zero_sizes),
	CASE(alignment_and_waste),
	CASE(distinct_blocks),
	CASE(too_large),
	CASE(calloc_is_zero),
	CASE(realloc_keeps),
	CASE(realloc_grows_and_shrinks),
	CASE(realloc_by_small_steps),
	CASE(realloc_moves_pages),
	CASE(calloc_knows_fresh_pages),
	CASE(large_blocks_come_again),
	CASE(aligned),
	CASE(aligned_errors),
	CASE(page_calls),
	CASE(errno_is_kept),
	CASE(sized_frees),
	CASE(freed_memory_comes_again),
	CASE(heap_calls),
	CASE(libc_uses_it),
	CASE(threads_exchange),
	CASE(threads_come_and_go),
	CASE(fork_among_threads),
	CASE(forks_of_forks),
	CASE(spawned),
	CASE(libraries_come_and_go),
};
#define CASES (int)(sizeof(list) / sizeof(*list))

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && !strcmp(argv[1], "limit"))
		return limit();
	if (argc > 2 && !strcmp(argv[1], "misuse"))
		return misuse(atoi(argv[2]));
	if (argc > 1 && !strcmp(argv[1], "leave"))
		return leave();
	if (argc > 2 && !strcmp(argv[1], "save"))
		return save(argv[2]);
	printf("1..%d\n", CASES);
	for (int i = 0; i < CASES; i++) {
		case_bad = 0;
		list[i].run();
		printf("%sok %d - %s\n", case_bad ? "not " : "", ++cases,
		       list[i].name);
		failed += !!case_bad;
	}
	return !!failed;
}
