/* SPDX-License-Identifier: MIT */
#include "clients/tui/proc.h"

#include <stdio.h>
#include <string.h>

#define FIELD_STATE 3
#define FIELD_START 22

/* Where a field of /proc/PID/stat begins; NULL: there is no such process. */
static const char *find_field(int pid, int wanted, char *line, size_t size)
{
	const char *at = NULL;
	char path[48];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	if (fgets(line, (int)size, file))
		at = strrchr(line, ')'); /* the name may hold anything, blanks and parentheses too */
	fclose(file);
	for (int field = 2; at && field < wanted; field++)
		at = strchr(at + 1, ' ');
	return at ? at + 1 : NULL;
}

bool proc_is_still(int pid, uint64_t start)
{
	unsigned long long found = 0;
	char line[1024];
	const char *at = find_field(pid, FIELD_START, line, sizeof line);

	return at && sscanf(at, "%llu", &found) == 1 && found == start;
}

bool proc_is_stopped(int pid)
{
	char line[1024];
	const char *at = find_field(pid, FIELD_STATE, line, sizeof line);

	return at && (*at == 'T' || *at == 't');
}
