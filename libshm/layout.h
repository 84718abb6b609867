/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_LAYOUT_H
#define LIBSHM_LAYOUT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <brummer/events.h>
#include <brummer/reader.h>
#include <brummer/state.h>

/*
 * layout.h - the bytes of a region
 *
 * Only libshm and its tests see this. Everything is little-endian, of fixed width and at offsets from the region's
 * first byte; tests/data/layout.golden holds all of it. A minor version may append fields to the header and to records
 * (their strides grow) and add sections; anything else is another major version.
 */

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "a region is little-endian, and so far only little-endian machines write and read one"
#endif

#define LAYOUT_MAGIC       UINT64_C(0x3152454d4d555242) /* "BRUMMER1" */
#define LAYOUT_ALIGN       128u                         /* of sections: two cache lines, which are fetched in pairs */
#define LAYOUT_PATH_MAX    4096u
#define LAYOUT_STATE_WORDS (sizeof(struct brm_state) / 8)
#define LAYOUT_EVENT_WORDS (sizeof(struct brm_event) / 8)
#define LAYOUT_GROUP       64u /* entries that share a group stamp */

/* The header is written once, before the magic. */
struct layout_header {
	_Atomic uint64_t magic; /* stored last, release */
	uint32_t abi_major;
	uint32_t abi_minor;
	uint32_t header_bytes;
	uint32_t toc_count;
	uint32_t toc_offset;
	uint32_t toc_stride;
	uint64_t size; /* of the region, bytes */
	uint64_t features_required;
	uint64_t features_optional;
	uint8_t uuid[16];
	uint64_t pid_namespace;
	uint64_t engine_start; /* clock ticks since boot */
	uint64_t keeper_start;
	uint64_t started_ns;      /* CLOCK_REALTIME */
	uint64_t created_ns;      /* CLOCK_REALTIME */
	uint64_t created_mono_ns; /* CLOCK_MONOTONIC */
	int32_t engine_pid;
	int32_t keeper_pid;
	uint32_t uid;
	uint32_t tag;
	uint32_t generation;
	uint32_t capacity;
	char version[32];
	char boot_id[40];
	char name[BRM_INSTANCE_MAX];
	char control[112];
	char dir[LAYOUT_PATH_MAX];
	char state_dir[LAYOUT_PATH_MAX];
};

/* Of its words those before the paths, which are long and mostly empty. */
#define LAYOUT_HEADER_WORDS (offsetof(struct layout_header, dir) / 8)

/* A row of the table of contents; unknown types are skipped, the first of a type counts. */
struct layout_section {
	uint32_t type;   /* enum layout_type */
	uint32_t flags;  /* 0 */
	uint64_t offset; /* bytes from the region's first */
	uint64_t stride; /* bytes of one record */
	uint64_t count;  /* records */
};

enum layout_type {
	LAYOUT_BELL = 1,        /* u32 futex word, +1 a batch */
	LAYOUT_LOGBELL = 2,     /* u32 futex word, by the capture thread */
	LAYOUT_OWNER = 3,       /* u32 robust-futex word; 0: the kernel does not watch it */
	LAYOUT_LIFE = 4,        /* struct layout_life */
	LAYOUT_HEADS = 5,       /* u64 for each entry */
	LAYOUT_STAMPS = 6,      /* u64 for each entry: epoch of its last change */
	LAYOUT_GROUPS = 7,      /* u64 for each 64 entries: the newest of their stamps */
	LAYOUT_SLOTS = 8,       /* struct brm_state, LATCH_K for each entry */
	LAYOUT_ARENA = 9,       /* u64s that extents point into */
	LAYOUT_METRICS = 10,    /* struct layout_metrics for each entry */
	LAYOUT_LOGPOS = 11,     /* struct layout_logpos for each entry */
	LAYOUT_GENERATION = 12, /* u64: which of the two tables of the index is in use, modulo 2 */
	LAYOUT_INDEX = 13,      /* struct layout_cell, two tables of the same size */
	LAYOUT_EVENTS = 14,     /* struct brm_event, a ring */
	LAYOUT_TYPES
};

