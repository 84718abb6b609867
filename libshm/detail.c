/* SPDX-License-Identifier: MIT */
#include <brummer/reader.h>

#include <errno.h>
#include <string.h>

#include "libshm/arena.h"
#include "libshm/latch.h"
#include "libshm/reading.h"
#include "libshm/text.h"
#include "libshm/tlv.h"

/* detail.c - what a reader can know of a process beside its state: identity, URLs, ports, metrics, log marks */

int brm_reader_identity(const struct brm_reader *reader, const struct brm_state *state, void *buf, size_t size,
			struct brm_identity *out)
{
	int rc = arena_copy(&reader->map, state->identity, buf, size);

	return rc == 0 ? brm_identity_decode(buf, state->identity.length, out) : rc;
}

int brm_reader_name(const struct brm_reader *reader, const struct brm_state *state, char out[BRM_NAME_MAX])
{
	struct brm_extent extent = state->identity;
	unsigned char buf[sizeof(struct tlv) + BRM_NAME_MAX];
	const unsigned char *at = buf;
	const unsigned char *bytes;
	struct tlv head;
	int rc;

	if (extent.length > sizeof buf)
		extent.length = sizeof buf;
	rc = arena_copy(&reader->map, extent, buf, sizeof buf);
	if (rc != 0)
		return rc;
	if (!tlv_next(&at, buf + extent.length, &head, &bytes) || head.tag != TLV_NAME || head.length == 0 ||
	    bytes[head.length - 1] != '\0' || !text_is_name((const char *)bytes, head.length - 1))
		return -EBADMSG;
	memcpy(out, bytes, head.length);
	return 0;
}

int brm_reader_urls(const struct brm_reader *reader, const struct brm_state *state, void *buf, size_t size,
		    struct brm_strings *out)
{
	const unsigned char *at = buf;
	const unsigned char *bytes;
	struct tlv head;
	int rc = arena_copy(&reader->map, state->urls, buf, size);

	if (rc == -ENOENT)
		*out = (struct brm_strings){0};
	if (rc != 0)
		return rc == -ENOENT ? 0 : rc;
	if (!tlv_next(&at, at + state->urls.length, &head, &bytes) || head.tag != TLV_URLS ||
	    tlv_list(&head, bytes, out) != 0)
		return -EBADMSG;
	return 0;
}

uint32_t brm_reader_ports(const struct brm_reader *reader, const struct brm_state *state, uint16_t *ports, uint32_t max)
{
	struct brm_extent extent = {state->ports.offset, sizeof(struct tlv)};
	struct tlv head;
	uint32_t count;

	if (state->ports.length <= sizeof head || arena_copy(&reader->map, extent, &head, sizeof head) != 0 ||
	    head.tag != TLV_PORTS || head.length > state->ports.length - sizeof head)
		return 0;
	count = head.length / sizeof *ports;
	extent.offset += sizeof head;
	extent.length = (count < max ? count : max) * (uint32_t)sizeof *ports;
	if (extent.length > 0 && arena_copy(&reader->map, extent, ports, extent.length) != 0)
		return 0;
	return count;
}

/* The tenant word that a record of the handle's process has. */
static uint64_t tenant_word(struct brm_handle handle)
{
	return (uint64_t)handle.tenant + 1;
}

int brm_reader_metrics(const struct brm_reader *reader, struct brm_handle handle, struct brm_metrics *out)
{
	const struct layout_metrics *record;
	struct brm_metrics metrics;
	uint64_t cpu, files;

	if (handle.entry >= reader->map.capacity)
		return -ENOENT;
	record = (const struct layout_metrics *)(void *)map_record(&reader->map, LAYOUT_METRICS, handle.entry);
	/* acquire: the sample was stored before */
	if (atomic_load_explicit(&record->tenant, memory_order_acquire) != tenant_word(handle))
		return -ENOENT;
	/* acquire, all: a word of the next tenant's brings its "nobody's" with it, for the second look */
	metrics.time_ns = atomic_load_explicit(&record->time_ns, memory_order_acquire);
	metrics.memory_bytes = atomic_load_explicit(&record->memory_bytes, memory_order_acquire);
	cpu = atomic_load_explicit(&record->cpu_threads, memory_order_acquire);
	files = atomic_load_explicit(&record->files_processes, memory_order_acquire);
	/* relaxed: behind the acquire loads */
	if (atomic_load_explicit(&record->tenant, memory_order_relaxed) != tenant_word(handle))
		return -ENOENT;
	metrics.cpu_permille = (uint32_t)cpu;
	metrics.threads = (uint32_t)(cpu >> 32);
	metrics.files = (uint32_t)files;
	metrics.processes = (uint32_t)(files >> 32);
	*out = metrics;
	return 0;
}

int brm_reader_log_mark(const struct brm_reader *reader, struct brm_handle handle, struct brm_log_mark *out)
{
	const struct layout_logpos *record;
	struct brm_log_mark mark;

	if (handle.entry >= reader->map.capacity)
		return -ENOENT;
	record = (const struct layout_logpos *)(void *)map_record(&reader->map, LAYOUT_LOGPOS, handle.entry);
	/* acquire: the mark was stored before */
	if (atomic_load_explicit(&record->tenant, memory_order_acquire) != tenant_word(handle))
		return -ENOENT;
	/* acquire, all: as above; lines first, so that the bytes cover them */
	mark.lines = atomic_load_explicit(&record->lines, memory_order_acquire);
	mark.bytes[0] = atomic_load_explicit(&record->bytes[0], memory_order_acquire);
	mark.bytes[1] = atomic_load_explicit(&record->bytes[1], memory_order_acquire);
	mark.lost_bytes = atomic_load_explicit(&record->lost_bytes, memory_order_acquire);
	/* relaxed: behind the acquire loads */
	if (atomic_load_explicit(&record->tenant, memory_order_relaxed) != tenant_word(handle))
		return -ENOENT;
	*out = mark;
	return 0;
}
