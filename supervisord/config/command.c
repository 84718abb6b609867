/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "config/model.h"

/*
 * A shell between the supervisor and a program would be the first to die of a signal to the group, and its status would
 * be taken for the program's. So it gets out of the way with exec, or it is told to wait.
 */

/* What a shell does itself, or reads as the beginning of something larger: exec would find no program, or another. */
static const char *const shell_words[] = {
	".",        "[",       "alias",  "bg",    "break",    "builtin", "case",  "cd",    "command",
	"continue", "declare", "dirs",   "do",    "echo",     "enable",  "eval",  "exec",  "exit",
	"export",   "fc",      "fg",     "for",   "function", "getopts", "hash",  "if",    "jobs",
	"kill",     "let",     "local",  "popd",  "printf",   "pushd",   "pwd",   "read",  "readonly",
	"return",   "select",  "set",    "shift", "source",   "test",    "time",  "times", "trap",
	"type",     "typeset", "ulimit", "umask", "unalias",  "unset",   "until", "wait",  "while",
};

#define PROGRAM_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./@+-"

/* Is it one program and its arguments? Not seeing that one is costs a shell; quotes are not looked into. */
static bool is_program(const char *command)
{
	size_t blanks = strspn(command, " \t");
	const char *word = command + blanks;
	size_t length = strspn(word, PROGRAM_CHARACTERS);

	if (length == 0 || (word[length] != '\0' && word[length] != ' ' && word[length] != '\t'))
		return false;
	for (size_t i = 0; i < sizeof shell_words / sizeof *shell_words; i++)
		if (strlen(shell_words[i]) == length && strncmp(word, shell_words[i], length) == 0)
			return false;
	return command[strcspn(command, ";&|\n")] == '\0';
}

/* What follows an `exec` that somebody wrote himself, or NULL. */
static const char *after_exec(const char *command)
{
	const char *word = command + strspn(command, " \t");

	return strncmp(word, "exec", 4) == 0 && (word[4] == ' ' || word[4] == '\t') ? word + 4 : NULL;
}

const char *shell_for(const char *command)
{
	const char *program = after_exec(command);

	/* Without the guard's traps: a signal that a shell has caught just before it execs would be lost. */
	if (program && is_program(program))
		return "eval \"shift; $1\"";
	return is_program(command) ? "eval \"shift; exec $1\"" : SHELL_GUARD;
}

int spec_set_command(struct spec *spec, const char *command)
{
	const char *const words[] = {"/bin/sh", "-c", shell_for(command), "sh"};
	char **shell = NULL;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (list_append(&shell, words[i]) != 0) {
			list_free(shell);
			return -ENOMEM;
		}
	}
	list_free(spec->shell);
	spec->shell = shell;
	return string_set(&spec->command, command);
}
