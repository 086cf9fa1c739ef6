/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Which CPUs are on: /sys/devices/system/cpu/online, a list like "0-3,6". */
#define _GNU_SOURCE 1

#include "port/port.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "port/linux/cancel.h"
#include "port/linux/confine.h"
#include "port/linux/own.h"

static unsigned int add_cpus(uint64_t *map, size_t words, unsigned long from,
			     unsigned long to)
{
	unsigned int n = 0;

	for (; from <= to && from < words * 64; from++, n++)
		map[from / 64] |= 1ull << from % 64;
	return n;
}

static unsigned int read_list(const char *s, uint64_t *map, size_t words)
{
	unsigned long v = 0, from = 0;
	unsigned int n = 0;
	bool range = false;

	for (;; s++) {
		if (*s >= '0' && *s <= '9') {
			v = v * 10 + (unsigned long)(*s - '0');
			continue;
		}
		if (*s == '-') {
			from = v;
			range = true;
		} else {
			n += add_cpus(map, words, range ? from : v, v);
			range = false;
		}
		v = 0;
		if (*s != ',' && *s != '-')
			return n;
	}
}

unsigned int port_cpus_online(uint64_t *map, size_t words)
{
	KEEPS_ERRNO();
	char text[1024];
	ssize_t got;
	int fd;

	if (confined())
		return 0;
	fd = UNCANCELLED(
		open("/sys/devices/system/cpu/online", O_RDONLY | O_CLOEXEC));
	if (fd < 0)
		return 0;
	do
		got = UNCANCELLED(read(fd, text, sizeof(text) - 1));
	while (got < 0 && errno == EINTR);
	UNCANCELLED(close(fd));
	if (got <= 0)
		return 0;
	text[got] = '\0';
	return read_list(text, map, words);
}
