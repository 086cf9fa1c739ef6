/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Reports: put together in one static buffer and written whole.
 *
 * The buffer belongs to the thread that opened a report.  That thread may
 * open more inside it (a warning while a bug is being described); their lines
 * join the open one and the outermost report_end() writes it all.  A report
 * longer than the buffer is written in pieces of whole lines, still under the
 * lock.
 *
 * A report is often the last thing that works, and may come from a signal
 * handler that interrupted the very holder of the lock.  So no thread waits for
 * the buffer longer than REPORT_WAIT_NS: after that its lines are written one
 * by one, perhaps between those of others, which is better than not at all.  A
 * forked child finds the lock free or held by a thread that it does not have;
 * the process id beside the owner tells these apart.
 */
#include "debug/report.h"
#include "debug/watch.h"

#include <linux/gfp_types.h>

#include "debug/view.h"
#include "lib/options.h"
#include "lib/text.h"
#include "sync/lock.h"
#include "port/port.h"
#include "sync/boot.h"

#define REPORT_BYTES 8192
#define LINE_BYTES 512
#define REPORT_WAIT_NS 1000000000ll

struct {
	struct lock lock;
	unsigned int pid;        /* of the process that holds lock */
	struct port_task *owner; /* NULL, or the thread that holds lock */
	unsigned int depth;      /* reports open inside each other */
	bool fatal;              /* with panic_on_warn; one of them is a BUG */
	size_t len;
	char text[REPORT_BYTES];
} rb BULKY("report");

struct debug_view debug_view;

/*
 * Letters of a taint, each at its place in the kernel's row of 19: G says
 * that nothing proprietary is loaded, B that bad memory was seen, W that
 * something warned.
 */
#define TAINT_LETTERS 19
enum taint { TAINT_BAD = 5, TAINT_WARN = 9 };

static unsigned int taints;

bool report_panics;

static void taint_set(enum taint t)
{
	__atomic_fetch_or(&taints, 1u << t, __ATOMIC_RELAXED);
}

static const char *taint_text(char *buf, size_t n)
{
	unsigned int set = __atomic_load_n(&taints, __ATOMIC_RELAXED);
	char row[TAINT_LETTERS + 1];

	if (!set)
		return "Not tainted";
	memset(row, ' ', TAINT_LETTERS);
	row[TAINT_LETTERS] = '\0';
	row[0] = 'G';
	if (set & 1u << TAINT_BAD)
		row[TAINT_BAD] = 'B';
	if (set & 1u << TAINT_WARN)
		row[TAINT_WARN] = 'W';
	text_format(buf, n, "Tainted: %s", row);
	return buf;
}

/* A report may come before the first allocation; true set by hand stays. */
static void count_error(void)
{
	__atomic_fetch_add(&debug_view.errors, 1, __ATOMIC_RELAXED);
	port_start();
	if (option_value(OPT_PANIC_ON_WARN))
		report_panics = true;
}

unsigned long report_errors(void)
{
	return __atomic_load_n(&debug_view.errors, __ATOMIC_RELAXED);
}

static bool report_mine(void)
{
	return __atomic_load_n(&rb.owner, __ATOMIC_RELAXED) == port_task() &&
	       rb.pid == port_pid();
}

/* The buffer is this thread's. */
static void text_keep(const char *text, size_t n)
{
	unsigned long end = debug_view.text_end;

	for (size_t i = 0; i < n; i++)
		debug_view.text[(end + i) % VIEW_TEXT] = text[i];
	/* whoever sees the new end sees the text */
	__atomic_store_n(&debug_view.text_end, end + n, __ATOMIC_RELEASE);
}

static void report_flush(void)
{
	size_t n = rb.len;

	rb.len = 0;
	if (!n)
		return;
	text_keep(rb.text, n);
	port_write(rb.text, n);
}

static void report_own(void)
{
	rb.depth = 1;
	rb.fatal = false;
	rb.len = 0;
	__atomic_store_n(&rb.pid, port_pid(), __ATOMIC_RELAXED);
	/* Release: pairs with the acquire in report_inherited(). */
	__atomic_store_n(&rb.owner, port_task(), __ATOMIC_RELEASE);
}

