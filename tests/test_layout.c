/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libshm/index.h"
#include "libshm/latch.h"
#include "libshm/layout.h"
#include "libshm/tlv.h"

/* The layout in words. If the golden file no longer matches, readers and writers of different builds do not either. */
static FILE *out;

#define SIZE(type)        fprintf(out, #type " %zu\n", sizeof(struct type))
#define FIELD(type, name) fprintf(out, #type "." #name " %zu\n", offsetof(struct type, name))
#define VALUE(name)       fprintf(out, #name " %llu\n", (unsigned long long)(name))

static void print_header(void)
{
	SIZE(layout_header);
	FIELD(layout_header, magic);
	FIELD(layout_header, abi_major);
	FIELD(layout_header, abi_minor);
	FIELD(layout_header, header_bytes);
	FIELD(layout_header, toc_count);
	FIELD(layout_header, toc_offset);
	FIELD(layout_header, toc_stride);
	FIELD(layout_header, size);
	FIELD(layout_header, features_required);
	FIELD(layout_header, features_optional);
	FIELD(layout_header, uuid);
	FIELD(layout_header, pid_namespace);
	FIELD(layout_header, engine_start);
	FIELD(layout_header, keeper_start);
	FIELD(layout_header, started_ns);
	FIELD(layout_header, created_ns);
	FIELD(layout_header, created_mono_ns);
	FIELD(layout_header, engine_pid);
	FIELD(layout_header, keeper_pid);
	FIELD(layout_header, uid);
	FIELD(layout_header, tag);
	FIELD(layout_header, generation);
	FIELD(layout_header, capacity);
	FIELD(layout_header, version);
	FIELD(layout_header, boot_id);
	FIELD(layout_header, name);
	FIELD(layout_header, control);
	FIELD(layout_header, dir);
	FIELD(layout_header, state_dir);
}

static void print_state(void)
{
	SIZE(brm_state);
	FIELD(brm_state, epoch);
	FIELD(brm_state, head);
	FIELD(brm_state, start_ns);
	FIELD(brm_state, end_ns);
	FIELD(brm_state, start_boot_ns);
	FIELD(brm_state, ready_ns);
	FIELD(brm_state, next_ns);
	FIELD(brm_state, pid_start);
	FIELD(brm_state, run);
	FIELD(brm_state, pid);
	FIELD(brm_state, exit_code);
	FIELD(brm_state, signal);
	FIELD(brm_state, restarts);
	FIELD(brm_state, order);
	FIELD(brm_state, flags);
	FIELD(brm_state, reason_code);
	FIELD(brm_state, serial);
	FIELD(brm_state, identity);
	FIELD(brm_state, urls);
	FIELD(brm_state, ports);
	FIELD(brm_state, reason);
	FIELD(brm_state, last_error);
}

static void print_event(void)
{
	SIZE(brm_event);
	FIELD(brm_event, seq);
	FIELD(brm_event, time_ns);
	FIELD(brm_event, version);
	FIELD(brm_event, entry);
	FIELD(brm_event, run);
	FIELD(brm_event, exit_code);
	FIELD(brm_event, pid);
	FIELD(brm_event, by_pid);
	FIELD(brm_event, tenant);
	FIELD(brm_event, from);
	FIELD(brm_event, to);
	FIELD(brm_event, signal);
	FIELD(brm_event, reason_code);
	FIELD(brm_event, by_kind);
	FIELD(brm_event, flags);
	FIELD(brm_event, identity);
}

static void print_records(void)
{
	SIZE(layout_section);
	FIELD(layout_section, type);
	FIELD(layout_section, flags);
	FIELD(layout_section, offset);
	FIELD(layout_section, stride);
	FIELD(layout_section, count);
	SIZE(layout_life);
	FIELD(layout_life, lifecycle);
	FIELD(layout_life, epoch);
	FIELD(layout_life, busy_since_ns);
	FIELD(layout_life, used);
	FIELD(layout_life, events_first);
	FIELD(layout_life, events_end);
	SIZE(layout_metrics);
	FIELD(layout_metrics, time_ns);
	FIELD(layout_metrics, memory_bytes);
	FIELD(layout_metrics, cpu_threads);
	FIELD(layout_metrics, files_processes);
	SIZE(layout_logpos);
	FIELD(layout_logpos, lines);
	FIELD(layout_logpos, bytes);
	FIELD(layout_logpos, lost_bytes);
	SIZE(layout_cell);
	FIELD(layout_cell, key);
	FIELD(layout_cell, name);
	SIZE(tlv);
}

static void print_values(void)
{
	VALUE(LAYOUT_MAGIC);
	VALUE(BRM_ABI_MAJOR);
	VALUE(BRM_ABI_MINOR);
	VALUE(LATCH_K);
	VALUE(HEAD_TENANT_SHIFT);
	VALUE(HEAD_VERSION_SHIFT);
	VALUE(LAYOUT_GROUP);
	VALUE(LAYOUT_CELL_ENTRY_BITS);
	VALUE(LAYOUT_CELLS_PER_ENTRY);
	VALUE(BRM_EVENTS_CAPACITY);
	VALUE(LAYOUT_BELL);
	VALUE(LAYOUT_LOGBELL);
	VALUE(LAYOUT_OWNER);
	VALUE(LAYOUT_LIFE);
	VALUE(LAYOUT_HEADS);
	VALUE(LAYOUT_STAMPS);
	VALUE(LAYOUT_GROUPS);
	VALUE(LAYOUT_SLOTS);
	VALUE(LAYOUT_ARENA);
	VALUE(LAYOUT_METRICS);
	VALUE(LAYOUT_LOGPOS);
	VALUE(LAYOUT_GENERATION);
	VALUE(LAYOUT_INDEX);
	VALUE(LAYOUT_EVENTS);
	VALUE(BRM_SUCCESS);
	VALUE(BRM_REASON_SHUTDOWN);
	VALUE(BRM_LIFE_SUPERSEDED);
	VALUE(TLV_NAME);
	VALUE(TLV_DEPENDS_ON);
	VALUE(TLV_TTY);
	VALUE(TLV_URLS);
	VALUE(TLV_PORTS);
}

static void print_hashes(void)
{
	static const char *const names[] = {"a", "web", "worker1", "worker-2", "a rather long name of a process"};
	struct index_name name;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		ck_assert(index_pack(names[i], &name));
		fprintf(out, "hash(%s) %08x\n", names[i], (unsigned)name.hash);
	}
}

START_TEST(layout_is_the_golden_one)
{
	const char *top = getenv("top_srcdir");
	char path[4096], now[16384] = "", golden[16384] = "";
	FILE *file;

	out = fmemopen(now, sizeof now - 1, "w");
	print_header();
	print_records();
	print_state();
	print_event();
	print_values();
	print_hashes();
	fclose(out);
	if (getenv("BRUMMER_GOLDEN")) /* to make the file anew */
		fputs(now, stderr);
	snprintf(path, sizeof path, "%s/tests/data/layout.golden", top ? top : ".");
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "no %s", path);
	ck_assert_uint_gt(fread(golden, 1, sizeof golden - 1, file), 0);
	fclose(file);
	ck_assert_str_eq(now, golden);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("layout");
	TCase *tcase = tcase_create("layout");

	tcase_add_test(tcase, layout_is_the_golden_one);
	suite_add_tcase(suite, tcase);
	return suite;
}
