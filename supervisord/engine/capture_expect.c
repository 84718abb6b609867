/* SPDX-License-Identifier: MIT */
#include "engine/capture_inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/logs.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define LINES       64       /* looked at in one call */
#define LINE_BYTES  8192     /* of a line are compared */
#define BACK_MAX    1000000u /* lines back, in search of the run's first */
#define MATCH_STEPS 1000000u /* a pattern that takes more does not match */

struct expectation {
	struct expectation *next;
	uint32_t serial;
	bool begun;   /* the run's first line was found: `seq` holds */
	uint64_t seq; /* of the next line to look at */
	struct brm_log *log;
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

static void expectation_free(struct expectation *expectation)
{
	if (!expectation)
		return;
	brm_log_close(expectation->log);
	pcre2_match_context_free(expectation->limits);
	pcre2_match_data_free(expectation->match);
	pcre2_code_free(expectation->code);
	free(expectation);
}

/* NULL and *error: -EINVAL or -ENOMEM. */
static struct expectation *make(uint32_t serial, const char *pattern, int *error)
{
	struct expectation *expectation = calloc(1, sizeof *expectation);
	PCRE2_SIZE offset;
	int code;

	*error = -ENOMEM;
	if (!expectation)
		return NULL;
	expectation->serial = serial;
	expectation->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
					  PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &offset, NULL);
	if (!expectation->code && code != PCRE2_ERROR_NOMEMORY)
		*error = -EINVAL;
	if (expectation->code) {
		expectation->match = pcre2_match_data_create_from_pattern(expectation->code, NULL);
		expectation->limits = pcre2_match_context_create(NULL);
	}
	if (!expectation->match || !expectation->limits) {
		expectation_free(expectation);
		return NULL;
	}
	pcre2_set_match_limit(expectation->limits, MATCH_STEPS);
	*error = 0;
	return expectation;
}

int capture_expect(struct capture *capture, uint32_t serial, const char *pattern)
{
	struct command *command = calloc(1, sizeof *command + 1);
	int error = 0;

	if (!command)
		return -ENOMEM;
	command->what = CAPTURE_EXPECT;
	command->serial = serial;
	if (pattern)
		command->expectation = make(serial, pattern, &error);
	if (error) {
		free(command);
		return error;
	}
	mailbox_put(&capture->worker.in, &command->letter);
	return 0;
}

void capture_end_expected(struct capture *capture, uint32_t serial)
{
	struct expectation **at = &capture->expectations;
	struct expectation *found;

	while (*at && (*at)->serial != serial)
		at = &(*at)->next;
	found = *at;
	if (!found)
		return;
	*at = found->next;
	expectation_free(found);
}

/* The first line of the newest run: where the last mark of one is. */
static void find_first(struct expectation *expectation)
{
	struct brm_log_line lines[LINES];
	uint64_t first, end, seq;

	brm_log_range(expectation->log, &first, &end);
	expectation->seq = first;
	expectation->begun = true;
	for (seq = end; seq > first && end - seq < BACK_MAX;) {
		size_t wanted = seq - first < LINES ? (size_t)(seq - first) : LINES;
		ssize_t count;

		seq -= wanted;
		for (count = brm_log_lines(expectation->log, seq, lines, wanted); count > 0; count--) {
			if (lines[count - 1].flags & BRM_LINE_NEW_RUN) {
				expectation->seq = lines[count - 1].seq;
				return;
			}
		}
	}
}

/* The store's lines as they are now. False: there is none yet. */
static bool refresh(struct capture *capture, const struct outlet *outlet, struct expectation *expectation)
{
	if (expectation->log && brm_log_refresh(expectation->log, NULL) == 0)
		return true;
	brm_log_close(expectation->log);
	expectation->log = NULL;
	return brm_log_open(capture->state_dir, outlet->name, &expectation->log) == 0;
}

static bool matches(struct expectation *expectation, const struct brm_log_line *line)
{
	char raw[LINE_BYTES], text[LINE_BYTES];
	ssize_t length = brm_log_text(expectation->log, line, raw, sizeof raw);
	size_t cleaned;

	if (length < 0)
		return false;
	cleaned = brm_text_clean(raw, (size_t)length, text, sizeof text);
	return pcre2_match(expectation->code, (PCRE2_SPTR)text, cleaned, 0, 0, expectation->match,
			   expectation->limits) >= 0;
}

/* Look at the lines that have not been looked at. */
static bool has_come(struct expectation *expectation)
{
	struct brm_log_line lines[LINES];
	ssize_t count;

	while ((count = brm_log_lines(expectation->log, expectation->seq, lines, LINES)) != 0) {
		if (count < 0) {
			uint64_t first, end;

			brm_log_range(expectation->log, &first, &end);
			if (expectation->seq >= first)
				return false;
			expectation->seq = first;
			continue;
		}
		for (ssize_t i = 0; i < count; i++)
			if (matches(expectation, &lines[i]))
				return true;
		expectation->seq += (uint64_t)count;
	}
	return false;
}

static void look(struct capture *capture, const struct outlet *outlet, struct expectation *expectation)
{
	if (outlet->new_run || !refresh(capture, outlet, expectation))
		return;
	if (!expectation->begun)
		find_first(expectation);
	if (!has_come(expectation))
		return;
	capture_report(capture, &(struct drained){.kind = DRAINED_MATCH, .serial = expectation->serial});
	capture_end_expected(capture, expectation->serial);
}

void capture_look_expected(struct capture *capture, const struct outlet *outlet)
{
	struct expectation *next;

	for (struct expectation *expectation = capture->expectations; expectation; expectation = next) {
		struct run *run = *capture_find_run(capture, expectation->serial);

		next = expectation->next;
		if (run && run->outlet == outlet)
			look(capture, outlet, expectation);
	}
}

void capture_do_expect(struct capture *capture, struct command *command)
{
	struct run *run = *capture_find_run(capture, command->serial);
	struct expectation *expectation = command->expectation;

	capture_end_expected(capture, command->serial);
	if (!expectation)
		return;
	if (!run) {
		expectation_free(expectation);
		return;
	}
	expectation->next = capture->expectations;
	capture->expectations = expectation;
	look(capture, run->outlet, expectation);
}
