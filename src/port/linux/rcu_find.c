/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Which flavours of liburcu are in this process.
 *
 * A flavour is an object of the loader's list that exports its
 * synchronize_rcu().  dlsym() would find only those in the global scope, and
 * dlopen() takes a lock that is held while constructors run; so the symbol
 * tables of the objects are read here, inside of dl_iterate_phdr(), which
 * also says how many objects have come and gone: a look at tables that were
 * looked through already costs one call of it.
 *
 * An object is pinned before its functions are called, because dlclose()
 * might unload it at any time: it is opened once more, never to be deleted.
 * Whether what was opened is what was found is seen by finding it again.
 *
 * A static program has no such tables.  There the functions are weak
 * references, which are there if the program was linked with the flavour.
 */
#include "port/linux/rcu.h"
#include "port/linux/own.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A static program that opens nothing does not have it. */
#pragma weak dlopen

#define WEAK __attribute__((weak))

#define FLAVOUR(name)                                         \
	extern void urcu_##name##_synchronize_rcu(void) WEAK; \
	extern int urcu_##name##_read_ongoing(void) WEAK;

FLAVOUR(memb)
FLAVOUR(mb)
FLAVOUR(bp)
FLAVOUR(qsbr)
FLAVOUR(signal)
extern void urcu_qsbr_thread_offline(void) WEAK;
extern void urcu_qsbr_thread_online(void) WEAK;

enum { MEMB, MB, BP, QSBR, SIGNAL, KINDS };

#define LINKED(name)                                   \
	{                                              \
		.sync = urcu_##name##_synchronize_rcu, \
		.ongoing = urcu_##name##_read_ongoing, \
	}

static const struct rcu_flavour linked[KINDS] = {
	[MEMB] = LINKED(memb),
	[MB] = LINKED(mb),
	[BP] = LINKED(bp),
	[QSBR] = { .sync = urcu_qsbr_synchronize_rcu,
		   .ongoing = urcu_qsbr_read_ongoing,
		   .offline = urcu_qsbr_thread_offline,
		   .online = urcu_qsbr_thread_online },
	[SIGNAL] = LINKED(signal),
};

#define NAMES(name)                                   \
	{                                             \
		"urcu_" #name "_synchronize_rcu",     \
			"urcu_" #name "_read_ongoing" \
	}

static const struct {
	const char *sync, *ongoing;
} names[KINDS] = {
	[MEMB] = NAMES(memb), [MB] = NAMES(mb),         [BP] = NAMES(bp),
	[QSBR] = NAMES(qsbr), [SIGNAL] = NAMES(signal),
};

static struct rcu_flavour flavours[RCU_FLAVOURS_MOST];
static unsigned int nr_flavours;
static bool too_many;
/* What the loader had when all its flavours were known. */
static unsigned long long seen_adds, seen_subs;

unsigned int rcu_flavours(void)
{
	return __atomic_load_n(&nr_flavours, __ATOMIC_ACQUIRE);
}

bool __rcu_too_many(void)
{
	return too_many;
}

const struct rcu_flavour *rcu_flavour(unsigned int i)
{
	return &flavours[i];
}

/* --- one object's symbols ------------------------------------------------- */

struct symbols {
	uintptr_t base;
	const ElfW(Sym) * sym;
	const char *names;
	const uint32_t *gnu;  /* its hash table, or */
	const uint32_t *sysv; /* the older kind */
};

/* The loader has relocated these addresses, except for some objects. */
static const void *dynamic_at(uintptr_t base, uintptr_t at)
{
	return (const void *)(at < base ? base + at : at);
}

