/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * C++'s operators that know a size, under their mangled names, for
 * check=strict.
 *
 * The C++ library's sized operators delete drop the size, and its aligned
 * operator new rounds it up.  These look at the one and keep the other, and end
 * as those do: in the operator delete without a size, which the program may
 * have replaced, and in the C++ library's operator new.
 *
 * A program that has operators of its own may give blocks that are no blocks
 * of ours, so nothing is looked at unless both new and delete are the C++
 * library's, or new is the one here.
 */
#define _GNU_SOURCE 1

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "front/strict.h"

#define PUBLIC __attribute__((visibility("default")))
#define CALLER() __builtin_return_address(0)

#if defined(__LP64__)
typedef void *new_fn(size_t n, size_t align);
typedef void plain_fn(void *p);
typedef void aligned_fn(void *p, size_t align);

/* Not there in a program without C++, or in which it was loaded later. */
extern void *_Znwm(size_t n) __attribute__((weak));
extern plain_fn _ZdlPv __attribute__((weak));
extern plain_fn _ZdaPv __attribute__((weak));
extern aligned_fn _ZdlPvSt11align_val_t __attribute__((weak));
extern aligned_fn _ZdaPvSt11align_val_t __attribute__((weak));

void *_ZnwmSt11align_val_t(size_t n, size_t align);
void _ZdlPvm(void *p, size_t n);
void _ZdaPvm(void *p, size_t n);
void _ZdlPvmSt11align_val_t(void *p, size_t n, size_t align);
void _ZdaPvmSt11align_val_t(void *p, size_t n, size_t align);

/* Is a function one of the C++ library? */
static bool is_of_cxx(uintptr_t fn)
{
	const char *name;
	Dl_info info;

	if (!fn || !dladdr((const void *)fn, &info) || !info.dli_fname)
		return false;
	name = strrchr(info.dli_fname, '/');
	name = name ? name + 1 : info.dli_fname;
	return !strncmp(name, "libstdc++.", 10) || !strncmp(name, "libc++", 6);
}

enum { NOT_KNOWN, TELLS, TELLS_NOT };

/* Threads that come at once find the same. */
static bool tells(int *known, bool (*find)(void))
{
	int state = __atomic_load_n(known, __ATOMIC_RELAXED);

	if (state == NOT_KNOWN) {
		state = find() ? TELLS : TELLS_NOT;
		__atomic_store_n(known, state, __ATOMIC_RELAXED);
	}
	return state == TELLS;
}

static bool find_plain(void)
{
	return is_of_cxx((uintptr_t)_Znwm) && is_of_cxx((uintptr_t)_ZdlPv) &&
	       is_of_cxx((uintptr_t)_ZdaPv);
}

static bool find_aligned(void)
{
	return dlsym(RTLD_DEFAULT, "_ZnwmSt11align_val_t") ==
		       (void *)_ZnwmSt11align_val_t &&
	       is_of_cxx((uintptr_t)_ZdlPvSt11align_val_t) &&
	       is_of_cxx((uintptr_t)_ZdaPvSt11align_val_t);
}

static int plain_known, aligned_known;

static bool plain_fits(const char *call, void *p, size_t n, const void *caller)
{
	if (!p || !check_is_strict() || !tells(&plain_known, find_plain))
		return true;
	return free_fits(call, p, 1, n, caller);
}

static bool aligned_fits(const char *call, void *p, size_t align, size_t n,
			 const void *caller)
{
	if (!p || !check_is_strict() || !tells(&aligned_known, find_aligned))
		return true;
	return free_fits(call, p, align ? align : 1, n, caller);
}

PUBLIC void _ZdlPvm(void *p, size_t n)
{
	if (!plain_fits("operator delete", p, n, CALLER()))
		return;
	if (_ZdlPv)
		_ZdlPv(p);
	else
		free(p);
}

PUBLIC void _ZdaPvm(void *p, size_t n)
{
	if (!plain_fits("operator delete[]", p, n, CALLER()))
		return;
	if (_ZdaPv)
		_ZdaPv(p);
	else
		free(p);
}

PUBLIC void _ZdlPvmSt11align_val_t(void *p, size_t n, size_t align)
{
	if (!aligned_fits("operator delete", p, align, n, CALLER()))
		return;
	if (_ZdlPvSt11align_val_t)
		_ZdlPvSt11align_val_t(p, align);
	else
		free(p);
}

PUBLIC void _ZdaPvmSt11align_val_t(void *p, size_t n, size_t align)
{
	if (!aligned_fits("operator delete[]", p, align, n, CALLER()))
		return;
	if (_ZdaPvSt11align_val_t)
		_ZdaPvSt11align_val_t(p, align);
	else
		free(p);
}

/* The C++ library's, also if only one library of the program has it loaded. */
static new_fn *next_new(void)
{
	static const char name[] = "_ZnwmSt11align_val_t";
	static new_fn *next;
	new_fn *fn = __atomic_load_n(&next, __ATOMIC_RELAXED);
	void *lib;

	if (fn)
		return fn;
	fn = (new_fn *)(uintptr_t)dlsym(RTLD_NEXT, name);
	if (!fn) {
		lib = dlopen("libstdc++.so.6", RTLD_NOLOAD | RTLD_LAZY);
		if (!lib)
			lib = dlopen("libc++.so.1", RTLD_NOLOAD | RTLD_LAZY);
		if (lib)
			fn = (new_fn *)(uintptr_t)dlsym(lib, name);
	}
	/* a program without either cannot have asked for an exception */
	if (!fn)
		fn = (new_fn *)(uintptr_t)abort;
	__atomic_store_n(&next, fn, __ATOMIC_RELAXED);
	return fn;
}

PUBLIC void *_ZnwmSt11align_val_t(size_t n, size_t align)
{
	void *p = NULL;

	if (check_is_strict())
		p = aligned_alloc(align, n);
	/* it throws when there is no memory, or calls the new-handler */
	return p ? p : next_new()(n, align);
}
#endif
