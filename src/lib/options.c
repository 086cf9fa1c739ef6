/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "lib/options.h"

#include "lib/mem.h"
#include "lib/text.h"

#define KIB ((int64_t)1 << 10)
#define MIB ((int64_t)1 << 20)
#define TIB ((int64_t)1 << 40)
#define DAY_MS 86400000
#define YEAR_S (365 * 24 * 3600)

#define FLAG(no_value) .type = OPTION_FLAG, .most = 1, .standard = (no_value)

/* docs/debugging.md says more of each; scripts/check-options.py compares. */
const struct option_def option_table[OPTIONS] = {
	[OPT_MEM] = {
		.name = "mem", .type = OPTION_SIZE,
		.least = 1 * MIB, .most = TIB, .example = "64M",
		.help = "hard limit of memory; 0 is none",
	},
	[OPT_DECAY_MS] = {
		.name = "decay_ms", .type = OPTION_NUMBER,
		.least = -1, .most = DAY_MS, .standard = 1000, .example = "0",
		.help = "ms that free memory is kept; -1: for ever",
	},
	[OPT_KEEP] = {
		.name = "keep", .type = OPTION_SIZE,
		.most = TIB, .standard = 4 * MIB, .example = "1M",
		.help = "free memory that a shrinking process keeps",
	},
	[OPT_BURST] = {
		.name = "burst", .type = OPTION_SIZE,
		.most = TIB, .standard = 64 * MIB, .example = "8M",
		.help = "free memory beyond which giving back begins at once",
	},
	[OPT_THP] = {
		.name = "thp", FLAG(0), .example = "1",
		.help = "ask for transparent huge pages",
	},
	[OPT_RT] = {
		.name = "rt", .type = OPTION_SIZE,
		.least = 4 * KIB, .most = TIB, .bare = 16 * MIB,
		.example = "1M",
		.help = "memory that is there, and a reserve for GFP_ATOMIC",
	},
	[OPT_BACKGROUND] = {
		.name = "background", FLAG(0), .example = "1",
		.help = "a thread gives back what an idle process keeps",
	},
	[OPT_KSWAPD] = {
		.name = "kswapd", FLAG(0), .example = "1",
		.help = "a thread keeps pages free for requests that must not block",
	},
	[OPT_PRESSURE] = {
		.name = "pressure", .type = OPTION_WORD, .bare = PRESSURE_ALL,
		.words = { "0", "1", "watch", "psi", "cgroup" },
		.example = "1",
		.help = "a thread gives memory back when others are short",
	},
	[OPT_PRESSURE_MS] = {
		.name = "pressure_ms", .type = OPTION_NUMBER,
		.most = DAY_MS, .standard = 1000, .example = "100",
		.help = "least ms between two passes for pressure",
	},
	[OPT_PRESSURE_ROOT] = {
		.name = "pressure_root", .type = OPTION_TEXT, .example = "/",
		.help = "folder before the paths that pressure reads",
	},
	[OPT_MIN_FREE_KBYTES] = {
		.name = "min_free_kbytes", .type = OPTION_NUMBER,
		.most = TIB / KIB, .example = "512",
		.help = "KiB of the min watermarks; 0: from the size",
	},
	[OPT_ATOMIC_CHECKS] = {
		.name = "atomic_checks", FLAG(0), .example = "1",
		.help = "report requests that may sleep where none may",
	},
	[OPT_PANIC_ON_WARN] = {
		.name = "panic_on_warn", FLAG(0), .example = "1",
		.help = "a report, or an option refused, ends the process",
	},
	[OPT_PERCPU] = {
		.name = "percpu", .type = OPTION_WORD,
		.words = { "auto", "rseq", "lock" }, .example = "lock",
		.help = "what keeps CPUs apart",
	},
	[OPT_SLABINFO] = {
		.name = "slabinfo", .type = OPTION_TEXT,
		.example = "/dev/null/%p",
		.help = "malloc front: file for the table of caches",
	},
	[OPT_EVERY] = {
		.name = "every", .type = OPTION_NUMBER,
		.most = YEAR_S, .example = "1",
		.help = "malloc front: seconds between two tables; 0: one",
	},
	[OPT_PUBLISH] = {
		.name = "publish", FLAG(1), .example = "0",
		.help = "kmem top PID and its kin can look inside",
	},
	[OPT_SLABINFO_PID] = {
		.name = "slabinfo_pid", .type = OPTION_NUMBER,
		.most = INT32_MAX, .example = "1",
		.help = "malloc front: only this process writes the table",
	},
	[OPT_TORTURE] = {
		.name = "torture", .type = OPTION_TEXT, .example = "/dev/null",
		.help = "malloc front: set by kmem torture",
	},
	[OPT_CHECK] = {
		.name = "check", .type = OPTION_WORD,
		.words = { "off", "cheap", "strict" }, .example = "cheap",
		.help = "malloc front: misuse is seen at the call",
	},
	[OPT_QUARANTINE] = {
		.name = "quarantine", .type = OPTION_SIZE,
		.most = 64 * KIB * MIB, .standard = 4 * MIB, .example = "64M",
		.help = "malloc front: freed blocks that strict holds back",
	},
	[OPT_SLAB_DEBUG] = {
		.name = "slab_debug", .alias = "slub_debug",
		.type = OPTION_LIST, .example = "FZ,kmem-none",
		.help = "checks of objects: FZPUTAO, of caches by name",
	},
	[OPT_KFENCE_SAMPLE_INTERVAL] = {
		.name = "kfence.sample_interval", .type = OPTION_NUMBER,
		.most = DAY_MS, .example = "100",
		.help = "ms between objects that get guard pages; 0: none do",
	},
	[OPT_KFENCE_NUM_OBJECTS] = {
		.name = "kfence.num_objects", .type = OPTION_NUMBER,
		.least = 1, .most = 511, .standard = 255, .example = "63",
		.help = "objects with guard pages at a time",
	},
	[OPT_INIT_ON_ALLOC] = {
		.name = "init_on_alloc", FLAG(0), .example = "1",
		.help = "memory is cleared when it is allocated",
	},
	[OPT_INIT_ON_FREE] = {
		.name = "init_on_free", FLAG(0), .example = "1",
		.help = "memory is cleared when it is freed",
	},
	[OPT_PAGE_POISON] = {
		.name = "page_poison", FLAG(0), .example = "1",
		.help = "free pages are filled, and checked when they are used",
	},
	[OPT_FAILSLAB] = {
		.name = "failslab", .type = OPTION_FAULT, .example = "1,0,0,0",
		.help = "objects fail: INTERVAL,PROBABILITY,SPACE,TIMES",
	},
	[OPT_FAILSLAB_CACHE_FILTER] = {
		.name = "failslab.cache_filter", FLAG(0), .example = "1",
		.help = "only of caches that slab_debug=A names",
	},
	[OPT_FAILSLAB_IGNORE_GFP_WAIT] = {
		.name = "failslab.ignore_gfp_wait", FLAG(1), .example = "1",
		.help = "only requests that must not block",
	},
	[OPT_FAILSLAB_VERBOSE] = {
		.name = "failslab.verbose", .type = OPTION_NUMBER,
		.most = 2, .standard = 2, .example = "0",
		.help = "0: say nothing, 1: a line, 2: a stack",
	},
	[OPT_FAIL_PAGE_ALLOC] = {
		.name = "fail_page_alloc", .type = OPTION_FAULT,
		.example = "1,0,0,0",
		.help = "pages fail: INTERVAL,PROBABILITY,SPACE,TIMES",
	},
	[OPT_FAIL_PAGE_ALLOC_MIN_ORDER] = {
		.name = "fail_page_alloc.min_order", .type = OPTION_NUMBER,
		.most = 64, .standard = 1, .example = "0",
		.help = "only blocks of that order and above",
	},
	[OPT_FAIL_PAGE_ALLOC_IGNORE_GFP_WAIT] = {
		.name = "fail_page_alloc.ignore_gfp_wait", FLAG(1),
		.example = "1",
		.help = "only requests that must not block",
	},
	[OPT_FAIL_PAGE_ALLOC_VERBOSE] = {
		.name = "fail_page_alloc.verbose", .type = OPTION_NUMBER,
		.most = 2, .standard = 2, .example = "0",
		.help = "0: say nothing, 1: a line, 2: a stack",
	},
	[OPT_FAIL_NTH] = {
		.name = "fail_nth", .type = OPTION_NUMBER,
		.most = INT32_MAX, .example = "1000000000",
		.help = "that request of the first thread fails; 0: none",
	},
	[OPT_FAIL_STACK] = {
		.name = "fail_stack", .type = OPTION_TEXT, .example = "main",
		.help = "only requests with that function on their stack",
	},
	[OPT_MEM_PROFILING] = {
		.name = "mem_profiling", FLAG(0), .example = "1",
		.help = "allocations are charged to their call sites",
	},
	[OPT_LINES] = {
		.name = "lines", .type = OPTION_TEXT, .bare = 1,
		.example = "/usr/bin/addr2line",
		.help = "reports name lines of source, as addr2line tells",
	},
	[OPT_LEAK_CHECK] = {
		.name = "leak_check", .type = OPTION_WORD, .bare = LEAK_CHECK_REPORT,
		.words = { "0", "1", "exit" }, .example = "1",
		.help = "the process reports what it has lost when it ends",
	},
	[OPT_TEST_CASE] = {
		.name = "test_case", FLAG(0), .example = "1",
		.help = "the process is a test case; kmem test sets it",
	},
	[OPT_TEST_CASE_LEAKS] = {
		.name = "test_case.leaks", .type = OPTION_NUMBER,
		.most = 2147483647, .standard = 2147483647,
		.example = "1000000",
		.help = "blocks that it may leave at its end",
	},
	[OPT_TEST_CASE_PEAK] = {
		.name = "test_case.peak", .type = OPTION_SIZE,
		.least = 1, .most = 256 * TIB, .example = "1T",
		.help = "bytes that it may use at once; 0: any",
	},
	[OPT_TEST_CASE_ALLOCATIONS] = {
		.name = "test_case.allocations", .type = OPTION_NUMBER,
		.most = INT64_MAX, .example = "1000000000",
		.help = "allocations that it may make; 0: any",
	},
};

