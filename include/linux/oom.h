/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The last step before a request fails: registered notifiers may free memory.
 * No process is killed.
 *
 * The system's header of this name holds the numbers of /proc/PID/oom_*; it
 * is brought in first.
 */
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ && defined(__has_include_next)
#if __has_include_next(<linux/oom.h>)
#include_next <linux/oom.h>
#endif
#endif

#ifndef KMEM_LINUX_OOM_H
#define KMEM_LINUX_OOM_H

#include <kmem/abi.h>

#include "notifier.h"

KMEM_EXTERN_C_BEGIN

/* 0, or -EEXIST.  data points to an unsigned long: add the pages freed. */
KMEM_API int register_oom_notifier(struct notifier_block *nb)
	KMEM_ABI(register_oom_notifier);
/* 0, or -ENOENT. Waits until no call of it is under way. */
KMEM_API int unregister_oom_notifier(struct notifier_block *nb)
	KMEM_ABI(unregister_oom_notifier);

KMEM_EXTERN_C_END

#endif
