// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Per-CPU sequences: what each call promises, whichever CPU it meets and
 * whatever other threads do.  Objects are numbers in the shape of pointers.
 *
 *	slots  [ main spare ][ main spare ] ..	  CPUs may share one
 *		  |
 *	sheaf  [NULL o o o . . . .]  top just past the last o
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "kunit/test.h"
#include "kunit/pcs.h"
#include "port/fake/fake.h"

#define CPUS 8
#define MOST 1024 /* sheaves that exist at once */

static const unsigned int sizes[] = { 64, 128, 256, 512, 1024, 2048, 4096 };

static void *object(unsigned long n)
{
	return (void *)(0x1000 + n * 8);
}

static uint32_t dice(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

static void **sheaf_new(const struct pcs *p)
{
	void **base = aligned_alloc(p->bytes, p->bytes);

	memset(base, 0xee, p->bytes);
	base[0] = NULL;
	return base + 1;
}

/* A sheaf with the objects first, first + 1, .. */
static void **sheaf_of(const struct pcs *p, unsigned int n, unsigned long first)
{
	void **top = sheaf_new(p);

	while (n--)
		*top++ = object(first++);
	return top;
}

static void sheaf_free(const struct pcs *p, void **top)
{
	free(pcs_base(p, top));
}

/* What was taken, in the order of taking. */
struct taken {
	void **top[MOST];
	unsigned int n;
};

static void take_note(void *ctx, void **top)
{
	struct taken *t = ctx;

	t->top[t->n++] = top;
}

static void take_free(void *ctx, void **top)
{
	sheaf_free(ctx, top);
}

static struct pcs_slot *slots_new(unsigned int n)
{
	return aligned_alloc(CACHE_LINE, n * sizeof(struct pcs_slot));
}

static void start(struct kunit *test, struct pcs *p, unsigned int bytes,
		  unsigned int n)
{
	KUNIT_ASSERT_EQ(test, pcs_boot(), 0);
	pcs_init(p, bytes, slots_new(n), n);
	fake_set_cpu_hook(NULL);
	fake_set_cpu(0);
}

static void finish(struct pcs *p)
{
	pcs_drain(p, take_free, p);
	free(p->slots);
	fake_set_cpu(0);
}

static void **swap(struct kunit *test, struct pcs *p, enum pcs_word w,
		   void **new)
{
	void **old = NULL;

	KUNIT_ASSERT_TRUE(test, pcs_xchg(p, w, new, &old));
	return old;
}

static struct pcs_slot *slot_at(const struct pcs *p, unsigned int cpu)
{
	return p->slots + cpu;
}

static void enter(struct pcs_slot *slot)
{
	lock_get(&slot->lock, LOCK_SLOT, LOCK_SLEEP);
}

static void leave(struct pcs_slot *slot)
{
	lock_put(&slot->lock, LOCK_SLOT, LOCK_ONCE);
}

static void standin_is_empty_and_full(struct kunit *test)
{
	struct pcs p;
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, pcs_is_standin(PCS_STANDIN));
	KUNIT_EXPECT_TRUE(test, pcs_is_empty(PCS_STANDIN));
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		p.bytes = sizes[i];
		KUNIT_EXPECT_TRUE(test, pcs_is_full(&p, PCS_STANDIN));
	}
	for (i = 0; i < PCS_STANDIN_WORDS; i++)
		KUNIT_EXPECT_NULL(test, pcs_standin_words[i]);
}

static void top_tells_all(struct kunit *test)
{
	struct pcs p;
	unsigned int i, n, capacity;
	void **top, **base;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		p.bytes = sizes[i];
		capacity = pcs_capacity(&p);
		KUNIT_EXPECT_EQ(test, (capacity + 1) * sizeof(void *),
				sizes[i]);
		for (n = 0; n <= capacity; n++) {
			top = sheaf_of(&p, n, 0);
			base = top - 1 - n;
			KUNIT_EXPECT_PTR_EQ(test, pcs_base(&p, top), base);
			KUNIT_EXPECT_EQ(test, pcs_count(&p, top), n);
			KUNIT_EXPECT_EQ(test, pcs_is_empty(top), !n);
			KUNIT_EXPECT_EQ(test, pcs_is_full(&p, top),
					n == capacity);
			KUNIT_EXPECT_FALSE(test, pcs_is_standin(top));
			sheaf_free(&p, top);
		}
	}
}

