/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "clients/cli/commands.h"
#include "clients/cli/doctor.h"
#include "clients/cli/reading.h"
#include "clients/common/program.h"
#include "clients/common/when.h"

#include "config.h"

/* doctor - what is wrong with this machine or this instance, and how to mend it */

static const char doing[] = "look after";

#define VERSION_TIMEOUT_NS (10ll * 1000000000)
#define LOGS_LEAST         (256ull << 20)

static const struct list_column columns[] = {
	{"subject", "SUBJECT", FIELD_STRING, 12},
	{"state", "STATE", FIELD_STRING, 5},
	{"finding", "FINDING", FIELD_STRING, 12},
	{"remedy", "REMEDY", FIELD_STRING, 6},
};

void doctor_say(struct doctor *doctor, enum finding finding, const char *subject, const char *remedy,
		const char *format, ...)
{
	static const char *const words[] = {[FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_WRONG] = "wrong"};
	char text[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	doctor->wrong = doctor->wrong || finding == FINDING_WRONG;
	if (doctor->cli->quiet && finding != FINDING_WRONG)
		return;
	const struct value values[] = {value_text_of(subject), value_text_of(words[finding]), value_text_of(text),
				       value_text_of(remedy)};

	list_row(&doctor->list, values);
}

/* Do the programs fit each other? */
static void look_at_versions(struct doctor *doctor)
{
	static const char *const argv[] = {"brummerd", "--version", NULL};
	struct said said;
	int rc = program_run(argv, VERSION_TIMEOUT_NS, &said);

	if (rc != 0) {
		doctor_say(doctor, FINDING_WRONG, "brummerd", "install it beside brummer-cli, or set BRUMMER_BINDIR",
			   "cannot be run: %s", strerror(-rc));
		return;
	}
	said.out[strcspn(said.out, "\n")] = '\0';
	if (strstr(said.out, PACKAGE_VERSION))
		doctor_say(doctor, FINDING_OK, "version", NULL, "%s", PACKAGE_VERSION);
	else
		doctor_say(doctor, FINDING_WRONG, "version", "install one version of all programs",
			   "brummer-cli %s, but %s", PACKAGE_VERSION, said.out);
	said_finish(&said);
}

/* A directory of ours, or the nearest one above that there is. */
static void look_at_place(struct doctor *doctor, const char *subject, const char *place, uint64_t least)
{
	char path[BRM_PATH_MAX], bytes[WHEN_MAX];
	struct statvfs fs;
	struct stat st;

	snprintf(path, sizeof path, "%s", place);
	while (stat(path, &st) != 0 && strrchr(path, '/') > path)
		*strrchr(path, '/') = '\0';
	if (stat(path, &st) != 0 || statvfs(path, &fs) != 0 || access(path, W_OK | X_OK) != 0) {
		doctor_say(doctor, FINDING_WRONG, subject, "give its directory to this user: chown, chmod 700",
			   "%s cannot be written: %s", path, strerror(errno));
		return;
	}
	when_bytes((uint64_t)fs.f_bavail * fs.f_frsize, bytes);
	if (strcmp(path, place) == 0 && (st.st_uid != geteuid() || st.st_mode & 022))
		doctor_say(doctor, FINDING_WRONG, subject, "chown and chmod 700",
			   "%s is another user's, or others may write to it", path);
	else if ((uint64_t)fs.f_bavail * fs.f_frsize < least)
		doctor_say(doctor, FINDING_NOTE, subject, "make room; output that finds none is counted as lost",
			   "%s: %s free", path, bytes);
	else
		doctor_say(doctor, FINDING_OK, subject, NULL, "%s: %s free", path, bytes);
}

/* Is the process that the state names still the one that was started? */
static bool is_alive(const struct brm_state *state)
{
	char path[64], text[1024];
	unsigned long long start = 0;
	ssize_t got;
	const char *end;
	int fd;

	if (state->pid <= 0)
		return false;
	snprintf(path, sizeof path, "/proc/%d/stat", state->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, sizeof text - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	end = strrchr(text, ')'); /* of the program's name, which may hold anything */
	if (!end || sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
			   &start) != 1)
		return false;
	return start == state->pid_start;
}

static unsigned count_alive(const struct brm_reader *reader)
{
	struct brm_state state;
	unsigned count = 0;

	for (uint32_t i = 0; i < brm_reader_used(reader); i++)
		count += brm_reader_state(reader, i, &state) == 0 && is_alive(&state);
	return count;
}

/* Remove a region that nobody writes; the lock says that nobody does. */
static void clean(struct doctor *doctor, const char *name, const char *region)
{
	struct brm_instance instance;
	int lock;

	if (brm_instance_of_name(name, &instance) != 0)
		return;
	lock = open(instance.lock, O_RDWR | O_CLOEXEC);
	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0) {
		doctor_say(doctor, FINDING_NOTE, name, NULL, "a supervisor holds its lock: left as it is");
	} else if (shm_unlink(region) != 0) {
		doctor_say(doctor, FINDING_WRONG, name, NULL, "cannot remove its region: %s", strerror(errno));
	} else {
		unlink(instance.control);
		doctor_say(doctor, FINDING_OK, name, NULL, "its stale region was removed");
	}
	if (lock >= 0)
		close(lock);
}

