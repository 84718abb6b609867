/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "clients/tui/tui.h"

const struct view *const views[] = {&view_processes, &view_logs,  &view_errors, &view_urls,
				    &view_events,    &view_about, NULL};
