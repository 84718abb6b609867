/* SPDX-License-Identifier: MIT */
#include "libshm/text.h"

#include <stdint.h>

#include <brummer/state.h>

size_t text_cut(const char *text, size_t length, size_t size)
{
	size_t kept = size - TEXT_ELLIPSIS_BYTES - 1;

	if (kept > length)
		return length;
	while (kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80)
		kept--;
	return kept;
}

/* Bytes of the UTF-8 character at text, which has `left` bytes; 0 if it is none, too long or a surrogate. */
static size_t character_bytes(const unsigned char *text, size_t left)
{
	static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t bytes = text[0] < 0x80         ? 1
		       : text[0] >> 5 == 0x6  ? 2
		       : text[0] >> 4 == 0xe  ? 3
		       : text[0] >> 3 == 0x1e ? 4
					      : 0;
	uint32_t value = text[0] & (0xffu >> (bytes + 1));

	if (bytes <= 1)
		return bytes;
	if (bytes > left)
		return 0;
	for (size_t i = 1; i < bytes; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (text[i] & 0x3f);
	}
	return value < lowest[bytes] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0 : bytes;
}

bool text_is_name(const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text;

	if (length == 0 || length >= BRM_NAME_MAX)
		return false;
	for (size_t i = 0, bytes; i < length; i += bytes) {
		/* Mostly it is plain ASCII. */
		for (; i < length && at[i] >= 0x20 && at[i] < 0x7f; i++)
			continue;
		if (i == length)
			break;
		bytes = character_bytes(at + i, length - i);
		if (bytes == 0 || at[i] < 0x20 || at[i] == 0x7f || (bytes == 2 && at[i] == 0xc2 && at[i + 1] < 0xa0))
			return false;
	}
	return true;
}
