/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * KMEM_OPTIONS as the library reads them: checked before a program is started
 * with them, put together, and listed.
 */
#include "lib/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

/* What the library keeps of them. */
#define OPTIONS_BYTES 4095

static const char *command;

static void refused(const char *item, size_t n, const char *why)
{
	complain("%s: KMEM_OPTIONS: '%.*s': %s", command, (int)n, item, why);
}

static size_t key_length(const char *item)
{
	return strcspn(item, "=,");
}

static bool has_key(const char *all, const char *key, size_t n)
{
	for (; *all; all += strcspn(all, ","), all += *all == ',')
		if (key_length(all) == n && !strncmp(all, key, n))
			return true;
	return false;
}

bool options_set(const char *name, const char *mine)
{
	const char *before = getenv("KMEM_OPTIONS"), *at;
	char *all, *to;
	size_t n;

	at = before ? before : "";
	if (!*mine && !*at)
		return true;
	all = malloc(strlen(at) + strlen(mine) + 2);
	if (!all)
		return false;
	/* a kmem run inside another has a file of its own */
	for (to = all; *at; at += n, at += *at == ',') {
		n = strcspn(at, ",");
		if (!n || has_key(mine, at, key_length(at)))
			continue;
		to = mempcpy(to, at, n);
		*to++ = ',';
	}
	strcpy(to, mine);
	n = strlen(all);
	if (n && all[n - 1] == ',')
		all[--n] = 0;
	command = name;
	if (n > OPTIONS_BYTES) {
		complain("%s: KMEM_OPTIONS: %zu bytes; the most are %d", name,
			 n, OPTIONS_BYTES);
		return false;
	}
	return !options_parse(all, refused) && !setenv("KMEM_OPTIONS", all, 1);
}

/* --- the page of kmem help options ---------------------------------------- */

static void print_standard(const struct option_def *d)
{
	if (d->type >= OPTION_TEXT)
		fputs("none", stdout);
	else if (d->type == OPTION_WORD)
		fputs(d->words[d->standard], stdout);
	else if (d->type == OPTION_SIZE && d->standard)
		printf("%lldM", (long long)d->standard >> 20);
	else
		printf("%lld", (long long)d->standard);
}

int options_list(void)
{
	char accepts[256];

	puts("KMEM_OPTIONS=key=value,key,... in the environment of a program\n"
	     "on the library.  What is refused is named on stderr and is as if\n"
	     "it were not written; kmem run then starts nothing.\n");
	for (enum option_key k = 0; k < OPTIONS; k++) {
		const struct option_def *d = &option_table[k];

		option_accepts(k, accepts, sizeof(accepts));
		printf("%s\n    %s\n    takes %s\n    without it: ", d->name,
		       d->help, accepts);
		print_standard(d);
		printf("\n    for example: %s=%s\n", d->name, d->example);
	}
	return finish_output();
}
