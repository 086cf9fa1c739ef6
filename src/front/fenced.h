/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A large block of check=strict; fenced.c has the theory. */
#ifndef FRONT_FENCED_H
#define FRONT_FENCED_H

#include "lib/tree.h"
#include "slab/debug.h"

struct fenced {
	struct tree_node node; /* the mapping with its fences */
	char *body;            /* behind the fence in front */
	size_t bytes;          /* of the body */
	char *block;
	size_t asked;
	bool freed;
	struct fenced *next; /* freed after it */
	struct debug_track track[TRACKS];
};

#endif
