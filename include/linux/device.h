/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Devices, as far as they own memory: what devm_*() gives goes back by itself,
 * in the reverse order, when devres_release_all() is called for the device.
 *
 * The library takes the address of a struct device for a name and never looks
 * inside: what it keeps of a device is its own.  So -DKMEM_OWN_TYPES=1 leaves
 * the struct to a client that has one, and any address will do in its place.
 */
#ifndef KMEM_LINUX_DEVICE_H
#define KMEM_LINUX_DEVICE_H

#include <kmem/compiler.h>
#include <kmem/types.h>

#include "device/devres.h"

#if !KMEM_OWN_TYPES
struct device {
	struct device *parent;
	const char *init_name; /* for dev_name(), which prefers it */
	void *platform_data;
	void *driver_data;
};
#endif

KMEM_EXTERN_C_BEGIN

/* The name in reports; 0 or -ENOMEM. */
KMEM_API int dev_set_name(struct device *dev, const char *name, ...)
	KMEM_ABI(dev_set_name) KMEM_PRINTF(2, 3);
/* What dev_set_name() was told, or NULL; until it is told again. */
KMEM_API const char *kmem_dev_name(const struct device *dev)
	KMEM_ABI(kmem_dev_name);

KMEM_EXTERN_C_END

/* There is one node, and no device is nearer to it than another. */
static inline int dev_to_node(struct device *dev)
{
	(void)dev;
	return NUMA_NO_NODE;
}

#if !KMEM_OWN_TYPES
/**
 * dev_name() - what a device is called
 * @dev: the device
 *
 * Context: May sleep.
 * Return: its init_name, else what dev_set_name() was told, else NULL.
 */
static inline const char *dev_name(const struct device *dev)
{
	return dev->init_name ? dev->init_name : kmem_dev_name(dev);
}

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

static inline void *dev_get_platdata(const struct device *dev)
{
	return dev->platform_data;
}
#endif

#endif
