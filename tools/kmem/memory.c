/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "memory.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

#include "published.h"
#include "symbols.h"

static bool process_read(struct memory *m, uint64_t at, void *to, size_t n)
{
	struct iovec here = { to, n };
	struct iovec there = { (void *)(uintptr_t)at, n };
	ssize_t got = process_vm_readv(m->pid, &here, 1, &there, 1, 0);

	if (got == (ssize_t)n)
		return true;
	m->error = got < 0 ? errno : EFAULT;
	return false;
}

static bool core_memory(struct memory *m, uint64_t at, void *to, size_t n)
{
	bool good = core_read(m->core, at, to, n);

	m->error = good ? 0 : errno;
	return good;
}

static bool dump_memory(struct memory *m, uint64_t at, void *to, size_t n)
{
	bool good = dump_read(m->dump, at, to, n);

	m->error = good ? 0 : errno;
	return good;
}

bool memory_map_add(struct memory *m, uint64_t from, uint64_t to,
		    uint64_t offset, const char *perms, const char *name)
{
	struct mapping one = { .from = from, .to = to, .offset = offset };
	struct mapping *more;

	snprintf(one.perms, sizeof(one.perms), "%s", perms);
	one.name = strdup(name);
	more = realloc(m->map, (m->nr_maps + 1) * sizeof(*m->map));
	if (more)
		m->map = more;
	if (!more || !one.name) {
		free(one.name);
		return false;
	}
	m->map[m->nr_maps++] = one;
	return true;
}

static bool mapping_add(struct memory *m, char *line)
{
	unsigned long from, to, offset;
	char perms[5];
	int name = 0;

	line[strcspn(line, "\n")] = 0;
	if (sscanf(line, "%lx-%lx %4s %lx %*s %*s %n", &from, &to, perms,
		   &offset, &name) != 4)
		return true;
	return memory_map_add(m, from, to, offset, perms, line + name);
}

static bool maps_read(struct memory *m)
{
	char path[64], *line = NULL;
	bool good = true;
	size_t room = 0;
	FILE *from;

	snprintf(path, sizeof(path), "/proc/%ld/maps", (long)m->pid);
	from = fopen(path, "re");
	while (from && good && getline(&line, &room, from) > 0)
		good = mapping_add(m, line);
	free(line);
	if (from)
		fclose(from);
	return good;
}

bool memory_of_process(struct memory *m, pid_t pid)
{
	struct timespec ts;

	memset(m, 0, sizeof(*m));
	m->read = process_read;
	m->pid = pid;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	m->now_ms = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	return maps_read(m);
}

bool memory_open(struct memory *m, const struct books *b)
{
	if (!books_of_file(b))
		return memory_of_process(m, b->pid);
	memset(m, 0, sizeof(*m));
	m->read = b->core ? core_memory : dump_memory;
	m->core = b->core;
	m->dump = b->dump;
	m->pid = b->pid;
	return !b->core || core_maps(b->core, m);
}

static void maps_free(struct memory *m)
{
	for (size_t i = 0; i < m->nr_maps; i++)
		free(m->map[i].name);
	free(m->map);
	m->map = NULL;
	m->nr_maps = 0;
}

bool memory_maps_again(struct memory *m)
{
	if (m->read != process_read)
		return true;
	maps_free(m);
	return maps_read(m);
}

void memory_close(struct memory *m)
{
	maps_free(m);
	memset(m, 0, sizeof(*m));
}

const struct mapping *memory_mapping(const struct memory *m, uint64_t at)
{
	for (size_t i = 0; i < m->nr_maps; i++)
		if (at >= m->map[i].from && at < m->map[i].to)
			return &m->map[i];
	return NULL;
}

/* What addresses of the file are moved by; its first page is its header. */
static uint64_t bias_of(struct memory *m, const char *file)
{
	Elf64_Ehdr eh;

	for (size_t i = 0; i < m->nr_maps; i++) {
		const struct mapping *map = &m->map[i];

		if (map->offset || strcmp(map->name, file))
			continue;
		if (m->read(m, map->from, &eh, sizeof(eh)) &&
		    !memcmp(eh.e_ident, ELFMAG, SELFMAG) &&
		    eh.e_type == ET_EXEC)
			return 0;
		return map->from;
	}
	return 0;
}

void memory_symbol(struct memory *m, uint64_t pc, char *to, size_t size)
{
	const struct mapping *map = memory_mapping(m, pc);

	if (!map || map->name[0] != '/')
		snprintf(to, size, "0x%llx", (unsigned long long)pc);
	else
		symbol_name(map->name, pc - bias_of(m, map->name), to, size);
}
