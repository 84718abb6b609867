/* SPDX-License-Identifier: MIT */
#include "clients/tui/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clients/tui/status.h"

static const char *const sort_words[SORT_COUNT] = {
	[SORT_ORDER] = "",
	[SORT_NAME] = "by name",
	[SORT_STATUS] = "by status",
	[SORT_UPTIME] = "by uptime",
	[SORT_CPU] = "by cpu",
	[SORT_MEMORY] = "by memory",
	[SORT_RESTARTS] = "by restarts",
};

const char *sort_word(enum sort sort)
{
	return sort_words[sort];
}

void list_finish(struct list *list)
{
	free(list->rows);
	free(list->memos);
	*list = (struct list){0};
}

static struct who who_is(const struct process *process)
{
	return (struct who){process->entry, brm_head_tenant(process->state.head)};
}

static bool is_same(struct who a, struct who b)
{
	return a.entry == b.entry && a.tenant == b.tenant;
}

/* ---- memos ---- */

static int reserve(struct list *list, const struct snapshot *snapshot)
{
	uint32_t need = 0;

	for (uint32_t i = 0; i < snapshot->count; i++)
		if (snapshot->processes[i].entry >= need)
			need = snapshot->processes[i].entry + 1;
	if (need > list->memo_count) {
		struct memo *memos = realloc(list->memos, need * sizeof *memos);

		if (!memos)
			return -ENOMEM;
		memset(memos + list->memo_count, 0, (need - list->memo_count) * sizeof *memos);
		list->memos = memos;
		list->memo_count = need;
	}
	if (snapshot->count > list->room) {
		const struct process **rows = realloc(list->rows, snapshot->count * sizeof *rows);

		if (!rows)
			return -ENOMEM;
		list->rows = rows;
		list->room = snapshot->count;
	}
	return 0;
}

struct memo *list_memo(struct list *list, const struct process *process)
{
	struct who who = who_is(process);
	struct memo *memo = &list->memos[who.entry];

	if (!memo->known || memo->tenant != who.tenant)
		*memo = (struct memo){.tenant = who.tenant, .known = true};
	return memo;
}

unsigned list_marked(const struct list *list)
{
	unsigned marked = 0;

	for (uint32_t i = 0; i < list->count; i++)
		marked += list->memos[list->rows[i]->entry].marked;
	return marked;
}

void list_unmark(struct list *list)
{
	for (uint32_t i = 0; i < list->memo_count; i++)
		list->memos[i].marked = false;
}

/* ---- groups ---- */

const char *group_by_word(enum group_by by)
{
	static const char *const words[GROUP_BY_COUNT] = {[GROUP_BY_NOTHING] = "",
							  [GROUP_BY_STATE] = "by state",
							  [GROUP_BY_LABEL] = "by label",
							  [GROUP_BY_NEED] = "by need"};

	return words[by];
}

static void group_name(const struct list *list, const struct process *process, char out[64])
{
	const struct brm_identity *identity = &process->identity;
	const char *first;

	switch (list->group_by) {
	case GROUP_BY_STATE:
		snprintf(out, 64, "%s", status_look(brm_state_status(&process->state)).word);
		return;
	case GROUP_BY_LABEL:
		first = brm_strings_next(&identity->labels, NULL);
		snprintf(out, 64, "%.63s", first ? first : "no label");
		return;
	case GROUP_BY_NEED:
		first = brm_strings_next(&identity->depends_on, NULL);
		if (first)
			snprintf(out, 64, "needs %.*s", (int)(strcspn(first, "=") < 50 ? strcspn(first, "=") : 50),
				 first);
		else
			snprintf(out, 64, "needs nothing");
		return;
	case GROUP_BY_NOTHING:
	case GROUP_BY_COUNT:
		out[0] = '\0';
	}
}

static uint8_t group_of(struct list *list, const struct process *process)
{
	char name[64];
	unsigned i = 0;

	group_name(list, process, name);
	while (i < list->group_count && strcmp(list->groups[i].name, name) != 0)
		i++;
	if (i == list->group_count && i < LIST_GROUPS) {
		list->groups[i] = (struct list_group){.closed = false};
		snprintf(list->groups[i].name, sizeof list->groups[i].name, "%s",
			 i + 1 < LIST_GROUPS ? name : "others");
		list->group_count++;
	}
	return (uint8_t)(i < LIST_GROUPS ? i : LIST_GROUPS - 1);
}

static const struct list_group *row_group(struct list *list, uint32_t row)
{
	return &list->groups[list_memo(list, list->rows[row])->group];
}

