/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The other calls of malloc's family: calloc, realloc, aligned_alloc, strings,
 * blocks of some MiB, C++'s new and sized delete.  Linked to nothing of ours;
 * new and delete are called by the names that a C++ compiler gives them.
 */
#include "bench.h"
#include "shapes.h"

void *_Znwm(size_t size);
void _ZdlPvm(void *p, size_t size);

#define SLOTS 128
static void *slots[SLOTS];
static uint64_t seed = 0x9e3779b97f4a7c15u;

static void *sure(void *p)
{
	if (__builtin_expect(!p, 0))
		bench_die("out of memory");
	return p;
}

static void touch_pages(char *p, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += 4096)
		*(volatile char *)(p + i) = 1;
}

/* --- calloc --------------------------------------------------------------- */

INLINE void *zeroed(size_t size)
{
	return calloc(1, size);
}

#define ZEROED ((struct heap){ zeroed, libc_put })

SHAPE_SINGLE(calloc_200, shape_fifo(ZEROED, 200, slots, SLOTS, ops))

/* Large enough for mappings, small enough for caches of them. */
INLINE void large_zeroed(long ops)
{
	for (long i = 0; i < ops; i++) {
		size_t size = 64 << 10 << (bench_random(&seed) & 3);
		void **slot = &slots[i % 8];

		free(*slot);
		*slot = sure(calloc(size / 8, 8));
		touch_pages(*slot, size);
	}
}

SHAPE_SINGLE(calloc_large, large_zeroed(ops))

/* --- realloc -------------------------------------------------------------- */

/* Two buffers in turn, so that neither is always the last in memory. */
INLINE void grow(long ops, size_t most, size_t num, size_t den)
{
	size_t size = most;
	char *p[2] = { NULL, NULL };

	for (long i = 0; i < ops; i++) {
		char **buffer = &p[i & 1];

		if (!(i & 1)) {
			size = size * num / den + (num == den);
			if (size > most)
				size = 16;
		}
		if (size == 16) {
			free(*buffer);
			*buffer = NULL;
		}
		*buffer = sure(realloc(*buffer, size));
		(*buffer)[size - 1] = 1;
	}
	free(p[0]);
	free(p[1]);
}

SHAPE_SINGLE(realloc_half, grow(ops, 1 << 20, 3, 2))
SHAPE_SINGLE(realloc_one, grow(ops, 64 << 10, 1, 1))

/* --- alignment ------------------------------------------------------------ */

INLINE void *on_line(size_t size)
{
	return aligned_alloc(64, size);
}

INLINE void *on_page(size_t size)
{
	return aligned_alloc(4096, size);
}

#define ON_LINE ((struct heap){ on_line, libc_put })
#define ON_PAGE ((struct heap){ on_page, libc_put })

SHAPE_SINGLE(aligned_64, shape_fifo(ON_LINE, 192, slots, SLOTS, ops))
SHAPE_SINGLE(aligned_4096, shape_fifo(ON_PAGE, 8192, slots, SLOTS, ops))

/* --- blocks of 1 to 15 MiB ------------------------------------------------ */

/* One byte of each page is written: what is mapped must be paid for. */
INLINE void blocks(long ops)
{
	for (long i = 0; i < ops; i++) {
		uint64_t random = bench_random(&seed);
		size_t size = (1 + bench_below(random, 15)) << 20;
		void **slot = &slots[random & 7];

		free(*slot);
		*slot = sure(malloc(size));
		touch_pages(*slot, size);
	}
}

SHAPE_SINGLE(blocks, blocks(ops))

/* --- strings -------------------------------------------------------------- */

/*
 * Words of 3 to 62 letters are copied, joined to a text that doubles when it is
 * full, and the copies freed: what is copied costs more than what is allocated.
 */
INLINE void strings(long ops)
{
	static const char letters[] =
		"the quick brown fox jumps over the lazy dog and runs away "
		"again";
	size_t room = 0, used = 0;
	char *text = NULL;

	for (long i = 0; i < ops; i++) {
		size_t n = 3 + bench_below(bench_random(&seed), 60);
		void **slot = &slots[i % SLOTS];

		free(*slot);
		*slot = sure(strndup(letters, n));
		n = strlen(*slot);
		if (used + n + 1 > room) {
			room = room ? 2 * room : 64;
			text = sure(realloc(text, room));
		}
		memcpy(text + used, *slot, n + 1);
		used += n;
		if (used > 100000) {
			free(text);
			text = NULL;
			room = used = 0;
		}
	}
	free(text);
}

SHAPE_SINGLE(strings, strings(ops))

/* --- C++ ------------------------------------------------------------------ */

INLINE void *cxx_new(size_t size)
{
	return _Znwm(size);
}

INLINE void cxx_delete(void *p)
{
	_ZdlPvm(p, 48);
}

#define CXX ((struct heap){ cxx_new, cxx_delete })

SHAPE_SINGLE(cxx_pair, shape_pair(CXX, 48, ops))
SHAPE_SINGLE(cxx_fifo, shape_fifo(CXX, 48, slots, SLOTS, ops))

static const struct single singles[] = {
	{ "calloc-200", 10000000, warm_calloc_200, measured_calloc_200 },
	{ "calloc-large", 5000, warm_calloc_large, measured_calloc_large },
	{ "realloc-half", 100000, warm_realloc_half, measured_realloc_half },
	{ "realloc-one", 10000000, warm_realloc_one, measured_realloc_one },
	{ "aligned-64", 10000000, warm_aligned_64, measured_aligned_64 },
	{ "aligned-4096", 300000, warm_aligned_4096, measured_aligned_4096 },
	{ "blocks", 300, warm_blocks, measured_blocks },
	{ "strings", 5000000, warm_strings, measured_strings },
	{ "cxx-pair", 20000000, warm_cxx_pair, measured_cxx_pair },
	{ "cxx-fifo", 20000000, warm_cxx_fifo, measured_cxx_fifo },
	{},
};

int main(int argc, char **argv)
{
	struct args args = bench_args(argc, argv);

	if (!bench_run_single(singles, &args))
		bench_die("%s: no mode %s", argv[0], args.mode);
	return 0;
}
