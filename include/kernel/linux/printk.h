/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Messages, to stderr, one write each.  Those below the level of the console
 * are dropped.  Formats are those of the C library: of the kernel's own %p
 * forms only the pointer is printed.
 */
#ifndef KMEM_KERNEL_PRINTK_H
#define KMEM_KERNEL_PRINTK_H

#include <kmem/names.h>
#include <linux/compiler.h>
#include <linux/kern_levels.h>
#include <linux/ratelimit_types.h>

KMEM_EXTERN_C_BEGIN

/* Messages of this level and above it are dropped: 7, all but KERN_DEBUG. */
extern int console_loglevel KMEM_KERNEL(console_loglevel);

/* The bytes printed. */
int _printk(const char *fmt, ...) KMEM_KERNEL(printk)
	__attribute__((format(printf, 1, 2)));
/* True as often as the state says; counts what it suppressed. */
int __ratelimit(struct ratelimit_state *rs) KMEM_KERNEL(ratelimit);

KMEM_EXTERN_C_END

#define printk(fmt, ...) _printk(fmt, ##__VA_ARGS__)
#define no_printk(fmt, ...)                          \
	(__extension__({                             \
		if (0)                               \
			_printk(fmt, ##__VA_ARGS__); \
		0;                                   \
	}))

#if !defined(pr_fmt)
#define pr_fmt(fmt) fmt
#endif

#define pr_emerg(fmt, ...) printk(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert(fmt, ...) printk(KERN_ALERT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...) printk(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...) printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...) printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warning pr_warn
#define pr_notice(fmt, ...) printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...) printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_cont(fmt, ...) printk(KERN_CONT fmt, ##__VA_ARGS__)
#if defined(DEBUG)
#define pr_debug(fmt, ...) printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#else
#define pr_debug(fmt, ...) no_printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#endif
#define pr_devel pr_debug

#define printk_ratelimited(fmt, ...)                                      \
	(__extension__({                                                  \
		static DEFINE_RATELIMIT_STATE(kmem_rs_,                   \
					      DEFAULT_RATELIMIT_INTERVAL, \
					      DEFAULT_RATELIMIT_BURST);   \
		if (__ratelimit(&kmem_rs_))                               \
			printk(fmt, ##__VA_ARGS__);                       \
	}))
#define pr_err_ratelimited(fmt, ...) \
	printk_ratelimited(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn_ratelimited(fmt, ...) \
	printk_ratelimited(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice_ratelimited(fmt, ...) \
	printk_ratelimited(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info_ratelimited(fmt, ...) \
	printk_ratelimited(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)

/* True the first time that this line is reached. */
#define KMEM_FIRST_TIME()                                               \
	(__extension__({                                                \
		static int kmem_seen_;                                  \
		!__atomic_exchange_n(&kmem_seen_, 1, __ATOMIC_RELAXED); \
	}))

#define printk_once(fmt, ...)                       \
	do {                                        \
		if (KMEM_FIRST_TIME())              \
			printk(fmt, ##__VA_ARGS__); \
	} while (0)
#define pr_err_once(fmt, ...) printk_once(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn_once(fmt, ...) \
	printk_once(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info_once(fmt, ...) printk_once(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)

#endif