const struct list_group *list_heading(struct list *list, uint32_t row)
{
	if (list->group_by == GROUP_BY_NOTHING || (row > 0 && row_group(list, row) == row_group(list, row - 1)))
		return NULL;
	return row_group(list, row);
}

bool list_is_closed(struct list *list, uint32_t row)
{
	return list->group_by != GROUP_BY_NOTHING && row < list->count && row_group(list, row)->closed;
}

int list_lines(struct list *list, uint32_t row)
{
	return (list_heading(list, row) != NULL) + !list_is_closed(list, row);
}

bool list_close(struct list *list, bool closed)
{
	uint32_t row = list->at;

	if (list->group_by == GROUP_BY_NOTHING || row >= list->count || row_group(list, row)->closed == closed)
		return false;
	while (row > 0 && row_group(list, row) == row_group(list, row - 1))
		row--;
	list_put_bar(list, row);
	list->groups[list_memo(list, list->rows[row])->group].closed = closed;
	return true;
}

/* Of a closed group only the first row stays. */
static void close_groups(struct list *list)
{
	uint32_t kept = 0;

	for (unsigned i = 0; i < list->group_count; i++)
		list->groups[i].count = 0;
	for (uint32_t i = 0; i < list->count && list->group_by != GROUP_BY_NOTHING; i++) {
		struct list_group *group = &list->groups[list_memo(list, list->rows[i])->group];

		if (group->count++ == 0 || !group->closed)
			list->rows[kept++] = list->rows[i];
	}
	if (list->group_by != GROUP_BY_NOTHING)
		list->count = kept;
}

/* ---- order ---- */

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static uint64_t cpu_of(const struct process *process)
{
	return process->has_metrics ? process->metrics.cpu_permille : 0;
}

static uint64_t memory_of(const struct process *process)
{
	return process->has_metrics ? process->metrics.memory_bytes : 0;
}

/* The youngest last, those that do not run behind them all. */
static uint64_t start_of(const struct process *process)
{
	return brm_status_is_alive(brm_state_status(&process->state)) ? process->state.start_boot_ns : UINT64_MAX;
}

static int by_key(const struct process *a, const struct process *b, enum sort sort)
{
	switch (sort) {
	case SORT_NAME:
		return strcasecmp(a->identity.name, b->identity.name);
	case SORT_STATUS:
		return by_number(brm_state_status(&a->state), brm_state_status(&b->state));
	case SORT_UPTIME:
		return by_number(start_of(a), start_of(b));
	case SORT_CPU:
		return by_number(cpu_of(b), cpu_of(a));
	case SORT_MEMORY:
		return by_number(memory_of(b), memory_of(a));
	case SORT_RESTARTS:
		return by_number(b->state.restarts, a->state.restarts);
	case SORT_ORDER:
	case SORT_COUNT:
		break;
	}
	return 0;
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct process *p = *(const struct process *const *)a, *q = *(const struct process *const *)b;
	struct list *list = arg;
	int order = 0;

	if (list->group_by != GROUP_BY_NOTHING)
		order = by_number(list_memo(list, p)->group, list_memo(list, q)->group);
	if (order == 0 && list->problems)
		order = by_number(status_trouble(brm_state_status(&p->state)),
				  status_trouble(brm_state_status(&q->state)));
	if (order == 0)
		order = list->reverse ? -by_key(p, q, list->sort) : by_key(p, q, list->sort);
	if (order == 0) /* processes of one snapshot lie in the configuration's order */
		order = list->reverse && list->sort == SORT_ORDER ? (p < q) - (p > q) : (p > q) - (p < q);
	return order;
}

/* ---- rows ---- */

static bool is_shown(const struct list *list, const struct process *process)
{
	return !list->filter[0] || strcasestr(process->identity.name, list->filter);
}

/* Give the rows that are still there their new processes, in the old order, and put new ones behind them. */
static int keep_order(struct list *list, const struct snapshot *snapshot, const struct who *before, uint32_t count)
{
	const struct process **by_entry = calloc(list->memo_count ? list->memo_count : 1, sizeof *by_entry);

	if (!by_entry)
		return -ENOMEM;
	for (uint32_t i = 0; i < snapshot->count; i++)
		if (is_shown(list, &snapshot->processes[i]))
			by_entry[snapshot->processes[i].entry] = &snapshot->processes[i];
	list->count = 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct process *process = before[i].entry < list->memo_count ? by_entry[before[i].entry] : NULL;

		if (!process || !is_same(who_is(process), before[i]))
			continue;
		list->rows[list->count++] = process;
		by_entry[before[i].entry] = NULL;
	}
	for (uint32_t i = 0; i < snapshot->count; i++)
		if (by_entry[snapshot->processes[i].entry]) {
			list->rows[list->count++] = &snapshot->processes[i];
			list_memo(list, &snapshot->processes[i])->group = group_of(list, &snapshot->processes[i]);
		}
	free(by_entry);
	return 0;
}

