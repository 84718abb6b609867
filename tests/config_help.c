/* SPDX-License-Identifier: MIT */
#include "tests/config_help.h"

#include <ftw.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/check_main.h"

const char *help_path(const char *path)
{
	char below[512];

	snprintf(below, sizeof below, "work/%s", path);
	return test_path(below);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

void help_clean(void)
{
	nftw(help_path(""), remove_one, 32, FTW_DEPTH | FTW_PHYS);
	ck_assert_int_eq(mkdir(help_path(""), 0700), 0);
}

static void make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

void help_write_bytes(const char *path, const void *bytes, size_t length)
{
	char *whole = strdup(help_path(path));
	FILE *out;

	make_parents(whole);
	out = fopen(whole, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(bytes, 1, length, out), length);
	ck_assert_int_eq(fclose(out), 0);
	free(whole);
}

void help_write(const char *path, const char *text)
{
	help_write_bytes(path, text, strlen(text));
}

char *help_folder(const char *path)
{
	char *whole = strdup(help_path(path)), *real;

	make_parents(whole);
	mkdir(whole, 0700);
	real = realpath(whole, NULL);
	ck_assert_ptr_nonnull(real);
	free(whole);
	return real;
}

const char *help_data(const char *kind, const char *name, const char *ending)
{
	static char path[512];
	const char *top = getenv("top_srcdir");

	snprintf(path, sizeof path, "%s/tests/data/%s/%s%s", top ? top : ".", kind, name, ending);
	return path;
}

static size_t copied_from; /* bytes of the path before NAME */

/* Copies are our own, whoever owns the sources. */
static int copy_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	char bytes[16384];
	size_t length;
	FILE *in;

	(void)st, (void)at;
	if (kind != FTW_F)
		return 0;
	in = fopen(path, "r");
	ck_assert_ptr_nonnull(in);
	length = fread(bytes, 1, sizeof bytes, in);
	fclose(in);
	help_write_bytes(path + copied_from, bytes, length);
	return 0;
}

void help_copy(const char *kind, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s", help_data(kind, name, ""));
	copied_from = strlen(path) - strlen(name);
	ck_assert_int_eq(nftw(path, copy_one, 16, FTW_PHYS), 0);
}

void help_golden(const char *kind, const char *name, const char *text)
{
	static char expected[65536];
	const char *path = help_data(kind, name, ".golden");
	FILE *file = getenv("BRUMMER_WRITE_GOLDEN") ? fopen(path, "w") : NULL;

	if (file) {
		fputs(text, file);
		ck_assert_int_eq(fclose(file), 0);
	}
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "there is no %s", path);
	expected[fread(expected, 1, sizeof expected - 1, file)] = '\0';
	fclose(file);
	ck_assert_msg(strcmp(text, expected) == 0, "%s has\n%s\nexpected\n%s", name, text, expected);
}

void help_read_everything(bool may)
{
	const uint32_t rights = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	ck_assert_int_eq(syscall(SYS_capget, &header, data), 0);
	data[0].effective = may ? data[0].effective | (data[0].permitted & rights) : data[0].effective & ~rights;
	ck_assert_int_eq(syscall(SYS_capset, &header, data), 0);
}

struct text help_text(const char *file, const char *bytes)
{
	return (struct text){.file = file, .bytes = bytes, .length = strlen(bytes)};
}

void help_lines(char *const *lines, ...)
{
	const char *expected;
	size_t count = 0;
	va_list args;

	va_start(args, lines);
	while ((expected = va_arg(args, const char *))) {
		ck_assert_msg(count < list_length(lines), "a line is missing: %s", expected);
		ck_assert_str_eq(lines[count], expected);
		count++;
	}
	va_end(args);
	ck_assert_msg(count == list_length(lines), "a line too many: %s", lines ? lines[count] : "");
}

const struct spec *help_spec(const struct config *config, const char *name)
{
	const struct spec *spec = config_find(config, name);

	ck_assert_msg(spec != NULL, "there is no %s", name);
	return spec;
}
