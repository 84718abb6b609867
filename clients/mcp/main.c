/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/common/find.h"
#include "clients/mcp/http.h"
#include "clients/mcp/server.h"
#include "clients/mcp/setup.h"
#include "clients/mcp/stdio.h"

/* brummer-mcp: the Model Context Protocol server of one instance, or of all, over stdio or HTTP. */

#define EXIT_FAILED 1
#define EXIT_USAGE  2
#define LAST_MS     200 /* for the last words over HTTP */

static const char usage[] =
	"usage: brummer-mcp [-C DIR] [--instance NAME | --instances] [--http [ADDR:]PORT [--token-file FILE]]\n"
	"                   [--read-path shm|rpc] [--read-only] [--allow scripts]\n"
	"       brummer-mcp [-C DIR] --print-config claude|vscode|cursor|codex|gemini\n"
	"       brummer-mcp --help | --version\n"
	"\n"
	"Serve the Model Context Protocol on standard input and output, or over HTTP.\n"
	"\n"
	"  -C DIR              the project's directory\n"
	"  --instance NAME     or the name of its instance\n"
	"  --instances         serve every instance of this user; tools then take which\n"
	"  --http [ADDR:]PORT  serve over HTTP at /mcp, on 127.0.0.1 unless an address is given\n"
	"  --token-file FILE   with --http: ask for the token that is the first line of FILE\n"
	"  --read-path PATH    shm (default): states from shared memory; rpc: from the supervisor\n"
	"  --read-only         offer no tool that changes anything\n"
	"  --allow scripts     run only what was discovered or configured, no commands of the client's own\n"
	"  --print-config CLIENT  print what to paste into the client's configuration, and end\n";

struct options {
	struct where where;
	const char *read_path;
	const char *print_config;
	struct http_options http;
	bool instances;
	bool read_only;
	bool scripts_only;
};

enum {
	OPT_INSTANCE = 256,
	OPT_INSTANCES,
	OPT_HTTP,
	OPT_TOKEN_FILE,
	OPT_READ_PATH,
	OPT_READ_ONLY,
	OPT_ALLOW,
	OPT_PRINT_CONFIG,
	OPT_HELP,
	OPT_VERSION
};

static const struct option long_options[] = {
	{"instance", required_argument, NULL, OPT_INSTANCE},
	{"instances", no_argument, NULL, OPT_INSTANCES},
	{"http", required_argument, NULL, OPT_HTTP},
	{"token-file", required_argument, NULL, OPT_TOKEN_FILE},
	{"read-path", required_argument, NULL, OPT_READ_PATH},
	{"read-only", no_argument, NULL, OPT_READ_ONLY},
	{"allow", required_argument, NULL, OPT_ALLOW},
	{"print-config", required_argument, NULL, OPT_PRINT_CONFIG},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{0},
};

static int fail(const char *verb, const char *object, const char *reason)
{
	fprintf(stderr, "brummer-mcp: cannot %s %s: %s\n", verb, object, reason);
	return EXIT_FAILED;
}

static int wrong_usage(const char *what, const char *word)
{
	fprintf(stderr, "brummer-mcp: %s \"%s\"; see brummer-mcp --help\n", what, word);
	return EXIT_USAGE;
}

/* One option. -1: go on; else the exit code. */
static int take_option(int option, struct options *options)
{
	switch (option) {
	case 'C':
		options->where.dir = optarg;
		return -1;
	case OPT_INSTANCE:
		options->where.instance = optarg;
		return -1;
	case OPT_INSTANCES:
		options->instances = true;
		return -1;
	case OPT_HTTP:
		options->http.place = optarg;
		return -1;
	case OPT_TOKEN_FILE:
		options->http.token = optarg;
		return -1;
	case OPT_READ_PATH:
		options->read_path = optarg;
		return -1;
	case OPT_READ_ONLY:
		options->read_only = true;
		return -1;
	case OPT_ALLOW:
		options->scripts_only = true;
		return strcmp(optarg, "scripts") == 0 ? -1 : wrong_usage("unknown permission", optarg);
	case OPT_PRINT_CONFIG:
		options->print_config = optarg;
		return -1;
	case OPT_HELP:
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	case OPT_VERSION:
		puts("brummer-mcp " PACKAGE_VERSION);
		return EXIT_SUCCESS;
	default:
		fputs("brummer-mcp: see brummer-mcp --help\n", stderr);
		return EXIT_USAGE;
	}
}

