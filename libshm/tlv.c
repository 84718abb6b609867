/* SPDX-License-Identifier: MIT */
#include "libshm/tlv.h"

#include <errno.h>
#include <string.h>

unsigned char *tlv_put(unsigned char **at, enum tlv_tag tag, size_t length)
{
	struct tlv head = {.tag = (uint16_t)tag, .length = (uint32_t)length};
	unsigned char *bytes = *at + sizeof head;

	memcpy(*at, &head, sizeof head);
	*at += tlv_size(length);
	return bytes;
}

bool tlv_next(const unsigned char **at, const unsigned char *end, struct tlv *head, const unsigned char **bytes)
{
	size_t left = (size_t)(end - *at);

	if (left < sizeof *head)
		return false;
	memcpy(head, *at, sizeof *head);
	if (tlv_size(head->length) > left)
		return false;
	*bytes = *at + sizeof *head;
	*at += tlv_size(head->length);
	return true;
}

int tlv_list(const struct tlv *head, const unsigned char *bytes, struct brm_strings *out)
{
	struct brm_strings list = {.first = (const char *)bytes, .size = head->length};

	if (head->length > 0 && bytes[head->length - 1] != '\0')
		return -EBADMSG;
	for (uint32_t i = 0; i < head->length; i++)
		list.count += bytes[i] == '\0';
	*out = list;
	return 0;
}
