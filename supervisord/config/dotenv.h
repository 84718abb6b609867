/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_DOTENV_H
#define SUPERVISORD_CONFIG_DOTENV_H

#include "config/text.h"

/*
 * config/dotenv.h - .env files, by the rules that people expect
 *
 *     # a comment
 *     export KEY=value          # blanks around a bare value do not count; a comment needs a blank before it
 *     KEY='as it is, ${this} too, over several lines'    (or in back-quotes)
 *     KEY="with \n \r \t, \" \\ \$; the same over several lines"
 *
 * In values without quotes and in double ones $NAME, ${NAME}, ${NAME:-DEFAULT} and ${NAME:?MESSAGE} are variables: the
 * supervisor's own, else those before them in the file (config/interpolate.h). \$ is a dollar sign, and so is one that
 * begins no name.
 */

#define DOTENV_BYTES_MAX 262144u
#define DOTENV_KEYS_MAX  1024u

/*
 * Set all of a text's variables in *env, the last of a name wins. Lines that are wrong are reported and left out; no
 * file is touched. 0, -EINVAL when something was reported, -ENOMEM.
 */
int dotenv_parse(struct text *text, char ***env, struct report *report);

#endif
