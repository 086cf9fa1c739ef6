// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Per-CPU sequences: the columns of the rseq backend.  sync/pcs.h has the
 * theory.  Where KMEM_RSEQ is 0 there are none, and no cache has a column.
 *
 * The units of all CPUs are one mapping, which costs memory where a CPU has
 * touched it: a slot that was never written reads as zero, and zero is the
 * sentinel.  Two units before the first stand for the numbers -1 and -2 of
 * threads without a CPU; they are never written, nor are column 0, which is
 * `none`, and column 1, which is `gate`.  The unit before those has the masks:
 * a push that knows no more than a column finds it full while its mask is 0, as
 * it is while it is parked.  In a process without sequences a static block
 * takes their place: every thread's number is -1 there.
 *
 * Invariants.
 *    - A column belongs to one cache or is free; a free one is all zero.
 *    - seq.column is home, none or gate.  Under slab_mutex it changes to and
 *      from none by a store; between home and gate by a compare-and-exchange,
 *      from gate without the mutex: so what is parked stays parked.
 *    - behind.column is home or none, and none whenever seq.column is.
 *    - none < gate < every home.
 *    - A slot of CPU n is non-zero only if n < seen: the exchange that would
 *      bring a sheaf to another CPU refuses.
 */
#include "sync/gate.h"

#include "lib/options.h"
#include "lib/shown.h"
#include "port/port.h"
#include "sync/cpu.h"

#if KMEM_INJECT
volatile uint32_t pcs_inject_spins;
#endif

#if !KMEM_RSEQ
#define port_rseq_start(wanted, area) ((void)(wanted), *(area) = 0, 0u)
#define port_rseq_fence() false
#define seq_pop_bulk(p, n, out) ((void)(p), (void)(n), (void)(out), 0)
#define seq_push_bulk(p, n, in) ((void)(p), (void)(n), (void)(in), 0)
#define seq_xchg(p, at, new, old, none, seen) \
	((void)(p), (void)(at), (void)(new), (void)(old), (void)(seen), false)
#elif defined(__x86_64__)
#include "sync/sequence_more_x86_64.h"
#else
#include "sync/sequence_more_aarch64.h"
#endif

_Static_assert(sizeof(pcs_standin_words) == 4096, "KMEM_SEQ_STANDIN_SYMBOL");
_Static_assert(offsetof(struct pcs, seq) == 0, "the first words of a cache");

#define SLOT_BYTES (2 * sizeof(uintptr_t))
#define COLUMNS (KMEM_SEQ_UNIT / SLOT_BYTES)
#define MAP_BITS 64u
#define BELOW 3u /* units below that of CPU 0 */
/* An exchange meets a CPU not seen before, or parking, a few times at most. */
#define XCHG_TRIES 4

char idle_units[KMEM_RSEQ * BELOW * KMEM_SEQ_UNIT + SLOT_BYTES] BULKY("units")
	__attribute__((aligned(CACHE_LINE)));
static uintptr_t none = (uintptr_t)idle_units + BELOW * KMEM_SEQ_UNIT;
#define GATE (none + SLOT_BYTES)
static bool running; /* sequences are used in this process */
static bool gates_kept;
static unsigned int cpus;
static unsigned long seen;
static uint64_t used[COLUMNS / MAP_BITS];

#if KMEM_RSEQ
int64_t pcs_rseq_area;
SHOWN(shown_area, "kmem_rseq_1");

/*
 * A thread that finds a cache finds its area: on machines that order loads by
 * themselves because this was stored first, on others because the fence is
 * between the two, or because caches are loaded with acquire.
 */
static void area_set(int64_t area)
{
	__atomic_store_n(&pcs_rseq_area, area, __ATOMIC_RELEASE);
	shown_set(shown_area, area);
}

int pcs_this_cpu(void)
{
	const char *tp = __builtin_thread_pointer();
	const int32_t *area = (const void *)(tp + pcs_rseq_area);

	return __atomic_load_n(area + 1, __ATOMIC_RELAXED);
}
#else
#define area_set(area) ((void)(area))

int pcs_this_cpu(void)
{
	return -1;
}
#endif

int pcs_boot(void)
{
	/* what is checked at every request must not be served by a sequence */
	bool wanted = option_value(OPT_PERCPU) != PERCPU_LOCK &&
		      !option_value(OPT_ATOMIC_CHECKS);
	int64_t area;
	unsigned int n;
	char *mem = NULL;

	if (running)
		return 0;
	n = port_rseq_start(wanted, &area);
	if (n)
		mem = port_map((n + BELOW) * KMEM_SEQ_UNIT, KMEM_SEQ_UNIT,
			       false);
	if (n && !mem)
		n = port_rseq_start(false, &area);
	area_set(area);
	if (!mem)
		return 0;
	cpus = n;
	none = (uintptr_t)mem + BELOW * KMEM_SEQ_UNIT;
	used[0] = 3;
	running = true;
	pcs_fence();
	return 0;
}

