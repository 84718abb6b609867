/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <brummer/logstore.h>

#include "detect/detect.h"

/*
 * Capturing output: a child writes into a pipe, another process moves it into a log store and indexes it.
 *
 * Beside it, what takes less: splice without an index, read and write without an index, reading to throw away; and
 * what the child itself pays.
 */

#define BLOCK        65536u
#define ROUNDS       5u
#define ROUNDS_QUICK 3u
#define SEGMENT      (UINT64_C(16) << 20)
#define LINE         100u
#define PIPE         (1 << 20) /* bytes, as the capture makes the pipe of a flood */

enum how { STORE, SPLICE, COPY, DISCARD, HOWS };

static const char *const how_names[HOWS] = {"", "splice, no index", "read and write, no index", "read and thrown away"};

/* One run. */
struct job {
	enum how how;
	uint32_t line_bytes;
	uint32_t write_bytes; /* of one write of the child's */
	uint64_t bytes;
	int from;
	/* results */
	double cpu_ns; /* of the capture, for each line */
	double wall_ns;
	double child_ns; /* CPU, for each line */
	double grown_kib;
};

static struct job *job; /* shared */

static void fill(char *block, uint32_t line_bytes)
{
	static const char text[] = "2024-05-01T12:00:00.123Z GET /api/items/123?page=2&size=50 200 12ms - web-1 "
				   "10.0.0.1:51234 done ok";

	for (uint32_t i = 0; i < BLOCK; i++)
		block[i] = i % line_bytes == line_bytes - 1 ? '\n' : text[i % line_bytes % (sizeof text - 1)];
}

/* What the child does: it knows nothing of who reads. */
static void produce(void *arg)
{
	int fd = *(const int *)arg;
	char *block = malloc(BLOCK);
	uint64_t begin = bench_cpu_ns();
	uint32_t usable;

	if (!block)
		bench_fail("allocate", ENOMEM);
	bench_pin(0);
	fill(block, job->line_bytes);
	usable = BLOCK / job->write_bytes * job->write_bytes;
	for (uint64_t done = 0; done < job->bytes; done += job->write_bytes)
		if (write(fd, block + done % usable, job->write_bytes) != (ssize_t)job->write_bytes)
			bench_fail("write", errno);
	job->child_ns = (double)(bench_cpu_ns() - begin) / ((double)job->bytes / job->line_bytes);
}

static int open_copy(void)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/copy", bench_dir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		bench_fail("open a file", errno);
	return fd;
}

static ssize_t take_into_store(struct brm_logstore *store, int from, uint64_t now_us)
{
	loff_t offset;
	int fd, rc = brm_logstore_target(store, BRM_OUT, &fd, &offset);
	ssize_t n = rc == 0 ? splice(from, NULL, fd, &offset, 1 << 20, 0) : 0;

	if (n > 0)
		rc = brm_logstore_wrote(store, BRM_OUT, (size_t)n, now_us);
	if (rc != 0)
		bench_fail("store output", rc);
	return n;
}

/* As many bytes as the pipe has, in one of the ways; files start again at SEGMENT, as segments do. */
static ssize_t take(enum how how, int from, int fd, loff_t *offset)
{
	static char block[BLOCK];
	ssize_t n;

	if (*offset >= (loff_t)SEGMENT && (how == SPLICE || how == COPY)) {
		*offset = 0;
		if (ftruncate(fd, 0) != 0)
			bench_fail("start a file again", errno);
	}
	if (how == SPLICE)
		return splice(from, NULL, fd, offset, 1 << 20, 0);
	n = read(from, block, sizeof block);
	if (how == COPY && n > 0 && pwrite(fd, block, (size_t)n, *offset) != n)
		bench_fail("write", errno);
	*offset += n;
	return n;
}

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void capture(void *arg)
{
	struct brm_logstore_options options = {.segment_bytes = SEGMENT, .keep = 1};
	struct brm_logstore *store = NULL;
	loff_t offset = 0;
	int fd = job->how == COPY || job->how == SPLICE ? open_copy() : -1;
	uint64_t cpu, begin;
	ssize_t n = 1;
	long before = 0;

	(void)arg;
	bench_pin(1);
	if (job->how == STORE && brm_logstore_open(bench_dir(), "store", &options, &store) != 0)
		bench_fail("open a store", EIO);
	cpu = bench_cpu_ns();
	begin = bench_now_ns();
	while (n > 0) {
		n = store ? take_into_store(store, job->from, begin / 1000) : take(job->how, job->from, fd, &offset);
		if (before == 0)
			before = peak_kib();
	}
	if (n < 0)
		bench_fail("take output", errno);
	job->cpu_ns = (double)(bench_cpu_ns() - cpu) / ((double)job->bytes / job->line_bytes);
	job->wall_ns = (double)(bench_now_ns() - begin) / ((double)job->bytes / job->line_bytes);
	job->grown_kib = (double)(peak_kib() - before);
	brm_logstore_close(store);
}

