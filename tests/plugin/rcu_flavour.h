/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef PLUGIN_RCU_FLAVOUR_H
#define PLUGIN_RCU_FLAVOUR_H

/* What the library exports as rcu_plugin: what a reader does. */
struct rcu_plugin {
	void (*begin)(void), (*end)(void);   /* the thread's life as a reader */
	void (*enter)(void), (*leave)(void); /* a section */
	void (*waited)(void); /* returns when somebody waits; NULL: unknown */
};

#endif
