/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_READING_H
#define LIBSHM_READING_H

#include <stdbool.h>
#include <sys/types.h>

#include <brummer/reader.h>

#include "libshm/map.h"

/* reading.h - what a reader is made of */
struct brm_reader {
	struct brm_heads heads; /* first: brm_reader_peek() is inline */
	struct map map;
	bool same_slots; /* slots are LAYOUT_STATE_WORDS long */
	dev_t device;
	ino_t inode;
	char region[BRM_REGION_MAX]; /* "" when opened by path */
	struct brm_info info;
	char path[PATH_MAX]; /* what was opened, by path */
};

#endif
