/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory allocation profiling: how much each call site holds.
 *
 * A file of C that defines CONFIG_MEM_ALLOC_PROFILING before its first header
 * has every allocating call of the headers charged to its own file, line and
 * function: the calls become macros that wrap them in alloc_hooks().  Other
 * files, and the malloc front, are charged by return address.  It is turned on
 * by KMEM_OPTIONS=mem_profiling=1, by kmem_mem_profiling_set(), or from outside
 * by `kmem allocinfo --on PID`; kmem_allocinfo() and `kmem allocinfo` show it.
 *
 * An object that has tags in it stays in the process once it is loaded.
 */
#ifndef _LINUX_ALLOC_TAG_H
#define _LINUX_ALLOC_TAG_H

#include <kmem/abi.h>
#include <stdbool.h>
#include <stddef.h>

/* The layout is read from other processes; version 1. */
struct codetag {
	unsigned int flags;
	unsigned int lineno;
	const char *modname; /* KBUILD_MODNAME, or NULL */
	const char *function;
	const char *filename;
};

struct alloc_tag {
	struct codetag ct;
};

KMEM_EXTERN_C_BEGIN

/* Not 0 while it is on. */
extern KMEM_API unsigned long kmem_mem_profiling;

/* What the running thread allocates is charged to the tag; what was before. */
KMEM_API struct alloc_tag *alloc_tag_save(struct alloc_tag *tag)
	KMEM_ABI(alloc_tag_save);
KMEM_API void alloc_tag_restore(struct alloc_tag *tag, struct alloc_tag *old)
	KMEM_ABI(alloc_tag_restore);

/* Turns it on or off: 0 or -ENOMEM. */
KMEM_API int kmem_mem_profiling_set(bool on) KMEM_ABI(kmem_mem_profiling_set);
/*
 * The table of /proc/allocinfo, version 1.0.  Writes at most size bytes with a
 * NUL at their end, and returns the length that the whole table has.
 */
KMEM_API size_t kmem_allocinfo(char *buf, size_t size) KMEM_ABI(kmem_allocinfo);

#if defined(CONFIG_MEM_ALLOC_PROFILING) && defined(__PIC__) && !defined(__PIE__)
KMEM_API void kmem_inline_loaded(const void *address);
extern bool kmem_tags_stay __attribute__((weak, visibility("hidden")));
bool kmem_tags_stay;

static __attribute__((constructor)) void kmem_tags_begin(void)
{
	if (!kmem_tags_stay)
		kmem_inline_loaded(&kmem_tags_stay);
	kmem_tags_stay = true;
}
#endif

KMEM_EXTERN_C_END

static inline bool mem_alloc_profiling_enabled(void)
{
	return __builtin_expect(
		__atomic_load_n(&kmem_mem_profiling, __ATOMIC_RELAXED) != 0, 0);
}

#if defined(KBUILD_MODNAME)
#define KMEM_TAG_MODULE KBUILD_MODNAME
#else
#define KMEM_TAG_MODULE NULL
#endif

#define DEFINE_ALLOC_TAG(name)                                        \
	static struct alloc_tag name = {                              \
		{ 0, __LINE__, KMEM_TAG_MODULE, __func__, __FILE__ }, \
	}

#define alloc_hooks_tag(tag, do_alloc)                                  \
	__extension__({                                                 \
		const bool kmem_tagged = mem_alloc_profiling_enabled(); \
		struct alloc_tag *kmem_tag_old = NULL;                  \
		if (kmem_tagged)                                        \
			kmem_tag_old = alloc_tag_save(tag);             \
		__typeof__(do_alloc) kmem_tag_res = do_alloc;           \
		if (kmem_tagged)                                        \
			alloc_tag_restore(tag, kmem_tag_old);           \
		kmem_tag_res;                                           \
	})

/*
 * Wraps what allocates, one of the *_noprof twins, which are second names of
 * the functions.
 */
#if defined(CONFIG_MEM_ALLOC_PROFILING)
#define alloc_hooks(do_alloc)                               \
	__extension__({                                     \
		DEFINE_ALLOC_TAG(kmem_alloc_tag);           \
		alloc_hooks_tag(&kmem_alloc_tag, do_alloc); \
	})
#elif !defined(alloc_hooks)
#define alloc_hooks(do_alloc) (do_alloc)
#endif

#endif
