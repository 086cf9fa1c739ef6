/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The names of code, for reports.
 *
 * The dynamic loader knows what a module exports, which a program rarely does.
 * The rest is in the symbol table of its file, unless that was stripped; it is
 * mapped, searched from end to end and unmapped, for each name: reports are
 * rare, and nothing is kept or allocated.
 *
 * The file may have been replaced, or be broken: every offset is checked
 * against its size, so the worst result is a wrong name.
 */
#define _GNU_SOURCE 1

#include "port/port.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/text.h"
#include "port/linux/cancel.h"
#include "port/linux/confine.h"
#include "port/linux/own.h"

struct file {
	const char *at;
	size_t size;
};

/* n bytes at off of the file, or NULL. */
static const void *symbol_part(const struct file *f, size_t off, size_t n)
{
	return off <= f->size && n <= f->size - off ? f->at + off : NULL;
}

static bool map_file(const char *path, struct file *f)
{
	struct stat st;
	void *p = MAP_FAILED;
	int fd;

	fd = UNCANCELLED(
		open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0) {
		f->size = (size_t)st.st_size;
		p = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	UNCANCELLED(close(fd));
	f->at = p;
	return p != MAP_FAILED;
}

static const ElfW(Shdr) * sections(const struct file *f, size_t *nr)
{
	const ElfW(Ehdr) *head = symbol_part(f, 0, sizeof(*head));

	if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
	    head->e_shentsize != sizeof(ElfW(Shdr)) ||
	    head->e_shoff % __alignof__(ElfW(Shdr)))
		return NULL;
	*nr = head->e_shnum;
	return symbol_part(f, head->e_shoff, *nr * sizeof(ElfW(Shdr)));
}

/* The function that the address, as the file counts, lies in. */
static const ElfW(Sym) *
	find(const struct file *f, const ElfW(Shdr) * table, uintptr_t addr)
{
	const ElfW(Sym) *sym = symbol_part(f, table->sh_offset, table->sh_size);
	size_t i, n = table->sh_size / sizeof(*sym);

	if (!sym || table->sh_offset % __alignof__(ElfW(Sym)))
		return NULL;
	for (i = 0; i < n; i++)
		if ((sym[i].st_info & 0xf) == STT_FUNC && sym[i].st_shndx &&
		    addr - sym[i].st_value < sym[i].st_size)
			return &sym[i];
	return NULL;
}

/* Writes the name of addr, a file's address, to buf; false: it has none. */
static bool name_in(const struct file *f, uintptr_t addr, char *buf, size_t n)
{
	const ElfW(Shdr) * all, *names;
	const ElfW(Sym) *sym = NULL;
	const char *name;
	size_t i, nr = 0;

	all = sections(f, &nr);
	for (i = 0; all && i < nr && !sym; i++)
		if (all[i].sh_type == SHT_SYMTAB && all[i].sh_link < nr)
			sym = find(f, &all[i], addr);
	if (!sym)
		return false;
	names = &all[all[i - 1].sh_link];
	if (sym->st_name >= names->sh_size)
		return false;
	name = symbol_part(f, names->sh_offset, names->sh_size);
	if (!name)
		return false;
	text_format(buf, n, "%.*s+0x%zx/0x%zx",
		    (int)strnlen(name + sym->st_name,
				 names->sh_size - sym->st_name),
		    name + sym->st_name, (size_t)(addr - sym->st_value),
		    (size_t)sym->st_size);
	return true;
}

/* Code of a static program lies where its file says, and in no module. */
static bool name_in_static(uintptr_t addr, char *buf, size_t n)
{
	const ElfW(Ehdr) * head;
	struct file f;
	bool found;

	if (!map_file("/proc/self/exe", &f))
		return false;
	head = symbol_part(&f, 0, sizeof(*head));
	found = head && head->e_type == ET_EXEC && name_in(&f, addr, buf, n);
	munmap((void *)(uintptr_t)f.at, f.size);
	return found;
}

static bool name_from_file(const char *path, uintptr_t addr, char *buf,
			   size_t n)
{
	struct file f;
	bool found;

	if (!map_file(path && *path ? path : "/proc/self/exe", &f))
		return false;
	found = name_in(&f, addr, buf, n);
	munmap((void *)(uintptr_t)f.at, f.size);
	return found;
}

/* As addr2line takes it: where in which file. */
static void place_in_module(const char *path, uintptr_t at, char *buf, size_t n)
{
	char program[32];
	const char *slash;

	port_comm(program, sizeof(program));
	if (!path || !*path)
		path = program;
	slash = strrchr(path, '/');
	text_format(buf, n, "%s+0x%lx", slash ? slash + 1 : path,
		    (unsigned long)at);
}

static bool symbol_name_of(const void *addr, char *buf, size_t n)
{
	const struct link_map *map;
	const ElfW(Sym) * sym;
	void *extra = NULL;
	uintptr_t at;
	Dl_info info;

	if (!dladdr1(addr, &info, &extra, RTLD_DL_SYMENT))
		return name_in_static((uintptr_t)addr, buf, n);
	if (info.dli_sname && info.dli_saddr && extra) {
		sym = extra;
		text_format(
			buf, n, "%s+0x%zx/0x%zx", info.dli_sname,
			(size_t)((uintptr_t)addr - (uintptr_t)info.dli_saddr),
			(size_t)sym->st_size);
		return true;
	}
	if (!dladdr1(addr, &info, &extra, RTLD_DL_LINKMAP) || !extra)
		return false;
	map = extra;
	at = (uintptr_t)addr - map->l_addr;
	if (!name_from_file(map->l_name, at, buf, n))
		place_in_module(map->l_name, at, buf, n);
	return true;
}

void port_symbol(const void *addr, char *buf, size_t n)
{
	KEEPS_ERRNO();

	if (confined() || !symbol_name_of(addr, buf, n))
		text_format(buf, n, "0x%lx", (unsigned long)addr);
}