static void take_all(struct list *list, const struct snapshot *snapshot)
{
	list->count = 0;
	for (uint32_t i = 0; i < snapshot->count; i++)
		if (is_shown(list, &snapshot->processes[i]))
			list->rows[list->count++] = &snapshot->processes[i];
	for (uint32_t i = 0; i < list->count && list->group_by != GROUP_BY_NOTHING; i++)
		list_memo(list, list->rows[i])->group = group_of(list, list->rows[i]);
	if (list->sort != SORT_ORDER || list->reverse || list->problems || list->group_by != GROUP_BY_NOTHING)
		qsort_r(list->rows, list->count, sizeof *list->rows, compare, list);
}

static bool find_bar(struct list *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (is_same(who_is(list->rows[i]), list->bar)) {
			uint32_t on_screen = list->at > list->top ? list->at - list->top : 0;

			list->top = i > on_screen ? i - on_screen : 0;
			list->at = i;
			return true;
		}
	return false;
}

/* The bar to where its process is now; to the next row when it has left. */
static int follow_bar(struct list *list, const struct snapshot *snapshot, char left[BRM_NAME_MAX])
{
	bool had = list->has_bar;

	if (had && find_bar(list))
		return 0;
	if (had)
		memcpy(left, list->name, sizeof list->name);
	list->has_bar = false;
	if (list->count == 0) {
		list->at = list->top = 0;
	} else {
		list_put_bar(list, list->at < list->count ? list->at : list->count - 1);
	}
	return had && !snapshot_find(snapshot, left);
}

/* Who is in each row, before their processes go away with the old snapshot. */
static struct who *remember(const struct list *list)
{
	struct who *before = malloc((list->count ? list->count : 1) * sizeof *before);

	for (uint32_t i = 0; before && i < list->count; i++)
		before[i] = who_is(list->rows[i]);
	return before;
}

int list_update(struct list *list, const struct snapshot *snapshot, bool still, char left[BRM_NAME_MAX])
{
	struct who *before = remember(list);
	uint32_t count = list->count;
	int error = before ? reserve(list, snapshot) : -ENOMEM;

	if (error == 0 && still)
		error = keep_order(list, snapshot, before, count);
	else if (error == 0)
		take_all(list, snapshot);
	free(before);
	if (error) {
		list->count = 0; /* the old snapshot is not to be touched any more */
		return error;
	}
	list->total = snapshot->count;
	close_groups(list);
	for (uint32_t i = 0; i < list->count; i++)
		list_memo(list, list->rows[i]);
	return follow_bar(list, snapshot, left);
}

void list_put_bar(struct list *list, uint32_t row)
{
	if (row >= list->count)
		return;
	list->at = row;
	list->bar = who_is(list->rows[row]);
	list->has_bar = true;
	snprintf(list->name, sizeof list->name, "%s", list->rows[row]->identity.name);
}

void list_move(struct list *list, int by)
{
	int64_t row = (int64_t)list->at + by;

	if (list->count == 0)
		return;
	if (row < 0)
		row = 0;
	if (row >= list->count)
		row = list->count - 1;
	list_put_bar(list, (uint32_t)row);
}

void list_scroll(struct list *list, uint32_t height)
{
	uint32_t first = list->at;
	int lines;

	if (height == 0 || list->count == 0)
		return;
	/* The highest top from which the bar still is to be seen, */
	for (lines = list_lines(list, first); first > 0 && lines + list_lines(list, first - 1) <= (int)height; first--)
		lines += list_lines(list, first - 1);
	if (list->top < first)
		list->top = first;
	if (list->at < list->top)
		list->top = list->at;
	/* and no line left empty below while there are rows above. */
	lines = 0;
	for (uint32_t i = list->top; i < list->count && lines < (int)height; i++)
		lines += list_lines(list, i);
	while (list->top > 0 && lines + list_lines(list, list->top - 1) <= (int)height)
		lines += list_lines(list, --list->top);
}

void list_slide(struct list *list, int rows, uint32_t height)
{
	int64_t top = (int64_t)list->top + rows, last = (int64_t)list->count - height;

	if (top > last)
		top = last;
	if (top < 0)
		top = 0;
	list->top = (uint32_t)top;
	if (list->at < list->top)
		list_put_bar(list, list->top);
	else if (height > 0 && list->at >= list->top + height)
		list_put_bar(list, list->top + height - 1);
}

const struct process *list_current(const struct list *list)
{
	return list->has_bar && list->at < list->count ? list->rows[list->at] : NULL;
}
