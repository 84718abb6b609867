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

/* What will be written: bytes of each record, headers not included. */
struct plan {
	size_t strings[STRINGS];
	size_t lists[LISTS];
	size_t total; /* with headers and padding */
	bool cut;     /* a list is not whole */
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

static struct plan plan_of(const struct brm_identity *identity)
{
	struct plan plan = {.total = 2 * tlv_size(1)};
	size_t room;

	for (size_t i = 0; i < STRINGS; i++) {
		plan.strings[i] = strnlen(string_at(identity, &string_fields[i]), string_fields[i].max - 1) + 1;
		plan.total += tlv_size(plan.strings[i]);
	}
	room = BRM_IDENTITY_MAX - plan.total - LISTS * (sizeof(struct tlv) + 7) - tlv_size(TEXT_ELLIPSIS_BYTES);
	for (size_t i = 0; i < LISTS; i++) {
		const struct brm_strings *list = list_at(identity, &list_fields[i]);

		plan.lists[i] = list_fit(list, room);
		plan.cut = plan.cut || plan.lists[i] < list_fit(list, SIZE_MAX);
		plan.total += tlv_size(plan.lists[i]);
		room -= plan.lists[i];
	}
	if (plan.cut) {
		plan.total -= tlv_size(plan.strings[SOURCE]);
		if (plan.strings[SOURCE] + TEXT_ELLIPSIS_BYTES <= string_fields[SOURCE].max)
			plan.strings[SOURCE] += TEXT_ELLIPSIS_BYTES;
		plan.total += tlv_size(plan.strings[SOURCE]);
	}
	return plan;
}

/* Write text into out[bytes], NUL included; what does not fit, or is marked as cut, ends with an ellipsis. */
static void put_string(unsigned char *out, size_t bytes, const char *text, bool marked)
{
	size_t length = strlen(text);
	size_t kept = length;

	if (length >= bytes || marked) {
		kept = bytes <= TEXT_ELLIPSIS_BYTES ? 0 : text_cut(text, length, bytes);
		if (kept + TEXT_ELLIPSIS_BYTES < bytes)
			memcpy(out + kept, TEXT_ELLIPSIS, TEXT_ELLIPSIS_BYTES);
	}
	memcpy(out, text, kept);
}

size_t brm_identity_encode(const struct brm_identity *identity, void *buf, size_t size)
{
	struct plan plan = plan_of(identity);
	unsigned char *at = buf;

	if (plan.total > size)
		return plan.total;
	memset(buf, 0, plan.total);
	for (size_t i = 0; i < STRINGS; i++) {
		const struct field *field = &string_fields[i];

		put_string(tlv_put(&at, field->tag, plan.strings[i]), plan.strings[i], string_at(identity, field),
			   plan.cut && i == SOURCE);
	}
	for (size_t i = 0; i < LISTS; i++) {
		unsigned char *out = tlv_put(&at, list_fields[i].tag, plan.lists[i]);

		if (plan.lists[i] > 0)
			memcpy(out, list_at(identity, &list_fields[i])->first, plan.lists[i]);
	}
	*tlv_put(&at, TLV_STDIN, 1) = (unsigned char)identity->stdin_kind;
	*tlv_put(&at, TLV_TTY, 1) = identity->tty;
	return plan.total;
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
