/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_TLV_H
#define LIBSHM_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brummer/state.h>

/*
 * tlv.h - the tag-length-value records of the arena
 *
 * {u16 tag, u16 flags, u32 length, bytes[length]}, little-endian, each record padded with zeros to 8 bytes. Strings and
 * the members of lists are stored with their NUL, so that a decoded record can be used in place. An unknown tag is
 * skipped; the first record of an identity is its name.
 */

enum tlv_tag {
	TLV_NAME = 1,
	TLV_SCRIPT = 2,
	TLV_COMMAND = 3,
	TLV_DIR = 4,
	TLV_SOURCE = 5,
	TLV_READY = 6,
	TLV_ARGS = 7,
	TLV_ENV = 8,
	TLV_LABELS = 9,
	TLV_DEPENDS_ON = 10,
	TLV_STDIN = 11, /* one byte, enum brm_stdin */
	TLV_TTY = 12,   /* one byte, 1 for a pty */
	TLV_URLS = 13,  /* a list */
	TLV_PORTS = 14  /* u16 each, ascending */
};

struct tlv {
	uint16_t tag;
	uint16_t flags; /* 0 */
	uint32_t length;
};

_Static_assert(sizeof(struct tlv) == 8, "a record's head is 8 bytes");

/* Bytes a record takes. */
static inline size_t tlv_size(size_t length)
{
	return sizeof(struct tlv) + ((length + 7) & ~(size_t)7);
}

/* Append a record to bytes that are zero and have room for it; returns where its bytes go, and moves *at behind it. */
unsigned char *tlv_put(unsigned char **at, enum tlv_tag tag, size_t length);

/*
 * The record at *at, which is moved behind it; *bytes are its bytes. False at `end`, and when the record does not lie
 * before it: tell the two by *at == end.
 */
bool tlv_next(const unsigned char **at, const unsigned char *end, struct tlv *head, const unsigned char **bytes);

/* The list that a record's bytes are, used in place. -EBADMSG: the last string has no end. */
int tlv_list(const struct tlv *head, const unsigned char *bytes, struct brm_strings *out);

#endif
