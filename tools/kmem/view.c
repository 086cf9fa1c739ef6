/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

bool view_read(struct view *v, const void *at, void *to, size_t n)
{
	return v->mem.read(&v->mem, (uintptr_t)at, to, n);
}

static bool complain_memory(struct view *v)
{
	char title[64];

	complain("%s: the memory of %s cannot be read: %s%s", v->command,
		 books_title(v->books, title, sizeof(title)),
		 strerror(v->mem.error),
		 v->mem.error == EPERM ?
			 "; its own user or root may, where "
			 "/proc/sys/kernel/yama/ptrace_scope allows it" :
			 "");
	return false;
}

bool view_open(struct view *v, const char *command, const struct books *b)
{
	const void *at = (const void *)(uintptr_t)b->totals.view;
	char title[64];

	memset(v, 0, sizeof(*v));
	v->command = command;
	v->books = b;
	v->areas = b->totals.areas;
	v->standin = b->standin;
	if (!memory_open(&v->mem, b)) {
		complain("%s: out of memory", command);
		return false;
	}
	if (at && !view_read(v, at, &v->v, sizeof(v->v)))
		return complain_memory(v);
	if (!at || v->v.layout != view_layout()) {
		complain("%s: the library of %s is not the one of this kmem; "
			 "use the kmem that came with it",
			 command, books_title(b, title, sizeof(title)));
		return false;
	}
	return (view_read(v, v->v.window, &v->w, sizeof(v->w)) &&
		view_read(v, v->v.zones, v->zone, sizeof(v->zone))) ||
	       complain_memory(v);
}

void view_close(struct view *v)
{
	memory_close(&v->mem);
}

bool view_cache(struct view *v, const void *at, struct kmem_cache *s)
{
	if (!at || !view_read(v, at, s, sizeof(*s)))
		return false;
	s->name[SLAB_NAME_MAX - 1] = 0;
	return s->size && s->object_size <= s->size && s->size >= s->left;
}

bool view_page(struct view *v, unsigned long pfn, struct page *page,
	       const struct kmem_cache **owner)
{
	return view_read(v, v->w.map + pfn, page, sizeof(*page)) &&
	       view_read(v, v->w.owner + pfn, owner, sizeof(*owner));
}

/* --- calls ---------------------------------------------------------------- */

static void stack_read(struct view *v, uint32_t number, struct call *c)
{
	struct stack_kept kept;
	const char *at = v->v.stacks + (size_t)number * STACK_UNIT;

	if (!number || !v->v.stacks || !view_read(v, at, &kept, sizeof(kept)) ||
	    kept.nr > STACK_DEPTH)
		return;
	if (view_read(v, at + sizeof(kept), c->pc, kept.nr * sizeof(c->pc[0])))
		c->nr = kept.nr;
}

static void age_set(struct view *v, uint64_t when_ms, struct call *c)
{
	c->aged = v->mem.now_ms;
	if (v->mem.now_ms > when_ms)
		c->age_ms = v->mem.now_ms - when_ms;
}

void call_of_track(struct view *v, const struct debug_track *t, struct call *c)
{
	memset(c, 0, sizeof(*c));
	c->caller = (uintptr_t)t->caller;
	if (!c->caller)
		return;
	c->pid = t->pid;
	c->cpu = t->cpu;
	age_set(v, t->when, c);
	stack_read(v, t->stack, c);
}

void call_of_kfence(struct view *v, const struct kfence_track *t,
		    struct call *c)
{
	memset(c, 0, sizeof(*c));
	if (!t->nr || t->nr > STACK_DEPTH)
		return;
	c->caller = (uintptr_t)t->pc[0];
	c->pid = t->task;
	c->cpu = t->cpu;
	age_set(v, t->ns / 1000000, c);
	c->nr = t->nr;
	for (unsigned int i = 0; i < t->nr; i++)
		c->pc[i] = (uintptr_t)t->pc[i];
}

void call_print(struct view *v, FILE *to, const char *did, const struct call *c)
{
	char name[256];

	if (!c->caller)
		return;
	memory_symbol(&v->mem, c->caller, name, sizeof(name));
	fprintf(to, "%s in %s", did, name);
	if (c->aged)
		fprintf(to, " age=%llu", (unsigned long long)c->age_ms);
	fprintf(to, " cpu=%u pid=%u\n", c->cpu, c->pid);
	for (unsigned int i = 0; i < c->nr; i++) {
		memory_symbol(&v->mem, c->pc[i], name, sizeof(name));
		fprintf(to, "  %s\n", name);
	}
}

json_t *call_json(struct view *v, const struct call *c)
{
	json_t *all, *stack;
	char name[256];

	if (!c->caller)
		return json_null();
	stack = json_array();
	for (unsigned int i = 0; i < c->nr; i++) {
		memory_symbol(&v->mem, c->pc[i], name, sizeof(name));
		json_array_append_new(stack, json_string(name));
	}
	memory_symbol(&v->mem, c->caller, name, sizeof(name));
	all = json_pack("{ss sI sI so}", "caller", name, "pid",
			(json_int_t)c->pid, "cpu", (json_int_t)c->cpu, "stack",
			stack);
	if (all)
		json_object_set_new(
			all, "age_ms",
			c->aged ? json_integer((json_int_t)c->age_ms) :
				  json_null());
	return all;
}

/* --- guarded objects ------------------------------------------------------ */

bool view_guarded(struct view *v, unsigned long i, struct kfence_meta *m)
{
	return i < v->v.kfence_slots &&
	       view_read(v, (const struct kfence_meta *)v->v.kfence_meta + i, m,
			 sizeof(*m));
}

bool view_guarded_counts(struct view *v, struct kfence_counts *c)
{
	return v->v.kfence_counts &&
	       view_read(v, v->v.kfence_counts, c, sizeof(*c));
}

/* --- reports -------------------------------------------------------------- */

char *view_text(const struct view *v)
{
	unsigned long end = v->v.text_end, n = end, i, at = 0;
	char *text, *line;

	if (!end)
		return NULL;
	if (n > VIEW_TEXT)
		n = VIEW_TEXT;
	text = malloc(n + 1);
	if (!text)
		return NULL;
	for (i = end - n; i != end; i++) {
		char c = v->v.text[i % VIEW_TEXT];

		/* JSON takes no other bytes */
		text[at++] =
			(char)(c == '\n' || (c >= ' ' && c <= '~') ? c : '?');
	}
	text[at] = 0;
	if (n == end)
		return text;
	/* what is left of a line whose start was overwritten */
	line = strchr(text, '\n');
	if (line)
		memmove(text, line + 1, strlen(line + 1) + 1);
	return text;
}
