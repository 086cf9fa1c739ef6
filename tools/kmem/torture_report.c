/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What kmem torture found: a matrix of call sites and outcomes, and each
 * try that ended badly, as text, JSON or a page of HTML.
 */
#include "torture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <jansson.h>

#include "html.h"
#include "lines.h"
#include "symbols.h"

#define NAME 256

const char *const outcome_name[OUTCOMES] = { "same", "other", "signal",
					     "hang" };

struct row {
	uint32_t site;
	uint64_t tried, after, by[OUTCOMES];
};

struct matrix {
	struct row *row;
	size_t nr;
	struct row sum;
};

static bool is_bad(const struct torture *t, const struct result *r)
{
	return r->outcome >= SIGNALLED || (t->strict && r->after);
}

size_t torture_bad(const struct torture *t)
{
	size_t i, n = 0;

	for (i = 0; i < t->nr; i++)
		n += is_bad(t, &t->result[i]);
	return n;
}

/* --- the matrix ----------------------------------------------------------- */

static uint64_t weight(const struct row *r)
{
	return (r->by[SIGNALLED] + r->by[HUNG]) * 1000000 +
	       r->by[OTHER] * 1000 + (r->after != 0);
}

static int row_compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	uint64_t wx = weight(x), wy = weight(y);

	if (wx != wy)
		return wx < wy ? 1 : -1;
	return x->site < y->site ? -1 : x->site > y->site;
}

static void row_add(struct row *row, const struct result *r)
{
	row->tried++;
	row->by[r->outcome]++;
	row->after += r->after != 0;
}

/* Rows that are worse come first. NULL rows: out of memory. */
static struct matrix matrix_make(const struct torture *t)
{
	uint32_t sites = t->area->nr_sites, i;
	struct matrix m = { .row = calloc(sites + 1ul, sizeof(*m.row)) };
	size_t k;

	if (!m.row)
		return m;
	for (k = 0; k < t->nr; k++) {
		const struct result *r = &t->result[k];

		i = r->site < sites ? r->site : sites;
		row_add(&m.row[i], r);
		row_add(&m.sum, r);
	}
	for (i = 0; i <= sites; i++) {
		m.row[i].site = i < sites ? i : KMEM_TORTURE_NO_SITE;
		if (m.row[i].tried)
			m.row[m.nr++] = m.row[i];
	}
	qsort(m.row, m.nr, sizeof(*m.row), row_compare);
	return m;
}

/* --- words ---------------------------------------------------------------- */

static void frame_name(const struct torture *t, uint32_t site, uint32_t i,
		       char *to, size_t size)
{
	const struct kmem_torture_frame *f = &t->area->site[site].frame[i];

	symbol_name(t->area->module[f->module % KMEM_TORTURE_MODULES],
		    f->offset, to, size);
}

static bool frame_line(const struct torture *t, uint32_t site, uint32_t i,
		       struct line *to)
{
	const struct kmem_torture_frame *f = &t->area->site[site].frame[i];

	return line_find(t->area->module[f->module % KMEM_TORTURE_MODULES],
			 f->offset, to);
}

static uint32_t frames(const struct torture *t, uint32_t site)
{
	return site < t->area->nr_sites ? t->area->site[site].nr_frames : 0;
}

/* "inner < outer < .." */
static void site_name(const struct torture *t, uint32_t site, char *to,
		      size_t size)
{
	uint32_t i, nr = frames(t, site);
	char name[NAME];
	struct line at;
	size_t n = 0;

	snprintf(to, size, "(unknown)");
	for (i = 0; i < nr && n < size; i++) {
		frame_name(t, site, i, name, sizeof(name));
		n += (size_t)snprintf(to + n, size - n, "%s%s", i ? " < " : "",
				      name);
		if (n < size && frame_line(t, site, i, &at))
			n += (size_t)snprintf(to + n, size - n, " (%s:%lu)",
					      line_base(at.file), at.number);
	}
}