/* Frees a lock whose holder is a thread of the parent process. */
static void report_inherited(void)
{
	struct port_task *owner = __atomic_load_n(&rb.owner, __ATOMIC_ACQUIRE);

	if (!owner || __atomic_load_n(&rb.pid, __ATOMIC_RELAXED) == port_pid())
		return;
	if (__atomic_compare_exchange_n(&rb.owner, &owner, NULL, false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		__atomic_store_n(&rb.lock.word, 0, __ATOMIC_RELEASE);
}

void report_begin(void)
{
	watch_mute(true);
	if (report_mine()) {
		rb.depth++;
		return;
	}
	report_inherited();
	if (lock_take_within(&rb.lock, LOCK_REPORT, REPORT_WAIT_NS))
		report_own();
}

void report_end(void)
{
	watch_mute(false);
	if (!report_mine() || --rb.depth)
		return;
	report_flush();
	if (rb.fatal && report_panics)
		report_panic("panic_on_warn set ...");
	__atomic_store_n(&rb.owner, NULL, __ATOMIC_RELAXED);
	lock_drop(&rb.lock, LOCK_REPORT);
}

static void line_raw(const char *text, size_t n)
{
	if (!report_mine()) {
		port_write(text, n);
		return;
	}
	if (n > REPORT_BYTES - rb.len)
		report_flush();
	memcpy(rb.text + rb.len, text, n);
	rb.len += n;
}

/* A line of head and the formatted text, cut to LINE_BYTES, newline added. */
static void __attribute__((format(printf, 2, 0)))
line_v(const char *head, const char *fmt, va_list ap)
{
	char line[LINE_BYTES];
	size_t n = text_len(head);

	memcpy(line, head, n);
	text_vformat(line + n, sizeof(line) - n - 1, fmt, ap);
	n += text_len(line + n);
	if (!n || line[n - 1] != '\n')
		line[n++] = '\n';
	line_raw(line, n);
}

void report_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line_v("", fmt, ap);
	va_end(ap);
}

void report(const char *fmt, ...)
{
	va_list ap;

	report_begin();
	va_start(ap, fmt);
	line_v("", fmt, ap);
	va_end(ap);
	report_end();
}

void report_panic(const char *fmt, ...)
{
	va_list ap;

	report_begin();
	va_start(ap, fmt);
	line_v("Kernel panic - not syncing: ", fmt, ap);
	va_end(ap);
	if (report_mine())
		report_flush();
	port_die();
}

const char *report_path(const char *file)
{
	while (file[0] == '.' && file[1] == '.' && file[2] == '/')
		file += 3;
	return file;
}

void report_warn(const char *file, int line, const void *caller,
		 const char *fmt, ...)
{
	char where[128];
	va_list ap;

	port_symbol(caller, where, sizeof(where));
	report_begin();
	count_error();
	report_line("------------[ cut here ]------------");
	report_line("WARNING: CPU: %u PID: %u at %s:%d %s", port_cpu(),
		    port_pid(), report_path(file), line, where);
	va_start(ap, fmt);
	line_v("", fmt, ap);
	va_end(ap);
	taint_set(TAINT_WARN);
	if (report_panics)
		report_panic("panic_on_warn set ...");
	report_end();
}

void report_line_task(void)
{
	char taint[16 + TAINT_LETTERS], comm[32];

	port_comm(comm, sizeof(comm));
	report_line("CPU: %u PID: %u Comm: %s %s", port_cpu(), port_pid(), comm,
		    taint_text(taint, sizeof(taint)));
}

void report_bug_at(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	report_begin();
	count_error();
	report_line("------------[ cut here ]------------");
	report_line("kernel BUG at %s:%d!", report_path(file), line);
	va_start(ap, fmt);
	line_v("", fmt, ap);
	va_end(ap);
	taint_set(TAINT_BAD);
	if (report_panics)
		report_panic("Fatal exception");
	report_end();
}

void report_rule(char c, unsigned int width)
{
	char rule[80];

	memset(rule, c, sizeof(rule));
	report_line("%.*s", (int)width, rule);
}

/* As wide as the kernel draws it. */
#define BUG_RULE 77

void report_bug_begin(const char *name, const char *fmt, ...)
{
	char taint[16 + TAINT_LETTERS], reason[LINE_BYTES / 2];
	va_list ap;

	report_begin();
	count_error();
	va_start(ap, fmt);
	text_vformat(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	report_rule('=', BUG_RULE);
	report_line("BUG %s (%s): %s", name, taint_text(taint, sizeof(taint)),
		    reason);
	report_rule('-', BUG_RULE);
	report_line("%s", "");
	taint_set(TAINT_BAD);
	if (report_mine())
		rb.fatal = true;
}

void report_error_begin(void)
{
	report_begin();
	count_error();
	taint_set(TAINT_BAD);
}

void report_warn_begin(void)
{
	report_begin();
	count_error();
	taint_set(TAINT_WARN);
}

void report_fix(const char *name, const char *fmt, ...)
{
	char action[LINE_BYTES / 2];
	va_list ap;

	__atomic_fetch_add(&debug_view.errors, 1, __ATOMIC_RELAXED);
	va_start(ap, fmt);
	text_vformat(action, sizeof(action), fmt, ap);
	va_end(ap);
	report_line("FIX %s: %s", name, action);
}

/* clang-format off */
#define GFP(name) { (__force unsigned int)(name), #name }

/*
 * Masks of more bits come first, so each mask is named by the fewest words; of
 * equals, the more usual.
 */
static const struct {
	unsigned int bits;
	const char *name;
} gfp_names[] = {
	GFP(GFP_TRANSHUGE),
	GFP(GFP_TRANSHUGE_LIGHT),
	GFP(GFP_HIGHUSER_MOVABLE),
	GFP(GFP_HIGHUSER),
	GFP(GFP_USER),
	GFP(GFP_KERNEL_ACCOUNT),
	GFP(GFP_KERNEL),
	GFP(GFP_NOFS),
	GFP(GFP_ATOMIC),
	GFP(GFP_NOIO),
	GFP(GFP_NOWAIT),
	GFP(GFP_DMA),
	GFP(GFP_DMA32),
	GFP(__GFP_HIGHMEM),
	GFP(__GFP_MOVABLE),
	GFP(__GFP_RECLAIMABLE),
	GFP(__GFP_HIGH),
	GFP(__GFP_IO),
	GFP(__GFP_FS),
	GFP(__GFP_ZERO),
	GFP(__GFP_DIRECT_RECLAIM),
	GFP(__GFP_KSWAPD_RECLAIM),
	GFP(__GFP_WRITE),
	GFP(__GFP_NOWARN),
	GFP(__GFP_RETRY_MAYFAIL),
	GFP(__GFP_NOFAIL),
	GFP(__GFP_NORETRY),
	GFP(__GFP_MEMALLOC),
	GFP(__GFP_COMP),
	GFP(__GFP_NOMEMALLOC),
	GFP(__GFP_HARDWALL),
	GFP(__GFP_THISNODE),
	GFP(__GFP_ACCOUNT),
	GFP(__GFP_ZEROTAGS),
	GFP(__GFP_NO_OBJ_EXT),
};
/* clang-format on */

void report_gfp(char *buf, size_t n, unsigned int gfp)
{
	const char *between = "";
	size_t i, len = 0;

	if (!n)
		return;
	if (!gfp) {
		text_format(buf, n, "none");
		return;
	}
	buf[0] = '\0';
	for (i = 0; gfp && i < ARRAY_LEN(gfp_names) && len < n; i++) {
		if (!gfp_names[i].bits ||
		    (gfp & gfp_names[i].bits) != gfp_names[i].bits)
			continue;
		len += (size_t)text_format(buf + len, n - len, "%s%s", between,
					   gfp_names[i].name);
		gfp &= ~gfp_names[i].bits;
		between = "|";
	}
	if (gfp && len < n)
		text_format(buf + len, n - len, "%s%#x", between, gfp);
}
