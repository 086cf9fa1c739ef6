/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "symbols.h"

static void range_add(struct code *c, const struct mapping *map)
{
	struct code_range *more;

	more = realloc(c->range, (c->nr + 1) * sizeof(*more));
	if (!more)
		return;
	c->range = more;
	more[c->nr] = (struct code_range){
		map->from,
		map->to,
		map->offset,
		strdup(map->name),
	};
	if (more[c->nr].path)
		c->nr++;
}

void code_read(struct code *c, const struct books *b)
{
	struct memory m;

	memset(c, 0, sizeof(*c));
	if (memory_open(&m, b))
		for (size_t i = 0; i < m.nr_maps; i++)
			if (m.map[i].perms[2] == 'x' && m.map[i].name[0] == '/')
				range_add(c, &m.map[i]);
	memory_close(&m);
}

void code_free(struct code *c)
{
	while (c->nr)
		free(c->range[--c->nr].path);
	free(c->range);
	memset(c, 0, sizeof(*c));
}

void code_name(const struct code *c, uint64_t addr, char *to, size_t size)
{
	size_t i;

	for (i = 0; i < c->nr; i++) {
		const struct code_range *r = &c->range[i];

		if (addr >= r->from && addr < r->to &&
		    symbol_sized(r->path, addr - r->from + r->offset, to, size))
			return;
	}
	snprintf(to, size, "0x%llx", (unsigned long long)addr);
}