static void nothing_works_without_slots(struct kunit *test)
{
	struct pcs p;
	struct taken t = { .n = 0 };
	void *o = object(0), **old = (void **)&t;

	KUNIT_ASSERT_EQ(test, pcs_boot(), 0);
	pcs_init(&p, 64, NULL, 0);
	KUNIT_EXPECT_NULL(test, pcs_pop(&p));
	KUNIT_EXPECT_FALSE(test, pcs_push(&p, o));
	KUNIT_EXPECT_EQ(test, pcs_pop_bulk(&p, 1, &o), 0);
	KUNIT_EXPECT_EQ(test, pcs_push_bulk(&p, 1, &o), 0);
	KUNIT_EXPECT_FALSE(test, pcs_xchg(&p, PCS_MAIN, PCS_STANDIN, &old));
	KUNIT_EXPECT_PTR_EQ(test, old, &t);
	KUNIT_EXPECT_PTR_EQ(test, o, object(0));
	KUNIT_EXPECT_EQ(test, pcs_slots(&p), 0);
	KUNIT_EXPECT_TRUE(test, pcs_at_rest(&p));
	KUNIT_EXPECT_EQ(test, pcs_objects(&p), 0);
	KUNIT_EXPECT_TRUE(test, pcs_valid(&p));
	pcs_drain(&p, take_note, &t);
	pcs_freeze(&p);
	pcs_thaw(&p);
	KUNIT_EXPECT_EQ(test, t.n, 0);
	KUNIT_EXPECT_STREQ(test, pcs_backend(), "lock");
}

/* A few for many CPUs, and no more when another CPU comes. */
static void slots_follow_the_cpus_up_to_a_bound(struct kunit *test)
{
	static const unsigned int rows[][2] = {
		{ 1, 1 },  { 2, 2 },   { 3, 4 },   { 5, 8 },
		{ 9, 16 }, { 16, 16 }, { 17, 16 }, { 4096, 16 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		fake_set_nr_cpus(rows[i][0]);
		KUNIT_EXPECT_EQ(test, pcs_slots_wanted(), rows[i][1]);
	}
	fake_set_nr_cpus(4);
	KUNIT_EXPECT_EQ(test, sizeof(struct pcs_slot), CACHE_LINE);
}

static void fresh_slots_hold_nothing(struct kunit *test)
{
	unsigned int n, cpu;
	struct pcs p;
	void *o = object(1);

	for (n = 1; n <= 64; n *= 2) {
		start(test, &p, 512, n);
		KUNIT_EXPECT_EQ(test, pcs_slots(&p), n);
		for (cpu = 0; cpu < n; cpu++) {
			fake_set_cpu(cpu);
			KUNIT_EXPECT_NULL(test, pcs_pop(&p));
			KUNIT_EXPECT_FALSE(test, pcs_push(&p, o));
			KUNIT_EXPECT_EQ(test, pcs_pop_bulk(&p, 1, &o), 0);
			KUNIT_EXPECT_EQ(test, pcs_push_bulk(&p, 1, &o), 0);
			KUNIT_EXPECT_NULL(test,
					  swap(test, &p, PCS_SPARE, NULL));
			KUNIT_EXPECT_TRUE(
				test, pcs_is_standin(swap(test, &p, PCS_MAIN,
							  PCS_STANDIN)));
		}
		KUNIT_EXPECT_TRUE(test, pcs_valid(&p));
		finish(&p);
	}
}

static void last_pushed_is_first_popped(struct kunit *test)
{
	unsigned int i, n, capacity;
	struct pcs p;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		start(test, &p, sizes[i], 1);
		capacity = pcs_capacity(&p);
		swap(test, &p, PCS_MAIN, sheaf_new(&p));
		for (n = 0; n < capacity; n++) {
			KUNIT_EXPECT_EQ(test, pcs_objects(&p), n);
			KUNIT_ASSERT_TRUE(test, pcs_push(&p, object(n)));
			KUNIT_ASSERT_TRUE(test, pcs_valid(&p));
		}
		KUNIT_EXPECT_FALSE(test, pcs_push(&p, object(n)));
		KUNIT_EXPECT_EQ(test, pcs_objects(&p), capacity);
		while (n--)
			KUNIT_ASSERT_PTR_EQ(test, pcs_pop(&p), object(n));
		KUNIT_EXPECT_NULL(test, pcs_pop(&p));
		KUNIT_EXPECT_EQ(test, pcs_objects(&p), 0);
		finish(&p);
	}
}