static struct job run(enum how how, uint32_t line_bytes, uint32_t write_bytes, uint64_t bytes)
{
	int fds[2], child, capturer;

	if (pipe2(fds, O_CLOEXEC) != 0 || fcntl(fds[0], F_SETPIPE_SZ, PIPE) < 0)
		bench_fail("make a pipe", errno);
	*job = (struct job){
		.how = how, .line_bytes = line_bytes, .write_bytes = write_bytes, .bytes = bytes, .from = fds[0]};
	child = bench_fork(produce, &fds[1]);
	close(fds[1]);
	capturer = bench_fork(capture, NULL);
	close(fds[0]);
	bench_join(child);
	bench_join(capturer);
	brm_logstore_remove(bench_dir(), "store");
	return *job;
}

/* The rounds of one figure. */
struct figure {
	double values[ROUNDS];
};

static unsigned rounds(void)
{
	return bench_quick() ? ROUNDS_QUICK : ROUNDS;
}

static void add_row(const char *what, const char *other, const char *unit, struct figure *ours, struct figure *theirs,
		    double target)
{
	char name[128];

	snprintf(name, sizeof name, "%s%s%s", what, theirs ? " / " : "", theirs ? other : "");
	bench_sort(ours->values, rounds());
	if (theirs)
		bench_sort(theirs->values, rounds());
	bench_row(&(struct bench_row){.name = name,
				      .unit = unit,
				      .ours = bench_at(ours->values, rounds(), 0.5),
				      .baseline = theirs ? bench_at(theirs->values, rounds(), 0.5) : NAN,
				      .target = target,
				      .min = ours->values[0],
				      .max = ours->values[rounds() - 1]});
}

/* Lines in large writes: what the supervisor pays, and what a child pays that writes them one by one. */
static void lines_in_blocks(uint64_t bytes)
{
	const uint32_t block = BLOCK / LINE * LINE;
	struct figure cpu[HOWS], child, grown;

	for (unsigned r = 0; r < rounds(); r++) {
		for (int how = STORE; how < HOWS; how++) {
			struct job done = run((enum how)how, LINE, block, bytes);

			cpu[how].values[r] = done.cpu_ns;
			if (how == STORE)
				grown.values[r] = done.grown_kib;
		}
		child.values[r] = run(DISCARD, LINE, LINE, bytes / 4).child_ns;
	}
	add_row("CPU to capture a 100-byte line", "what its child pays, a write each", "ns", &cpu[STORE], &child, 7.5);
	for (int how = SPLICE; how < DISCARD; how++)
		add_row("CPU to capture a 100-byte line", how_names[how], "ns", &cpu[STORE], &cpu[how], 0);
	add_row("memory grown meanwhile", NULL, "KiB", &grown, NULL, 0);
}

/* Time from the first byte to the last, for each line (or block). */
static void through(const char *what, uint32_t line_bytes, uint32_t write_bytes, uint64_t bytes, enum how other,
		    double target)
{
	struct figure ours, theirs;

	for (unsigned r = 0; r < rounds(); r++) {
		ours.values[r] = run(STORE, line_bytes, write_bytes, bytes).wall_ns;
		theirs.values[r] = run(other, line_bytes, write_bytes, bytes).wall_ns;
	}
	add_row(what, how_names[other], "ns", &ours, &theirs, target);
}

/* ---- the index alone ---- */

struct sample {
	char block[BLOCK];
	uint64_t lines;
};

static void ignore_url(void *arg, const char *url)
{
	(void)arg, (void)url;
}

