/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A dump has physical addresses, and the allocator keeps those of its direct
 * map.  The area says at which address it lies itself, so one that is found in
 * the file gives the distance between the two.
 *
 * The kernel's image may be mapped elsewhere.  The area has the address of a
 * record in it, which begins with a word that no other has, so that gives the
 * distance of the image.
 */
#include "dump.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <kmem/published.h>

#include "cmd.h"
#include "file_view.h"
#include "slab/view.h"

#define PAGE 4096u

/* Physical addresses [start, start + bytes) lie from offset on. */
struct piece {
	uint64_t start, bytes, offset;
};

struct dump {
	struct file_view file;
	struct piece *piece;
	size_t pieces;
	uint64_t area;   /* offset in the file */
	uint64_t direct; /* address of the kernel less the physical one */
	uint64_t image;  /* the same of its code and variables */
	uint64_t view;   /* address of struct debug_view, or 0 */
};

/* --- what is in the file -------------------------------------------------- */

static bool is_core(const char *base, size_t size)
{
	const Elf64_Ehdr *eh = (const void *)base;

	return size >= sizeof(*eh) && !memcmp(eh->e_ident, ELFMAG, SELFMAG) &&
	       eh->e_ident[EI_CLASS] == ELFCLASS64 && eh->e_type == ET_CORE;
}

static bool core_pieces(struct dump *d)
{
	const Elf64_Ehdr *eh = (const void *)d->file.base;
	size_t nr = eh->e_phnum;
	Elf64_Phdr ph;

	if (eh->e_phentsize != sizeof(ph) || eh->e_phoff > d->file.size ||
	    nr > (d->file.size - eh->e_phoff) / sizeof(ph))
		return false;
	d->piece = calloc(nr + 1, sizeof(*d->piece));
	for (size_t i = 0; d->piece && i < nr; i++) {
		memcpy(&ph, d->file.base + eh->e_phoff + i * sizeof(ph),
		       sizeof(ph));
		if (ph.p_type != PT_LOAD || ph.p_offset > d->file.size ||
		    ph.p_filesz > d->file.size - ph.p_offset)
			continue;
		d->piece[d->pieces++] =
			(struct piece){ ph.p_paddr, ph.p_filesz, ph.p_offset };
	}
	return d->pieces;
}

/* Where it begins does not matter: the area gives the distance. */
static bool raw_piece(struct dump *d)
{
	d->piece = calloc(1, sizeof(*d->piece));
	if (d->piece)
		d->piece[d->pieces++] = (struct piece){ 0, d->file.size, 0 };
	return d->pieces;
}

/* Are totals in it that say where it is?  Then it is no copy of a word. */
static bool area_at(const char *at, size_t room, struct kmem_pub_totals *t)
{
	struct kmem_pub_header h;

	memcpy(&h, at, sizeof(h));
	if (h.magic != KMEM_PUB_MAGIC || h.used < sizeof(h) + sizeof(*t) ||
	    h.used > h.size || h.used > room)
		return false;
	memcpy(t, at + sizeof(h), sizeof(*t));
	return t->record.kind == KMEM_PUB_TOTALS &&
	       t->record.size >= sizeof(*t) && t->here % PAGE == 0;
}

static bool area_find(struct dump *d)
{
	struct kmem_pub_totals t;

	for (size_t i = 0; i < d->pieces; i++) {
		const struct piece *p = &d->piece[i];

		for (uint64_t n = 0; p->bytes - n > PAGE; n += PAGE) {
			if (!area_at(d->file.base + p->offset + n, p->bytes - n,
				     &t))
				continue;
			d->area = p->offset + n;
			d->direct = t.here - (p->start + n);
			d->image = d->direct;
			d->view = t.view;
			return true;
		}
	}
	return false;
}

/* Without such a record it is taken to lie in the direct map. */
static void image_find(struct dump *d)
{
	uint64_t layout = view_layout(), word;

	for (size_t i = 0; i < d->pieces && d->view; i++) {
		const struct piece *p = &d->piece[i];
		uint64_t n = (d->view - p->start) % PAGE;

		for (; n < p->bytes && p->bytes - n >= sizeof(word);
		     n += PAGE) {
			memcpy(&word, d->file.base + p->offset + n,
			       sizeof(word));
			if (word != layout)
				continue;
			d->image = d->view - (p->start + n);
			return;
		}
	}
}

/* --- files ---------------------------------------------------------------- */

void dump_close(struct dump *d)
{
	if (!d)
		return;
	file_view_close(&d->file);
	free(d->piece);
	free(d);
}

struct dump *dump_open(const char *command, const char *path)
{
	struct dump *d = calloc(1, sizeof(*d));

	if (!d || !file_view_open(&d->file, path, PAGE)) {
		complain("%s: %s: %s", command, path, strerror(errno));
	} else if (!(is_core(d->file.base, d->file.size) ? core_pieces(d) :
							   raw_piece(d)) ||
		   !area_find(d)) {
		complain(
			"%s: %s has no area of libkmem in it: it is the memory "
			"of no machine on libkmem, or was written before its "
			"start, or bare_map.published was 0",
			command, path);
	} else {
		image_find(d);
		return d;
	}
	dump_close(d);
	return NULL;
}

/* --- what it says --------------------------------------------------------- */

int dump_file(const struct dump *d, off_t *area)
{
	*area = (off_t)d->area;
	return d->file.fd;
}

static bool piece_read(const struct dump *d, uint64_t at, void *to, size_t n)
{
	for (size_t i = 0; i < d->pieces; i++) {
		const struct piece *p = &d->piece[i];

		if (at - p->start >= p->bytes || n > p->bytes - (at - p->start))
			continue;
		memcpy(to, d->file.base + p->offset + (at - p->start), n);
		return true;
	}
	return false;
}

bool dump_read(const struct dump *d, uint64_t address, void *to, size_t n)
{
	if (piece_read(d, address - d->direct, to, n) ||
	    piece_read(d, address - d->image, to, n))
		return true;
	errno = EFAULT;
	return false;
}
