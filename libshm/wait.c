/* SPDX-License-Identifier: MIT */
#include <brummer/wait.h>

#include <errno.h>
#include <stdbool.h>

#include "libshm/alive.h"
#include "libshm/futex.h"
#include "libshm/reading.h"
#include "libshm/waiting.h"

#define SLICE_NS       INT64_C(2000000000) /* sleep where the kernel does not tell of the writer's death */
#define SHORT_SLICE_NS INT64_C(50000000)   /* sleep on one word where several are asked for */
#define WORDS_MAX      4

/* Words to sleep on, the owner's first. */
struct watch {
	const _Atomic uint32_t *words[WORDS_MAX];
	uint32_t values[WORDS_MAX];
	unsigned count;
};

void brm_wait_sample(const struct brm_reader *reader, struct brm_ticket *ticket)
{
	/* acquire, all: what was published before they were rung can be read */
	ticket->bell = atomic_load_explicit(map_word(&reader->map, LAYOUT_BELL), memory_order_acquire);
	ticket->logbell = atomic_load_explicit(map_word(&reader->map, LAYOUT_LOGBELL), memory_order_acquire);
	ticket->owner = atomic_load_explicit(map_word(&reader->map, LAYOUT_OWNER), memory_order_acquire);
}

static uint32_t owner_now(const struct brm_reader *reader)
{
	/* acquire: the last states are there if it says that the writer died */
	return atomic_load_explicit(map_word(&reader->map, LAYOUT_OWNER), memory_order_acquire);
}

/* The kernel wakes one sleeper when the writer dies; that one wakes the others, and those who sleep on a bell alone. */
static void pass_on(const struct brm_reader *reader)
{
	futex_wake(map_word(&reader->map, LAYOUT_OWNER), FUTEX_MATCH_ANY);
	futex_wake(map_word(&reader->map, LAYOUT_BELL), FUTEX_MATCH_ANY);
	futex_wake(map_word(&reader->map, LAYOUT_LOGBELL), FUTEX_MATCH_ANY);
}

/* Will nobody write here any more? Where the kernel does not watch the owner, the lock is looked at. */
static bool is_over(const struct brm_reader *reader)
{
	uint32_t owner = owner_now(reader);

	if (owner & FUTEX_DIED_BIT)
		pass_on(reader);
	else if ((owner & FUTEX_TID_BITS) == 0 && brm_reader_liveness(reader) > BRM_UNRESPONSIVE)
		owner = FUTEX_DIED_BIT;
	return owner & FUTEX_DIED_BIT;
}

static void add(struct watch *watch, const _Atomic uint32_t *word, uint32_t value)
{
	watch->words[watch->count] = word;
	watch->values[watch->count++] = value;
}

static bool has_changed(const struct watch *watch)
{
	for (unsigned i = 0; i < watch->count; i++)
		/* acquire: as with a sample */
		if (atomic_load_explicit(watch->words[i], memory_order_acquire) != watch->values[i])
			return true;
	return false;
}

static int64_t deadline_of(int64_t timeout_ns)
{
	int64_t now = (int64_t)alive_monotonic_ns();

	return timeout_ns < 0 || timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
}

static int64_t earlier(int64_t deadline_ns, int64_t slice_ns)
{
	int64_t slice_end = (int64_t)alive_monotonic_ns() + slice_ns;

	return slice_end < deadline_ns ? slice_end : deadline_ns;
}

static bool is_answer(int rc)
{
	return rc == 0 || rc == -EAGAIN || rc == -EINTR || rc == -ETIMEDOUT;
}

/* Sleep once, on all words where the kernel can, else on the last. */
static int sleep_on(const struct watch *watch, int64_t deadline_ns)
{
	bool watched = watch->values[0] & FUTEX_TID_BITS;
	struct futex_word words[WORDS_MAX];
	unsigned last = watch->count - 1;
	int rc;

	for (unsigned i = 0; i < watch->count; i++)
		words[i] = futex_word(watch->words[i], watch->values[i]);
	rc = futex_waitv(words, watch->count, watched ? deadline_ns : earlier(deadline_ns, SLICE_NS));
	if (is_answer(rc))
		return rc;
	return futex_wait(watch->words[last], watch->values[last], FUTEX_MATCH_ANY,
			  earlier(deadline_ns, watch->count > 2 ? SHORT_SLICE_NS : SLICE_NS));
}

/* Does this end a wait that nothing has? A wake for another's sake does not, nor the end of a slice. */
static bool is_end(int rc, int64_t deadline_ns)
{
	if (rc == -ETIMEDOUT)
		return (int64_t)alive_monotonic_ns() >= deadline_ns;
	return rc == -EINTR || !is_answer(rc);
}

int wait_words(const struct brm_reader *reader, const struct brm_ticket *ticket, unsigned what,
	       const _Atomic uint32_t *stop, int64_t timeout_ns)
{
	int64_t deadline_ns = deadline_of(timeout_ns);
	struct watch watch = {.count = 0};
	int rc;

	add(&watch, map_word(&reader->map, LAYOUT_OWNER), ticket->owner);
	if (stop)
		add(&watch, stop, 0);
	if (what & BRM_WAIT_LOGS)
		add(&watch, map_word(&reader->map, LAYOUT_LOGBELL), ticket->logbell);
	if (what & BRM_WAIT_STATES)
		add(&watch, map_word(&reader->map, LAYOUT_BELL), ticket->bell);
	do {
		if (is_over(reader))
			return -EOWNERDEAD;
		if (has_changed(&watch))
			return 0;
		rc = sleep_on(&watch, deadline_ns);
	} while (!is_end(rc, deadline_ns));
	if (is_over(reader))
		return -EOWNERDEAD;
	return has_changed(&watch) ? 0 : rc;
}

int brm_wait(const struct brm_reader *reader, const struct brm_ticket *ticket, unsigned what, int64_t timeout_ns)
{
	return wait_words(reader, ticket, what, NULL, timeout_ns);
}

int brm_wait_entry(const struct brm_reader *reader, const struct brm_ticket *ticket, uint32_t entry, int64_t timeout_ns)
{
	int64_t deadline_ns = deadline_of(timeout_ns);
	struct watch watch = {.count = 0};
	int rc;

	add(&watch, map_word(&reader->map, LAYOUT_BELL), ticket->bell);
	do {
		if (is_over(reader))
			return -EOWNERDEAD;
		if (has_changed(&watch))
			return 0;
		/* futex_waitv knows no bitset: the owner's death is looked for between slices, unless one passes it on.
		 */
		rc = futex_wait(watch.words[0], ticket->bell, UINT32_C(1) << entry % 32,
				earlier(deadline_ns, SLICE_NS));
	} while (!is_end(rc, deadline_ns));
	if (is_over(reader))
		return -EOWNERDEAD;
	return has_changed(&watch) ? 0 : rc;
}
