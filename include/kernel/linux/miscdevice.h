/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Character devices that are known by a name.
 */
#ifndef KMEM_KERNEL_MISCDEVICE_H
#define KMEM_KERNEL_MISCDEVICE_H

#include <linux/fs.h>

#define MISC_DYNAMIC_MINOR 255

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	struct list_head list;
	umode_t mode;
};

KMEM_EXTERN_C_BEGIN

int misc_register(struct miscdevice *misc) KMEM_KERNEL(misc_register);
void misc_deregister(struct miscdevice *misc) KMEM_KERNEL(misc_deregister);

KMEM_EXTERN_C_END

#define module_misc_device(misc)               \
	static int misc##_begin(void)          \
	{                                      \
		return misc_register(&(misc)); \
	}                                      \
	static void misc##_end(void)           \
	{                                      \
		misc_deregister(&(misc));      \
	}                                      \
	module_init(misc##_begin);             \
	module_exit(misc##_end)

#endif
