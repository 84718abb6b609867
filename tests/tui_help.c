/* SPDX-License-Identifier: MIT */
#include "tests/tui_help.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clients/tui/found.h"
#include "clients/tui/text.h"
#include "tests/check_main.h"

#define BASE_US (UINT64_C(1767323045) * 1000000)

static struct found found;

void help_tui_begin(struct tui_help *help, int rows, int cols)
{
	struct brm_writer_options options = {.instance = &help->tui.instance, .tag = 1, .version = "1.0"};
	struct tui *tui = &help->tui;
	char dir[PATH_MAX];

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	memset(help, 0, sizeof *help);
	found = (struct found){.known = true};
	snprintf(dir, sizeof dir, "%s/shop-%d", test_dir(), (int)getpid()); /* each test is a process of its own */
	mkdir(dir, 0700);
	ck_assert_int_eq(brm_instance_of_dir(dir, &tui->instance), 0);
	snprintf(tui->instance.region, sizeof tui->instance.region, "%s", test_region("tui"));
	ck_assert_int_eq(brm_instance_make_places(&tui->instance), 0);
	ck_assert_int_eq(brm_writer_create(&options, &help->writer), 0);
	ck_assert_int_eq(jobs_open(&tui->jobs), 0);
	ck_assert_int_eq(cells_resize(&tui->cells, rows, cols), 0);
	snprintf(tui->project, sizeof tui->project, "shop");
	snprintf(tui->dir, sizeof tui->dir, "~/shop");
	tui->found = &found;
	tui->view = &view_processes;
	tui->logs.time = tui->side.time = LOGTIME_CLOCK;
	tui->events.scale = 2;
	feed_open(&tui->feed, &tui->instance, READ_SHM);
	ck_assert_ptr_nonnull(feed_snapshot(&tui->feed));
	tui_snapshot(tui);
}

void help_tui_end(struct tui_help *help)
{
	struct tui *tui = &help->tui;

	ck_assert(jobs_settle(tui->jobs, 5000, tui));
	logpane_finish(&tui->side);
	logpane_finish(&tui->logs);
	list_finish(&tui->list);
	feed_close(&tui->feed);
	cells_finish(&tui->cells);
	happenings_finish(&tui->events.all);
	errors_finish(&tui->errors.all);
	logset_finish(&tui->errors.set);
	free(tui->urls.rows);
	free(tui->shown_names);
	free(tui->tty.out);
	for (size_t i = 0; i < sizeof help->stores / sizeof *help->stores; i++)
		brm_logstore_close(help->stores[i]);
	brm_writer_close(help->writer);
}

static struct brm_now now(void)
{
	return now_read();
}

uint32_t help_tui_add(struct tui_help *help, const char *name, enum brm_status status)
{
	struct brm_identity identity = {.name = name,
					.script = name,
					.command = "run it",
					.dir = "/tmp",
					.source = "Procfile",
					.ready = "",
					.stdin_kind = BRM_STDIN_PIPE,
					.tty = help->tty};
	static uint32_t order;
	struct brm_state state = {
		.order = order++, .run = 1, .pid = 1, .start_ns = now().real_ns, .start_boot_ns = now().boot_ns};
	uint32_t entry;

	state.head = brm_head_make(0, 0, status);
	ck_assert_int_eq(brm_writer_add(help->writer, &identity, &state, &entry), 0);
	brm_writer_commit(help->writer);
	return entry;
}

void help_tui_status(struct tui_help *help, uint32_t entry, enum brm_status status)
{
	struct brm_event event = {.entry = entry, .run = 1, .pid = 1};
	struct brm_state state;

	ck_assert_int_eq(brm_writer_state(help->writer, entry, &state), 0);
	event.from = (uint8_t)brm_state_status(&state);
	state = brm_state_with_status(&state, status, now());
	ck_assert_int_eq(brm_writer_publish(help->writer, entry, &state), 0);
	event.to = (uint8_t)status;
	event.tenant = (uint16_t)brm_head_tenant(state.head);
	event.identity = state.identity;
	brm_writer_event(help->writer, &event);
	brm_writer_commit(help->writer);
}

void help_tui_url(struct tui_help *help, uint32_t entry, const char *url)
{
	struct brm_strings urls = {url, 1, (uint32_t)strlen(url) + 1};
	struct brm_state state;

	ck_assert_int_eq(brm_writer_state(help->writer, entry, &state), 0);
	ck_assert_int_eq(brm_writer_urls(help->writer, &urls, &state.urls), 0);
	ck_assert_int_eq(brm_writer_publish(help->writer, entry, &state), 0);
	brm_writer_commit(help->writer);
}

void help_tui_remove(struct tui_help *help, uint32_t entry)
{
	brm_writer_remove(help->writer, entry);
	brm_writer_commit(help->writer);
}

/* Plays the supervisor, which finds errors while lines are indexed. */
static void watch_line(void *arg, struct brm_logstore *store, const struct brm_log_line *line, const char *text,
		       size_t length, bool plain)
{
	struct tui_help *help = arg;

	(void)text;
	(void)length;
	(void)plain;
	if (help->error_left == 0)
		return;
	if (help->error.lines++ == 0) {
		help->error.seq = line->seq;
		help->error.time_us = line->time_us;
		help->error.stream = line->stream;
	}
	if (--help->error_left == 0)
		brm_logstore_error(store, &help->error);
}

