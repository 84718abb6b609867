/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libshm/latch.h"
#include "libshm/layout.h"
#include "tests/shm_help.h"

/* A region's bytes, taken from a writer, to be damaged and read again as a file. */
static unsigned char *bytes;
static size_t size;
static char path[4096];

static struct layout_header *header(void)
{
	return (struct layout_header *)(void *)bytes;
}

static struct layout_section *section(enum layout_type type)
{
	return (struct layout_section *)(void *)(bytes + header()->toc_offset) + (type - 1);
}

static void fill(struct brm_writer *writer)
{
	char name[16];

	for (int i = 0; i < 70; i++) {
		struct brm_state state;
		uint32_t entry;

		snprintf(name, sizeof name, "p%d", i);
		entry = shm_add(writer, name, BRM_RUNNING);
		state = shm_state(writer, entry);
		shm_seal(&state, (uint64_t)i);
		ck_assert_int_eq(brm_writer_publish(writer, entry, &state), 0);
		brm_writer_metrics(writer, entry, &(struct brm_metrics){.time_ns = 1, .threads = 3});
		brm_writer_log_mark(writer, entry, &(struct brm_log_mark){.lines = 5, .bytes = {7, 8}});
		brm_writer_event(writer, &(struct brm_event){.entry = entry, .identity = state.identity, .run = 9});
	}
	brm_writer_remove(writer, 3);
	brm_writer_commit(writer);
}

static void setup(void)
{
	struct brm_writer *writer = shm_writer("map", (struct brm_writer_options){.capacity = 0});
	char object[256];
	FILE *file;

	fill(writer);
	size = brm_writer_info(writer)->size;
	bytes = calloc(1, 2 * size);
	snprintf(object, sizeof object, "/dev/shm%s", test_region("map"));
	file = fopen(object, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fread(bytes, 1, size, file), size);
	fclose(file);
	brm_writer_close(writer);
	snprintf(path, sizeof path, "%s", test_path("region"));
	unlink(path);
}

static void teardown(void)
{
	free(bytes);
}

static void save(size_t length)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
	close(fd);
}

/* Try to attach; whatever is attached to is given to `use`. */
static int attach(void (*use)(const struct brm_reader *reader))
{
	struct brm_reader *reader = NULL;
	int rc = brm_reader_open_path(path, &reader);

	if (rc != 0) {
		ck_assert_ptr_null(reader);
		return rc;
	}
	if (use)
		use(reader);
	brm_reader_close(reader);
	return 0;
}

/* Everything that a reader offers, which must not lead outside whatever the bytes are. */
static void read_everything(const struct brm_reader *reader)
{
	static struct brm_state states[128];
	static uint32_t entries[128];
	static char buf[BRM_IDENTITY_MAX];
	struct brm_event events[8];
	struct brm_identity identity;
	struct brm_strings urls;
	struct brm_metrics metrics;
	struct brm_log_mark mark;
	struct brm_handle handle;
	struct brm_cut cut;
	uint64_t cursor = 0, missed, epoch;
	uint16_t ports[8];
	char name[BRM_NAME_MAX];
	uint32_t count = brm_reader_list(reader, states, entries, 128, &cut);

	for (uint32_t i = 0; i < count; i++) {
		ck_assert_uint_lt(strlen(states[i].reason), sizeof states[i].reason);
		ck_assert_uint_lt(strlen(states[i].last_error), sizeof states[i].last_error);
		ck_assert_int_ne(brm_state_status(&states[i]), BRM_ABSENT);
		if (brm_reader_identity(reader, &states[i], buf, sizeof buf, &identity) == 0)
			ck_assert_uint_lt(strlen(identity.name), BRM_NAME_MAX);
		brm_reader_name(reader, &states[i], name);
		brm_reader_urls(reader, &states[i], buf, sizeof buf, &urls);
		brm_reader_ports(reader, &states[i], ports, 8);
		handle = (struct brm_handle){entries[i], brm_head_tenant(states[i].head)};
		brm_reader_metrics(reader, handle, &metrics);
		brm_reader_log_mark(reader, handle, &mark);
	}
	brm_reader_find(reader, "p5", &handle);
	brm_reader_find(reader, "nobody", &handle);
	brm_reader_changed(reader, 0, entries, 128, &epoch);
	for (int i = 0; i < 20 && brm_events_read(reader, &cursor, events, 8, &missed) > 0; i++)
		brm_event_name(reader, &events[0], name);
	brm_reader_lifecycle(reader);
	brm_reader_liveness(reader);
}

