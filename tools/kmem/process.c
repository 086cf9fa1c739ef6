/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

bool process_status_read(pid_t pid, struct process_status *st)
{
	char path[64], line[512];
	FILE *from;

	memset(st, 0, sizeof(*st));
	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	from = fopen(path, "re");
	if (!from)
		return false;
	while (fgets(line, sizeof(line), from)) {
		char *last;

		if (sscanf(line, "Name: %31[^\n]", st->comm) == 1 ||
		    sscanf(line, "State: %c", &st->state) == 1 ||
		    sscanf(line, "Uid: %u", &st->uid) == 1)
			continue;
		if (strncmp(line, "NSpid:", 6))
			continue;
		line[strcspn(line, "\n")] = 0;
		last = strrchr(line, '\t');
		if (last)
			st->ns_pid = (unsigned int)strtoul(last, NULL, 10);
	}
	fclose(from);
	return true;
}

/* Does one of the files mapped by the process have this in its name? */
static bool maps_have(pid_t pid, const char *word)
{
	char path[64], *line = NULL;
	bool found = false;
	size_t room = 0;
	FILE *from;

	snprintf(path, sizeof(path), "/proc/%ld/maps", (long)pid);
	from = fopen(path, "re");
	if (!from)
		return false;
	while (!found && getline(&line, &room, from) > 0)
		found = strchr(line, '/') && strstr(strchr(line, '/'), word);
	free(line);
	fclose(from);
	return found;
}

/* Was it started with this word in KMEM_OPTIONS? */
static bool options_have(pid_t pid, const char *word)
{
	char path[64], *var = NULL;
	bool found = false;
	size_t room = 0;
	FILE *from;

	snprintf(path, sizeof(path), "/proc/%ld/environ", (long)pid);
	from = fopen(path, "re");
	if (!from)
		return false;
	while (!found && getdelim(&var, &room, 0, from) > 0)
		found = !strncmp(var, "KMEM_OPTIONS=", 13) && strstr(var, word);
	free(var);
	fclose(from);
	return found;
}

void process_say_why_not(const char *command, const struct process_status *st,
			 pid_t pid)
{
	if (st->state == 'Z') {
		complain("%s: process %ld (%s) has ended; its parent has not "
			 "asked for its exit status yet",
			 command, (long)pid, st->comm);
	} else if (!maps_have(pid, "libkmem")) {
		complain("%s: process %ld (%s) is not on libkmem; start it "
			 "with: kmem run -- COMMAND",
			 command, (long)pid, st->comm);
	} else if (options_have(pid, "publish=0")) {
		complain("%s: process %ld (%s) publishes nothing, because it "
			 "was started with publish=0 in KMEM_OPTIONS; start it "
			 "without that",
			 command, (long)pid, st->comm);
	} else {
		complain("%s: process %ld (%s) is on libkmem and publishes "
			 "nothing: it is set-uid, or closed all its files, or "
			 "has not allocated yet; 'kmem run --slabinfo FILE "
			 "--every SEC' shows it all the same",
			 command, (long)pid, st->comm);
	}
}
