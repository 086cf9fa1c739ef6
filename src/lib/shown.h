/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Variables that a program reads by itself, in headers and inlined calls.
 *
 * The loader binds such a name to one variable for the whole process.  For
 * the shared library that is one of three:
 *	its own
 *	a copy in a program that was not compiled to look further; the linker
 *	made it, and it began with the bytes of the library's own
 *	the variable of another copy of the library, which came first
 * The last must not be written.  So each variable is followed by the address of
 * its library's own one, from before the program begins: a library that finds
 * its own address there may write.
 */
#ifndef LIB_SHOWN_H
#define LIB_SHOWN_H

#include <kmem/abi.h>
#include <stdint.h>

struct shown {
	uintptr_t value;
	const struct shown *owner;
};

/*
 * Defines what programs know as the symbol; the C name is for shown_set()
 * alone, and no file that has it reads the variable under its other name.
 */
#define SHOWN(name, symbol)                                           \
	KMEM_API extern struct shown name __asm__(symbol);            \
	extern struct shown name##_own                                \
		__attribute__((alias(symbol), visibility("hidden"))); \
	struct shown name = { .owner = &name##_own }

#define shown_set(name, to) shown_set_both(&name, &name##_own, (uintptr_t)(to))

static inline void shown_set_both(struct shown *seen, struct shown *own,
				  uintptr_t value)
{
	__atomic_store_n(&own->value, value, __ATOMIC_RELEASE);
	if (seen->owner == own)
		__atomic_store_n(&seen->value, value, __ATOMIC_RELEASE);
}

#endif
