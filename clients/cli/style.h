/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_STYLE_H
#define CLIENTS_CLI_STYLE_H

#include <stddef.h>

#include "clients/common/table.h"

/* style.h - colours by role; what a role looks like is said here alone */

#define STYLE_BOLD  "\033[1m"
#define STYLE_DIM   "\033[2m"
#define STYLE_HIT   "\033[1;31m" /* what was searched for */
#define STYLE_PLAIN "\033[0m"

/* For a status or liveness word; "" when it has no colour. */
const char *style_status(const char *word);

/* For a cell of a table: the columns that hold statuses are coloured. */
const char *style_cell(const struct table_column *column, const char *text);

/* One of a few colours that tell names apart. */
const char *style_name(size_t number);

#endif
