/* SPDX-License-Identifier: MIT */
#include "engine/owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES 65536

/* A number, all of it. */
static bool is_number(const char *text, unsigned long *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	*out = strtoul(text, &end, 10);
	return *end == '\0' && *out < UINT32_MAX;
}

static int find_user(const char *text, struct owner *out)
{
	char buffer[BUFFER_BYTES];
	struct passwd entry, *found = NULL;
	unsigned long number = 0;
	bool numeric = is_number(text, &number);
	int error = numeric ? getpwuid_r((uid_t)number, &entry, buffer, sizeof buffer, &found)
			    : getpwnam_r(text, &entry, buffer, sizeof buffer, &found);
	int count = OWNER_GROUPS_MAX;

	if (!found && !numeric)
		return error ? error : ENOENT;
	out->uid = found ? found->pw_uid : (uid_t)number;
	out->gid = found ? found->pw_gid : (gid_t)number;
	out->groups[0] = out->gid;
	out->count = 1;
	if (!found)
		return 0;
	snprintf(out->name, sizeof out->name, "%s", found->pw_name);
	snprintf(out->home, sizeof out->home, "%s", found->pw_dir);
	if (getgrouplist(found->pw_name, found->pw_gid, out->groups, &count) < 0)
		count = OWNER_GROUPS_MAX; /* as many as fit */
	out->count = (size_t)count;
	return 0;
}

static int find_group(const char *text, gid_t *out)
{
	char buffer[BUFFER_BYTES];
	struct group entry, *found = NULL;
	unsigned long number;
	int error;

	if (is_number(text, &number)) {
		*out = (gid_t)number;
		return 0;
	}
	error = getgrnam_r(text, &entry, buffer, sizeof buffer, &found);
	if (!found)
		return error ? error : ENOENT;
	*out = found->gr_gid;
	return 0;
}

int owner_find(const struct spawn_request *request, struct owner *out, enum spawn_stage *stage)
{
	const char *user = request->user ? request->user : "", *group = request->group ? request->group : "";
	int error = 0;

	out->changes = false;
	if (!*user && !*group)
		return 0;
	out->name[0] = out->home[0] = '\0';
	out->uid = geteuid();
	out->gid = getegid();
	out->count = 0;
	*stage = SPAWN_USER;
	if (*user)
		error = find_user(user, out);
	if (!error && *group) {
		*stage = SPAWN_GROUP;
		error = find_group(group, &out->gid);
	}
	if (!error && *group && !*user) {
		out->groups[0] = out->gid;
		out->count = 1;
	}
	out->changes = out->uid != geteuid() || out->gid != getegid() || geteuid() == 0;
	return error;
}

/* Set KEY=value, unless it is there. */
static int set(char ***env, size_t *count, const char *key, const char *value)
{
	size_t length = strlen(key);
	char **more;
	char *text;

	for (char **variable = *env; *variable; variable++)
		if (strncmp(*variable, key, length) == 0 && (*variable)[length] == '=')
			return 0;
	more = realloc(*env, (*count + 2) * sizeof *more);
	if (!more)
		return ENOMEM;
	*env = more;
	if (asprintf(&text, "%s=%s", key, value) < 0)
		return ENOMEM;
	more[(*count)++] = text;
	more[*count] = NULL;
	return 0;
}

int owner_set_env(const struct owner *owner, char ***env)
{
	size_t count = 0;
	int error = 0;

	while ((*env)[count])
		count++;
	if (owner->home[0])
		error = set(env, &count, "HOME", owner->home);
	if (!error && owner->name[0])
		error = set(env, &count, "USER", owner->name);
	if (!error && owner->name[0])
		error = set(env, &count, "LOGNAME", owner->name);
	return error;
}
