/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pages ahead of need: kswapd=1.
 *
 * A request that must not call the host cannot make a zone grow and cannot
 * reclaim.  When it finds a zone below low it says so here, if its flags have
 * __GFP_KSWAPD_RECLAIM, and goes on towards min.  The thread of background=1
 * then brings every zone that anybody has pages of back above high: by growth
 * where the host and the limit allow it, else by rounds of reclaim for as long
 * as they bring something.
 *
 * A blocking request wakes the thread.  One that is not may make no call, so
 * the thread looks by itself: every POLL_BUSY_NS for a while after somebody
 * was short, every POLL_IDLE_NS else.  What a request without either bit of
 * __GFP_RECLAIM finds is nobody's business.
 *
 * Without the option nobody is woken: who may sleep grows zones as it goes.
 */
#include "page/page.h"

#include "lib/text.h"
#include "port/port.h"

#define MS 1000000ull
#define POLL_BUSY_NS (10 * MS)
#define POLL_IDLE_NS (100 * MS)
/* How long it stays busy. */
#define LATELY_NS (1000 * MS)
/* Of reclaim, for one wake. */
#define ROUNDS 16

static struct {
	bool wanted;
	uint32_t asked;
	uint64_t busy_until; /* the thread's own */
} kswapd;

void kswapd_boot(const char *options)
{
	int64_t on = 0;

	option_number(options, "kswapd", &on);
	kswapd.wanted = on > 0;
}

bool kswapd_wanted(void)
{
	return kswapd.wanted;
}

void kswapd_ask(gfp_t gfp)
{
	if (likely(!kswapd.wanted) || !(gfp & __GFP_KSWAPD_RECLAIM))
		return;
	if (!__atomic_load_n(&kswapd.asked, __ATOMIC_RELAXED))
		__atomic_store_n(&kswapd.asked, 1, __ATOMIC_RELAXED);
	if (gfp & __GFP_DIRECT_RECLAIM)
		page_thread_wake();
}

int64_t kswapd_nap_ns(void)
{
	return port_clock_ns() < kswapd.busy_until ? (int64_t)POLL_BUSY_NS :
						     (int64_t)POLL_IDLE_NS;
}

static bool is_short(struct zone *z)
{
	bool is;

	zone_lock(z);
	is = z->free + z->isolated < z->mark[MARK_HIGH];
	zone_unlock(z);
	return is;
}

/* The highest zone short of pages, of those that have any; or NULL. */
static struct zone *short_zone(void)
{
	for (unsigned int i = ZONES; i-- > 0;) {
		struct zone *z = &zones[i];

		if (__atomic_load_n(&z->grown, __ATOMIC_RELAXED) > z->start &&
		    is_short(z))
			return z;
	}
	return NULL;
}

bool kswapd_balance(void)
{
	unsigned int rounds = 0;
	struct zone *z;

	if (!kswapd.wanted ||
	    !__atomic_exchange_n(&kswapd.asked, 0, __ATOMIC_RELAXED))
		return false;
	kswapd.busy_until = port_clock_ns() + LATELY_NS;
	while ((z = short_zone())) {
		if (zone_can_grow(z) && zone_grow(z, 0))
			continue;
		if (rounds++ == ROUNDS || !reclaim_run(GFP_KERNEL, 0))
			break;
		pcp_drain(true);
	}
	return true;
}