struct layout_life {
	_Atomic uint64_t lifecycle;     /* enum brm_lifecycle */
	_Atomic uint64_t epoch;         /* the last whole batch */
	_Atomic uint64_t busy_since_ns; /* CLOCK_MONOTONIC; 0: the engine sleeps */
	_Atomic uint64_t used;          /* one more than the highest entry that was ever used */
	_Atomic uint64_t events_first;  /* the oldest event this region was given */
	_Atomic uint64_t events_end;    /* the seq of the next event */
};

/* Records of an entry name their tenant first (tenant + 1; 0: nothing yet), and it is stored last. */
struct layout_metrics {
	_Atomic uint64_t tenant;
	_Atomic uint64_t time_ns;
	_Atomic uint64_t memory_bytes;
	_Atomic uint64_t cpu_threads;     /* permille | threads << 32 */
	_Atomic uint64_t files_processes; /* files | processes << 32 */
	_Atomic uint64_t reserved[3];
};

struct layout_logpos {
	_Atomic uint64_t tenant;
	_Atomic uint64_t lines;
	_Atomic uint64_t bytes[2];
	_Atomic uint64_t lost_bytes;
	_Atomic uint64_t reserved[3];
};

/*
 * A cell of the index: key = hash << 32 | tenant << 20 | entry + 1, stored after name = offset << 32 | length of the
 * name's bytes in the arena. Key 0: never used since the table was built; entry field all ones: deleted.
 */
struct layout_cell {
	_Atomic uint64_t key;
	_Atomic uint64_t name;
};

#define LAYOUT_CELL_ENTRY_BITS 20
#define LAYOUT_CELL_ENTRY_MASK ((UINT64_C(1) << LAYOUT_CELL_ENTRY_BITS) - 1)
#define LAYOUT_CELL_DELETED    LAYOUT_CELL_ENTRY_MASK
#define LAYOUT_CELLS_PER_ENTRY 2u /* in each table */

_Static_assert(sizeof(struct layout_header) == 8600, "header");
_Static_assert(offsetof(struct layout_header, size) == 32, "header.size");
_Static_assert(offsetof(struct layout_header, uuid) == 56, "header.uuid");
_Static_assert(offsetof(struct layout_header, engine_pid) == 120, "header.engine_pid");
_Static_assert(offsetof(struct layout_header, version) == 144, "header.version");
_Static_assert(offsetof(struct layout_header, name) == 216, "header.name");
_Static_assert(offsetof(struct layout_header, dir) == 408, "header.dir");
_Static_assert(BRM_PATH_MAX == LAYOUT_PATH_MAX, "paths of the header fit into struct brm_info");
_Static_assert(sizeof(struct layout_section) == 32, "section");
_Static_assert(sizeof(struct layout_life) == 48, "life");
_Static_assert(sizeof(struct layout_metrics) == 64 && offsetof(struct layout_metrics, cpu_threads) == 24, "metrics");
_Static_assert(sizeof(struct layout_logpos) == 64 && offsetof(struct layout_logpos, lost_bytes) == 32, "logpos");
_Static_assert(sizeof(struct layout_cell) == 16, "cell");
_Static_assert(sizeof(struct brm_extent) == 8, "extent");
_Static_assert(sizeof(struct brm_state) == 256, "state");
_Static_assert(offsetof(struct brm_state, epoch) == 0 && offsetof(struct brm_state, head) == 8, "state, for the cut");
_Static_assert(offsetof(struct brm_state, run) == 64 && offsetof(struct brm_state, flags) == 88, "state");
_Static_assert(offsetof(struct brm_state, identity) == 96 && offsetof(struct brm_state, reason) == 120, "state");
_Static_assert(offsetof(struct brm_state, last_error) == 168, "state");
_Static_assert(sizeof(struct brm_event) == 64, "event");
_Static_assert(offsetof(struct brm_event, entry) == 24 && offsetof(struct brm_event, tenant) == 44, "event");
_Static_assert(offsetof(struct brm_event, identity) == 52, "event");
_Static_assert(BRM_CAPACITY_LAST < LAYOUT_CELL_DELETED, "entries fit into a cell");
_Static_assert((BRM_EVENTS_CAPACITY & (BRM_EVENTS_CAPACITY - 1)) == 0, "the ring's size is a power of two");
_Static_assert(BRM_STATUS_COUNT == 9, "the status words are part of the layout");

#endif
