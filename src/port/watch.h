/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Part of port.h: the tools that watch the program.
 *
 * Such a tool watches what the program does with its memory: memcheck, or a
 * sanitizer that the program was built with.  It knows nothing of blocks that
 * are not its own malloc's, unless it is told: a block's birth, with the bytes
 * that its owner may use and whether their content means something; its death,
 * after which nobody may use them, or (kept) readers may; another size, in
 * place.  What is shut must not be touched by anybody, what is open may be.
 * Of a free of what is no block accuse() makes the tool's own report.  Between
 * mute(true) and mute(false) nothing that the running thread does is a fault.
 * is_open(): is that memory of the program's, all of it, that may be touched?
 * root(): what is in there may point to blocks of the tool's malloc.
 * describe(): fn says more of an address in the tool's reports.
 */
#ifndef PORT_WATCH_H
#define PORT_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct port_watch {
	bool keeps_stacks; /* of births and deaths */
	void (*born)(const void *p, size_t n, bool defined);
	void (*died)(const void *p, size_t n, bool kept);
	void (*resized)(const void *p, size_t old, size_t n);
	void (*shut)(const void *p, size_t n);
	void (*open)(const void *p, size_t n, bool defined);
	void (*accuse)(const void *p);
	void (*mute)(bool on);
	void (*root)(const void *p, size_t n, bool on);
	bool (*is_open)(const void *p, size_t n);
	void (*describe)(void (*fn)(const void *p));
};

#endif
