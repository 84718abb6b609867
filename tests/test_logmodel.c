/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/log_help.h"

/*
 * The store beside a model that keeps everything in memory and does the obvious: after any sequence of chunks, flushes,
 * new runs, reopenings, rests and clocks that go back, every line that is still there is the model's line.
 */

#define MODEL_LINES 200000u
#define MODEL_TEXT  4000000u

struct model_line {
	uint8_t stream;
	uint8_t flags;
	uint64_t offset;
	uint32_t length;
	uint64_t time_us;
};

struct model {
	char *text[2];
	uint64_t end[2];
	uint64_t indexed[2];
	struct model_line *lines;
	uint64_t count;
	uint64_t time_us;
	bool new_run;
};

static void model_line(struct model *model, unsigned s, uint64_t end, uint8_t flags)
{
	struct model_line *line = &model->lines[model->count++];

	ck_assert_uint_lt(model->count, MODEL_LINES);
	*line = (struct model_line){.stream = (uint8_t)s,
				    .flags = (uint8_t)(flags | (model->new_run ? BRM_LINE_NEW_RUN : 0)),
				    .offset = model->indexed[s],
				    .length = (uint32_t)(end - model->indexed[s]),
				    .time_us = model->time_us};
	model->new_run = false;
	model->indexed[s] = end + !(flags & BRM_LINE_NO_NEWLINE);
}

static void model_put(struct model *model, unsigned s, const char *chunk, size_t length)
{
	ck_assert_uint_lt(model->end[s] + length, MODEL_TEXT);
	for (size_t i = 0; i < length; i++) {
		model->text[s][model->end[s]++] = chunk[i];
		if (chunk[i] == '\n')
			model_line(model, s, model->end[s] - 1, 0);
	}
}

static void model_flush(struct model *model, unsigned s)
{
	if (model->indexed[s] < model->end[s])
		model_line(model, s, model->end[s], BRM_LINE_NO_NEWLINE);
}

static void compare_line(const struct model *model, struct brm_log *log, const struct brm_log_line *line)
{
	const struct model_line *expected = &model->lines[line->seq];
	char *text = malloc(line->length + 1);
	ssize_t n;

	ck_assert_uint_eq(line->stream, expected->stream);
	ck_assert_uint_eq(line->flags, expected->flags);
	ck_assert_uint_eq(line->offset, expected->offset);
	ck_assert_uint_eq(line->length, expected->length);
	ck_assert_uint_eq(line->time_us, expected->time_us);
	ck_assert_uint_eq(line->level, brm_log_level(model->text[line->stream] + line->offset, line->length));
	n = brm_log_text(log, line, text, line->length);
	if (n != -ERANGE) {
		ck_assert_int_eq(n, line->length);
		ck_assert_mem_eq(text, model->text[line->stream] + line->offset, line->length);
	}
	free(text);
}

static void compare(const struct model *model, struct brm_log *log, uint64_t least)
{
	uint64_t seq, end;

	ck_assert_int_eq(brm_log_refresh(log, NULL), 0);
	brm_log_range(log, &seq, &end);
	ck_assert_uint_eq(end, model->count);
	ck_assert_uint_ge(end - seq, least < model->count ? least : model->count);
	while (seq < end) {
		struct brm_log_line lines[64];
		ssize_t n = brm_log_lines(log, seq, lines, 64);

		ck_assert_int_gt(n, 0);
		for (ssize_t i = 0; i < n; i++, seq++)
			compare_line(model, log, &lines[i]);
	}
}

static size_t make_chunk(unsigned *seed, char *chunk)
{
	static const char *const pieces[] = {"\n",       "\n\n",    "x",        "error: ", "ERROR ",
					     "0 errors", "[warn] ", "\033[31m", "\r",      " a b c "};
	size_t length = 0;
	int most = rand_r(seed) % 50 == 0 ? 2000 : 40;
	int count = rand_r(seed) % most;

	for (int i = 0; i < count; i++) {
		const char *piece = pieces[(size_t)rand_r(seed) % (sizeof pieces / sizeof *pieces)];

		memcpy(chunk + length, piece, strlen(piece));
		length += strlen(piece);
	}
	return length;
}

