/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Tools that watch the program: memcheck, AddressSanitizer with its leak
 * checker, ThreadSanitizer.
 *
 * The library is the release build: memcheck is found by asking it, a
 * sanitizer by functions that its run time defines in the program.  A tool
 * that is told not to listen (ASAN_OPTIONS=allow_user_poisoning=0) is not
 * there.
 *
 *	memcheck	blocks as of malloc(), with its own stacks
 *	ASan		what is shut is poisoned; we keep the stacks
 *	TSan		whoever frees a block has done with it before its next
 *			owner begins, and its free is a write to it
 *	LSan		what lies in our memory is looked at; that is all
 */
#define _GNU_SOURCE 1

#include "port/port.h"

#include <sys/mman.h>

#include "lib/mem.h"
#include "port/linux/own.h"
#include "port/watch.h"

#if KMEM_VALGRIND
#include <valgrind/memcheck.h>
#endif

/* --- memcheck ------------------------------------------------------------- */

#if KMEM_VALGRIND

static void memcheck_born(const void *p, size_t n, bool defined)
{
	VALGRIND_MALLOCLIKE_BLOCK(p, n, 0, defined);
}

static void memcheck_died(const void *p, size_t n, bool kept)
{
	VALGRIND_FREELIKE_BLOCK(p, 0);
	if (kept)
		(void)VALGRIND_MAKE_MEM_DEFINED(p, n);
}

static void memcheck_resized(const void *p, size_t old, size_t n)
{
	VALGRIND_RESIZEINPLACE_BLOCK(p, old, n, 0);
}

static void memcheck_shut(const void *p, size_t n)
{
	(void)VALGRIND_MAKE_MEM_NOACCESS(p, n);
}

static void memcheck_open(const void *p, size_t n, bool defined)
{
	if (defined)
		(void)VALGRIND_MAKE_MEM_DEFINED(p, n);
	else
		(void)VALGRIND_MAKE_MEM_UNDEFINED(p, n);
}

static bool memcheck_is_open(const void *p, size_t n)
{
	bool is;

	VALGRIND_DISABLE_ERROR_REPORTING;
	is = !VALGRIND_CHECK_MEM_IS_ADDRESSABLE(p, n);
	VALGRIND_ENABLE_ERROR_REPORTING;
	return is;
}

/* The start of a block in use would be a good free to it. */
static void memcheck_accuse(const void *p)
{
	const char *at = (const char *)p + memcheck_is_open(p, 1);

	VALGRIND_FREELIKE_BLOCK(at, 0);
}

static void memcheck_mute(bool on)
{
	if (on)
		VALGRIND_DISABLE_ERROR_REPORTING;
	else
		VALGRIND_ENABLE_ERROR_REPORTING;
}

static void memcheck_root(const void *p, size_t n, bool on)
{
	/* it looks at all memory that is accessible */
	(void)p;
	(void)n;
	(void)on;
}

static void memcheck_describe(void (*fn)(const void *p))
{
	(void)fn;
}

static const struct port_watch memcheck = {
	.keeps_stacks = true,
	.born = memcheck_born,
	.died = memcheck_died,
	.resized = memcheck_resized,
	.shut = memcheck_shut,
	.open = memcheck_open,
	.accuse = memcheck_accuse,
	.mute = memcheck_mute,
	.root = memcheck_root,
	.is_open = memcheck_is_open,
	.describe = memcheck_describe,
};

/* Other tools of valgrind have no answer to this request. */
static const struct port_watch *memcheck_here(void)
{
	static char byte;

	return VALGRIND_MAKE_MEM_DEFINED(&byte, 1) ? &memcheck : NULL;
}

#else

static const struct port_watch *memcheck_here(void)
{
	return NULL;
}

#endif

bool linux_watched_by_memcheck(void)
{
	return memcheck_here() != NULL;
}

/* --- AddressSanitizer ----------------------------------------------------- */

#define WEAK __attribute__((weak))

extern void __asan_poison_memory_region(const volatile void *p, size_t n) WEAK;
extern void __asan_unpoison_memory_region(const volatile void *p,
					  size_t n) WEAK;
extern int __asan_address_is_poisoned(const volatile void *p) WEAK;
extern void *__asan_region_is_poisoned(void *p, size_t n) WEAK;
extern void __asan_report_error(void *pc, void *bp, void *sp, void *p,
				int is_write, size_t n) WEAK;
