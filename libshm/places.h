/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_PLACES_H
#define LIBSHM_PLACES_H

#include <limits.h>

#include <brummer/instance.h>

/*
 * places.h - where region objects are
 *
 * POSIX names shared-memory objects but cannot rename one; on Linux they are files of this directory, whichever C
 * library made them. While a region is being made it has a name with '~', which no instance can have. When another
 * user sits on a name (in a sticky directory nobody else can move him), NAME.1 ... NAME.9 are taken instead.
 */

#define PLACES_SHM           "/dev/shm"
#define PLACES_REGION_FORMAT "/brummer.%u.%s" /* effective uid, name of the instance */
#define PLACES_ALTERNATIVES  10               /* the name itself and .1 to .9 */
#define PLACES_PATH_MAX      (sizeof PLACES_SHM + NAME_MAX + 1)

/* The path of a region's n-th alternative. */
int places_region_path(const char *region, int n, char out[PLACES_PATH_MAX]);

#endif
