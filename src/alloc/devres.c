/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What belongs to a device, <linux/device/devres.h>.
 *
 * A resource is a block of kmalloc() with a node in front.  Nodes are linked
 * into lists by the address of their device, the newest first; devices whose
 * addresses have the same hash share a list.
 *
 * Who takes a node out of its list has changed its state from NODE_LISTED,
 * which one caller can.  A caller that must not wait, and finds the lock busy,
 * leaves the node there as NODE_FREED, and the next call that has the lock
 * takes it out.
 */
#include "alloc/devres.h"

#include <linux/device.h>
#include <linux/slab.h>

#include "alloc/device.h"
#include "debug/atomic.h"
#include "debug/report.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "lib/mem.h"
#include "sync/lock.h"

#define LISTS 64

enum node_state { NODE_ALONE, NODE_LISTED, NODE_FREED };

struct devres_node {
	struct list_head link;
	struct device *dev;
	dr_release_t release; /* NULL: nothing but the memory goes */
	size_t size;          /* bytes of the resource */
	const void *self;     /* says that this is a node */
	uint32_t state;
	char data[] __attribute__((aligned(16)));
};

static struct device_list {
	struct list_head nodes;
	bool littered; /* some are NODE_FREED */
} lists[LISTS];

void devres_boot(void)
{
	for (unsigned int i = 0; i < LISTS; i++)
		if (!lists[i].nodes.next)
			ring_init(&lists[i].nodes);
}

static struct device_list *res_list(const struct device *dev)
{
	uint64_t x = (uintptr_t)dev * 0x9e3779b97f4a7c15ull;

	return &lists[x >> 58];
}

#define node_at(pos) list_entry_of(pos, struct devres_node, link)

/* The caller's last look at it, unless it holds the lock. */
static bool res_claim(struct devres_node *n)
{
	uint32_t listed = NODE_LISTED;

	/* pairs with the acquire in __list_sweep() */
	return __atomic_compare_exchange_n(&n->state, &listed, NODE_FREED,
					   false, __ATOMIC_RELEASE,
					   __ATOMIC_RELAXED);
}

/* The node of a resource, or NULL when there can be none. */
static struct devres_node *node_of(const void *res)
{
	struct devres_node *n;

	n = (struct devres_node *)((uintptr_t)res -
				   offsetof(struct devres_node, data));
	if ((uintptr_t)n % __alignof__(*n) || !memory_is_ours(n, sizeof(*n)))
		return NULL;
	return n->self == n ? n : NULL;
}

static void node_end(struct devres_node *n)
{
	n->self = NULL;
	kfree(n);
}

/* Takes out what callers that could not wait have freed. */
static void __list_sweep(struct device_list *l, struct list_head *freed)
{
	struct list_head *pos, *next;

	ring_init(freed);
	if (likely(!__atomic_exchange_n(&l->littered, false, __ATOMIC_ACQUIRE)))
		return;
	ring_for_each_safe(pos, next, &l->nodes)
	{
		struct devres_node *n = node_at(pos);

		if (__atomic_load_n(&n->state, __ATOMIC_ACQUIRE) != NODE_FREED)
			continue;
		ring_remove(pos);
		ring_push_back(freed, pos);
	}
}

static bool list_lock(struct device_list *l, enum lock_wait how,
		      struct list_head *freed)
{
	if (!lock_get(&device_lock, LOCK_DEVICE, how))
		return false;
	__list_sweep(l, freed);
	return true;
}

static void list_unlock(enum lock_wait how, struct list_head *freed)
{
	struct list_head *pos, *next;

	lock_put(&device_lock, LOCK_DEVICE, how);
	ring_for_each_safe(pos, next, freed) node_end(node_at(pos));
}

struct devres_node *node_new(dr_release_t release, size_t size, gfp_t gfp,
			     int nid, unsigned long caller)
{
	struct devres_node *n;
	size_t bytes;

	if (__builtin_add_overflow(size, sizeof(*n), &bytes))
		return NULL;
	/* a multiple of 16 is aligned to 16 */
	bytes = bytes > SIZE_MAX - 16 ? bytes : ALIGN_UP(bytes, 16ul);
	n = __kmalloc_node_track_caller(bytes, gfp, nid, caller);
	if (!n)
		return NULL;
	*n = (struct devres_node){
		.release = release,
		.size = size,
		.self = n,
	};
	return n;
}

