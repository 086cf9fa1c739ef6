/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file once asked for stays mapped: kmem asks many times and ends. */
struct image {
	struct image *next;
	char *path;
	const char *base; /* NULL: cannot be read, or is no ELF file */
	size_t size;
	const Elf64_Sym *sym;
	size_t nr_syms;
	const char *names;
	size_t names_size;
};

static struct image *images;

/* Do n entries of this size lie at off inside the file? */
static bool inside(const struct image *im, uint64_t off, uint64_t n,
		   size_t each)
{
	return off <= im->size && n <= (im->size - off) / each;
}

static bool table_use(struct image *im, const Elf64_Shdr *sh,
		      const Elf64_Shdr *names)
{
	size_t nr = sh->sh_size / sizeof(Elf64_Sym);

	if (!inside(im, sh->sh_offset, nr, sizeof(Elf64_Sym)) ||
	    !inside(im, names->sh_offset, names->sh_size, 1) ||
	    sh->sh_offset % _Alignof(Elf64_Sym) || !names->sh_size ||
	    im->base[names->sh_offset + names->sh_size - 1])
		return false;
	im->sym = (const void *)(im->base + sh->sh_offset);
	im->nr_syms = nr;
	im->names = im->base + names->sh_offset;
	im->names_size = names->sh_size;
	return true;
}

/* .symtab has all functions; a stripped file has .dynsym alone. */
static void image_parse(struct image *im)
{
	static const uint32_t kinds[] = { SHT_SYMTAB, SHT_DYNSYM };
	const Elf64_Ehdr *eh = (const void *)im->base;
	const Elf64_Shdr *sh;
	unsigned int k, i;

	if (im->size < sizeof(*eh) || memcmp(eh->e_ident, ELFMAG, SELFMAG) ||
	    eh->e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh->e_shentsize != sizeof(*sh) ||
	    eh->e_shoff % _Alignof(Elf64_Shdr) ||
	    !inside(im, eh->e_shoff, eh->e_shnum, sizeof(*sh)))
		return;
	sh = (const void *)(im->base + eh->e_shoff);
	for (k = 0; k < 2; k++)
		for (i = 0; i < eh->e_shnum; i++)
			if (sh[i].sh_type == kinds[k] &&
			    sh[i].sh_link < eh->e_shnum &&
			    table_use(im, &sh[i], &sh[sh[i].sh_link]))
				return;
}

static struct image *image_open(const char *path)
{
	struct image *im = calloc(1, sizeof(*im));
	struct stat st;
	void *base;
	int fd;

	if (!im)
		return NULL;
	im->path = strdup(path);
	im->next = images;
	images = im;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return im;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0) {
		base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			    fd, 0);
		if (base != MAP_FAILED) {
			im->base = base;
			im->size = (size_t)st.st_size;
			image_parse(im);
		}
	}
	close(fd);
	return im;
}

static struct image *image_get(const char *path)
{
	struct image *im;

	for (im = images; im; im = im->next)
		if (im->path && !strcmp(im->path, path))
			return im;
	return image_open(path);
}

static const Elf64_Sym *symbol_at(const struct image *im, uint64_t at)
{
	const Elf64_Sym *s;
	size_t i;

	for (i = 0; i < im->nr_syms; i++) {
		s = &im->sym[i];
		if (ELF64_ST_TYPE(s->st_info) == STT_FUNC &&
		    s->st_shndx != SHN_UNDEF && at >= s->st_value &&
		    at - s->st_value < s->st_size &&
		    s->st_name < im->names_size)
			return s;
	}
	return NULL;
}

void symbol_name(const char *file, uint64_t at, char *to, size_t size)
{
	struct image *im = image_get(file);
	const Elf64_Sym *s = im ? symbol_at(im, at) : NULL;
	const char *slash = strrchr(file, '/');

	if (s)
		snprintf(to, size, "%s+0x%llx", im->names + s->st_name,
			 (unsigned long long)(at - s->st_value));
	else
		snprintf(to, size, "%s+0x%llx", slash ? slash + 1 : file,
			 (unsigned long long)at);
}

/* How the file's symbol table counts what lies at a byte of the file. */
static uint64_t address_of(const struct image *im, uint64_t offset)
{
	const Elf64_Ehdr *eh = (const void *)im->base;
	const Elf64_Phdr *ph;
	unsigned int i;

	if (eh->e_phentsize != sizeof(*ph) ||
	    eh->e_phoff % _Alignof(Elf64_Phdr) ||
	    !inside(im, eh->e_phoff, eh->e_phnum, sizeof(*ph)))
		return offset;
	ph = (const void *)(im->base + eh->e_phoff);
	for (i = 0; i < eh->e_phnum; i++)
		if (ph[i].p_type == PT_LOAD && offset >= ph[i].p_offset &&
		    offset - ph[i].p_offset < ph[i].p_filesz)
			return offset - ph[i].p_offset + ph[i].p_vaddr;
	return offset;
}

bool symbol_sized(const char *file, uint64_t offset, char *to, size_t size)
{
	struct image *im = image_get(file);
	const Elf64_Sym *s;
	uint64_t at;

	if (!im || !im->nr_syms)
		return false;
	at = address_of(im, offset);
	s = symbol_at(im, at);
	if (!s)
		return false;
	snprintf(to, size, "%s+0x%llx/0x%llx", im->names + s->st_name,
		 (unsigned long long)(at - s->st_value),
		 (unsigned long long)s->st_size);
	return true;
}