/* A region without a supervisor: what it started may run on, and then it is needed to take that over. */
static void look_at_dead(struct doctor *doctor, const char *name, const char *region, unsigned alive)
{
	if (alive > 0)
		doctor_say(doctor, FINDING_WRONG, name, "brummer-cli --instance NAME up -d takes them over",
			   "its supervisor has died, and %u of its processes run on", alive);
	else if (cli_option(doctor->cli, "clean"))
		clean(doctor, name, region);
	else
		doctor_say(doctor, FINDING_NOTE, name, "brummer-cli doctor --clean removes it",
			   "a stale region: its supervisor has died");
}

static int look_at_region(const char *name, const char *region, void *arg)
{
	struct doctor *doctor = arg;
	struct brm_reader *reader;
	enum brm_liveness liveness;
	int rc;

	if (doctor->only && strcmp(doctor->only, name) != 0)
		return 0;
	rc = brm_reader_open(region, &reader);
	if (rc == -ENOENT)
		return 0;
	if (rc != 0) {
		if (cli_option(doctor->cli, "clean"))
			clean(doctor, name, region);
		else
			doctor_say(doctor, FINDING_WRONG, name,
				   "end its supervisor with its own version, or brummer-cli doctor --clean",
				   "its region cannot be read: %s", brm_strerror(rc));
		return 0;
	}
	liveness = brm_reader_liveness(reader);
	if (liveness == BRM_DEAD)
		look_at_dead(doctor, name, region, count_alive(reader));
	else if (strcmp(brm_reader_info(reader)->version, PACKAGE_VERSION) != 0)
		doctor_say(doctor, FINDING_NOTE, name, "brummer-cli reload --exec hands over to the installed version",
			   "its supervisor is of version %s", brm_reader_info(reader)->version);
	else
		doctor_say(doctor, liveness == BRM_UNRESPONSIVE ? FINDING_WRONG : FINDING_OK, name,
			   liveness == BRM_UNRESPONSIVE ? "see whether it is stopped: kill -CONT" : NULL,
			   "its supervisor is %s", brm_liveness_word(liveness));
	brm_reader_close(reader);
	return 0;
}

static int run_doctor(struct cli *cli)
{
	struct doctor doctor = {.cli = cli};
	struct brm_instance instance;
	int status = reading_find(cli, doing, &instance);
	int rc;

	if (status != EXIT_DONE)
		return status;
	doctor.only = cli->where.dir || cli->where.instance ? instance.name : NULL;
	list_init(&doctor.list, cli, "findings", columns, sizeof columns / sizeof *columns);
	look_at_versions(&doctor);
	doctor_limits(&doctor);
	doctor_shared_memory(&doctor);
	look_at_place(&doctor, "runtime", instance.runtime_dir, 0);
	look_at_place(&doctor, "logs", instance.state_dir, LOGS_LEAST);
	doctor_kernel(&doctor);
	rc = brm_instance_each(look_at_region, &doctor);
	status = list_finish(&doctor.list);
	if (rc != 0)
		return fail(EXIT_FAILED, "cannot list instances: %s", brm_strerror(rc));
	return status == EXIT_DONE && doctor.wrong ? EXIT_FAILED : status;
}

static const struct option_row options[] = {
	{0, "clean", NULL, "remove the regions of supervisors that have died and left nothing behind"},
	{0, NULL, NULL, NULL},
};

const struct command command_doctor = {
	.name = "doctor",
	.operands = "",
	.options = options,
	.help = "say what is wrong with this machine or its instances, and how to mend it",
	.more = "Exit status 1 when something is wrong; -q shows that alone. With -C or --instance no other instance "
		"is looked at.",
	.example = "doctor --clean",
	.run = run_doctor,
};
