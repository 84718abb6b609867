/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_SAMENESS_H
#define SUPERVISORD_ENGINE_SAMENESS_H

#include "config/model.h"

/*
 * engine/sameness.h - do two specs mean the same? Pure.
 *
 * One table says of every key what a change of it asks for.
 */

enum sameness {
	SPECS_SAME,
	SPECS_DIFFER,  /* in what counts for a run that is there, or for the next one */
	SPECS_RUN_ELSE /* in what a run is born with: it takes another run */
};

enum sameness spec_compare(const struct spec *a, const struct spec *b);

#endif
