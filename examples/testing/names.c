/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A program that test_names.py runs: "free" frees all, "drop" does not. */
#include <stdio.h>
#include <string.h>

#include "suite.h"

int main(int argc, char **argv)
{
	struct name *names = NULL;
	int n = 0;

	n += name_add(&names, "one") != NULL;
	n += name_add(&names, "two") != NULL;
	if (argc > 1 && !strcmp(argv[1], "drop"))
		name_drop(&names);
	names_free(&names);
	/* not by stdio, which keeps a buffer */
	return dprintf(1, "%d names\n", n) < 0;
}
