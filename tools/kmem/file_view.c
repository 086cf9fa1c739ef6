/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "file_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_large_file(int fd, size_t least, struct stat *st)
{
	if (fstat(fd, st))
		return false;
	if (S_ISREG(st->st_mode) && st->st_size >= (off_t)least)
		return true;
	errno = EINVAL;
	return false;
}

bool file_view_open(struct file_view *f, const char *path, size_t least)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	struct stat st;
	void *p = MAP_FAILED;

	*f = (struct file_view){ 0 };
	if (fd < 0)
		return false;
	if (is_large_file(fd, least, &st))
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			 0);
	if (p == MAP_FAILED) {
		error = errno;
		close(fd);
		errno = error;
		return false;
	}
	*f = (struct file_view){ fd, p, (size_t)st.st_size, st.st_mtime };
	return true;
}

void file_view_close(struct file_view *f)
{
	if (!f->base)
		return;
	munmap((void *)(uintptr_t)f->base, f->size);
	close(f->fd);
	f->base = NULL;
}
