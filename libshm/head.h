/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_HEAD_H
#define LIBSHM_HEAD_H

#include <stdint.h>

#include <brummer/state.h>

/*
 * head.h - version:44 | tenant:12 | status:8
 *
 * The same as brm_head_*(), for code that must not pay for a call.
 */

#define HEAD_TENANT_SHIFT  8
#define HEAD_VERSION_SHIFT 20
#define HEAD_STATUS_MASK   UINT64_C(0xff)
#define HEAD_TENANT_MASK   UINT64_C(0xfff)
#define HEAD_VERSION_MASK  ((UINT64_C(1) << 44) - 1)

static inline uint64_t head_version(uint64_t head)
{
	return head >> HEAD_VERSION_SHIFT;
}

static inline unsigned head_tenant(uint64_t head)
{
	return (unsigned)(head >> HEAD_TENANT_SHIFT & HEAD_TENANT_MASK);
}

static inline enum brm_status head_status(uint64_t head)
{
	unsigned status = (unsigned)(head & HEAD_STATUS_MASK);

	return status < BRM_STATUS_COUNT ? (enum brm_status)status : BRM_ABSENT;
}

static inline uint64_t head_make(uint64_t version, unsigned tenant, enum brm_status status)
{
	return (version & HEAD_VERSION_MASK) << HEAD_VERSION_SHIFT | (tenant & HEAD_TENANT_MASK) << HEAD_TENANT_SHIFT |
	       ((uint64_t)status & HEAD_STATUS_MASK);
}

#endif
