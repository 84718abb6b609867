/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/commands.h"
#include "clients/cli/control.h"

/* What one request may carry, with room for all that is around it. */
#define TEXT_MAX (BRM_CONTROL_REQUEST_MAX - 4096)

struct sending {
	const char *name;
	char *text;
	size_t length;
};

static void put_text(struct client *client, void *arg)
{
	const struct sending *sending = arg;

	client_put_string(client, "name", sending->name);
	client_put_bytes(client, "text", sending->text, sending->length);
}

/* All of standard input. EXIT_DONE, or what was said. */
static int read_input(struct sending *sending)
{
	ssize_t got = 1;

	sending->text = must(malloc(TEXT_MAX + 1));
	while (got > 0 && sending->length <= TEXT_MAX) {
		got = read(STDIN_FILENO, sending->text + sending->length, TEXT_MAX + 1 - sending->length);
		sending->length += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		return fail(EXIT_FAILED, "cannot read standard input: %s", strerror(errno));
	return EXIT_DONE;
}

/* The words of the command line as they were typed, with a newline. */
static void join_words(const struct cli *cli, struct sending *sending)
{
	size_t size = 2;

	for (int i = 1; i < cli->operand_count; i++)
		size += strlen(cli->operands[i]) + 1;
	sending->text = must(calloc(1, size));
	for (int i = 1; i < cli->operand_count; i++) {
		strcat(sending->text, i > 1 ? " " : "");
		strcat(sending->text, cli->operands[i]);
	}
	if (!cli_option(cli, "no-newline"))
		strcat(sending->text, "\n");
	sending->length = strlen(sending->text);
}

static int send_text(struct cli *cli, struct sending *sending)
{
	struct control control;
	struct reply reply;
	int status = control_open(cli, "send to", &control);

	if (status == EXIT_DONE)
		status = control_ask(&control, put_text, sending, BRM_SEND, -1, &reply);
	if (status == EXIT_DONE)
		reply_finish(&reply);
	control_finish(&control);
	return status;
}

static int run_send(struct cli *cli)
{
	struct sending sending = {.name = cli->operands[0]};
	int status = EXIT_DONE;

	if (cli->operand_count == 2 && strcmp(cli->operands[1], "-") == 0)
		status = read_input(&sending);
	else
		join_words(cli, &sending);
	if (status == EXIT_DONE && sending.length > TEXT_MAX)
		status = fail(EXIT_USAGE, "cannot send to %s: more than %u bytes at once", sending.name, TEXT_MAX);
	if (status == EXIT_DONE)
		status = send_text(cli, &sending);
	free(sending.text);
	return status;
}

static const struct option_row options[] = {
	{'n', "no-newline", NULL, "the text as it is, without a newline after it"},
	{0, NULL, NULL, NULL},
};

const struct command command_send = {
	.name = "send",
	.operands = "NAME TEXT...",
	.least = 2,
	.most = -1,
	.rest = true,
	.options = options,
	.help = "write a line to the standard input of a process",
	.more = "TEXT - is what is read from standard input. The process needs `stdin: pipe` or `tty: true`.",
	.example = "send console 'status'",
	.run = run_send,
};
