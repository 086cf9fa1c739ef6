/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The rarer sequences for aarch64; sync/pcs.c includes it.  Labels and rules
 * are those of <kmem/sequence_aarch64.h>, what they do is what they do in
 * sync/sequence_more_x86_64.h.
 */

static size_t seq_pop_bulk(const struct kmem_seq *p, size_t n, void **out)
{
	uintptr_t area, slot, tmp, top;
	size_t i;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN KMEM_SEQ_SLOT
		"ldr %[top], [%[slot]]\n\t"
		"ldr %[area], %[standin]\n\t"
		"mov %[i], #0\n"
		"776:\tcmp %[i], %[n]\n\t"
		"b.hs 777f\n\t"
		"sub %[top], %[top], #8\n\t"
		"ldr %[tmp], [%[area], %[top]]\n\t" KMEM_SEQ_INJECT
		"cbz %[tmp], 778f\n\t"
		"str %[tmp], [%[out], %[i], lsl #3]\n\t"
		"add %[i], %[i], #1\n\t"
		"b 776b\n"
		"778:\tadd %[top], %[top], #8\n"
		"777:\tcbz %[i], %l[none]\n\t"
		"str %[top], [%[slot]]\n"
		"773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [tmp] "=&r"(tmp),
		  [top] "=&r"(top), [i] "=&r"(i)
		: KMEM_SEQ_AT, [column] "m"(p->column),
		  [standin] "m"(p->standin), [n] "r"(n), [out] "r"(out)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: none);
	return i;
none:
	return 0;
}

static size_t seq_push_bulk(const struct kmem_seq *p, size_t n, void **in)
{
	uintptr_t area, slot, tmp, top;
	size_t i;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN KMEM_SEQ_SLOT
		"ldr %[top], [%[slot]]\n\t"
		"ldr %[area], %[standin]\n\t"
		"mov %[i], #0\n"
		"776:\tcmp %[i], %[n]\n\t"
		"b.hs 777f\n\t"
		"ldr %w[tmp], %[mask]\n\t"
		"tst %[top], %[tmp]\n\t"
		"b.eq 777f\n\t"
		"ldr %[tmp], [%[in], %[i], lsl #3]\n\t"
		"str %[tmp], [%[area], %[top]]\n\t" KMEM_SEQ_INJECT
		"add %[top], %[top], #8\n\t"
		"add %[i], %[i], #1\n\t"
		"b 776b\n"
		"777:\tcbz %[i], %l[none]\n\t"
		"str %[top], [%[slot]]\n"
		"773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [tmp] "=&r"(tmp),
		  [top] "=&r"(top), [i] "=&r"(i)
		: KMEM_SEQ_AT, [column] "m"(p->column), [standin] "m"(p->standin),
		  [mask] "m"(p->mask), [n] "r"(n), [in] "r"(in)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: none);
	return i;
none:
	return 0;
}

static bool seq_xchg(const struct kmem_seq *p, size_t offset, uintptr_t new,
		     uintptr_t *old, uintptr_t last, const unsigned long *seen)
{
	uintptr_t area, slot, tmp, was;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN "ldr %[was], %[column]\n\t"
			       "cmp %[was], %[last]\n\t"
			       "b.ls %l[busy]\n\t"
			       "ldrsw %[slot], [%[area], " KMEM_SEQ_CPU_ID
			       "]\n\t" KMEM_SEQ_INJECT "ldr %[tmp], %[seen]\n\t"
			       "cmp %[slot], %[tmp]\n\t"
			       "b.hs %l[busy]\n\t"
			       "add %[slot], %[was], %[slot], lsl #16\n\t"
			       "add %[slot], %[slot], %[offset]\n\t"
			       "ldr %[was], [%[slot]]\n\t" KMEM_SEQ_INJECT
			       "str %[new], [%[slot]]\n"
			       "773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [tmp] "=&r"(tmp),
		  [was] "=&r"(was)
		: KMEM_SEQ_AT, [column] "m"(p->column), [last] "r"(last),
		  [seen] "m"(*seen), [offset] "r"(offset), [new] "r"(new)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: busy);
	*old = was;
	return true;
busy:
	return false;
}
