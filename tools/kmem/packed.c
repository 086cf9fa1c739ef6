/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "packed.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"

#define FIRST 4096u

static const struct packer {
	const char *magic;
	size_t n;
	const char *program; /* its -d unpacks */
} packers[] = {
	{ "\x28\xb5\x2f\xfd", 4, "zstd" },
	{ "\x04\x22\x4d\x18", 4, "lz4" },
	{ "\xfd\x37zXZ", 5, "xz" },
	{ "\x1f\x8b", 2, "gzip" },
	{ "BZh", 3, "bzip2" },
};

static const struct packer *packer_of(const char *first, size_t n)
{
	for (size_t i = 0; i < sizeof(packers) / sizeof(*packers); i++)
		if (n >= packers[i].n &&
		    !memcmp(first, packers[i].magic, packers[i].n))
			return &packers[i];
	return NULL;
}

static ssize_t first_read(const char *path, char *first)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n = -1;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		n = read(fd, first, FIRST);
	if (fd >= 0)
		close(fd);
	return n;
}

bool packed_is_memory(const char *path)
{
	char first[FIRST];
	ssize_t n = first_read(path, first);

	return n > 0 &&
	       (memchr(first, 0, (size_t)n) || packer_of(first, (size_t)n));
}

bool packed_check(const char *command, const char *path)
{
	const struct packer *p;
	char first[FIRST];
	ssize_t n;

	errno = EINVAL;
	n = first_read(path, first);
	if (n < 0) {
		complain("%s: %s: %s", command, path, strerror(errno));
		return false;
	}
	if (!n) {
		complain("%s: %s is empty: no core was written; 'ulimit -c "
			 "unlimited' allows one",
			 command, path);
		return false;
	}
	p = packer_of(first, (size_t)n);
	if (!p)
		return true;
	complain("%s: %s is packed by %s; unpack it first: %s -d < %s > CORE%s",
		 command, path, p->program, p->program, path,
		 strstr(path, "systemd/coredump") ?
			 ", or: coredumpctl dump --output=CORE PID" :
			 "");
	return false;
}
