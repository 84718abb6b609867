/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_SOURCES_H
#define SUPERVISORD_CONFIG_SOURCES_H

#include "config/discover.h"
#include "config/model.h"
#include "config/text.h"

struct toml; /* config/toml.h */

/*
 * config/sources.h - the files that discovery knows
 *
 * A source is a row of the table in discover.c and a function here, in a file of its own: it parses a text and appends
 * specs to the configuration.
 */

/* Where a source was found, and where what it says goes. */
struct finding {
	const char *dir;    /* real path of the project */
	int dir_fd;         /* the same, to open files next to the source */
	const char *source; /* as spec.source will have it */
	const char *prefix; /* for names that are taken */
	struct config *config;
	struct report *report;
	const struct config_request *request;
	struct text *more; /* further files of the same kind, whose entries win; for sources that can merge */
	size_t more_count;
	const struct toml *toml; /* the document that is read, or its text as JSON: for positions; NULL: neither */
	const struct text *json;
};

/* Note where an entry stands ("FILE:LINE:COLUMN"), for --explain. */
void spec_set_place(struct spec *spec, const char *place);

/* Is anything to be explained? Else nobody asks for the lines of entries. */
bool finding_explains(const struct finding *finding);

/* Each returns 0, -EINVAL when errors were reported, -ENOMEM. */
int brummer_read(struct text *text, const struct finding *finding);
int process_compose_read(struct text *text, const struct finding *finding);
int mprocs_read(struct text *text, const struct finding *finding);
int procfile_read(struct text *text, const struct finding *finding);
int npm_read(struct text *text, const struct finding *finding);
int supervisord_read(struct text *text, const struct finding *finding);
int pm2_read(struct text *text, const struct finding *finding);
int pm2_script_read(struct text *text, const struct finding *finding); /* not run: a warning says how */
int brum_read(struct text *text, const struct finding *finding);

/* The Procfile alone: no .env, no ports, no file touched. 0, -ENOMEM. */
int procfile_parse(struct text *text, const struct finding *finding);

#endif