static struct {
	bool given;
	int64_t value;
	const char *text;
	size_t n;
} parsed[OPTIONS];

int64_t option_value(enum option_key key)
{
	return parsed[key].given ? parsed[key].value :
				   option_table[key].standard;
}

const char *option_text(enum option_key key, size_t *n)
{
	*n = parsed[key].n;
	return parsed[key].text;
}

/* --- what is accepted ----------------------------------------------------- */

static int put_size(char *buf, size_t n, int64_t bytes)
{
	static const char unit[] = "\0KMGT";
	unsigned int i = 0;

	for (; bytes && !(bytes & (KIB - 1)) && i < 4; i++)
		bytes >>= 10;
	return text_format(buf, n, "%lld%.1s", (long long)bytes, unit + i);
}

static void put_words(char *buf, size_t n, const struct option_def *d)
{
	int len = text_format(buf, n, "one of");

	for (unsigned int i = 0; i < OPTION_WORDS && d->words[i]; i++)
		len += text_format(buf + len, n - (size_t)len, "%s %s",
				   i ? "," : "", d->words[i]);
	if (d->bare)
		text_format(buf + len, n - (size_t)len,
			    ", or the key alone for %s", d->words[d->bare]);
}

void option_accepts(enum option_key key, char *buf, size_t n)
{
	const struct option_def *d = &option_table[key];
	char least[24], most[24], bare[48] = "";

	switch (d->type) {
	case OPTION_FLAG:
		text_format(buf, n,
			    "1, y, yes, on, true, or 0, n, no, off, "
			    "false, or the key alone for 1");
		break;
	case OPTION_NUMBER:
		text_format(buf, n, "a whole number from %lld to %lld",
			    (long long)d->least, (long long)d->most);
		break;
	case OPTION_SIZE:
		put_size(least, sizeof(least), d->least);
		put_size(most, sizeof(most), d->most);
		if (d->bare) {
			text_format(bare, sizeof(bare),
				    ", or the key alone for %lldM",
				    (long long)(d->bare / MIB));
		}
		text_format(buf, n,
			    "%sa whole number of bytes, K, M, G or T (also KB, "
			    "KiB, ...: powers of 1024) from %s to %s%s",
			    d->least ? "0, or " : "", least, most, bare);
		break;
	case OPTION_WORD:
		put_words(buf, n, d);
		break;
	case OPTION_TEXT:
		text_format(buf, n, "%s%s",
			    key == OPT_FAIL_STACK ? "the name of a function" :
						    "a path",
			    d->bare ? ", or the key alone" : "");
		break;
	case OPTION_LIST:
		text_format(buf, n,
			    "letters of FZPUTAON- and after commas names of "
			    "caches; more of both after a semicolon; or the "
			    "key alone for FZPU of all");
		break;
	case OPTION_FAULT:
		text_format(buf, n,
			    "INTERVAL,PROBABILITY,SPACE,TIMES: whole numbers, "
			    "PROBABILITY up to 100, TIMES -1 for no limit");
		break;
	}
}

