/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_REGION_H
#define BRUMMER_REGION_H

#include <stdint.h>
#include <sys/types.h>

#include <brummer/instance.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * brummer/region.h - the shared-memory region: versions, life cycle, errors
 *
 * A region is a POSIX shared-memory object that one supervisor writes and anybody of the same user reads. It is
 * created aside, filled, and renamed into place, so that a reader sees a whole one or none. It is never truncated or
 * rewritten; a restart, an upgrade or growth makes a new one and marks the old SUPERSEDED.
 */

#define BRM_ABI_MAJOR 1u /* another major cannot be read */
#define BRM_ABI_MINOR 0u /* a larger minor only appended fields and sections */

#define BRM_CAPACITY_FIRST 256u   /* entries of a new region */
#define BRM_CAPACITY_LAST  65536u /* entries it can grow to */

enum brm_lifecycle {
	BRM_LIFE_INIT = 0,       /* being made */
	BRM_LIFE_LIVE = 1,       /* written */
	BRM_LIFE_CLOSING = 2,    /* the supervisor is shutting down */
	BRM_LIFE_CLOSED = 3,     /* ended in order: these are the final states */
	BRM_LIFE_SUPERSEDED = 4, /* another region has taken its place at the same name */
};

/* What a reader can say of the writer. */
enum brm_liveness {
	BRM_LIVE = 0,
	BRM_UNRESPONSIVE, /* it lives, but is stopped or has been busy for too long; its states are still served */
	BRM_RESTARTING,   /* the engine died and its keeper lives: a new engine is coming */
	BRM_DEAD,         /* it died without closing: these are its last states */
	BRM_CLOSED,       /* it ended in order */
	BRM_SUPERSEDED,   /* attach again */
};

/* "live", "unresponsive", "restarting", "dead", "closed", "superseded". Static storage. */
const char *brm_liveness_word(enum brm_liveness liveness);

/*
 * Errors of their own; they never collide with errno values. Functions return them negated, like errno values.
 */
enum brm_error {
	BRM_EFIRST = 4096,
	BRM_ENOTREGULAR = BRM_EFIRST, /* the object is not a regular file */
	BRM_EOWNER,                   /* it belongs to another user */
	BRM_EMODE,                    /* others may write to it */
	BRM_ETRUNCATED,               /* it is shorter than it says */
	BRM_EMAGIC,                   /* it is not a region of Brummer's, or not finished */
	BRM_ETOONEW,                  /* its layout is newer than this program knows */
	BRM_ETOOOLD,                  /* its layout is older than this program knows */
	BRM_EFEATURE,                 /* it requires a feature this program does not know */
	BRM_ECORRUPT,                 /* a section lies outside it, or a required one is missing */
	BRM_EARENA,                   /* the arena is full: supersede the region */
	BRM_ECAPACITY,                /* every entry is taken: supersede the region */
	BRM_ELAST
};

/* A sentence without capital and full stop, for a negated or plain error of either kind. Static or thread storage. */
const char *brm_strerror(int error);

/* What the header says; a private copy, made once at attach. */
struct brm_info {
	uint32_t abi_major;
	uint32_t abi_minor;
	uint64_t size;          /* bytes of the region */
	uint8_t uuid[16];       /* of the instance; the same over restarts of the engine */
	uint64_t pid_namespace; /* inode of /proc/self/ns/pid */
	int32_t engine_pid;     /* the process that writes the region */
	int32_t keeper_pid;     /* its parent, 0 for none */
	uint64_t engine_start;  /* start times, clock ticks since boot */
	uint64_t keeper_start;
	uint64_t started_ns; /* when the instance was started, CLOCK_REALTIME */
	uint64_t created_ns; /* when this region was made, CLOCK_REALTIME */
	uint32_t uid;
	uint32_t tag;        /* 31 random bits of the instance, the upper half of its runs' tags */
	uint32_t generation; /* 1, 2, ...: regions made by this instance so far */
	char version[32];    /* of the supervisor */
	char boot_id[40];
	char name[BRM_INSTANCE_MAX];
	char control[108]; /* path of the control socket */
	char dir[BRM_PATH_MAX];
	char state_dir[BRM_PATH_MAX]; /* log stores */
};

#ifdef __cplusplus
}
#endif

#endif
