/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What the call sites of a process hold, with their names. */
#ifndef KMEM_TOOL_SITES_H
#define KMEM_TOOL_SITES_H

#include <jansson.h>

#include "published.h"
#include "site_name.h"

struct site_shown {
	struct kmem_pub_site pub;
	struct site_name name;
};

struct sites {
	struct published_process who;
	struct site_shown *at; /* the largest first */
	size_t nr;
	bool on; /* accounting is */
};

/* Asks the process; false after a complaint.  what: enum kmem_pub_what. */
bool sites_get(struct published *p, const char *command, unsigned int what,
	       struct sites *all);
void sites_free(struct sites *all);
json_t *site_json(const struct site_shown *s);

#endif