/* --- reading -------------------------------------------------------------- */

/* The first bytes of a value that are still to be read. */
struct rest {
	const char *at;
	size_t n;
};

static bool digits(struct rest *r, int64_t *out)
{
	int64_t v = 0;
	size_t n = r->n;

	for (; r->n && *r->at >= '0' && *r->at <= '9'; r->at++, r->n--)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *r->at - '0', &v))
			return false;
	*out = v;
	return r->n != n;
}

/* Reads the next letter if it is this one, in either case. */
static bool letter(struct rest *r, char capital)
{
	if (!r->n || (*r->at & ~0x20) != capital)
		return false;
	r->at++;
	r->n--;
	return true;
}

/* K, KB and KiB are all 1024, and so on. */
static bool size(struct rest *r, int64_t *out)
{
	static const char unit[] = "KMGT";
	unsigned int shift = 0;

	if (!digits(r, out))
		return false;
	for (unsigned int i = 0; unit[i] && !shift; i++)
		if (letter(r, unit[i]))
			shift = 10 * (i + 1);
	if (shift && letter(r, 'I')) {
		if (!letter(r, 'B'))
			return false;
	} else if (shift) {
		letter(r, 'B');
	}
	return !__builtin_mul_overflow(*out, (int64_t)1 << shift, out);
}

