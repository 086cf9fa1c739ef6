/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What is known of devices: names and DMA masks, by the device's address.
 *
 * LOCK_DEVICE guards the list.  Under it nothing is called but the match
 * functions of devres.c, so it is held for a few steps, and a caller that must
 * not wait for it does without what it asked.
 */
#include "alloc/device.h"

#include <linux/device.h>
#include <linux/slab.h>

#include "debug/atomic.h"
#include "debug/report.h"
#include "lib/errno.h"
#include "lib/text.h"
#include "sync/fork.h"
#include "sync/lock.h"

struct settings {
	struct settings *next;
	const struct device *dev;
	char *name;
	u64 mask[MASKS];
};

struct lock device_lock;
static struct settings *all_settings;

static struct settings **__find_settings(const struct device *dev)
{
	struct settings **link = &all_settings;

	while (*link && (*link)->dev != dev)
		link = &(*link)->next;
	return link;
}

/*
 * Runs fn on the settings of a device, which it makes if there are none, under
 * the lock.  -ENOMEM.
 */
static int with_settings(struct device *dev,
			 void (*fn)(struct settings *s, void *arg), void *arg)
{
	struct settings *spare = kzalloc(sizeof(*spare), GFP_KERNEL), **link;

	if (!spare)
		return -ENOMEM;
	spare->dev = dev;
	for (unsigned int i = 0; i < MASKS; i++)
		spare->mask[i] = DEVICE_MASK;
	lock_take(&device_lock, LOCK_DEVICE);
	link = __find_settings(dev);
	if (!*link) {
		*link = spare;
		spare = NULL;
	}
	fn(*link, arg);
	lock_drop(&device_lock, LOCK_DEVICE);
	kfree(spare);
	return 0;
}

static void swap_name(struct settings *s, void *arg)
{
	char **name = arg, *old = s->name;

	s->name = *name;
	*name = old;
}

/**
 * dev_set_name() - what a device is called in reports
 * @dev: the device
 * @name: a format, and what it takes
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM; -EINVAL for no device.
 * Source: <linux/device.h>.
 */
int dev_set_name(struct device *dev, const char *name, ...)
{
	char *text;
	va_list ap;
	int err;

	check_blocking(GFP_KERNEL);
	if (no_device(dev))
		return -EINVAL;
	va_start(ap, name);
	text = kvasprintf(GFP_KERNEL, name, ap);
	va_end(ap);
	if (!text)
		return -ENOMEM;
	err = with_settings(dev, swap_name, &text);
	kfree(text);
	return err;
}

/**
 * kmem_dev_name() - what dev_set_name() was told
 * @dev: the device
 *
 * Context: May sleep.
 * Return: the name, until dev_set_name() or devres_release_all(); NULL if it
 * has none.
 * Source: ours.
 */
const char *kmem_dev_name(const struct device *dev)
{
	const struct settings *s;
	const char *name;

	check_sleeping();
	lock_take(&device_lock, LOCK_DEVICE);
	s = *__find_settings(dev);
	name = s ? s->name : NULL;
	lock_drop(&device_lock, LOCK_DEVICE);
	return name;
}

void device_label(const struct device *dev, char *buf, size_t n)
{
	const struct settings *s;

	if (!dev) {
		text_format(buf, n, "(NULL device *): ");
		return;
	}
	lock_take(&device_lock, LOCK_DEVICE);
	s = *__find_settings(dev);
	if (s && s->name)
		text_format(buf, n, "%s: ", s->name);
	else
		text_format(buf, n, "device %p: ", (const void *)dev);
	lock_drop(&device_lock, LOCK_DEVICE);
}

bool device_mask(const struct device *dev, enum mask_kind kind,
		 enum lock_wait how, u64 *mask)
{
	const struct settings *s;

	*mask = dev ? DEVICE_MASK : ANY_MASK;
	if (!dev)
		return true;
	if (!lock_get(&device_lock, LOCK_DEVICE, how))
		return false;
	s = *__find_settings(dev);
	if (s)
		*mask = s->mask[kind];
	lock_put(&device_lock, LOCK_DEVICE, how);
	return true;
}

struct mask_wish {
	enum mask_kind kind;
	u64 mask;
};

static void set_masks(struct settings *s, void *arg)
{
	const struct mask_wish *wish = arg;

	for (unsigned int i = 0; i < MASKS; i++)
		if (wish->kind == MASKS || wish->kind == i)
			s->mask[i] = wish->mask;
}

int device_set_mask(struct device *dev, enum mask_kind kind, u64 mask)
{
	struct mask_wish wish = { .kind = kind, .mask = mask };

	return with_settings(dev, set_masks, &wish);
}

void device_forget(const struct device *dev)
{
	struct settings **link, *s;

	lock_take(&device_lock, LOCK_DEVICE);
	link = __find_settings(dev);
	s = *link;
	if (s)
		*link = s->next;
	lock_drop(&device_lock, LOCK_DEVICE);
	if (s)
		kfree(s->name);
	kfree(s);
}

static void device_fork_prepare(void)
{
	lock_take(&device_lock, LOCK_DEVICE);
}

static void device_fork_parent(void)
{
	lock_drop(&device_lock, LOCK_DEVICE);
}

static void device_fork_child(void)
{
	lock_reset(&device_lock);
}

void devices_boot(void)
{
	static const struct fork_ops ops = {
		.prepare = device_fork_prepare,
		.parent = device_fork_parent,
		.child = device_fork_child,
	};

	devres_boot();
	fork_register(FORK_DEVICE, &ops);
}
