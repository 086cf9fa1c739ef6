/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A core has a segment for each mapping, as far as it was asked for
 * (coredump_filter, see core(5)): all of it, its first page, or nothing; and a
 * note with the files that were mapped.  gcore leaves segments without contents
 * out altogether, so both together say what was mapped.
 *
 * Private memory that was never written to has no contents either, and is
 * zeros.  That is known from private memory that was left out because a process
 * has some that was written to: a stack.
 */
#include "core_file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#define MACHINE EM_NONE
#endif

/* --- notes ---------------------------------------------------------------- */

static bool inside(const struct core *c, uint64_t at, uint64_t n)
{
	return at <= c->file.size && n <= c->file.size - at;
}

static bool thread_add(struct core *c, const char *desc, size_t n)
{
	struct elf_prstatus *more;

	if (n < sizeof(*more))
		return true;
	more = realloc(c->thread, (c->threads + 1) * sizeof(*more));
	if (!more)
		return false;
	c->thread = more;
	memcpy(&more[c->threads++], desc, sizeof(*more));
	return true;
}

/* Three words each, then as many names. */
static bool parts_read(struct core *c, const char *desc, size_t n)
{
	const char *name, *end = desc + n;
	uint64_t head[2], words[3];

	if (n < sizeof(head) || c->part)
		return true;
	memcpy(head, desc, sizeof(head));
	desc += sizeof(head);
	if (head[0] > (size_t)(end - desc) / sizeof(words))
		return true;
	c->part = calloc(head[0] + 1, sizeof(*c->part));
	if (!c->part)
		return false;
	name = desc + head[0] * sizeof(words);
	for (; c->parts < head[0] && memchr(name, 0, (size_t)(end - name));
	     name += strlen(name) + 1, desc += sizeof(words)) {
		memcpy(words, desc, sizeof(words));
		c->part[c->parts++] = (struct part){
			words[0], words[1], words[2] * head[1], name, -1, false,
		};
	}
	return true;
}

static void auxv_read(struct core *c, const char *desc, size_t n)
{
	Elf64_auxv_t a;

	for (; n >= sizeof(a); n -= sizeof(a), desc += sizeof(a)) {
		memcpy(&a, desc, sizeof(a));
		if (a.a_type == AT_SYSINFO_EHDR)
			c->vdso = a.a_un.a_val;
		if (a.a_type == AT_RANDOM)
			c->stack = a.a_un.a_val;
	}
}

static bool note_read(struct core *c, uint32_t type, const char *desc, size_t n)
{
	switch (type) {
	case NT_PRSTATUS:
		return thread_add(c, desc, n);
	case NT_FILE:
		return parts_read(c, desc, n);
	case NT_AUXV:
		auxv_read(c, desc, n);
		return true;
	case NT_PRPSINFO:
		c->has_who = n >= sizeof(c->who);
		if (c->has_who)
			memcpy(&c->who, desc, sizeof(c->who));
		return true;
	}
	return true;
}

/* Calls of each note named CORE; false when the call says so. */
static bool notes_each(struct core *c, const Elf64_Phdr *ph,
		       bool (*call)(struct core *c, uint32_t type,
				    const char *desc, size_t n))
{
	uint64_t at = ph->p_offset, end = at + ph->p_filesz, name, desc;
	Elf64_Nhdr nh;

	while (end - at >= sizeof(nh)) {
		memcpy(&nh, c->file.base + at, sizeof(nh));
		name = at + sizeof(nh);
		desc = name + ((nh.n_namesz + 3ull) & ~3ull);
		if (desc > end || nh.n_descsz > end - desc)
			break;
		if (nh.n_namesz == 5 &&
		    !memcmp(c->file.base + name, "CORE", 5) &&
		    !call(c, nh.n_type, c->file.base + desc, nh.n_descsz))
			return false;
		at = desc + ((nh.n_descsz + 3ull) & ~3ull);
		if (at > end)
			break;
	}
	return true;
}

/* --- segments ------------------------------------------------------------- */

/* How many there are; more than fit its field are in the first section. */
static size_t headers_count(const struct core *c)
{
	const Elf64_Ehdr *eh = (const void *)c->file.base;
	Elf64_Shdr sh;

	if (eh->e_phnum != PN_XNUM)
		return eh->e_phnum;
	if (!inside(c, eh->e_shoff, sizeof(sh)))
		return 0;
	memcpy(&sh, c->file.base + eh->e_shoff, sizeof(sh));
	return sh.sh_info;
}