static bool number(struct rest *r, int64_t *out)
{
	bool negative = r->n && *r->at == '-';

	if (negative) {
		r->at++;
		r->n--;
	}
	if (!digits(r, out))
		return false;
	*out = negative ? -*out : *out;
	return true;
}

bool option_fault(const char *text, size_t n, int64_t value[OPTION_FAULTS])
{
	struct rest r = { text, n };

	for (unsigned int i = 0; i < OPTION_FAULTS; i++) {
		if (i && (!r.n || *r.at != ','))
			return false;
		r.at += i != 0;
		r.n -= i != 0;
		/* an int each, and the last alone may be -1 */
		if (!number(&r, &value[i]) || value[i] > INT32_MAX ||
		    value[i] < (i == OPTION_FAULTS - 1 ? -1 : 0))
			return false;
	}
	return !r.n && value[1] <= 100;
}

/* The place of the whole rest among the words. */
static bool word(struct rest *r, const char *const *words, unsigned int max,
		 int64_t *out)
{
	for (unsigned int i = 0; i < max && words[i]; i++)
		if (text_len(words[i]) == r->n &&
		    !memcmp(words[i], r->at, r->n)) {
			r->n = 0;
			*out = i;
			return true;
		}
	return false;
}

static bool flag(struct rest *r, int64_t *out)
{
	static const char *const words[] = {
		"0", "1", "n", "y", "no", "yes", "off", "on", "false", "true"
	};

	if (!word(r, words, ARRAY_LEN(words), out))
		return false;
	*out &= 1;
	return true;
}

static bool in_range(const struct option_def *d, int64_t v)
{
	if (d->type == OPTION_WORD || (d->type == OPTION_SIZE && !v))
		return true;
	return v >= d->least && v <= d->most;
}

static bool read_value(const struct option_def *d, struct rest r, int64_t *out)
{
	int64_t fault[OPTION_FAULTS];
	bool good = false;

	switch (d->type) {
	case OPTION_FLAG:
		good = flag(&r, out);
		break;
	case OPTION_NUMBER:
		good = number(&r, out);
		break;
	case OPTION_SIZE:
		good = size(&r, out);
		break;
	case OPTION_WORD:
		good = word(&r, d->words, OPTION_WORDS, out);
		break;
	case OPTION_TEXT:
		*out = 0;
		return r.n != 0;
	case OPTION_LIST:
		*out = 0;
		return true;
	case OPTION_FAULT:
		*out = 0;
		return option_fault(r.at, r.n, fault);
	}
	return good && !r.n && in_range(d, *out);
}