static int take_options(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt_long(argc, argv, "C:", long_options, NULL)) != -1) {
		int code = take_option(option, options);

		if (code >= 0)
			return code;
	}
	if (optind < argc)
		return wrong_usage("unexpected argument", argv[optind]);
	if (options->http.token && !options->http.place)
		return wrong_usage("without --http there is no use for", options->http.token);
	return -1;
}

static int print_config(const char *client, const struct brm_instance *instance)
{
	char program[PATH_MAX];

	if (!*instance->dir)
		return fail("print a configuration for", instance->name, "its directory is not known; use -C DIR");
	if (find_program("brummer-mcp", program, sizeof program) != 0)
		snprintf(program, sizeof program, "brummer-mcp");
	if (setup_print(stdout, client, program, instance->dir) != 0) {
		fprintf(stderr, "brummer-mcp: unknown client \"%s\": %s\n", client, setup_clients());
		return EXIT_USAGE;
	}
	return EXIT_SUCCESS;
}

static void end_loop(evutil_socket_t number, short what, void *base)
{
	(void)number, (void)what;
	event_base_loopbreak(base);
}

/* With poll, unlike epoll, standard input may be a file; with epoll, many connections cost no more than one. */
static struct event_base *make_base(bool many)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	if (!config)
		return NULL;
	if (many)
		event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	else
		event_config_avoid_method(config, "epoll");
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

/* The loop, until input ends or a signal comes. */
static void run_loop(struct server *server, struct http *http)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	struct event_base *base = server->options.base;
	struct timeval moment = {.tv_usec = LAST_MS * 1000};
	struct event *signals[3];

	for (size_t i = 0; i < 3; i++) {
		signals[i] = evsignal_new(base, numbers[i], end_loop, base);
		event_add(signals[i], NULL);
	}
	event_base_dispatch(base);
	subscriptions_end(&server->subscriptions);
	for (size_t i = 0; i < 3; i++)
		event_free(signals[i]);
	if (!http)
		return;
	http_stop(http);
	event_base_loopexit(base, &moment);
	event_base_dispatch(base);
}

static int fail_http(const struct http_options *options, int error)
{
	const char *reason = strerror(-error);

	if (error == -EINVAL && !options->token)
		reason = "not [ADDR:]PORT";
	else if (error == -EINVAL)
		reason = "not [ADDR:]PORT, or no token on the first line of the token file";
	else if (error == -EPERM)
		reason = "other machines can reach it; give --token-file FILE";
	else if (error == -EACCES && options->token)
		reason = "the token file must be readable by its owner alone";
	return fail("serve on", options->place, reason);
}

static int serve_http(struct server *server, const struct http_options *options)
{
	struct http *http;
	int error = http_open(server, options, &http);

	if (error)
		return fail_http(options, error);
	fprintf(stderr, "brummer-mcp: serving %s\n", http_url(http));
	run_loop(server, http);
	http_close(http);
	return EXIT_SUCCESS;
}

static int serve_stdio(struct server *server)
{
	struct stdio *stdio;
	int error = stdio_open(server, STDIN_FILENO, STDOUT_FILENO, &stdio);

	if (error)
		return fail("serve", "standard input", strerror(-error));
	run_loop(server, NULL);
	stdio_close(stdio);
	return EXIT_SUCCESS;
}

static int serve(const struct server_options *options, const struct http_options *http)
{
	struct server *server;
	int error = server_open(options, &server), code;

	if (error)
		return fail("serve", options->instance ? options->instance->name : "all instances", strerror(-error));
	code = http->place ? serve_http(server, http) : serve_stdio(server);
	server_close(server);
	return code;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct brm_instance instance;
	struct server_options server = {0};
	int code = take_options(argc, argv, &options);
	int error;

	if (code >= 0)
		return code;
	if (read_path_parse(options.read_path, &server.path) != 0)
		return wrong_usage("unknown read path", options.read_path ? options.read_path : "BRUMMER_READ_PATH");
	error = options.instances ? 0 : find_instance(&options.where, &instance);
	if (error)
		return fail("serve", options.where.dir ? options.where.dir : "this directory", brm_strerror(error));
	if (options.print_config && options.instances)
		return wrong_usage("--instances has no use for", options.print_config);
	if (options.print_config)
		return print_config(options.print_config, &instance);
	signal(SIGPIPE, SIG_IGN);
	server.instance = options.instances ? NULL : &instance;
	server.read_only = options.read_only;
	server.scripts_only = options.scripts_only;
	server.base = make_base(options.http.place != NULL);
	if (!server.base)
		return fail("serve", "anything", "no event loop");
	code = serve(&server, &options.http);
	/* What a thread that could not be waited for still holds is the kernel's to take back. */
	fflush(NULL);
	_exit(code);
}