static void bulk_moves_what_fits(struct kunit *test)
{
	unsigned int n, before, k, i;
	void *in[20], *out[20];
	struct pcs p;

	/* capacity 7: all numbers there are, and all there can be */
	for (before = 0; before <= 7; before++) {
		for (n = 0; n < 20; n++) {
			start(test, &p, 64, 1);
			swap(test, &p, PCS_MAIN, sheaf_of(&p, before, 100));
			for (k = 0; k < 20; k++)
				in[k] = object(k);
			k = pcs_push_bulk(&p, n, in);
			KUNIT_ASSERT_EQ(test, k,
					n < 7 - before ? n : 7 - before);
			KUNIT_EXPECT_EQ(test, pcs_objects(&p), before + k);
			KUNIT_EXPECT_TRUE(test, pcs_valid(&p));
			KUNIT_ASSERT_EQ(test, pcs_pop_bulk(&p, k, out), k);
			for (i = 0; i < k; i++)
				KUNIT_EXPECT_PTR_EQ(test, out[i],
						    object(k - 1 - i));
			k = pcs_pop_bulk(&p, 20, out);
			KUNIT_ASSERT_EQ(test, k, before);
			while (k--)
				KUNIT_EXPECT_PTR_EQ(test, out[before - 1 - k],
						    object(100 + k));
			finish(&p);
		}
	}
}

static void xchg_gives_what_was_there(struct kunit *test)
{
	void **a, **b;
	struct pcs p;

	start(test, &p, 128, 1);
	a = sheaf_of(&p, 3, 0);
	b = sheaf_of(&p, 15, 10);
	KUNIT_EXPECT_TRUE(test, pcs_is_standin(swap(test, &p, PCS_MAIN, a)));
	KUNIT_EXPECT_NULL(test, swap(test, &p, PCS_SPARE, b));
	KUNIT_EXPECT_EQ(test, pcs_objects(&p), 18);
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(2));
	/* main is found as the pop left it, spare as it was put */
	KUNIT_EXPECT_PTR_EQ(test, swap(test, &p, PCS_MAIN, PCS_STANDIN), a - 1);
	KUNIT_EXPECT_NULL(test, pcs_pop(&p));
	KUNIT_EXPECT_PTR_EQ(test, swap(test, &p, PCS_SPARE, NULL), b);
	KUNIT_EXPECT_EQ(test, pcs_objects(&p), 0);
	sheaf_free(&p, a - 1);
	sheaf_free(&p, b);
	finish(&p);
}

static void each_cpu_has_its_own(struct kunit *test)
{
	struct pcs p;
	unsigned int cpu;

	start(test, &p, 64, CPUS);
	for (cpu = 0; cpu < CPUS; cpu++) {
		fake_set_cpu(cpu);
		swap(test, &p, PCS_MAIN, sheaf_of(&p, 1, cpu));
	}
	for (cpu = CPUS; cpu--;) {
		fake_set_cpu(cpu);
		KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(cpu));
		KUNIT_EXPECT_NULL(test, pcs_pop(&p));
	}
	/* ids beyond the slots fold onto them */
	fake_set_cpu(CPUS + 3);
	KUNIT_EXPECT_TRUE(test, pcs_push(&p, object(77)));
	fake_set_cpu(3);
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(77));
	finish(&p);
}

static void busy_slot_sends_to_the_neighbour(struct kunit *test)
{
	void *o = object(5), **old = &o;
	struct pcs p;

	start(test, &p, 64, 4);
	swap(test, &p, PCS_MAIN, sheaf_of(&p, 2, 0));
	fake_set_cpu(1);
	swap(test, &p, PCS_MAIN, sheaf_of(&p, 2, 10));
	enter(slot_at(&p, 1));
	KUNIT_EXPECT_FALSE(test, pcs_at_rest(&p));
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(1));
	/* both busy: nothing can be done, and nothing is */
	lock_take_nested(&slot_at(&p, 0)->lock, LOCK_SLOT);
	KUNIT_EXPECT_NULL(test, pcs_pop(&p));
	KUNIT_EXPECT_FALSE(test, pcs_push(&p, o));
	KUNIT_EXPECT_EQ(test, pcs_pop_bulk(&p, 1, &o), 0);
	KUNIT_EXPECT_EQ(test, pcs_push_bulk(&p, 1, &o), 0);
	KUNIT_EXPECT_FALSE(test, pcs_xchg(&p, PCS_SPARE, NULL, &old));
	KUNIT_EXPECT_PTR_EQ(test, old, &o);
	KUNIT_EXPECT_EQ(test, pcs_objects(&p), 3);
	leave(slot_at(&p, 1));
	leave(slot_at(&p, 0));
	KUNIT_EXPECT_TRUE(test, pcs_at_rest(&p));
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(11));
	finish(&p);
}

