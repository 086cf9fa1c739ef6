/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What is in a core: bytes at addresses, published areas, mappings.
 */
#include "core_file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kmem/published.h>

#include "cmd.h"
#include "published.h"

/* --- the files that were mapped ------------------------------------------- */

/* What the core has of the file's first page must be what it has now. */
static bool same_start(const struct core *c, const struct part *p, int fd)
{
	char now[CORE_PAGE];

	for (size_t i = 0; i < c->parts; i++) {
		const struct part *first = &c->part[i];
		const struct segment *s = segment_at(c, first->from);

		if (first->offset || strcmp(first->path, p->path) || !s ||
		    s->from != first->from || s->kept < CORE_PAGE)
			continue;
		return pread(fd, now, CORE_PAGE, 0) == CORE_PAGE &&
		       !memcmp(now, c->file.base + s->at, CORE_PAGE);
	}
	return true;
}

static void part_open(const struct core *c, struct part *p)
{
	struct stat st;
	int fd;

	p->looked = true;
	fd = open(p->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    st.st_mtime <= c->file.when && same_start(c, p, fd))
		p->fd = fd;
	else
		close(fd);
}

static bool part_read(const struct core *c, struct part *p, uint64_t at,
		      char *to, size_t n)
{
	ssize_t got;

	if (!p->looked)
		part_open(c, p);
	if (p->fd < 0) {
		errno = ENODATA;
		return false;
	}
	got = pread(p->fd, to, n, (off_t)(at - p->from + p->offset));
	if (got < 0)
		return false;
	memset(to + got, 0, n - (size_t)got);
	return true;
}

/* --- reading -------------------------------------------------------------- */

static size_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Some of the n bytes, at least one; 0: errno says why not. */
static size_t read_some(const struct core *c, uint64_t at, char *to, size_t n)
{
	const struct segment *s = segment_at(c, at);
	struct part *p;

	if (s && !(s->flags & PF_R)) {
		errno = EFAULT;
		return 0;
	}
	if (s && at - s->from < s->kept) {
		n = least(n, s->kept - (at - s->from));
		memcpy(to, c->file.base + s->at + (at - s->from), n);
		return n;
	}
	p = part_at(c, at);
	if (p) {
		n = least(n, p->to - at);
		return part_read(c, p, at, to, n) ? n : 0;
	}
	if (!s) {
		errno = EFAULT;
		return 0;
	}
	n = least(n, s->to - at);
	memset(to, 0, n);
	return n;
}

bool core_read(const struct core *c, uint64_t at, void *to, size_t n)
{
	size_t done = 0, got;

	while (done < n) {
		got = read_some(c, at + done, (char *)to + done, n - done);
		if (!got)
			return false;
		done += got;
	}
	return true;
}

/* --- the published area --------------------------------------------------- */

pid_t core_pid(const struct core *c)
{
	if (c->has_who)
		return c->who.pr_pid;
	return c->threads ? c->thread[0].pr_pid : 0;
}

const char *core_comm(const struct core *c)
{
	return c->has_who ? c->who.pr_fname : "?";
}

const struct elf_prstatus *core_thread(const struct core *c, size_t i)
{
	return i < c->threads ? &c->thread[i] : NULL;
}

/* What is wrong with an area that is mapped there; NULL: nothing. */
static const char *area_wrong(const struct core *c, const struct part *p,
			      struct kmem_pub_header *h)
{
	const struct segment *s = segment_at(c, p->from);

	if (!s || s->from != p->from || s->kept < sizeof(*h))
		return "leaves out shared memory, and with it what libkmem "
		       "publishes; before the next one: echo 0x33 > "
		       "/proc/PID/coredump_filter";
	memcpy(h, c->file.base + s->at, sizeof(*h));
	if (h->magic != KMEM_PUB_MAGIC || h->used > s->kept)
		return "was written before libkmem had started in it";
	if (h->pid != (uint32_t)core_pid(c))
		return "has the area of another process: of its parent, or of "
		       "itself under the number that it has in a namespace";
	return NULL;
}

static bool has_library(const struct core *c)
{
	for (size_t i = 0; i < c->parts; i++)
		if (strstr(c->part[i].path, "libkmem"))
			return true;
	return false;
}

