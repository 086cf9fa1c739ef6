// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * What the command line asks for:
 *
 *	conform		tests/conform/ and the model, on one CPU
 *	short		those of tests/conform/ that want little memory
 *	cpus		all CPUs with interrupts (cpus.c)
 *	dump		some objects, and then nothing: memory is looked at
 */
#include "bare/tests.h"

#include <string.h>

#include <kmem/stats.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "model/ops.h"

#define SEQUENCES 6

static unsigned int model(void)
{
	static struct op ops[1500];
	struct model_result r;

	for (uint64_t seed = 1; seed <= SEQUENCES; seed++) {
		ops_random(ops, 1500, seed);
		ops_run(ops, 1500, 500, &r);
		if (!r.ok) {
			kprintf("not ok - model, seed %lu, operation %zu: %s\n",
				seed, r.at, r.why);
			return 1;
		}
	}
	kprintf("ok - model: %d sequences\n", SEQUENCES);
	return 0;
}

static unsigned int one_cpu(const char *options)
{
	unsigned int cases = 0, failed = conform_run(options, &cases);

	kprintf("conform: %u cases, %u not ok\n", cases, failed);
	return failed + (options ? 0 : model());
}

/* Never ends: what is printed is what a dump of memory has to show. */
static void stand_still(void)
{
	static uint32_t never;
	struct kmem_cache *s = kmem_cache_create("dumped", 200, 0, 0, NULL);
	void *p = NULL, *twice;

	twice = kmem_cache_alloc(s, GFP_KERNEL);
	for (unsigned int i = 0; i < 100; i++) {
		p = kmem_cache_alloc(s, GFP_KERNEL);
		if (!p || !vmalloc(5000))
			return;
	}
	kmem_cache_free(s, twice);
	kmem_cache_free(s, twice); /* slab_debug=F says so */
	kprintf("allocated %p\nfreed %p\n", p, twice);
	show(kmem_slabinfo, -1u);
	show_buddyinfo();
	kprintf("STANDS STILL\n");
	for (;;)
		bare_wait(&never, 0, -1);
}

unsigned int kernel_run(const char *line)
{
	unsigned int failed = 1;

	if (strstr(line, "short"))
		failed = one_cpu("mem=48M");
	else if (strstr(line, "dump"))
		stand_still();
	else if (strstr(line, "cpus"))
		failed = cpus_run();
	else
		failed = one_cpu(NULL);
	flow_print();
	return failed;
}