static void watch_quiet(void *arg, struct brm_logstore *store, enum brm_stream stream)
{
	(void)arg;
	(void)store;
	(void)stream;
}

static void watch_forget(void *arg)
{
	(void)arg;
}

static void put(struct tui_help *help, uint32_t entry, enum brm_stream stream, uint64_t time_us, const char *text,
		size_t length)
{
	struct brm_logstore_options options = {
		.watch = {.line = watch_line, .quiet = watch_quiet, .forget = watch_forget, .arg = help}};
	struct brm_logstore **store = &help->stores[entry];
	struct brm_log_mark mark;
	char name[BRM_NAME_MAX];
	struct brm_state state;
	loff_t offset;
	int fd;

	if (!*store) {
		brm_writer_state(help->writer, entry, &state);
		ck_assert_int_eq(brm_reader_name(source_reader(help->tui.feed.source), &state, name), 0);
		ck_assert_int_eq(brm_logstore_open(help->tui.instance.state_dir, name, &options, store), 0);
	}
	ck_assert_int_eq(brm_logstore_target(*store, stream, &fd, &offset), 0);
	ck_assert_int_eq(pwrite(fd, text, length, offset), (ssize_t)length);
	ck_assert_int_eq(brm_logstore_wrote(*store, stream, length, time_us), 0);
	brm_logstore_mark(*store, &mark);
	brm_writer_log_mark(help->writer, entry, &mark);
}

void help_tui_log(struct tui_help *help, uint32_t entry, enum brm_stream stream, unsigned second, const char *text)
{
	char *line = malloc(strlen(text) + 2);

	ck_assert_ptr_nonnull(line);
	sprintf(line, "%s\n", text);
	put(help, entry, stream, BASE_US + second * UINT64_C(1000000), line, strlen(line));
	free(line);
}

void help_tui_error(struct tui_help *help, uint32_t entry, unsigned second, uint64_t group, const char *const *lines)
{
	help->error = (struct brm_log_error){.group = group};
	for (help->error_left = 0; lines[help->error_left];)
		help->error_left++;
	for (; *lines; lines++)
		help_tui_log(help, entry, BRM_ERR, second, *lines);
	ck_assert_uint_eq(help->error_left, 0);
}

void help_tui_flood(struct tui_help *help, uint32_t entry, unsigned second, unsigned count)
{
	char block[4096];
	size_t used = 0;

	for (unsigned i = 1; i <= count; i++) {
		used += (size_t)snprintf(block + used, sizeof block - used, "line %u\n", i);
		if (used < sizeof block - 32 && i < count)
			continue;
		put(help, entry, BRM_OUT, BASE_US + second * UINT64_C(1000000), block, used);
		used = 0;
	}
}

struct tui_shop help_tui_shop(struct tui_help *help, int rows, int cols)
{
	static const char *const two[] = {"error: two", NULL};
	struct tui_shop shop;

	help_tui_begin(help, rows, cols);
	shop.db = help_tui_add(help, "db", BRM_RUNNING);
	shop.web = help_tui_add(help, "web", BRM_RUNNING);
	shop.lint = help_tui_add(help, "lint", BRM_FAILED);
	help_tui_log(help, shop.web, BRM_OUT, 0, "one");
	help_tui_error(help, shop.web, 1, 7, two);
	help_tui_log(help, shop.web, BRM_OUT, 2, "three");
	help_tui_flood(help, shop.db, 3, 100);
	help_tui_url(help, shop.web, "http://localhost:3000");
	help_tui_status(help, shop.lint, BRM_STARTING);
	help_tui_status(help, shop.lint, BRM_FAILED);
	help_tui_draw(help);
	setenv("BROWSER", "true", 1);
	return shop;
}

void help_tui_draw(struct tui_help *help)
{
	struct tui *tui = &help->tui;

	if (feed_look(&tui->feed, tui->jobs))
		tui_snapshot(tui);
	tui_compose(tui);
	for (int i = 0; tui->logs.unfinished && i < 1000; i++)
		tui_compose(tui);
}

void help_tui_keys(struct tui_help *help, const char *keys)
{
	while (*keys) {
		struct event event = {.kind = EVENT_KEY};
		size_t length = strcspn(keys, " ");

		ck_assert(key_parse(keys, length, &event.key, &event.mods));
		tui_event(&help->tui, &event);
		while (help->tui.logs.jump != JUMP_NONE)
			logpane_step(&help->tui.logs);
		help_tui_draw(help);
		keys += length;
		keys += *keys == ' ';
	}
}

const char *help_tui_row(struct tui_help *help, int row)
{
	static char text[8192];
	size_t used = 0, end = 0;

	for (int col = 0; col < help->tui.cells.cols; col++) {
		uint32_t code = cells_get(&help->tui.cells, row, col)->code;

		if (code == 0)
			continue;
		used += text_encode(code, text + used);
		end = code != ' ' ? used : end;
	}
	text[end] = '\0';
	return text;
}

int help_tui_find(struct tui_help *help, const char *text)
{
	for (int row = 0; row < help->tui.cells.rows; row++)
		if (strstr(help_tui_row(help, row), text))
			return row;
	return -1;
}
