/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Reports in the kernel's shape, which people and bots parse.  Nothing here
 * allocates: a report is put together in one static buffer under a lock and
 * written whole, so that reports of two threads do not mix.
 */
#ifndef DEBUG_REPORT_H
#define DEBUG_REPORT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/mem.h"

/* Opens a report; every line up to report_end() is written as one piece. */
void report_begin(void);
void report_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void report_end(void);

/* A report of one line. */
void report(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * "------------[ cut here ]------------", "WARNING: CPU: n PID: n at
 * file:line caller", the message.  Counts as an error and taints with W.
 * With KMEM_OPTIONS=panic_on_warn the process dies after it.
 */
void report_warn(const char *file, int line, const void *caller,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * "------------[ cut here ]------------", "kernel BUG at file:line!", the
 * message: what the kernel stops for.  Counts as an error and taints with B;
 * with panic_on_warn the process dies after it.
 */
void report_bug_at(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Opens "BUG <name> (<taint>): <reason>" between its rules; the caller adds
 * lines with report_line(), then calls report_end(), which with panic_on_warn
 * is the end.  Counts as an error and taints with B.
 */
void report_bug_begin(const char *name, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A line of an open report: a rule. */
void report_rule(char c, unsigned int width);

/* Opens a report of any shape that counts as an error and taints with B. */
void report_error_begin(void);

/* The same, but taints with W: for warnings. */
void report_warn_begin(void);

/* A line of an open report: "CPU: n PID: n Comm: name Not tainted". */
void report_line_task(void);

/* The path of a source as the tree has it, wherever the build folder is. */
const char *report_path(const char *file);

/* "FIX <name>: <action>"; a line of an open report. Counts as a fix. */
void report_fix(const char *name, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "Kernel panic - not syncing: <message>", then port_die(). */
void report_panic(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* "GFP_KERNEL|__GFP_ZERO" for a mask, largest composite first. */
void report_gfp(char *buf, size_t n, unsigned int gfp);

/* Reports and fixes since start; tests compare before and after. */
unsigned long report_errors(void);

/* panic_on_warn, as the last report found it, or set by hand. */
extern bool report_panics;

#define WARN_CALLER() __builtin_return_address(0)

/* Evaluates to cond; the first time it is true, warns. */
#define warn_once_if(cond, ...)                                          \
	({                                                               \
		static uint32_t warned_;                                 \
		bool bad_ = (cond);                                      \
		if (unlikely(bad_) &&                                    \
		    !__atomic_exchange_n(&warned_, 1, __ATOMIC_RELAXED)) \
			report_warn(__FILE__, __LINE__, WARN_CALLER(),   \
				    __VA_ARGS__);                        \
		bad_;                                                    \
	})

#define warn_if(cond, ...)                                             \
	({                                                             \
		bool bad_ = (cond);                                    \
		if (unlikely(bad_))                                    \
			report_warn(__FILE__, __LINE__, WARN_CALLER(), \
				    __VA_ARGS__);                      \
		bad_;                                                  \
	})

/* Where the kernel has BUG_ON(). */
#define bug_if(cond, ...)                                               \
	({                                                              \
		bool bad_ = (cond);                                     \
		if (unlikely(bad_))                                     \
			report_bug_at(__FILE__, __LINE__, __VA_ARGS__); \
		bad_;                                                   \
	})

/* Our own invariants: checked in debug builds, always compiled. */
#if KMEM_DEBUG
#define DEBUG_ASSERT(cond)                                                  \
	do {                                                                \
		if (unlikely(!(cond)))                                      \
			report_panic("kmem: %s:%d: %s", __FILE__, __LINE__, \
				     #cond);                                \
	} while (0)
#else
#define DEBUG_ASSERT(cond) ((void)(0 && (cond)))
#endif

#endif
