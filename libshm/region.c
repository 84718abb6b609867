/* SPDX-License-Identifier: MIT */
#include <brummer/region.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const liveness_words[] = {
	[BRM_LIVE] = "live",
	[BRM_UNRESPONSIVE] = "unresponsive",
	[BRM_RESTARTING] = "restarting",
	[BRM_DEAD] = "dead",
	[BRM_CLOSED] = "closed",
	[BRM_SUPERSEDED] = "superseded",
};

static const char *const sentences[BRM_ELAST - BRM_EFIRST] = {
	[BRM_ENOTREGULAR - BRM_EFIRST] = "the region is not a regular file",
	[BRM_EOWNER - BRM_EFIRST] = "the region belongs to another user",
	[BRM_EMODE - BRM_EFIRST] = "others than its owner may write to the region",
	[BRM_ETRUNCATED - BRM_EFIRST] = "the region is shorter than it says",
	[BRM_EMAGIC - BRM_EFIRST] = "not a region of Brummer's, or one that was never finished",
	[BRM_ETOONEW - BRM_EFIRST] = "this program is too old for the running supervisor",
	[BRM_ETOOOLD - BRM_EFIRST] = "this program is too new for the running supervisor",
	[BRM_EFEATURE - BRM_EFIRST] = "the supervisor uses a feature that this program does not know",
	[BRM_ECORRUPT - BRM_EFIRST] = "the region's table of contents is damaged",
	[BRM_EARENA - BRM_EFIRST] = "the region's arena is full",
	[BRM_ECAPACITY - BRM_EFIRST] = "every entry of the region is taken",
};

const char *brm_liveness_word(enum brm_liveness liveness)
{
	return (unsigned)liveness <= BRM_SUPERSEDED ? liveness_words[liveness] : "unknown";
}

/* The C library's sentence without its capital; abbreviations as in "I/O error" stay. */
static const char *errno_sentence(int error)
{
	static _Thread_local char text[64]; /* so little that a static program finds room for it at its start */

	snprintf(text, sizeof text, "%s", strerror(error));
	if (islower((unsigned char)text[1]) || text[1] == ' ')
		text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}

const char *brm_strerror(int error)
{
	if (error < 0 && error > -BRM_ELAST)
		error = -error;
	if (error >= BRM_EFIRST && error < BRM_ELAST)
		return sentences[error - BRM_EFIRST];
	return errno_sentence(error);
}