bool node_add(struct device *dev, struct devres_node *n, enum lock_wait how)
{
	struct device_list *l = res_list(dev);
	struct list_head freed;

	n->dev = dev;
	if (!list_lock(l, how, &freed))
		return false;
	n->state = NODE_LISTED;
	ring_push_front(&l->nodes, &n->link);
	list_unlock(how, &freed);
	return true;
}

void *node_data(struct devres_node *n)
{
	return n->data;
}

void node_drop(struct devres_node *n)
{
	node_end(n);
}

static bool node_matches(struct devres_node *n, struct device *dev,
			 dr_release_t release, dr_match_t match, void *data)
{
	return n->dev == dev && n->release == release &&
	       __atomic_load_n(&n->state, __ATOMIC_RELAXED) == NODE_LISTED &&
	       (!match || match(dev, n->data, data));
}

/* The newest node that matches; taken out of the list if take is set. */
static struct devres_node *node_find(struct device *dev, dr_release_t release,
				     dr_match_t match, void *data, bool take)
{
	struct device_list *l = res_list(dev);
	struct devres_node *found = NULL;
	struct list_head *pos, freed;

	list_lock(l, LOCK_SLEEP, &freed);
	ring_for_each(pos, &l->nodes)
	{
		struct devres_node *n = node_at(pos);

		if (!node_matches(n, dev, release, match, data) ||
		    (take && !res_claim(n)))
			continue;
		if (take)
			ring_remove(pos);
		found = n;
		break;
	}
	list_unlock(LOCK_SLEEP, &freed);
	return found;
}

/**
 * devres_alloc_node() - memory for a resource
 * @release: ends it; gets the device and this memory
 * @size: bytes
 * @gfp: what may be done to get them
 * @nid: as for kmalloc_node()
 *
 * Context: As @gfp says.
 * Return: zeroed memory for devres_add() or devres_free(); or NULL.
 * Source: <linux/device/devres.h>.
 */
void *devres_alloc_node(dr_release_t release, size_t size, gfp_t gfp, int nid)
{
	struct devres_node *n;

	check_blocking(gfp);
	n = node_new(release, size, gfp | __GFP_ZERO, nid,
		     (unsigned long)__builtin_return_address(0));
	return n ? n->data : NULL;
}

/**
 * devres_free() - memory of a resource that belongs to no device
 * @res: of devres_alloc(), or taken out by devres_remove(); NULL is allowed
 *
 * Context: Any; never sleeps.
 * Source: <linux/device/devres.h>.
 */
void devres_free(void *res)
{
	struct devres_node *n;

	if (!res)
		return;
	n = node_of(res);
	if (!warn_if(!n || n->state == NODE_LISTED,
		     "devres_free() of %p, which is %s", res,
		     n ? "in a list" : "no resource"))
		node_end(n);
}

/**
 * devres_add() - a resource belongs to a device from now on
 * @dev: the device
 * @res: of devres_alloc()
 *
 * Context: May sleep (the kernel's does not).
 * Source: <linux/device/devres.h>.
 */
void devres_add(struct device *dev, void *res)
{
	struct devres_node *n = node_of(res);

	check_sleeping();
	if (!no_device(dev) && !warn_if(!n || n->state == NODE_LISTED,
					"devres_add() of %p, which is %s", res,
					n ? "in a list" : "no resource"))
		node_add(dev, n, LOCK_SLEEP);
}

/**
 * devres_find() - the newest resource of a kind
 * @dev: the device
 * @release: what it was made with
 * @match: tells whether it is the one, under a lock; NULL takes any
 * @match_data: for @match
 *
 * Context: May sleep (the kernel's does not).
 * Return: the resource, or NULL.
 * Source: <linux/device/devres.h>.
 */
void *devres_find(struct device *dev, dr_release_t release, dr_match_t match,
		  void *match_data)
{
	struct devres_node *n;

	check_sleeping();
	n = node_find(dev, release, match, match_data, false);
	return n ? n->data : NULL;
}

/**
 * devres_remove() - takes a resource away from its device
 * @dev: the device
 * @release: what it was made with
 * @match: as for devres_find()
 * @match_data: for @match
 *
 * Context: May sleep (the kernel's does not).
 * Return: the resource, for devres_free(); or NULL.
 * Source: <linux/device/devres.h>.
 */
void *devres_remove(struct device *dev, dr_release_t release, dr_match_t match,
		    void *match_data)
{
	struct devres_node *n;

	check_sleeping();
	n = node_find(dev, release, match, match_data, true);
	return n ? n->data : NULL;
}

