/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <brummer/state.h>

#include "libshm/text.h"
#include "libshm/tlv.h"

#define STRINGS 6
#define LISTS   4
#define SOURCE  4 /* index in string_fields */

struct field {
	enum tlv_tag tag;
	size_t offset; /* in struct brm_identity */
	size_t max;    /* bytes, NUL included */
};

static const struct field string_fields[STRINGS] = {
	{TLV_NAME, offsetof(struct brm_identity, name), BRM_NAME_MAX},
	{TLV_SCRIPT, offsetof(struct brm_identity, script), 4096},
	{TLV_COMMAND, offsetof(struct brm_identity, command), 16384},
	{TLV_DIR, offsetof(struct brm_identity, dir), 4096},
	{TLV_SOURCE, offsetof(struct brm_identity, source), 4096},
	{TLV_READY, offsetof(struct brm_identity, ready), 4096},
};

/* Lists share what the strings leave of BRM_IDENTITY_MAX, in this order: args are cut first, then env. */
static const struct field list_fields[LISTS] = {
	{TLV_DEPENDS_ON, offsetof(struct brm_identity, depends_on), 0},
	{TLV_LABELS, offsetof(struct brm_identity, labels), 0},
	{TLV_ENV, offsetof(struct brm_identity, env), 0},
	{TLV_ARGS, offsetof(struct brm_identity, args), 0},
};

/* What will be written: bytes of each record without its header; 0: no record. */
struct plan {
	size_t strings[STRINGS];
	size_t lists[LISTS];
	bool cut; /* a list is not whole */
};

static const char *string_at(const struct brm_identity *identity, const struct field *field)
{
	const char *text;

	memcpy(&text, (const char *)identity + field->offset, sizeof text);
	return text ? text : "";
}

static const struct brm_strings *list_at(const struct brm_identity *identity, const struct field *field)
{
	return (const struct brm_strings *)(const void *)((const char *)identity + field->offset);
}

/* Bytes of the longest run of whole strings that fits into room. */
static size_t list_fit(const struct brm_strings *list, size_t room)
{
	size_t kept = 0;

	for (const char *s = NULL; (s = brm_strings_next(list, s)) != NULL;) {
		size_t end = (size_t)(s - list->first) + strlen(s) + 1;

		if (end > room)
			break;
		kept = end;
	}
	return kept;
}

static size_t record_size(size_t bytes)
{
	return bytes > 0 ? tlv_size(bytes) : 0;
}

static size_t plan_size(const struct plan *plan, const struct brm_identity *identity)
{
	size_t size = record_size(identity->stdin_kind != BRM_STDIN_NULL) + record_size(identity->tty);

	for (size_t i = 0; i < STRINGS; i++)
		size += record_size(plan->strings[i]);
	for (size_t i = 0; i < LISTS; i++)
		size += record_size(plan->lists[i]);
	return size;
}

static struct plan plan_of(const struct brm_identity *identity)
{
	size_t room = BRM_IDENTITY_MAX - LISTS * (sizeof(struct tlv) + 7) - tlv_size(TEXT_ELLIPSIS_BYTES);
	struct plan plan = {.cut = false};

	for (size_t i = 0; i < STRINGS; i++) {
		size_t length = strnlen(string_at(identity, &string_fields[i]), string_fields[i].max - 1);

		plan.strings[i] = length > 0 ? length + 1 : 0;
	}
	room -= plan_size(&plan, identity);
	for (size_t i = 0; i < LISTS; i++) {
		const struct brm_strings *list = list_at(identity, &list_fields[i]);

		plan.lists[i] = list_fit(list, room);
		plan.cut = plan.cut || plan.lists[i] < list_fit(list, SIZE_MAX);
		room -= plan.lists[i];
	}
	if (plan.strings[SOURCE] == 0 && plan.cut)
		plan.strings[SOURCE] = TEXT_ELLIPSIS_BYTES + 1;
	else if (plan.strings[SOURCE] + TEXT_ELLIPSIS_BYTES <= string_fields[SOURCE].max && plan.cut)
		plan.strings[SOURCE] += TEXT_ELLIPSIS_BYTES;
	return plan;
}