/* patterns: of errors to be looked for; NULL: none. */
static uint64_t index_lines(const struct sample *text, uint64_t times, struct patterns *patterns)
{
	struct detect detect = {.patterns = patterns, .found_url = ignore_url};
	struct brm_logstore_options options = {.segment_bytes = SEGMENT, .keep = 1};
	struct brm_logstore *store;
	uint64_t ns = 0;

	if (patterns)
		options.watch = detect_watch(&detect);
	if (brm_logstore_open(bench_dir(), "index", &options, &store) != 0)
		bench_fail("open a store", EIO);
	while (times-- > 0) {
		uint64_t begin;
		loff_t offset;
		int fd;

		if (brm_logstore_target(store, BRM_OUT, &fd, &offset) != 0 ||
		    pwrite(fd, text->block, BLOCK, offset) != BLOCK)
			bench_fail("write", errno);
		begin = bench_cpu_ns();
		brm_logstore_wrote(store, BRM_OUT, BLOCK, 1);
		ns += bench_cpu_ns() - begin;
	}
	brm_logstore_close(store);
	brm_logstore_remove(bench_dir(), "index");
	return ns;
}

static uint64_t find_newlines(void *arg, uint64_t times)
{
	const struct sample *text = arg;
	uint64_t begin = bench_cpu_ns();

	while (times-- > 0) {
		const char *at = text->block, *end = text->block + BLOCK;

		while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
			__asm__ volatile("" : : "r"(at) : "memory");
			at++;
		}
	}
	return bench_cpu_ns() - begin;
}

static uint64_t tell_levels(void *arg, uint64_t times)
{
	const struct sample *text = arg;
	uint64_t begin = bench_cpu_ns(), sum = 0;

	while (times-- > 0)
		for (uint64_t line = 0; line < text->lines; line++)
			sum += brm_log_level(text->block + line * LINE, LINE - 1);
	__asm__ volatile("" : : "r"(sum));
	return bench_cpu_ns() - begin;
}

/* In place of the supervisor's: our own file has no wrong line. */
void report_warning(struct report *report, const char *format, ...)
{
	(void)report;
	bench_fail(format, EINVAL);
}

/* Ours, of the source tree that was built. */
static struct patterns *read_patterns(void)
{
	static char bytes[PATTERNS_FILE_MAX];
	struct text text = {.file = LOG_PATTERNS, .bytes = bytes};
	struct patterns *patterns = patterns_new();
	struct report report = {0};
	int fd = open(LOG_PATTERNS, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);

	text.length = n > 0 ? (size_t)n : 0;
	if (n < 0 || !patterns || patterns_parse(patterns, &text, &report) != 0)
		bench_fail("read the patterns of errors", EIO);
	close(fd);
	return patterns;
}

static void index_alone(void)
{
	struct sample *text = malloc(sizeof *text);
	struct patterns *patterns = read_patterns();
	const uint64_t times = bench_quick() ? 200 : 1000;
	struct figure index, watched, newlines, levels;

	if (!text)
		bench_fail("allocate", ENOMEM);
	fill(text->block, LINE);
	text->lines = BLOCK / LINE;
	for (unsigned r = 0; r < rounds(); r++) {
		double lines = (double)(times * text->lines);

		index.values[r] = (double)index_lines(text, times, NULL) / lines;
		watched.values[r] = (double)index_lines(text, times, patterns) / lines;
		newlines.values[r] = (double)find_newlines(text, times) / lines;
		levels.values[r] = (double)tell_levels(text, times) / lines;
	}
	add_row("index a 100-byte line that is in the file", "memchr alone", "ns", &index, &newlines, 0);
	add_row("the same, and look for errors and URLs in it", "without", "ns", &watched, &index, 0);
	add_row("tell the level of a line", NULL, "ns", &levels, NULL, 0);
	patterns_free(patterns);
	free(text);
}

void bench_logs(void)
{
	const uint64_t bytes = bench_quick() ? UINT64_C(24) << 20 : UINT64_C(128) << 20;

	job = bench_shared(sizeof *job);
	lines_in_blocks(bytes);
	through("capture a 100-byte line, a write each", LINE, LINE, bytes / 4, DISCARD, 0.9);
	through("capture a 64 KB block", BLOCK, BLOCK, bytes, COPY, 1);
	through("capture a newline", 1, BLOCK, bytes / 16, COPY, 0);
	index_alone();
}
