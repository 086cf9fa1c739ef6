/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory, pages and calls that belong to a device: devm_*().
 */
#include "alloc/devres.h"

#include <linux/gfp.h>
#include <linux/slab.h>

#include "alloc/device.h"
#include "debug/atomic.h"
#include "debug/report.h"
#include "lib/errno.h"
#include "lib/mem.h"
#include "lib/text.h"

#define CALL_SITE ((unsigned long)__builtin_return_address(0))

static void *memory_new(struct device *dev, size_t size, gfp_t gfp,
			unsigned long caller)
{
	struct devres_node *n;

	if (no_device(dev))
		return NULL;
	if (!size)
		return ZERO_SIZE_PTR;
	n = node_new(NULL, size, gfp, NUMA_NO_NODE, caller);
	if (!n)
		return NULL;
	if (node_add(dev, n, gfp_wait(gfp)))
		return node_data(n);
	node_drop(n);
	return NULL;
}

/**
 * devm_kmalloc() - memory of a device
 * @dev: the device
 * @size: bytes
 * @gfp: what may be done to get them
 *
 * Context: As @gfp says.
 * Return: memory aligned to 16 bytes, until devm_kfree() or the end of the
 * device; ZERO_SIZE_PTR for no bytes; or NULL.
 * Source: <linux/device/devres.h>.
 */
void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp)
{
	check_blocking(gfp);
	return memory_new(dev, size, gfp, CALL_SITE);
}

/**
 * devm_kfree() - frees memory of a device before its end
 * @dev: the device
 * @p: of devm_kmalloc() or its kin; NULL and ZERO_SIZE_PTR are allowed, what
 *	is no memory of @dev is reported
 *
 * Context: Any; never sleeps.
 * Source: <linux/device/devres.h>.
 */
void devm_kfree(struct device *dev, const void *p)
{
	if (ZERO_OR_NULL_PTR(p))
		return;
	warn_if(!node_free_memory(dev, p),
		"devm_kfree() of %p, which is no memory of the device", p);
}

/* Larger memory with what is in p, in its place. */
static void *memory_grow(struct device *dev, void *p, size_t was, size_t size,
			 gfp_t gfp, unsigned long caller)
{
	struct devres_node *n = node_new(NULL, size, gfp, NUMA_NO_NODE, caller);

	if (!n)
		return NULL;
	memcpy(node_data(n), p, was);
	if (node_replace(dev, p, n, gfp_wait(gfp)))
		return node_data(n);
	node_drop(n);
	return NULL;
}

/**
 * devm_krealloc() - makes memory of a device larger
 * @dev: the device
 * @p: its memory; NULL and ZERO_SIZE_PTR are no bytes
 * @size: bytes wanted; 0 frees @p
 * @gfp: what may be done to get them
 *
 * What is larger keeps its place among the resources of the device.
 *
 * Context: As @gfp says.
 * Return: @p if it has so many bytes, else the new memory; ZERO_SIZE_PTR for
 * no bytes; NULL, with @p as it was, for what is no memory of @dev and without
 * memory.
 * Source: <linux/device/devres.h>.
 */
void *devm_krealloc(struct device *dev, void *p, size_t size, gfp_t gfp)
{
	size_t was;

	check_blocking(gfp);
	if (!size) {
		devm_kfree(dev, p);
		return ZERO_SIZE_PTR;
	}
	if (ZERO_OR_NULL_PTR(p))
		return memory_new(dev, size, gfp, CALL_SITE);
	was = node_memory_size(dev, p);
	if (warn_if(was == SIZE_MAX,
		    "devm_krealloc() of %p, which is no memory of the device",
		    p))
		return NULL;
	if (size <= was)
		return p;
	return memory_grow(dev, p, was, size, gfp, CALL_SITE);
}

/**
 * devm_kmemdup() - a copy of memory that belongs to a device
 * @dev: the device
 * @src: what to copy
 * @len: bytes
 * @gfp: what may be done to get them
 *
 * Context: As @gfp says.
 * Return: as devm_kmalloc().
 * Source: <linux/device/devres.h>.
 */
void *devm_kmemdup(struct device *dev, const void *src, size_t len, gfp_t gfp)
{
	void *p;

	check_blocking(gfp);
	p = memory_new(dev, len, gfp, CALL_SITE);
	if (p && len)
		memcpy(p, src, len);
	return p;
}

/**
 * devm_kstrdup() - a copy of a string that belongs to a device
 * @dev: the device
 * @s: the string, or NULL
 * @gfp: what may be done to get it
 *
 * Context: As @gfp says.
 * Return: the copy; NULL for NULL or without memory.
 * Source: <linux/device/devres.h>.
 */
char *devm_kstrdup(struct device *dev, const char *s, gfp_t gfp)
{
	check_blocking(gfp);
	return s ? devm_kmemdup(dev, s, text_len(s) + 1, gfp) : NULL;
}

/**
 * devm_kvasprintf() - a formatted string that belongs to a device
 * @dev: the device
 * @gfp: what may be done to get it
 * @fmt: the format
 * @args: what it takes
 *
 * Context: As @gfp says.
 * Return: the string, or NULL.
 * Source: <linux/device/devres.h>.
 */
char *devm_kvasprintf(struct device *dev, gfp_t gfp, const char *fmt,
		      va_list args)
{
	va_list again;
	size_t size;
	char *p;

	check_blocking(gfp);
	va_copy(again, args);
	size = (size_t)text_vformat(NULL, 0, fmt, again) + 1;
	va_end(again);
	p = memory_new(dev, size, gfp, CALL_SITE);
	if (p)
		text_vformat(p, size, fmt, args);
	return p;
}

