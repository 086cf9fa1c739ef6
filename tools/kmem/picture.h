/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The picture of kmem flow; examples/kernel/ prints it too, so it is made with
 * vsnprintf(), memset() and whole numbers alone.
 */
#ifndef KMEM_TOOL_PICTURE_H
#define KMEM_TOOL_PICTURE_H

#include "account.h"

/* What crosses one line of the picture. */
struct arrow {
	const char *below; /* the layer it comes from and goes back to */
	const char *above;
	const char *unit;
	uint64_t down, up; /* requests served, and things given back */
};

enum { ARROW_BARN, ARROW_SLUB, ARROW_PAGES, ARROW_BUDDY, ARROW_PORT, ARROWS };

void arrows_make(struct arrow *a, const struct books *b);

/* One line after the other, without its end; before: for the rates. */
void picture_draw(const struct books *now, const struct books *before,
		  void (*line)(void *to, const char *text), void *to);

#endif
