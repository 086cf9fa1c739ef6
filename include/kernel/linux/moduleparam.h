/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Variables of a module that are set from outside, with kmem_module_param() of
 * <kmem/module.h>.  The mode of their file plays no part.
 */
#ifndef KMEM_KERNEL_MODULEPARAM_H
#define KMEM_KERNEL_MODULEPARAM_H

#include <kmem/module.h>

#define module_param(name, type, mode) \
	module_param_named(name, name, type, mode)
#define module_param_named(name, variable, type, mode)                       \
	static struct kmem_param kmem_param_##name = {                       \
		&kmem_this_module, #name, KMEM_PARAM_##type, &(variable), 0  \
	};                                                                   \
	__attribute__((constructor)) static void kmem_param_add_##name(void) \
	{                                                                    \
		(void)(mode);                                                \
		kmem_param_add(&kmem_param_##name);                          \
	}                                                                    \
	KMEM_STATIC_ASSERT(1, "")
#define MODULE_PARM_DESC(name, text) KMEM_STATIC_ASSERT(sizeof(text), "")

#define KMEM_PARAM_bool KMEM_PARAM_BOOL
/* What bool has become when module_param() stands in another macro. */
#define KMEM_PARAM__Bool KMEM_PARAM_BOOL
#define KMEM_PARAM_int KMEM_PARAM_INT
#define KMEM_PARAM_uint KMEM_PARAM_UINT
#define KMEM_PARAM_long KMEM_PARAM_LONG
#define KMEM_PARAM_ulong KMEM_PARAM_ULONG
#define KMEM_PARAM_charp KMEM_PARAM_TEXT

#endif