static void drain_takes_every_sheaf(struct kunit *test)
{
	struct taken t = { .n = 0 };
	unsigned int cpu, i, n = 0;
	struct pcs p;

	start(test, &p, 64, CPUS);
	for (cpu = 0; cpu < CPUS; cpu += 2) {
		fake_set_cpu(cpu);
		swap(test, &p, PCS_MAIN, sheaf_of(&p, cpu, cpu * 10));
		if (cpu % 4)
			swap(test, &p, PCS_SPARE, sheaf_of(&p, 7, 500 + cpu));
	}
	KUNIT_EXPECT_EQ(test, pcs_objects(&p), 0 + 2 + 4 + 6 + 7 + 7);
	pcs_drain(&p, take_note, &t);
	KUNIT_EXPECT_EQ(test, t.n, 6);
	KUNIT_EXPECT_EQ(test, pcs_objects(&p), 0);
	for (i = 0; i < t.n; i++) {
		n += pcs_count(&p, t.top[i]);
		sheaf_free(&p, t.top[i]);
	}
	KUNIT_EXPECT_EQ(test, n, 26);
	for (cpu = 0; cpu < CPUS; cpu++) {
		fake_set_cpu(cpu);
		KUNIT_EXPECT_TRUE(test, pcs_is_standin(swap(test, &p, PCS_MAIN,
							    PCS_STANDIN)));
		KUNIT_EXPECT_NULL(test, swap(test, &p, PCS_SPARE, NULL));
	}
	finish(&p);
}

/*
 * The holder of a slot that a drain needs: a thread that runs only when the
 * other one sleeps, as on one CPU with a drain of a higher priority.
 */
static struct {
	struct pcs_slot *slot;
	unsigned long after, waits;
} holder;

static void holder_runs(void)
{
	if (fake_calls(FAKE_WAIT) == holder.waits)
		return;
	if (holder.slot && !--holder.after) {
		leave(holder.slot);
		holder.slot = NULL;
	}
	holder.waits = fake_calls(FAKE_WAIT);
}

static void a_drain_sleeps_for_a_holder_that_does_not_run(struct kunit *test)
{
	unsigned long waits, steps;
	struct taken t = { .n = 0 };
	struct pcs p;

	start(test, &p, 64, 4);
	fake_set_cpu(2);
	swap(test, &p, PCS_MAIN, sheaf_of(&p, 2, 10));
	for (holder.after = 1; holder.after < 5; holder.after++) {
		unsigned long after = holder.after;

		holder.slot = slot_at(&p, 2);
		holder.waits = waits = fake_calls(FAKE_WAIT);
		enter(holder.slot);
		/* the lock is another thread's from here on */
		lock_rank_leave(LOCK_SLOT);
		steps = port_task()->steps;
		fake_set_yield_hook(holder_runs);
		pcs_drain(&p, take_note, &t);
		fake_set_yield_hook(NULL);
		KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAIT) - waits, after);
		/* a look for each slot, LOCK_SPINS for the one held */
		KUNIT_EXPECT_LE(test, port_task()->steps - steps,
				4 + LOCK_SPINS);
		holder.after = after;
	}
	KUNIT_EXPECT_EQ(test, t.n, 1);
	sheaf_free(&p, t.top[0]);
	finish(&p);
}

