/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "clients/cli/doctor.h"
#include "clients/common/when.h"

#define FILES_LEAST  1024 /* descriptors; a child takes about four */
#define SHARED_LEAST (16ull << 20)

void doctor_limits(struct doctor *doctor)
{
	struct rlimit files, tasks;

	getrlimit(RLIMIT_NOFILE, &files);
	getrlimit(RLIMIT_NPROC, &tasks);
	if (files.rlim_max < FILES_LEAST)
		doctor_say(doctor, FINDING_WRONG, "open files",
			   "raise it: ulimit -Hn 65536, or LimitNOFILE= of the unit",
			   "at most %ju; about %ju processes can be supervised", (uintmax_t)files.rlim_max,
			   (uintmax_t)files.rlim_max / 8);
	else
		doctor_say(doctor, FINDING_OK, "open files", NULL, "%ju, at most %ju", (uintmax_t)files.rlim_cur,
			   (uintmax_t)files.rlim_max);
	if (tasks.rlim_cur != RLIM_INFINITY && tasks.rlim_cur < 256)
		doctor_say(doctor, FINDING_NOTE, "processes", "raise it: ulimit -u", "%ju for this user",
			   (uintmax_t)tasks.rlim_cur);
	else if (tasks.rlim_cur == RLIM_INFINITY)
		doctor_say(doctor, FINDING_OK, "processes", NULL, "no limit");
	else
		doctor_say(doctor, FINDING_OK, "processes", NULL, "%ju for this user", (uintmax_t)tasks.rlim_cur);
}

void doctor_shared_memory(struct doctor *doctor)
{
	char bytes[WHEN_MAX];
	struct statvfs fs;

	if (statvfs("/dev/shm", &fs) != 0 || access("/dev/shm", W_OK | X_OK) != 0) {
		doctor_say(doctor, FINDING_WRONG, "/dev/shm", "mount -t tmpfs -o mode=1777 tmpfs /dev/shm",
			   "cannot be used: %s", strerror(errno));
		return;
	}
	when_bytes((uint64_t)fs.f_bavail * fs.f_frsize, bytes);
	if ((uint64_t)fs.f_bavail * fs.f_frsize < SHARED_LEAST)
		doctor_say(doctor, FINDING_WRONG, "/dev/shm",
			   "remove what is stale there, or give it a larger size=", "%s free", bytes);
	else
		doctor_say(doctor, FINDING_OK, "/dev/shm", NULL, "%s free", bytes);
}

/* A call of the kernel: its number, with what it is tried, and what is done without it. */
struct feature {
	const char *name, *since;
	long number;
	const char *instead;
};

/* Called with arguments that cannot be right, each answers something else than ENOSYS where it is known. */
static const struct feature features[] = {
	{"pidfd_open", "5.3", 434, NULL},
	{"close_range", "5.9", 436, "descriptors are closed one by one"},
	{"pidfd_getfd", "5.6", 438, NULL},
	{"futex_waitv", "5.16", 449, "a supervisor's death is seen within two seconds"},
};

static bool is_known(long number)
{
	return syscall(number, -1, -1, -1, -1, -1, -1) >= 0 || errno != ENOSYS;
}

/* The directory of this process's cgroup, if it is a v2 that may be written to. */
static bool own_cgroup(char *out, size_t size)
{
	char line[4096], mount[4096] = "", path[4096] = "", mounted[4096];
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file && fgets(line, sizeof line, file))
		if (strstr(line, " - cgroup2 ") && sscanf(line, "%*s %*s %*s %*s %4095s", mounted) == 1)
			strcpy(mount, mounted);
	if (file)
		fclose(file);
	file = fopen("/proc/self/cgroup", "re");
	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, "0::", 3) == 0)
			sscanf(line + 3, "%4095s", path);
	if (file)
		fclose(file);
	if (!*mount || !*path || (size_t)snprintf(out, size, "%s%s", mount, path) >= size)
		return false;
	return access(out, W_OK) == 0 && geteuid() != 0;
}

void doctor_kernel(struct doctor *doctor)
{
	struct utsname name;
	struct rlimit tag;
	char cgroup[8192];

	uname(&name);
	doctor_say(doctor, FINDING_OK, "kernel", NULL, "%s %s", name.sysname, name.release);
	for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
		const struct feature *feature = &features[i];

		if (is_known(feature->number))
			doctor_say(doctor, FINDING_OK, feature->name, NULL, "there");
		else
			doctor_say(doctor, feature->instead ? FINDING_NOTE : FINDING_WRONG, feature->name, NULL,
				   "not there (Linux %s has it)%s%s", feature->since, feature->instead ? ": " : "",
				   feature->instead ? feature->instead : "");
	}
	if (getrlimit(RLIMIT_RTTIME, &tag) == 0 && tag.rlim_max == RLIM_INFINITY)
		doctor_say(doctor, FINDING_OK, "descendants", NULL, "found by the tag of their run");
	else
		doctor_say(doctor, FINDING_NOTE, "descendants", NULL,
			   "RLIMIT_RTTIME is limited: found by session and environment alone");
	if (own_cgroup(cgroup, sizeof cgroup))
		doctor_say(doctor, FINDING_OK, "cgroup", NULL, "%s is this user's", cgroup);
	else
		doctor_say(doctor, FINDING_NOTE, "cgroup", NULL, "none is delegated: what is left of a run is swept");
}
