/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The library's own thread, of which there is one at most and none unless an
 * option asks for it:
 *
 *	background=1	gives back what an idle process keeps (purge.c)
 *	kswapd=1	keeps pages free for requests that must not block
 *	pressure=	waits for pressure, so its sleep is that of the layer
 *			above
 *	rt=		of a program on the malloc front: makes memory resident
 *	kfence.sample_interval=
 *			says when the next object is to be guarded; a duty of
 *			the layer above
 *
 * It is started by a slow path that may call the OS, tried again by later ones,
 * and by the first of these in the child of a fork; not by a free of the malloc
 * front, which libc calls with locks held.  Between its duties it sleeps until
 * it is woken or the next of them is due; a caller that must not call the OS
 * does not wake it, and is served when that time is over.
 */
#include "page/page.h"
#include "page/reclaim.h"

#include "debug/report.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/options.h"
#include "lib/time.h"
#include "port/port.h"
#include "sync/boot.h"

/* At least this often it polls for requests of other processes. */
#define LOOK_NS (1000 * NS_PER_MS)
/* The shortest time between two rounds for an idle process. */
#define ROUND_LEAST_NS (100 * NS_PER_MS)
/* The resolution of the clock. */
#define CLOCK_STEP_NS (10 * NS_PER_MS)

static bool idle_wanted; /* background=1 */
static uint32_t running; /* 1: there is a thread */
static uint32_t bell;    /* the word it sleeps on; 1: woken */
static void (*sleep_above)(int64_t ns);
static void (*first)(void); /* to be done once, before it sleeps */
static const struct page_duty *page_duty;

void thread_boot(void)
{
	idle_wanted = option_value(OPT_BACKGROUND) && page_idle_ns() >= 0;
	/* needed even if nothing was ever freed */
	if (kswapd_on)
		page_pass_due();
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t own_nap_ns(void)
{
	int64_t ns = LOOK_NS, idle = page_idle_ns();

	if ((!idle_wanted || idle < 0) && !kswapd_on)
		return READ_ONCE(sleep_above) ? ns : -1;
	if (idle_wanted && idle >= 0)
		ns = earlier(ns, idle < ROUND_LEAST_NS ? ROUND_LEAST_NS : idle);
	return kswapd_on ? earlier(ns, kswapd_nap_ns()) : ns;
}

static const struct page_duty *duty_now(void)
{
	return __atomic_load_n(&page_duty, __ATOMIC_ACQUIRE);
}

static int64_t nap_ns(void)
{
	int64_t ns = own_nap_ns(), due = duty_now() ? duty_now()->due() : -1;

	if (due < 0)
		return ns;
	return ns < 0 ? due : earlier(ns, due);
}

static void nap(void)
{
	void (*fn)(int64_t) = __atomic_load_n(&sleep_above, __ATOMIC_ACQUIRE);

	if (fn)
		fn(nap_ns());
	else
		port_wait(&bell, 0, nap_ns());
	/* pairs with thread_ring(): later wake-ups are seen */
	__atomic_store_n(&bell, 0, __ATOMIC_SEQ_CST);
}

static void do_first(void)
{
	void (*fn)(void) = __atomic_exchange_n(&first, NULL, __ATOMIC_SEQ_CST);

	if (fn)
		fn();
}

static void run(void)
{
	uint64_t due = port_clock_ns() + (uint64_t)page_idle_ns();
	uint64_t now;

	/* Sleeps: nap() in each round. */
	for (;;) {
		do_first();
		if (kswapd_on)
			kswapd_pass();
		nap();
		if (duty_now())
			duty_now()->fn();
		if (page_asked())
			clients_ask();
		now = port_clock_ns();
		if (!idle_wanted || now + CLOCK_STEP_NS < due ||
		    page_idle_ns() < 0)
			continue;
		due = now + (uint64_t)page_idle_ns();
		purge_background();
	}
}

void page_thread_use(void (*sleep)(int64_t ns))
{
	__atomic_store_n(&sleep_above, sleep, __ATOMIC_RELEASE);
}

void page_thread_duty(const struct page_duty *duty)
{
	__atomic_store_n(&page_duty, duty, __ATOMIC_RELEASE);
	page_pass_due();
}

void page_thread_first(void (*fn)(void))
{
	__atomic_store_n(&first, fn, __ATOMIC_SEQ_CST);
	thread_ring();
}

static bool is_wanted(void)
{
	return idle_wanted || kswapd_on || READ_ONCE(sleep_above) ||
	       READ_ONCE(first) || duty_now();
}

/*
 * A thread that options ask for and that cannot start is reported; later passes
 * try again.
 */
static void page_thread_start(void)
{
	static uint32_t told;
	int err = port_thread(run);

	if (!err)
		return;
	WRITE_ONCE(running, 0);
	if (err == -EBUSY)
		page_pass_due();
	else if (!__atomic_exchange_n(&told, 1, __ATOMIC_RELAXED))
		report("kmem: no thread for%s%s%s%s%s yet: error %d",
		       idle_wanted ? " background=" : "",
		       kswapd_on ? " kswapd=" : "",
		       READ_ONCE(sleep_above) ? " pressure=" : "",
		       READ_ONCE(first) ? " rt=" : "",
		       duty_now() ? " kfence.sample_interval=" : "", err);
}

void page_thread(void)
{
	uint32_t none = 0;

	if (likely(!is_wanted()) || READ_ONCE(running))
		return;
	/* the allocations of a thread's start must be served */
	if (boot_busy()) {
		page_pass_due();
		return;
	}
	if (__atomic_compare_exchange_n(&running, &none, 1, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		page_thread_start();
}

void thread_ring(void)
{
	if (!__atomic_exchange_n(&bell, 1, __ATOMIC_SEQ_CST))
		port_wake(&bell, 1);
}

void thread_forked(void)
{
	WRITE_ONCE(running, 0);
	WRITE_ONCE(bell, 0);
	WRITE_ONCE(first, NULL);
	page_pass_due();
}