/* However often others come: the slot that is free again is the sleeper's. */
static void a_slot_that_is_awaited_is_left_alone(struct kunit *test)
{
	struct taken t = { .n = 0 };
	struct pcs p;

	start(test, &p, 64, 2);
	swap(test, &p, PCS_MAIN, sheaf_of(&p, 3, 0));
	/* as it is when its holder has left, and the sleeper naps on */
	slot_at(&p, 0)->lock.word = LOCK_OWED;
	KUNIT_EXPECT_NULL(test, pcs_pop(&p));
	KUNIT_EXPECT_FALSE(test, pcs_push(&p, object(9)));
	KUNIT_EXPECT_EQ(test, slot_at(&p, 0)->lock.word, LOCK_OWED);
	KUNIT_EXPECT_FALSE(test, pcs_at_rest(&p));
	pcs_drain(&p, take_note, &t);
	KUNIT_EXPECT_EQ(test, t.n, 1);
	KUNIT_EXPECT_TRUE(test, pcs_at_rest(&p));
	KUNIT_EXPECT_TRUE(test,
			  pcs_is_standin(swap(test, &p, PCS_MAIN, t.top[0])));
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(2));
	finish(&p);
}

static void frozen_slots_stand_still(struct kunit *test)
{
	struct pcs p;
	unsigned int cpu;

	start(test, &p, 64, 4);
	swap(test, &p, PCS_MAIN, sheaf_of(&p, 4, 0));
	pcs_freeze(&p);
	for (cpu = 0; cpu < 4; cpu++) {
		fake_set_cpu(cpu);
		KUNIT_EXPECT_NULL(test, pcs_pop(&p));
		KUNIT_EXPECT_FALSE(test, pcs_push(&p, object(8)));
	}
	KUNIT_EXPECT_TRUE(test, pcs_valid(&p));
	KUNIT_EXPECT_EQ(test, pcs_objects(&p), 4);
	pcs_thaw(&p);
	fake_set_cpu(0);
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(3));
	finish(&p);
}

static void valid_sees_what_is_not(struct kunit *test)
{
	void **main_top, **spare, *kept;
	struct pcs p;

	start(test, &p, 64, 2);
	main_top = sheaf_of(&p, 4, 0);
	spare = sheaf_of(&p, 7, 10);
	swap(test, &p, PCS_MAIN, main_top);
	swap(test, &p, PCS_SPARE, spare);
	KUNIT_EXPECT_TRUE(test, pcs_valid(&p));

	kept = main_top[-2];
	main_top[-2] = NULL;
	KUNIT_EXPECT_FALSE(test, pcs_valid(&p));
	main_top[-2] = kept;
	kept = spare[-7];
	spare[-7] = NULL;
	KUNIT_EXPECT_FALSE(test, pcs_valid(&p));
	spare[-7] = kept;
	main_top[-5] = object(1);
	KUNIT_EXPECT_FALSE(test, pcs_valid(&p));
	main_top[-5] = NULL;
	slot_at(&p, 1)->word[PCS_MAIN] = NULL;
	KUNIT_EXPECT_FALSE(test, pcs_valid(&p));
	slot_at(&p, 1)->word[PCS_MAIN] = PCS_STANDIN;
	KUNIT_EXPECT_TRUE(test, pcs_valid(&p));
	finish(&p);
}

/* --- random steps against a model ----------------------------------------- */

/* What a slot should hold; n < 0: no sheaf there. */
struct stack {
	unsigned long o[31];
	int n;
};

struct model {
	struct stack word[16][2];
};

static void **sheaf_of_stack(const struct pcs *p, const struct stack *s)
{
	void **top = sheaf_new(p);
	int i;

	for (i = 0; i < s->n; i++)
		*top++ = object(s->o[i]);
	return top;
}

static void check_stack(struct kunit *test, const struct pcs *p,
			const struct stack *s, void **top)
{
	int i;

	if (s->n < 0) {
		KUNIT_ASSERT_TRUE(test, !top || pcs_is_standin(top));
		return;
	}
	KUNIT_ASSERT_EQ(test, pcs_count(p, top), s->n);
	for (i = 0; i < s->n; i++)
		KUNIT_ASSERT_PTR_EQ(test, pcs_base(p, top)[i + 1],
				    object(s->o[i]));
}

static void step_xchg(struct kunit *test, struct pcs *p, struct stack *s,
		      enum pcs_word w, uint64_t *seed)
{
	struct stack new = { .n = (int)(dice(seed) % 33) - 1 };
	void **none = w == PCS_MAIN ? PCS_STANDIN : NULL, **old;
	int i;

