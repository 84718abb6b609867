/* SPDX-License-Identifier: MIT */
#include "config/yaml_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/schema.h"

#define FILES_MAX 256u
#define DEPTH_MAX 16u

/* One file and those it is included from. */
struct chain {
	const struct chain *from;
	const char *path;   /* real */
	const char *folder; /* that its relative paths begin at */
	unsigned depth;
};

static int read_file(struct yaml_files *files, struct text *text, const struct finding *finding,
		     const struct chain *chain);

/* The folder that an absolute path is in, to be freed. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strndup(path, !slash || slash == path ? 1 : (size_t)(slash - path));
}

static bool is_in(const struct chain *chain, const char *path)
{
	for (; chain; chain = chain->from)
		if (strcmp(chain->path, path) == 0)
			return true;
	return false;
}

static bool is_read(const struct yaml_files *files, const char *path)
{
	for (char **read = files->paths; read && *read; read++)
		if (strcmp(*read, path) == 0)
			return true;
	return false;
}

/* A file that a node names, relative to the file it is in. */
static int include_path(struct yaml_files *files, const struct yaml_node *node, const char *path,
			const struct finding *finding, const struct chain *chain)
{
	struct chain link = {.from = chain, .path = path, .depth = chain->depth + 1};
	size_t length = strlen(finding->dir);
	struct text text;
	char *folder;
	int result;

	if (is_in(chain, path)) {
		yaml_error(finding->report, node, "%s includes itself, expected another file", node->text);
		return -EINVAL;
	}
	if (is_read(files, path))
		return 0;
	if (link.depth > DEPTH_MAX || list_length(files->paths) >= FILES_MAX) {
		yaml_error(finding->report, node, "too many files, expected at most %u, %u deep", FILES_MAX, DEPTH_MAX);
		return -EINVAL;
	}
	result = text_read(AT_FDCWD, path, YAML_BYTES_MAX, &text, finding->report);
	if (result != 0)
		return result;
	text.file = strncmp(path, finding->dir, length) == 0 && path[length] == '/' ? path + length + 1 : path;
	link.folder = folder = folder_of(path);
	result = folder ? read_file(files, &text, finding, &link) : -ENOMEM;
	free(folder);
	text_finish(&text);
	return result;
}

static int include_one(struct yaml_files *files, const struct yaml_node *node, const struct finding *finding,
		       const struct chain *chain)
{
	char *path, *real;
	int result;

	if (node->kind != YAML_SCALAR || !*node->text) {
		yaml_error(finding->report, node, "%s has no path here, expected a path", files->key);
		return -EINVAL;
	}
	path = schema_path(node->folder, node->text);
	if (!path)
		return -ENOMEM;
	real = realpath(path, NULL);
	result = real ? include_path(files, node, real, finding, chain) : -ENOENT;
	if (result == -ENOENT) {
		yaml_error(finding->report, node, "cannot include %s: %s", node->text, strerror(real ? ENOENT : errno));
		result = -EINVAL;
	}
	free(path);
	free(real);
	return result;
}

static int include(struct yaml_files *files, const struct yaml_node *root, const struct finding *finding,
		   const struct chain *chain)
{
	const struct yaml_node *node = files->key ? yaml_get(root, files->key) : NULL;
	int result = 0;

	if (!node || yaml_is_null(node) || finding->dir_fd < 0)
		return 0;
	if (node->kind == YAML_MAP) {
		yaml_error(finding->report, node, "%s is a mapping, expected a file or a list of files", files->key);
		return -EINVAL;
	}
	if (node->kind == YAML_SCALAR)
		return include_one(files, node, finding, chain);
	for (size_t i = 0; i < node->count && result != -ENOMEM; i++) {
		int rc = include_one(files, node->items[i], finding, chain);

		result = rc == -ENOMEM || result == 0 ? rc : result;
	}
	return result;
}

/* Keep a document; those of one file after another. */
static int append(struct yaml_files *files, const struct yaml_document *document)
{
	struct yaml_document *grown = realloc(files->documents, (files->count + 1) * sizeof *grown);

	if (!grown)
		return -ENOMEM;
	files->documents = grown;
	files->documents[files->count++] = *document;
	return 0;
}

/* Read a text, and before it what it includes. */
static int read_file(struct yaml_files *files, struct text *text, const struct finding *finding,
		     const struct chain *chain)
{
	struct yaml_document document = {0};
	int result = list_append(&files->paths, chain->path), rc;

	if (result == 0)
		result = yaml_read(text, chain->folder, &document, finding->report);
	if (result == 0 && document.root && document.root->kind != YAML_MAP) {
		yaml_error(finding->report, document.root, "the file is no mapping, expected KEY: VALUE");
		document.root = NULL;
		result = -EINVAL;
	}
	if (result == 0 && document.root)
		result = include(files, document.root, finding, chain);
	rc = result == -ENOMEM ? result : append(files, &document);
	if (rc != 0)
		yaml_finish(&document);
	return rc != 0 ? rc : result;
}

/* A file that was named: absolute, or relative to the project. */
static int read_named(struct yaml_files *files, struct text *text, const struct finding *finding)
{
	char *path = schema_path(finding->dir, text->file);
	char *real = path && finding->dir_fd >= 0 ? realpath(path, NULL) : NULL;
	char *folder = path ? folder_of(path) : NULL;
	struct chain chain = {.path = real ? real : path, .folder = folder};
	int result = folder ? read_file(files, text, finding, &chain) : -ENOMEM;

	free(folder);
	free(path);
	free(real);
	return result;
}

int yaml_files_read(struct yaml_files *files, struct text *text, const struct finding *finding, const char *key)
{
	int result;

	files->key = key;
	result = read_named(files, text, finding);
	for (size_t i = 0; i < finding->more_count && result != -ENOMEM; i++) {
		int rc = read_named(files, &finding->more[i], finding);

		result = rc == -ENOMEM || result == 0 ? rc : result;
	}
	return result;
}

int yaml_files_read_beside(struct yaml_files *files, const char *name, const struct finding *finding, const char *key)
{
	struct text text;
	int result = finding->dir_fd < 0 ? -ENOENT
					 : text_read(finding->dir_fd, name, YAML_BYTES_MAX, &text, finding->report);

	if (result != 0)
		return result == -ENOENT ? 0 : result;
	files->key = key;
	result = read_named(files, &text, finding);
	text_finish(&text);
	return result;
}

void yaml_files_finish(struct yaml_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		yaml_finish(&files->documents[i]);
	free(files->documents);
	list_free(files->paths);
	*files = (struct yaml_files){0};
}
