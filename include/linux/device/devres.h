/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What belongs to a device and ends with it.
 */
#ifndef KMEM_LINUX_DEVICE_DEVRES_H
#define KMEM_LINUX_DEVICE_DEVRES_H

#include <kmem/compiler.h>
#include <kmem/types.h>
#include <stdarg.h>

#include "../gfp_types.h"

struct device;

typedef void (*dr_release_t)(struct device *dev, void *res);
typedef int (*dr_match_t)(struct device *dev, void *res, void *match_data);

KMEM_EXTERN_C_BEGIN

/*
 * Resources of any kind: a piece of memory with a function that ends what is
 * noted in it.
 */
KMEM_API void *devres_alloc_node(dr_release_t release, size_t size, gfp_t gfp,
				 int nid) KMEM_ABI(devres_alloc_node);
KMEM_API void devres_free(void *res) KMEM_ABI(devres_free);
KMEM_API void devres_add(struct device *dev, void *res) KMEM_ABI(devres_add);
/* The newest that matches; a match of NULL takes any. */
KMEM_API void *devres_find(struct device *dev, dr_release_t release,
			   dr_match_t match, void *match_data)
	KMEM_ABI(devres_find);
/* And takes it out of the list. */
KMEM_API void *devres_remove(struct device *dev, dr_release_t release,
			     dr_match_t match, void *match_data)
	KMEM_ABI(devres_remove);
/* And frees it, without or with a call of release: 0 or -ENOENT. */
KMEM_API int devres_destroy(struct device *dev, dr_release_t release,
			    dr_match_t match, void *match_data)
	KMEM_ABI(devres_destroy);
KMEM_API int devres_release(struct device *dev, dr_release_t release,
			    dr_match_t match, void *match_data)
	KMEM_ABI(devres_release);
/* The end of a device: the newest first. Returns how many there were. */
KMEM_API int devres_release_all(struct device *dev)
	KMEM_ABI(devres_release_all);

/* Memory. */
KMEM_API void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp)
	KMEM_ABI(devm_kmalloc) KMEM_MALLOC KMEM_SIZE(2);
KMEM_API void *devm_krealloc(struct device *dev, void *p, size_t size,
			     gfp_t gfp) KMEM_ABI(devm_krealloc) KMEM_MUST_CHECK
	KMEM_SIZE(3);
KMEM_API void devm_kfree(struct device *dev, const void *p)
	KMEM_ABI(devm_kfree);
KMEM_API void *devm_kmemdup(struct device *dev, const void *src, size_t len,
			    gfp_t gfp) KMEM_ABI(devm_kmemdup) KMEM_MALLOC
	KMEM_SIZE(3);
KMEM_API char *devm_kstrdup(struct device *dev, const char *s, gfp_t gfp)
	KMEM_ABI(devm_kstrdup) KMEM_MALLOC;
KMEM_API char *devm_kvasprintf(struct device *dev, gfp_t gfp, const char *fmt,
			       va_list args)
	KMEM_ABI(devm_kvasprintf) KMEM_MALLOC KMEM_PRINTF(3, 0);
KMEM_API char *devm_kasprintf(struct device *dev, gfp_t gfp, const char *fmt,
			      ...) KMEM_ABI(devm_kasprintf) KMEM_MALLOC
	KMEM_PRINTF(3, 4);
KMEM_API unsigned long devm_get_free_pages(struct device *dev, gfp_t gfp,
					   unsigned int order)
	KMEM_ABI(devm_get_free_pages);
KMEM_API void devm_free_pages(struct device *dev, unsigned long addr)
	KMEM_ABI(devm_free_pages);

/* Calls: 0 or -ENOMEM. */
KMEM_API int devm_add_action(struct device *dev, void (*action)(void *data),
			     void *data) KMEM_ABI(devm_add_action);
/* -ENOENT when there is no such call. */
KMEM_API int devm_remove_action_nowarn(struct device *dev,
				       void (*action)(void *data), void *data)
	KMEM_ABI(devm_remove_action_nowarn);
/* Reports when there is none. */
KMEM_API void devm_remove_action(struct device *dev, void (*action)(void *data),
				 void *data) KMEM_ABI(devm_remove_action);
/* Made now instead of at the end. */
KMEM_API void devm_release_action(struct device *dev,
				  void (*action)(void *data), void *data)
	KMEM_ABI(devm_release_action);
KMEM_API bool devm_is_action_added(struct device *dev,
				   void (*action)(void *data), void *data)
	KMEM_ABI(devm_is_action_added);

KMEM_EXTERN_C_END

/**
 * devres_alloc() - memory for a resource
 * @release: ends it; gets the device and this memory
 * @size: bytes
 * @gfp: what may be done to get them
 *
 * Context: As @gfp says.
 * Return: zeroed memory for devres_add() or devres_free(); or NULL.
 */
static inline void *devres_alloc(dr_release_t release, size_t size, gfp_t gfp)
{
	return devres_alloc_node(release, size, gfp, NUMA_NO_NODE);
}

/**
 * devm_kzalloc() - zeroed memory of a device
 * @dev: the device
 * @size: bytes
 * @gfp: what may be done to get them
 *
 * Context: As @gfp says.
 * Return: as devm_kmalloc().
 */
static inline void *devm_kzalloc(struct device *dev, size_t size, gfp_t gfp)
{
	return devm_kmalloc(dev, size, gfp | __GFP_ZERO);
}

/**
 * devm_kmalloc_array() - an array of a device
 * @dev: the device
 * @n: elements
 * @size: bytes of one
 * @gfp: what may be done to get them
 *
 * Context: As @gfp says.
 * Return: as devm_kmalloc(); NULL when the product does not fit.
 */
static inline void *devm_kmalloc_array(struct device *dev, size_t n,
				       size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return devm_kmalloc(dev, bytes, gfp);
}

/**
 * devm_kcalloc() - a zeroed array of a device
 * @dev: the device
 * @n: elements
 * @size: bytes of one
 * @gfp: what may be done to get them
 *
 * Context: As @gfp says.
 * Return: as devm_kmalloc_array().
 */
static inline void *devm_kcalloc(struct device *dev, size_t n, size_t size,
				 gfp_t gfp)
{
	return devm_kmalloc_array(dev, n, size, gfp | __GFP_ZERO);
}

/**
 * devm_krealloc_array() - devm_krealloc() of an array
 * @dev: the device
 * @p: its array, or NULL
 * @n: elements
 * @size: bytes of one
 * @gfp: what may be done to get them
 *
 * Context: As @gfp says.
 * Return: as devm_krealloc(); NULL when the product does not fit.
 */
static inline KMEM_MUST_CHECK void *devm_krealloc_array(struct device *dev,
							void *p, size_t n,
							size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return devm_krealloc(dev, p, bytes, gfp);
}

/*
 * Whether a string is read-only for ever cannot be known here, so it is always
 * copied.
 */
static inline const char *devm_kstrdup_const(struct device *dev, const char *s,
					     gfp_t gfp)
{
	return devm_kstrdup(dev, s, gfp);
}

/**
 * devm_add_action_or_reset() - devm_add_action(), or the call at once
 * @dev: the device
 * @action: what is called
 * @data: for @action
 *
 * Context: May sleep.
 * Return: 0; or -ENOMEM, and the call was made.
 */
static inline int devm_add_action_or_reset(struct device *dev,
					   void (*action)(void *data),
					   void *data)
{
	int err = devm_add_action(dev, action, data);

	if (err)
		action(data);
	return err;
}

#endif
