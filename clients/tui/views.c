/* SPDX-License-Identifier: MIT */
#include "clients/tui/tui.h"

const struct view *const views[VIEW_COUNT + 1] = {&view_processes, &view_logs,  &view_errors, &view_urls,
						  &view_events,    &view_about, NULL};

char *view_filter(struct tui *tui)
{
	return (char *)tui + tui->view->filter;
}

bool view_unfilter(struct tui *tui)
{
	char *filter = view_filter(tui);
	bool any = filter[0] != '\0';

	filter[0] = '\0';
	return any;
}