/* The key alone. */
static bool bare_value(const struct option_def *d, int64_t *out)
{
	*out = d->type == OPTION_FLAG ? 1 : d->bare;
	return *out != 0 || d->type == OPTION_LIST;
}

/* --- items ---------------------------------------------------------------- */

#define WHY_BYTES 512

static bool is_text(const char *text, const char *at, size_t n)
{
	return text && text_len(text) == n && !memcmp(text, at, n);
}

static enum option_key key_of(const char *name, size_t n)
{
	enum option_key key = 0;

	/* Bound: OPTIONS. */
	while (key < OPTIONS && !is_text(option_table[key].name, name, n) &&
	       !is_text(option_table[key].alias, name, n))
		key++;
	return key;
}

/* Up to the first of two characters, or the end. */
static size_t length_to(const char *at, char a, char b)
{
	size_t n = 0;

	while (at[n] && at[n] != a && at[n] != b)
		n++;
	return n;
}

/* The length of an item: up to a comma, and of a list over some of them. */
static size_t item_length(const char *item)
{
	size_t n = length_to(item, ',', ','), key = length_to(item, ',', '=');
	enum option_key k = key_of(item, key);
	size_t more;

	if (key == n || k == OPTIONS || option_table[k].type < OPTION_LIST)
		return n;
	/* Bound: the text. */
	while (item[n]) {
		more = length_to(item + n + 1, ',', '=');
		if (item[n + 1 + more] == '=' ||
		    key_of(item + n + 1, more) != OPTIONS)
			break;
		n += 1 + more;
	}
	return n;
}

/* Those of a build with KMEM_SMALL=1; whatever else there is, it refuses. */
#define BIT(key) (1ull << OPT_##key)
#define SMALL_OPTIONS                                                     \
	(BIT(MEM) | BIT(DECAY_MS) | BIT(KEEP) | BIT(BURST) | BIT(THP) |   \
	 BIT(RT) | BIT(BACKGROUND) | BIT(KSWAPD) | BIT(MIN_FREE_KBYTES) | \
	 BIT(PANIC_ON_WARN) | BIT(PERCPU))

/* true, or why not. */
static bool option_take(const char *item, size_t n, char *why)
{
	size_t len = 0;
	enum option_key key;
	struct rest r;
	int64_t v;
	bool good;

	while (len < n && item[len] != '=')
		len++;
	key = key_of(item, len);
	if (key == OPTIONS) {
		text_format(why, WHY_BYTES,
			    "there is no such option; kmem help options lists "
			    "those there are");
		return false;
	}
	if (KMEM_SMALL && !(SMALL_OPTIONS >> key & 1)) {
		text_format(why, WHY_BYTES,
			    "this build has none of it (KMEM_SMALL=1)");
		return false;
	}
	if (parsed[key].given) {
		text_format(why, WHY_BYTES,
			    "%s stands there before, and that counts",
			    option_table[key].name);
		return false;
	}
	r = (struct rest){ item + (len < n ? len + 1 : n),
			   len < n ? n - len - 1 : 0 };
	good = len < n ? read_value(&option_table[key], r, &v) :
			 bare_value(&option_table[key], &v);
	if (!good) {
		len = (size_t)text_format(why, WHY_BYTES, "%s takes ",
					  option_table[key].name);
		option_accepts(key, why + len, WHY_BYTES - len);
		return false;
	}
	parsed[key].given = true;
	parsed[key].value = v;
	if (option_table[key].type >= OPTION_TEXT) {
		parsed[key].text = r.at;
		parsed[key].n = r.n;
	}
	return true;
}

unsigned int options_parse(const char *all, option_refused *refused)
{
	char why[WHY_BYTES];
	unsigned int bad = 0;
	size_t n;

	memset(parsed, 0, sizeof(parsed));
	for (; *all; all += all[n] ? n + 1 : n) {
		n = item_length(all);
		if (!n || option_take(all, n, why))
			continue;
		bad++;
		if (refused)
			refused(all, n, why);
	}
	return bad;
}
