/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The same loops on DPDK's rte_mempool: its usual ring handler, and a cache
 * of 256 objects for each thread, as mempool users of it have.  In memory of
 * normal pages, since huge ones need a machine that was set up for them.
 */
#include "bench.h"
#include "shapes.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#define OBJECTS 8191
#define CACHED 256

static struct rte_mempool *pool;

INLINE void *pool_get(size_t size)
{
	void *p = NULL;

	(void)size;
	return rte_mempool_get(pool, &p) ? NULL : p;
}

INLINE void pool_put(void *p)
{
	rte_mempool_put(pool, p);
}

#define POOL ((struct heap){ pool_get, pool_put })

SHAPE_SINGLE(pool_pair, shape_pair(POOL, 64, ops))

static const struct single singles[] = {
	{ "mempool-pair", 20000000, warm_pool_pair, measured_pool_pair },
	{},
};

static void *handoff_member(struct team *team, int number)
{
	/* Without it a thread has no cache in the pool. */
	if (rte_thread_register())
		bench_die("rte_thread_register: %s", rte_strerror(rte_errno));
	shape_handoff_member(POOL, 256, team, number);
	rte_thread_unregister();
	return NULL;
}

int main(int argc, char **argv)
{
	struct args args = bench_args(argc, argv);
	int handoff = !strcmp(args.mode, "mempool-handoff");
	static char name[] = "load_dpdk", nohuge[] = "--no-huge",
		    private[] = "--no-shconf", nopci[] = "--no-pci",
		    quiet[] = "--log-level=lib.*:4",
		    telemetry[] = "--no-telemetry";
	char *eal[] = { name, nohuge, private, nopci, quiet, telemetry };
	cpu_set_t allowed;
	struct team team = {
		.run = handoff_member,
		.ops = bench_count(&args, 3000000),
	};

	sched_getaffinity(0, sizeof(allowed), &allowed);
	if (rte_eal_init(sizeof(eal) / sizeof(*eal), eal) < 0)
		bench_die("rte_eal_init: %s", rte_strerror(rte_errno));
	/* The EAL pins the thread that calls it. */
	sched_setaffinity(0, sizeof(allowed), &allowed);
	pool = rte_mempool_create("bench", OBJECTS, handoff ? 256 : 64, CACHED,
				  0, NULL, NULL, NULL, NULL, SOCKET_ID_ANY, 0);
	if (!pool)
		bench_die("rte_mempool_create: %s", rte_strerror(rte_errno));
	if (handoff)
		handoff_measure(&team);
	else if (!bench_run_single(singles, &args))
		bench_die("%s: no mode %s", argv[0], args.mode);
	return 0;
}
