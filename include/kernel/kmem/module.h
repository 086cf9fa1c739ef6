/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a program does with the modules that are linked into it: it sets their
 * parameters, begins and ends them, and opens their files.
 *
 * 	kmem_module_param("scull", "quantum", "4000");
 * 	if (kmem_modules_init())
 * 		return 1;
 * 	file = kmem_file_open("/dev/scull0", O_RDWR);
 * 	...
 * 	kmem_modules_exit();
 */
#ifndef KMEM_KERNEL_KMEM_MODULE_H
#define KMEM_KERNEL_KMEM_MODULE_H

#include <kmem/compiler.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct file;

struct module {
	const char *name;
	int (*init)(void);
	void (*exit)(void);
	int level;
	bool live;
	struct module *next;
};

enum kmem_param_type {
	KMEM_PARAM_BOOL,
	KMEM_PARAM_INT,
	KMEM_PARAM_UINT,
	KMEM_PARAM_LONG,
	KMEM_PARAM_ULONG,
	KMEM_PARAM_TEXT,
};

struct kmem_param {
	struct module *module;
	const char *name;
	enum kmem_param_type type;
	void *variable;
	struct kmem_param *next;
};

#if !defined(KBUILD_MODNAME)
#define KBUILD_MODNAME "module"
#endif

/* That of this source file. */
static struct module __attribute__((unused))
kmem_this_module = { KBUILD_MODNAME, 0, 0, 0, false, 0 };

KMEM_EXTERN_C_BEGIN

/* Called before main() by what module_init() and module_param() define. */
void kmem_module_add(struct module *module);
void kmem_param_add(struct kmem_param *param);

/* 0, -ENOENT, -EINVAL or -ERANGE. A text is kept, not copied. */
int kmem_module_param(const char *module, const char *name, const char *value);
/*
 * By level, and in the order of linking: 0, or what the first that failed
 * returned; those before it are ended then.
 */
int kmem_modules_init(void);
/* The other way round. */
void kmem_modules_exit(void);

/*
 * Files that modules made: "/dev/NAME" of a misc device,
 * "/dev/MAJOR:MINOR" of any other, "/debug/..." of debugfs and "/proc/...".
 * Results are those of the system's calls, errors negative.
 */
struct file *kmem_file_open(const char *path, int flags);
long kmem_file_read(struct file *file, void *buf, size_t size);
long kmem_file_write(struct file *file, const void *buf, size_t size);
long long kmem_file_seek(struct file *file, long long offset, int whence);
long kmem_file_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int kmem_file_close(struct file *file);
/*
 * By the driver's mmap(): an address, or an ERR_PTR().  The pages are asked for
 * at once, so a hole, or the end of what there is, fails with -EFAULT here.
 * Unmapped before the file is closed.
 */
void *kmem_file_map(struct file *file, size_t length, int prot,
		    unsigned long long offset);
int kmem_file_unmap(void *address);

KMEM_EXTERN_C_END

#endif