static void all_70_are_there(const struct brm_reader *reader)
{
	struct brm_state states[70];
	struct brm_metrics metrics;
	struct brm_log_mark mark;
	struct brm_event event;
	struct brm_handle handle;
	struct brm_cut cut;
	uint64_t cursor = 0, missed;
	char name[BRM_NAME_MAX];

	ck_assert_uint_eq(brm_reader_list(reader, states, NULL, 70, &cut), 69);
	ck_assert_int_eq(brm_reader_find(reader, "p69", &handle), 0);
	ck_assert_int_eq(brm_reader_find(reader, "p3", &handle), -ENOENT);
	ck_assert_int_eq(brm_reader_name(reader, &states[68], name), 0);
	ck_assert_str_eq(name, "p69");
	ck_assert_uint_eq(states[68].start_ns, 69);
	handle = (struct brm_handle){69, 0};
	ck_assert_int_eq(brm_reader_metrics(reader, handle, &metrics), 0);
	ck_assert_uint_eq(metrics.threads, 3);
	ck_assert_int_eq(brm_reader_log_mark(reader, handle, &mark), 0);
	ck_assert_uint_eq(mark.bytes[1], 8);
	ck_assert_uint_eq(brm_events_read(reader, &cursor, &event, 1, &missed), 1);
	ck_assert_uint_eq(event.seq, 1);
}

START_TEST(a_copy_can_be_read_after_death)
{
	save(size);
	ck_assert_int_eq(attach(all_70_are_there), 0);
	header()->abi_minor = 9; /* a later minor only appends */
	save(size);
	ck_assert_int_eq(attach(all_70_are_there), 0);
}
END_TEST

struct damage {
	const char *what;
	size_t offset;
	size_t length;
	uint64_t value;
	int error;
};

#define AT(field) offsetof(struct layout_header, field), sizeof(((struct layout_header *)NULL)->field)

static const struct damage damages[] = {
	{"magic", AT(magic), 0, BRM_EMAGIC},
	{"newer major", AT(abi_major), BRM_ABI_MAJOR + 1, BRM_ETOONEW},
	{"older major", AT(abi_major), BRM_ABI_MAJOR - 1, BRM_ETOOOLD},
	{"required feature", AT(features_required), UINT64_C(1) << 40, BRM_EFEATURE},
	{"size", AT(size), UINT64_MAX, BRM_ETRUNCATED},
	{"small size", AT(size), 100, BRM_ECORRUPT},
	{"small header", AT(header_bytes), 64, BRM_ECORRUPT},
	{"huge header", AT(header_bytes), UINT32_MAX, BRM_ECORRUPT},
	{"no sections", AT(toc_count), 0, BRM_ECORRUPT},
	{"toc outside", AT(toc_offset), UINT32_MAX & ~7u, BRM_ECORRUPT},
	{"toc misaligned", AT(toc_offset), 8601, BRM_ECORRUPT},
	{"toc rows too small", AT(toc_stride), 8, BRM_ECORRUPT},
	{"toc rows huge", AT(toc_stride), UINT32_MAX & ~7u, BRM_ECORRUPT},
};

START_TEST(every_damaged_header_has_its_own_error)
{
	const struct damage *damage = &damages[_i];
	int rc;

	memcpy(bytes + damage->offset, &damage->value, damage->length);
	save(size);
	rc = attach(read_everything);
	ck_assert_msg(rc == -damage->error, "%s: %d", damage->what, rc);
	ck_assert_str_ne(brm_strerror(rc), "");
}
END_TEST

START_TEST(sections_that_lie_outside_are_refused)
{
	static const uint64_t values[] = {0, 1, 4, 7, 8, 1 << 20, UINT32_MAX, UINT64_MAX, UINT64_MAX - 7, INT64_MAX};
	struct layout_section *row = section((enum layout_type)_i);
	const struct layout_section before = *row;

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		for (int field = 0; field < 3; field++) {
			*row = before;
			*(field == 0 ? &row->offset : field == 1 ? &row->stride : &row->count) = values[i];
			save(size);
			attach(read_everything);
		}
	}
	*row = before;
	row->count = UINT64_C(1) << 61;
	row->stride = 8;
	save(size);
	ck_assert_int_eq(attach(read_everything), -BRM_ECORRUPT);
	*row = before;
	row->type = 999;
	save(size);
	ck_assert_int_eq(attach(read_everything), -BRM_ECORRUPT);
}
END_TEST

START_TEST(files_that_are_no_region_are_refused)
{
	save(0);
	ck_assert_int_eq(attach(NULL), -BRM_ETRUNCATED);
	save(12);
	ck_assert_int_eq(attach(NULL), -BRM_ETRUNCATED);
	save(4096);
	ck_assert_int_eq(attach(NULL), -BRM_ETRUNCATED);
	save(size - 1);
	ck_assert_int_eq(attach(NULL), -BRM_ETRUNCATED);
	memset(bytes, 'x', size);
	save(size);
	ck_assert_int_eq(attach(NULL), -BRM_EMAGIC);
}
END_TEST