/* Append text as a record of `bytes`, NUL included; what does not fit, or is marked as cut, ends with an ellipsis. */
static void put_string(unsigned char **at, const struct field *field, size_t bytes, const char *text, bool marked)
{
	unsigned char *out = bytes > 0 ? tlv_put(at, field->tag, bytes) : NULL;
	size_t length = strlen(text);

	if (out && (length >= bytes || marked)) {
		length = bytes > TEXT_ELLIPSIS_BYTES ? text_cut(text, length, bytes) : 0;
		memcpy(out + length, TEXT_ELLIPSIS, bytes > TEXT_ELLIPSIS_BYTES ? TEXT_ELLIPSIS_BYTES : 0);
	}
	if (out)
		memcpy(out, text, length);
}

static void put_list(unsigned char **at, const struct field *field, size_t bytes, const struct brm_strings *list)
{
	if (bytes > 0)
		memcpy(tlv_put(at, field->tag, bytes), list->first, bytes);
}

static void put_byte(unsigned char **at, enum tlv_tag tag, unsigned char byte)
{
	if (byte != 0)
		*tlv_put(at, tag, 1) = byte;
}

size_t brm_identity_encode(const struct brm_identity *identity, void *buf, size_t size)
{
	struct plan plan = plan_of(identity);
	size_t total = plan_size(&plan, identity);
	unsigned char *at = buf;

	if (total > size)
		return total;
	memset(buf, 0, total);
	for (size_t i = 0; i < STRINGS; i++)
		put_string(&at, &string_fields[i], plan.strings[i], string_at(identity, &string_fields[i]),
			   plan.cut && i == SOURCE);
	for (size_t i = 0; i < LISTS; i++)
		put_list(&at, &list_fields[i], plan.lists[i], list_at(identity, &list_fields[i]));
	put_byte(&at, TLV_STDIN, (unsigned char)identity->stdin_kind);
	put_byte(&at, TLV_TTY, identity->tty);
	return total;
}

static int decode_string(const struct tlv *head, const unsigned char *bytes, const char **out)
{
	if (head->length == 0 || memchr(bytes, '\0', head->length) != bytes + head->length - 1)
		return -EBADMSG;
	*out = (const char *)bytes;
	return 0;
}

static int decode_record(const struct tlv *head, const unsigned char *bytes, struct brm_identity *identity)
{
	for (size_t i = 0; i < STRINGS; i++)
		if (head->tag == string_fields[i].tag)
			return decode_string(head, bytes,
					     (const char **)(void *)((char *)identity + string_fields[i].offset));
	for (size_t i = 0; i < LISTS; i++)
		if (head->tag == list_fields[i].tag)
			return tlv_list(head, bytes,
					(struct brm_strings *)(void *)((char *)identity + list_fields[i].offset));
	if (head->tag == TLV_STDIN && head->length > 0)
		identity->stdin_kind = bytes[0] <= BRM_STDIN_TTY ? (enum brm_stdin)bytes[0] : BRM_STDIN_NULL;
	if (head->tag == TLV_TTY && head->length > 0)
		identity->tty = bytes[0] == 1;
	return 0;
}

int brm_identity_decode(const void *buf, size_t length, struct brm_identity *out)
{
	struct brm_identity identity = {.name = "", .script = "", .command = "", .dir = "", .source = "", .ready = ""};
	const unsigned char *at = buf;
	const unsigned char *end = at + length;
	const unsigned char *bytes;
	struct tlv head;

	while (tlv_next(&at, end, &head, &bytes))
		if (decode_record(&head, bytes, &identity) != 0)
			return -EBADMSG;
	if (at != end || !text_is_name(identity.name, strlen(identity.name)))
		return -EBADMSG;
	*out = identity;
	return 0;
}
