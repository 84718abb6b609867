/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "engine/errand.h"
#include "engine/probe_inner.h"

/* Does a command end with success? */

static void on_done(struct errand *errand, const char *failure)
{
	probe_answer(errand_arg(errand), !failure, failure);
}

static int ask(struct question *question)
{
	const struct probe *probe = question->probe;

	question->attempt = errand_start(question->process, probe->target, probe->argv, 0, on_done, question);
	return question->attempt ? 0 : -ENOMEM;
}

static void drop(struct question *question)
{
	errand_cancel(question->attempt);
	question->attempt = NULL;
}

const struct prober probe_exec = {.ask = ask, .drop = drop};
