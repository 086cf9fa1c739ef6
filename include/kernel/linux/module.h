/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Modules of a program: each source file with module_init() is one, called
 * KBUILD_MODNAME, which the compiler is told (-DKBUILD_MODNAME='"scull"'). 
 * They begin and end when the program calls kmem_modules_init() and
 * kmem_modules_exit() of <kmem/module.h>.
 */
#include_next <linux/module.h>

#ifndef KMEM_KERNEL_MODULE_H
#define KMEM_KERNEL_MODULE_H

#include <kmem/module.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/stringify.h>

#define MODULE_LICENSE(text) KMEM_STATIC_ASSERT(sizeof(text), "")
#define MODULE_AUTHOR(text) KMEM_STATIC_ASSERT(sizeof(text), "")
#define MODULE_DESCRIPTION(text) KMEM_STATIC_ASSERT(sizeof(text), "")
#define MODULE_VERSION(text) KMEM_STATIC_ASSERT(sizeof(text), "")
#define MODULE_ALIAS(text) KMEM_STATIC_ASSERT(sizeof(text), "")
#define MODULE_INFO(tag, text) KMEM_STATIC_ASSERT(sizeof(text), "")
#define MODULE_SOFTDEP(text) KMEM_STATIC_ASSERT(sizeof(text), "")

#define THIS_MODULE (&kmem_this_module)

/* With a semicolon behind it or without one, as in the kernel. */
#define module_init(fn) KMEM_INIT_LEVEL(fn, 6)
#define core_initcall(fn) KMEM_INIT_LEVEL(fn, 1)
#define postcore_initcall(fn) KMEM_INIT_LEVEL(fn, 2)
#define arch_initcall(fn) KMEM_INIT_LEVEL(fn, 3)
#define subsys_initcall(fn) KMEM_INIT_LEVEL(fn, 4)
#define fs_initcall(fn) KMEM_INIT_LEVEL(fn, 5)
#define device_initcall(fn) KMEM_INIT_LEVEL(fn, 6)
#define late_initcall(fn) KMEM_INIT_LEVEL(fn, 7)

/* The first of a file is the module's; each other has a struct of its own. */
#define KMEM_INIT_LEVEL(fn, when)                                            \
	__attribute__((constructor)) static void kmem_init_##fn(void)        \
	{                                                                    \
		static struct module kmem_more_ = { KBUILD_MODNAME, 0, 0, 0, \
						    false,          0 };     \
		struct module *kmem_m_ = kmem_this_module.init ?             \
						 &kmem_more_ :               \
						 &kmem_this_module;          \
		kmem_m_->init = (fn);                                        \
		kmem_m_->level = (when);                                     \
		kmem_module_add(kmem_m_);                                    \
	}

/* One in a file, as in a module of the kernel. */
#define module_exit(fn)                                           \
	__attribute__((constructor)) static void kmem_exit_(void) \
	{                                                         \
		kmem_this_module.exit = (fn);                     \
	}

/* A module whose init succeeded stays until kmem_modules_exit(). */
static inline bool try_module_get(struct module *module)
{
	(void)module;
	return true;
}

static inline void module_put(struct module *module)
{
	(void)module;
}

static inline void __module_get(struct module *module)
{
	(void)module;
}

static inline const char *module_name(const struct module *module)
{
	return module ? module->name : "kernel";
}

#endif
