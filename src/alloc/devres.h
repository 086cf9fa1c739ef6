/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Resources of devices, internal: what devm_*() is made of.  The theory is in
 * devres.c.
 */
#ifndef ALLOC_DEVRES_H
#define ALLOC_DEVRES_H

#include <linux/device/devres.h>

#include "sync/lock.h"

struct devres_node;

/* A resource in no list; caller is the call site. */
struct devres_node *node_new(dr_release_t release, size_t size, gfp_t gfp,
			     int nid, unsigned long caller);
void *node_data(struct devres_node *n);
/* Frees one that is in no list. */
void node_drop(struct devres_node *n);
/* false: the lock was busy, nothing happened */
bool node_add(struct device *dev, struct devres_node *n, enum lock_wait how);

/*
 * Resources without a release function are memory.  The first is called
 * anywhere, and false when p is no memory of dev.
 */
bool node_free_memory(struct device *dev, const void *p);
size_t node_memory_size(const struct device *dev, const void *p);
/* n takes the place of old, which is freed; false: nothing happened. */
bool node_replace(struct device *dev, const void *old, struct devres_node *n,
		  enum lock_wait how);

#endif
