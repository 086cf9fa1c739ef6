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