	for (i = 0; i < new.n; i++)
		new.o[i] = dice(seed) % 100000;
	old = swap(test, p, w, new.n < 0 ? none : sheaf_of_stack(p, &new));
	check_stack(test, p, s, old);
	if (s->n >= 0)
		sheaf_free(p, old);
	*s = new;
}

static void step_bulk(struct kunit *test, struct pcs *p, struct stack *s,
		      uint64_t *seed)
{
	unsigned int n = dice(seed) % 40, i, got;
	bool push = dice(seed) % 2;
	void *v[40];
	int room = s->n < 0 ? 0 : push ? 31 - s->n : s->n;

	for (i = 0; i < n; i++)
		v[i] = object(1000000 + i);
	got = push ? pcs_push_bulk(p, n, v) : pcs_pop_bulk(p, n, v);
	KUNIT_ASSERT_EQ(test, got, n < (unsigned int)room ? n : room);
	for (i = 0; i < got; i++) {
		if (push)
			s->o[s->n++] = 1000000 + i;
		else
			KUNIT_ASSERT_PTR_EQ(test, v[i], object(s->o[--s->n]));
	}
}

static void step_one(struct kunit *test, struct pcs *p, struct stack *s,
		     uint64_t *seed)
{
	unsigned long o = dice(seed) % 100000;

	if (dice(seed) % 2) {
		KUNIT_ASSERT_EQ(test, pcs_push(p, object(o)),
				s->n >= 0 && s->n < 31);
		if (s->n >= 0 && s->n < 31)
			s->o[s->n++] = o;
	} else {
		KUNIT_ASSERT_PTR_EQ(test, pcs_pop(p),
				    s->n > 0 ? object(s->o[s->n - 1]) : NULL);
		s->n -= s->n > 0;
	}
}

static unsigned long model_objects(const struct model *m, unsigned int cpus)
{
	unsigned long n = 0;
	unsigned int i, w;

	for (i = 0; i < cpus; i++)
		for (w = 0; w < 2; w++)
			n += m->word[i][w].n > 0 ?
				     (unsigned long)m->word[i][w].n :
				     0;
	return n;
}

static void random_steps_agree_with_a_model(struct kunit *test)
{
	uint64_t seed = 7;
	struct model m;
	struct pcs p;
	unsigned int cpu, i;

	memset(&m, 0xff, sizeof(m)); /* every n is -1 */
	start(test, &p, 256, 16);
	for (i = 0; i < 20000; i++) {
		cpu = dice(&seed) % 16;
		fake_set_cpu(cpu);
		switch (dice(&seed) % 12) {
		case 0:
			step_xchg(test, &p, &m.word[cpu][0], PCS_MAIN, &seed);
			break;
		case 1:
			step_xchg(test, &p, &m.word[cpu][1], PCS_SPARE, &seed);
			break;
		case 2:
			step_bulk(test, &p, &m.word[cpu][0], &seed);
			break;
		default:
			step_one(test, &p, &m.word[cpu][0], &seed);
		}
		KUNIT_ASSERT_EQ(test, pcs_objects(&p), model_objects(&m, 16));
		KUNIT_ASSERT_TRUE(test, pcs_valid(&p));
	}
	finish(&p);
}

/* --- threads -------------------------------------------------------------- */

#define THREADS 8
#define OBJECTS 512
#define STEPS (KMEM_INJECT ? 20000 : 150000)

/*
 * A thread that pops an object marks it and takes the mark off before it pushes
 * it: two owners at once are seen.  Sheaves go from hand to hand through a
 * heap; one thread drains the slots under everybody's feet.
 */
static struct {
	struct pcs p;
	pthread_mutex_t heap_lock;
	void **heap[MOST];
	unsigned int heap_n;
	int owned[OBJECTS];
	int doubled;
} race;

static void heap_put(void *ctx, void **top)
{
	(void)ctx;
	pthread_mutex_lock(&race.heap_lock);
	race.heap[race.heap_n++] = top;
	pthread_mutex_unlock(&race.heap_lock);
}

static void **heap_get(uint64_t *seed)
{
	void **top = NULL;
	unsigned int i;

	pthread_mutex_lock(&race.heap_lock);
	if (race.heap_n) {
		i = dice(seed) % race.heap_n;
		top = race.heap[i];
		race.heap[i] = race.heap[--race.heap_n];
	}
	pthread_mutex_unlock(&race.heap_lock);
	return top;
}