extern void *__asan_get_report_address(void) WEAK;
extern void __asan_set_error_report_callback(void (*fn)(const char *)) WEAK;
extern void __lsan_register_root_region(const void *p, size_t n) WEAK;
extern void __lsan_unregister_root_region(const void *p, size_t n) WEAK;

static void asan_born(const void *p, size_t n, bool defined)
{
	(void)defined;
	__asan_unpoison_memory_region(p, n);
}

static void asan_died(const void *p, size_t n, bool kept)
{
	if (!kept)
		__asan_poison_memory_region(p, n);
}

static void asan_resized(const void *p, size_t old, size_t n)
{
	if (n < old)
		__asan_poison_memory_region((const char *)p + n, old - n);
	else
		__asan_unpoison_memory_region(p, n);
}

static void asan_shut(const void *p, size_t n)
{
	__asan_poison_memory_region(p, n);
}

static void asan_open(const void *p, size_t n, bool defined)
{
	(void)defined;
	__asan_unpoison_memory_region(p, n);
}

static void asan_accuse(const void *p)
{
	void *frame = __builtin_frame_address(0);

	if (&__asan_report_error)
		__asan_report_error(__builtin_return_address(0), frame, frame,
				    (void *)(uintptr_t)p, 0, 1);
}

/* What is compiled without the sanitizer looks at what it likes. */
static void asan_mute(bool on)
{
	(void)on;
}

static void asan_root(const void *p, size_t n, bool on)
{
	if (on && &__lsan_register_root_region)
		__lsan_register_root_region(p, n);
	if (!on && &__lsan_unregister_root_region)
		__lsan_unregister_root_region(p, n);
}

/* mincore() is asked because any number may be an address. */
static bool asan_is_open(const void *p, size_t n)
{
	KEEPS_ERRNO();
	size_t page = port_page_size();
	uintptr_t at = ALIGN_DOWN((uintptr_t)p, page), end = (uintptr_t)p + n;
	unsigned char is;

	for (; at < end; at += page)
		if (mincore((void *)at, page, &is))
			return false;
	return &__asan_region_is_poisoned &&
	       !__asan_region_is_poisoned((void *)(uintptr_t)p, n);
}

static void (*describe)(const void *p);

static void asan_reported(const char *text)
{
	(void)text;
	if (describe && &__asan_get_report_address)
		describe(__asan_get_report_address());
}

static void asan_describe(void (*fn)(const void *p))
{
	describe = fn;
	if (&__asan_set_error_report_callback)
		__asan_set_error_report_callback(asan_reported);
}

static const struct port_watch asan = {
	.born = asan_born,
	.died = asan_died,
	.resized = asan_resized,
	.shut = asan_shut,
	.open = asan_open,
	.accuse = asan_accuse,
	.mute = asan_mute,
	.root = asan_root,
	.is_open = asan_is_open,
	.describe = asan_describe,
};

static const struct port_watch *asan_here(void)
{
	static uint64_t word;
	bool listens;

	if (!&__asan_poison_memory_region || !&__asan_address_is_poisoned)
		return NULL;
	__asan_poison_memory_region(&word, sizeof(word));
	listens = __asan_address_is_poisoned(&word);
	__asan_unpoison_memory_region(&word, sizeof(word));
	return listens ? &asan : NULL;
}

/* --- ThreadSanitizer ------------------------------------------------------ */

extern void __tsan_acquire(void *p) WEAK;
extern void __tsan_release(void *p) WEAK;
extern void __tsan_write_range(void *p, unsigned long n) WEAK;
extern void __tsan_func_entry(void *pc) WEAK;
extern void __tsan_func_exit(void) WEAK;

/* Larger blocks are written to at their beginning; the rest takes too long. */
#define WRITTEN_MOST (1ul << 20)

#define EDGE_PAGE 4096u
#define EDGES 512u

/*
 * The sanitizer sees none of our locks, so each thing that a page's memory goes
 * through is an edge of its own.  A block is handed on at its address.  Pages
 * are handed on whole, from whoever cut blocks out of them to others who cut
 * other ones, at these two places; pages that share one are ordered more than
 * need be, which hides a race and makes none up.
 *
 *	moved	shut() releases, birth and open() acquire
 *	used	death releases, open() acquires
 *
 * So an allocation is not ordered after the frees of its neighbours.
 */
static uint64_t moved[EDGES], used[EDGES];

