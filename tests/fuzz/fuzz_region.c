/* SPDX-License-Identifier: MIT */
/*
 * fuzz_region.c - a reader against regions that somebody has scribbled in
 *
 * The input is a list of 12-byte records: where (u32; with the top bit set within the header and the table of contents
 * alone) and what (u64) to write over a good region. Everything a reader can do is then done with it: nothing may
 * crash, hang, or read outside the mapping.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <brummer/events.h>
#include <brummer/wait.h>
#include <brummer/writer.h>

#define RECORD      12u
#define RECORDS_MAX 64u
#define FRONT       10240u /* bytes that hold the header and the table of contents */

static struct brm_instance instance;
static unsigned char *bytes; /* the region, writable */
static unsigned char *good;  /* a copy of it */
static size_t region_size;

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(99);
}

static void forget_region(void)
{
	shm_unlink(instance.region);
}

static void add_processes(struct brm_writer *writer)
{
	static const char urls[] = "http://localhost:3000/\0http://127.0.0.1:4000/";
	static const uint16_t ports[] = {3000, 4000, 5432};

	for (unsigned i = 0; i < 20; i++) {
		char name[16];
		struct brm_identity identity = {.name = name, .command = "sleep 1", .dir = "/", .source = "Procfile"};
		struct brm_state state = {.head = brm_head_make(0, 0, BRM_RUNNING), .start_ns = i + 1, .run = 1};
		struct brm_event event = {.from = BRM_PENDING, .to = BRM_RUNNING, .run = 1};

		snprintf(name, sizeof name, "process-%u", i);
		brm_writer_urls(writer, &(struct brm_strings){urls, 2, sizeof urls}, &state.urls);
		brm_writer_ports(writer, ports, 3, &state.ports);
		must(brm_writer_add(writer, &identity, &state, &event.entry) == 0, "add");
		brm_writer_state(writer, event.entry, &state);
		event.identity = state.identity;
		brm_writer_event(writer, &event);
		brm_writer_metrics(writer, event.entry, &(struct brm_metrics){.time_ns = 1, .threads = 2});
		brm_writer_log_mark(writer, event.entry, &(struct brm_log_mark){.lines = 3});
		brm_writer_commit(writer);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct brm_writer_options options = {.instance = &instance, .version = "fuzz"};
	static struct brm_writer *writer; /* it lives as long as the fuzzer */
	char name[32];
	int fd;

	(void)argc, (void)argv;
	snprintf(name, sizeof name, "fuzz-%d", (int)getpid());
	must(brm_instance_of_name(name, &instance) == 0, "instance");
	must(brm_writer_create(&options, &writer) == 0, "create");
	atexit(forget_region);
	add_processes(writer);
	region_size = brm_writer_info(writer)->size;
	fd = shm_open(instance.region, O_RDWR, 0);
	must(fd >= 0, "shm_open");
	bytes = mmap(NULL, region_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	good = malloc(region_size);
	must(bytes != MAP_FAILED && good, "mmap");
	close(fd);
	memcpy(good, bytes, region_size);
	return 0;
}

static size_t place(const uint8_t *record)
{
	uint32_t where;

	memcpy(&where, record, sizeof where);
	if (where & 0x80000000u)
		return (where & 0x7fffffffu) % (FRONT - 8);
	return where % (region_size - 8);
}

static void scribble(const uint8_t *data, size_t records, bool undo)
{
	for (size_t i = 0; i < records; i++) {
		size_t at = place(data + i * RECORD);

		memcpy(bytes + at, undo ? good + at : data + i * RECORD + 4, 8);
	}
}

static void read_details(const struct brm_reader *reader, uint32_t entry, const struct brm_state *state)
{
	static char buf[BRM_IDENTITY_MAX];
	struct brm_handle handle = {entry, brm_head_tenant(state->head)};
	struct brm_identity identity;
	struct brm_strings urls;
	struct brm_metrics metrics;
	struct brm_log_mark mark;
	uint16_t ports[16];
	size_t length = strnlen(state->reason, sizeof state->reason);

	must(length < sizeof state->reason, "an unterminated reason");
	if (brm_reader_identity(reader, state, buf, sizeof buf, &identity) == 0)
		for (const char *arg = NULL; (arg = brm_strings_next(&identity.args, arg));)
			must(arg >= buf && arg < buf + sizeof buf, "an argument outside the buffer");
	if (brm_reader_urls(reader, state, buf, sizeof buf, &urls) == 0)
		for (const char *url = NULL; (url = brm_strings_next(&urls, url));)
			must(url >= buf && url < buf + sizeof buf, "a URL outside the buffer");
	brm_reader_ports(reader, state, ports, 16);
	brm_reader_metrics(reader, handle, &metrics);
	brm_reader_log_mark(reader, handle, &mark);
	must(brm_reader_status(reader, handle) < BRM_STATUS_COUNT, "a status outside the enum");
}

static void read_events(const struct brm_reader *reader)
{
	struct brm_event events[8];
	uint64_t cursor = 0, missed;
	char name[BRM_NAME_MAX];

	for (unsigned i = 0; i < 8; i++) {
		size_t count = brm_events_read(reader, &cursor, events, 8, &missed);

		must(count <= 8, "more events than there is room");
		for (size_t k = 0; k < count; k++)
			brm_event_name(reader, &events[k], name);
	}
}

static void read_everything(const struct brm_reader *reader)
{
	static struct brm_state states[512];
	static uint32_t entries[512];
	struct brm_handle handle;
	struct brm_ticket ticket;
	struct brm_cut cut;
	uint64_t epoch;
	uint32_t count = brm_reader_list(reader, states, entries, 512, &cut);

	must(count <= 512, "more states than there is room");
	for (uint32_t i = 0; i < count; i++)
		read_details(reader, entries[i], &states[i]);
	brm_reader_changed(reader, 0, entries, 512, &epoch);
	brm_reader_changed(reader, epoch, entries, 512, &epoch);
	for (uint32_t entry = 0; entry < brm_reader_used(reader) && entry < 1024; entry += 3)
		brm_reader_state(reader, entry, &states[0]);
	brm_reader_state(reader, UINT32_MAX, &states[0]);
	brm_reader_peek(reader, UINT32_MAX);
	brm_reader_find(reader, "process-7", &handle);
	brm_reader_find(reader, "nobody", &handle);
	read_events(reader);
	brm_wait_sample(reader, &ticket);
	must(brm_reader_lifecycle(reader) <= BRM_LIFE_SUPERSEDED, "a life cycle outside the enum");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t records = size / RECORD < RECORDS_MAX ? size / RECORD : RECORDS_MAX;
	struct brm_reader *reader;

	scribble(data, records, false);
	if (brm_reader_open(instance.region, &reader) == 0) {
		read_everything(reader);
		brm_reader_close(reader);
	}
	scribble(data, records, true);
	return 0;
}