static int *owner_of(void *obj)
{
	return &race.owned[((uintptr_t)obj - 0x1000) / 8];
}

static void own(void *obj)
{
	if (__atomic_exchange_n(owner_of(obj), 1, __ATOMIC_RELAXED))
		__atomic_store_n(&race.doubled, 1, __ATOMIC_RELAXED);
}

static void disown(void *obj)
{
	__atomic_store_n(owner_of(obj), 0, __ATOMIC_RELAXED);
}

/* Objects in a thread's hand, at most as many as there are. */
struct hand {
	void *o[OBJECTS];
	unsigned int n;
	uint64_t seed;
};

static void race_one(struct hand *h)
{
	void *obj;

	if (h->n < 40 && dice(&h->seed) % 2) {
		obj = pcs_pop(&race.p);
		if (obj) {
			own(obj);
			h->o[h->n++] = obj;
		}
	} else if (h->n) {
		obj = h->o[h->n - 1];
		disown(obj);
		if (pcs_push(&race.p, obj))
			h->n--;
		else
			own(obj);
	}
}

static void race_bulk(struct hand *h)
{
	unsigned int i, k, got;

	if (h->n < 40 && dice(&h->seed) % 2) {
		got = pcs_pop_bulk(&race.p, 10, h->o + h->n);
		for (i = 0; i < got; i++)
			own(h->o[h->n++]);
		return;
	}
	k = h->n < 10 ? h->n : 10;
	for (i = h->n - k; i < h->n; i++)
		disown(h->o[i]);
	got = pcs_push_bulk(&race.p, k, h->o + h->n - k);
	memmove(h->o + h->n - k, h->o + h->n - k + got,
		(k - got) * sizeof(void *));
	h->n -= got;
	for (i = h->n - (k - got); i < h->n; i++)
		own(h->o[i]);
}

static void race_xchg(struct hand *h)
{
	enum pcs_word w = dice(&h->seed) % 2 ? PCS_MAIN : PCS_SPARE;
	void **new = heap_get(&h->seed), **none, **old;

	none = w == PCS_MAIN ? PCS_STANDIN : NULL;
	if (!pcs_xchg(&race.p, w, new ? new : none, &old)) {
		if (new)
			heap_put(NULL, new);
	} else if (old && !pcs_is_standin(old)) {
		heap_put(NULL, old);
	}
}

static void *racer(void *arg)
{
	struct hand h = { .seed = (uintptr_t)arg };
	unsigned int i;

	for (i = 0; i < STEPS || h.n; i++) {
		if (!(i % 16))
			fake_set_cpu(dice(&h.seed) % 300);
		switch (dice(&h.seed) % 16) {
		case 0:
			race_xchg(&h);
			break;
		case 1:
			race_bulk(&h);
			break;
		default:
			race_one(&h);
		}
		/* past the steps, hands are emptied wherever it goes */
		if (i >= STEPS && h.n) {
			disown(h.o[h.n - 1]);
			if (pcs_push(&race.p, h.o[h.n - 1]))
				h.n--;
			else
				own(h.o[h.n - 1]);
			race_xchg(&h);
		}
	}
	return NULL;
}

static void *drainer(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < 400; i++) {
		pcs_drain(&race.p, heap_put, NULL);
		sched_yield();
	}
	return NULL;
}

static void yield_now(void)
{
	static __thread unsigned int n;

	if (!(++n % 64))
		sched_yield();
}

static void race_begin(struct kunit *test)
{
	unsigned int i;
	void **top;

	memset(&race, 0, sizeof(race));
	pthread_mutex_init(&race.heap_lock, NULL);
	start(test, &race.p, 128, 16);
	for (i = 0; i < OBJECTS; i += 8) {
		top = sheaf_of(&race.p, 8, i);
		heap_put(NULL, top);
	}
	/* room for them to go to */
	for (i = 0; i < 64; i++)
		heap_put(NULL, sheaf_new(&race.p));
}

