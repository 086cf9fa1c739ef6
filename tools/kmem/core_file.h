/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A core as core.c parses it and core_read.c reads it.
 */
#ifndef KMEM_TOOL_CORE_FILE_H
#define KMEM_TOOL_CORE_FILE_H

#include <sys/procfs.h>

#include "core.h"
#include "file_view.h"

#define CORE_PAGE 4096u

/* A mapping; [from, from + kept) is in the core from at on. */
struct segment {
	uint64_t from, to, kept, at;
	unsigned int flags;
};

/* A part of a file that was mapped. */
struct part {
	uint64_t from, to, offset;
	const char *path;
	int fd; /* -1: cannot be had, or is no longer what it was */
	bool looked;
};

struct core {
	struct file_view file;
	struct segment *segment;
	size_t segments;
	struct part *part;
	size_t parts;
	struct elf_prstatus *thread;
	size_t threads;
	struct elf_prpsinfo who;
	uint64_t vdso, stack; /* addresses inside of them, or 0 */
	bool has_who;
	char path[256]; /* for complaints */
};

static inline const struct segment *segment_at(const struct core *c,
					       uint64_t at)
{
	size_t low = 0, high = c->segments, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (at >= c->segment[mid].to)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->segments && at >= c->segment[low].from ?
		       &c->segment[low] :
		       NULL;
}

static inline struct part *part_at(const struct core *c, uint64_t at)
{
	for (size_t i = 0; i < c->parts; i++)
		if (at >= c->part[i].from && at < c->part[i].to)
			return &c->part[i];
	return NULL;
}

#endif