static void status_words(int status, char *to, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(to, size, "signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(to, size, "exit status %d", WEXITSTATUS(status));
}

static void result_words(const struct result *r, char *to, size_t size)
{
	if (r->outcome == HUNG)
		snprintf(to, size, "hang, killed after %.0f s",
			 (double)r->elapsed_ns / 1e9);
	else
		status_words(r->status, to, size);
}

static void command_print(FILE *to, char *const *argv)
{
	for (; *argv; argv++)
		fprintf(to, "%s%s%s%s", strpbrk(*argv, " '\"$;*") ? "\"" : "",
			*argv, strpbrk(*argv, " '\"$;*") ? "\"" : "",
			argv[1] ? " " : "");
}

static void summary(FILE *to, const struct torture *t, size_t sites)
{
	char words[100];

	status_words(t->base_status, words, sizeof(words));
	fprintf(to,
		"by %s; each try fails one allocation, and those after it %s\n",
		t->mode, t->from_then_on ? "too" : "succeed");
	fprintf(to, "without a failure: %" PRIu64 " allocations, %s\n",
		t->points, words);
	fprintf(to, "%zu tries at %zu call sites in %.1f s%s%s\n", t->nr, sites,
		(double)t->elapsed_ns / 1e9,
		t->timed_out ? "; stopped by the time limit" : "",
		t->interrupted ? "; interrupted" : "");
	if (t->not_reached)
		fprintf(to, "%" PRIu64 " runs ended before the allocation\n",
			t->not_reached);
	if (t->not_forked)
		fprintf(to, "%" PRIu64 " forks failed\n", t->not_forked);
	if (t->area->threads && !strcmp(t->mode, "fork"))
		fputs("there were threads: no forks from then on; "
		      "--mode=runs tries the rest\n",
		      to);
	if (t->area->lost)
		fputs("a table was full: what came later is not here\n", to);
}

/* --- text ----------------------------------------------------------------- */

static void cell(FILE *to, uint64_t n)
{
	if (n)
		fprintf(to, " %7" PRIu64, n);
	else
		fprintf(to, " %7s", ".");
}

static void text_row(FILE *to, const struct torture *t, const struct row *r,
		     const char *name)
{
	unsigned int k;

	fprintf(to, "%7" PRIu64, r->tried);
	for (k = 0; k < OUTCOMES; k++)
		cell(to, r->by[k]);
	if (t->strict)
		cell(to, r->after);
	fprintf(to, "  %s\n", name);
}

static void text_frames(FILE *to, const struct torture *t, uint32_t site)
{
	uint32_t i, nr = frames(t, site);
	char name[NAME];
	struct line at;

	for (i = 0; i < nr; i++) {
		frame_name(t, site, i, name, sizeof(name));
		fprintf(to, "    %s %s", i ? "from" : "at  ", name);
		if (frame_line(t, site, i, &at))
			fprintf(to, " %s:%lu", at.file, at.number);
		fputc('\n', to);
	}
}

static void text_bad(FILE *to, const struct torture *t, const struct result *r)
{
	char words[100];

	result_words(r, words, sizeof(words));
	fprintf(to, "\nallocation %" PRIu64 ", %" PRIu64 " bytes: %s\n",
		r->point, r->bytes, words);
	text_frames(to, t, r->site);
	if (!t->strict || !r->after)
		return;
	fprintf(to, "  then %" PRIu64 " more allocations, the first\n",
		r->after);
	text_frames(to, t, r->after_site);
}

/* One of each site that has bad ones; the others are like it. */
static void text_bads(FILE *to, const struct torture *t, const struct matrix *m)
{
	const struct result *first;
	size_t i, k, shown = 0;

	for (i = 0; i < m->nr; i++) {
		first = NULL;
		for (k = 0; k < t->nr && !first; k++)
			if (t->result[k].site == m->row[i].site &&
			    is_bad(t, &t->result[k]))
				first = &t->result[k];
		if (!first)
			continue;
		text_bad(to, t, first);
		shown++;
	}
	if (!shown)
		return;
	fputs("\nTo see one again, with what it wrote: kmem torture --only=N "
	      "--keep-output=DIR -- COMMAND\n",
	      to);
}

void torture_text(FILE *to, const struct torture *t)
{
	struct matrix m = matrix_make(t);
	char name[2 * KMEM_TORTURE_FRAMES * NAME];
	size_t i;

	if (!m.row)
		return;
	fputs("kmem torture: ", to);
	command_print(to, t->argv);
	fputc('\n', to);
	summary(to, t, m.nr);
	fprintf(to, "\n%7s %7s %7s %7s %7s%s  %s\n", "TRIED", "SAME", "OTHER",
		"SIGNAL", "HANG", t->strict ? "   AFTER" : "",
		"CALL SITE, innermost first");
	for (i = 0; i < m.nr; i++) {
		site_name(t, m.row[i].site, name, sizeof(name));
		text_row(to, t, &m.row[i], name);
	}
	text_row(to, t, &m.sum, "in all");
	text_bads(to, t, &m);
	free(m.row);
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *json_frames(const struct torture *t, uint32_t site)
{
	uint32_t i, nr = frames(t, site);
	json_t *list = json_array();
	char name[NAME];
	struct line at;
	json_t *one;

	for (i = 0; i < nr; i++) {
		const struct kmem_torture_frame *f =
			&t->area->site[site].frame[i];

		frame_name(t, site, i, name, sizeof(name));
		one = json_pack(
			"{s:s, s:s, s:I}", "name", name, "module",
			t->area->module[f->module % KMEM_TORTURE_MODULES],
			"offset", (json_int_t)f->offset);
		if (frame_line(t, site, i, &at)) {
			json_object_set_new(one, "file", json_string(at.file));
			json_object_set_new(
				one, "line",
				json_integer((json_int_t)at.number));
		}
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *json_row(const struct torture *t, const struct row *r)
{
	json_t *o = json_pack("{s:I, s:I}", "tried", (json_int_t)r->tried,
			      "allocated_after", (json_int_t)r->after);
	unsigned int k;

	for (k = 0; k < OUTCOMES; k++)
		json_object_set_new(o, outcome_name[k],
				    json_integer((json_int_t)r->by[k]));
	if (t)
		json_object_set_new(o, "frames", json_frames(t, r->site));
	return o;
}

static json_t *json_try(const struct torture *t, const struct result *r,
			size_t row)
{
	json_t *o =
		json_pack("{s:I, s:I, s:s, s:I, s:f, s:I}", "allocation",
			  (json_int_t)r->point, "bytes", (json_int_t)r->bytes,
			  "outcome", outcome_name[r->outcome],
			  "allocations_after", (json_int_t)r->after, "seconds",
			  (double)r->elapsed_ns / 1e9, "site", (json_int_t)row);

	if (WIFSIGNALED(r->status))
		json_object_set_new(o, "signal",
				    json_integer(WTERMSIG(r->status)));
	else
		json_object_set_new(o, "status",
				    json_integer(WEXITSTATUS(r->status)));
	if (t->strict && r->after)
		json_object_set_new(o, "first_after",
				    json_frames(t, r->after_site));
	return o;
}

static json_t *json_make(const struct torture *t, const struct matrix *m)
{
	json_t *root = json_object(), *argv = json_array();
	json_t *sites = json_array(), *tries = json_array();
	char *const *word;
	size_t i, k;

	for (word = t->argv; *word; word++)
		json_array_append_new(argv, json_string(*word));
	for (i = 0; i < m->nr; i++)
		json_array_append_new(sites, json_row(t, &m->row[i]));
	for (k = 0; k < t->nr; k++) {
		for (i = 0; i < m->nr; i++)
			if (m->row[i].site == t->result[k].site)
				break;
		json_array_append_new(tries, json_try(t, &t->result[k], i));
	}
	json_object_set_new(root, "command", argv);
	json_object_set_new(root, "mode", json_string(t->mode));
	json_object_set_new(root, "from_then_on",
			    json_boolean(t->from_then_on));
	json_object_set_new(root, "strict", json_boolean(t->strict));
	json_object_set_new(root, "complete",
			    json_boolean(!t->timed_out && !t->interrupted &&
					 !t->area->lost && !t->not_forked));
	json_object_set_new(root, "allocations",
			    json_integer((json_int_t)t->points));
	json_object_set_new(root, "seconds",
			    json_real((double)t->elapsed_ns / 1e9));
	json_object_set_new(root,
			    WIFSIGNALED(t->base_status) ? "base_signal" :
							  "base_status",
			    json_integer(WIFSIGNALED(t->base_status) ?
						 WTERMSIG(t->base_status) :
						 WEXITSTATUS(t->base_status)));
	json_object_set_new(root, "sum", json_row(NULL, &m->sum));
	json_object_set_new(root, "sites", sites);
	json_object_set_new(root, "tries", tries);
	return root;
}

bool torture_json(FILE *to, const struct torture *t)
{
	struct matrix m = matrix_make(t);
	json_t *root;
	bool good;

	if (!m.row)
		return false;
	root = json_make(t, &m);
	good = root && !json_dumpf(root, to, JSON_INDENT(2)) &&
	       fputc('\n', to) != EOF;
	json_decref(root);
	free(m.row);
	return good;
}

/* --- HTML ----------------------------------------------------------------- */

static void html_cell(FILE *to, const char *class, uint64_t n)
{
	if (n)
		fprintf(to, "<td class=\"%s\">%" PRIu64, class, n);
	else
		fputs("<td>", to);
}

static void html_row(FILE *to, const struct torture *t, const struct row *r,
		     const char *name)
{
	unsigned int k;

	fprintf(to, "<tr><td>%" PRIu64, r->tried);
	for (k = 0; k < OUTCOMES; k++)
		html_cell(to, outcome_name[k], r->by[k]);
	if (t->strict)
		html_cell(to, "after", r->after);
	fputs("<td class=\"site\">", to);
	html_put(to, name);
	fputc('\n', to);
}

/* The text of fn, escaped. */
static void html_text(FILE *to, const struct torture *t, const struct matrix *m,
		      void (*fn)(FILE *to, const struct torture *t,
				 const struct matrix *m))
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		return;
	fn(f, t, m);
	fclose(f);
	if (n) {
		fputs("<pre>", to);
		html_put(to, text);
		fputs("</pre>\n", to);
	}
	free(text);
}

static void head_text(FILE *to, const struct torture *t, const struct matrix *m)
{
	command_print(to, t->argv);
	fputc('\n', to);
	summary(to, t, m->nr);
}

void torture_html(FILE *to, const struct torture *t)
{
	struct matrix m = matrix_make(t);
	char name[2 * KMEM_TORTURE_FRAMES * NAME];
	unsigned int k;
	size_t i;

	if (!m.row)
		return;
	html_begin(to, "kmem torture");
	html_text(to, t, &m, head_text);
	fputs("<table><tr><th>tried", to);
	for (k = 0; k < OUTCOMES; k++)
		fprintf(to, "<th>%s", outcome_name[k]);
	fprintf(to, "%s<th>call site, innermost first\n",
		t->strict ? "<th>after" : "");
	html_row(to, t, &m.sum, "in all");
	for (i = 0; i < m.nr; i++) {
		site_name(t, m.row[i].site, name, sizeof(name));
		html_row(to, t, &m.row[i], name);
	}
	fputs("</table>\n", to);
	html_text(to, t, &m, text_bads);
	html_end(to);
	free(m.row);
}
