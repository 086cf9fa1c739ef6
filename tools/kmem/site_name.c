/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "site_name.h"

#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>

#include <kmem/published.h>
#include <linux/alloc_tag.h>

static bool peek(pid_t pid, uint64_t at, void *to, size_t n)
{
	struct iovec here = { to, n };
	struct iovec there = { (void *)(uintptr_t)at, n };

	return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)n;
}

/* A text of the process, cut where it cannot be read or is too long. */
static void peek_text(pid_t pid, const char *at, char *to)
{
	size_t i;

	for (i = 0; i < SITE_TEXT - 1; i++) {
		if (!at || !peek(pid, (uintptr_t)at + i, &to[i], 1) || !to[i])
			break;
		/* what JSON and a terminal can take */
		if (to[i] < ' ' || to[i] > '~')
			to[i] = '?';
	}
	to[i] = 0;
}

void site_name(struct site_name *n, pid_t pid, const struct code *c,
	       uint64_t site)
{
	uint64_t at = site & SITE_ADDR;
	struct alloc_tag tag;

	memset(n, 0, sizeof(*n));
	if (!site) {
		strcpy(n->file, "unaccounted");
		strcpy(n->function, "none");
	} else if (!(site & KMEM_PUB_SITE_TAG)) {
		snprintf(n->file, SITE_TEXT, "0x%llx", (unsigned long long)at);
		code_name(c, at, n->function, SITE_TEXT);
	} else if (peek(pid, at, &tag, sizeof(tag))) {
		n->line = tag.ct.lineno;
		peek_text(pid, tag.ct.filename, n->file);
		peek_text(pid, tag.ct.function, n->function);
		peek_text(pid, tag.ct.modname, n->module);
	} else {
		snprintf(n->file, SITE_TEXT, "0x%llx", (unsigned long long)at);
		strcpy(n->function, "unreadable");
	}
}

void site_text(FILE *to, const struct site_name *n,
	       void (*put)(FILE *to, const char *text))
{
	char text[3 * SITE_TEXT + 32];

	snprintf(text, sizeof(text), "%s:%u %s%s%sfunc:%s", n->file, n->line,
		 *n->module ? "[" : "", n->module, *n->module ? "] " : "",
		 n->function);
	put(to, text);
}
