/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/mcp_instance.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brummer/logstore.h>
#include <brummer/writer.h>

#include "clients/common/when.h"

#define LINES 50

static struct brm_instance instance;
static struct brm_writer *writer;
static char dir[4096];

void must(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(99);
}

static void put_output(const char *name, uint32_t entry)
{
	struct brm_logstore *store;
	struct brm_log_mark mark;
	char line[64];

	must(brm_logstore_open(instance.state_dir, name, NULL, &store) == 0, "log store");
	for (int i = 0; i < LINES; i++) {
		int length = snprintf(line, sizeof line, "%s line %d\xff\x1b[1m\n", i % 5 ? "info:" : "Error:", i);
		loff_t offset;
		int fd;

		must(brm_logstore_target(store, BRM_OUT, &fd, &offset) == 0, "target");
		must(pwrite(fd, line, (size_t)length, offset) == length, "pwrite");
		must(brm_logstore_wrote(store, BRM_OUT, (size_t)length, 1000000) == 0, "wrote");
	}
	brm_logstore_mark(store, &mark);
	brm_writer_log_mark(writer, entry, &mark);
	brm_logstore_close(store);
}

static void make_instance(void)
{
	struct brm_writer_options options = {.instance = &instance, .version = "fuzz"};
	const char *const names[] = {"web", "odd n\xc3\xa4me/1"};
	char name[64];

	snprintf(name, sizeof name, "fuzz-mcp-%d", (int)getpid());
	must(brm_instance_of_name(name, &instance) == 0, "instance");
	must(brm_instance_make_places(&instance) == 0, "places");
	must(brm_writer_create(&options, &writer) == 0, "region");
	for (size_t i = 0; i < 2; i++) {
		struct brm_identity identity = {
			.name = names[i], .script = "", .command = "x", .dir = "/", .source = "", .ready = ""};
		struct brm_state state = {0};
		uint32_t entry;

		state = brm_state_with_run(&state, 1000, 1, now_read());
		must(brm_writer_add(writer, &identity, &state, &entry) == 0, "process");
		put_output(names[i], entry);
	}
	brm_writer_commit(writer);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static void forget_instance(void)
{
	brm_writer_close(writer);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

struct server *mcp_instance_open(void)
{
	struct server_options options = {.instance = &instance, .read_only = true};
	const char *tmp = getenv("TMPDIR");
	struct server *server = NULL;

	snprintf(dir, sizeof dir, "%s/brummer-fuzz-mcp.XXXXXX", tmp ? tmp : "/tmp");
	must(mkdtemp(dir) && setenv("XDG_STATE_HOME", dir, 1) == 0 && setenv("XDG_RUNTIME_DIR", dir, 1) == 0, dir);
	/* scripts_list finds no program to ask. */
	setenv("PATH", "/nonexistent", 1);
	setenv("BRUMMER_BINDIR", "/nonexistent", 1);
	atexit(forget_instance);
	make_instance();
	options.base = event_base_new();
	must(options.base && server_open(&options, &server) == 0, "server");
	return server;
}
