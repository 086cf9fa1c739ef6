/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The loops of typed.h in Linux itself: measures one of them once the kernel
 * has booted, and halts it.
 *
 * The command line says which: kmem_bench=MODE,OPS.  The answer is one line,
 * "bench: ns N ops N", by the clock.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/reboot.h>
#include <linux/string.h>

#define INLINE static __always_inline
#define ALONE __attribute__((noipa))
#define bench_die(what) panic("bench: %s", what)

#include "typed.h"

static const struct single singles[] = { TYPED_SINGLES };
static char wanted[32];
static long ops;

static int __init bench_setup(char *text)
{
	char *comma = strchr(text, ',');

	if (comma)
		ops = simple_strtol(comma + 1, NULL, 10);
	strscpy(wanted, text, sizeof(wanted));
	if (comma && comma - text < (long)sizeof(wanted))
		wanted[comma - text] = '\0';
	return 1;
}
__setup("kmem_bench=", bench_setup);

static void measure(const struct single *one)
{
	u64 ns;

	one->warm(ops / 10 + 1);
	ns = ktime_get_ns();
	one->measured(ops);
	ns = ktime_get_ns() - ns;
	pr_alert("bench: ns %llu ops %ld\n", ns, ops);
}

static int __init bench_run(void)
{
	cache = kmem_cache_create("bench", 64, 0, 0, NULL);
	pool = cache ? mempool_create_slab_pool(256, cache) : NULL;
	if (!pool)
		bench_die("no cache, no pool");
	for (size_t i = 0; i < ARRAY_SIZE(singles); i++)
		if (strcmp(singles[i].mode, wanted) == 0)
			measure(&singles[i]);
	/* A restart ends QEMU; User Mode Linux would start again. */
	if (IS_ENABLED(CONFIG_UML))
		kernel_halt();
	emergency_restart();
	return 0;
}
late_initcall(bench_run);