const char *pcs_backend(void)
{
	return running ? "rseq" : "lock";
}

void pcs_disown(void)
{
	port_rseq_disown();
}

static bool has_column(const struct pcs *p)
{
	return p->home != none;
}

bool pcs_on_column(const struct pcs *p)
{
	return has_column(p) && pcs_this_cpu() >= 0;
}

void column_init(struct pcs *p)
{
	p->home = none;
	p->seq.column = none;
	p->behind.column = none;
}

static uint32_t *mask_of(const struct pcs *p)
{
	return (uint32_t *)(p->home - BELOW * KMEM_SEQ_UNIT);
}

/* Home, or none: parked.  A cache that has no column stays at none. */
static void column_set(struct pcs *p, uintptr_t column)
{
	uintptr_t shown = column != none && gates_kept ? GATE : column;

	/* a thread that finds the column sees what was done to the slots */
	__atomic_store_n(&p->seq.column, shown, __ATOMIC_RELEASE);
	__atomic_store_n(&p->behind.column, column, __ATOMIC_RELEASE);
	__atomic_store_n(mask_of(p), column == none ? 0 : p->seq.mask,
			 __ATOMIC_RELEASE);
}

bool pcs_open(struct pcs *p)
{
	unsigned int i, bit;

	if (!running || has_column(p))
		return running;
	for (i = 0; i < ARRAY_LEN(used) && !~used[i]; i++)
		;
	if (i == ARRAY_LEN(used))
		return false;
	bit = (unsigned int)__builtin_ctzll(~used[i]);
	used[i] |= 1ull << bit;
	p->home = none + (i * MAP_BITS + bit) * SLOT_BYTES;
	column_set(p, p->home);
	return true;
}

static uintptr_t *words_of(const struct pcs *p, unsigned long cpu)
{
	return (uintptr_t *)(p->home + (cpu << KMEM_SEQ_SHIFT));
}

static unsigned long cpus_seen(void)
{
	return __atomic_load_n(&seen, __ATOMIC_ACQUIRE);
}

unsigned long column_slots(const struct pcs *p)
{
	return has_column(p) ? cpus_seen() : 0;
}

void column_fenced(struct pcs *p)
{
	if (p->parked == PCS_PARKED)
		p->parked = PCS_FENCED;
}

/* Every slot of the column is at rest and empty, or it stays taken. */
void pcs_close(struct pcs *p, bool known)
{
	unsigned long i, cpu, n = column_slots(p);
	bool clean;

	if (!has_column(p))
		return;
	if (!p->parked) {
		pcs_park(p);
		if (pcs_fence())
			column_fenced(p);
	}
	/*
	 * No thread uses the cache any more, as the caller promises, so a fence
	 * that fails would have had no sequence to end.
	 */
	clean = !known;
	for (cpu = 0; clean && cpu < n; cpu++)
		clean = !words_of(p, cpu)[PCS_MAIN] &&
			!words_of(p, cpu)[PCS_SPARE];
	i = (p->home - none) / SLOT_BYTES;
	if (clean)
		used[i / MAP_BITS] &= ~(1ull << i % MAP_BITS);
	p->home = none;
	p->parked = PCS_HOME;
}

uintptr_t pcs_column(const struct pcs *p)
{
	return has_column(p) ? p->home : 0;
}

uintptr_t pcs_no_column(void)
{
	return none;
}

unsigned int pcs_cpus(void)
{
	return cpus;
}

int pcs_make_resident(void)
{
	uintptr_t lowest = none - BELOW * KMEM_SEQ_UNIT;

	return running ? port_populate((void *)lowest, pcs_columns_bytes()) : 0;
}

size_t pcs_columns_bytes(void)
{
	return running ? (cpus + BELOW) * KMEM_SEQ_UNIT : 0;
}

/* --- words and tops ------------------------------------------------------- */

static uintptr_t main_word(void **top)
{
	return (uintptr_t)top - (uintptr_t)PCS_STANDIN;
}

static void **top_of(uintptr_t word)
{
	return (void **)(word + (uintptr_t)PCS_STANDIN);
}

/* A spare that is not there is NULL to callers and zero in the slot. */
static uintptr_t word_from(enum pcs_word w, void **top)
{
	return w == PCS_SPARE && !top ? 0 : main_word(top);
}

