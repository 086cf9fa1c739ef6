/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory of user space is memory here.  What is checked: an address that can be
 * none (below 64 KiB, or one that the kernel would have) copies nothing.
 */
#ifndef KMEM_KERNEL_UACCESS_H
#define KMEM_KERNEL_UACCESS_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

static inline bool access_ok(const void __user *p, unsigned long n)
{
	unsigned long begin = (unsigned long)p;

	return begin >= 0x10000 && begin + n >= begin &&
	       begin + n <= 0x7ffffffff000ul;
}

/* The bytes that were not copied. */
static inline unsigned long __attribute__((warn_unused_result))
copy_from_user(void *to, const void __user *from, unsigned long n)
{
	might_sleep();
	if (n && !access_ok(from, n))
		return n;
	memcpy(to, (KMEM_FORCE const void *)from, n);
	return 0;
}

static inline unsigned long __attribute__((warn_unused_result))
copy_to_user(void __user *to, const void *from, unsigned long n)
{
	might_sleep();
	if (n && !access_ok(to, n))
		return n;
	memcpy((KMEM_FORCE void *)to, from, n);
	return 0;
}

static inline unsigned long __attribute__((warn_unused_result))
clear_user(void __user *to, unsigned long n)
{
	if (n && !access_ok(to, n))
		return n;
	memset((KMEM_FORCE void *)to, 0, n);
	return 0;
}

/* The length without its end, n if that was not found, or -EFAULT. */
static inline long strncpy_from_user(char *to, const char __user *from, long n)
{
	if (!access_ok(from, 1))
		return -EFAULT;
	for (long i = 0; i < n; i++) {
		to[i] = ((KMEM_FORCE const char *)from)[i];
		if (!to[i])
			return i;
	}
	return n;
}

/*
 * One number or pointer, converted to the variable's type: 0, or -EFAULT, after
 * which the variable is 0.
 */
#define get_user(x, p)                                                   \
	(__extension__({                                                 \
		union {                                                  \
			char kmem_bytes_[sizeof(*(p))];                  \
			__typeof__(*(p)) kmem_value_;                    \
		} kmem_got_ = { { 0 } };                                 \
		int kmem_bad_ = copy_from_user(kmem_got_.kmem_bytes_, p, \
					       sizeof(*(p))) ?           \
					-EFAULT :                        \
					0;                               \
		(x) = (__typeof__(x))kmem_got_.kmem_value_;              \
		kmem_bad_;                                               \
	}))
/* One object: 0 or -EFAULT. */
#define put_user(x, p)                                                        \
	(__extension__({                                                      \
		__typeof__(*(p)) kmem_put_ = (x);                             \
		copy_to_user(p, &kmem_put_, sizeof(kmem_put_)) ? -EFAULT : 0; \
	}))
#define __get_user(x, p) get_user(x, p)
#define __put_user(x, p) put_user(x, p)
#define __copy_to_user(to, from, n) copy_to_user(to, from, n)
#define __copy_from_user(to, from, n) copy_from_user(to, from, n)

#endif