static bool symbols_of(const struct dl_phdr_info *info, struct symbols *s)
{
	const ElfW(Dyn) *d = NULL;

	*s = (struct symbols){ .base = info->dlpi_addr };
	for (unsigned int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			d = (const void *)(s->base +
					   info->dlpi_phdr[i].p_vaddr);
	for (; d && d->d_tag != DT_NULL; d++) {
		const void *p = dynamic_at(s->base, d->d_un.d_ptr);

		if (d->d_tag == DT_SYMTAB)
			s->sym = p;
		else if (d->d_tag == DT_STRTAB)
			s->names = p;
		else if (d->d_tag == DT_GNU_HASH)
			s->gnu = p;
		else if (d->d_tag == DT_HASH)
			s->sysv = p;
	}
	return s->sym && s->names && (s->gnu || s->sysv);
}

static const void *defined(const struct symbols *s, uint32_t i,
			   const char *name)
{
	const ElfW(Sym) *sym = &s->sym[i];

	if (sym->st_shndx == SHN_UNDEF ||
	    ELF64_ST_TYPE(sym->st_info) != STT_FUNC ||
	    strcmp(s->names + sym->st_name, name) != 0)
		return NULL;
	return (const void *)(s->base + sym->st_value);
}

static const void *find_gnu(const struct symbols *s, const char *name)
{
	const uint32_t nr = s->gnu[0], first = s->gnu[1], words = s->gnu[2];
	const uint32_t *bucket = s->gnu + 4 + words * (sizeof(ElfW(Addr)) / 4);
	const uint32_t *chain = bucket + nr;
	uint32_t hash = 5381, i;
	const void *p;

	for (const char *c = name; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	i = nr ? bucket[hash % nr] : 0;
	/* the lowest bit of a hash says that it is the last of its bucket */
	for (; i >= first && i; i++) {
		if ((chain[i - first] | 1) == (hash | 1)) {
			p = defined(s, i, name);
			if (p)
				return p;
		}
		if (chain[i - first] & 1)
			break;
	}
	return NULL;
}

static const void *find_symbol(const struct symbols *s, const char *name)
{
	const void *p = NULL;

	if (s->gnu)
		return find_gnu(s, name);
	for (uint32_t i = 1; !p && i < s->sysv[1]; i++)
		p = defined(s, i, name);
	return p;
}

/* --- all objects ---------------------------------------------------------- */

struct search {
	struct rcu_found *found;
	const void *pinned;
	bool all, asked, fresh;
	unsigned long long adds, subs;
};

/* A function's address is a number here as there. */
union function {
	const void *p;
	void (*fn)(void);
	int (*ask)(void);
};

static bool is_known(const void *sync)
{
	union function f = { .p = sync };

	for (unsigned int i = 0; i < nr_flavours; i++)
		if (flavours[i].sync == f.fn)
			return true;
	return false;
}

static bool has_kind(unsigned int kind)
{
	for (unsigned int i = 0; i < nr_flavours; i++)
		if (flavours[i].kind == kind)
			return true;
	return false;
}

static void add(struct rcu_flavour f, unsigned int kind)
{
	static const char text[] =
		"kmem: too many copies of liburcu: what waits for a grace "
		"period stays\n";

	if (nr_flavours == RCU_FLAVOURS_MOST) {
		if (!too_many)
			port_write(text, sizeof(text) - 1);
		too_many = true;
		return;
	}
	f.kind = kind;
	f.has_fork = kind == BP;
	flavours[nr_flavours] = f;
	__atomic_store_n(&nr_flavours, nr_flavours + 1, __ATOMIC_RELEASE);
}

static void add_found(const struct symbols *s, const void *sync,
		      unsigned int kind)
{
	union function f = { .p = sync };
	struct rcu_flavour flavour = { .sync = f.fn };

	f.p = find_symbol(s, names[kind].ongoing);
	flavour.ongoing = f.ask;
	if (kind == QSBR) {
		f.p = find_symbol(s, "urcu_qsbr_thread_offline");
		flavour.offline = f.fn;
		f.p = find_symbol(s, "urcu_qsbr_thread_online");
		flavour.online = f.fn;
		if (!flavour.online || !flavour.ongoing)
			flavour.offline = NULL;
	}
	add(flavour, kind);
}

/* Nothing unloads the program itself; its name is empty. */
static bool may_use(const struct dl_phdr_info *info, const struct search *s,
		    const void *sync)
{
	return sync == s->pinned || !info->dlpi_name || !info->dlpi_name[0];
}

/* A reader has its record in the object's thread-local data. */
static bool never_read(const struct dl_phdr_info *info)
{
	return info->dlpi_tls_modid && !info->dlpi_tls_data;
}

static int look_at(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *s = arg;
	struct symbols symbols;
	const void *sync;

	(void)size;
	if (!s->asked) {
		s->asked = true;
		s->adds = info->dlpi_adds;
		s->subs = info->dlpi_subs;
		if (s->adds == seen_adds && s->subs == seen_subs)
			return 1;
	}
	if (!symbols_of(info, &symbols))
		return 0;
	for (unsigned int kind = 0; kind < KINDS; kind++) {
		sync = find_symbol(&symbols, names[kind].sync);
		/* the table is full: it cannot be waited for, nor pinned */
		if (!sync || is_known(sync) || too_many)
			continue;
		if (!s->all && never_read(info))
			continue;
		if (may_use(info, s, sync)) {
			add_found(&symbols, sync, kind);
			continue;
		}
		s->fresh = true;
		if (s->found) {
			s->found->sync = sync;
			snprintf(s->found->object, PATH_MAX, "%s",
				 info->dlpi_name);
		}
		return 1;
	}
	return 0;
}

bool __rcu_find(struct rcu_found *found, const void *pinned, bool all)
{
	struct search s = { .found = found, .pinned = pinned, .all = all };

	dl_iterate_phdr(look_at, &s);
	if (s.fresh)
		return true;
	if (all) {
		seen_adds = s.adds;
		seen_subs = s.subs;
	}
	for (unsigned int kind = 0; kind < KINDS; kind++)
		if (linked[kind].sync && !has_kind(kind))
			add(linked[kind], kind);
	return false;
}

/*
 * An object that cannot be opened is used without a pin, if it is still there:
 * if its name does not lead to it, dlclose() cannot unload it either.
 */
void rcu_pin(const struct rcu_found *found)
{
	KEEPS_ERRNO();

	if (dlopen)
		dlopen(found->object,
		       RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE);
}
