/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * How a name of the kernel becomes a symbol of the library.
 *
 * A shared library that exports `kfree` will one day meet another `kfree` in
 * the same process.  So the C name is bound to the ELF name `kmem_kfree` by an
 * assembler label: source code, function pointers and struct members called
 * `kfree` are untouched, and no macro hides the name.
 */
#ifndef KMEM_ABI_H
#define KMEM_ABI_H

/*
 * 1 in a program whose own headers define what the kernel's define beside the
 * allocator: list_head, hlist_node, hlist_head, atomic_t, atomic_long_t,
 * rcu_head, ERR_PTR() and its kin, get_order().  Ours then leave these names
 * alone, in whatever order headers come.
 */
#if !defined(KMEM_OWN_TYPES)
#define KMEM_OWN_TYPES 0
#endif

#define KMEM_ABI(name) __asm__("kmem_" #name)
/* The library, built to be linked into something else, shows nothing. */
#if !defined(KMEM_API)
#define KMEM_API __attribute__((visibility("default")))
#endif

#if defined(__cplusplus)
#define KMEM_EXTERN_C_BEGIN extern "C" {
#define KMEM_EXTERN_C_END }
#else
#define KMEM_EXTERN_C_BEGIN
#define KMEM_EXTERN_C_END
#endif

#endif
