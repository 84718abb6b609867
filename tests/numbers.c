/* SPDX-License-Identifier: MIT */

/* numbers.c - `numbers ID COUNT [BYTES]`: COUNT numbered lines of ID, one write each, filled up to BYTES */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long count = argc > 2 ? atol(argv[2]) : 0;
	int bytes = argc > 3 ? atoi(argv[3]) : 0;
	char line[1024];

	for (long i = 0; i < count; i++) {
		int length = snprintf(line, sizeof line, "%s %08ld", argv[1], i);

		while (length < bytes - 1 && length < (int)sizeof line - 2)
			line[length++] = '.';
		line[length++] = '\n';
		for (int at = 0; at < length;) {
			ssize_t wrote = write(1, line + at, (size_t)(length - at));

			if (wrote <= 0)
				return 1;
			at += (int)wrote;
		}
	}
	return 0;
}