static void tsan_edges(uint64_t *of, const void *p, size_t n,
		       void (*fn)(void *))
{
	uintptr_t from = (uintptr_t)p / EDGE_PAGE, i;
	uintptr_t pages = ((uintptr_t)p + n + EDGE_PAGE - 1) / EDGE_PAGE - from;

	for (i = 0; i < pages && i < EDGES; i++)
		fn(&of[(from + i) % EDGES]);
}

static void tsan_born(const void *p, size_t n, bool defined)
{
	(void)defined;
	__tsan_acquire((void *)(uintptr_t)p);
	tsan_edges(moved, p, n, __tsan_acquire);
}

/* Who called the library stands in the sanitizer's stack then. */
static void tsan_written(const void *p, size_t n)
{
	const void *caller = port_task()->caller;
	bool knows = caller && &__tsan_func_entry && &__tsan_func_exit;

	if (!&__tsan_write_range)
		return;
	if (knows)
		__tsan_func_entry((void *)(uintptr_t)caller);
	__tsan_write_range((void *)(uintptr_t)p,
			   n < WRITTEN_MOST ? n : WRITTEN_MOST);
	if (knows)
		__tsan_func_exit();
}

static void tsan_died(const void *p, size_t n, bool kept)
{
	if (!kept)
		tsan_written(p, n);
	__tsan_release((void *)(uintptr_t)p);
	tsan_edges(used, p, n, __tsan_release);
}

static void tsan_resized(const void *p, size_t old, size_t n)
{
	(void)p;
	(void)old;
	(void)n;
}

static void tsan_shut(const void *p, size_t n)
{
	__tsan_release((void *)(uintptr_t)p);
	if (n >= EDGE_PAGE)
		tsan_edges(moved, p, n, __tsan_release);
}

static void tsan_open(const void *p, size_t n, bool defined)
{
	(void)defined;
	__tsan_acquire((void *)(uintptr_t)p);
	if (n < EDGE_PAGE)
		return;
	tsan_edges(moved, p, n, __tsan_acquire);
	tsan_edges(used, p, n, __tsan_acquire);
}

static void tsan_accuse(const void *p)
{
	(void)p;
}

static bool tsan_is_open(const void *p, size_t n)
{
	(void)p;
	(void)n;
	return false;
}

static const struct port_watch tsan = {
	.keeps_stacks = true,
	.born = tsan_born,
	.died = tsan_died,
	.resized = tsan_resized,
	.shut = tsan_shut,
	.open = tsan_open,
	.accuse = tsan_accuse,
	.mute = asan_mute,
	.root = asan_root,
	.is_open = tsan_is_open,
	.describe = asan_describe,
};

/* A library that was built with it tells by its own atomics. */
#if defined(__SANITIZE_THREAD__)
#define TOLD_OTHERWISE 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TOLD_OTHERWISE 1
#endif
#endif
#if !defined(TOLD_OTHERWISE)
#define TOLD_OTHERWISE 0
#endif

static const struct port_watch *tsan_here(void)
{
	if (TOLD_OTHERWISE || !&__tsan_acquire || !&__tsan_release)
		return NULL;
	return &tsan;
}

/* --- LeakSanitizer without the others ------------------------------------- */

static void lsan_block(const void *p, size_t n, bool is)
{
	(void)p;
	(void)n;
	(void)is;
}

static void lsan_shut(const void *p, size_t n)
{
	(void)p;
	(void)n;
}

static const struct port_watch lsan = {
	.keeps_stacks = true,
	.born = lsan_block,
	.died = lsan_block,
	.resized = tsan_resized,
	.shut = lsan_shut,
	.open = lsan_block,
	.accuse = tsan_accuse,
	.mute = asan_mute,
	.root = asan_root,
	.is_open = tsan_is_open,
	.describe = asan_describe,
};

/* AddressSanitizer has it too, and may have been told not to listen to us. */
static const struct port_watch *lsan_here(void)
{
	return &__lsan_register_root_region && !&__asan_poison_memory_region ?
		       &lsan :
		       NULL;
}

bool linux_built_with_tsan(void)
{
	return &__tsan_acquire;
}

const struct port_watch *port_watch(void)
{
	const struct port_watch *w = memcheck_here();

	if (!w)
		w = asan_here();
	if (!w)
		w = tsan_here();
	return w ? w : lsan_here();
}
