/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Lost objects, those that are alike together, and how they are shown. */
#ifndef KMEM_TOOL_LEAKS_GROUP_H
#define KMEM_TOOL_LEAKS_GROUP_H

#include "leaks.h"
#include "site_name.h"

/* Objects that are alike, and one of them. */
struct leak_group {
	uint64_t key;
	struct place first;
	uint64_t addr, size; /* of the first */
	uint64_t objects, bytes, by_lost;
	struct call call; /* that of the first */
	uint64_t site;    /* as kmem_pub_site has it; 0: not known */
};

struct leaks {
	struct heap heap;
	struct losses losses;
	struct leak_group *group; /* the largest first */
	size_t nr;
	uint64_t bytes;
};

/* What is known of one object, of which only the place is. */
void leaks_object(const struct leaks *l, struct leak_group *g);
bool leaks_group(struct leaks *l);
void leaks_free(struct leaks *l);

void leaks_text(FILE *to, const struct leaks *l, bool all);
bool leaks_json(FILE *to, const struct leaks *l);
void leaks_html(FILE *to, const struct leaks *l);

#endif
