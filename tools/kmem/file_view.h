/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A file whose content is looked at where it lies: a core, a dump. */
#ifndef KMEM_TOOL_FILE_VIEW_H
#define KMEM_TOOL_FILE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct file_view {
	int fd;
	const char *base; /* NULL: it is not open */
	size_t size;
	time_t when; /* it was written */
};

/* A regular file of so many bytes at least; false, and errno says why. */
bool file_view_open(struct file_view *f, const char *path, size_t least);
/* Also of one that could not be opened, or is all zero. */
void file_view_close(struct file_view *f);

#endif
