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

/* Is there, in a file of /proc/PID, an entry that has() the word? */
static bool proc_has(pid_t pid, const char *file, char end,
		     bool (*has)(const char *entry, const char *word),
		     const char *word)
{
	char path[64], *entry = NULL;
	bool found = false;
	size_t room = 0;
	FILE *from;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, file);
	from = fopen(path, "re");
	if (!from)
		return false;
	while (!found && getdelim(&entry, &room, end, from) > 0)
		found = has(entry, word);
	free(entry);
	fclose(from);
	return found;
}

/* Does one of the files mapped by the process have this in its name? */
static bool map_has(const char *line, const char *word)
{
	const char *name = strchr(line, '/');

	return name && strstr(name, word);
}

/* Was it started with this word in KMEM_OPTIONS? */
static bool option_has(const char *variable, const char *word)
{
	return !strncmp(variable, "KMEM_OPTIONS=", 13) &&
	       strstr(variable, word);
}

void process_say_why_not(const char *command, const struct process_status *st,
			 pid_t pid)
{
	if (st->state == 'Z') {
		complain("%s: process %ld (%s) has ended; its parent has not "
			 "asked for its exit status yet",
			 command, (long)pid, st->comm);
	} else if (!proc_has(pid, "maps", '\n', map_has, "libkmem")) {
		complain("%s: process %ld (%s) is not on libkmem; start it "
			 "with: kmem run -- COMMAND",
			 command, (long)pid, st->comm);
	} else if (proc_has(pid, "environ", 0, option_has, "publish=0")) {
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
