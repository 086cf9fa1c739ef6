/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The keys of KMEM_OPTIONS, all in one place; each is read where it acts.
 */
#ifndef DEBUG_OPTIONS_H
#define DEBUG_OPTIONS_H

/* Says which keys of the options are not known, and which are. Once. */
void options_check(void);

#endif
