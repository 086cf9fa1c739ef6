/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "port/options.h"

#include "lib/mem.h"
#include "lib/options.h"
#include "lib/text.h"
#include "port/port.h"

/* The most that one variable can make us write: every program inherits it. */
#define LINES_MOST 8
#define ITEM_MOST 64

static unsigned int lines;

static void refused(const char *item, size_t n, const char *why)
{
	char shown[ITEM_MOST + 1], line[768];
	size_t i;
	int len;

	if (lines++ >= LINES_MOST)
		return;
	for (i = 0; i < n && i < ITEM_MOST; i++)
		shown[i] = item[i] >= ' ' && item[i] <= '~' ? item[i] : '?';
	shown[i] = '\0';
	len = text_format(line, sizeof(line),
			  "kmem: KMEM_OPTIONS: '%s%s' is ignored: %s%s\n",
			  shown, n > ITEM_MOST ? "..." : "", why,
			  lines == LINES_MOST ? "; of more nothing is said" :
						"");
	port_write(line, (size_t)len);
}

void options_start(void)
{
	static const char end[] = "Kernel panic - not syncing: "
				  "kmem: panic_on_warn set ...\n";

	lines = 0;
	if (!options_parse(port_options(), refused) ||
	    !option_value(OPT_PANIC_ON_WARN))
		return;
	port_write(end, sizeof(end) - 1);
	port_die();
}
