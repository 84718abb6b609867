/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_IMPORT_SUPERVISORD_H
#define SUPERVISORD_CONFIG_IMPORT_SUPERVISORD_H

#include "config/import_keys.h"
#include "config/ini.h"

/*
 * config/import_supervisord.h - between the files that read supervisord.conf: import_supervisord.c has sections,
 * import_supervisord_program.c has one program, import_supervisord_text.c the texts in it
 */

/* What %(NAME)s may stand for. */
struct super_names {
	const char *program;
	const char *group;
	const char *here;
	int numprocs;
	int number;      /* process_num; -1: there is none here */
	char wrong[256]; /* why the last text could not be expanded */
};

/* A program of the file, or of one that it includes. */
struct super_program {
	const struct finding *finding;
	const struct text *text;
	const struct ini_section *section;
	const struct ini_section *globals; /* [supervisord]; NULL: there is none */
	const char *group;                 /* "" for none of its own */
	uint64_t open_files;               /* 0: as many as the supervisor */
	long priority;
};

/* A text with its %(NAME)s, to be freed. NULL with errno: EINVAL (names->wrong says why), ENOMEM. */
char *super_expand(struct super_names *names, const char *text);

/* KEY=value,KEY2="value": set in *env. -EINVAL: it is not of this form; -ENOMEM. */
int super_environment(const char *text, char ***env);

/* Its place among the others; what is wrong with it is reported. */
long super_priority(const struct super_program *program);

/* Append the processes of a program. 0, also when it is wrong, which is reported; -ENOMEM. */
int super_add(const struct super_program *program);

#endif
