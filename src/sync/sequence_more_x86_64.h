/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The rarer sequences for x86-64; sync/pcs.c includes it.  Labels and
 * rules are those of <kmem/sequence_x86_64.h>.
 */

/* Moves up to n objects from main to out; returns how many. */
static size_t seq_pop_bulk(const struct kmem_seq *p, size_t n, void **out)
{
	uintptr_t area, slot, top, obj;
	size_t i;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN KMEM_SEQ_SLOT
		"movq (%[slot]), %[top]\n\t" KMEM_SEQ_STANDIN
		"xorl %k[i], %k[i]\n"
		"776:\tcmpq %[n], %[i]\n\t"
		"jae 777f\n\t"
		"movq -8(%[area], %[top]), %[obj]\n\t" KMEM_SEQ_INJECT
		"testq %[obj], %[obj]\n\t"
		"je 777f\n\t"
		"movq %[obj], (%[out], %[i], 8)\n\t"
		"subq $8, %[top]\n\t"
		"incq %[i]\n\t"
		"jmp 776b\n"
		"777:\ttestq %[i], %[i]\n\t"
		"je %l[none]\n\t"
		"movq %[top], (%[slot])\n"
		"773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [top] "=&r"(top),
		  [obj] "=&r"(obj), [i] "=&r"(i)
		: KMEM_SEQ_AT, [column] "m"(p->column),
		  [standin] "m"(p->standin), [n] "r"(n), [out] "r"(out)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: none);
	return i;
none:
	return 0;
}

/* Moves up to n objects from in to main; returns how many. */
static size_t seq_push_bulk(const struct kmem_seq *p, size_t n, void **in)
{
	uintptr_t area, slot, top, obj;
	size_t i;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN KMEM_SEQ_SLOT
		"movq (%[slot]), %[top]\n\t" KMEM_SEQ_STANDIN
		"xorl %k[i], %k[i]\n"
		"776:\tcmpq %[n], %[i]\n\t"
		"jae 777f\n\t"
		"testl %k[top], %[mask]\n\t"
		"je 777f\n\t"
		"movq (%[in], %[i], 8), %[obj]\n\t"
		"movq %[obj], (%[area], %[top])\n\t" KMEM_SEQ_INJECT
		"addq $8, %[top]\n\t"
		"incq %[i]\n\t"
		"jmp 776b\n"
		"777:\ttestq %[i], %[i]\n\t"
		"je %l[none]\n\t"
		"movq %[top], (%[slot])\n"
		"773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [top] "=&r"(top),
		  [obj] "=&r"(obj), [i] "=&r"(i)
		: KMEM_SEQ_AT, [column] "m"(p->column), [standin] "m"(p->standin),
		  [mask] "m"(p->mask), [n] "r"(n), [in] "r"(in)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: none);
	return i;
none:
	return 0;
}

/*
 * Puts new into the word at this offset of the slot and stores what was there
 * in *old; false, and nothing done: the column that the cache has now is at or
 * below last, where no slot may be written, or the CPU's number is not below
 * *seen, as -1 is not.
 */
static bool seq_xchg(const struct kmem_seq *p, size_t offset, uintptr_t new,
		     uintptr_t *old, uintptr_t last, const unsigned long *seen)
{
	uintptr_t area, slot, was;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN "movq %[column], %[was]\n\t"
			       "cmpq %[last], %[was]\n\t"
			       "jbe %l[busy]\n\t"
			       "movslq %%fs:" KMEM_SEQ_CPU_ID
			       "(%[area]), %[slot]\n\t" KMEM_SEQ_INJECT
			       "cmpq %[seen], %[slot]\n\t"
			       "jae %l[busy]\n\t"
			       "shlq $16, %[slot]\n\t"
			       "addq %[was], %[slot]\n\t"
			       "addq %[offset], %[slot]\n\t"
			       "movq (%[slot]), %[was]\n\t" KMEM_SEQ_INJECT
			       "movq %[new], (%[slot])\n"
			       "773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [was] "=&r"(was)
		: KMEM_SEQ_AT, [column] "m"(p->column), [last] "r"(last),
		  [seen] "m"(*seen), [offset] "r"(offset), [new] "r"(new)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: busy);
	*old = was;
	return true;
busy:
	return false;
}
