/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_CAPTURE_H
#define SUPERVISORD_ENGINE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <brummer/logstore.h>
#include <brummer/writer.h>

#include "detect/patterns.h"
#include "detect/urls.h"
#include "engine/keeperlink.h"

/*
 * engine/capture.h - move output into the log stores, on a thread of its own
 *
 * An epoll loop over the pipes of all runs: splice into the store (pipe to file, no copy), index, publish the mark,
 * ring the log bell (at once after quiet, then at most every 10 ms). A disk that hangs holds this thread alone. A disk
 * that is full: the bytes are moved to /dev/null and counted, and the child goes on.
 */

struct capture;

int capture_open(struct brm_writer *writer, const char *state_dir, struct capture **out);
/* Drains what the pipes hold now, flushes, closes the stores. */
void capture_close(struct capture *capture);

/* Capture a run's output into the store of `name`, marks to `entry`. Takes fds.out and fds.err over, also when it
 * fails. 0, -ENOMEM */
int capture_add(struct capture *capture, uint32_t serial, uint32_t entry, const char *name, struct run_fds fds);
/* The same for a run that another engine has captured before: its next line does not begin a new one. */
int capture_adopt(struct capture *capture, uint32_t serial, uint32_t entry, const char *name, struct run_fds fds);

/*
 * What errors look like, from the next line on; without it neither they nor URLs are looked for. Takes the patterns
 * over, and frees those before.
 */
void capture_set_patterns(struct capture *capture, struct patterns *patterns);

/* The sizes of the store of `name`, as struct brm_logstore_options has them; to be said before its run is added. */
void capture_resize(struct capture *capture, const char *name, uint64_t segment_bytes, uint32_t keep);

/*
 * The run has exited: take exactly what its pipes hold now (in bounded time), flush, then report it in the queue of
 * capture_fd(), so that the exit can be published after its last line. The pipes stay open for descendants that still
 * write, until they hang up or capture_forget().
 */
void capture_drain(struct capture *capture, uint32_t serial);
int capture_fd(const struct capture *capture); /* readable: there are reports */

/*
 * Report the first line of a run, from the run's beginning on, that matches a PCRE2 pattern (capture_expect.c), whether
 * it is there already or comes later. One expectation a run: another pattern takes its place, NULL ends it. It ends
 * with its match, and with the run's pipes. -EINVAL: that is no pattern, and nothing has changed; -ENOMEM
 */
int capture_expect(struct capture *capture, uint32_t serial, const char *pattern);

enum drained_kind {
	DRAINED_EXIT,  /* what capture_drain() asked for is done */
	DRAINED_MATCH, /* the line that was expected has come */
	DRAINED_URL    /* a URL was seen in the output */
};

struct drained {
	enum drained_kind kind;
	uint32_t serial;
	char last_error[BRM_ERROR_MAX]; /* of an exit: the newest error line of the run, "" for none */
	char url[URL_MAX];
};
bool capture_next(struct capture *capture, struct drained *out);

/* Take what a run's pipes still hold and close them. */
void capture_forget(struct capture *capture, uint32_t serial);

/* A process is forgotten: close its store, kept open until then, and remove its files when asked. */
void capture_release(struct capture *capture, const char *name, bool remove);

#endif
