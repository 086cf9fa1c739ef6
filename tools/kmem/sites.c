/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The call sites of a process, with their names. */
#include "sites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

#define WAIT_SEC 2.0

/* The largest first, what is unaccounted last. */
static int compare(const void *a, const void *b)
{
	const struct site_shown *x = a, *y = b;

	if (!x->pub.site != !y->pub.site)
		return x->pub.site ? -1 : 1;
	if (x->pub.bytes != y->pub.bytes)
		return x->pub.bytes > y->pub.bytes ? -1 : 1;
	return x->pub.site < y->pub.site ? -1 : x->pub.site > y->pub.site;
}

bool sites_get(struct published *p, const char *command, unsigned int what,
	       struct sites *all)
{
	struct published_sites sites;
	struct code c;
	size_t i;

	published_process(p, &all->who);
	if (!published_sites(p, command, what, WAIT_SEC, &sites))
		return false;
	all->on = sites.on;
	all->at = calloc(sites.nr + 1, sizeof(*all->at));
	if (!all->at) {
		free(sites.site);
		complain("%s: %s", command, strerror(errno));
		return false;
	}
	code_read(&c, &(struct books){ .pid = all->who.pid });
	for (i = 0; i < sites.nr; i++) {
		all->at[i].pub = sites.site[i];
		site_name(&all->at[i].name, all->who.pid, &c,
			  sites.site[i].site);
	}
	all->nr = sites.nr;
	code_free(&c);
	free(sites.site);
	qsort(all->at, all->nr, sizeof(*all->at), compare);
	return true;
}

void sites_free(struct sites *all)
{
	free(all->at);
	all->at = NULL;
	all->nr = 0;
}

json_t *site_json(const struct site_shown *s)
{
	json_t *one = json_pack("{sI sI sb}", "bytes", (json_int_t)s->pub.bytes,
				"calls", (json_int_t)s->pub.calls, "accounted",
				s->pub.site != 0);

	if (s->name.line)
		json_object_set_new(one, "line", json_integer(s->name.line));
	if (s->name.line)
		json_object_set_new(one, "file", json_string(s->name.file));
	else if (s->pub.site)
		json_object_set_new(one, "address", json_string(s->name.file));
	if (s->pub.site)
		json_object_set_new(one, "function",
				    json_string(s->name.function));
	if (*s->name.module)
		json_object_set_new(one, "module", json_string(s->name.module));
	return one;
}
