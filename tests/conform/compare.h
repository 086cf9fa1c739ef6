/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * How a test's words are compared with an answer: the part of oracle.c that
 * needs nothing hosted.  Both oracle.c include it, this folder's and that of
 * kernel/, after they have defined
 *
 *	answer_to(key)		the answer, or NULL
 *	note(key, field)	is told of each comparison
 *	oracle_number(text)	the number that the text begins with
 *	ORACLE_THREAD		the word for one object a thread, or nothing
 *
 * and have included what declares the string functions and va_list.
 * One thread at a time may compare.
 */
#ifndef CONFORM_COMPARE_H
#define CONFORM_COMPARE_H

#define WORDS_MAX 40

/* A value in words: fields "name:value", and the bare rest. */
struct words {
	unsigned int nr;
	char text[4096];
	char *name[WORDS_MAX], *value[WORDS_MAX];
	char bare[4096];
};

static bool is_field(const char *word)
{
	const char *colon = strchr(word, ':');

	if (!colon || !colon[1])
		return false;
	return strspn(word, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
	       (size_t)(colon - word);
}

static void words_split(struct words *w, const char *text)
{
	char *word, *rest = w->text;

	w->nr = 0;
	w->bare[0] = '\0';
	snprintf(w->text, sizeof(w->text), "%s", text);
	while ((word = strsep(&rest, " "))) {
		if (!word[0])
			continue;
		if (is_field(word) && w->nr < WORDS_MAX) {
			w->name[w->nr] = word;
			w->value[w->nr] = strchr(word, ':') + 1;
			w->value[w->nr++][-1] = '\0';
			continue;
		}
		if (w->bare[0])
			strcat(w->bare, " ");
		strcat(w->bare, word);
	}
}

static const char *field_of(const struct words *w, const char *name)
{
	for (unsigned int i = 0; i < w->nr; i++)
		if (strcmp(w->name[i], name) == 0)
			return w->value[i];
	return NULL;
}

static void field_compare(struct kunit *test, const char *key, const char *name,
			  const char *got, const char *want)
{
	note(key, name);
	if (!want)
		KUNIT_FAIL(test, "%s: the kernel says nothing of %s (we: %s)",
			   key, name, got);
	else if (strcmp(got, want) != 0)
		KUNIT_FAIL(test, "%s: %s%s%s, the kernel says %s", key, name,
			   name[0] ? " is " : "", got, want);
}

void oracle_expect(struct kunit *test, const char *key, const char *fmt, ...)
{
	static struct words got, want;
	static char text[2048];
	char unmerged[256];
	const char *answer;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	snprintf(unmerged, sizeof(unmerged), "nomerge.%s", key);
	answer = answer_to(unmerged);
	if (answer)
		key = unmerged;
	else
		answer = answer_to(key);
	if (!answer) {
		KUNIT_FAIL(test, "the oracle has no %s", key);
		return;
	}
	words_split(&got, text);
	words_split(&want, answer);
	if (got.bare[0] || !got.nr)
		field_compare(test, key, "", got.bare, want.bare);
	for (unsigned int i = 0; i < got.nr; i++)
		field_compare(test, key, got.name[i], got.value[i],
			      field_of(&want, got.name[i]));
}

void oracle_expect_slabs(struct kunit *test, const char *key, long got,
			 long per_slab, long kernel_per_slab)
{
	const char *answer = answer_to(key);
	long want;

	if (!answer) {
		KUNIT_FAIL(test, "the oracle has no %s", key);
		return;
	}
	note(key, "");
	want = oracle_number(answer);
	if (got * kernel_per_slab != want * per_slab)
		KUNIT_FAIL(test,
			   "%s: %ld with %ld in a slab, the kernel has %ld "
			   "with %ld",
			   key, got, per_slab, want, kernel_per_slab);
}

const char *oracle_key(const char *fmt, ...)
{
	static ORACLE_THREAD char key[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(key, sizeof(key), fmt, ap);
	va_end(ap);
	return key;
}

#endif