static void **word_to(enum pcs_word w, uintptr_t word)
{
	return w == PCS_SPARE && !word ? NULL : top_of(word);
}

/* Makes room in the count of CPUs for this one; false: beyond all there are. */
static bool see_cpu(void)
{
	int cpu = pcs_this_cpu();
	unsigned long old = cpus_seen();

	if (cpu < 0 || (unsigned int)cpu >= cpus)
		return false;
	/* Bound: the CPUs, each of which raises it once. */
	while (old <= (unsigned int)cpu &&
	       !__atomic_compare_exchange_n(&seen, &old, (unsigned long)cpu + 1,
					    true, __ATOMIC_ACQ_REL,
					    __ATOMIC_ACQUIRE))
		;
	return true;
}

unsigned int column_pop_bulk(const struct pcs *p, unsigned int n, void **out)
{
	return (unsigned int)seq_pop_bulk(&p->behind, n, out);
}

unsigned int column_push_bulk(const struct pcs *p, unsigned int n, void **in)
{
	return (unsigned int)seq_push_bulk(&p->behind, n, in);
}

bool column_xchg(const struct pcs *p, enum pcs_word w, void **new, void ***old)
{
	uintptr_t was;
	unsigned int i;

	for (i = 0; i < XCHG_TRIES; i++) {
		if (seq_xchg(&p->behind, w * sizeof(uintptr_t),
			     word_from(w, new), &was, GATE, &seen)) {
			*old = word_to(w, was);
			return true;
		}
		if (__atomic_load_n(&p->behind.column, __ATOMIC_RELAXED) <=
			    GATE ||
		    !see_cpu())
			return false;
	}
	return false;
}

/* --- the gate ------------------------------------------------------------- */

static bool column_swap(struct pcs *p, uintptr_t from, uintptr_t to)
{
	return __atomic_compare_exchange_n(&p->seq.column, &from, to, false,
					   __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

void pcs_gate(struct pcs *p)
{
	if (has_column(p))
		column_swap(p, p->home, GATE);
}

static bool is_gated(const struct pcs *p)
{
	return __atomic_load_n(&p->seq.column, __ATOMIC_RELAXED) == GATE &&
	       has_column(p);
}

bool pcs_ungate(struct pcs *p)
{
	return !__atomic_load_n(&gates_kept, __ATOMIC_RELAXED) && is_gated(p) &&
	       column_swap(p, GATE, p->home);
}

void pcs_keep_gates(bool keep)
{
	__atomic_store_n(&gates_kept, keep, __ATOMIC_RELAXED);
}

void *column_pop_gated(const struct pcs *p)
{
	return is_gated(p) ? pcs_pop_behind(p) : NULL;
}

/* A push does not mind the gate. */
bool column_push_gated(const struct pcs *p, void *obj)
{
	return is_gated(p) && pcs_push_column(p->home, obj);
}

/* --- parking -------------------------------------------------------------- */

void pcs_park(struct pcs *p)
{
	if (!has_column(p))
		return;
	p->parked = PCS_PARKED;
	column_set(p, none);
}

bool pcs_fence(void)
{
	return !running || port_rseq_fence();
}

void column_unpark(struct pcs *p)
{
	if (!has_column(p))
		return;
	p->parked = PCS_HOME;
	column_set(p, p->home);
}

void column_take(struct pcs *p, void (*take)(void *ctx, void **top), void *ctx)
{
	unsigned long cpu, n = column_slots(p);
	unsigned int w;
	uintptr_t word;

	for (cpu = 0; cpu < n; cpu++) {
		for (w = PCS_MAIN; w <= PCS_SPARE; w++) {
			word = words_of(p, cpu)[w];
			if (!word)
				continue;
			words_of(p, cpu)[w] = 0;
			take(ctx, top_of(word));
		}
	}
}

void column_each(const struct pcs *p, void (*look)(void *ctx, void **top),
		 void *ctx)
{
	unsigned long cpu, n = column_slots(p);
	unsigned int w;
	uintptr_t word;

	for (cpu = 0; cpu < n; cpu++) {
		for (w = PCS_MAIN; w <= PCS_SPARE; w++) {
			word = __atomic_load_n(&words_of(p, cpu)[w],
					       __ATOMIC_RELAXED);
			if (word)
				look(ctx, top_of(word));
		}
	}
}

void pcs_forget(struct pcs *p)
{
	unsigned long cpu, n = column_slots(p);

	for (cpu = 0; cpu < n; cpu++)
		memset(words_of(p, cpu), 0, SLOT_BYTES);
}