/**
 * devres_destroy() - frees a resource without ending it
 * @dev: the device
 * @release: what it was made with; is not called
 * @match: as for devres_find()
 * @match_data: for @match
 *
 * Context: May sleep (the kernel's does not).
 * Return: 0, or -ENOENT.
 * Source: <linux/device/devres.h>.
 */
int devres_destroy(struct device *dev, dr_release_t release, dr_match_t match,
		   void *match_data)
{
	struct devres_node *n;

	check_sleeping();
	n = node_find(dev, release, match, match_data, true);
	if (!n)
		return -ENOENT;
	node_end(n);
	return 0;
}

/**
 * devres_release() - ends a resource and frees it
 * @dev: the device
 * @release: what it was made with
 * @match: as for devres_find()
 * @match_data: for @match
 *
 * Context: May sleep; calls @release.
 * Return: 0, or -ENOENT.
 * Source: <linux/device/devres.h>.
 */
int devres_release(struct device *dev, dr_release_t release, dr_match_t match,
		   void *match_data)
{
	struct devres_node *n;

	check_sleeping();
	n = node_find(dev, release, match, match_data, true);
	if (!n)
		return -ENOENT;
	if (n->release)
		n->release(dev, n->data);
	node_end(n);
	return 0;
}

/* The newest node of a device, out of the list; NULL: there is none. */
static struct devres_node *node_newest(struct device *dev)
{
	struct device_list *l = res_list(dev);
	struct devres_node *found = NULL;
	struct list_head *pos, freed;

	list_lock(l, LOCK_SLEEP, &freed);
	ring_for_each(pos, &l->nodes)
	{
		struct devres_node *n = node_at(pos);

		if (n->dev != dev || !res_claim(n))
			continue;
		ring_remove(pos);
		found = n;
		break;
	}
	list_unlock(LOCK_SLEEP, &freed);
	return found;
}

/**
 * devres_release_all() - the end of a device
 * @dev: the device
 *
 * Ends what belongs to the device, the newest first, and what that adds
 * meanwhile; then forgets its name and masks.  To be called before the memory
 * of a struct device is used for something else.
 *
 * Context: May sleep; calls what was registered.
 * Return: how many resources there were.
 * Source: the kernel calls it when a driver lets go of a device.
 */
int devres_release_all(struct device *dev)
{
	struct devres_node *n;
	int count = 0;

	check_sleeping();
	if (no_device(dev))
		return 0;
	/* Bound: what belongs to the device. */
	while ((n = node_newest(dev))) {
		if (n->release)
			n->release(dev, n->data);
		node_end(n);
		count++;
	}
	device_forget(dev);
	return count;
}

/* Is it memory of the device, without a function that ends it? */
static struct devres_node *node_of_memory(const struct device *dev,
					  const void *p)
{
	struct devres_node *n = node_of(p);

	return n && n->dev == dev && !n->release ? n : NULL;
}

bool node_free_memory(struct device *dev, const void *p)
{
	struct devres_node *n = node_of_memory(dev, p);
	struct device_list *l = res_list(dev);
	struct list_head freed;
	bool ok;

	if (!n)
		return false;
	if (list_lock(l, LOCK_SPIN, &freed)) {
		ok = res_claim(n);
		if (ok)
			ring_remove(&n->link);
		list_unlock(LOCK_SPIN, &freed);
		if (ok)
			node_end(n);
		return ok;
	}
	if (!res_claim(n))
		return false;
	/* pairs with the exchange in __list_sweep() */
	__atomic_store_n(&l->littered, true, __ATOMIC_RELEASE);
	return true;
}

bool node_replace(struct device *dev, const void *old, struct devres_node *n,
		  enum lock_wait how)
{
	struct devres_node *was = node_of_memory(dev, old);
	struct list_head freed;
	bool ok;

	if (!list_lock(res_list(dev), how, &freed))
		return false;
	ok = was && res_claim(was);
	if (ok) {
		n->dev = dev;
		n->state = NODE_LISTED;
		ring_insert(&was->link, &n->link);
		ring_remove(&was->link);
	}
	list_unlock(how, &freed);
	if (ok)
		node_end(was);
	return ok;
}

/* Bytes of the memory of a device; SIZE_MAX: it is none. */
size_t node_memory_size(const struct device *dev, const void *p)
{
	const struct devres_node *n = node_of_memory(dev, p);

	return n && n->state == NODE_LISTED ? n->size : SIZE_MAX;
}
