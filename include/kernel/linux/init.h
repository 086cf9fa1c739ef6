/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Code that runs once.  Nothing is thrown away afterwards.
 */
#ifndef KMEM_KERNEL_INIT_H
#define KMEM_KERNEL_INIT_H

#include <linux/compiler.h>
#include <linux/types.h>
/* first, since libc has a member of the name __init there */
#include <stdlib.h>

#define __init
#define __exit
#define __initdata
#define __exitdata
#define __initconst
#define __devinit
#define __devexit
#define __meminit

#endif
