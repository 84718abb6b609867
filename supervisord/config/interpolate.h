/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_INTERPOLATE_H
#define SUPERVISORD_CONFIG_INTERPOLATE_H

#include <stdbool.h>

/*
 * config/interpolate.h - ${VARIABLE} in a text
 *
 *     ${NAME}            its value, nothing when there is none
 *     ${NAME:-DEFAULT}   DEFAULT when it is empty or there is none; ${NAME-DEFAULT} when there is none
 *     ${NAME:?MESSAGE}   an error when it is empty or there is none; ${NAME?MESSAGE} when there is none
 *     $$                 a dollar sign
 *
 * A default may have variables in it. Any other `$` is itself, but that with `bare` $NAME is a variable too.
 */

#define INTERPOLATED_BYTES_MAX 1048576u

struct interpolation {
	const char *(*value)(const void *arg, const char *name); /* NULL: there is none */
	const void *arg;
	bool bare;
	char error[256];   /* why the last one failed */
	char unknown[128]; /* the first name without a value or default; "" for none */
};

/*
 * The text with its variables replaced, to be freed. NULL with errno: EINVAL (error says why, as "what, expected
 * what"), ENOMEM.
 */
char *interpolate(struct interpolation *with, const char *text);

#endif
