/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_YAML_FILES_H
#define SUPERVISORD_CONFIG_YAML_FILES_H

#include "config/sources.h"
#include "config/yaml.h"

/*
 * config/yaml_files.h - the files that make one configuration: those that were named, and what they include
 */

struct yaml_files {
	struct yaml_document
		*documents; /* in the order in which they count: the last wins. Roots are mappings or NULL */
	char **paths;       /* real paths, in the order in which they were begun */
	size_t count;
	const char *key; /* that includes */
};

/*
 * Read text, finding->more, and everything they include. -EINVAL: something was reported, the rest is there; -ENOMEM.
 * Without a directory (dir_fd < 0) no file is touched, and includes are left out. `key` is the one that includes; NULL:
 * none does.
 */
int yaml_files_read(struct yaml_files *files, struct text *text, const struct finding *finding, const char *key);

/* The same of one more file in the project's directory; that it is not there is no error. */
int yaml_files_read_beside(struct yaml_files *files, const char *name, const struct finding *finding, const char *key);
void yaml_files_finish(struct yaml_files *files);

#endif
