/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef CALLED_H
#define CALLED_H

#include <linux/slab.h>

void *called_alloc(struct kmem_cache *s);
void called_free(struct kmem_cache *s, void *obj);
void *(*called_address(void))(struct kmem_cache *, gfp_t);

#endif
