/* SPDX-License-Identifier: MIT */
#include "libshm/writing.h"

/* marks.c - samples and log marks into the region, from any thread */

/* Begin to write a record of this tenant's: whoever reads on sees that the last tenant's is gone. */
static void begin(_Atomic uint64_t *tenant, uint64_t *known, uint64_t now)
{
	if (*known == now)
		return;
	*known = now;
	/* relaxed: the release stores of the record come after it, and a reader that sees one of them sees it */
	atomic_store_explicit(tenant, 0, memory_order_relaxed);
}

void table_metrics(struct table *table, uint32_t entry, uint64_t tenant, const struct brm_metrics *metrics)
{
	struct layout_metrics *record = (struct layout_metrics *)(void *)map_record(&table->map, LAYOUT_METRICS, entry);

	begin(&record->tenant, &table->extras[entry].metrics_tenant, tenant);
	table->extras[entry].metrics = *metrics;
	/* release, all: behind "nobody's" */
	atomic_store_explicit(&record->time_ns, metrics->time_ns, memory_order_release);
	atomic_store_explicit(&record->memory_bytes, metrics->memory_bytes, memory_order_release);
	atomic_store_explicit(&record->cpu_threads, metrics->cpu_permille | (uint64_t)metrics->threads << 32,
			      memory_order_release);
	atomic_store_explicit(&record->files_processes, metrics->files | (uint64_t)metrics->processes << 32,
			      memory_order_release);
	atomic_store_explicit(&record->tenant, tenant, memory_order_release);
}

void table_log_mark(struct table *table, uint32_t entry, uint64_t tenant, const struct brm_log_mark *mark)
{
	struct layout_logpos *record = (struct layout_logpos *)(void *)map_record(&table->map, LAYOUT_LOGPOS, entry);

	begin(&record->tenant, &table->extras[entry].mark_tenant, tenant);
	table->extras[entry].mark = *mark;
	/* release, all: behind "nobody's"; the lines behind the bytes they end in */
	atomic_store_explicit(&record->lost_bytes, mark->lost_bytes, memory_order_release);
	atomic_store_explicit(&record->bytes[0], mark->bytes[0], memory_order_release);
	atomic_store_explicit(&record->bytes[1], mark->bytes[1], memory_order_release);
	atomic_store_explicit(&record->lines, mark->lines, memory_order_release);
	atomic_store_explicit(&record->tenant, tenant, memory_order_release);
}

/* The tenant word of whoever lives in an entry now; 0 if nobody does. */
static uint64_t tenant_now(const struct table *table, uint32_t entry)
{
	uint64_t head;

	if (entry >= table->map.capacity)
		return 0;
	/* relaxed: an entry rests before its next tenant, so a late sample is never taken for his */
	head = atomic_load_explicit(&table->entries[entry].words[1], memory_order_relaxed);
	return head_status(head) == BRM_ABSENT ? 0 : (uint64_t)head_tenant(head) + 1;
}

/* Enter the gate for a record of whoever lives in an entry now: its tenant word, 0 if nobody does. */
static uint64_t enter(struct brm_writer *writer, uint32_t entry)
{
	gate_enter(&writer->gate);
	return tenant_now(writer->table, entry);
}

void brm_writer_metrics(struct brm_writer *writer, uint32_t entry, const struct brm_metrics *metrics)
{
	uint64_t tenant = enter(writer, entry);

	if (tenant != 0)
		table_metrics(writer->table, entry, tenant, metrics);
	gate_leave(&writer->gate);
}

void brm_writer_log_mark(struct brm_writer *writer, uint32_t entry, const struct brm_log_mark *mark)
{
	uint64_t tenant = enter(writer, entry);

	if (tenant != 0)
		table_log_mark(writer->table, entry, tenant, mark);
	gate_leave(&writer->gate);
}

void brm_writer_ring_logs(struct brm_writer *writer)
{
	_Atomic uint32_t *word;

	gate_enter(&writer->gate);
	word = map_word(&writer->table->map, LAYOUT_LOGBELL);
	/* release: behind the marks */
	atomic_store_explicit(word, ++writer->table->logbell, memory_order_release);
	futex_wake(word, FUTEX_MATCH_ANY);
	gate_leave(&writer->gate);
}
