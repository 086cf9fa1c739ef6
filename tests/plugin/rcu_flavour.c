/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A library that brings a flavour of liburcu to a process that had none:
 * compiled once for each, with FLAVOUR its name and one of RCU_QSBR, RCU_BP
 * set for the two that differ.
 */
#include "plugin/rcu_flavour.h"

#include <stddef.h>

#define PASTE(a, b, c) a##b##c
#define CALL_OF(flavour, name) PASTE(urcu_, flavour, name)
#define CALL(name) CALL_OF(FLAVOUR, name)

extern void CALL(_register_thread)(void);
extern void CALL(_unregister_thread)(void);
extern void CALL(_read_lock)(void);
extern void CALL(_read_unlock)(void);
extern void CALL(_quiescent_state)(void);
/* It is registered by its first section, and no more when it ends. */
extern void urcu_bp_read_lock(void);
extern void urcu_bp_read_unlock(void);

static void begin(void)
{
#if !defined(RCU_BP)
	CALL(_register_thread)();
#endif
}

static void end(void)
{
#if !defined(RCU_BP)
	CALL(_unregister_thread)();
#endif
}

static void enter(void)
{
#if !defined(RCU_QSBR)
	CALL(_read_lock)();
#endif
}

static void leave(void)
{
#if defined(RCU_QSBR)
	CALL(_quiescent_state)();
#else
	CALL(_read_unlock)();
#endif
}

const struct rcu_plugin rcu_plugin = { begin, end, enter, leave, NULL };

/* The host's, if it wants to be called while the library is being loaded. */
extern void rcu_plugin_loading(void) __attribute__((weak));

static void __attribute__((constructor)) loading(void)
{
	if (rcu_plugin_loading)
		rcu_plugin_loading();
}
