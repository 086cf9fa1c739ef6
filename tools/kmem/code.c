/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols.h"

static void range_add(struct code *c, const struct code_range *r,
		      const char *path)
{
	struct code_range *more;

	more = realloc(c->range, (c->nr + 1) * sizeof(*more));
	if (!more)
		return;
	c->range = more;
	more[c->nr] = *r;
	more[c->nr].path = strdup(path);
	if (more[c->nr].path)
		c->nr++;
}

void code_read(struct code *c, pid_t pid)
{
	char path[64], perms[8], *line = NULL;
	struct code_range r;
	size_t room = 0;
	FILE *from;
	int name;

	memset(c, 0, sizeof(*c));
	snprintf(path, sizeof(path), "/proc/%ld/maps", (long)pid);
	from = fopen(path, "re");
	while (from && getline(&line, &room, from) > 0) {
		name = 0;
		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %n", &r.from, &r.to,
			   perms, &r.offset, &name) == 4 &&
		    name && perms[2] == 'x' && line[name] == '/')
			range_add(c, &r, line + name);
	}
	free(line);
	if (from)
		fclose(from);
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