/* One random step on both. */
static struct brm_logstore *step(struct brm_logstore *store, struct model *model, unsigned *seed, const char *name,
				 uint64_t segment_bytes)
{
	static char chunk[32768];
	unsigned s = rand_r(seed) & 1;
	uint64_t now = 1000 + (uint64_t)rand_r(seed) % 1000000;
	size_t length;

	switch (rand_r(seed) % 20) {
	case 0:
		model->time_us = now > model->time_us && model->indexed[s] < model->end[s] ? now : model->time_us;
		model_flush(model, s);
		ck_assert_int_eq(brm_logstore_flush(store, (enum brm_stream)s, now), 0);
		return store;
	case 1:
		model->new_run = true;
		brm_logstore_new_run(store);
		return store;
	case 2:
		model->new_run = false;
		brm_logstore_close(store);
		return help_open(name, segment_bytes, 3);
	case 3:
		brm_logstore_rest(store);
		ck_assert_int_eq(brm_logstore_wake(store), 0);
		return store;
	default:
		length = make_chunk(seed, chunk);
		if (memchr(chunk, '\n', length) && now > model->time_us)
			model->time_us = now;
		model_put(model, s, chunk, length);
		ck_assert_int_eq(help_put_bytes(store, (enum brm_stream)s, chunk, length, now), 0);
		return store;
	}
}

START_TEST(test_store_agrees_with_a_simple_model)
{
	struct model model = {.text = {malloc(MODEL_TEXT), malloc(MODEL_TEXT)},
			      .lines = malloc(MODEL_LINES * sizeof *model.lines),
			      .time_us = 1};
	const uint64_t segment_bytes = 1024u << _i;
	unsigned seed = 100 + (unsigned)_i;
	char name[16];
	struct brm_logstore *store;
	struct brm_log *log;

	snprintf(name, sizeof name, "model%d", _i);
	store = help_open(name, segment_bytes, 3);
	log = help_read(name);
	for (int round = 0; round < 1200; round++) {
		store = step(store, &model, &seed, name, segment_bytes);
		if (round % 60 == 0 && model.count > 0) {
			/* The identity may change while there is no line yet. */
			brm_log_close(log);
			log = help_read(name);
		}
		if (round % 20 == 0 && model.count > 0 && brm_log_refresh(log, NULL) == 0)
			compare(&model, log, 3 * segment_bytes / 600);
	}
	compare(&model, log, 3 * segment_bytes / 600);
	brm_log_close(log);
	brm_logstore_close(store);
	for (int s = 0; s < 2; s++)
		free(model.text[s]);
	free(model.lines);
}
END_TEST

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

START_TEST(test_memory_is_bounded_whatever_comes)
{
	static const struct {
		char fill;
		int chunks;
	} floods[] = {{'x', 600}, {0, 600}, {'\n', 20}, {(char)0x80, 100}};
	struct brm_logstore *store = help_open("flood", 4 << 20, 2);
	static char chunk[131072];
	long before = 0;

	for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
		memset(chunk, floods[i].fill, sizeof chunk);
		for (int n = 0; n < floods[i].chunks; n++) {
			ck_assert_int_eq(help_put_bytes(store, BRM_OUT, chunk, sizeof chunk, 1), 0);
			if (before == 0)
				before = peak_kib();
		}
	}
	ck_assert_int_lt(peak_kib() - before, 4096);
	ck_assert_uint_lt(help_total("flood"), 3 * (4u << 20) + (6u << 20));
	help_check_index("flood");
	brm_logstore_close(store);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("logmodel");
	TCase *tcase = tcase_create("model");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, test_store_agrees_with_a_simple_model, 0, 6);
	tcase_add_test(tcase, test_memory_is_bounded_whatever_comes);
	suite_add_tcase(suite, tcase);
	return suite;
}
