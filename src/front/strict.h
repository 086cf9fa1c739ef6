/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* check=strict, internal; strict.c and fenced.c have the theory. */
#ifndef FRONT_STRICT_H
#define FRONT_STRICT_H

#include "slab/debug.h"

#include "front/front.h"

static inline bool check_is_strict(void)
{
	return unlikely(front_check == CHECK_STRICT);
}

/* strict.c */
/* The start; 0 or -ENOMEM. */
int strict_boot(void);
/* When the process ends: a look at all that is left. */
void strict_end(void);
extern struct lock strict_lock;

/* n bytes of a class; NULL: no memory. */
void *strict_take(struct kmem_cache *s, size_t n, gfp_t gfp);
/* An object that the program had, and that is noted as no longer its own. */
void strict_give(struct kmem_cache *s, void *obj);
/* A block of no bytes; NULL: no room, or not possible. */
void *nothing_alloc(void);
/* Is it the address of such a block?  and of one in use. */
bool nothing_holds(const void *p);
bool nothing_in_use(const void *p);
/* False: it is not in use. */
bool nothing_free(void *p);

/* fenced.c */
void *fenced_alloc(size_t n, size_t align, gfp_t gfp);
/* False: there is no such mapping, or no block starts there. */
bool fenced_free(void *p, const void *caller);
/* Is there such a block in use?  And the bytes that were asked for. */
bool fenced_find(const void *p, size_t *n);
void fenced_end(void);
/* Of a fault; true: it was reported and may go on. */
bool fenced_fault(void *addr, const void *pc, bool write);

#endif
