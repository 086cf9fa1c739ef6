/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The kernel's answers inside of the program, for machines without files: the
 * file, of which each line is KEY=value, is ANSWERS.
 */
#ifndef CONFORM_EMBEDDED_H
#define CONFORM_EMBEDDED_H

__asm__(".pushsection .rodata\n"
	"conform_answers: .incbin \"" ANSWERS "\"\n"
	".byte 0\n"
	".popsection\n");
extern const char conform_answers[];

static const char *answer_to(const char *key)
{
	static char answer[4096];
	size_t n = strlen(key), len;
	const char *line, *end;

	for (line = conform_answers; *line; line = *end ? end + 1 : end) {
		end = strchr(line, '\n');
		if (!end)
			end = line + strlen(line);
		if (strncmp(line, key, n) || line[n] != '=')
			continue;
		line += n + 1;
		len = (size_t)(end - line);
		len = len < sizeof(answer) ? len : sizeof(answer) - 1;
		memcpy(answer, line, len);
		answer[len] = '\0';
		return answer;
	}
	return NULL;
}

#endif