static void no_object_is_lost_or_doubled_by_threads(struct kunit *test)
{
	pthread_t thread[THREADS + 1];
	unsigned char seen[OBJECTS] = { 0 };
	unsigned int i, n = 0;
	void **top;

	race_begin(test);
	fake_set_nr_cpus(300);
	fake_set_yield_hook(yield_now);
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, racer,
			       (void *)(uintptr_t)(i + 1));
	pthread_create(&thread[i], NULL, drainer, NULL);
	for (i = 0; i <= THREADS; i++)
		pthread_join(thread[i], NULL);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_TRUE(test, pcs_valid(&race.p));
	pcs_drain(&race.p, heap_put, NULL);
	KUNIT_EXPECT_EQ(test, race.heap_n, OBJECTS / 8 + 64);
	while (race.heap_n) {
		top = race.heap[--race.heap_n];
		for (; !pcs_is_empty(top); top--, n++)
			KUNIT_EXPECT_FALSE(
				test, seen[owner_of(top[-1]) - race.owned]++);
		sheaf_free(&race.p, top);
	}
	KUNIT_EXPECT_EQ(test, n, OBJECTS);
	KUNIT_EXPECT_EQ(test, race.doubled, 0);
	KUNIT_EXPECT_TRUE(test, pcs_at_rest(&race.p));
	free(race.p.slots);
	fake_set_cpu(0);
}

/* --- interrupted at every point of a sequence ----------------------------- */

static struct {
	struct pcs *p;
	bool inside;
	unsigned long at, met;
	void *got;
	bool pushed;
} handler;

/* What a signal handler would do at the at-th point from now. */
static void handler_runs(void)
{
	if (handler.inside || ++handler.met != handler.at)
		return;
	handler.inside = true;
	handler.got = pcs_pop(handler.p);
	handler.pushed = pcs_push(handler.p, object(900));
	handler.inside = false;
}

/* A pop and a push on CPU 0 with a handler at their at-th point. */
static bool interrupted(struct kunit *test, unsigned int slots,
			unsigned long at)
{
	unsigned long want = 3;
	struct pcs p;
	void *obj;

	start(test, &p, 64, slots);
	swap(test, &p, PCS_MAIN, sheaf_of(&p, 3, 0));
	handler.p = &p;
	handler.at = at;
	handler.met = 0;
	handler.got = NULL;
	handler.pushed = false;
	fake_set_yield_hook(handler_runs);
	obj = pcs_pop(&p);
	if (obj && pcs_push(&p, object(800)))
		want++;
	fake_set_yield_hook(NULL);
	want += handler.pushed;
	want -= (handler.got != NULL) + (obj != NULL);
	KUNIT_EXPECT_EQ_MSG(test, pcs_objects(&p), want, "at %lu", at);
	KUNIT_EXPECT_TRUE(test, pcs_valid(&p));
	KUNIT_EXPECT_TRUE(test, !obj || obj != handler.got);
	finish(&p);
	return handler.met >= at;
}

static void a_handler_at_any_point_does_no_harm(struct kunit *test)
{
	unsigned long at;

	if (!KMEM_INJECT)
		kunit_skip(test, "built without KMEM_INJECT");
	for (at = 1; interrupted(test, 1, at); at++)
		;
	KUNIT_EXPECT_GE(test, at, 6);
	for (at = 1; interrupted(test, 2, at); at++)
		;
	KUNIT_EXPECT_GE(test, at, 6);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(standin_is_empty_and_full),
	KUNIT_CASE(top_tells_all),
	KUNIT_CASE(nothing_works_without_slots),
	KUNIT_CASE(slots_follow_the_cpus_up_to_a_bound),
	KUNIT_CASE(fresh_slots_hold_nothing),
	KUNIT_CASE(last_pushed_is_first_popped),
	KUNIT_CASE(bulk_moves_what_fits),
	KUNIT_CASE(xchg_gives_what_was_there),
	KUNIT_CASE(each_cpu_has_its_own),
	KUNIT_CASE(busy_slot_sends_to_the_neighbour),
	KUNIT_CASE(drain_takes_every_sheaf),
	KUNIT_CASE(a_drain_sleeps_for_a_holder_that_does_not_run),
	KUNIT_CASE(a_slot_that_is_awaited_is_left_alone),
	KUNIT_CASE(frozen_slots_stand_still),
	KUNIT_CASE(valid_sees_what_is_not),
	KUNIT_CASE(random_steps_agree_with_a_model),
	KUNIT_CASE(no_object_is_lost_or_doubled_by_threads),
	KUNIT_CASE(a_handler_at_any_point_does_no_harm),
	{},
};

static struct kunit_suite suite = {
	.name = "pcs",
	.test_cases = cases,
};

kunit_test_suite(suite);
