/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/near.h>

#include "config/model.h"

#define INDEX_MIN 64u

void config_finish(struct config *config)
{
	for (size_t i = 0; i < config->count; i++)
		spec_free(config->specs[i]);
	free(config->specs);
	free(config->index);
	free(config->file);
	*config = (struct config){0};
}

void config_drop_entries(struct config *config)
{
	size_t left = 0;

	for (size_t i = 0; i < config->count; i++) {
		struct spec *spec = config->specs[i];

		if (spec->configured) {
			spec_free(spec);
			continue;
		}
		spec->order = (uint32_t)left;
		config->specs[left++] = spec;
	}
	config->count = left;
	free(config->index); /* config_add() makes another one */
	config->index = NULL;
	config->index_size = 0;
}

/* Where the index has the name, or the empty place where it would be. The index is never full. */
static uint32_t *index_place(const struct config *config, const char *name)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	size_t at;

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	at = (hash ^ hash >> 32) & (config->index_size - 1);
	while (config->index[at] && strcmp(config->specs[config->index[at] - 1]->name, name) != 0)
		at = (at + 1) & (config->index_size - 1);
	return &config->index[at];
}

/* Make the index good for one more, half empty at least. 0, -ENOMEM */
static int index_grow(struct config *config)
{
	size_t size = config->index ? 2 * config->index_size : INDEX_MIN;
	uint32_t *index;

	if (config->index && 2 * (config->count + 1) <= config->index_size)
		return 0;
	while (size < 2 * (config->count + 1))
		size *= 2;
	index = calloc(size, sizeof *index);
	if (!index)
		return -ENOMEM;
	free(config->index);
	config->index = index;
	config->index_size = size;
	for (size_t i = 0; i < config->count; i++)
		*index_place(config, config->specs[i]->name) = (uint32_t)i + 1;
	return 0;
}

const struct spec *config_find(const struct config *config, const char *name)
{
	if (config->index) {
		uint32_t place = *index_place(config, name);

		return place ? config->specs[place - 1] : NULL;
	}
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->specs[i]->name, name) == 0)
			return config->specs[i];
	return NULL;
}

/* A name that is free, made of the spec's: to be freed. NULL: no memory, or too long (errno). */
static char *free_name(const struct config *config, const char *name, const char *prefix)
{
	char text[BRM_NAME_MAX];
	size_t prefix_length = strlen(prefix) + 1;

	snprintf(text, sizeof text, "%s", name);
	while (config_find(config, text)) {
		size_t length = strlen(text);

		if (length + prefix_length >= sizeof text) {
			errno = ENAMETOOLONG;
			return NULL;
		}
		memmove(text + prefix_length, text, length + 1);
		memcpy(text, prefix, prefix_length - 1);
		text[prefix_length - 1] = ':';
	}
	return strdup(text);
}

int config_add(struct config *config, struct spec *spec, const char *prefix)
{
	struct spec **grown;
	char *name;

	assert(name_check(spec->name, NULL) == 0);
	name = free_name(config, spec->name, prefix);
	if (!name)
		return -errno;
	grown = realloc(config->specs, (config->count + 1) * sizeof(struct spec *));
	if (grown)
		config->specs = grown;
	if (!grown || index_grow(config) != 0) {
		free(name);
		return -ENOMEM;
	}
	free(spec->name);
	spec->name = name;
	spec->order = (uint32_t)config->count;
	grown[config->count++] = spec;
	*index_place(config, name) = (uint32_t)config->count;
	return 0;
}

size_t config_nearest(const struct config *config, const char *name, const char **out, size_t max)
{
	struct brm_near near;

	brm_near_begin(&near, name, out, max < BRM_NEAR_MAX ? max : BRM_NEAR_MAX);
	for (size_t i = 0; i < config->count; i++)
		brm_near_offer(&near, config->specs[i]->name);
	return near.count;
}