static void say_why_not(const struct core *c, const char *command,
			const char *wrong, unsigned int count)
{
	if (count)
		complain("%s: %s has %u published areas, so --area goes from 1 "
			 "to %u",
			 command, c->path, count, count);
	else if (wrong)
		complain("%s: %s %s", command, c->path, wrong);
	else if (!c->parts)
		complain("%s: %s says of no file that it was mapped, so what "
			 "libkmem publishes cannot be found in it",
			 command, c->path);
	else
		complain("%s: %s is of a process (%ld, %s) that %s", command,
			 c->path, (long)core_pid(c), core_comm(c),
			 has_library(c) ? "published nothing: publish=0 in its "
					  "KMEM_OPTIONS, or it is set-uid, or "
					  "had not allocated" :
					  "is not on libkmem");
}

static uint64_t area_number(const char *at)
{
	struct kmem_pub_header h;
	struct kmem_pub_totals t;

	memcpy(&h, at, sizeof(h));
	if (h.used < sizeof(h) + sizeof(t))
		return 0;
	memcpy(&t, at + sizeof(h), sizeof(t));
	return t.number;
}

/* The next one with a number above another, which it gets; 0: there is none. */
static uint64_t area_next(const struct core *c, int64_t *number,
			  const char **wrong)
{
	int64_t after = *number, one;
	struct kmem_pub_header h;
	uint64_t found = 0, at;
	const char *why;

	for (size_t i = 0; i < c->parts; i++) {
		const struct part *p = &c->part[i];

		if (p->offset || strcmp(p->path, AREA_LINK))
			continue;
		why = area_wrong(c, p, &h);
		*wrong = why ? why : *wrong;
		if (why)
			continue;
		at = segment_at(c, p->from)->at;
		one = (int64_t)area_number(c->file.base + at);
		if (one > after && (!found || one < *number)) {
			found = at;
			*number = one;
		}
	}
	return found;
}

int core_area(const struct core *c, const char *command, unsigned int which,
	      off_t *area)
{
	const char *wrong = NULL;
	unsigned int count = 0;
	int64_t number = -1;
	uint64_t at;

	while ((at = area_next(c, &number, &wrong)))
		if (++count == which)
			*area = (off_t)at;
	if (count < which) {
		say_why_not(c, command, wrong, count);
		return -1;
	}
	if (count > 1 && which == 1)
		complain("%s: %s has %u allocators on libkmem, shown is the "
			 "first; --area=2 shows the next",
			 command, c->path, count);
	return c->file.fd;
}

/* --- what was mapped ------------------------------------------------------ */

/* What the file's own headers say of these bytes; not in the core. */
static const char *perms_of(const struct part *p)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	if (p->fd < 0 || pread(p->fd, &eh, sizeof(eh), 0) != sizeof(eh) ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG))
		return "r--p";
	for (unsigned int i = 0; i < eh.e_phnum; i++) {
		if (pread(p->fd, &ph, sizeof(ph),
			  (off_t)(eh.e_phoff + i * sizeof(ph))) != sizeof(ph))
			break;
		if (ph.p_type == PT_LOAD && ph.p_flags & PF_X &&
		    p->offset >= (ph.p_offset & ~(CORE_PAGE - 1ull)) &&
		    p->offset < ph.p_offset + ph.p_filesz)
			return "r-xp";
	}
	return "r--p";
}

static bool part_map(const struct core *c, struct part *p, struct memory *m)
{
	char name[4096];

	if (!p->looked)
		part_open(c, p);
	/* the symbols of another file would be wrong names */
	snprintf(name, sizeof(name), "%s%s", p->path,
		 p->fd < 0 && !access(p->path, F_OK) ? " (changed)" : "");
	return memory_map_add(m, p->from, p->to, p->offset, perms_of(p), name);
}

static bool segment_map(const struct core *c, const struct segment *s,
			struct memory *m)
{
	const char *name = c->vdso >= s->from && c->vdso < s->to   ? "[vdso]" :
			   c->stack >= s->from && c->stack < s->to ? "[stack]" :
								     "";
	char perms[5] = {
		s->flags & PF_R ? 'r' : '-',
		s->flags & PF_W ? 'w' : '-',
		s->flags & PF_X ? 'x' : '-',
		'p',
	};

	return memory_map_add(m, s->from, s->to, 0, perms, name);
}

bool core_maps(const struct core *c, struct memory *m)
{
	for (size_t i = 0; i < c->parts; i++)
		if (!part_map(c, &c->part[i], m))
			return false;
	for (size_t i = 0; i < c->segments; i++)
		if (!part_at(c, c->segment[i].from) &&
		    !segment_map(c, &c->segment[i], m))
			return false;
	return true;
}
