/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_PRINTER_H
#define CLIENTS_CLI_PRINTER_H

#include "clients/cli/cli.h"
#include "clients/cli/merge.h"
#include "clients/common/json.h"

/* printer.h - lines of logs on standard output */

struct printer {
	const struct cli *cli;
	bool prefix;               /* "name | " before each line */
	bool timestamps;           /* and when it was captured */
	bool raw;                  /* the bytes as they were written */
	const struct match *match; /* marked in colour; NULL: nothing is */
	bool parts;                /* a line of "--" where lines are left out */
	size_t width;              /* of the longest name */
	const struct track *last;  /* the line that was printed last; NULL: none */
	uint64_t last_seq;
	char *clean; /* BRM_LOG_LINE_MAX bytes, for a terminal */
	struct json json;
};

void printer_init(struct printer *printer, const struct cli *cli);
void printer_finish(struct printer *printer);

/* Prefixes are aligned to the longest name that was announced. */
void printer_name(struct printer *printer, const char *name);
void printer_line(struct printer *printer, const struct merged *line);

#endif
