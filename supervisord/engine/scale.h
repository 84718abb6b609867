/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_SCALE_H
#define SUPERVISORD_ENGINE_SCALE_H

#include <stddef.h>

#include <brummer/control.h>

#include "engine/process.h"

/*
 * engine/scale.h - families of replicas, and how many there are
 *
 * A family is configured (`replicas: 2` makes web.1 and web.2) or begins when a plain process is scaled: `web` stays as
 * it is, as the first, and gains web.2, web.3, ... Each has the specification of the first, with PORT raised
 * (spec_replica() in config/model.h). A number that was asked for takes the place of the configuration's for as long as
 * the supervisor lives, over reloads and over engines.
 */

#define SCALE_MAX 1000u

struct scale;

/*
 * Make a family as large as that: the new ones are made, and the highest are stopped and forgotten. They are not
 * started. BRM_UNKNOWN: there is no such process or family; BRM_CONFLICT: a name is taken by something else, which is
 * in wrong[]; BRM_LIMIT: no memory, or no such port. On refusal nothing has changed.
 */
enum brm_refusal scale_set(struct engine *engine, const char *family, uint32_t replicas, char wrong[BRM_NAME_MAX]);

/* Bring a configuration that was just read to the sizes that were asked for. Without memory it stays as it is. */
void scale_config(const struct engine *engine, struct config *config);

/* After a recovery: see from what is there which sizes were asked for. */
void scale_recover(struct engine *engine);

/* Is it of the family: a replica, or the plain process of that name? */
bool scale_is_of(const struct spec *spec, const char *family);

void scale_close(struct engine *engine);

#endif
