/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The buffer of one read or write, which is taken piece by piece.
 */
#ifndef KMEM_KERNEL_UIO_H
#define KMEM_KERNEL_UIO_H

#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/uaccess.h>
#include <sys/uio.h>

#define ITER_SOURCE 1 /* a write: the driver takes from it */
#define ITER_DEST 0

struct iov_iter {
	bool data_source;
	size_t count;
	char __user *kmem_at;
};

#define iov_iter_rw(i) ((i)->data_source ? WRITE : READ)

static inline void iov_iter_ubuf(struct iov_iter *i, unsigned int direction,
				 void __user *buf, size_t count)
{
	i->data_source = direction == ITER_SOURCE;
	i->count = count;
	i->kmem_at = (char __user *)buf;
}

static inline size_t iov_iter_count(const struct iov_iter *i)
{
	return i->count;
}

static inline void iov_iter_truncate(struct iov_iter *i, size_t count)
{
	i->count = min_t(size_t, i->count, count);
}

static inline void iov_iter_advance(struct iov_iter *i, size_t n)
{
	n = min_t(size_t, n, i->count);
	i->count -= n;
	i->kmem_at += n;
}

/* Both return the bytes that were copied. */
static inline size_t copy_to_iter(const void *from, size_t n,
				  struct iov_iter *i)
{
	n = min_t(size_t, n, i->count);
	n -= copy_to_user(i->kmem_at, from, n);
	iov_iter_advance(i, n);
	return n;
}

static inline size_t copy_from_iter(void *to, size_t n, struct iov_iter *i)
{
	n = min_t(size_t, n, i->count);
	n -= copy_from_user(to, i->kmem_at, n);
	iov_iter_advance(i, n);
	return n;
}

#endif
