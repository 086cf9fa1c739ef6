/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "debug/options.h"

#include "debug/report.h"
#include "lib/text.h"
#include "port/port.h"

/* docs/debugging.md has a row for each; scripts/check-options.py compares. */
static const char *const known[] = {
	"mem",
	"decay_ms",
	"min_free_kbytes",
	"panic_on_warn",
	"percpu",
	"slabinfo",
	"every",
	"slabinfo_pid",
	"publish",
	"torture",
	"keep",
	"burst",
	"background",
	"thp",
	"pressure",
	"pressure_ms",
	"pressure_root",
	"atomic_checks",
	"kswapd",
	"rt",
};

static size_t key_length(const char *at)
{
	size_t n = 0;

	while (at[n] && at[n] != ',' && at[n] != '=')
		n++;
	return n;
}

static bool is_known(const char *key, size_t n)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++)
		if (text_len(known[i]) == n && !memcmp(known[i], key, n))
			return true;
	return false;
}

static void complain(const char *key, size_t n)
{
	size_t i;

	report_begin();
	report_line("kmem: KMEM_OPTIONS has no key '%.*s'; it is ignored. "
		    "Keys:",
		    (int)n, key);
	for (i = 0; i < ARRAY_LEN(known); i++)
		report_line("kmem:   %s", known[i]);
	report_end();
}

void options_check(void)
{
	const char *at = port_options();
	size_t n;

	while (*at) {
		n = key_length(at);
		if (n && !is_known(at, n))
			complain(at, n);
		while (*at && *at != ',')
			at++;
		if (*at)
			at++;
	}
}