static bool header_get(const struct core *c, size_t i, Elf64_Phdr *ph)
{
	const Elf64_Ehdr *eh = (const void *)c->file.base;

	if (eh->e_phentsize != sizeof(*ph) || eh->e_phoff > c->file.size ||
	    i >= (c->file.size - eh->e_phoff) / sizeof(*ph))
		return false;
	memcpy(ph, c->file.base + eh->e_phoff + i * sizeof(*ph), sizeof(*ph));
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* How long the file would be if it had not been cut short. */
static uint64_t whole_size(const struct core *c, size_t nr)
{
	uint64_t most = 0;
	Elf64_Phdr ph;

	for (size_t i = 0; i < nr; i++) {
		if (!header_get(c, i, &ph) ||
		    ph.p_offset > UINT64_MAX - ph.p_filesz)
			return UINT64_MAX;
		if (ph.p_filesz && ph.p_offset + ph.p_filesz > most)
			most = ph.p_offset + ph.p_filesz;
	}
	return most;
}

static bool segments_read(struct core *c, size_t nr)
{
	Elf64_Phdr ph;

	c->segment = calloc(nr + 1, sizeof(*c->segment));
	for (size_t i = 0; i < nr; i++) {
		if (!c->segment || !header_get(c, i, &ph))
			return false;
		if (ph.p_type == PT_NOTE && !notes_each(c, &ph, note_read))
			return false;
		if (ph.p_type == PT_LOAD && ph.p_memsz)
			c->segment[c->segments++] = (struct segment){
				ph.p_vaddr,  ph.p_vaddr + ph.p_memsz,
				ph.p_filesz, ph.p_offset,
				ph.p_flags,
			};
	}
	if (c->segments)
		qsort(c->segment, c->segments, sizeof(*c->segment), by_address);
	return true;
}

/* --- opening -------------------------------------------------------------- */

void core_close(struct core *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->parts; i++)
		if (c->part[i].fd >= 0)
			close(c->part[i].fd);
	file_view_close(&c->file);
	free(c->segment);
	free(c->part);
	free(c->thread);
	free(c);
}

/* Is it of this kind of machine?  The records are laid out as here. */
static bool machine_check(const struct core *c, const char *command)
{
	const Elf64_Ehdr *eh = (const void *)c->file.base;

	if (eh->e_ident[EI_CLASS] == ELFCLASS64 &&
	    eh->e_ident[EI_DATA] == ELFDATA2LSB && eh->e_machine == MACHINE)
		return true;
	complain("%s: %s is the core of another kind of machine (%d bits, ELF "
		 "machine %u); use the kmem of that machine",
		 command, c->path,
		 eh->e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32, eh->e_machine);
	return false;
}

static bool whole_check(const struct core *c, const char *command, size_t nr)
{
	uint64_t want = whole_size(c, nr);

	if (nr && want <= c->file.size)
		return true;
	if (!nr || want == UINT64_MAX)
		complain("%s: %s is a core that was cut short in its headers; "
			 "raise the limit ('ulimit -c unlimited'), or look if "
			 "the disk is full",
			 command, c->path);
	else
		complain("%s: %s is a core that was cut short: %zu of %llu "
			 "bytes are there; raise the limit ('ulimit -c "
			 "unlimited'), or look if the disk is full",
			 command, c->path, c->file.size,
			 (unsigned long long)want);
	return false;
}

/* Is private memory in it, where there is some that was written to? */
static bool private_check(const struct core *c, const char *command)
{
	for (size_t i = 0; i < c->segments; i++) {
		const struct segment *s = &c->segment[i];

		if (s->kept && s->flags & PF_W && !part_at(c, s->from))
			return true;
	}
	complain("%s: %s leaves out private memory, in which the allocator is; "
		 "before the next one: echo 0x33 > /proc/PID/coredump_filter",
		 command, c->path);
	return false;
}

struct core *core_open(const char *command, const char *path)
{
	struct core *c = calloc(1, sizeof(*c));
	size_t nr;

	if (!c) {
		complain("%s: out of memory", command);
		return NULL;
	}
	snprintf(c->path, sizeof(c->path), "%s", path);
	if (!file_view_open(&c->file, path, sizeof(Elf64_Ehdr))) {
		complain("%s: %s: %s", command, path, strerror(errno));
	} else if (machine_check(c, command)) {
		nr = headers_count(c);
		if (whole_check(c, command, nr)) {
			if (!segments_read(c, nr))
				complain("%s: out of memory", command);
			else if (private_check(c, command))
				return c;
		}
	}
	core_close(c);
	return NULL;
}

static bool of_process(struct core *c, uint32_t type, const char *desc,
		       size_t n)
{
	(void)c;
	(void)desc;
	(void)n;
	return type != NT_AUXV && type != NT_PRPSINFO && type != NT_FILE;
}

/* A machine's has notes of its processors alone. */
bool core_is(const char *path)
{
	struct core c = { 0 };
	const Elf64_Ehdr *eh;
	Elf64_Phdr ph;
	bool is = false;
	size_t nr;

	if (file_view_open(&c.file, path, sizeof(*eh))) {
		eh = (const void *)c.file.base;
		is = !memcmp(eh->e_ident, ELFMAG, SELFMAG) &&
		     eh->e_type == ET_CORE;
		/* 32 bits: the other headers are laid out otherwise */
		nr = is && eh->e_ident[EI_CLASS] == ELFCLASS64 ?
			     headers_count(&c) :
			     0;
		for (size_t i = 0; i < nr && header_get(&c, i, &ph); i++) {
			if (ph.p_type != PT_NOTE)
				continue;
			is = !inside(&c, ph.p_offset, ph.p_filesz) ||
			     !notes_each(&c, &ph, of_process);
			break;
		}
		file_view_close(&c.file);
	}
	return is;
}