START_TEST(objects_that_are_not_ours_alone_are_refused)
{
	char other[4200];

	save(size);
	ck_assert_int_eq(chmod(path, 0620), 0);
	ck_assert_int_eq(attach(NULL), -BRM_EMODE);
	ck_assert_int_eq(chmod(path, 0602), 0);
	ck_assert_int_eq(attach(NULL), -BRM_EMODE);
	ck_assert_int_eq(chmod(path, 0644), 0);
	ck_assert_int_eq(attach(NULL), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(path, 65534, 65534), 0);
		ck_assert_int_eq(attach(NULL), -BRM_EOWNER);
	}
	snprintf(other, sizeof other, "%s.real", path);
	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(symlink(other, path), 0);
	ck_assert_int_eq(attach(NULL), -ELOOP);
	unlink(other);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(attach(NULL), -BRM_ENOTREGULAR);
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(attach(NULL), -BRM_ENOTREGULAR);
	rmdir(path);
	ck_assert_int_eq(attach(NULL), -ENOENT);
}
END_TEST

START_TEST(unknown_sections_are_skipped)
{
	struct layout_section *row = section(LAYOUT_TYPES);

	*row = (struct layout_section){.type = 4711, .offset = UINT64_MAX, .stride = 3, .count = 9};
	header()->toc_count++;
	header()->features_optional = UINT64_MAX;
	save(size);
	ck_assert_int_eq(attach(all_70_are_there), 0);
}
END_TEST

/* Move a section to the end, in records of another size. */
static void restride(enum layout_type type, size_t stride)
{
	struct layout_section *row = section(type);
	size_t common = row->stride < stride ? row->stride : stride;
	size_t end = (size + 127) & ~(size_t)127;

	bytes = realloc(bytes, end + stride * row->count);
	row = section(type);
	memset(bytes + size, 0xee, end + stride * row->count - size);
	for (size_t i = 0; i < row->count; i++)
		memcpy(bytes + end + i * stride, bytes + row->offset + i * row->stride, common);
	row->offset = end;
	row->stride = stride;
	size = end + stride * row->count;
	header()->size = size;
}

START_TEST(larger_records_are_read)
{
	restride(LAYOUT_SLOTS, 320);
	restride(LAYOUT_EVENTS, 96);
	restride(LAYOUT_METRICS, 128);
	restride(LAYOUT_LOGPOS, 72);
	restride(LAYOUT_LIFE, 256);
	save(size);
	ck_assert_int_eq(attach(all_70_are_there), 0);
}
END_TEST

static void only_the_first_words_are_there(const struct brm_reader *reader)
{
	struct brm_state states[70];
	struct brm_state state;
	struct brm_event event;
	struct brm_cut cut;
	uint64_t cursor = 0, missed;

	ck_assert_uint_eq(brm_reader_list(reader, states, NULL, 70, &cut), 69);
	ck_assert_int_eq(brm_reader_state(reader, 69, &state), 0);
	ck_assert_mem_eq(&state, &states[68], sizeof state);
	ck_assert_uint_eq(state.start_ns, 69);
	ck_assert_uint_eq(state.identity.length, 0); /* beyond the slot */
	ck_assert_str_eq(state.reason, "");
	ck_assert_uint_eq(brm_events_read(reader, &cursor, &event, 1, &missed), 1);
	ck_assert_uint_eq(event.run, 0);
	read_everything(reader);
}

START_TEST(smaller_records_are_filled_with_zeros)
{
	restride(LAYOUT_SLOTS, 64);
	restride(LAYOUT_EVENTS, 16);
	save(size);
	ck_assert_int_eq(attach(only_the_first_words_are_there), 0);
}
END_TEST

/* Bytes of the header, the table of contents and every section's beginning, at random. */
START_TEST(random_damage_never_leads_outside)
{
	unsigned seed = 7;
	int attached = 0;

	for (int round = 0; round < SHM_MANY(300); round++) {
		unsigned char *before = malloc(size);

		memcpy(before, bytes, size);
		for (int i = 0; i < 12; i++) {
			enum layout_type type = (enum layout_type)(seed >> 3) % (LAYOUT_TYPES - 1) + 1;
			size_t at = i < 1 ? header()->toc_offset + (seed >> 7) % 448
					  : section(type)->offset % size + (seed >> 9) % 4096;

			seed = seed * 1664525 + 1013904223;
			if (at < size)
				bytes[at] = (unsigned char)(seed >> 24);
		}
		save(size);
		attached += attach(read_everything) == 0;
		memcpy(bytes, before, size);
		free(before);
	}
	ck_assert_int_gt(attached, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("map");
	TCase *tcase = tcase_create("map");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_copy_can_be_read_after_death);
	tcase_add_loop_test(tcase, every_damaged_header_has_its_own_error, 0, sizeof damages / sizeof *damages);
	tcase_add_loop_test(tcase, sections_that_lie_outside_are_refused, 1, LAYOUT_TYPES);
	tcase_add_test(tcase, files_that_are_no_region_are_refused);
	tcase_add_test(tcase, objects_that_are_not_ours_alone_are_refused);
	tcase_add_test(tcase, unknown_sections_are_skipped);
	tcase_add_test(tcase, larger_records_are_read);
	tcase_add_test(tcase, smaller_records_are_filled_with_zeros);
	tcase_add_test(tcase, random_damage_never_leads_outside);
	suite_add_tcase(suite, tcase);
	return suite;
}
