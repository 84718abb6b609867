/* SPDX-License-Identifier: MIT */
#include "bench/cell.h"
#include "bench/world.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/*
 * How long single reads of a whole state take beside writers, and how many attempts.
 *
 * Every read is timed by the clock, whose own time, the least that was seen, is taken off.
 */

#define SAMPLES       400000u
#define SAMPLES_QUICK 60000u
#define CLOCK_TRIES   1000u
#define ASIDE_NS      50000 /* a read that took longer was put aside by the kernel */
#define WINDOW        3u    /* versions that must come during a copy to make it fail (libshm/PROTOCOL) */

/* What a sampling child hands back. */
struct samples {
	size_t count;
	double clock_ns;
	uint64_t retries;
	uint64_t worst;    /* of one read */
	uint64_t given_up; /* -EAGAIN */
	uint64_t repeated; /* attempts of the last read that failed */
	uint64_t passed;   /* versions during the last read, where `repeated` cannot be told */
	double ns[SAMPLES];
};

struct sampler {
	const char *name;
	uint64_t (*read)(void *arg, struct samples *samples); /* once */
	void *arg;
	bench_write_fn *write;
};

static uint64_t read_region(void *arg, struct samples *samples)
{
	const struct brm_reader *reader = world_reader();
	uint64_t before = brm_head_version(brm_reader_peek(reader, 0));
	struct brm_state state;
	int rc;

	(void)arg;
	while ((rc = brm_reader_state(reader, 0, &state)) == -EAGAIN)
		samples->given_up++;
	if (rc != 0)
		bench_fail("read a state", rc);
	samples->passed = brm_head_version(state.head) - before;
	return state.head;
}

static uint64_t read_mutex(void *arg, struct samples *samples)
{
	(void)samples;
	return cell_mutex_state(arg, 1);
}

static uint64_t read_seqlock(void *arg, struct samples *samples)
{
	uint64_t before = cell_seqlock_retries();
	uint64_t state = cell_seqlock_state(arg, 1);

	samples->repeated = cell_seqlock_retries() - before;
	return state;
}

struct job {
	const struct sampler *sampler;
	struct samples *samples;
};

static double least_clock_ns(void)
{
	double least = INFINITY;

	for (unsigned i = 0; i < CLOCK_TRIES; i++) {
		uint64_t begin = bench_now_ns();
		double ns = (double)(bench_now_ns() - begin);

		least = ns < least ? ns : least;
	}
	return least;
}

/*
 * A region's reader does not say how many attempts it took; but each that failed saw WINDOW versions pass, so that is
 * the most there can have been. While a reader is put aside thousands pass, for one attempt.
 */
static void count_retries(struct samples *samples, double ns)
{
	uint64_t most = samples->passed / WINDOW;
	uint64_t retries = samples->repeated + (ns > ASIDE_NS && most > 1 ? 1 : most);

	samples->retries += retries;
	samples->worst = retries > samples->worst ? retries : samples->worst;
	samples->repeated = samples->passed = 0;
}

static void sample(void *arg)
{
	const struct job *job = arg;
	struct samples *samples = job->samples;
	size_t count = bench_quick() ? SAMPLES_QUICK : SAMPLES;

	bench_pin(1);
	samples->clock_ns = least_clock_ns();
	for (samples->count = 0; samples->count < count; samples->count++) {
		uint64_t begin = bench_now_ns();
		double ns;

		job->sampler->read(job->sampler->arg, samples);
		ns = (double)(bench_now_ns() - begin) - samples->clock_ns;
		count_retries(samples, ns);
		samples->ns[samples->count] = ns > 0 ? ns : 0;
	}
	bench_sort(samples->ns, samples->count);
}

static void add_percentiles(const char *pace, const struct sampler *other, const struct samples *ours,
			    const struct samples *theirs)
{
	static const struct {
		const char *name;
		double share;
	} points[] = {{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}};

	for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
		char name[128];

		snprintf(name, sizeof name, "one read, %s, %s / %s", pace, points[i].name, other->name);
		bench_row(&(struct bench_row){.name = name,
					      .unit = "ns",
					      .ours = bench_at(ours->ns, ours->count, points[i].share),
					      .baseline = bench_at(theirs->ns, theirs->count, points[i].share),
					      .min = ours->ns[0],
					      .max = ours->ns[ours->count - 1]});
	}
}

static void add_retries(const char *pace, const struct samples *ours, const struct samples *theirs)
{
	char name[128];

	snprintf(name, sizeof name, "retries a read, %s / seqlock in place", pace);
	bench_row(&(struct bench_row){.name = name,
				      .unit = "retries",
				      .ours = (double)ours->retries / (double)ours->count,
				      .baseline = (double)theirs->retries / (double)theirs->count,
				      .max = (double)ours->worst});
	snprintf(name, sizeof name, "most retries of one read, %s / seqlock in place", pace);
	bench_row(&(struct bench_row){.name = name,
				      .unit = "retries",
				      .ours = (double)ours->worst,
				      .baseline = (double)theirs->worst,
				      .max = (double)ours->worst});
	snprintf(name, sizeof name, "reads of a million that gave up, %s", pace);
	bench_row(&(struct bench_row){.name = name,
				      .unit = "reads",
				      .ours = 1e6 * (double)ours->given_up / (double)ours->count,
				      .baseline = NAN,
				      .max = (double)ours->given_up});
}

static void at_pace(const char *pace, uint32_t hz, struct cell *cell)
{
	static struct samples *samples[3];
	const struct sampler samplers[] = {
		{"", read_region, NULL, hz > 1000 ? world_write_storm : world_write},
		{"mutex", read_mutex, cell, cell_mutex_write},
		{"seqlock in place", read_seqlock, cell, cell_seqlock_write},
	};

	for (size_t i = 0; i < sizeof samplers / sizeof *samplers; i++) {
		struct job job = {.sampler = &samplers[i]};

		if (!samples[i])
			samples[i] = bench_shared(sizeof *samples[i]);
		memset(samples[i], 0, offsetof(struct samples, ns));
		job.samples = samples[i];
		bench_engine_write(samplers[i].write, cell, hz);
		bench_join(bench_fork(sample, &job));
		bench_engine_write(NULL, NULL, 0);
	}
	add_percentiles(pace, &samplers[1], samples[0], samples[1]);
	add_percentiles(pace, &samplers[2], samples[0], samples[2]);
	add_retries(pace, samples[0], samples[2]);
}

void bench_latency(void)
{
	struct cell *cell = cell_new();

	world_open(10);
	at_pace("writer at 1 kHz", 1000, cell);
	at_pace("writer at 1 MHz", 1000000, cell);
	at_pace("writer flat out", BENCH_FLAT_OUT, cell);
	world_close();
}
