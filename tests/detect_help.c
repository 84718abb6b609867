/* SPDX-License-Identifier: MIT */
#include "tests/detect_help.h"

#include <string.h>

#include "tests/check_main.h"

struct patterns *det_patterns;
struct detect det;
char det_urls[8192];

static void on_url(void *arg, const char *url)
{
	(void)arg;
	strcat(det_urls, url);
	strcat(det_urls, "\n");
}

void det_begin(void)
{
	det = (struct detect){.patterns = det_patterns, .found_url = on_url};
}

void det_set_up(const char *lines, size_t length)
{
	struct text text = {.file = "patterns", .bytes = lines, .length = length};
	struct report report = {0};

	det_patterns = patterns_new();
	ck_assert_ptr_nonnull(det_patterns);
	ck_assert_int_eq(patterns_parse(det_patterns, &text, &report), 0);
	if (report.warnings)
		ck_abort_msg("%s", report.warnings[0]);
	*det_urls = '\0';
	det_begin();
}

void det_tear_down(void)
{
	patterns_free(det_patterns);
}

struct brm_logstore *det_open(const char *name)
{
	struct brm_logstore_options options = {.watch = detect_watch(&det)};
	struct brm_logstore *store;

	ck_assert_int_eq(brm_logstore_open(test_dir(), name, &options, &store), 0);
	return store;
}