/**
 * devm_kasprintf() - a formatted string that belongs to a device
 * @dev: the device
 * @gfp: what may be done to get it
 * @fmt: the format, and what it takes
 *
 * Context: As @gfp says.
 * Return: the string, or NULL.
 * Source: <linux/device/devres.h>.
 */
char *devm_kasprintf(struct device *dev, gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *p;

	check_blocking(gfp);
	va_start(args, fmt);
	p = devm_kvasprintf(dev, gfp, fmt, args);
	va_end(args);
	return p;
}

/* --- pages ---------------------------------------------------------------- */

struct devm_pages {
	unsigned long addr;
	unsigned int order;
};

static void devm_pages_release(struct device *dev, void *res)
{
	const struct devm_pages *pages = res;

	(void)dev;
	free_pages(pages->addr, pages->order);
}

static int is_at(struct device *dev, void *res, void *data)
{
	const struct devm_pages *pages = res;

	(void)dev;
	return pages->addr == (unsigned long)data;
}

/**
 * devm_get_free_pages() - a block of pages of a device
 * @dev: the device
 * @gfp: what may be done to get it
 * @order: log2 of the number of pages
 *
 * Context: As @gfp says.
 * Return: the address, until devm_free_pages() or the end of the device; or 0.
 * Source: <linux/device/devres.h>.
 */
unsigned long devm_get_free_pages(struct device *dev, gfp_t gfp,
				  unsigned int order)
{
	struct devres_node *n;
	struct devm_pages *pages;

	check_blocking(gfp);
	if (no_device(dev))
		return 0;
	n = node_new(devm_pages_release, sizeof(*pages), gfp & ~__GFP_ZERO,
		     NUMA_NO_NODE, CALL_SITE);
	if (!n)
		return 0;
	pages = node_data(n);
	pages->addr = __get_free_pages(gfp, order);
	pages->order = order;
	if (pages->addr && node_add(dev, n, gfp_wait(gfp)))
		return pages->addr;
	free_pages(pages->addr, order);
	node_drop(n);
	return 0;
}

/**
 * devm_free_pages() - frees a block of a device before its end
 * @dev: the device
 * @addr: of devm_get_free_pages(); what is no block of @dev is reported
 *
 * Context: May sleep (the kernel's does not).
 * Source: <linux/device/devres.h>.
 */
void devm_free_pages(struct device *dev, unsigned long addr)
{
	check_sleeping();
	warn_if(devres_release(dev, devm_pages_release, is_at, (void *)addr),
		"devm_free_pages() of %#lx, which is no block of the device",
		addr);
}

/* --- calls ---------------------------------------------------------------- */

struct devm_action {
	void (*action)(void *data);
	void *data;
};

static void devm_action_release(struct device *dev, void *res)
{
	const struct devm_action *a = res;

	(void)dev;
	a->action(a->data);
}

static int is_action(struct device *dev, void *res, void *match_data)
{
	const struct devm_action *a = res, *wanted = match_data;

	(void)dev;
	return a->action == wanted->action && a->data == wanted->data;
}

/**
 * devm_add_action() - a call at the end of a device
 * @dev: the device
 * @action: what is called
 * @data: for @action
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM; -EINVAL for no device.
 * Source: <linux/device/devres.h>.
 */
int devm_add_action(struct device *dev, void (*action)(void *data), void *data)
{
	struct devres_node *n;

	check_blocking(GFP_KERNEL);
	if (no_device(dev))
		return -EINVAL;
	n = node_new(devm_action_release, sizeof(struct devm_action),
		     GFP_KERNEL, NUMA_NO_NODE, CALL_SITE);
	if (!n)
		return -ENOMEM;
	*(struct devm_action *)node_data(n) =
		(struct devm_action){ action, data };
	node_add(dev, n, LOCK_SLEEP);
	return 0;
}

/**
 * devm_remove_action_nowarn() - takes a call back
 * @dev: the device
 * @action: what would be called
 * @data: for @action
 *
 * Context: May sleep.
 * Return: 0, or -ENOENT.
 * Source: <linux/device/devres.h>.
 */
int devm_remove_action_nowarn(struct device *dev, void (*action)(void *data),
			      void *data)
{
	struct devm_action wanted = { action, data };

	check_sleeping();
	return devres_destroy(dev, devm_action_release, is_action, &wanted);
}

/**
 * devm_remove_action() - takes a call back, which must be there
 * @dev: the device
 * @action: what would be called
 * @data: for @action
 *
 * Context: May sleep.
 * Source: <linux/device/devres.h>.
 */
void devm_remove_action(struct device *dev, void (*action)(void *data),
			void *data)
{
	check_sleeping();
	warn_if(devm_remove_action_nowarn(dev, action, data),
		"devm_remove_action(): the device has no such call");
}

/**
 * devm_release_action() - makes a call now instead of at the end
 * @dev: the device
 * @action: what is called; it must be there
 * @data: for @action
 *
 * Context: May sleep; calls @action.
 * Source: <linux/device/devres.h>.
 */
void devm_release_action(struct device *dev, void (*action)(void *data),
			 void *data)
{
	struct devm_action wanted = { action, data };

	check_sleeping();
	warn_if(devres_release(dev, devm_action_release, is_action, &wanted),
		"devm_release_action(): the device has no such call");
}

/**
 * devm_is_action_added() - will this call be made?
 * @dev: the device
 * @action: what would be called
 * @data: for @action
 *
 * Context: May sleep.
 * Return: true when it will.
 * Source: <linux/device/devres.h>.
 */
bool devm_is_action_added(struct device *dev, void (*action)(void *data),
			  void *data)
{
	struct devm_action wanted = { action, data };

	check_sleeping();
	return devres_find(dev, devm_action_release, is_action, &wanted);
}
