/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Names of functions in ELF files.
 */
#ifndef KMEM_SYMBOLS_H
#define KMEM_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Writes "function+0xoff", or "file+0xoff" where no symbol covers the
 * address, into to.  at counts as the file's symbol table does.
 */
void symbol_name(const char *file, uint64_t at, char *to, size_t size);

#endif
