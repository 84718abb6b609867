/* SPDX-License-Identifier: MIT */
/*
 * replay.c - run a fuzz target over the files of a corpus, without a fuzzer: what `make check` does
 *
 *   fuzz_NAME_replay DIR...    TAP, one point a directory
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

#define INPUT_MAX (1u << 20)

static uint8_t input[INPUT_MAX];

static bool run_file(const char *dir, const char *name)
{
	char path[4096];
	size_t size;
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	file = fopen(path, "rb");
	if (!file)
		return false;
	size = fread(input, 1, sizeof input, file);
	fclose(file);
	LLVMFuzzerTestOneInput(input, size);
	return true;
}

static unsigned run_dir(const char *path)
{
	struct dirent *entry;
	unsigned count = 0;
	DIR *dir = opendir(path);

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			count += run_file(path, entry->d_name);
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		unsigned count = run_dir(argv[i]);

		printf("%sok %d - %u inputs of %s\n", count ? "" : "not ", i, count, argv[i]);
		failed += count == 0;
	}
	return failed != 0;
}
