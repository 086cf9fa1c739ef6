/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Bytes that have one value until somebody writes where nobody may.
 */
#ifndef DEBUG_BYTES_H
#define DEBUG_BYTES_H

#include <stdbool.h>
#include <stddef.h>

/* The values are the kernel's: people know them from its dumps. */
#define BYTE_RED_INACTIVE 0xbb /* red zone of an object that is free */
#define BYTE_RED_ACTIVE 0xcc   /* .. of one in use */
#define BYTE_INUSE 0x5a        /* padding */
#define BYTE_FREE 0x6b         /* a free object */
#define BYTE_END 0xa5          /* its last byte */
#define BYTE_PAGE 0xaa         /* a free page */

/* The first byte of n that is not value, or NULL. */
const unsigned char *bytes_other(const void *p, unsigned char value, size_t n);
/* The last of n; there is one. */
const unsigned char *bytes_last_other(const void *p, unsigned char value,
				      size_t n);

/* n bytes that nobody may use: BYTE_FREE and at their end BYTE_END. */
void bytes_poison(void *p, size_t n);

/*
 * Lines of an open report: after head the address, 16 bytes in hexadecimal, and
 * the same as text.
 */
void bytes_lines(const char *head, const void *p, size_t n);

#endif
