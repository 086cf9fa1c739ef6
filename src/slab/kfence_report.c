/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What sampled guard pages report, in the kernel's shape.  A report is made
 * where the fault is, so perhaps in a signal handler on a small stack.
 */
#include "slab/kfence.h"

#include <linux/slab.h>
#include <stdarg.h>

#include "debug/report.h"
#include "lib/text.h"
#include "slab/slab.h"

#define NS_PER_S 1000000000ull
/* Width of the lines around a report. */
#define RULE 66

static const char *access_name(const struct kfence_finding *f)
{
	return f->write ? "write" : "read";
}

static const char *finding_name(const struct kfence_finding *f)
{
	switch (f->error) {
	case KFENCE_OOB:
		return f->write ? "out-of-bounds write" : "out-of-bounds read";
	case KFENCE_UAF:
		return f->write ? "use-after-free write" :
				  "use-after-free read";
	case KFENCE_CORRUPTION:
		return "memory corruption";
	case KFENCE_INVALID:
		return f->write ? "invalid write" : "invalid read";
	default:
		return "invalid free";
	}
}

/* Or a call, which the first frame is returned to. */
static bool is_access(const struct kfence_finding *f)
{
	return f->error == KFENCE_OOB || f->error == KFENCE_UAF ||
	       f->error == KFENCE_INVALID;
}

/* Bytes that differ from the canary, of up to 16; a dot is one that does not */
static void bytes_text(const struct kfence_finding *f, char *buf, size_t n)
{
	const struct kfence_meta *m = f->meta;
	const char *at = f->at, *end = at + 16, *stop = m->addr;
	int len = text_format(buf, n, "[");

	if (at >= m->addr)
		stop = (char *)ALIGN_UP((uintptr_t)at + 1, kfence_page());
	if (end > stop)
		end = stop;
	for (; at < end; at++) {
		unsigned char byte = (unsigned char)*at;

		if (byte == kfence_canary(at))
			len += text_format(buf + len, n - (size_t)len, " .");
		else
			len += text_format(buf + len, n - (size_t)len,
					   " 0x%02x", byte);
	}
	text_format(buf + len, n - (size_t)len, " ]");
}

static void line_what(const struct kfence_finding *f)
{
	const struct kfence_meta *m = f->meta;
	char what[32] = "", bytes[16 * 5 + 8];

	if (m)
		text_format(what, sizeof(what), " (in kfence-#%u)",
			    kfence_number(m));
	switch (f->error) {
	case KFENCE_OOB:
		report_line("Out-of-bounds %s at 0x%p (%luB %s of "
			    "kfence-#%u):",
			    access_name(f), f->at,
			    (unsigned long)(f->at < m->addr ? m->addr - f->at :
							      f->at - m->addr),
			    f->at < m->addr ? "left" : "right",
			    kfence_number(m));
		break;
	case KFENCE_UAF:
		report_line("Use-after-free %s at 0x%p%s:", access_name(f),
			    f->at, what);
		break;
	case KFENCE_CORRUPTION:
		bytes_text(f, bytes, sizeof(bytes));
		report_line("Corrupted memory at 0x%p %s%s:", f->at, bytes,
			    what);
		break;
	case KFENCE_INVALID:
		report_line("Invalid %s at 0x%p:", access_name(f), f->at);
		break;
	default:
		report_line("Invalid free of 0x%p%s:", f->at, what);
		break;
	}
}

struct lines {
	void (*line)(void *ctx, const char *text);
	void *ctx;
};

static void __attribute__((format(printf, 2, 3)))
add_line(const struct lines *to, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	text_vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	to->line(to->ctx, text);
}

static void add_frame(void *to, const char *text)
{
	add_line(to, " %s", text);
}

static void add_track(struct lines *to, const char *did,
		      const struct kfence_track *t)
{
	uint64_t now = port_clock_ns(), ago = now > t->ns ? now - t->ns : 0;
	unsigned int nr = READ_ONCE(t->nr);

	add_line(to,
		 "%s by task %u on cpu %u at %llu.%06us (%llu.%06us ago):", did,
		 t->task, t->cpu, (unsigned long long)(t->ns / NS_PER_S),
		 (unsigned int)(t->ns % NS_PER_S / 1000),
		 (unsigned long long)(ago / NS_PER_S),
		 (unsigned int)(ago % NS_PER_S / 1000));
	stack_frames(t->pc, nr < STACK_DEPTH ? nr : STACK_DEPTH, false,
		     add_frame, to);
}

void kfence_lines(const struct kfence_meta *m,
		  void (*line)(void *ctx, const char *text), void *ctx)
{
	const struct kmem_cache *s = READ_ONCE(m->cache);
	struct lines to = { line, ctx };
	uint32_t state = kfence_state(m);

	if (!m->addr) {
		add_line(&to, "kfence-#%u unused", kfence_number(m));
		return;
	}
	add_line(&to, "kfence-#%u: 0x%p-0x%p, size=%zu, cache=%s",
		 kfence_number(m), (void *)m->addr,
		 (void *)(m->addr + m->size - 1), m->size,
		 s ? s->name : "<destroyed>");
	add_line(&to, "%s", "");
	add_track(&to, "allocated", &m->alloc);
	if (state != KFENCE_FREE && state != KFENCE_GRACE)
		return;
	add_line(&to, "%s", "");
	add_track(&to, state == KFENCE_GRACE ? "rcu freeing" : "freed",
		  &m->free);
}

static void line_reported(void *ctx, const char *text)
{
	(void)ctx;
	report_line("%s", text);
}

void kfence_report(const struct kfence_finding *f)
{
	void *pc[STACK_DEPTH];
	unsigned int n = stack_here(pc, f->pc);
	char where[128];

	port_symbol(pc[0], where, sizeof(where));
	report_error_begin();
	report_rule('=', RULE);
	report_line("BUG: KFENCE: %s in %s", finding_name(f), where);
	report_line("%s", "");
	line_what(f);
	if (is_access(f))
		stack_lines_fault(pc, n);
	else
		stack_lines(pc, n);
	report_line("%s", "");
	if (f->meta) {
		kfence_lines(f->meta, line_reported, NULL);
		report_line("%s", "");
	}
	report_line_task();
	report_rule('=', RULE);
	if (report_panics)
		report_panic("KFENCE: panic_on_warn set ...");
	report_end();
}
