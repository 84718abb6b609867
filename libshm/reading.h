/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_READING_H
#define LIBSHM_READING_H

#include <sys/types.h>

#include <brummer/reader.h>

#include "libshm/map.h"

/* reading.h - what a reader is made of */
struct brm_reader {
	struct map map; /* first: every read begins here */
	struct brm_info info;
	dev_t device;
	ino_t inode;
	char region[BRM_REGION_MAX]; /* "" when opened by path */
	char path[PATH_MAX];         /* what was opened */
};

#endif
