/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_CHECK_DEPENDS_H
#define SUPERVISORD_CONFIG_CHECK_DEPENDS_H

#include "config/model.h"

/*
 * config/check_depends.h - does every dependency lead somewhere, and none back?
 */

/* Report names that nothing has, and cycles, where they are written. 0, -EINVAL when something was reported, -ENOMEM */
int check_depends(const struct config *config, struct report *report);

#endif
