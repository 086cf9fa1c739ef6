/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Names of functions in ELF files.
 */
#ifndef KMEM_SYMBOLS_H
#define KMEM_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Writes "function+0xoff", or "file+0xoff" where no symbol covers the
 * address, into to.  at counts as the file's symbol table does.
 */
void symbol_name(const char *file, uint64_t at, char *to, size_t size);

/*
 * "function+0xoff/0xsize" of what lies at a byte of the file; false: no symbol
 * covers it.
 */
bool symbol_sized(const char *file, uint64_t offset, char *to, size_t size);

#endif
